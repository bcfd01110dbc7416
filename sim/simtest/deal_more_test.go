package simtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/engine/conn"
	"tandem/sim/salesforcesim"
)

// withCurrency adds the currency to the mappings of deals.
func withCurrency(c *config.Connection) {
	c.Mappings["deal"] = append(c.Mappings["deal"], config.Mapping{Salesforce: "CurrencyIsoCode", HubSpot: "deal_currency_code", Rule: "two_way"})
}

// TestLIM33_AMB10_AmountAndCurrencyPassTogether in an org and a portal with several
// currencies (DEAL-10): where HubSpot does not have the currency the amount waits with it,
// and the rest of the deal passes.
func TestLIM33_AMB10_DEAL10_AmountAndCurrencyPassTogether(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals(), Settings(withCurrency), Before(func(w *World) {
			w.portalCall("POST", "/_sim/settings", map[string]any{"currencies": []string{"EUR"}})
			w.must(w.Org.EnableCurrencies(salesforcesim.Currencies{List: []salesforcesim.Currency{{Code: "USD"}, {Code: "EUR", Rate: 0.9}, {Code: "NOK", Rate: 11}}}))
		}))
		id := w.opportunity("Abroad", "Amount", "100.25", "CurrencyIsoCode", "EUR")
		w.again()
		deal := w.wantDealMate(id)
		w.want(core.Deals, deal, "amount", "100.25")
		w.want(core.Deals, deal, "deal_currency_code", "EUR")
		w.must(w.Portal.As(admin).Update("deals", deal, map[string]string{"amount": "7.5", "deal_currency_code": "USD"}))
		w.again()
		w.want(core.Opportunity, id, "Amount", "7.5")
		w.want(core.Opportunity, id, "CurrencyIsoCode", "USD")
		w.wantStill(t)
		w.must(w.Org.As(admin).Update("Opportunity", id, map[string]any{"Amount": 90, "CurrencyIsoCode": "NOK", "Name": "Further abroad"}))
		w.again()
		w.want(core.Deals, deal, "dealname", "Further abroad")
		w.want(core.Deals, deal, "amount", "7.5")
		w.want(core.Deals, deal, "deal_currency_code", "USD")
		w.wantIssue(core.CategoryPicklist, "option_unknown", "deal_currency_code")
	})
}

// TestDEAL7_TheDeveloperOrgsOpportunities imports the 36 of the sample org that every
// developer gets: each makes one deal with its stage, its amount, its day and its company,
// and after edits on both sides all are equal.
func TestDEAL7_TheDeveloperOrgsOpportunities(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(), deals(), loadedOrg(t, "salesforce-dev-org"))
		w.importing(core.CompanyPair, core.Salesforce)
		w.importDeals()
		w.again()
		rows := w.rows("SELECT Id, Name, StageName, Amount, CloseDate, AccountId FROM Opportunity", "Id")
		if len(rows) != 36 {
			t.Fatalf("%d opportunities were loaded", len(rows))
		}
		w.wantDeals(36, 36)
		w.wantEqualDeals(rows)
		w.wantStill(t)
		_, stages := w.pipeline("Salesforce - Default")
		n := 0
		for id := range rows {
			if n++; n > 10 {
				break // nearly all at once would pull the brake
			}
			if n%2 == 0 {
				w.change(core.Deals, w.wantDealMate(id), "dealstage", stages["Closed Lost"])
				continue
			}
			w.change(core.Opportunity, id, "Amount", fmt.Sprint(n))
		}
		w.again()
		after := w.rows("SELECT Id, Name, StageName, Amount, CloseDate, AccountId FROM Opportunity", "Id")
		w.wantEqualDeals(after)
		w.wantStill(t)
		w.wantDeals(36, 36)
	})
}

// wantEqualDeals fails where a deal is not what its opportunity is.
func (w *World) wantEqualDeals(opportunities map[string]map[string]any) {
	w.T.Helper()
	_, stages := w.pipeline("Salesforce - Default")
	for id, row := range opportunities {
		deal := w.wantDealMate(id)
		w.want(core.Deals, deal, "dealname", fmt.Sprint(row["Name"]))
		w.want(core.Deals, deal, "dealstage", stages[fmt.Sprint(row["StageName"])])
		amount := ""
		if row["Amount"] != nil {
			amount = w.shown(core.Opportunity, id, "Amount")
		}
		w.want(core.Deals, deal, "amount", amount)
		shown := w.shown(core.Deals, deal, "closedate")
		if at, err := time.Parse(time.RFC3339, shown); err != nil || at.In(conn.Zone(w.settings, w.Conn.Accounts[core.Salesforce])).Format(time.DateOnly) != fmt.Sprint(row["CloseDate"]) {
			w.T.Errorf("deal %s closes on %s, want %v", deal, shown, row["CloseDate"])
		}
		var companies []string
		if row["AccountId"] != nil {
			companies = []string{w.partner(fmt.Sprint(row["AccountId"]))}
		}
		if got := w.companyOf(deal); !slices.Equal(got, companies) {
			w.T.Errorf("deal %s is of the companies %v, want %v", deal, got, companies)
		}
	}
}

