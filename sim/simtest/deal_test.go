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
	"tandem/internal/mapping"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// TestDEAL7_AnOpportunityMakesADealAndEditsPassBothWays is the way there and back, with
// the primary company and the keys.
func TestDEAL7_AnOpportunityMakesADealAndEditsPassBothWays(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals())
		account := w.made(core.Account, "Name", "Acme")
		w.Sync()
		id := w.opportunity("Big one", "Amount", "1200.5", "AccountId", account)
		w.again()
		deal := w.wantDealMate(id)
		_, stages := w.pipeline("Salesforce - Default")
		for _, v := range [][2]string{{"dealname", "Big one"}, {"amount", "1200.5"}, {"dealstage", stages["Prospecting"]}, {"closedate", "2030-05-31T07:00:00Z"}, {"hs_salesforceopportunityid", id}} {
			w.want(core.Deals, deal, v[0], v[1])
		}
		w.wantCompanies(deal, w.partner(account))
		w.wantStill(t)
		w.change(core.Deals, deal, "dealstage", stages["Closed Won"])
		w.change(core.Opportunity, id, "Amount", "1300")
		w.again()
		w.want(core.Opportunity, id, "StageName", "Closed Won")
		w.want(core.Deals, deal, "amount", "1300")
		w.wantStill(t)
		w.wantDeals(1, 1)
		w.wantNoIssues()
	})
}

// TestDEAL8_ADealInASyncedPipelineMakesAnOpportunity of the account of its primary
// company; a deal in another pipeline makes none (DEAL-5).
func TestDEAL8_ADealInASyncedPipelineMakesAnOpportunity(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals())
		account := w.made(core.Account, "Name", "Acme")
		w.Sync()
		line, stages := w.pipeline("Salesforce - Default")
		id := w.made(core.Deals, "dealname", "From HubSpot", "pipeline", line, "dealstage", stages["Qualification"], "closedate", "2031-01-02T10:00:00Z", "amount", "77")
		w.portalCall("PUT", "/crm/v4/objects/deals/"+id+"/associations/default/companies/"+w.partner(account), nil)
		other := w.made(core.Deals, "dealname", "Elsewhere", "pipeline", "default", "dealstage", "contractsent", "closedate", "2031-01-02T10:00:00Z")
		w.again()
		opportunity := w.wantDealMate(id)
		for _, v := range [][2]string{{"Name", "From HubSpot"}, {"StageName", "Qualification"}, {"CloseDate", "2031-01-02"}, {"Amount", "77"}, {"AccountId", account}} {
			w.want(core.Opportunity, opportunity, v[0], v[1])
		}
		w.wantNoDeal(other, "DEAL-5")
		w.wantStill(t)
		w.wantDeals(1, 2)
	})
}

// TestDEAL2_NothingSyncsWhileDealSyncIsOff and an import is refused rather than run to no
// effect (SET-8).
func TestDEAL2_NothingSyncsWhileDealSyncIsOff(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile)
		id := w.opportunity("Quiet")
		w.Sync()
		w.wantNoDeal(id, "DEAL-2")
		_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.DealPair, Sides: core.Sides[:]})
		if err == nil || !strings.Contains(err.Error(), "DEAL-2") {
			t.Errorf("the import answers %v", err)
		}
		w.wantDeals(1, 0)
	})
}

// TestDEAL1_ADealGetsItsCompanyOnceTheAccountIsLinked: made without one, it says what it
// waits for, and the link of the account wakes it.
func TestDEAL1_ADealGetsItsCompanyOnceTheAccountIsLinked(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var account string
		w := New(t, profile, deals(), Before(func(w *World) { account = w.made(core.Account, "Name", "Old"); w.Advance(time.Hour) }))
		id := w.opportunity("Early", "AccountId", account)
		w.again()
		deal := w.wantDealMate(id)
		w.wantCompanies(deal)
		w.wantIssue(core.CategoryAssociation, "waiting_for_account", "")
		w.Import()
		w.wantCompanies(deal, w.partner(account))
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestACC16_LIM9_AnAccountIsExchangedAndNeverTakenAway on either side, whatever the order
// of the switches.
func TestACC16_LIM9_AnAccountIsExchangedAndNeverTakenAway(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals())
		first, second := w.made(core.Account, "Name", "First"), w.made(core.Account, "Name", "Second")
		w.Sync()
		id := w.opportunity("Moving", "AccountId", first)
		w.again()
		deal := w.wantDealMate(id)
		w.change(core.Opportunity, id, "AccountId", second)
		w.again()
		if got := w.companyOf(deal); len(got) == 0 || got[0] != w.partner(second) {
			t.Errorf("the companies are %v, want %s first", got, w.partner(second))
		}
		w.portalCall("PUT", "/crm/v4/objects/deals/"+deal+"/associations/companies/"+w.partner(first), []any{map[string]any{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}})
		w.change(core.Deals, deal, "amount", "5")
		w.again()
		w.want(core.Opportunity, id, "AccountId", first)
		w.change(core.Opportunity, id, "AccountId", "")
		w.again()
		if got := w.companyOf(deal); len(got) == 0 || got[0] != w.partner(first) {
			t.Errorf("a removed account took the company away: %v", got)
		}
	})
}

