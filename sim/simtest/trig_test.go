package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
	"tandem/sim/salesforcesim"
)

func TestTRIG2_TRIG3_EditsOnEitherSideAreSynced(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile)
		account, company := w.linked("Edge")
		w.editAccount(account, "Name", "Edge SF")
		w.editCompany(company, "city", "Bern")
		w.Sync()
		w.wantValues(account, "Name", "Edge SF", company, "name", "Edge SF")
		w.wantValues(account, "BillingCity", "Bern", company, "city", "Bern")
	})
}

func TestTRIG4_UnmappedFieldsTriggerNothing(t *testing.T) {
	w := New(t)
	account, company := w.linked("Edge")
	w.Sync()
	w.editAccount(account, "Fax", "1")
	w.editCompany(company, "state", "BE")
	at := w.Now()
	before := [2]int{w.Calls(core.Salesforce), w.Calls(core.HubSpot)}
	w.Sync()
	if n := w.ours(at); n != [2]int{} {
		t.Errorf("%v writes", n)
	}
	if len(w.History(company)) != len(w.History(account)) || w.Explain(account).Pending != nil {
		t.Errorf("the edit was looked at: %v calls before", before)
	}
}

// History is what the journal holds about a company or an account.
func (w *World) History(id string) []engine.HistoryView {
	w.T.Helper()
	h, err := w.Engine.History(w.T.Context(), w.Conn, core.CompanyPair, id, 100)
	w.must(err)
	return h
}

func TestTRIG1_BothSidesAreCheckedAgainAndAgain(t *testing.T) {
	w := New(t, Settings(func(c *config.Connection) { c.PollEvery = config.Duration(50 * time.Millisecond) }))
	account, company := w.linked("Edge")
	calls := [2]int{w.Calls(core.Salesforce), w.Calls(core.HubSpot)}
	w.serving()
	w.editAccount(account, "Name", "Two")
	w.companyShows(company, "name", "Two")
	w.editCompany(company, "city", "Bern")
	w.accountShows(account, "BillingCity", "Bern")
	for _, side := range core.Sides {
		w.eventually(func() bool { return w.Calls(side) > calls[side]+6 })
	}
	made := w.account("New")
	w.eventually(func() bool { return w.byLink(made) != "" })
	w.stop()
	w.wantValues(account, "BillingCity", "Bern", company, "name", "Two")
}

func TestCARD3_ResyncBackfillsANewMappingOfOneRecord(t *testing.T) {
	w := New(t)
	account, company := w.linked("Edge", "Fax", "5")
	other, otherCompany := w.linked("Other", "Fax", "6")
	w.Advance(time.Minute) // the overlap of the next poll does not meet the accounts as news
	w.Sync()
	w.Restart(func(c *config.Connection) {
		c.Mappings["company"] = append(c.Mappings["company"], config.Mapping{HubSpot: "state", Salesforce: "Fax", Rule: "two_way"})
	})
	w.Sync()
	w.wantValues(account, "Fax", "5", company, "state", "")
	w.Resync(company)
	w.wantValues(account, "Fax", "5", company, "state", "5")
	w.wantValues(other, "Fax", "6", otherCompany, "state", "")
}

func formulaWorld(t *testing.T, more ...Option) (w *World, account, company, parent string) {
	w = New(t, append([]Option{Before(func(w *World) {
		w.must(w.Org.AddField(salesforcesim.FieldSpec{Object: "Account", Name: "Label", Label: "Label", Type: "Text", Formula: `Name & " of " & Parent.Name`}))
		w.property("sf_label", "string", "text")
	}), Mappings(nameTwoWay, config.Mapping{HubSpot: "sf_label", Salesforce: "Label__c", Rule: "always_salesforce"})}, more...)...)
	parent = w.account("Holding")
	account, company = w.linked("Edge", "ParentId", parent)
	if got := w.companyValue(company, "sf_label"); got != "Edge of Holding" {
		t.Fatalf("label %q; problems %+v", got, w.Conn.Problems)
	}
	return w, account, company, parent
}

func TestTRIG5_FormulaIsReadWithAMappedInputOfTheRecord(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w, account, company, _ := formulaWorld(t, profile)
		w.editAccount(account, "Name", "Edge Two")
		w.Sync()
		if got := w.companyValue(company, "sf_label"); got != "Edge Two of Holding" {
			t.Errorf("label %q", got)
		}
	})
}

