package simtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/salesforcesim"
)

// TestDEAL2_NothingIsMadeInEitherCRMWhileDealSyncIsOff: no opportunity of a deal, no pipeline,
// and nothing of a record that claims to be linked.
func TestDEAL2_NothingIsMadeInEitherCRMWhileDealSyncIsOff(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile)
		w.Sync()
		lines := len(w.portalCall("GET", "/crm/v3/pipelines/deals", nil)["results"].([]any))
		id := w.opportunity("Quiet")
		deal := w.made(core.Deals, "dealname", "Quiet too", "pipeline", "default", "dealstage", "contractsent", "closedate", "2031-01-02T10:00:00Z")
		w.again()
		w.change(core.Opportunity, id, "StageName", "Closed Won")
		w.change(core.Deals, deal, "dealstage", "closedwon")
		w.again()
		w.sweepAll()
		w.wantNoDeal(deal, "DEAL-2")
		w.wantNoDeal(id, "DEAL-2")
		w.wantDeals(1, 1)
		if n := len(w.portalCall("GET", "/crm/v3/pipelines/deals", nil)["results"].([]any)); n != lines {
			t.Errorf("%d pipelines of deals, want the %d of before", n, lines)
		}
	})
}

// TestDEAL5_ADealThatIsMovedIntoASyncedPipelineMakesItsOpportunity although it never synced
// before; moved away again it stops, and nothing is made a second time once it is back.
func TestDEAL5_ADealThatIsMovedIntoASyncedPipelineMakesItsOpportunity(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals())
		w.Sync()
		line, stages := w.pipeline("Salesforce - Default")
		move := func(deal, pipeline, stage string) {
			t.Helper()
			w.must(w.Portal.As(admin).Update("deals", deal, map[string]string{"pipeline": pipeline, "dealstage": stage}))
			w.again()
		}
		deal := w.made(core.Deals, "dealname", "Elsewhere", "pipeline", "default", "dealstage", "contractsent", "closedate", "2031-01-02T10:00:00Z", "amount", "1")
		w.again()
		w.wantNoDeal(deal, "DEAL-5")
		w.wantDeals(0, 1)
		move(deal, line, stages["Qualification"])
		id := w.wantDealMate(deal)
		w.wantEach(core.Opportunity, id, "Name", "Elsewhere", "StageName", "Qualification", "Amount", "1")
		move(deal, "default", "contractsent")
		w.change(core.Deals, deal, "amount", "2")
		w.change(core.Opportunity, id, "Description", "Untouched")
		w.again()
		w.sweepAll()
		w.want(core.Opportunity, id, "Amount", "1")
		w.wantDeals(1, 1)
		move(deal, line, stages["Closed Won"])
		w.wantEach(core.Opportunity, id, "StageName", "Closed Won", "Amount", "2")
		if w.wantDealMate(deal) != id {
			t.Error("another opportunity was made")
		}
		w.wantDeals(1, 1)
		w.wantStill(t)
		w.wantNoIssues()
	})
}

