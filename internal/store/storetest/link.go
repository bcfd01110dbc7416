package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tandem/internal/core"
	"tandem/internal/store"
)

func link(sf, hs core.Ref) *core.Link {
	pair := core.CompanyPair
	if sf.Object != core.Account {
		pair = core.ContactPair
	}
	return &core.Link{Pair: pair, Refs: [2]core.Ref{sf, hs}, State: core.LinkActive, Base: core.Base{}, Created: Start}
}

func (f *fixture) insert(links ...*core.Link) {
	f.Helper()
	f.update(func(tx *store.Tx) error { return tx.LinkInsert(f.conn, links...) })
}

func (f *fixture) save(links ...*core.Link) {
	f.Helper()
	f.update(func(tx *store.Tx) error { return tx.LinkSave(f.conn, links...) })
}

func (f *fixture) linksOf(refs ...core.Ref) (out map[core.Ref]*core.Link) {
	f.Helper()
	f.view(func(tx *store.Tx) (err error) {
		out, err = tx.LinksOf(f.conn, refs)
		return err
	})
	return out
}

func fullLink() *core.Link {
	return &core.Link{Pair: core.CompanyPair, Refs: [2]core.Ref{account("0015g00000000AAAAA"), companyRef("18000000001")},
		State: core.LinkParked, Origin: "hubspot", How: "DEDUP-7", Keyed: [2]bool{false, true},
		Stamps: [2]time.Time{Start.Add(-time.Hour), Start.Add(5 * time.Millisecond)}, Created: Start.Add(-time.Minute),
		Base: core.Base{"Name": {"Acme", "Acme"}, "Website": {"https://acme.example", "acme.example"}, "Phone": {"", ""},
			"Description": {strings.Repeat("ü", 300), "\x00\xff kept as given"}}}
}

func (s suite) testLinks(t *testing.T) {
	f := s.fixture(t)
	full := fullLink()
	bare := link(account("a"), companyRef("1"))
	bare.Created = time.Time{}
	f.insert(full, bare)
	if full.ID == 0 || bare.ID == 0 || full.ID == bare.ID {
		t.Fatalf("ids %d and %d", full.ID, bare.ID)
	}
	same(t, "time of a new link", bare.Created, Start)
	f.view(func(tx *store.Tx) error {
		for _, want := range []*core.Link{full, bare} {
			got, err := tx.Link(f.conn, want.ID)
			same(t, "link as inserted", got, want)
			if err != nil {
				return err
			}
		}
		return nil
	})
	full.State, full.Origin, full.How, full.Keyed = core.LinkActive, "", "", [2]bool{true, false}
	full.Stamps, full.Pair = [2]time.Time{{}, Start}, core.ContactPair
	full.Refs[core.Salesforce] = lead("00Q5g00000000AAAAA")
	full.Base = core.Base{"LastName": {"x", "y"}}
	f.save(full, bare)
	same(t, "link as saved", f.linksOf(companyRef("18000000001"))[companyRef("18000000001")], full)
	f.refuse(store.NotFound, func(tx *store.Tx) error { l := *full; l.ID = 999; return tx.LinkSave(f.conn, &l) })
	f.refuse(store.NotFound, func(tx *store.Tx) error { _, err := tx.Link(f.conn+1, full.ID); return err })
	for _, bad := range []func(*core.Link){func(l *core.Link) { l.State = "half" }, func(l *core.Link) { l.Refs[1].ID = "" }, func(l *core.Link) { l.Pair = "" }} {
		l := link(account("bad"), companyRef("bad"))
		bad(l)
		f.refuse(store.Invalid, func(tx *store.Tx) error { return tx.LinkInsert(f.conn, l) })
	}
	t.Run("List", f.sub(listedLinks))
}

func listedLinks(f *fixture) {
	var all []*core.Link
	for i := range 5 {
		l := link(account(fmt.Sprint("a", i)), companyRef(fmt.Sprint(i)))
		if i == 3 {
			l.State = core.LinkParked
		}
		all = append(all, l)
	}
	person := link(contact("c"), core.Ref{Side: core.HubSpot, Object: core.Contacts, ID: "9"})
	f.insert(append(all, person)...)
	f.view(func(tx *store.Tx) error {
		page, err := tx.Links(f.conn, core.CompanyPair, core.LinkActive, all[0].ID, 2)
		same(f.T, "second page", page, []*core.Link{all[1], all[2]})
		if err != nil {
			return err
		}
		counts, err := tx.LinkCounts(f.conn)
		same(f.T, "counts", counts, map[core.Pair]map[core.LinkState]int{core.CompanyPair: {core.LinkActive: 4, core.LinkParked: 1},
			core.ContactPair: {core.LinkActive: 1}})
		return err
	})
}