// TestTRIG5_FormulaOverAnotherRecordIsNoTrigger: classic never asks for its value unless the
// record itself is looked at, tandem does once that is due (LIM-18).
func TestTRIG5_FormulaOverAnotherRecordIsNoTrigger(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w, account, company, parent := formulaWorld(t, profile)
		w.Advance(10 * time.Minute) // the overlap of the next poll does not meet the account as news
		w.Sync()
		w.editAccount(parent, "Name", "Group")
		w.Sync()
		w.want(core.Companies, company, "sf_label", "Edge of Holding")
		w.Advance(2 * time.Hour)
		w.Sync()
		w.want(core.Companies, company, "sf_label", map[config.Profile]string{config.Classic: "Edge of Holding", config.Tandem: "Edge of Group"}[w.settings.Profile])
		w.Resync(account)
		w.want(core.Companies, company, "sf_label", "Edge of Group")
	})
}

func TestTRIG5_LIM18_FormulaOverAnotherRecordIsRereadOnSchedule(t *testing.T) {
	w, _, company, parent := formulaWorld(t)
	w.Advance(10 * time.Minute)
	w.Sync()
	w.editAccount(parent, "Name", "Group")
	w.Sync()
	if got := w.companyValue(company, "sf_label"); got != "Edge of Holding" {
		t.Errorf("TRIG-5: label %q before the schedule", got)
	}
	w.Advance(2 * time.Hour)
	w.serveUntil(func() bool { return w.companyValue(company, "sf_label") == "Edge of Group" })
}

func TestTRIG7_NewMappingBackfillsNothingByItself(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile)
		account, company := w.linked("Edge", "Fax", "5")
		w.Advance(time.Minute) // the overlap of the next poll does not meet the account as news
		w.Sync()
		w.Restart(func(c *config.Connection) {
			c.Mappings["company"] = append(c.Mappings["company"], config.Mapping{HubSpot: "state", Salesforce: "Fax", Rule: "two_way"})
		})
		w.Advance(5 * time.Minute)
		w.Sync()
		w.wantValues(account, "Fax", "5", company, "state", "")
		w.Resync(company) // CARD-3
		w.wantValues(account, "Fax", "5", company, "state", "5")
	})
}

func TestLIM3_TRIG7_BackfillInBothDirectionsWithCounts(t *testing.T) {
	for _, side := range core.Sides {
		t.Run(side.String(), func(t *testing.T) {
			w := New(t)
			accounts := w.manyAccounts(12)
			w.Sync()
			w.Advance(3 * time.Second)
			companies := make([]string, len(accounts))
			for i, id := range accounts {
				companies[i] = w.partner(id)
				if side == core.Salesforce {
					w.editAccount(id, "Fax", "5")
				} else {
					w.editCompany(companies[i], "state", "5")
				}
			}
			w.Sync()
			w.Restart(func(c *config.Connection) {
				c.Mappings["company"] = append(c.Mappings["company"], config.Mapping{HubSpot: "state", Salesforce: "Fax", Rule: "two_way"})
			})
			w.Advance(5 * time.Minute)
			before := w.Conn.Counts().Updated
			id, err := w.Engine.StartImport(t.Context(), w.Conn, "backfill", engine.ImportArgs{Pair: core.CompanyPair, Sides: []core.Side{side}, Linked: true})
			w.must(err)
			w.Sync()
			for i := range accounts {
				w.wantValues(accounts[i], "Fax", "5", companies[i], "state", "5")
			}
			if n := w.Conn.Counts().Updated - before; n != 12 {
				t.Errorf("%d updates, want 12", n)
			}
			r := w.run(id)
			if r.State != store.RunDone || r.Total != 12 {
				t.Errorf("run %+v", r)
			}
		})
	}
}

func (w *World) run(id int64) (r store.Run) {
	w.T.Helper()
	w.must(w.Store.View(w.T.Context(), func(tx *store.Tx) (err error) { r, err = tx.Run(id); return err }))
	return r
}

