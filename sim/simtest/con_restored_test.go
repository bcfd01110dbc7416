package simtest

import (
	"strings"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// TestAMB13_APersonWhoIsRestoredIsComparedAgain: the one side's record was deleted, which
// the setting passes on to nobody, and comes back. The two are linked again, and what was
// edited meanwhile passes in that same look.
func TestAMB13_APersonWhoIsRestoredIsComparedAgain(t *testing.T) {
	for name, feed := range map[string]Option{"polled": func(*setup) {}, "events": events()} {
		t.Run(name, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				for _, side := range core.Sides {
					t.Run(side.String(), func(t *testing.T) { restoredPerson(t, side, profile, feed) })
				}
			})
		})
	}
}

func restoredPerson(t *testing.T, side core.Side, options ...Option) {
	w := New(t, append([]Option{people()}, options...)...)
	lead := w.made(core.Lead, "LastName", "May", "Company", "Co", "Email", "may@x.com", "Title", "Boss")
	w.Sync()
	hs := w.wantMate(lead)
	w.Advance(time.Minute)
	if side == core.Salesforce {
		w.must(w.Org.As(admin).Delete("Lead", lead))
		w.again()
		w.change(core.Contacts, hs, "jobtitle", "Zed")
		w.change(core.Contacts, hs, "city", "Aarhus")
	} else {
		w.must(w.Portal.As(admin).Archive("contacts", hs))
		w.again()
		w.change(core.Lead, lead, "Title", "Boss too")
	}
	w.again()
	w.Advance(time.Minute)
	if side == core.Salesforce {
		w.must(w.Org.As(admin).Undelete("Lead", lead))
	} else {
		w.must(w.Portal.As(admin).Restore("contacts", hs))
	}
	w.again()
	if side == core.HubSpot {
		w.settle() // a sweep shows where no event tells what is restored in HubSpot
	}
	if got := w.wantMate(lead); got != hs {
		t.Fatalf("linked with %s, want %s", got, hs)
	}
	if side == core.Salesforce {
		w.want(core.Contacts, hs, "jobtitle", "Boss")
		w.want(core.Lead, lead, "City", "Aarhus")
	} else {
		w.want(core.Contacts, hs, "jobtitle", "Boss too")
	}
	if x := w.explainPerson(lead); x.Verdict != "in_sync" {
		t.Errorf("verdict %s, want in_sync", x.Verdict)
	}
	w.wantPersons(1, 0, 1)
	w.wantStill(t)
}

// TestCON5_ALeadThatIsConvertedIntoSomebodysContactIsNotCalledMerged: both have a partner, so the
// lead's one waits for a person, who is told what happened.
func TestCON5_ALeadThatIsConvertedIntoSomebodysContactIsNotCalledMerged(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		account := w.account("Edge")
		contact := w.made(core.Contact, "LastName", "Gray", "Email", "gray@x.com", "AccountId", account)
		lead := w.made(core.Lead, "LastName", "Grey", "Company", "Edge", "Email", "grey@x.com")
		w.Sync()
		left := w.wantMate(lead)
		w.Advance(time.Minute)
		_, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{AccountID: account, ContactID: contact, NoOpportunity: true})
		w.must(err)
		w.again()
		if i := w.wantIssue(core.CategoryDuplicate, "partner_merged", ""); i.Ref.ID != left || !strings.Contains(i.Message, lead+" was converted into Salesforce contact "+contact) {
			t.Errorf("the issue says %+v", i)
		}
	})
}
