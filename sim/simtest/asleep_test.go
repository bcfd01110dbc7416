package simtest

import (
	"testing"
	"time"

	"tandem/internal/core"
)

// TestI10_I19_AnEngineThatStoodForWeeks goes on, though Salesforce tells of deletions for fifteen
// days only: what was edited and made meanwhile, and memberships and contact roles that ended,
// are found by comparing, and whoever is gone is an issue.
func TestI10_I19_AnEngineThatStoodForWeeks(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact), withCampaigns(), deals(), Settings(reconciling(true)), Settings(deletes))
		fair := w.campaign("Fair")
		gone, _ := w.colleague("", "Gone")
		stays, hs := w.colleague("", "Stays")
		for _, name := range []string{"A", "B", "C", "D", "E", "F"} { // so that no brake stands in the way
			w.colleague("", name)
		}
		member := w.joins(fair, stays)
		deal := w.opportunity("Deal")
		role := w.made(core.ContactRole, "OpportunityId", deal, "ContactId", stays, "Role", "Evaluator")
		w.again()
		w.again()
		w.wantListed(hs, fair)
		w.wantRoles(deal, w.wantDealMate(deal), [][3]string{{stays, hs, "Evaluator"}})
		w.must(w.Org.As(admin).Delete("Contact", gone))
		w.must(w.Org.As(admin).Delete("CampaignMember", member))
		w.must(w.Org.As(admin).Delete("OpportunityContactRole", role))
		w.change(core.Contact, stays, "LastName", "Stayed")
		w.Advance(40 * 24 * time.Hour)
		late := w.made(core.Contact, "LastName", "Late", "Email", "late@x.com")
		for range 3 {
			w.again()
		}
		w.want(core.Contacts, hs, "lastname", "Stayed")
		w.wantListed(hs)
		w.wantRoles(deal, w.wantDealMate(deal), nil)
		w.wantMate(late)
		w.wantMate(gone) // the recycle bin is empty by now: nothing proves a deletion (I10)
		if i := w.wantIssue(core.CategoryPermissions, "unreadable", ""); i.Ref.ID != gone {
			t.Errorf("the issue is %+v", i)
		}
		w.wantStill(t)
	})
}