// TestDEAL3_EachRecordTypeHasItsPipeline named by its id, with the stages of its sales
// process; moving a deal to another pipeline changes the record type, and back.
func TestDEAL3_EachRecordTypeHasItsPipeline(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var types [2]string
		w := New(t, profile, deals(), Before(func(w *World) { types = w.recordTypes() }))
		id := w.opportunity("Typed", "RecordTypeId", types[0], "StageName", "Prospecting")
		w.again()
		deal := w.wantDealMate(id)
		lineA, stagesA := w.pipeline("Salesforce - " + types[0])
		lineB, stagesB := w.pipeline("Salesforce - " + types[1])
		if len(stagesA) != 3 || len(stagesB) != 2 {
			t.Fatalf("the pipelines have the stages %v and %v", stagesA, stagesB)
		}
		w.want(core.Deals, deal, "pipeline", lineA)
		w.want(core.Deals, deal, "dealstage", stagesA["Prospecting"])
		w.must(w.Portal.As(admin).Update("deals", deal, map[string]string{"pipeline": lineB, "dealstage": stagesB["Closed Won"]}))
		w.again()
		w.want(core.Opportunity, id, "RecordTypeId", types[1])
		w.want(core.Opportunity, id, "StageName", "Closed Won")
		w.must(w.Org.As(admin).Update("Opportunity", id, map[string]any{"RecordTypeId": types[0], "StageName": "Closed Won"}))
		w.again()
		w.want(core.Deals, deal, "pipeline", lineA)
		w.want(core.Deals, deal, "dealstage", stagesA["Closed Won"])
		w.wantStill(t)
		w.wantNoIssues()
	})
}

// TestDEAL3_StagesFollowTheSalesProcess: names, order and probability are Salesforce's, an
// open stage is never closed in HubSpot, and a restart changes nothing.
func TestDEAL3_StagesFollowTheSalesProcess(t *testing.T) {
	w := New(t, deals())
	w.Sync()
	line, stages := w.pipeline("Salesforce - Default")
	if len(stages) != 10 {
		t.Fatalf("the stages are %v", stages)
	}
	w.wantStage(line, "Prospecting", 0, "0.1", "false")
	w.wantStage(line, "Closed Won", 8, "1.0", "true")
	w.wantStage(line, "Closed Lost", 9, "0.0", "true")
	w.portalCall("PATCH", "/crm/v3/pipelines/deals/"+line+"/stages/"+stages["Prospecting"], map[string]any{"label": "Renamed", "metadata": map[string]string{"probability": "0.9"}})
	w.portalCall("PATCH", "/crm/v3/pipelines/deals/"+line, map[string]any{"label": "Our sales"})
	w.Restart()
	w.Sync()
	again, after := w.pipeline("Our sales")
	if again != line || after["Prospecting"] != stages["Prospecting"] || len(after) != 10 {
		t.Errorf("after the restart the pipeline %s has %v, want %s with the same stages", again, after, line)
	}
	w.wantStage(line, "Prospecting", 0, "0.1", "false")
	if id, _ := w.pipeline("Salesforce - Default"); id != "" {
		t.Error("a second pipeline was made for a renamed one")
	}
}

