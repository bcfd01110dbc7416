package simtest

import (
	"fmt"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

const stageOf = "lifecyclestage"

// stages sets what moves lifecycle stages.
func stages(change func(*config.Lifecycle)) Option {
	return Settings(func(c *config.Connection) {
		change(&c.Lifecycle)
		c.Complete()
	})
}

func automatic(l *config.Lifecycle) { l.AutomaticTransitions = true }

// role gives a contact a role on an opportunity.
func (w *World) role(opportunity, contact string) string {
	w.T.Helper()
	return w.made(core.ContactRole, "OpportunityId", opportunity, "ContactId", contact, "Role", "Evaluator")
}

// colleague makes a contact of an account, and gives back both ids of the pair.
func (w *World) colleague(account, name string) (sf, hs string) {
	w.T.Helper()
	pairs := []string{"LastName", name, "Email", name + "@x.com"}
	if account != "" {
		pairs = append(pairs, "AccountId", account)
	}
	sf = w.made(core.Contact, pairs...)
	w.again()
	return sf, w.wantMate(sf)
}

// TestLIFE1_OffMovesNothing: without the setting no role and no won opportunity moves a
// stage.
func TestLIFE1_OffMovesNothing(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact))
		sf, hs := w.colleague("", "Ada")
		deal := w.opportunity("Open")
		w.role(deal, sf)
		w.again()
		w.change(core.Opportunity, deal, "StageName", "Closed Won")
		w.again()
		w.change(core.Contact, sf, "Title", "CFO")
		w.again()
		w.want(core.Contacts, hs, stageOf, "lead")
	})
}

// TestLIFE2_PROP8_ARoleOnAnOpportunityMovesTheStage whether or not deals sync: to opportunity
// while it is open, to customer once it is won.
func TestLIFE2_PROP8_ARoleOnAnOpportunityMovesTheStage(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for name, sync := range map[string][]Option{"without deals": nil, "with deals": {deals()}} {
			t.Run(name, func(t *testing.T) {
				w := New(t, append(sync, profile, people(becomesContact), stages(automatic))...)
				sf, hs := w.colleague("", "Ada")
				deal := w.opportunity("Open")
				w.again()
				w.role(deal, sf)
				w.again()
				w.want(core.Contacts, hs, stageOf, "opportunity")
				w.want(core.Contacts, hs, "salesforceopportunitystage", "Prospecting")
				w.wantStill(t)
				w.change(core.Opportunity, deal, "StageName", "Closed Won")
				w.again()
				w.want(core.Contacts, hs, stageOf, "customer")
				w.want(core.Contacts, hs, "salesforceopportunitystage", "Closed Won")
				w.wantHistory(hs, "LIFE-2")
				w.wantStill(t)
				w.wantNoIssues()
			})
		}
	})
}

// wantHistory fails where nothing was written to a person by a rule.
func (w *World) wantHistory(id, rule string) {
	w.T.Helper()
	x := w.explainPerson(id)
	for _, h := range x.History {
		for _, r := range h.Writes {
			if r.Rule == rule {
				return
			}
		}
		for _, d := range h.Decisions {
			if d.Rule == rule {
				return
			}
		}
	}
	w.T.Errorf("the history of %s does not name %s: %+v", id, rule, x.History)
}

// TestLIFE3_ARoleOnAWonOpportunityActsLater, also where both are older than the setting.
func TestLIFE3_ARoleOnAWonOpportunityActsLater(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact))
		sf, hs := w.colleague("", "Ada")
		bo, late := w.colleague("", "Bo")
		won := w.opportunity("Won", "StageName", "Closed Won")
		w.role(won, sf)
		w.again()
		w.Advance(2 * time.Hour)
		w.Restart(func(c *config.Connection) { c.Lifecycle.AutomaticTransitions = true })
		w.again()
		w.role(won, bo)
		w.again()
		w.want(core.Contacts, late, stageOf, "customer")
		w.wantHistory(late, "LIFE-3")
		w.want(core.Contacts, hs, stageOf, "lead") // nobody has looked at the contact yet
		w.change(core.Contact, sf, "Title", "CFO")
		w.again()
		w.want(core.Contacts, hs, stageOf, "customer")
		w.wantStill(t)
	})
}

