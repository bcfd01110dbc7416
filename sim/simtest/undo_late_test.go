package simtest

import (
	"maps"
	"slices"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/salesforcesim"
)

// TestLIM16_ERR10_WhatComesAfterARunHasEndedIsNotOfIt: of four people of an import two pass, and
// two are refused by Salesforce: one who would get a lead, and one who has a lead already. Both
// come hours later, with what people have entered meanwhile. That belongs to the sync which
// writes it; the import says how many came by which run, and its undo leaves them alone.
func TestLIM16_ERR10_WhatComesAfterARunHasEndedIsNotOfIt(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var good, made, met, lead string
		w := New(t, profile, people(), Before(func(w *World) {
			good = w.made(core.Contacts, "email", "a@x.com", "lastname", "A", "company", "Co")
			made = w.made(core.Contacts, "email", "b@x.com", "lastname", "B", "company", "Stop")
			met = w.made(core.Contacts, "email", "c@x.com", "lastname", "C", "company", "Stop")
			lead = w.made(core.Lead, "LastName", "C", "Company", "Stop", "Email", "c@x.com")
			w.Advance(time.Hour)
		}))
		w.must(w.Org.AddValidationRule(salesforcesim.ValidationRule{Object: "Lead", Name: "Stop", Formula: `Company = "Stop"`, Message: "stop"}))
		run := w.importPeople(engine.ImportArgs{Sides: []core.Side{core.HubSpot}})
		w.wantCame(run.ID, map[string]int{"create Lead": 1}, map[string]int{engine.RunRecordFailed: 2})
		passed := w.wantMate(good)

		w.Org.ClearRules()
		w.Advance(time.Hour)
		w.change(core.Lead, lead, "Phone", "555-0100")
		w.Sync()
		w.again()
		w.want(core.Contacts, met, "phone", "555-0100")
		late := w.wantMate(made)
		w.wantCame(run.ID, map[string]int{"create Lead": 1}, map[string]int{})
		by := w.lateBy(run.ID)
		w.wantLater(by, 2)
		plan, err := w.Engine.PlanUndo(t.Context(), w.Conn, engine.UndoArgs{Run: run.ID, DeleteCreated: true})
		w.must(err)
		v := w.undo(engine.UndoArgs{Run: run.ID, DeleteCreated: true})
		if !slices.Equal(plan.Later, by) || !slices.Equal(v.Later, by) || !maps.Equal(plan.PutBack, v.PutBack) || v.PutBack["archive Lead"] != 1 {
			t.Errorf("the undo does %+v, and did %+v; want one lead archived, and %v told", plan, v, by)
		}
		w.want(core.Contacts, met, "phone", "555-0100")
		if w.stillStands(core.Lead, passed) || !w.stillStands(core.Lead, late) || w.mate(met) != lead {
			t.Errorf("the import's own lead stands: %v, the later one: %v, the partner of who was met is %q", w.stillStands(core.Lead, passed), w.stillStands(core.Lead, late), w.mate(met))
		}
		w.wantStill(t)
		for _, r := range by { // which can be undone by itself
			w.undo(engine.UndoArgs{Run: r.Run, DeleteCreated: true})
		}
		if w.stillStands(core.Lead, late) {
			t.Error("the later lead stands although the sync that made it was undone")
		}
	})
}

// TestLIM16_OPT7_WhatComesToADoneRecordIsNotOfItsRun: somebody with a further address is looked
// at day by day under the import that brought him; what people do meanwhile leaves the
// import as it ended.
func TestLIM16_OPT7_WhatComesToADoneRecordIsNotOfItsRun(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var hs, second string
		w := New(t, profile, people(), Before(func(w *World) {
			hs = merged(w, false)
			w.made(core.Contacts, "email", "stays@x.com", "lastname", "Stays", "company", "Co")
			second = w.made(core.Contact, "LastName", "Second", "Email", "s@x.com")
			w.Advance(time.Hour)
		}))
		w.strangers(hs, second)
		run := w.importedLeads()
		lead := w.wantMate(hs)
		wrote := map[string]int{"create Lead": 2}
		w.wantCame(run, wrote, map[string]int{})
		w.Advance(25 * time.Hour)
		w.must(w.Org.As(admin).Delete("Lead", lead))
		w.again()
		w.again()
		if w.mate(hs) != "" {
			t.Fatalf("the partner is %q", w.mate(hs))
		}
		w.wantCame(run, wrote, map[string]int{})
	})
}

// lateBy are the runs that wrote records of a run after that had ended.
func (w *World) lateBy(run int64) []engine.LaterRun {
	w.T.Helper()
	all := w.runs()
	i := slices.IndexFunc(all, func(r engine.RunView) bool { return r.Run == run })
	if i < 0 {
		w.T.Fatalf("run %d is not listed: %+v", run, all)
	}
	return all[i].Later
}

// wantLater fails unless so many records were written by syncs.
func (w *World) wantLater(by []engine.LaterRun, want int) {
	w.T.Helper()
	n := 0
	for _, r := range by {
		n += r.Records
		if i := slices.IndexFunc(w.runs(), func(v engine.RunView) bool { return v.Run == r.Run && v.Kind == "sync" }); i < 0 {
			w.T.Errorf("run %d is no sync", r.Run)
		}
	}
	if n != want {
		w.T.Errorf("%d records came later (%v), want %d", n, by, want)
	}
}
