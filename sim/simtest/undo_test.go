package simtest

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/engine/conn"
	"tandem/sim/salesforcesim"
)

// undo undoes a run and works it off.
func (w *World) undo(a engine.UndoArgs) *engine.UndoView {
	w.T.Helper()
	id, err := w.Engine.StartUndo(w.T.Context(), w.Conn, a)
	w.must(err)
	w.Sync()
	v, err := w.Engine.Undone(w.T.Context(), id)
	w.must(err)
	w.Advance(3 * time.Second)
	return v
}

// lastRun is the newest run.
func (w *World) lastRun() int64 {
	w.T.Helper()
	return w.runs()[0].Run
}

// undoCases are fields of every rule, each changed on the side that passes its values.
var undoCases = []struct {
	field, property string
	side            core.Side
}{
	{"Name", "name", core.Salesforce}, {"Name", "name", core.HubSpot}, {"Phone", "phone", core.Salesforce},
	{"BillingCity", "city", core.HubSpot}, {"Description", "description", core.Salesforce},
}

// An undo gives every value back that the run wrote, whatever the rule of its mapping, and
// the next syncs write nothing: each side keeps its own until one is edited.
func TestLIM16_AnUndoPutsBackWhatARunWrote(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for _, c := range undoCases {
			t.Run(c.field+" from "+c.side.String(), func(t *testing.T) { putsBack(t, profile, c.field, c.property, c.side) })
		}
	})
}

func putsBack(t *testing.T, profile Option, field, property string, side core.Side) {
	w := New(t, profile)
	account, company := w.linked("Edge", "Phone", "1", "BillingCity", "Bern", "Description", "one")
	was := w.companyValue(company, property)
	sf, hs := "2", was
	if side == core.HubSpot {
		sf, hs = was, "2"
		w.editCompany(company, property, "2")
	} else {
		w.editAccount(account, field, "2")
	}
	w.Sync()
	w.wantValues(account, field, "2", company, property, "2")
	run := w.lastRun()
	w.Advance(3 * time.Second)
	v := w.undo(engine.UndoArgs{Run: run})
	if v.Fields != 1 || len(v.Left) != 0 {
		t.Errorf("undone %+v", v)
	}
	at := w.Now()
	for range 2 {
		w.Sync()
		w.Resync(account)
		w.Advance(10 * time.Minute)
	}
	w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
	w.Sync()
	w.wantValues(account, field, sf, company, property, hs)
	if n := w.ours(at); n != [2]int{} {
		t.Errorf("%v writes after the undo", n)
	}
	w.wantNoIssues()
}

// Undoing the undo brings the sides together again, and an edit does so by its rule.
func TestLIM16_AnUndoCanBeUndone(t *testing.T) {
	w := New(t)
	account, company := w.linked("Edge", "Description", "one")
	w.editAccount(account, "Description", "two")
	w.Sync()
	first := w.lastRun()
	w.undo(engine.UndoArgs{Run: first})
	w.wantValues(account, "Description", "two", company, "description", "one")
	undo := w.wantRun("undo", "update companies", 1)
	if undo.Of == nil || undo.Of.Run != first {
		t.Errorf("the undo's run is %+v", undo)
	}
	w.undo(engine.UndoArgs{Run: undo.Run})
	w.wantValues(account, "Description", "two", company, "description", "two")
	w.undo(engine.UndoArgs{Run: w.lastRun()})
	w.wantValues(account, "Description", "two", company, "description", "one")
	w.editAccount(account, "Description", "three")
	w.Sync()
	w.wantValues(account, "Description", "three", company, "description", "three")
}

// wantLeft fails unless an undo left exactly so much alone, by code.
func wantLeft(t *testing.T, v *engine.UndoView, want map[string]int) {
	t.Helper()
	if !maps.Equal(v.Left, want) {
		t.Errorf("left alone %v, want %v: %+v", v.Left, want, v.Samples.Left)
	}
}

// What anybody has changed since stands, and the undo says who did.
func TestLIM16_AnUndoLeavesWhatWasChangedSince(t *testing.T) {
	w := New(t)
	account, company := w.linked("Edge", "Phone", "1", "BillingCity", "Bern", "Description", "one")
	w.editAccount(account, "Phone", "2")
	w.editAccount(account, "Description", "two")
	w.editCompany(company, "city", "Basel")
	w.Sync()
	run := w.lastRun()
	w.Advance(3 * time.Second)
	w.editAccount(account, "Phone", "3") // a later run passes it
	w.Sync()
	w.Advance(3 * time.Second)
	w.editAccount(account, "BillingCity", "Chur") // a person, not passed yet
	v := w.undo(engine.UndoArgs{Run: run})
	wantLeft(t, v, map[string]int{"changed_since": 2})
	var said []string
	for _, l := range v.Samples.Left {
		said = append(said, l.Field+": "+l.Why)
	}
	text := strings.Join(said, "\n")
	if !strings.Contains(text, fmt.Sprintf("phone: changed since by run %d", run+1)) || !strings.Contains(text, "BillingCity: changed since; the record was last changed by user ") {
		t.Errorf("who changed it:\n%s", text)
	}
	w.Sync()
	w.wantValues(account, "Phone", "3", company, "phone", "3")
	w.wantValues(account, "BillingCity", "Chur", company, "city", "Chur")
	w.wantValues(account, "Description", "two", company, "description", "one")
}