// TestLIFE4_NothingMovesBack: neither another open opportunity nor a lost one; and what
// a person sets back by hand stays until something new happens.
func TestLIFE4_NothingMovesBack(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact), stages(automatic))
		sf, hs := w.colleague("", "Ada")
		won := w.opportunity("Won", "StageName", "Closed Won")
		w.role(won, sf)
		w.again()
		w.want(core.Contacts, hs, stageOf, "customer")
		open := w.opportunity("Open")
		w.role(open, sf)
		w.again()
		w.want(core.Contacts, hs, stageOf, "customer")
		w.change(core.Opportunity, won, "StageName", "Closed Lost")
		w.again()
		w.want(core.Contacts, hs, stageOf, "customer")
		w.change(core.Contacts, hs, stageOf, "")
		w.change(core.Contacts, hs, stageOf, "subscriber")
		w.change(core.Contact, sf, "Title", "CFO")
		w.again()
		w.want(core.Contacts, hs, stageOf, "subscriber")
		w.role(w.opportunity("Next"), sf)
		w.again()
		w.want(core.Contacts, hs, stageOf, "opportunity")
		w.wantStill(t)
	})
}

// TestLIFE5_StagesChangeNothingInSalesforce: no lead is converted, and no field written.
func TestLIFE5_StagesChangeNothingInSalesforce(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(), stages(func(l *config.Lifecycle) { l.AutomaticTransitions, l.ContactsFollowCompany = true, true }))
		lead := w.made(core.Lead, "LastName", "Brown", "Company", "Co", "Email", "bo@x.com")
		account := w.account("Co")
		w.again()
		sf, hs := w.colleague(account, "Ada")
		w.role(w.opportunity("Won", "StageName", "Closed Won"), sf)
		w.again()
		at := w.Now()
		w.Advance(1)
		w.change(core.Contacts, w.wantMate(lead), stageOf, "customer")
		w.change(core.Contacts, hs, stageOf, "evangelist")
		w.again()
		w.again()
		for _, e := range w.Org.Ledger() {
			if e.Client == w.client() && !e.Time.Before(at) {
				t.Errorf("a lifecycle stage wrote to Salesforce: %+v", e)
			}
		}
		w.want(core.Lead, lead, "IsConverted", "false")
		w.want(core.Companies, w.partner(account), stageOf, "evangelist")
	})
}

// TestLIFE6_ThreeSettingsMakeEverybodyOfTheAccountACustomer and each of them that is
// missing makes them none.
func TestLIFE6_ThreeSettingsMakeEverybodyOfTheAccountACustomer(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for bits := range 8 {
			companies, automatic, follow := bits&1 != 0, bits&2 != 0, bits&4 != 0
			t.Run(fmt.Sprintf("companies %t, transitions %t, follow %t", companies, automatic, follow), func(t *testing.T) {
				w := New(t, profile, people(becomesContact), Settings(func(c *config.Connection) {
					c.Companies.Sync = companies
					c.Lifecycle = config.Lifecycle{AutomaticTransitions: automatic, ContactsFollowCompany: follow}
				}))
				account := w.made(core.Account, "Name", "Co")
				w.again()
				ada, first := w.colleague(account, "Ada")
				_, second := w.colleague(account, "Bo")
				deal := w.opportunity("Open", "AccountId", account)
				w.role(deal, ada)
				w.again()
				w.change(core.Opportunity, deal, "StageName", "Closed Won")
				w.again()
				w.again()
				_, third := w.colleague(account, "Cy") // comes later
				for contact, want := range map[string]bool{first: automatic, second: bits == 7, third: bits == 7} {
					if is := w.shown(core.Contacts, contact, stageOf) == "customer"; is != want {
						t.Errorf("%s is at stage %s", contact, w.shown(core.Contacts, contact, stageOf))
					}
				}
				w.wantStill(t)
			})
		}
	})
}
