package simtest

import (
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/hubspotsim"
)

// stageWrites are the stages that contacts were given since an entry of the portal's ledger.
func (w *World) stageWrites(since int) (out []hubspotsim.Entry) {
	for _, e := range w.Portal.Ledger()[since:] {
		if e.Object == string(core.Contacts) && e.Property == stageOf {
			out = append(out, e)
		}
	}
	return out
}

// wantMadeAt fails where a new contact was not made with its stage, in one write and by
// the rule.
func (w *World) wantMadeAt(since int, sf, stage, rule string) {
	w.T.Helper()
	hs := w.wantMate(sf)
	w.want(core.Contacts, hs, stageOf, stage)
	if all := w.stageWrites(since); len(all) != 1 || all[0].Op != "create" || all[0].ID != hs {
		w.T.Errorf("the stage of the new contact %s was written %d times, want once, as it was made: %+v", hs, len(all), all)
	}
	w.wantHistory(hs, rule)
}

// TestLIFE2_LIFE3_ANewContactIsMadeWithItsStage: what its roles ask for is known before it
// is made, and takes no second write.
func TestLIFE2_LIFE3_ANewContactIsMadeWithItsStage(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for rule, sale := range map[string]string{"LIFE-2": "Prospecting", "LIFE-3": "Closed Won"} {
			t.Run(rule, func(t *testing.T) {
				w := New(t, profile, people(becomesContact), stages(automatic))
				deal := w.opportunity("One", "StageName", sale)
				w.again()
				since := len(w.Portal.Ledger())
				ada := w.made(core.Contact, "LastName", "Ada", "Email", "ada@x.com")
				w.role(deal, ada)
				w.again()
				w.wantMadeAt(since, ada, map[string]string{"LIFE-2": "opportunity", "LIFE-3": "customer"}[rule], rule)
				hs := w.wantMate(ada)
				w.change(core.Contacts, hs, stageOf, "") // HubSpot takes no earlier stage for a later one
				w.change(core.Contacts, hs, stageOf, "lead")
				w.change(core.Contact, ada, "Title", "CFO")
				w.again()
				w.want(core.Contacts, hs, stageOf, "lead") // each thing acts once
				w.wantStill(t)
				w.wantNoIssues()
			})
		}
	})
}

// TestLIFE6_ANewContactIsMadeWithTheStageOfItsCompany, which its account is linked with.
func TestLIFE6_ANewContactIsMadeWithTheStageOfItsCompany(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact), stages(func(l *config.Lifecycle) { l.ContactsFollowCompany = true }))
		account, company := w.linked("Co")
		w.change(core.Companies, company, stageOf, "customer")
		w.again()
		since := len(w.Portal.Ledger())
		ada := w.made(core.Contact, "LastName", "Ada", "Email", "ada@x.com", "AccountId", account)
		w.again()
		w.wantMadeAt(since, ada, "customer", "LIFE-6")
		w.wantStill(t)
		w.wantNoIssues()
	})
}

// TestLIM31_ANewLeadIsMadeWithTheStageOfItsStatus, and a stage that the portal does not have
// keeps nobody from being made.
func TestLIM31_ANewLeadIsMadeWithTheStageOfItsStatus(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact), stages(func(l *config.Lifecycle) {
			l.Stages = []config.StageRow{{LeadStatus: "Working - Contacted", Stage: "marketingqualifiedlead"}, {LeadStatus: "Closed - Not Converted", Stage: "nosuchstage"}}
		}))
		since := len(w.Portal.Ledger())
		bo := w.made(core.Lead, "LastName", "Bo", "Company", "Co", "Email", "bo@x.com", "Status", "Working - Contacted")
		w.again()
		w.wantMadeAt(since, bo, "marketingqualifiedlead", "LIM-31")
		w.wantStill(t)
		w.wantNoIssues()
		cy := w.made(core.Lead, "LastName", "Cy", "Company", "Co", "Email", "cy@x.com", "Status", "Closed - Not Converted")
		w.again()
		hs := w.wantMate(cy)
		w.want(core.Contacts, hs, stageOf, "lead")
		w.wantIssue(core.CategoryPicklist, "lifecycle_stage_unknown", stageOf)
	})
}
