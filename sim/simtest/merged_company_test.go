package simtest

import (
	"testing"
	"time"

	"tandem/internal/core"
)

// kinOfAccount is one of each kind of records that belong to the account Gone, beside the
// account Kept, with their partners.
type kinOfAccount struct {
	*World
	kept, gone                   string
	person, deal, ticket, custom [2]string // ids by side
	at                           core.Object
}

func newKinOfAccount(t *testing.T, profile Option) *kinOfAccount {
	w := New(t, profile, people(becomesContact), deals(), tickets(ticketsBothWays), Before(func(w *World) { w.custom("project", "Account__c>company") }))
	k := &kinOfAccount{World: w, kept: w.made(core.Account, "Name", "Kept"), gone: w.made(core.Account, "Name", "Gone")}
	sf, hs := w.ends("project")
	k.at = hs
	k.person[0] = w.made(core.Contact, "LastName", "Moved", "Email", "moved@gone.example", "AccountId", k.gone)
	k.deal[0] = w.opportunity("Moved", "AccountId", k.gone)
	k.ticket[0] = w.made(core.SupportCase, "Subject", "Moved", "AccountId", k.gone)
	k.custom[0] = w.made(sf, "Name", "Moved", "Account__c", k.gone)
	w.Import()
	w.again()
	k.person[1], k.deal[1], k.ticket[1], k.custom[1] = w.wantMate(k.person[0]), w.wantDealMate(k.deal[0]), w.wantMateOf(core.TicketPair, k.ticket[0]), w.wantMateOf("project", k.custom[0])
	k.wantOf(k.gone, w.partner(k.gone))
	w.Advance(time.Minute)
	return k
}

// wantOf fails where one of them is of another account, or of another company.
func (k *kinOfAccount) wantOf(account, company string) {
	k.T.Helper()
	sf, _ := k.ends("project")
	k.want(core.Contact, k.person[0], "AccountId", account)
	k.want(core.Opportunity, k.deal[0], "AccountId", account)
	k.want(core.SupportCase, k.ticket[0], "AccountId", account)
	k.want(sf, k.custom[0], "Account__c", account)
	k.wantPrimary(k.person[1], company)
	k.wantFirst(k.deal[1], company)
	if labels := k.associated(core.Tickets, k.ticket[1], core.Companies)[company]; len(labels) != 1 || labels[0] != "Primary" {
		k.T.Errorf("the ticket has the companies %v, want %s first", k.associated(core.Tickets, k.ticket[1], core.Companies), company)
	}
	k.wantAssociated(k.at, k.custom[1], core.Companies, company)
}

// TestLIM7_ACC13_WhoseCompanyWasMergedFollowsIt: whoever belongs to a company that goes into one
// with an account of its own has that account at once; the one that the company had waits for
// a person.
func TestLIM7_ACC13_WhoseCompanyWasMergedFollowsIt(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		k := newKinOfAccount(t, profile)
		survivor, err := k.Portal.As(admin).Merge("companies", k.partner(k.kept), k.partner(k.gone))
		k.must(err)
		k.again()
		if got := k.partner(survivor); got != k.kept {
			t.Fatalf("the survivor is linked with %q, want %s", got, k.kept)
		}
		k.wantOf(k.kept, survivor)
		if n := len(k.openIssues()); n != 1 {
			t.Errorf("%d issues are open, want that of the account that waits: %+v", n, k.openIssues())
		}
		k.wantStill(t)
		other := k.opportunity("Later", "AccountId", k.gone) // nobody agreed on that: it waits with its account
		k.again()
		k.want(core.Opportunity, other, "AccountId", k.gone)
	})
}

// TestLIM7_CASE2_CO5_WhoseAccountWasMergedFollowsIt, the other way round.
func TestLIM7_CASE2_CO5_WhoseAccountWasMergedFollowsIt(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		k := newKinOfAccount(t, profile)
		k.must(k.Org.As(admin).Merge("Account", k.kept, k.gone))
		k.again()
		k.wantOf(k.kept, k.partner(k.kept))
		if n := len(k.openIssues()); n != 1 {
			t.Errorf("%d issues are open, want that of the company that waits: %+v", n, k.openIssues())
		}
		k.wantStill(t)
	})
}