// TestDEAL5_ADealMovedElsewhereStopsAndGoesOn once it is moved back.
func TestDEAL5_ADealMovedElsewhereStopsAndGoesOn(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals())
		id := w.opportunity("Wanderer", "Amount", "1")
		w.again()
		deal := w.wantDealMate(id)
		line, stages := w.pipeline("Salesforce - Default")
		w.must(w.Portal.As(admin).Update("deals", deal, map[string]string{"pipeline": "default", "dealstage": "contractsent"}))
		w.change(core.Opportunity, id, "Amount", "2")
		w.again()
		w.want(core.Deals, deal, "amount", "1")
		w.want(core.Opportunity, id, "StageName", "Prospecting")
		if x := w.explainDeal(deal); x.Verdict != engine.OutOfScope || x.Rules[len(x.Rules)-1].Rule != "DEAL-5" {
			t.Errorf("explained as %s by %+v", x.Verdict, x.Rules)
		}
		w.must(w.Portal.As(admin).Update("deals", deal, map[string]string{"pipeline": line, "dealstage": stages["Qualification"]}))
		w.again()
		w.want(core.Deals, deal, "amount", "2")
		w.want(core.Opportunity, id, "StageName", "Qualification")
		w.wantStill(t)
	})
}

// TestDEAL6_DEL3_DeletingAnOpportunity archives the deal in classic and leaves it in tandem;
// deleting the deal leaves the opportunity in both (DEL-3, LIM-16, AMB-22).
func TestDEAL6_DEL3_DeletingAnOpportunity(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals())
		gone, kept := w.opportunity("Gone"), w.opportunity("Kept")
		for i := range 3 {
			w.opportunity(fmt.Sprint("Beside ", i)) // so that no side is emptied
		}
		w.again()
		first, second := w.wantDealMate(gone), w.wantDealMate(kept)
		w.must(w.Org.As(admin).Delete("Opportunity", gone))
		w.must(w.Portal.As(admin).Archive("deals", second))
		w.again()
		w.sweepAll()
		left := 4
		if w.Conn.Settings.Profile == config.Classic {
			left = 3
		}
		w.wantDeals(4, left)
		for _, id := range []string{first, kept} {
			if w.dealMate(id) != "" {
				t.Errorf("%s is linked yet", id)
			}
		}
		w.wantStill(t)
		w.wantDeals(4, left)
	})
}

// TestLIM16_ADeletedDealDeletesItsOpportunityWhereThatIsSet and a deleted opportunity only
// marks its deal.
func TestLIM16_ADeletedDealDeletesItsOpportunityWhereThatIsSet(t *testing.T) {
	w := New(t, deals(func(d *config.Deals) { d.WhenHubSpotDeleted, d.WhenSalesforceDeleted = "delete", "flag" }))
	one, two := w.opportunity("One"), w.opportunity("Two")
	for i := range 3 {
		w.opportunity(fmt.Sprint("Beside ", i)) // so that no side is emptied
	}
	w.again()
	first, second := w.wantDealMate(one), w.wantDealMate(two)
	w.must(w.Portal.As(admin).Archive("deals", first))
	w.must(w.Org.As(admin).Delete("Opportunity", two))
	w.again()
	w.sweepAll()
	w.wantDeals(3, 4)
	w.want(core.Deals, second, "salesforcedeleted", "true")
}

// TestDEAL11_DEDUP6_PROP5_DealsAreTheSameByStoredIdAlone: equal names make two, a stored id makes one,
// whichever side is looked at first.
func TestDEAL11_DEDUP6_PROP5_DealsAreTheSameByStoredIdAlone(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var twin, stored, named, carrier string
		w := New(t, profile, deals(), Before(func(w *World) {
			twin, stored = w.opportunity("Same name"), w.opportunity("Known")
			w.ensure()
			named = w.made(core.Deals, "dealname", "Same name", "pipeline", "default", "dealstage", "contractsent")
			carrier = w.made(core.Deals, "dealname", "Known", "pipeline", "default", "dealstage", "contractsent", "hs_salesforceopportunityid", stored)
			w.Advance(time.Hour)
		}))
		w.Sync()
		line, stages := w.pipeline("Salesforce - Default")
		w.must(w.Portal.As(admin).Update("deals", carrier, map[string]string{"pipeline": line, "dealstage": stages["Prospecting"]}))
		w.importDeals()
		if got := w.wantDealMate(stored); got != carrier {
			t.Errorf("the opportunity that is named is linked with %s, want %s", got, carrier)
		}
		if got := w.wantDealMate(twin); got == named {
			t.Error("a deal was linked by its name")
		}
		w.want(core.Deals, w.dealMate(twin), "hs_salesforceopportunityid", twin)
		w.wantDeals(2, 3)
		w.wantStill(t)
	})
}

