package simtest

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// waitingPeople are contacts of HubSpot that an import makes leads of: more than the brake
// lets be deleted. A lead has a status by default, which passes back.
func waitingPeople(n int, all *[]string) Option {
	return Before(func(w *World) {
		for i := range n {
			*all = append(*all, w.made(core.Contacts, "email", fmt.Sprintf("p%d@x.com", i), "lastname", fmt.Sprint("P", i), "company", "Co"))
		}
		w.Advance(time.Hour)
	})
}

// importedLeads imports waiting people as leads, and lets what comes of it pass.
func (w *World) importedLeads() int64 {
	w.T.Helper()
	run := w.importPeople(engine.ImportArgs{Sides: []core.Side{core.HubSpot}})
	w.again()
	w.again()
	return run.ID
}

// cameWith are the properties of a contact that came with its lead.
var cameWith = []string{"hs_lead_status", "salesforceleadid", "salesforceownerid", "tandem_lead_key_"}

// wantUntouched fails unless contacts have nothing of a lead.
func (w *World) wantUntouched(all []string) {
	w.T.Helper()
	for _, id := range all {
		for _, name := range cameWith {
			if name == "tandem_lead_key_" {
				name = w.Conn.KeyField(core.HubSpot, core.Lead)
			}
			w.want(core.Contacts, id, name, "")
		}
	}
}

// TestLIM16_IMP1_OneUndoTakesAnImportBack: the leads that it made are deleted, however many,
// since a person named the run; and nothing is left on the contacts of what came with them,
// by whichever run.
func TestLIM16_IMP1_OneUndoTakesAnImportBack(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		const n = 12
		var all []string
		w := New(t, profile, people(), proposed(), waitingPeople(n, &all))
		run := w.importedLeads()
		w.want(core.Contacts, all[0], "hs_lead_status", "OPEN")
		plan, err := w.Engine.PlanUndo(t.Context(), w.Conn, engine.UndoArgs{Run: run, DeleteCreated: true})
		w.must(err)
		want := map[string]int{"archive Lead": n, "update contacts": n}
		if !maps.Equal(plan.PutBack, want) {
			t.Errorf("planned %v, want %v", plan.PutBack, want)
		}
		v := w.undo(engine.UndoArgs{Run: run, DeleteCreated: true})
		if got := w.wantRun("undo", "update contacts", n); !maps.Equal(got.Wrote, want) || !maps.Equal(v.PutBack, want) || len(v.Left) != 0 {
			t.Errorf("wrote %v, undone %v, left %v; want %v", got.Wrote, v.PutBack, v.Left, want)
		}
		w.wantPersons(0, 0, n)
		w.wantUntouched(all)
		if kinds := w.brakes(); len(kinds) != 0 {
			t.Errorf("brakes %v", kinds)
		}
		w.wantStill(t)
		w.wantNoIssues()
	})
}

// TestLIM16_IMP1_WhatALeadWasGivenStays: a contact whose lead stays, since somebody touched
// it, keeps what came with it; and a value that somebody set since is there again where the
// lead goes, though the mapping's rule took it back meanwhile.
func TestLIM16_IMP1_WhatALeadWasGivenStays(t *testing.T) {
	var all []string
	w := New(t, people(), proposed(), waitingPeople(2, &all))
	run := w.importedLeads()
	lead, gone := w.wantMate(all[0]), w.wantMate(all[1])
	w.change(core.Lead, lead, "Rating", "Hot")
	w.change(core.Contacts, all[1], "hs_lead_status", "IN_PROGRESS")
	w.again()
	w.want(core.Contacts, all[1], "hs_lead_status", "OPEN")
	w.again()
	v := w.undo(engine.UndoArgs{Run: run, DeleteCreated: true})
	wantLeft(t, v, map[string]int{"changed_since": 1})
	w.want(core.Contacts, all[0], "hs_lead_status", "OPEN")
	w.want(core.Contacts, all[0], "salesforceleadid", lead)
	w.want(core.Contacts, all[1], "hs_lead_status", "IN_PROGRESS")
	w.want(core.Contacts, all[1], "salesforceleadid", "")
	if w.wantMate(all[0]) != lead || w.mate(all[1]) != "" || w.stillStands(core.Lead, gone) {
		t.Errorf("partners %q and %q", w.mate(all[0]), w.mate(all[1]))
	}
}

