package storetest

import (
	"testing"

	"tandem/internal/core"
	"tandem/internal/store"
)

// testApart keeps couples apart, of one connection and as often as they are put.
func (s suite) testApart(t *testing.T) {
	f := s.fixture(t)
	one, two := store.Couple{account("a"), companyRef("1")}, store.Couple{account("a"), companyRef("2")}
	other := store.Couple{account("b"), companyRef("1")}
	f.update(func(tx *store.Tx) error { return tx.ApartPut(f.conn, one, two, one) })
	f.update(func(tx *store.Tx) error { return tx.ApartPut(f.conn, one, other) })
	of := func(want map[store.Couple]bool, refs ...core.Ref) {
		t.Helper()
		f.view(func(tx *store.Tx) error {
			got, err := tx.ApartOf(f.conn, refs)
			same(t, "couples apart", got, want)
			return err
		})
	}
	of(map[store.Couple]bool{one: true, two: true}, account("a"), account("none"), companyRef("1"))
	of(map[store.Couple]bool{}, companyRef("1"))
	f.update(func(tx *store.Tx) error { return tx.ApartDrop(f.conn, one) })
	f.update(func(tx *store.Tx) error { return tx.ApartDrop(f.conn, one) })
	of(map[store.Couple]bool{two: true, other: true}, account("a"), account("b"))
	f.update(func(tx *store.Tx) error { return tx.ApartPut(f.conn, one) })
	listed := func(after store.Couple, limit int, want ...store.Couple) {
		t.Helper()
		f.view(func(tx *store.Tx) error {
			got, err := tx.ApartList(f.conn, after, limit)
			same(t, "couples apart in their order", got, want)
			return err
		})
	}
	listed(store.Couple{}, 2, one, two)
	listed(two, 2, other)
	listed(other, 2)
}