// TestIMP4_AnImportBringsOlderDealsIn that an edit alone would have brought (DEAL-7): the
// profile tandem offers a first import, classic offers none.
func TestIMP4_AnImportBringsOlderDealsIn(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var old string
		w := New(t, profile, deals(), Before(func(w *World) { old = w.opportunity("Old"); w.Advance(time.Hour) }))
		offers := w.Sync().First
		w.wantNoDeal(old, "DEAL-7")
		offered := slices.ContainsFunc(offers, func(f engine.FirstImport) bool { return f.Pair == core.DealPair && f.Existing["Opportunity"] == 1 })
		if offered != (w.Conn.Settings.Profile == config.Tandem) {
			t.Errorf("offered are %+v", offers)
		}
		w.importDeals()
		w.wantDealMate(old)
		w.wantDeals(1, 1)
		if left := w.Sync().First; slices.ContainsFunc(left, func(f engine.FirstImport) bool { return f.Pair == core.DealPair }) {
			t.Errorf("still offered: %+v", left)
		}
	})
}

// TestDEAL3_AStageOfHubSpotAloneIsAnIssueOfItsField and passes once Salesforce has it.
func TestDEAL3_AStageOfHubSpotAloneIsAnIssueOfItsField(t *testing.T) {
	w := New(t, deals())
	id := w.opportunity("Odd", "Amount", "1")
	w.again()
	deal := w.wantDealMate(id)
	line, _ := w.pipeline("Salesforce - Default")
	made := w.portalCall("POST", "/crm/v3/pipelines/deals/"+line+"/stages", map[string]any{"label": "Only here", "displayOrder": 20, "metadata": map[string]string{"probability": "0.3"}})
	w.must(w.Portal.As(admin).Update("deals", deal, map[string]string{"dealstage": made["id"].(string), "amount": "2"}))
	w.again()
	w.want(core.Opportunity, id, "Amount", "2")
	w.want(core.Opportunity, id, "StageName", "Prospecting")
	w.wantIssue(core.CategoryPicklist, "stage_unknown", "StageName")
}

// TestDEAL4_APipelineThatHubSpotRefuses keeps its record type away, and its opportunities
// say why; once there is room for it they sync.
func TestDEAL4_APipelineThatHubSpotRefuses(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var types [2]string
		w := New(t, profile, deals(), Portal(func(o *hubspotsim.Options) { o.Pipelines = 2 }), Before(func(w *World) { types = w.recordTypes() }))
		first, second := w.opportunity("Fits", "RecordTypeId", types[0]), w.opportunity("Does not", "RecordTypeId", types[1], "StageName", "Closed Won")
		w.again()
		w.wantDealMate(first)
		w.wantNoDeal(second, "DEAL-5")
		if issue := w.wantIssue(core.CategoryOther, "no_pipeline", ""); issue.Rule != "DEAL-4" || !strings.Contains(issue.Message, "limit of 2 pipelines") {
			t.Errorf("the issue is %+v", issue)
		}
		w.portalCall("DELETE", "/crm/v3/pipelines/deals/default", nil)
		w.Restart()
		w.Advance(time.Hour)
		w.Sync()
		w.wantDealMate(second)
		w.wantNoIssues()
	})
}

