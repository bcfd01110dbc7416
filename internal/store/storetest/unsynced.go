package storetest

import (
	"fmt"
	"testing"

	"tandem/internal/core"
	"tandem/internal/store"
)

// testUnsynced: the counts by rule follow what is noted of single records, whatever it was
// before, and belong to one connection.
func (s suite) testUnsynced(t *testing.T) {
	f := s.fixture(t)
	other := Connect(t, f.s, "other")
	note := func(conn int64, rules map[core.Ref]string) {
		t.Helper()
		f.update(func(tx *store.Tx) error { return tx.UnsyncedNote(conn, rules) })
	}
	counts := func(when string, conn int64, want ...store.UnsyncedCount) {
		t.Helper()
		f.view(func(tx *store.Tx) error {
			got, err := tx.UnsyncedCounts(conn)
			same(t, when, got, want)
			return err
		})
	}
	people := func(rule string, n int) store.UnsyncedCount {
		return store.UnsyncedCount{Side: core.HubSpot, Object: person("").Object, Rule: rule, Count: n}
	}
	counts("at first", f.conn)
	many := map[core.Ref]string{lead("l"): "IMP-3"}
	for i := range 120 {
		many[person(fmt.Sprint("p", i))] = "INC-3"
	}
	note(f.conn, many)
	note(other, map[core.Ref]string{person("p0"): "CON-6"})
	leads := store.UnsyncedCount{Side: core.Salesforce, Object: lead("").Object, Rule: "IMP-3", Count: 1}
	counts("noted", f.conn, leads, people("INC-3", 120))
	note(f.conn, many)
	counts("noted twice", f.conn, leads, people("INC-3", 120))
	note(f.conn, map[core.Ref]string{person("p0"): "CON-6", person("p1"): "", person("never"): "", lead("l"): ""})
	counts("one moved, two that sync", f.conn, people("INC-3", 118), people("CON-6", 1))
	counts("of the other", other, people("CON-6", 1))
	note(f.conn, map[core.Ref]string{person("p0"): "INC-3"})
	counts("moved back", f.conn, people("INC-3", 119))
}
