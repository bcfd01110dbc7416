package simtest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestACC12_LIFE7_TheCompanyFollowsItsContact where the contact is further on, once for
// each change, so that what a person sets on the company stays.
func TestACC12_LIFE7_TheCompanyFollowsItsContact(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		yes := true
		w := New(t, profile, people(becomesContact), stages(func(l *config.Lifecycle) { l.CompanyFollowsContact = &yes }))
		account, company := w.linked("Co")
		_, ada := w.colleague(account, "Ada")
		_, bo := w.colleague(account, "Bo")
		w.change(core.Contacts, ada, stageOf, "customer")
		w.again()
		w.want(core.Companies, company, stageOf, "customer")
		w.want(core.Contacts, bo, stageOf, "lead") // contacts do not follow
		w.wantHistory(ada, "ACC-12")
		w.change(core.Contacts, bo, stageOf, "salesqualifiedlead") // behind the company
		w.again()
		w.want(core.Companies, company, stageOf, "customer")
		w.change(core.Companies, company, stageOf, "")
		w.change(core.Companies, company, stageOf, "lead")
		w.change(core.Contacts, ada, "firstname", "Ada")
		w.again()
		w.want(core.Companies, company, stageOf, "lead")
		w.change(core.Contacts, bo, stageOf, "opportunity")
		w.again()
		w.want(core.Companies, company, stageOf, "opportunity")
		w.wantStill(t)
		w.wantNoIssues()
	})
}

// TestACC12_OneCompanyIsWrittenOnce where several of its contacts move at the same time:
// it takes the furthest stage of them.
func TestACC12_OneCompanyIsWrittenOnce(t *testing.T) {
	yes := true
	w := New(t, people(becomesContact), stages(func(l *config.Lifecycle) { l.CompanyFollowsContact = &yes }))
	account, company := w.linked("Co")
	moves := []string{"opportunity", "evangelist", "customer"}
	var ids []string
	for i := range moves {
		_, hs := w.colleague(account, "P"+moves[i])
		ids = append(ids, hs)
	}
	for i, to := range moves {
		w.change(core.Contacts, ids[i], stageOf, to)
	}
	before := len(w.Portal.Ledger())
	w.again()
	w.want(core.Companies, company, stageOf, "evangelist")
	n := 0
	for _, e := range w.Portal.Ledger()[before:] {
		if e.Property == stageOf {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the stage was written %d times, want once", n)
	}
	w.wantNoIssues()
	w.wantStill(t)
}

// TestLIM31_AStageMapMovesByLeadStatusAndOpportunityStage with a policy for each row.
func TestLIM31_AStageMapMovesByLeadStatusAndOpportunityStage(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact), stages(func(l *config.Lifecycle) {
			l.Stages = []config.StageRow{
				{LeadStatus: "Working - Contacted", Stage: "marketingqualifiedlead"},
				{LeadStatus: "Closed - Not Converted", Stage: "subscriber", Move: "any"},
				{OpportunityStage: "Qualification", Stage: "salesqualifiedlead", From: []string{"lead"}},
				{OpportunityStage: "Closed Lost", Stage: "lead", Move: "any"},
				{OpportunityStage: "Needs Analysis", Stage: "evangelist", Move: "fill"},
			}
			l.AutomaticTransitions = true
		}))
		lead := w.made(core.Lead, "LastName", "Brown", "Company", "Co", "Email", "bo@x.com", "Status", "Open - Not Contacted")
		w.again()
		hs := w.wantMate(lead)
		w.want(core.Contacts, hs, stageOf, "lead")
		w.change(core.Lead, lead, "Status", "Working - Contacted")
		w.again()
		w.want(core.Contacts, hs, stageOf, "marketingqualifiedlead")
		w.wantHistory(hs, "LIM-31")
		w.change(core.Lead, lead, "Status", "Closed - Not Converted")
		w.again()
		w.want(core.Contacts, hs, stageOf, "subscriber")
		w.wantStill(t)

		sf, ada := w.colleague("", "Ada")
		deal := w.opportunity("One", "StageName", "Qualification")
		w.role(deal, sf)
		w.again()
		w.want(core.Contacts, ada, stageOf, "salesqualifiedlead") // its row counts before the automatic transition
		w.change(core.Opportunity, deal, "StageName", "Needs Analysis")
		w.again()
		w.want(core.Contacts, ada, stageOf, "salesqualifiedlead") // fills only what is blank
		w.change(core.Opportunity, deal, "StageName", "Perception Analysis")
		other := w.opportunity("Two", "StageName", "Closed Won")
		w.role(other, sf)
		w.again()
		w.want(core.Contacts, ada, stageOf, "customer")
		w.change(core.Opportunity, other, "StageName", "Closed Lost")
		w.again()
		w.want(core.Contacts, ada, stageOf, "opportunity") // the other one is open still
		w.change(core.Opportunity, deal, "StageName", "Closed Lost")
		w.again()
		w.want(core.Contacts, ada, stageOf, "lead")
		w.wantStill(t)
		w.wantNoIssues()
	})
}

