package storetest

import (
	"testing"
	"time"

	"tandem/internal/store"
)

// testFields notes which mapped fields work, each connection its own.
func (s suite) testFields(t *testing.T) {
	f := s.fixture(t)
	phone, city, at := store.Field{Of: "Account", Names: "Phone = phone"}, store.Field{Of: "Lead", Names: "City = city"}, time.UnixMilli(5000).UTC()
	for _, want := range []map[store.Field]time.Time{{phone: {}, city: at}, {phone: at}, {}} {
		f.update(func(tx *store.Tx) error { return tx.FieldsSet(f.conn, want) })
		f.view(func(tx *store.Tx) error {
			got, err := tx.Fields(f.conn)
			same(t, "fields", got, want)
			if other, err := tx.Fields(f.conn + 1); err == nil && len(other) > 0 {
				t.Errorf("another connection has %v", other)
			}
			return err
		})
	}
}