// TestDEAL3_ARecordTypeThatIsAddedLaterHasItsPipeline too, and those of the others stay.
func TestDEAL3_ARecordTypeThatIsAddedLaterHasItsPipeline(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var types [2]string
		w := New(t, profile, deals(), Before(func(w *World) { types = w.recordTypes() }))
		first := w.opportunity("First", "RecordTypeId", types[0])
		w.again()
		lineA, _ := w.pipeline("Salesforce - " + types[0])
		w.must(w.Org.AddBusinessProcess(salesforcesim.BusinessProcess{Object: "Opportunity", Name: "Late", Values: []string{"Prospecting", "Closed Lost"}}))
		w.must(w.Org.AddRecordType(salesforcesim.RecordTypeSpec{Object: "Opportunity", Name: "Late", Process: "Late"}))
		rows, err := w.Org.As(admin).Query("SELECT Id FROM RecordType WHERE Name = 'Late'")
		w.must(err)
		late := fmt.Sprint(rows[0]["Id"])
		second := w.opportunity("Second", "RecordTypeId", late)
		w.Restart()
		w.again()
		line, stages := w.pipeline("Salesforce - " + late)
		if len(stages) != 2 {
			t.Fatalf("the pipeline of the later type has the stages %v", stages)
		}
		w.wantEach(core.Deals, w.wantDealMate(second), "pipeline", line, "dealstage", stages["Prospecting"])
		w.want(core.Deals, w.wantDealMate(first), "pipeline", lineA)
		w.wantDeals(2, 2)
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestSET8_EditsOfBothSidesPassOnceDealSyncIsOnAgain, those in different fields both, and what
// was made meanwhile stays away until it is edited or imported (DEAL-7).
func TestSET8_EditsOfBothSidesPassOnceDealSyncIsOnAgain(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals())
		id := w.opportunity("Now and then", "Amount", "1")
		w.again()
		deal := w.wantDealMate(id)
		_, stages := w.pipeline("Salesforce - Default")
		w.Restart(func(c *config.Connection) { c.Deals.Sync = false })
		w.change(core.Opportunity, id, "Amount", "2")
		w.change(core.Deals, deal, "dealstage", stages["Qualification"])
		meanwhile := w.opportunity("Meanwhile")
		w.again()
		w.wantEach(core.Deals, deal, "amount", "1")
		w.want(core.Opportunity, id, "StageName", "Prospecting")
		w.Advance(time.Hour)
		w.Restart(func(c *config.Connection) { c.Deals.Sync = true })
		w.again()
		w.want(core.Deals, deal, "amount", "2")
		w.want(core.Opportunity, id, "StageName", "Qualification")
		w.wantNoDeal(meanwhile, "DEAL-7")
		w.change(core.Opportunity, meanwhile, "Amount", "3")
		w.again()
		w.want(core.Deals, w.wantDealMate(meanwhile), "amount", "3")
		w.wantDeals(2, 2)
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestLIM9_NoOrderOfSwitchesTakesAnAccountAway: companies and deals are switched off and on
// again one after the other, and in neither CRM does a deal lose whom it belongs to.
func TestLIM9_NoOrderOfSwitchesTakesAnAccountAway(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals())
		account := w.made(core.Account, "Name", "Acme")
		w.Sync()
		id := w.opportunity("Theirs", "AccountId", account)
		w.again()
		deal, company := w.wantDealMate(id), w.partner(account)
		w.wantCompanies(deal, company)
		for _, on := range [][2]bool{{true, false}, {false, false}, {true, false}, {true, true}} {
			w.Restart(func(c *config.Connection) { c.Companies.Sync, c.Deals.Sync = on[0], on[1] })
			w.change(core.Opportunity, id, "Amount", "1")
			w.change(core.Opportunity, id, "Amount", "2")
			w.again()
			w.sweepAll()
			w.want(core.Opportunity, id, "AccountId", account)
			w.wantCompanies(deal, company)
		}
		if w.wantDealMate(id) != deal || w.partner(account) != company {
			t.Error("the links are other ones")
		}
		w.want(core.Deals, deal, "amount", "2")
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestERR9_DEAL8_ADealWithoutAClosingDayIsBlocked: Salesforce demands one, explain asks for it
// and for nothing that would not help, and the history never calls the deal in step.
func TestERR9_DEAL8_ADealWithoutAClosingDayIsBlocked(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals())
		w.Sync()
		line, stages := w.pipeline("Salesforce - Default")
		deal := w.made(core.Deals, "dealname", "Some day", "pipeline", line, "dealstage", stages["Qualification"])
		w.again()
		x := w.explainDeal(deal)
		if x.Verdict != engine.Blocked || x.Link != nil || !strings.Contains(x.Mend, "closedate") || strings.Contains(x.Mend, "import") {
			t.Errorf("explained as %s, mended by %q", x.Verdict, x.Mend)
		}
		if len(x.History) == 0 || x.History[0].Verdict != engine.Blocked {
			t.Errorf("the history says %+v", x.History)
		}
		w.change(core.Deals, deal, "closedate", "2031-01-02T10:00:00Z")
		w.again()
		w.want(core.Opportunity, w.wantDealMate(deal), "CloseDate", "2031-01-02")
		if x := w.explainDeal(deal); x.Verdict != engine.InSync || x.Mend != "" || x.History[0].Verdict != engine.InSync {
			t.Errorf("explained as %s, mended by %q, the history says %+v", x.Verdict, x.Mend, x.History[0])
		}
		w.wantNoIssues()
	})
}
