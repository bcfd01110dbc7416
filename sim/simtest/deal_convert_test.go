package simtest

import (
	"slices"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// TestDEAL9_CON5_AConvertedOpportunityHasItsContact also where the deal is made before the
// contact takes over the lead's partner: the role came with the opportunity, and nothing more
// is announced of it.
func TestDEAL9_CON5_AConvertedOpportunityHasItsContact(t *testing.T) {
	w := New(t, deals(), people(), Settings(func(c *config.Connection) {
		c.Salesforce.Events, c.PollEvery = "cdc", config.Duration(24*time.Hour)
	}), Before(func(w *World) { w.must(w.Org.SelectEntities("Opportunity")) }))
	lead := w.made(core.Lead, "LastName", "Brown", "Company", "Brown Ltd", "Email", "brown@conv.example")
	account, _, _, _ := w.friend() // linked before, so that it tells nothing of its opportunities
	w.again()
	person := w.wantMate(lead)
	w.serving()
	warm := w.opportunity("Warm") // the feed stands, and no poll sees what follows
	w.eventually(func() bool { return w.dealMate(warm) != "" })
	made, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{AccountID: account, OpportunityName: "Brown's"})
	w.must(err)
	w.eventually(func() bool { return w.dealMate(made.OpportunityID) != "" })
	w.nothingDue()
	w.must(w.Engine.Resync(t.Context(), w.Conn, core.ContactPair, []string{lead}))
	w.eventually(func() bool {
		return slices.Equal(w.Portal.As(admin).Associated("deals", w.dealMate(made.OpportunityID), "contacts"), []string{person})
	})
}

// nothingDue waits until nothing is due any more.
func (w *World) nothingDue() {
	w.T.Helper()
	w.eventually(func() bool {
		st, err := w.Engine.Status(w.T.Context(), w.Conn)
		w.must(err)
		for _, work := range st.Work {
			if work.Due > 0 {
				return false
			}
		}
		return true
	})
}
