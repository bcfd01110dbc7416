package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// TestAMB20_LIM7_ThePeopleOfAMergedCompanyGetItsAccount: nobody has changed the person, and
// the company that she belongs to has an account since it absorbed one that had.
func TestAMB20_LIM7_ThePeopleOfAMergedCompanyGetItsAccount(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		account, linked := w.linked("Linked")
		contact, person := w.optPair("ann@x.com")
		w.again()
		w.Advance(time.Minute)
		survivor, err := w.Portal.As(admin).Merge("companies", w.company("New", person), linked)
		w.must(err)
		w.thrice()
		if got := w.partner(survivor); got != account {
			t.Fatalf("the survivor is linked with %q, want %s", got, account)
		}
		w.want(core.Contact, contact, "AccountId", account)
	})
}

// TestACC13_LIM7_ThePeopleOfAMergedAccountGetItsCompany: their account was left out until an
// account was merged into it that has a company.
func TestACC13_LIM7_ThePeopleOfAMergedAccountGetItsCompany(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(func(c *config.Connection) { c.Companies.Filter.FromSalesforce = `Name != "Out"` }))
		account, company := w.linked("Linked")
		survivor := w.account("Out")
		person := w.synced(w.contact("Gray", "ann@x.com", survivor))
		w.again()
		w.Advance(time.Minute)
		w.must(w.Org.As(admin).Merge("Account", survivor, account))
		w.editAccount(survivor, "Name", "In")
		w.thrice()
		if got := w.partner(company); got != survivor {
			t.Fatalf("the company is linked with %q, want %s", got, survivor)
		}
		if got := w.Portal.As(admin).Associated("contacts", person, "companies"); len(got) != 1 || got[0] != company {
			t.Errorf("the person belongs to %v, want %s", got, company)
		}
	})
}

// synced syncs and gives the partner of a person.
func (w *World) synced(id string) string {
	w.T.Helper()
	w.Sync()
	return w.wantMate(id)
}
