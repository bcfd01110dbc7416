package simtest

import (
	"maps"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/salesforcesim"
)

// TestERR10_I13_WhatAPlanCouldNotWriteIsTriedAgain: of three records of a plan one is written,
// one is refused by Salesforce and one has changed since. The second is tried again like any
// other with an issue, and the run says by which sync it came; the third is left to another
// plan.
func TestERR10_I13_WhatAPlanCouldNotWriteIsTriedAgain(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var stopped, changed string
		w := New(t, profile, people(), Before(func(w *World) {
			w.made(core.Contacts, "email", "a@x.com", "lastname", "A", "company", "Co")
			stopped = w.made(core.Contacts, "email", "b@x.com", "lastname", "B", "company", "Stop")
			changed = w.made(core.Lead, "LastName", "C", "Company", "Co", "Email", "c@x.com")
			w.Advance(time.Hour)
		}))
		w.Sync()
		w.must(w.Org.AddValidationRule(salesforcesim.ValidationRule{Object: "Lead", Name: "Stop", Formula: `Company = "Stop"`, Message: "stop"}))
		id, _, err := w.Engine.Plan(t.Context(), w.Conn, engine.PlanMeta{Connection: "acme", Pair: core.ContactPair}, nil)
		w.must(err)
		w.change(core.Lead, changed, "City", "Oslo")
		done, err := w.Engine.Apply(t.Context(), w.Conn, id)
		w.must(err)
		if done.Applied != 1 || done.Failed != 1 || done.Refused != 1 {
			t.Fatalf("applied %+v", done)
		}
		w.wantCame(done.Run, map[string]int{"create Lead": 1}, map[string]int{engine.RunRecordFailed: 1, engine.RunRecordLeft: 1})
		w.wantIssue(core.CategoryCustomCode, "custom_code", "")
		w.Org.ClearRules()
		w.Advance(31 * time.Minute)
		w.Sync()
		w.want(core.Lead, w.wantMate(stopped), "Company", "Stop")
		w.wantNoIssues()
		w.wantCame(done.Run, map[string]int{"create Lead": 1}, map[string]int{engine.RunRecordLeft: 1})
		w.wantLater(w.lateBy(done.Run), 1)
	})
}

// wantCame compares what came of a run.
func (w *World) wantCame(run int64, wrote, left map[string]int) {
	w.T.Helper()
	runs, err := w.Engine.Runs(w.T.Context(), w.Conn, 100)
	w.must(err)
	for _, r := range runs {
		if r.Run == run && (!maps.Equal(r.Wrote, wrote) || !maps.Equal(r.Left, left)) {
			w.T.Errorf("run %d wrote %v and left %v, want %v and %v", run, r.Wrote, r.Left, wrote, left)
		}
	}
}
