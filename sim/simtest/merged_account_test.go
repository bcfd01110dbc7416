package simtest

import (
	"testing"

	"tandem/internal/core"
)

// TestLIM7_ACC13_WhoseAccountWasMergedFollowsIt: the people and deals of an account that goes
// into one with a company of its own have that company at once, whose own waits for a person.
// A deal that somebody moved in HubSpot meanwhile moves no opportunity to what is gone.
func TestLIM7_ACC13_WhoseAccountWasMergedFollowsIt(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact), deals())
		kept, gone := w.made(core.Account, "Name", "Kept"), w.made(core.Account, "Name", "Gone")
		person := w.made(core.Contact, "LastName", "Moved", "Email", "moved@gone.example", "AccountId", gone)
		id := w.opportunity("Moved", "AccountId", gone)
		other := w.opportunity("Elsewhere", "AccountId", kept)
		w.Import()
		w.again()
		deal, mate, elsewhere := w.wantDealMate(id), w.wantMate(person), w.wantDealMate(other)
		left := w.partner(gone)
		w.wantCompanies(deal, left)
		w.must(w.Org.As(admin).Merge("Account", kept, gone))
		w.again()
		w.wantFirst(deal, w.partner(kept))
		w.wantPrimary(mate, w.partner(kept))
		w.want(core.Opportunity, id, "AccountId", kept)
		if n := len(w.openIssues()); n != 1 {
			t.Errorf("%d issues are open, want that of the company that waits", n)
		}
		w.must(w.Portal.As(admin).SetPrimary("deals", elsewhere, left))
		w.again()
		w.want(core.Opportunity, other, "AccountId", kept)
		w.wantStill(t)
	})
}

// wantFirst fails where a deal has another primary company.
func (w *World) wantFirst(deal, want string) {
	w.T.Helper()
	if got := w.companyOf(deal); len(got) == 0 || got[0] != want {
		w.T.Errorf("deal %s is of the companies %v, want %s first", deal, got, want)
	}
}