func TestLIM3_DryRunOfABackfillWritesNothing(t *testing.T) {
	w := New(t)
	account, company := w.linked("Edge", "Fax", "5")
	w.Restart(func(c *config.Connection) {
		c.Mappings["company"] = append(c.Mappings["company"], config.Mapping{HubSpot: "state", Salesforce: "Fax", Rule: "two_way"})
	})
	at := w.Now()
	_, counts, err := w.Engine.Plan(t.Context(), w.Conn, engine.PlanMeta{Connection: "acme", Pair: core.CompanyPair}, nil)
	w.must(err)
	if counts.Ops["update companies"] != 1 || w.ours(at) != [2]int{} {
		t.Errorf("plan %+v, writes %v", counts, w.ours(at))
	}
	w.wantValues(account, "Fax", "5", company, "state", "")
}

func TestLIM2_ACC11_BulkResyncListsDoneFailedAndPending(t *testing.T) {
	w := New(t)
	accounts := w.manyAccounts(230)
	w.Sync()
	w.Advance(3 * time.Second)
	w.must(w.Org.AddValidationRule(salesforcesim.ValidationRule{Object: "Account", Name: "Stop", Formula: `BillingCity = "Nowhere"`, Message: "stop", Field: "BillingCity"}))
	w.editCompany(w.partner(accounts[7]), "city", "Nowhere")
	w.Sync()
	w.Advance(10 * time.Minute)
	id, err := w.Engine.StartImport(t.Context(), w.Conn, "resync", engine.ImportArgs{Pair: core.CompanyPair, Sides: []core.Side{core.HubSpot}, Linked: true})
	w.must(err)
	w.Sync()
	seen := map[string]string{}
	w.must(w.Store.View(t.Context(), func(tx *store.Tx) error {
		entries, err := tx.JournalOfRun(id, 0, 1000)
		for _, en := range entries {
			seen[en.Ref.ID] = string(en.Body)
		}
		return err
	}))
	r := w.run(id)
	if len(seen) != 230 || r.Total != 230 || r.State != store.RunDone {
		t.Errorf("%d records in the list, run %+v", len(seen), r)
	}
	if n := len(w.openIssues()); n != 1 {
		t.Errorf("%d issues", n)
	}
}

func TestTRIG9_CARD1_ResyncOfOneRecord(t *testing.T) {
	var account string
	w := New(t, Before(func(w *World) { account = w.account("Old"); w.Advance(time.Hour) }))
	w.Sync()
	w.wantRule(account, "ACC-4", engine.OutOfScope)
	w.Resync(account[:15])
	if w.partner(account) == "" || w.linkRule(account) != "TRIG-9" {
		t.Errorf("company %q by %s", w.partner(account), w.linkRule(account))
	}
}

func TestTRIG10_I7_AutomationThatRewritesAFieldSettlesWithinTwoRounds(t *testing.T) {
	for name, async := range map[string]bool{"in the save": false, "after the save": true} {
		t.Run(name, func(t *testing.T) {
			w := New(t)
			account, company := w.linked("Edge")
			w.must(w.Org.AddAutomation(salesforcesim.Automation{Object: "Account", Name: "Shout", When: `Name <> UPPER(Name)`, Field: "Name", Value: "UPPER(Name)", Async: async}))
			w.editCompany(company, "name", "Edge Two")
			at := w.Now()
			for range 4 {
				w.Sync()
				w.Advance(3 * time.Second)
			}
			w.wantValues(account, "Name", "EDGE TWO", company, "name", "EDGE TWO")
			n := w.ours(at)
			if n[core.Salesforce] > 2 || n[core.HubSpot] > 2 {
				t.Errorf("%v writes of ours, want two rounds at most", n)
			}
			at = w.Now()
			w.Sync()
			if n := w.ours(at); n != [2]int{} {
				t.Errorf("%v more writes", n)
			}
		})
	}
}

func TestTRIG10_I7_AutomationThatFightsUsDoesNotLoop(t *testing.T) {
	w := New(t)
	account, company := w.linked("Edge", "BillingCity", "Bern")
	w.must(w.Org.AddAutomation(salesforcesim.Automation{Object: "Account", Name: "Bern", When: `BillingCity <> "Bern"`, Field: "BillingCity", Value: `"Bern"`}))
	w.editCompany(company, "city", "Rome")
	at := w.Now()
	for range 5 {
		w.Sync()
		w.Advance(3 * time.Second)
	}
	if n := w.ours(at); n[core.Salesforce] > 2 || n[core.HubSpot] > 2 {
		t.Errorf("%v writes of ours", n)
	}
	w.wantValues(account, "BillingCity", "Bern", company, "city", "Bern")
}
