package simtest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/core"
)

// TestP1_I4_AnEditBehindAStoppedMeetingStands: the process ends when it has written to
// Salesforce what HubSpot had at a first meeting, before it stored anything of that. What it
// wrote is no value of Salesforce's own, which stands against an edit of the same moment.
func TestP1_I4_AnEditBehindAStoppedMeetingStands(t *testing.T) {
	t.Run("of a company made before", func(t *testing.T) {
		inBoth(t, func(t *testing.T, profile Option) {
			w := New(t, profile)
			account := w.account("Edge")
			w.stopBehind(func(_ core.Side, r *http.Request) bool {
				return strings.HasSuffix(r.URL.Path, "/companies/batch/create")
			})
			company := w.companiesMadeFor(account)[0]
			w.editCompany(company, "city", "Bern")
			w.Advance(time.Hour)
			w.stopBehindOrgUpdate()
			w.want(core.Account, account, "BillingCity", "Bern") // it was written
			w.editCompany(company, "city", "Paris")
			w.thrice()
			w.want(core.Account, account, "BillingCity", "Paris")
			w.want(core.Companies, company, "city", "Paris")
		})
	})
	t.Run("of a person found by address", func(t *testing.T) {
		inBoth(t, func(t *testing.T, profile Option) {
			w := New(t, profile, people())
			contact, person := w.stoppedMeeting()
			w.change(core.Contacts, person, "lastname", "Black")
			w.thrice()
			w.want(core.Contact, contact, "LastName", "Black")
			w.want(core.Contacts, person, "lastname", "Black")
		})
	})
}