func TestLIM16_AnUndoNamesAnEditorInHubSpot(t *testing.T) {
	w := New(t)
	account, company := w.linked("Edge", "Phone", "1")
	w.editAccount(account, "Phone", "2")
	w.Sync()
	run := w.lastRun()
	w.Advance(3 * time.Second)
	w.editCompany(company, "phone", "9")
	v, err := w.Engine.PlanUndo(t.Context(), w.Conn, engine.UndoArgs{Run: run})
	w.must(err)
	wantLeft(t, v, map[string]int{"changed_since": 1})
	if len(v.Samples.Left) != 1 || !strings.Contains(v.Samples.Left[0].Why, "HubSpot's history from CRM_UI") {
		t.Errorf("left %+v", v.Samples.Left)
	}
}

// A plan of an undo tells what it would do, and writes nothing.
func TestLIM16_APlanOfAnUndoWritesNothing(t *testing.T) {
	w := New(t)
	accounts := w.manyAccounts(5)
	w.Sync()
	w.Advance(3 * time.Second)
	for _, id := range accounts {
		w.editAccount(id, "Phone", "2")
	}
	w.Sync()
	at, run := w.Now(), w.lastRun()
	v, err := w.Engine.PlanUndo(t.Context(), w.Conn, engine.UndoArgs{Run: run})
	w.must(err)
	if v.PutBack["update companies"] != 5 || v.Fields != 5 || v.Records != 5 || len(v.Samples.PutBack) != 5 || w.ours(at) != [2]int{} || w.lastRun() != run {
		t.Errorf("plan %+v, writes %v", v, w.ours(at))
	}
	done := w.undo(engine.UndoArgs{Run: run})
	if done.Fields != 5 || done.Records != 5 {
		t.Errorf("undone %+v", done)
	}
	again := w.undo(engine.UndoArgs{Run: run})
	if again.Fields != 0 || len(again.Left) != 0 {
		t.Errorf("undone twice: %+v", again)
	}
}

// What a run made is deleted on a person's word alone, and only where nobody touched it
// since; nothing is made for its partner afterwards, and the partner is not deleted with it.
func TestLIM16_AnUndoArchivesWhatTheRunMade(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Settings(func(c *config.Connection) {
			c.Companies.WhenHubSpotDeleted, c.Companies.WhenSalesforceDeleted = "delete", "archive"
		}))
		a, b := w.account("Edge"), w.account("Touched")
		w.Sync()
		run := w.lastRun()
		edge, touched := w.partner(a), w.partner(b)
		w.Advance(3 * time.Second)
		w.editCompany(touched, "website", "https://x.example")
		v := w.undo(engine.UndoArgs{Run: run})
		wantLeft(t, v, map[string]int{"created": 2})
		v = w.undo(engine.UndoArgs{Run: run, DeleteCreated: true})
		wantLeft(t, v, map[string]int{"changed_since": 1})
		if v.PutBack["archive companies"] != 1 {
			t.Errorf("undone %+v", v)
		}
		w.editAccount(a, "Phone", "7")
		w.Advance(10 * time.Minute)
		w.Sync()
		w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
		w.Sync()
		if n := w.companyCount(); n != 1 || w.byLink(a) != "" || w.byLink(b) != touched {
			t.Errorf("%d companies, partners %q of the undone, %q of the other", n, w.byLink(a), w.byLink(b))
		}
		if w.accountValue(a, "Phone") != "7" || edge == "" {
			t.Error("the account is gone")
		}
		v = w.undo(engine.UndoArgs{Run: w.lastUndo()})
		wantLeft(t, v, map[string]int{"deleted": 1})
		if len(v.Restore) != 1 || v.Restore[0].Ref.ID != edge || v.Restore[0].Name != "Edge" || !strings.Contains(v.Restore[0].Why, "restore it in HubSpot") {
			t.Errorf("to be restored: %+v", v.Restore)
		}
	})
}

