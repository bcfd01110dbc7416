package storetest

import (
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
)

// testBrakeLinks: a link counts once, and what waits counts until it is counted.
func (s suite) testBrakeLinks(t *testing.T) {
	f := s.fixture(t)
	changed := store.BrakeOf{Kind: "changed", Pair: core.CompanyPair, Why: core.ReasonEdit, Except: core.ReasonImport}
	count := func(since time.Time, want int, links ...int64) {
		t.Helper()
		f.update(func(tx *store.Tx) error {
			n, err := tx.BrakeCountLinks(f.conn, "changed", since, links)
			same(t, "links counted", n, want)
			return err
		})
	}
	waiting := func(want int) {
		t.Helper()
		f.view(func(tx *store.Tx) error {
			n, err := tx.BrakeWaiting(f.conn, changed)
			same(t, "links waiting", n, want)
			return err
		})
	}
	one, two := link(account("a"), companyRef("1")), link(account("b"), companyRef("2"))
	closed := link(account("c"), companyRef("3"))
	closed.State = core.LinkClosed
	f.insert(one, two, closed)
	waiting(0)
	for _, r := range []core.Ref{account("a"), companyRef("1"), companyRef("2"), account("c"), account("unlinked")} {
		f.mark(core.Dirty{Ref: r, Pair: core.CompanyPair, Reasons: core.ReasonEdit})
	}
	waiting(2)
	f.mark(core.Dirty{Ref: companyRef("2"), Pair: core.CompanyPair, Reasons: core.ReasonImport})
	waiting(1)
	count(Start, 1, one.ID)
	waiting(0)
	count(Start, 2, one.ID, two.ID)
	count(Start, 2, one.ID)
	count(Start.Add(time.Hour), 1, two.ID)
	waiting(1)
}

// testBrakeSample: each nth of the links that wait, the ones that nobody counted.
func (s suite) testBrakeSample(t *testing.T) {
	f := s.fixture(t)
	sample := func(nth int, want ...core.Ref) {
		t.Helper()
		f.view(func(tx *store.Tx) error {
			got, err := tx.BrakeSample(f.conn, store.BrakeOf{Kind: "changed", Pair: core.CompanyPair, Why: core.ReasonEdit, Except: core.ReasonImport}, nth)
			same(t, "a sample", got, want)
			return err
		})
	}
	sample(1)
	var links []*core.Link
	for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
		links = append(links, link(account(id), companyRef(id)))
	}
	f.insert(links...)
	f.mark(core.Dirty{Ref: account("a"), Pair: core.CompanyPair, Reasons: core.ReasonSweep})
	for _, r := range []core.Ref{companyRef("b"), companyRef("c"), account("c"), account("d"), companyRef("e"), account("f")} {
		f.mark(core.Dirty{Ref: r, Pair: core.CompanyPair, Reasons: core.ReasonEdit})
	}
	sample(1, account("b"), account("c"), account("d"), account("e"), account("f"))
	sample(2, account("c"), account("e"))
	sample(6)
	f.update(func(tx *store.Tx) error {
		_, err := tx.BrakeCountLinks(f.conn, "changed", Start, []int64{links[2].ID})
		return err
	})
	sample(2, account("d"), account("f"))
}
