package simtest

import (
	"testing"

	"tandem/internal/core"
)

// TestTRIG2_AnEditThatTheJournalTellsBringsItsRecord, which existed before the switch: a contact
// and a deal are edited, and the journal alone says so. No poll stands in for it.
func TestTRIG2_AnEditThatTheJournalTellsBringsItsRecord(t *testing.T) {
	bubble(t, func(t testing.TB) {
		var contact, deal string
		w := New(t, people(becomesContact), deals(ownPipeline("default")), eventsOf("Account", "Contact", "Lead", "Opportunity"), Before(func(w *World) {
			contact = w.made(core.Contacts, "email", "old@x.example", "lastname", "Old")
			deal = w.made(core.Deals, "dealname", "Old", "pipeline", "default", "dealstage", "qualifiedtobuy", "closedate", "2030-05-31")
		}))
		w.byFeeds()
		if w.mate(contact) != "" || w.dealMate(deal) != "" {
			t.Fatalf("what existed before the switch has the partners %q and %q", w.mate(contact), w.dealMate(deal))
		}
		w.change(core.Contacts, contact, "firstname", "Ada")
		w.change(core.Deals, deal, "dealname", "Edited")
		w.eventually(func() bool { return w.mate(contact) != "" && w.dealMate(deal) != "" })
		w.want(core.Contact, w.mate(contact), "FirstName", "Ada")
		w.want(core.Opportunity, w.dealMate(deal), "Name", "Edited")
		w.stop()
	})
}