// An undo of an undo knows what that archived also where somebody touched the partner before
// the write was settled, so that the last word of the run on it is that nothing is to do.
func TestLIM16_AnUndoIsUndoneThatLookedAgainAtWhatItArchived(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile)
		account := w.account("Edge")
		w.Sync()
		made, company := w.lastRun(), w.partner(account)
		w.Advance(3 * time.Second)
		w.On(func(side core.Side, r *http.Request) error {
			if side == core.HubSpot && strings.HasSuffix(r.URL.Path, "/companies/batch/archive") {
				w.hook(connector.Event{Kind: connector.EventUpdate, Ref: core.Ref{Side: core.Salesforce, Object: core.Account, ID: account}, At: w.Now()})
			}
			return nil
		})
		w.undo(engine.UndoArgs{Run: made, DeleteCreated: true})
		w.On(nil)
		v := w.undo(engine.UndoArgs{Run: w.lastUndo()})
		if len(v.Restore) != 1 || v.Restore[0].Ref.ID != company {
			t.Errorf("to be restored: %+v", v)
		}
	})
}

// lastUndo is the newest undo.
func (w *World) lastUndo() int64 {
	w.T.Helper()
	for _, r := range w.runs() {
		if r.Kind == "undo" {
			return r.Run
		}
	}
	w.T.Fatal("there is no undo")
	return 0
}

// Accounts that a run made go after the contacts that it made for them, and one stays that
// has anything else.
func TestLIM16_AnUndoDeletesNoAccountWithContactsOfOthers(t *testing.T) {
	w := New(t, people(becomesContact), Settings(func(c *config.Connection) { c.Companies.CreateAccount = "always" }))
	person, other := w.person("Gonzalez", "rose@edge.com"), w.person("Smith", "s@far.com")
	edge, far := w.company("Edge", person), w.company("Far", other)
	w.Sync()
	w.Sync()
	run := w.lastRun()
	account, kept := w.partner(edge), w.partner(far)
	if account == "" || kept == "" || w.mate(person) == "" {
		t.Fatalf("accounts %q and %q, contact %q", account, kept, w.mate(person))
	}
	w.Advance(3 * time.Second)
	own := w.contact("Own", "own@far.com", kept)
	for _, r := range w.runs() {
		if r.Run >= run && r.Kind == "sync" || r.Wrote["create Account"] > 0 {
			w.undo(engine.UndoArgs{Run: r.Run, DeleteCreated: true})
		}
	}
	if w.Org.As(admin).Get("Account", kept) == nil || w.Org.As(admin).Get("Contact", own) == nil {
		t.Error("an account with a contact of others is gone")
	}
}

// Links that a run made end where that is asked for, and nothing joins the records again.
func TestLIM16_AnUndoUnlinksWhatTheRunLinked(t *testing.T) {
	w := New(t, Workers(1)) // one batch after the other: the import itself links
	account := w.account("Edge", "Phone", "1")
	w.contact("Gonzalez", "rose@edge.com", account)
	company := w.company("Edge Inc", w.person("Gonzalez", "rose@edge.com"))
	w.Import()
	if w.partner(account) != company {
		t.Fatalf("partner %q", w.partner(account))
	}
	w.Advance(3 * time.Second)
	run := w.lastRun()
	v := w.undo(engine.UndoArgs{Run: run})
	if v.Left["linked"] != 1 || v.Fields == 0 {
		t.Errorf("undone %+v", v)
	}
	w.wantValues(account, "Name", "Edge", company, "name", "Edge Inc")
	v = w.undo(engine.UndoArgs{Run: run, Unlink: true})
	if v.Left["linked"] != 0 || w.byLink(account) != "" {
		t.Errorf("undone %+v, link with %q", v, w.byLink(account))
	}
	w.Advance(10 * time.Minute)
	w.Sync()
	w.wantValues(account, "Name", "Edge", company, "name", "Edge Inc")
	if w.byLink(account) != "" || w.companyCount() != 1 {
		t.Errorf("linked again with %q, %d companies", w.byLink(account), w.companyCount())
	}
}

// A deletion that a run passed on is listed, and nothing is made again.
func TestLIM16_AnUndoListsWhatIsToBeRestored(t *testing.T) {
	w := New(t, Settings(func(c *config.Connection) { c.Companies.WhenSalesforceDeleted = "archive" }))
	account, company := w.linked("Edge")
	w.must(w.Org.As(admin).Delete("Account", account))
	w.Advance(time.Minute)
	w.Sync()
	if w.companyCount() != 0 {
		t.Fatal("the deletion was not passed on")
	}
	v := w.undo(engine.UndoArgs{Run: w.lastRun()})
	wantLeft(t, v, map[string]int{"deleted": 1})
	if len(v.Restore) != 1 || v.Restore[0].Ref.ID != company || v.Restore[0].Name != "Edge" {
		t.Errorf("to be restored: %+v", v.Restore)
	}
	if w.companyCount() != 0 {
		t.Error("the company was made again")
	}
}

