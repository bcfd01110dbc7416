package simtest

import (
	"fmt"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/salesforcesim"
)

// TestLIM16_WhoIsEnteredAnewInHubSpotKeepsThePartner: an archived contact that somebody enters
// again is no reason to delete the lead, whose history nobody could enter again.
func TestLIM16_WhoIsEnteredAnewInHubSpotKeepsThePartner(t *testing.T) {
	for name, more := range map[string]Option{"told by polls": func(*setup) {}, "told by events": events()} {
		t.Run(name, func(t *testing.T) {
			w := New(t, people(deletes), more)
			w.crowd()
			for i := range 4 { // so that no brake stands in the way
				w.made(core.Lead, "LastName", "X", "Company", "Co", "Email", fmt.Sprintf("x%d@x.com", i))
			}
			lead := w.made(core.Lead, "LastName", "Gray", "Company", "Co", "Email", "a@x.com")
			other := w.made(core.Lead, "LastName", "Brown", "Company", "Co", "Email", "b@x.com")
			w.Sync()
			w.Advance(time.Minute)
			w.must(w.Portal.As(admin).Archive("contacts", w.wantMate(lead)))
			w.must(w.Portal.As(admin).Archive("contacts", w.wantMate(other)))
			anew := w.made(core.Contacts, "email", "A@x.com", "lastname", "Gray", "company", "Co")
			w.thrice()
			w.must(w.Engine.QueueSweeps(t.Context(), w.Conn)) // no poll of HubSpot tells who was archived
			w.thrice()
			w.wantAlive(core.Lead, lead)
			if mate := w.mate(lead); mate != anew {
				t.Errorf("the lead's partner is %q, want %s, who was entered anew", mate, anew)
			}
			if w.alive(core.Lead, other) {
				t.Error("the lead of whom nobody entered anew is there")
			}
		})
	}
}

// TestLIM16_CON5_AnUndoLeavesAConvertedLead, which nobody can write, and says so beforehand.
func TestLIM16_CON5_AnUndoLeavesAConvertedLead(t *testing.T) {
	w := New(t, people())
	lead := w.made(core.Lead, "LastName", "Gray", "Company", "Co", "Email", "l@x.com", "FirstName", "Old")
	w.Sync()
	hs := w.wantMate(lead)
	w.Advance(2 * time.Hour)
	w.change(core.Contacts, hs, "firstname", "New")
	w.Sync()
	w.want(core.Lead, lead, "FirstName", "New")
	run := w.lastRun()
	w.Advance(time.Minute)
	_, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{NoOpportunity: true})
	w.must(err)
	w.thrice()
	planned, err := w.Engine.PlanUndo(t.Context(), w.Conn, engine.UndoArgs{Run: run})
	w.must(err)
	for what, v := range map[string]*engine.UndoView{"planned": planned, "done": w.undo(engine.UndoArgs{Run: run})} {
		if v.Fields != 0 || v.Left["gone"] != 1 {
			t.Errorf("%s: %+v", what, v)
		}
	}
}

// TestLIM7_ALinkWithASurvivorWaitsForTheMerge that nobody has looked at: one of the merged
// contacts has a partner, who keeps it.
func TestLIM7_ALinkWithASurvivorWaitsForTheMerge(t *testing.T) {
	w := New(t, people())
	a, ha := w.optPair("a@x.com")
	_, hb := w.optPair("b@x.com")
	free := w.made(core.Contact, "LastName", "Free")
	w.Sync()
	w.Advance(time.Minute)
	survivor, err := w.Portal.As(admin).Merge("contacts", ha, hb)
	w.must(err)
	if err := w.Engine.Link(t.Context(), w.Conn, core.ContactPair, free, survivor); err == nil {
		t.Error("a link with the survivor is taken")
	}
	w.thrice()
	if mate := w.mate(a); mate != survivor {
		t.Errorf("the primary's partner is linked with %q, want %s", mate, survivor)
	}
}