// testLinksOf: which link answers for a ref.
func (s suite) testLinksOf(t *testing.T) {
	f := s.fixture(t)
	a, b, h1, h2 := account("a"), account("b"), companyRef("1"), companyRef("2")
	old, older := account("old"), lead("older")
	closed := link(a, h1)
	closed.State = core.LinkClosed
	f.insert(closed)
	same(t, "a closed link answers when there is no other", f.linksOf(a, h1, b), map[core.Ref]*core.Link{a: closed, h1: closed})
	later := link(a, h2)
	later.State = core.LinkClosed
	f.insert(later)
	same(t, "the later closed link", f.linksOf(a)[a], later)
	open := link(a, h1)
	open.State = core.LinkParked
	f.insert(open)
	f.update(func(tx *store.Tx) error {
		return errors.Join(tx.AliasAdd(f.conn, old, closed.ID), tx.AliasAdd(f.conn, old, open.ID), tx.AliasAdd(f.conn, older, closed.ID),
			tx.AliasAdd(f.conn, h2, open.ID))
	})
	got := f.linksOf(a, h1, h2, old, older, b)
	same(t, "links by ref and alias", got, map[core.Ref]*core.Link{a: open, h1: open, h2: open, old: open, older: closed})
	if got[a] != got[h1] || got[a] != got[old] {
		t.Error("refs of one link do not share it")
	}
	second := link(b, h2)
	f.insert(second)
	same(t, "an open link of its own comes before an alias", f.linksOf(h2)[h2], second)
	if n := len((&fixture{T: t, s: f.s, conn: Connect(t, f.s, "other")}).linksOf(a, h1, old)); n != 0 {
		t.Errorf("another connection sees %d links", n)
	}
}

// conflict runs fn, which must fail because the other link holds a ref.
func (f *fixture) conflict(other int64, fn func(*store.Tx) error) {
	f.Helper()
	f.update(func(tx *store.Tx) error {
		err := fn(tx)
		var e *store.Error
		if !errors.Is(err, store.ErrConflict) || !errors.As(err, &e) || e.Link != other {
			f.Errorf("%v, want a conflict with link %d", err, other)
		}
		return nil // the transaction goes on
	})
}

// testOneToOne: a record is in one open link at most.
func (s suite) testOneToOne(t *testing.T) {
	f := s.fixture(t)
	first := link(account("a"), companyRef("1"))
	first.State = core.LinkParked
	f.insert(first)
	fresh := link(account("new"), companyRef("new"))
	for _, l := range []*core.Link{link(account("a"), companyRef("2")), link(account("b"), companyRef("1")), link(account("a"), companyRef("1"))} {
		f.conflict(first.ID, func(tx *store.Tx) error { return tx.LinkInsert(f.conn, fresh, l) })
		if len(f.linksOf(account("new"), account("b"), companyRef("2"))) != 0 {
			t.Error("a conflicting insert left something behind")
		}
	}
	f.refuse(store.Conflict, func(tx *store.Tx) error {
		return tx.LinkInsert(f.conn, link(account("x"), companyRef("8")), link(account("x"), companyRef("9")))
	})
	second := link(account("b"), companyRef("2"))
	f.insert(second)
	for side, refs := range [2][2]core.Ref{{account("b"), companyRef("1")}, {account("a"), companyRef("2")}} {
		moved := *first
		moved.Refs = refs
		f.conflict(second.ID, func(tx *store.Tx) error { return tx.LinkSave(f.conn, &moved) })
		same(t, "link that was not moved", f.linksOf(first.Refs[side])[first.Refs[side]], first)
	}
	second.Refs[core.HubSpot] = companyRef("1")
	f.conflict(first.ID, func(tx *store.Tx) error { return tx.LinkSave(f.conn, second) })
	second.State = core.LinkClosed
	f.save(second)
	second.State = core.LinkActive
	f.conflict(first.ID, func(tx *store.Tx) error { return tx.LinkSave(f.conn, second) })
	first.State = core.LinkClosed
	f.save(first, second)
	first.State = core.LinkActive
	f.conflict(second.ID, func(tx *store.Tx) error { return tx.LinkSave(f.conn, first) })
	other := &fixture{T: t, s: f.s, conn: Connect(t, f.s, "other")}
	other.insert(link(account("a"), companyRef("1"))) // each connection has its own links
}

// testLinkLaws inserts, closes and re-opens random links over few records and
// holds the store to a model of who is linked.
func (s suite) testLinkLaws(t *testing.T) {
	f := s.fixture(t)
	rapid.Check(t, func(rt *rapid.T) {
		m := &linkModel{f: &fixture{T: t, s: f.s, conn: Connect(t, f.s, fmt.Sprintf("law %d", lawNumber.Add(1)))}, rt: rt}
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			m.step()
		}
	})
}

type linkModel struct {
	f     *fixture
	rt    *rapid.T
	links []*core.Link
}

func (m *linkModel) step() {
	state := rapid.SampledFrom([]core.LinkState{core.LinkActive, core.LinkParked, core.LinkClosed}).Draw(m.rt, "state")
	l := link(account(rapid.SampledFrom([]string{"a", "b"}).Draw(m.rt, "account")), companyRef(rapid.SampledFrom([]string{"1", "2"}).Draw(m.rt, "company")))
	write := (*store.Tx).LinkInsert
	index := rapid.IntRange(-1, len(m.links)-1).Draw(m.rt, "link")
	if index >= 0 {
		write, l.ID = (*store.Tx).LinkSave, m.links[index].ID
	}
	l.State = state
	holder := m.holder(l)
	err := m.f.s.Update(m.f.Context(), func(tx *store.Tx) error { return write(tx, m.f.conn, l) })
	if (holder != 0) != errors.Is(err, store.ErrConflict) || holder == 0 && err != nil {
		m.rt.Fatalf("write %v: %v; holder is %d", l, err, holder)
	}
	switch {
	case err != nil:
	case index >= 0:
		m.links[index] = l
	default:
		m.links = append(m.links, l)
	}
}

// holder is an open link other than l with one of its refs; 0 when l is closed.
func (m *linkModel) holder(l *core.Link) int64 {
	for _, o := range m.links {
		if l.State != core.LinkClosed && o.State != core.LinkClosed && o.ID != l.ID && (o.Refs[0] == l.Refs[0] || o.Refs[1] == l.Refs[1]) {
			return o.ID
		}
	}
	return 0
}
