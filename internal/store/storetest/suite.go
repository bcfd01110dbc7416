// Package storetest is the suite that every database of the store must pass.
package storetest

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
)

// Run runs the suite. address gives the address of a new, empty store at each
// call.
func Run(t *testing.T, address func(testing.TB) string) {
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, suite{address}) })
	}
}

type suite struct{ address func(testing.TB) string }

var tests = []struct {
	name string
	run  func(*testing.T, suite)
}{
	{"open", testOpen},
}

// SQLite is the address of a new SQLite store in the test's folder.
func SQLite(t testing.TB) string {
	return "sqlite://" + filepath.Join(t.TempDir(), "tandem.db")
}

// Start is the time that the clock of Open shows first.
var Start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// Open opens a store for a test and closes it at its end. Without a clock in the
// options it is always Start.
func Open(t testing.TB, address string, o store.Options) *store.Store {
	t.Helper()
	if o.Now == nil {
		o.Now = func() time.Time { return Start }
	}
	s, err := store.Open(t.Context(), address, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return s
}

var _ = core.Account
var _ = context.Background

func testOpen(t *testing.T, s suite) {
	st := Open(t, s.address(t), store.Options{})
	var c store.Connection
	err := st.Update(t.Context(), func(tx *store.Tx) (err error) {
		c, err = tx.ConnectionEnsure("acme")
		if err != nil {
			return err
		}
		ref := core.Ref{Side: 0, Object: "Account", ID: "001"}
		h := core.Ref{Side: 1, Object: "companies", ID: "77"}
		if err := tx.Mark(c.ID, []core.Dirty{{Ref: ref, Pair: "company", Reasons: core.ReasonEdit}}); err != nil {
			return err
		}
		d, err := tx.Due(c.ID, "company", Start, 10, nil)
		t.Log(d, err)
		if err != nil {
			return err
		}
		_, err = tx.Settle(c.ID, d)
		if err != nil {
			return err
		}
		l := &core.Link{Pair: "company", Refs: [2]core.Ref{ref, h}, State: core.LinkActive, Base: core.Base{"Name": {"a", "b"}}}
		if err := tx.LinkInsert(c.ID, l); err != nil {
			return err
		}
		l2 := *l
		t.Log(tx.LinkInsert(c.ID, &l2))
		if err := tx.LinkSave(c.ID, l); err != nil {
			return err
		}
		m, err := tx.LinksOf(c.ID, []core.Ref{h})
		t.Log(m[h], err)
		if err := tx.SeenPut(c.ID, []store.SeenRow{{Ref: ref}}); err != nil {
			return err
		}
		if err := tx.JournalAppend(c.ID, []store.Entry{{Ref: ref, Kind: store.EntryNote, Body: []byte("{}")}}); err != nil {
			return err
		}
		hs, err := tx.History(c.ID, []core.Ref{ref}, 0, 10)
		t.Log(hs, err)
		if err := tx.IntentsPut(c.ID, []store.Intent{{Op: core.Op{Key: "k", Target: ref}}}); err != nil {
			return err
		}
		if err := tx.IssueOpen(c.ID, core.Issue{Ref: ref, Pair: "company", Category: "other"}); err != nil {
			return err
		}
		i, err := tx.Issues(c.ID, store.IssueFilter{Pair: "company"})
		t.Log(i, err)
		in, err := tx.IntentsOf(c.ID, []core.Ref{ref, h})
		t.Log(in, err)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	n, err := st.Size(t.Context())
	t.Log(n, err, st.Epoch())
	if err := st.Analyze(t.Context()); err != nil {
		t.Fatal(err)
	}
}
