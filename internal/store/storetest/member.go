package storetest

import (
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
)

func (s suite) testMembers(t *testing.T) {
	f := s.fixture(t)
	row := func(id string, pass int64) store.Member {
		return store.Member{Ref: hubspotContact(id), Joined: Start.Add(time.Duration(pass) * time.Second), Pass: pass}
	}
	put := func(rows ...store.Member) { f.update(func(tx *store.Tx) error { return tx.MembersPut(f.conn, rows) }) }
	put(row("1", 9), row("1", 1), row("2", 1), row("3", 1))
	put(row("2", 2))
	other := Connect(t, f.s, "other")
	f.update(func(tx *store.Tx) error { return tx.MembersPut(other, []store.Member{row("1", 7)}) })
	before := func(pass int64, after string, limit int, want ...store.Member) {
		t.Helper()
		f.view(func(tx *store.Tx) error {
			got, err := tx.MembersBefore(f.conn, core.HubSpot, core.Contacts, pass, after, limit)
			same(t, "members that left", got, want)
			return err
		})
	}
	before(1, "", 10)
	before(2, "", 10, row("1", 1), row("3", 1))
	before(2, "", 1, row("1", 1))
	before(2, "1", 10, row("3", 1))
	before(3, "", 10, row("1", 1), row("2", 2), row("3", 1))
	refs := []core.Ref{hubspotContact("1"), hubspotContact("2"), hubspotContact("4"), account("1")}
	of := func(want ...store.Member) {
		t.Helper()
		f.view(func(tx *store.Tx) error {
			got, err := tx.MembersOf(f.conn, refs)
			known := map[core.Ref]store.Member{}
			for _, m := range want {
				known[m.Ref] = m
			}
			same(t, "members", got, known)
			return err
		})
	}
	of(row("1", 1), row("2", 2))
	f.update(func(tx *store.Tx) error { return tx.MembersDrop(f.conn, refs[:1]) })
	of(row("2", 2))
	company := store.Member{Ref: core.Ref{Side: core.HubSpot, Object: core.Companies, ID: "4"}, Joined: Start, Pass: 3}
	put(company)
	f.update(func(tx *store.Tx) error { return tx.MembersClear(f.conn, core.HubSpot, core.Contacts) })
	refs = append(refs, company.Ref)
	of(company)
	f.view(func(tx *store.Tx) error {
		got, err := tx.MembersOf(other, refs)
		same(t, "members of the other connection", got, map[core.Ref]store.Member{refs[0]: row("1", 7)})
		return err
	})
}

func hubspotContact(id string) core.Ref {
	return core.Ref{Side: core.HubSpot, Object: core.Contacts, ID: id}
}