// TestLIM16_IMP1_WhatWasUndoneIsImportedAgain: whoever mends the settings and imports again
// means the same people; an edit alone brings none of them. One whom the import cannot bring
// comes with the edit that mends it.
func TestLIM16_IMP1_WhatWasUndoneIsImportedAgain(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var all []string
		w := New(t, profile, people(), proposed(), waitingPeople(3, &all))
		w.undo(engine.UndoArgs{Run: w.importedLeads(), DeleteCreated: true})
		w.change(core.Contacts, all[0], "jobtitle", "Boss")
		w.change(core.Contacts, all[1], "company", "")
		w.again()
		for _, id := range all {
			w.wantLonely(id, "AMB-13")
		}
		_, counts, err := w.Engine.Plan(t.Context(), w.Conn, engine.PlanMeta{Pair: core.ContactPair, Sides: []core.Side{core.HubSpot}}, nil)
		w.must(err)
		if counts.Ops["create Lead"] != 2 {
			t.Errorf("planned %v, want 2 leads", counts.Ops)
		}
		w.importedLeads()
		w.wantPersons(2, 0, 3)
		w.want(core.Lead, w.wantMate(all[0]), "Title", "Boss")
		w.wantMate(all[2])
		w.change(core.Contacts, all[1], "company", "Acme")
		w.again()
		w.want(core.Lead, w.wantMate(all[1]), "Company", "Acme")
		w.change(core.Lead, w.wantMate(all[0]), "FirstName", "Ada")
		w.again()
		w.want(core.Contacts, all[0], "firstname", "Ada")
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestLIM16_IMP1_LinksThatWereUndoneAreMadeAgain by an import, with the records that were
// linked, and not beside them. What a person unlinked by itself stays so.
func TestLIM16_IMP1_LinksThatWereUndoneAreMadeAgain(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var all []string
		w := New(t, profile, people(), waitingPeople(3, &all))
		run := w.importedLeads()
		leads := []string{w.wantMate(all[0]), w.wantMate(all[1])}
		w.must(w.Engine.Unlink(t.Context(), w.Conn, core.ContactPair, all[2]))
		w.undo(engine.UndoArgs{Run: run, Unlink: true})
		w.again()
		w.wantLonely(all[0], "AMB-13")
		w.importPeople(engine.ImportArgs{Sides: core.Sides[:]})
		w.again()
		if got := []string{w.mate(all[0]), w.mate(all[1])}; got[0] != leads[0] || got[1] != leads[1] {
			t.Errorf("the partners are %v, want %v", got, leads)
		}
		w.wantPersons(3, 0, 3)
		w.wantLonely(all[2], "AMB-13")
		w.wantStill(t)
	})
}

// TestLIM16_IMP1_ContactsOfAnUndoneImportComeAgain from Salesforce, and a company as well.
func TestLIM16_IMP1_ContactsOfAnUndoneImportComeAgain(t *testing.T) {
	var lead, account string
	w := New(t, people(), Before(func(w *World) {
		lead = w.made(core.Lead, "LastName", "A", "Company", "Co", "Email", "a@x.com")
		account = w.account("Edge")
		w.Advance(time.Hour)
	}))
	companies := engine.ImportArgs{Pair: core.CompanyPair, Sides: core.Sides[:]}
	_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", companies)
	w.must(err)
	w.Sync()
	firms := w.lastRun()
	run := w.importPeople(engine.ImportArgs{Sides: core.Sides[:]})
	w.again()
	for _, r := range []int64{run.ID, firms} {
		if v := w.undo(engine.UndoArgs{Run: r, DeleteCreated: true}); len(v.Left) != 0 {
			t.Errorf("left %+v", v.Samples.Left)
		}
	}
	w.wantPersons(1, 0, 0)
	w.want(core.Lead, lead, w.Conn.KeyField(core.Salesforce, core.Lead), "")
	if n, key := w.companyCount(), w.accountValue(account, w.Conn.KeyField(core.Salesforce, core.Account)); n != 0 || key != "" {
		t.Errorf("%d companies, and the account has key %q", n, key)
	}
	w.wantStill(t)
	_, err = w.Engine.StartImport(t.Context(), w.Conn, "import", companies)
	w.must(err)
	w.Sync()
	w.importPeople(engine.ImportArgs{Sides: core.Sides[:]})
	w.wantMate(lead)
	if w.companyCount() != 1 || w.byLink(account) == "" {
		t.Errorf("%d companies, the account's is %q", w.companyCount(), w.byLink(account))
	}
	w.wantStill(t)
}

// undoneLeads is an import of three people that is about to be undone.
func undoneLeads(t testing.TB) (w *trial, all []string, run int64) {
	w = newTrial(t, people(), proposed(), waitingPeople(3, &all), Settings(func(c *config.Connection) {
		c.Salesforce.SettleUnknown, c.HubSpot.SettleUnknown = config.Duration(time.Second), config.Duration(time.Second)
	}))
	return w, all, w.importedLeads()
}

// undoLeads undoes a run by one undo, which goes on by itself where the process dies.
func (w *trial) undoLeads(run int64) {
	w.T.Helper()
	for begun := false; ; {
		var err error
		if !begun {
			_, err = w.Engine.StartUndo(w.T.Context(), w.Conn, engine.UndoArgs{Run: run, DeleteCreated: true})
			begun = err == nil
		}
		if err == nil {
			_, err = w.syncFor(time.Hour)
		}
		if err == nil {
			break
		}
		w.revive(err)
	}
	w.heal()
}

// TestLIM16_P1_AnUndoThatDiedFinishesByItself: wherever the process dies, the same undo
// archives what the run made and clears what came with it.
func TestLIM16_P1_AnUndoThatDiedFinishesByItself(t *testing.T) {
	var commits int64
	inBubble(t, func(t testing.TB) {
		w, all, run := undoneLeads(t)
		w.shut()
		w.AfterCommit = func(n int64) error { commits = n; return nil }
		w.Open()
		w.undoLeads(run)
		w.wantPersons(0, 0, 3)
		w.wantUntouched(all)
	})
	step := max(1, commits/12)
	for n := int64(2); n <= commits; n += step { // about a dozen of them, before and after in turn
		t.Run(fmt.Sprint("commit ", n), func(t *testing.T) {
			bubble(t, func(t testing.TB) {
				w, all, run := undoneLeads(t)
				w.dieAt(n, n/step%2 == 0)
				w.undoLeads(run)
				w.wantPersons(0, 0, 3)
				w.wantUntouched(all)
			})
		})
	}
}
