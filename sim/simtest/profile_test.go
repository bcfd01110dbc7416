package simtest

import (
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// before is a world with one account and one company older than the switch.
func before(t *testing.T, opts ...Option) (w *World, account string) {
	t.Helper()
	opts = append(opts, Before(func(w *World) {
		account = w.account("Old account")
		w.company("Old company")
		w.Advance(time.Hour)
	}))
	return New(t, opts...), account
}

func TestLIM20_TheFirstImportIsPlannedAndWaitsForAYes(t *testing.T) {
	w, account := before(t)
	at := w.Now()
	f := w.offer(w.Sync().First)
	if f.Plan == 0 || f.Existing["Account"] != 1 || f.Existing["companies"] != 1 {
		t.Fatalf("the sync offers %+v", f)
	}
	if n := w.ours(at); n != [2]int{} {
		t.Errorf("ACC-4: %v writes before the yes", n)
	}
	if text := f.String(); !strings.Contains(text, "1 accounts and 1 companies") || !strings.Contains(text, "tandem import company") ||
		!strings.Contains(text, "as counted at "+f.Planned.Local().Format(time.DateTime)) || f.Planned.Before(at) {
		t.Errorf("the offer reads %q", text)
	}
	w.wantRule(account, "ACC-4", engine.OutOfScope)
	if x := w.Explain(account); w.offer(x.First).Plan != f.Plan {
		t.Errorf("explain names the plan %+v", x.First)
	}
	if again := w.Sync().First; w.offer(again).Plan != f.Plan {
		t.Errorf("planned again: %+v", again)
	}
	w.must(func() error { _, err := w.Engine.Apply(t.Context(), w.Conn, f.Plan); return err }())
	if w.partner(account) == "" {
		t.Error("applying the plan brought nothing in")
	}
	if left := w.Sync().First; left != nil {
		t.Errorf("after the yes it is still offered: %+v", left)
	}
}

// TestLIM20_TheFirstImportOfPeopleIsPlannedAndWaitsForAYes like that of companies, beside
// it, when contact sync is switched on.
func TestLIM20_TheFirstImportOfPeopleIsPlannedAndWaitsForAYes(t *testing.T) {
	var lead, hs string
	w := New(t, people(func(c *config.Connection) { c.Contacts.Sync = false }), Before(func(w *World) {
		lead = w.made(core.Lead, "LastName", "Brown", "Company", "Co", "Email", "bo@x.com")
		hs = w.made(core.Contacts, "email", "ada@x.com", "lastname", "Gray", "company", "Co")
		w.ensurePeople()
		w.Advance(time.Hour)
	}))
	if first := w.Sync().First; len(first) != 0 {
		t.Errorf("people are offered while they do not sync: %+v", first)
	}
	w.Restart(func(c *config.Connection) { c.Contacts.Sync = true })
	f := w.offer(w.again().First)
	if text := f.String(); f.Pair != core.ContactPair || !strings.Contains(text, "1 leads, 0 contacts of Salesforce and 1 of HubSpot") || !strings.Contains(text, "tandem import contact") {
		t.Errorf("the offer reads %q", text)
	}
	w.wantLonely(lead, "CON-1")
	if x := w.explainPerson(lead); w.offer(x.First).Plan != f.Plan {
		t.Errorf("explain names the plan %+v", x.First)
	}
	w.must(func() error { _, err := w.Engine.Apply(t.Context(), w.Conn, f.Plan); return err }())
	w.wantMate(lead)
	w.wantMate(hs)
	if left := w.again().First; len(left) != 0 {
		t.Errorf("after the yes it is still offered: %+v", left)
	}
	w.wantPersons(2, 0, 2)
}

// offer is the one first import that is offered.
func (w *World) offer(all []engine.FirstImport) *engine.FirstImport {
	w.T.Helper()
	if len(all) != 1 {
		w.T.Fatalf("the first imports offered are %+v, want one", all)
	}
	return &all[0]
}

func TestFirstImportIsDecidedByAnImport(t *testing.T) {
	w, account := before(t)
	w.Sync()
	if res := w.Import(core.Sides[:]...); res.First != nil || w.partner(account) == "" {
		t.Errorf("after the import: %+v", res)
	}
	s, err := w.Engine.Status(t.Context(), w.Conn)
	w.must(err)
	if s.First != nil {
		t.Errorf("status still offers %+v", s.First)
	}
}

func TestFirstImportOfNothingIsNotOffered(t *testing.T) {
	w := New(t)
	if f := w.Sync().First; f != nil {
		t.Errorf("offered %+v", f)
	}
}

func TestTheServingEngineOffersTheFirstImport(t *testing.T) {
	w, _ := before(t)
	w.serveUntil(func() bool {
		s, err := w.Engine.StoredStatus(t.Context(), w.Conn)
		return err == nil && len(s.First) == 1 && s.First[0].Plan != 0
	})
}

func TestClassicPlansNothing(t *testing.T) {
	w, account := before(t, Settings(func(c *config.Connection) { c.Profile = config.Classic }))
	if f := w.Sync().First; f != nil {
		t.Errorf("the original offers no import: %+v", f)
	}
	w.wantRule(account, "ACC-4", engine.OutOfScope)
	w.editAccount(account, "Name", "Edited")
	w.Sync()
	if w.partner(account) == "" {
		t.Error("ACC-4b: an edit did not bring it in")
	}
}

func TestLIM18_ClassicRereadsNoFormulasUnlessAsked(t *testing.T) {
	for profile, want := range map[config.Profile]time.Duration{config.Tandem: time.Hour, config.Classic: 0, "": time.Hour} {
		c := config.Connection{Profile: profile}
		c.Complete()
		if got := c.FormulaReread.D(); got != want {
			t.Errorf("profile %q re-reads formulas every %s, want %s", profile, got, want)
		}
	}
	asked := config.Connection{Profile: config.Classic, FormulaReread: config.Duration(time.Minute)}
	asked.Complete()
	if asked.FormulaReread.D() != time.Minute {
		t.Error("the setting does not count in classic")
	}
}
