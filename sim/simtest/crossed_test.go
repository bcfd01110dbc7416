package simtest

import (
	"strings"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/sim/hubspotsim"
)

// TestR11_CrossedMergesJoinTheSurvivors merges two pairs crosswise, in either
// order: each survivor absorbed the other's partner.
func TestR11_CrossedMergesJoinTheSurvivors(t *testing.T) {
	for _, how := range []string{"at once", "Salesforce first", "HubSpot first", "HubSpot first, the newer account stays"} {
		t.Run(how, func(t *testing.T) {
			w := New(t, whenDeleted(core.Salesforce, "delete"), whenDeleted(core.HubSpot, "delete"), Portal(func(o *hubspotsim.Options) { o.MergeMode = "keep_primary" }))
			var pairs [2][2]string
			pairs[0][0], pairs[0][1] = w.linked("One", "Phone", "1")
			pairs[1][0], pairs[1][1] = w.linked("Two", "Phone", "2")
			w.linked("Bystander")
			stays, goes := 0, 1
			if strings.HasSuffix(how, "newer account stays") {
				stays, goes = 1, 0
			}
			merge := [2]func(){
				func() { w.must(w.Org.As(admin).Merge("Account", pairs[stays][0], pairs[goes][0])) },
				func() {
					_, err := w.Portal.As(admin).Merge("companies", pairs[goes][1], pairs[stays][1])
					w.must(err)
				},
			}
			first := core.Salesforce
			if strings.HasPrefix(how, "HubSpot") {
				first = core.HubSpot
			}
			merge[first]()
			if how != "at once" {
				w.settle()
			}
			merge[first.Other()]()
			w.settle()
			w.settle()
			account, company := pairs[stays][0], pairs[goes][1]
			if got := w.byLink(account); got != company {
				t.Fatalf("account %s is linked with %q, want %s; issues %+v", account, got, company, w.openIssues())
			}
			if w.accounts() != 2 || w.companyCount() != 2 {
				t.Errorf("%d accounts and %d companies, want 2 of each", w.accounts(), w.companyCount())
			}
			w.wantNoIssues()
			w.Advance(3 * time.Second)
			w.editAccount(account, "Phone", "99")
			w.Sync()
			w.wantValues(account, "Phone", "99", company, "phone", "99")
		})
	}
}