// TestLIM31_AStageThatThePortalLacksIsAnIssue that closes by itself.
func TestLIM31_AStageThatThePortalLacksIsAnIssue(t *testing.T) {
	w := New(t, people(becomesContact), stages(func(l *config.Lifecycle) {
		l.Stages = []config.StageRow{{OpportunityStage: "Closed Won", Stage: "champion"}}
	}))
	sf, hs := w.colleague("", "Ada")
	w.role(w.opportunity("Won", "StageName", "Closed Won"), sf)
	w.again()
	w.wantIssue(core.CategoryPicklist, "lifecycle_stage_unknown", stageOf)
	w.want(core.Contacts, hs, stageOf, "lead")
	w.Restart(func(c *config.Connection) { c.Lifecycle.Stages[0].Stage = "customer" })
	w.change(core.Contact, sf, "Title", "CFO")
	w.again()
	w.want(core.Contacts, hs, stageOf, "customer")
	w.wantNoIssues()
}

// stageTrial is a world in which one contact of a company is about to become a customer,
// and with it everybody else of the account.
func stageTrial(t testing.TB) *trial {
	w := newTrial(t, people(becomesContact), stages(func(l *config.Lifecycle) { l.AutomaticTransitions, l.ContactsFollowCompany = true, true }))
	w.Through(new(schemas).carry)
	account := w.account("Co")
	sf := w.made(core.Contact, "LastName", "Ada", "Email", "ada@x.com", "AccountId", account)
	w.made(core.Contact, "LastName", "Bo", "Email", "bo@x.com", "AccountId", account)
	if _, err := w.syncFor(time.Hour); err != nil {
		t.Fatal(err)
	}
	w.role(w.opportunity("Won", "StageName", "Closed Won"), sf)
	w.Advance(3 * time.Second)
	return w
}

// stageEnd fails unless everybody is a customer, and each record became one once.
func (w *trial) stageEnd() {
	w.T.Helper()
	for range 2 {
		w.Advance(time.Minute)
		if _, err := w.syncFor(time.Hour); err != nil {
			w.T.Fatal(err)
		}
	}
	var became []string
	for _, e := range w.Portal.Ledger() {
		if e.Property == stageOf && e.After == "customer" {
			became = append(became, e.Object+" "+e.ID)
		}
	}
	slices.Sort(became)
	if n := len(slices.Compact(slices.Clone(became))); n != 3 || len(became) != 3 {
		w.T.Errorf("these became customers: %v", became)
	}
}

// TestLIFE2_ACrashAtEveryCommitActsOnce: wherever the process dies, everybody of the
// account is a customer in the end, and each was written once.
func TestLIFE2_ACrashAtEveryCommitActsOnce(t *testing.T) {
	var commits int64
	inBubble(t, func(t testing.TB) {
		w := stageTrial(t)
		w.shut()
		w.AfterCommit = func(at int64) error { commits = at; return nil }
		w.Open()
		if _, err := w.syncFor(time.Hour); err != nil {
			t.Fatal(err)
		}
	})
	if commits < 8 {
		t.Fatalf("%d commits", commits)
	}
	for n := int64(1); n <= commits; n += 2 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			bubble(t, func(t testing.TB) {
				w := stageTrial(t)
				w.dieAt(n, n%4 == 1)
				if _, err := w.syncFor(time.Hour); err != nil {
					w.revive(err)
				}
				w.BeforeCommit, w.AfterCommit = nil, nil
				w.Restart()
				w.stageEnd()
			})
		})
	}
}

// TestLIFE4_AnUndoPutsStagesBack of the contact as of the company, although HubSpot takes no
// earlier stage for a later one; and nothing moves them again until something new happens.
func TestLIFE4_AnUndoPutsStagesBack(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		yes := true
		w := New(t, profile, people(becomesContact), stages(func(l *config.Lifecycle) { l.AutomaticTransitions, l.CompanyFollowsContact = true, &yes }))
		account, company := w.linked("Co")
		sf, hs := w.colleague(account, "Ada")
		w.role(w.opportunity("Won", "StageName", "Closed Won"), sf)
		w.again()
		w.want(core.Contacts, hs, stageOf, "customer")
		w.want(core.Companies, company, stageOf, "customer")
		run := w.lastRun()
		w.Advance(3 * time.Second)
		v := w.undo(engine.UndoArgs{Run: run})
		if len(v.Left) != 0 {
			t.Errorf("left alone: %+v, %+v", v.Left, v)
		}
		w.want(core.Contacts, hs, stageOf, "lead")
		w.want(core.Companies, company, stageOf, "lead")
		w.change(core.Contact, sf, "Title", "CFO")
		w.again()
		w.want(core.Contacts, hs, stageOf, "lead")
		w.wantStill(t)
		w.role(w.opportunity("Next"), sf)
		w.again()
		w.want(core.Contacts, hs, stageOf, "opportunity")
		w.want(core.Companies, company, stageOf, "opportunity")
		w.wantNoIssues()
	})
}
