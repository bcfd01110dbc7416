package simtest

import (
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// TestCON5_AnIssueIsOfWhomTheLeadBecame: nobody looks at a converted lead any more, so that
// what is wrong with the pair is told of the contact, also when the look that finds it was
// asked for the lead.
func TestCON5_AnIssueIsOfWhomTheLeadBecame(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		_, holder := w.optPair("taken@x.com")
		lead := w.made(core.Lead, "LastName", "Lea", "Company", "Co", "Email", "lea@x.com")
		w.Sync()
		hs := w.wantMate(lead)
		w.Advance(time.Minute)
		w.change(core.Lead, lead, "Email", "taken@x.com")
		w.thrice()
		if at := w.issueOn("email"); at != lead {
			t.Fatalf("the address in use is told of %q, want the lead %s", at, lead)
		}
		made, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{NoOpportunity: true})
		w.must(err)
		w.thrice()
		w.must(w.Portal.As(admin).GDPRDelete(holder)) // HubSpot refuses the address for another reason from now on
		w.Advance(time.Hour)                          // the lead is looked at again for its issue
		w.thrice()
		if at := w.issueOn("email"); at != made.ContactID {
			t.Errorf("the address in use is told of %q, want the contact %s", at, made.ContactID)
		}
		w.change(core.Contact, made.ContactID, "Email", "free@x.com")
		w.thrice()
		w.want(core.Contacts, hs, "email", "free@x.com")
		w.Advance(time.Hour)
		w.thrice()
		if at := w.issueOn("email"); at != "" {
			t.Errorf("the address is still told of %q", at)
		}
	})
}

// issueOn is the id of the only record with an open issue of a field.
func (w *World) issueOn(field string) (id string) {
	w.T.Helper()
	for _, i := range w.openIssues() {
		if i.Field == field {
			if id != "" {
				w.T.Errorf("two records have an open issue of %s: %s and %s", field, id, i.Ref.ID)
			}
			id = i.Ref.ID
		}
	}
	return id
}
