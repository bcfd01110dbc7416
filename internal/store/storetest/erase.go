package storetest

import (
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
)

func (s suite) testTombstones(t *testing.T) {
	f := s.fixture(t)
	other := Connect(t, f.s, "other")
	rose := store.AddressGrave(" Rose@Example.com ")
	record := store.RecordGrave(person("1"))
	f.update(func(tx *store.Tx) error {
		if err := tx.TombstonePut(other, Start, store.RecordGrave(person("2"))); err != nil {
			return err
		}
		return tx.TombstonePut(f.conn, Start.Add(-time.Hour), rose, record, rose)
	})
	f.later(time.Hour)
	f.update(func(tx *store.Tx) error {
		return tx.TombstonePut(f.conn, time.Time{}, record, store.RecordGrave(contact("1")))
	})
	f.view(func(tx *store.Tx) error {
		got, err := tx.Tombstones(f.conn, store.AddressGrave("rose@example.com"), record, store.RecordGrave(contact("1")),
			store.RecordGrave(person("2")), store.AddressGrave("rosa@example.com"))
		same(t, "tombstones", got, map[store.Grave]time.Time{rose: Start.Add(-time.Hour), record: Start.Add(-time.Hour),
			store.RecordGrave(contact("1")): Start.Add(time.Hour)})
		return err
	})
}

func person(id string) core.Ref {
	return core.Ref{Side: core.HubSpot, Object: core.Contacts, ID: id}
}

const erasedName = "Gonzalez"

func (s suite) testErase(t *testing.T) {
	f := s.fixture(t)
	link := &core.Link{Pair: core.ContactPair, State: core.LinkActive, Refs: [2]core.Ref{contact("c"), person("77001")},
		Base: core.Base{"LastName": {erasedName, erasedName}}}
	kept := &core.Link{Pair: core.ContactPair, State: core.LinkActive, Refs: [2]core.Ref{contact("d"), person("77002")},
		Base: core.Base{"LastName": {erasedName, erasedName}}}
	var command int64
	f.update(func(tx *store.Tx) (err error) {
		if err = tx.LinkInsert(f.conn, link, kept); err != nil {
			return err
		}
		if err = tx.AliasAdd(f.conn, lead("l"), link.ID); err != nil {
			return err
		}
		if command, err = tx.CommandPut("explain", []byte(`{"ids":["77001"]}`)); err != nil {
			return err
		}
		return tx.CommandDone(command, []byte(`{"name":"`+erasedName+`"}`), "")
	})
	for _, r := range []core.Ref{contact("c"), person("77001"), lead("l"), contact("d"), person("77002")} {
		f.journal(store.Entry{Ref: r, Kind: store.EntryOutcome, Body: []byte(`{"name":"` + erasedName + `"}`)})
		f.update(func(tx *store.Tx) error {
			if err := tx.IssueOpen(f.conn, core.Issue{Ref: r, Category: core.CategoryValue, Message: erasedName}); err != nil {
				return err
			}
			op := core.Op{Key: r.String(), Kind: core.OpUpdate, Target: r, Fields: map[string]string{"LastName": erasedName}, Before: map[string]string{"LastName": erasedName}}
			return tx.IntentsPut(f.conn, []store.Intent{{Op: op, Dirty: r, LinkID: link.ID, Call: "x"}})
		})
	}
	for range 2 { // a second time does no harm
		f.update(func(tx *store.Tx) error {
			refs, err := tx.Erase(f.conn, person("77001"), Start)
			same(t, "records concerned", refs, []core.Ref{person("77001"), contact("c"), lead("l")})
			return err
		})
		f.wantErased(link, kept, command)
	}
}

// wantErased looks for the name everywhere.
func (f *fixture) wantErased(link, kept *core.Link, command int64) {
	f.Helper()
	gone, stays := []core.Ref{contact("c"), person("77001"), lead("l")}, []core.Ref{contact("d"), person("77002")}
	same(f.T, "erased journal", bodies(f.history(0, 9, gone...)), []string{`{"redacted":true}`, `{"redacted":true}`, `{"redacted":true}`})
	same(f.T, "other journal", len(bodies(f.history(0, 9, stays...))[0]), len(`{"name":"`+erasedName+`"}`))
	f.view(func(tx *store.Tx) error {
		l, err := tx.Link(f.conn, link.ID)
		if err != nil {
			return err
		}
		same(f.T, "base of the link", l.Base, core.Base{})
		if l, err = tx.Link(f.conn, kept.ID); err != nil {
			return err
		}
		same(f.T, "base of another link", l.Base, kept.Base)
		issues, err := tx.Issues(f.conn, store.IssueFilter{})
		if err != nil {
			return err
		}
		same(f.T, "issues left", len(issues), len(stays))
		open, err := tx.IntentsOpen(f.conn)
		if err != nil {
			return err
		}
		for _, in := range open {
			if ours := in.Dirty == contact("d") || in.Dirty == person("77002"); (len(in.Op.Fields)+len(in.Op.Before) > 0) != ours {
				f.Errorf("open write of %s holds %v", in.Dirty, in.Op.Fields)
			}
			same(f.T, "call of the open write", in.Call, "x")
		}
		same(f.T, "open writes", len(open), 5)
		c, err := tx.Command(command)
		same(f.T, "answer of the command", string(c.Result), "")
		return err
	})
}
