package simtest

import (
	"errors"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// importPeople imports people by args and syncs; it gives the run.
func (w *World) importPeople(a engine.ImportArgs) store.Run {
	w.T.Helper()
	a.Pair = core.ContactPair
	id, err := w.Engine.StartImport(w.T.Context(), w.Conn, "import", a)
	w.must(err)
	w.Sync()
	var run store.Run
	w.must(w.Store.View(w.T.Context(), func(tx *store.Tx) (err error) { run, err = tx.Run(id); return err }))
	return run
}

// TestIMP1_IMP2_LIM30_AnImportTakesWhatAPersonNames by object, by a condition over the fields of a
// side, or by a list of HubSpot, with all mapped fields in one pass.
func TestIMP1_IMP2_LIM30_AnImportTakesWhatAPersonNames(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var oslo, rome, contact, in, out string
		w := New(t, profile, people(), Before(func(w *World) {
			w.list("Members", propertyIs("lastname", "In"))
			oslo = w.made(core.Lead, "LastName", "A", "Company", "Co", "Email", "a@x.com", "City", "Oslo", "FirstName", "Ada")
			rome = w.made(core.Lead, "LastName", "B", "Company", "Co", "Email", "b@x.com", "City", "Rome")
			contact = w.made(core.Contact, "LastName", "C", "Email", "c@x.com")
			in = w.made(core.Contacts, "email", "d@x.com", "lastname", "In", "company", "Co")
			out = w.made(core.Contacts, "email", "e@x.com", "lastname", "Out", "company", "Co")
			w.Advance(time.Hour)
		}))
		leads := engine.Pick{Objects: []core.Object{core.Lead}, When: `City == "Oslo"`}
		if run := w.importPeople(engine.ImportArgs{Sides: []core.Side{core.Salesforce}, Pick: leads}); run.Total != 1 {
			t.Errorf("the import looked at %d records, want the lead in Oslo alone", run.Total)
		}
		w.want(core.Contacts, w.wantMate(oslo), "firstname", "Ada")
		w.want(core.Contacts, w.wantMate(oslo), "city", "Oslo")
		for _, id := range []string{rome, contact} {
			w.wantLonely(id, "CON-1")
		}
		if run := w.importPeople(engine.ImportArgs{Sides: []core.Side{core.HubSpot}, Pick: engine.Pick{List: "Members"}}); run.Total != 1 {
			t.Errorf("the import looked at %d records, want the member alone", run.Total)
		}
		w.want(core.Lead, w.wantMate(in), "Company", "Co")
		w.wantLonely(out, "CON-1")
		w.wantPersons(3, 1, 3)
	})
}

// TestImportConditionsAreRefused before anything is listed where no record could answer
// them, and end the run where one record cannot.
func TestImportConditionsAreRefused(t *testing.T) {
	w := New(t, people(), Before(func(w *World) { w.made(core.Lead, "LastName", "A", "Company", "Co", "Email", "a@x.com") }))
	_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.ContactPair, Sides: []core.Side{core.Salesforce}, Pick: engine.Pick{When: `Company == "Co"`}})
	var refused *engine.Error
	if !errors.As(err, &refused) || refused.Code != engine.CodeUsage || refused.Mend == "" {
		t.Errorf("contacts have no Company, and the import said: %v", err)
	}
	run := w.importPeople(engine.ImportArgs{Sides: []core.Side{core.Salesforce}, Pick: engine.Pick{Objects: []core.Object{core.Lead}, When: "NumberOfEmployees > 3"}})
	if run.State != store.RunFailed || run.Error == "" {
		t.Errorf("a blank number was compared, and the run is %s: %s", run.State, run.Error)
	}
	w.wantPersons(1, 0, 0)
}