// Records that are gone, values that a side refuses and opt-outs are left alone and named.
func TestLIM16_AnUndoSaysWhatItCannotPutBack(t *testing.T) {
	w := New(t, people())
	account, company := w.linked("Edge", "BillingCity", "Bern", "Phone", "1")
	lost, _ := w.linked("Lost", "Phone", "1")
	lead, led := w.lead("Smith", "smith@lead.com"), w.person("Smith", "smith@lead.com")
	w.Sync()
	w.Advance(3 * time.Second)
	w.editCompany(company, "city", "Basel")
	w.editAccount(lost, "Phone", "2")
	w.change(core.Lead, lead, "Title", "Boss")
	w.change(core.Lead, lead, conn.OptOutField[core.Salesforce], "true")
	w.Sync()
	run := w.lastRun()
	w.want(core.Contacts, led, "jobtitle", "Boss")
	w.Advance(3 * time.Second)
	w.must(w.Portal.As(admin).Archive("companies", w.byLink(lost)))
	w.must(w.Org.AddValidationRule(salesforcesim.ValidationRule{Object: "Account", Name: "Stop", Formula: `BillingCity = "Bern"`, Message: "stop", Field: "BillingCity"}))
	v := w.undo(engine.UndoArgs{Run: run})
	if v.Left["gone"] != 1 || v.Left["refused"] != 1 || v.Left["consent"] != 1 || v.Fields != 1 {
		t.Errorf("undone %+v", v)
	}
	w.want(core.Contacts, led, "jobtitle", "")
	if w.accountValue(account, "BillingCity") != "Basel" {
		t.Errorf("city %q", w.accountValue(account, "BillingCity"))
	}
}

// Deals are put back as well; a stage goes with its pipeline.
func TestLIM16_AnUndoOfDealsPutsBackStageAndAmount(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals())
		opportunity := w.opportunity("Big", "Amount", "5")
		w.Sync()
		deal := w.wantDealMate(opportunity)
		w.Advance(3 * time.Second)
		stage := w.shown(core.Deals, deal, "dealstage")
		w.change(core.Opportunity, opportunity, "StageName", "Qualification")
		w.must(w.Org.As(admin).Update("Opportunity", opportunity, map[string]any{"Amount": 9, "CloseDate": "2031-01-31"}))
		w.Sync()
		run := w.lastRun()
		if w.shown(core.Deals, deal, "dealstage") == stage {
			t.Fatal("the stage did not pass")
		}
		w.Advance(3 * time.Second)
		v := w.undo(engine.UndoArgs{Run: run})
		wantLeft(t, v, map[string]int{})
		w.want(core.Deals, deal, "dealstage", stage)
		w.want(core.Deals, deal, "amount", "5")
		before := w.shown(core.Deals, deal, "closedate")
		w.Sync()
		w.want(core.Deals, deal, "dealstage", stage)
		if at := w.shown(core.Deals, deal, "closedate"); at != before || !strings.Contains(at, "2030-05-31") {
			t.Errorf("close date %q", at)
		}
		w.want(core.Opportunity, opportunity, "StageName", "Qualification")
	})
}

// An undo is refused for what is not there or goes on, and while nothing may be written.
func TestLIM16_AnUndoIsRefusedWhereItCannotBe(t *testing.T) {
	w := New(t)
	account, _ := w.linked("Edge")
	_, err := w.Engine.StartUndo(t.Context(), w.Conn, engine.UndoArgs{Run: 99})
	wantCode(t, err, engine.CodeNotFound)
	_, err = w.Engine.PlanUndo(t.Context(), w.Conn, engine.UndoArgs{Run: 99})
	wantCode(t, err, engine.CodeNotFound)
	id, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.CompanyPair, Sides: core.Sides[:]})
	w.must(err)
	_, err = w.Engine.StartUndo(t.Context(), w.Conn, engine.UndoArgs{Run: id})
	wantCode(t, err, engine.CodeUsage)
	w.Sync()
	w.editAccount(account, "Phone", "2")
	w.Sync()
	run := w.lastRun()
	w.must(w.Engine.Pause(t.Context(), w.Conn))
	if _, err := w.Engine.StartUndo(t.Context(), w.Conn, engine.UndoArgs{Run: run}); err == nil {
		t.Error("an undo was begun while the connection is paused")
	}
}
