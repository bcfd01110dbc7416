package simtest

import (
	"fmt"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/hubspotsim"
)

// A portal that answers batches in any order and sets websites by itself makes no
// wrong pair and no endless rewriting: what it changed settles.
func TestPortalReadings_ShuffledResultsAndWebsitesOfItsOwn(t *testing.T) {
	yes := true
	var leads, accounts []string
	w := New(t, people(becomesContact, func(c *config.Connection) {
		c.Mappings["contact"] = append(c.Mappings["contact"], config.Mapping{HubSpot: "website", Salesforce: "Website", Rule: "two_way"})
		c.Mappings["company"] = append(c.Mappings["company"], config.Mapping{HubSpot: "domain", Salesforce: "Website", Rule: "two_way"})
	}), Before(func(w *World) {
		w.must(w.Portal.Configure(hubspotsim.Settings{ShuffleResults: &yes, WebsitesSet: &yes}))
		for i := range 12 {
			name := fmt.Sprintf("L%02d", i)
			leads = append(leads, w.made(core.Lead, "LastName", name, "Company", "C", "Email", name+"@lead.example", "Website", name+".lead.example"))
			accounts = append(accounts, w.account("Account "+name, "Website", name+".account.example"))
			w.contact("P"+name, name+"@account.example", accounts[i])
		}
	}))
	w.Import(core.Salesforce, core.HubSpot)
	w.importPeople(everybodyHere())
	w.Sync()
	for i, lead := range leads {
		person := w.mate(lead)
		w.want("contacts", person, "lastname", fmt.Sprintf("L%02d", i))
		w.want("contacts", person, "website", fmt.Sprintf("http://L%02d.lead.example", i))
		w.want("companies", w.partner(accounts[i]), "name", fmt.Sprintf("Account L%02d", i))
	}
	w.wantIdle()
}

// A portal that moves the close date of a deal that is closed over the API gives the
// opportunity that date, once: the pair does not go round in circles.
func TestPortalReadings_ADealThatIsClosedClosesNow(t *testing.T) {
	yes := true
	w := New(t, deals(), Before(func(w *World) {
		w.must(w.Portal.Configure(hubspotsim.Settings{ClosingMovesDate: &yes}))
	}))
	account := w.made(core.Account, "Name", "Acme")
	w.Sync()
	id := w.opportunity("Big one", "AccountId", account)
	w.again()
	deal := w.wantDealMate(id)
	w.want(core.Deals, deal, "closedate", "2030-05-31T07:00:00Z")
	w.change(core.Opportunity, id, "StageName", "Closed Won")
	w.again()
	if got := w.shown(core.Deals, deal, "closedate"); got == "2030-05-31T07:00:00Z" {
		t.Fatal("the portal did not move the date")
	}
	for range 4 {
		w.again()
	}
	closed, err := time.Parse(time.RFC3339, w.shown(core.Deals, deal, "closedate"))
	w.must(err)
	zone, err := time.LoadLocation("America/Los_Angeles") // the org is there unless told otherwise
	w.must(err)
	if sf, hs := w.shown(core.Opportunity, id, "CloseDate"), closed.In(zone).Format(time.DateOnly); sf != hs {
		t.Errorf("the opportunity closes on %s, the deal on %s in the org's zone", sf, hs)
	}
	w.wantStill(t)
}