// TestLIM1_DealsFollowByTheFeeds without a poll: change events of Salesforce and the
// journal of HubSpot, associations included.
func TestLIM1_DealsFollowByTheFeeds(t *testing.T) {
	bubble(t, func(t testing.TB) {
		w := New(t, deals(), people(becomesContact), events(), Before(func(w *World) { w.must(w.Org.SelectEntities("Opportunity")) }))
		w.byFeeds()
		id := w.opportunity("Live", "Amount", "1")
		w.eventually(func() bool { return w.dealMate(id) != "" })
		deal := w.dealMate(id)
		_, stages := w.pipeline("Salesforce - Default")
		w.change(core.Opportunity, id, "StageName", "Closed Won")
		w.shows("the stage", func() string { return w.shown(core.Deals, deal, "dealstage") }, stages["Closed Won"])
		w.change(core.Deals, deal, "amount", "5")
		w.shows("the amount", func() string { return w.shown(core.Opportunity, id, "Amount") }, "5")
		contact := w.made(core.Contact, "LastName", "Live", "Email", "live@x.com")
		w.eventually(func() bool { return w.mate(contact) != "" })
		w.portalCall("PUT", "/crm/v4/objects/deals/"+deal+"/associations/default/contacts/"+w.mate(contact), nil)
		w.eventually(func() bool { return slices.Equal(w.roleRows(id), []string{contact + " "}) })
		w.must(w.Portal.As(admin).Dissociate("deals", deal, "contacts", w.mate(contact)))
		w.eventually(func() bool { return len(w.roleRows(id)) == 0 })
	})
}

// TestOWN7_ANewOpportunityTakesTheMatchedOwner, and a new deal that of its opportunity.
func TestOWN7_ANewOpportunityTakesTheMatchedOwner(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		s := withOwners(t, profile, deals(), Settings(func(c *config.Connection) {
			c.Mappings["deal"] = append(c.Mappings["deal"], config.Mapping{Salesforce: "OwnerId", HubSpot: "hubspot_owner_id", Rule: "two_way"})
		}))
		id := s.opportunity("Owned", "OwnerId", s.sam)
		s.Sync()
		line, stages := s.pipeline("Salesforce - Default")
		deal := s.made(core.Deals, "dealname", "Rita's", "pipeline", line, "dealstage", stages["Prospecting"], "closedate", "2031-01-02T10:00:00Z", "hubspot_owner_id", ownerRita)
		s.Advance(3 * time.Second)
		s.Sync()
		s.want(core.Deals, s.wantDealMate(id), "hubspot_owner_id", ownerSam)
		s.want(core.Opportunity, s.wantDealMate(deal), "OwnerId", s.rita)
		s.change(core.Deals, s.wantDealMate(id), "hubspot_owner_id", ownerRita)
		s.Advance(3 * time.Second)
		s.Sync()
		s.want(core.Opportunity, id, "OwnerId", s.rita)
	})
}

// TestLIM7_MergedDealsAreFollowed: the survivor of a merge of deals goes on with the
// opportunity of the loser where it has none, and nothing is made for the loser's again.
func TestLIM7_MergedDealsAreFollowed(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals())
		one, two := w.opportunity("One", "Amount", "1"), w.opportunity("Two", "Amount", "2")
		w.again()
		first, second := w.wantDealMate(one), w.wantDealMate(two)
		alone := w.made(core.Deals, "dealname", "Alone", "pipeline", "default", "dealstage", "contractsent")
		line, stages := w.pipeline("Salesforce - Default")
		survivor, err := w.Portal.As(admin).Merge("deals", alone, first)
		w.must(err)
		w.must(w.Portal.As(admin).Update("deals", survivor, map[string]string{"pipeline": line, "dealstage": stages["Prospecting"]}))
		w.again()
		if got := w.wantDealMate(one); got != survivor {
			t.Errorf("the opportunity is linked with %s, want the survivor %s", got, survivor)
		}
		_, err = w.Portal.As(admin).Merge("deals", survivor, second)
		w.must(err)
		w.again()
		w.sweepAll()
		w.again()
		if o, _ := w.dealCount(); o != 2 {
			t.Errorf("%d opportunities after the merge, want 2", o)
		}
		if _, d := w.dealCount(); d != 1 {
			t.Errorf("%d deals after the merge, want 1", d)
		}
		if w.dealMate(one) == "" && w.dealMate(two) == "" {
			t.Error("the survivor lost both opportunities")
		}
	})
}

// TestI13_APlanOfDealsWritesWhatItShows and refuses what changed since.
func TestI13_APlanOfDealsWritesWhatItShows(t *testing.T) {
	var same, changed string
	w := New(t, deals(), Before(func(w *World) {
		same, changed = w.opportunity("Same"), w.opportunity("Changed")
		w.Advance(time.Hour)
	}))
	w.Sync()
	plan, counts, err := w.Engine.Plan(t.Context(), w.Conn, engine.PlanMeta{Connection: "acme", Pair: core.DealPair}, nil)
	w.must(err)
	if counts.Existing["Opportunity"] != 2 {
		t.Fatalf("planned are %+v", counts)
	}
	w.change(core.Opportunity, changed, "Name", "Other")
	if _, err := w.Engine.Apply(t.Context(), w.Conn, plan); err != nil {
		t.Fatal(err)
	}
	w.want(core.Deals, w.wantDealMate(same), "dealname", "Same")
	if w.dealMate(changed) != "" {
		t.Error("a plan wrote what had changed since")
	}
}

// A stage of Salesforce that no sales process has is said by its name, and no deal is made.
func TestDEAL3_AStageOutsideTheProcessIsNamed(t *testing.T) {
	w := New(t, deals())
	w.opportunity("Odd", "StageName", "Negotiation")
	w.Sync()
	i := w.wantIssue(core.CategoryPicklist, "stage_unknown", "dealstage")
	if !strings.Contains(i.Message, "Negotiation") {
		t.Errorf("the issue says %q", i.Message)
	}
}
