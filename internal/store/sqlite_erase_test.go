package store

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tandem/internal/core"
)

// What is erased is no longer in the file either: not in the free parts of its pages, and
// after the next beat not in the log beside it.
func TestErasedValuesLeaveTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tandem.db")
	s := open(t, "sqlite://"+path, Options{})
	update := func(fn func(*Tx) error) {
		t.Helper()
		if err := s.Update(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	var conn int64
	update(func(tx *Tx) error {
		c, err := tx.ConnectionEnsure("acme")
		conn = c.ID
		return err
	})
	ref := func(side core.Side, n int) core.Ref {
		return [2]core.Ref{{Side: core.Salesforce, Object: core.Contact, ID: fmt.Sprintf("003%015d", n)}, {Side: core.HubSpot, Object: core.Contacts, ID: fmt.Sprint(1000 + n)}}[side]
	}
	const people, erased = 400, 137
	name := func(n int) string { return fmt.Sprintf("Person%d-Gonzalez", n) }
	for n := range people {
		update(func(tx *Tx) error {
			l := &core.Link{Pair: core.ContactPair, State: core.LinkActive, Refs: [2]core.Ref{ref(0, n), ref(1, n)}, Base: core.Base{"LastName": {name(n), name(n)}}}
			if err := tx.LinkInsert(conn, l); err != nil {
				return err
			}
			for range 3 {
				if err := tx.JournalAppend(conn, []Entry{{Ref: ref(1, n), Pair: core.ContactPair, Kind: EntryOutcome, Body: []byte(`{"name":"` + strings.Repeat(name(n)+" ", 1+n%40) + `"}`)}}); err != nil {
					return err
				}
			}
			l.Base = core.Base{"LastName": {name(n), name(n)}, "Title": {name(n) + " jr", name(n) + " jr"}}
			if err := tx.LinkSave(conn, l); err != nil {
				return err
			}
			if err := tx.IssueOpen(conn, core.Issue{Ref: ref(1, n), Pair: core.ContactPair, Category: core.CategoryValue, Message: name(n)}); err != nil {
				return err
			}
			op := core.Op{Key: ref(1, n).String(), Kind: core.OpUpdate, Target: ref(1, n), Fields: map[string]string{"LastName": name(n)}}
			return tx.IntentsPut(conn, []Intent{{Op: op, Dirty: ref(1, n)}})
		})
		update(func(tx *Tx) error { return tx.IntentsSettle(conn, []string{ref(1, n).String()}) })
	}
	update(func(tx *Tx) error { _, err := tx.Erase(conn, ref(1, erased), start); return err })
	if err := s.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{path, path + "-wal"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(text, []byte(name(erased))); n > 0 {
			t.Errorf("%s holds the name %d times", filepath.Base(file), n)
		}
		if file == path && !bytes.Contains(text, []byte(name(erased+1))) {
			t.Error("the file holds nobody else either: the test looks in the wrong place")
		}
	}
}
