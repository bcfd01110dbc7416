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
