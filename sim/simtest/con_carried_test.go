package simtest

import (
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestIMP1_AnImportOfNamedPeopleTakesNobodyWhoCarriesAnotherId: HubSpot's own integration left the
// ids of their leads on many contacts. An import of one lead, and the plan of it, take the
// contact that carries its id, and no other.
func TestIMP1_AnImportOfNamedPeopleTakesNobodyWhoCarriesAnotherId(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var named, mate, other, otherMate string
		w := New(t, profile, people(), Before(func(w *World) {
			w.ensure()
			named, other = w.leadOf("one@x.com", "One"), w.leadOf("two@x.com", "Two")
			mate = w.made(core.Contacts, "email", "one.old@x.com", "lastname", "Was", "salesforceleadid", named)
			otherMate = w.made(core.Contacts, "email", "two.old@x.com", "lastname", "Was", "salesforceleadid", other)
			w.Advance(time.Hour)
		}))
		w.Sync()
		refs := []core.Ref{{Side: core.Salesforce, Object: core.Lead, ID: named}}
		_, counts, err := w.Engine.Plan(t.Context(), w.Conn, engine.PlanMeta{Pair: core.ContactPair, Refs: refs}, nil)
		w.must(err)
		if counts.Looked != 1 {
			t.Errorf("the plan of one lead looked at %d records", counts.Looked)
		}
		_, err = w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.ContactPair, Refs: refs})
		w.must(err)
		w.Sync()
		w.again()
		if got := w.wantMate(named); got != mate {
			t.Errorf("linked with %s, want %s", got, mate)
		}
		w.want(core.Contacts, otherMate, "lastname", "Was")
		w.want(core.Contacts, otherMate, "email", "two.old@x.com")
		w.wantLonely(other, "CON-1")
		w.wantPersons(2, 0, 2)
		w.wantNoIssues()
	})
}
