package simtest

import (
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// TestPROP6_I7_ARefusedAccountIsNotNotedByTurns: Salesforce takes no account for a contact.
// HubSpot's note of it comes to rest at what Salesforce has, however often the contact is
// looked at again, and tells the account once it was taken.
func TestPROP6_I7_ARefusedAccountIsNotNotedByTurns(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := ownedPeople(t, profile)
		bo := w.made(core.Contact, "LastName", "Blue", "Email", "bo@x.com")
		w.Sync()
		mate := w.wantMate(bo)
		w.must(w.Org.AddValidationRule(salesforcesim.ValidationRule{Object: "Contact", Name: "No_Account", Formula: `NOT(ISBLANK(AccountId))`, Message: "No accounts here", Field: "AccountId"}))
		company := w.company("Later", mate)
		for range 3 {
			w.Advance(time.Hour)
			w.again()
		}
		since := w.Now()
		for range 3 {
			w.Advance(time.Hour)
			w.again()
		}
		if n := w.ours(since); n != [2]int{} {
			t.Errorf("%v writes while nobody did anything", n)
		}
		w.want(core.Contacts, mate, "salesforceaccountid", "")
		w.Org.ClearRules()
		for range 2 {
			w.Advance(time.Hour)
			w.again()
		}
		account := w.partner(company)
		w.want(core.Contact, bo, "AccountId", account)
		w.want(core.Contacts, mate, "salesforceaccountid", account)
		w.wantStill(t)
	})
}
