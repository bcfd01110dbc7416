package simtest

import (
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// otherwise is what explain says that an import or a resync would decide.
func otherwise(x *engine.Explanation, by string) (rule, outcome string) {
	for _, o := range x.Otherwise {
		if o.By == by {
			return o.Rule, o.Outcome
		}
	}
	return "", ""
}

// because is the reason of the last decision.
func because(x *engine.Explanation) string {
	if len(x.Rules) == 0 {
		return ""
	}
	return x.Rules[len(x.Rules)-1].Facts["because"]
}

// A company from before the switch that an import or an edit looked at is refused for
// what that look saw, not because nobody looked.
func TestLIM29_ExplainAnswersWithWhatTheLastLookSaw(t *testing.T) {
	looks := map[string]func(w *World, ids ...string){
		"an import": func(w *World, _ ...string) { w.Import(core.HubSpot) },
		"an edit": func(w *World, ids ...string) {
			for _, id := range ids {
				w.editCompany(id, "city", "Bern")
			}
			w.Sync()
		},
	}
	for name, look := range looks {
		t.Run(name, func(t *testing.T) {
			var alone, ofLead string
			w := New(t, Before(func(w *World) {
				w.lead("Snyder", "snyder@z.com")
				alone, ofLead = w.company("Alone"), w.company("Z", w.person("Snyder", "snyder@z.com"))
				w.Advance(time.Hour)
			}))
			w.Sync()
			w.wantRule(alone, "INST-8", engine.OutOfScope)
			look(w, alone, ofLead)
			for id, rule := range map[string]string{alone: "ACC-8a", ofLead: "ACC-8b"} {
				w.wantRule(id, rule, engine.OutOfScope)
				x := w.Explain(id)
				if x.Mend == "" {
					t.Errorf("%s: no mend", rule)
				}
				if r, what := otherwise(x, "import"); r != rule || what != "none" {
					t.Errorf("an import would %s by %s, want none by %s", what, r, rule)
				}
				if r, what := otherwise(x, "resync"); r != "ACC-10" || what != "create" {
					t.Errorf("a resync would %s by %s, want create by ACC-10", what, r)
				}
			}
			w.must(w.Store.Update(t.Context(), func(tx *store.Tx) error {
				ref := core.Ref{Side: core.HubSpot, Object: core.Companies, ID: alone}
				return tx.Mark(w.Conn.ID, []core.Dirty{{Ref: ref, Pair: core.CompanyPair, Reasons: core.ReasonSweep}})
			}))
			w.Sync()
			w.wantRule(alone, "ACC-8a", engine.OutOfScope)
		})
	}
}

// A record that nobody looked at since the switch says so, and what an import would do.
func TestINST8_ExplainSaysWhatAnImportWouldDo(t *testing.T) {
	var company, account string
	w := New(t, Before(func(w *World) {
		company, account = w.company("Y", w.person("Boyle", "boyle@y.com")), w.account("Edge")
		w.Advance(time.Hour)
	}))
	w.Sync()
	for id, rules := range map[string][2]string{company: {"INST-8", "ACC-7c"}, account: {"ACC-4", "ACC-4"}} {
		w.wantRule(id, rules[0], engine.OutOfScope)
		if r, what := otherwise(w.Explain(id), "import"); r != rules[1] || what != "create" {
			t.Errorf("an import would %s by %s, want create by %s", what, r, rules[1])
		}
	}
}

// What kept a record away when it was edited counts until something asks again, even
// where it would not keep it away any more.
func TestLIM11_ExplainTellsTheLastLookBehindAFilter(t *testing.T) {
	var id string
	filter := func(text string) func(*config.Connection) {
		return func(c *config.Connection) { c.Companies.Filter.FromSalesforce = text }
	}
	w := New(t, Settings(filter(`BillingCity == "Rome"`)), Before(func(w *World) { id = w.account("Edge", "BillingCity", "Bern"); w.Advance(time.Hour) }))
	w.Sync()
	w.editAccount(id, "Phone", "1")
	w.Sync()
	w.wantRule(id, "LIM-11", engine.OutOfScope)
	w.Restart(filter(""))
	x := w.Explain(id)
	if x.Verdict != engine.OutOfScope || strings.Contains(because(x), "nor edited") || !strings.Contains(because(x), "LIM-11") {
		t.Errorf("verdict %s: %s", x.Verdict, because(x))
	}
}

// Whatever stops the connection is said of every record, ahead of all else.
func TestINST10_INST11_ExplainNamesWhatStopsTheConnection(t *testing.T) {
	stops := map[string]struct {
		act  func(w *World)
		rule string
		mend string
	}{
		"pause":      {func(w *World) { w.must(w.Engine.Pause(w.T.Context(), w.Conn)) }, "INST-10", "tandem resume"},
		"disconnect": {func(w *World) { w.must(w.Engine.Disconnect(w.T.Context(), w.Conn)) }, "INST-11", "tandem resume"},
		"suspension": {func(w *World) {
			w.must(w.Store.Update(w.T.Context(), func(tx *store.Tx) error {
				rows, err := tx.Connections()
				if err != nil {
					return err
				}
				rows[0].Suspended = "the credentials were refused"
				return tx.ConnectionSave(rows[0])
			}))
		}, "SUS-1", "tandem resume"},
		"brake": {func(w *World) {
			w.must(acts["a brake set by another process"](w))
		}, "I10", "--clear-brake emptied"},
		"settings": {func(w *World) { w.Restart(func(c *config.Connection) { c.Paused = true }) }, "INST-10", "paused: false"},
	}
	for name, c := range stops {
		t.Run(name, func(t *testing.T) {
			w := New(t)
			account, _ := w.linked("Edge")
			c.act(w)
			for _, edited := range []bool{false, true} {
				if edited {
					w.editAccount(account, "Phone", "7")
				}
				x := w.Explain(account)
				if x.Halt == nil || x.Halt.Rule != c.rule || !strings.Contains(x.Halt.Mend, c.mend) || x.Verdict != engine.Pending {
					t.Fatalf("verdict %s, halt %+v", x.Verdict, x.Halt)
				}
				for _, d := range x.Rules {
					if c.rule == "INST-10" && d.Facts["paused"] == "false" {
						t.Errorf("%s says that nothing is paused", d.Rule)
					}
				}
			}
		})
	}
}

// A deleted record says what becomes of its partner, and afterwards what it was linked
// with.
func TestLIM16_ExplainOfADeletedRecord(t *testing.T) {
	for _, side := range core.Sides {
		t.Run(side.String(), func(t *testing.T) {
			w := New(t, whenDeleted(side, "delete"))
			account, company := w.linked("Edge")
			w.linked("Other")
			w.remove(side, account, company)
			for _, id := range []string{account, company} {
				x := w.Explain(id)
				if x.Verdict != engine.Pending || lastRule(x) != "LIM-16" || !strings.Contains(because(x), "deleted in "+side.Label()) {
					t.Errorf("verdict %s by %s: %s", x.Verdict, lastRule(x), because(x))
				}
				if got := x.Would[side.Other().String()]; got != "delete" {
					t.Errorf("a sync would %q", x.Would)
				}
			}
			w.settle()
			gone := [2]string{account, company}[side]
			x := w.Explain(gone)
			if x.Verdict != engine.OutOfScope || lastRule(x) == "DEL-4" || !strings.Contains(because(x), "partner "+[2]string{company, account}[side]) {
				t.Errorf("verdict %s by %s: %s", x.Verdict, lastRule(x), because(x))
			}
		})
	}
}

// Linked people whose fields do not sync are not said to be in step.
func TestSET2_ExplainOfAPersonWhileContactSyncIsOff(t *testing.T) {
	w := New(t)
	lead := w.lead("Snyder", "snyder@z.com")
	w.person("Other", "snyder@z.com")
	w.Sync()
	x := w.explainPerson(lead)
	if x.Link == nil || !strings.Contains(x.Note, "contacts.sync") || !strings.Contains(x.Note, "fields") {
		t.Errorf("link %+v, note %q", x.Link, x.Note)
	}
}

// TestAMB13_AResyncIsAdvisedOnlyWhereItMakesAPartner: what explain says would change that
// agrees with what it says a resync would do.
func TestAMB13_AResyncIsAdvisedOnlyWhereItMakesAPartner(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		contact := w.made(core.Contact, "LastName", "Left", "Email", "left@x.com")
		w.made(core.Contact, "LastName", "Stays", "Email", "stays@x.com")
		w.again()
		w.must(w.Portal.As(admin).Archive("contacts", w.wantMate(contact)))
		w.Advance(time.Minute)
		w.sweepAll()
		w.again()
		w.wantPersonRule(contact, "AMB-13", engine.OutOfScope)
		x := w.explainPerson(contact)
		if _, outcome := otherwise(x, "resync"); outcome != "create" || !strings.Contains(x.Mend, "tandem resync") {
			t.Errorf("a resync would %s, and is advised by %q", outcome, x.Mend)
		}
		w.change(core.Contact, contact, "Email", "")
		w.again()
		x = w.explainPerson(contact)
		if rule, outcome := otherwise(x, "resync"); lastRule(x) != "AMB-13" || rule != "IMP-3" || outcome != "none" || strings.Contains(x.Mend, "tandem resync") || !strings.Contains(x.Mend, "e-mail address") {
			t.Errorf("%s: a resync would %s by %s, and %q is advised", lastRule(x), outcome, rule, x.Mend)
		}
	})
}
