package storetest

import (
	"testing"

	"tandem/internal/core"
	"tandem/internal/store"
)

// testMerged follows merges of merged records, of one object and one connection.
func (s suite) testMerged(t *testing.T) {
	f := s.fixture(t)
	for _, m := range [][2]string{{"1", "3"}, {"2", "3"}, {"3", "5"}, {"4", "9"}, {"4", "5"}, {"4", "5"}} {
		f.update(func(tx *store.Tx) error { return tx.MergedPut(f.conn, companyRef(m[0]), m[1]) })
	}
	for into, want := range map[string][]core.Ref{
		"5": {companyRef("3"), companyRef("4"), companyRef("1"), companyRef("2")},
		"3": {companyRef("1"), companyRef("2")},
		"9": {},
	} {
		f.view(func(tx *store.Tx) error {
			got, err := tx.Absorbed(f.conn, companyRef(into))
			same(t, "merged into "+into, got, want)
			return err
		})
	}
}

// testFormer follows merges and conversions, by links and beside them, on one side.
func (s suite) testFormer(t *testing.T) {
	f := s.fixture(t)
	var id int64
	f.update(func(tx *store.Tx) error {
		l := link(account("a"), companyRef("5"))
		if err := tx.LinkInsert(f.conn, l); err != nil {
			return err
		}
		id = l.ID
		return tx.AliasAdd(f.conn, companyRef("3"), id)
	})
	f.update(func(tx *store.Tx) error { return tx.AliasAdd(f.conn, account("z"), id) })
	for _, m := range [][2]string{{"1", "3"}, {"4", "5"}, {"8", "9"}} {
		f.update(func(tx *store.Tx) error { return tx.MergedPut(f.conn, companyRef(m[0]), m[1]) })
	}
	for now, want := range map[core.Ref][]core.Ref{
		companyRef("5"): {companyRef("3"), companyRef("4"), companyRef("1")},
		companyRef("3"): {companyRef("1")},
		account("a"):    {account("z")},
		account("z"):    {},
	} {
		f.view(func(tx *store.Tx) error {
			got, err := tx.Former(f.conn, now)
			same(t, "what became "+now.String(), got, want)
			return err
		})
	}
}