// TestMAP12_TheProposedMappingsOfDealsWork on what both vendors show, and leave the
// currency out of an org that has one only.
func TestMAP12_TheProposedMappingsOfDealsWork(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals())
		maps := w.proposedDeals()
		var names []string
		for _, m := range maps {
			names = append(names, m.Salesforce)
		}
		if want := []string{"Name", "StageName", "Amount", "CloseDate", "Type", "Description", "NextStep", "OwnerId"}; !slices.Equal(names, want) {
			t.Fatalf("proposed are %v, want %v", names, want)
		}
		w.Restart(func(c *config.Connection) { c.Mappings["deal"] = maps })
		for _, p := range w.Conn.Problems {
			if p.Severity == mapping.Error {
				t.Errorf("problem %+v", p)
			}
		}
		id := w.opportunity("Full", "Amount", "5", "Type", "New Customer", "NextStep", "Call", "Description", "Words")
		w.again()
		deal := w.wantDealMate(id)
		w.wantDeal(id, "Full", "5", "2030-05-31", "Prospecting")
		w.wantEach(core.Deals, deal, "dealtype", "newbusiness", "hs_next_step", "Call", "description", "Words")

		line, stages := w.pipeline("Salesforce - Default")
		made := w.made(core.Deals, "dealname", "Back", "pipeline", line, "dealstage", stages["Prospecting"], "closedate", "2031-02-28", "amount", "7", "dealtype", "newbusiness", "hs_next_step", "Mail", "description", "Deeds")
		w.again()
		back := w.wantDealMate(made)
		w.wantDeal(back, "Back", "7", "2031-02-28", "Prospecting")
		w.wantEach(core.Opportunity, back, "Type", "New Customer", "NextStep", "Mail", "Description", "Deeds")
		w.wantStill(t)

		for _, mine := range []string{id, back} { // whoever made them
			theirs := w.wantDealMate(mine)
			w.Advance(time.Minute)
			w.must(w.Org.As(admin).Update("Opportunity", mine, map[string]any{"Name": "Ours", "Amount": 8, "CloseDate": "2032-02-29", "StageName": "Qualification", "NextStep": "Ours", "Description": nil, "Type": "Existing Customer - Upgrade"}))
			w.again()
			w.wantDeal(mine, "Ours", "8", "2032-02-29", "Qualification")
			w.wantEach(core.Deals, theirs, "hs_next_step", "Ours", "description", "", "dealtype", "existingbusiness")
			w.Advance(time.Minute)
			w.must(w.Portal.As(admin).Update("deals", theirs, map[string]string{"dealname": "Theirs", "amount": "9", "closedate": "2033-01-31", "dealstage": stages["Prospecting"], "hs_next_step": "Theirs", "description": "Filled"}))
			w.again()
			w.wantDeal(mine, "Theirs", "9", "2033-01-31", "Prospecting")
			w.wantEach(core.Opportunity, mine, "NextStep", "Ours", "Description", "Filled") // Salesforce unless blank
			w.wantEach(core.Deals, theirs, "hs_next_step", "Ours")
		}
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// wantDeal fails unless an opportunity and its deal have the same name, amount, close date and
// stage.
func (w *World) wantDeal(id, name, amount, closes, stage string) {
	w.T.Helper()
	deal := w.wantDealMate(id)
	_, stages := w.pipeline("Salesforce - Default")
	w.wantEach(core.Opportunity, id, "Name", name, "Amount", amount, "CloseDate", closes, "StageName", stage)
	w.wantEach(core.Deals, deal, "dealname", name, "amount", amount, "dealstage", stages[stage])
	if at := w.shown(core.Deals, deal, "closedate"); !strings.HasPrefix(at, closes) {
		w.T.Errorf("deal %s closes %s, want %s", deal, at, closes)
	}
}

// wantEach compares fields of a record, given as FIELD, value.
func (w *World) wantEach(object core.Object, id string, pairs ...string) {
	w.T.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		w.want(object, id, pairs[i], pairs[i+1])
	}
}

// TestSET8_SwitchedOnAndOffAgain: what was made stays, and nothing passes while it is off.
func TestSET8_SwitchedOnAndOffAgain(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals())
		id := w.opportunity("Now and then", "Amount", "1")
		w.again()
		deal := w.wantDealMate(id)
		w.Restart(func(c *config.Connection) { c.Deals.Sync = false })
		w.change(core.Opportunity, id, "Amount", "2")
		w.again()
		w.want(core.Deals, deal, "amount", "1")
		if x := w.explainDeal(id); x.Verdict != engine.OutOfScope {
			t.Errorf("explained as %s by %+v", x.Verdict, x.Rules)
		}
		w.Restart(func(c *config.Connection) { c.Deals.Sync = true })
		w.again()
		w.want(core.Deals, deal, "amount", "2")
		w.wantDeals(1, 1)
	})
}

// recordTypes adds two record types of opportunities with a sales process each.
func (w *World) recordTypes() (ids [2]string) {
	w.T.Helper()
	for i, values := range [][]string{{"Prospecting", "Qualification", "Closed Won"}, {"Needs Analysis", "Closed Won"}} {
		name := fmt.Sprintf("Kind %d", i)
		w.must(w.Org.AddBusinessProcess(salesforcesim.BusinessProcess{Object: "Opportunity", Name: name, Values: values}))
		w.must(w.Org.AddRecordType(salesforcesim.RecordTypeSpec{Object: "Opportunity", Name: name, Process: name}))
	}
	rows, err := w.Org.As(admin).Query("SELECT Id FROM RecordType WHERE SobjectType = 'Opportunity' ORDER BY Name")
	w.must(err)
	for i := range ids {
		ids[i] = fmt.Sprint(rows[i]["Id"])
	}
	return ids
}
