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
	res := w.Sync()
	f := res.First
	if f == nil || f.Plan == 0 || f.Existing["Account"] != 1 || f.Existing["companies"] != 1 {
		t.Fatalf("the sync offers %+v", f)
	}
	if n := w.ours(at); n != [2]int{} {
		t.Errorf("ACC-4: %v writes before the yes", n)
	}
	if text := f.String(); !strings.Contains(text, "1 accounts and 1 companies") || !strings.Contains(text, "tandem import company") {
		t.Errorf("the offer reads %q", text)
	}
	w.wantRule(account, "ACC-4", engine.OutOfScope)
	if x := w.Explain(account); x.First == nil || x.First.Plan != f.Plan {
		t.Errorf("explain names the plan %+v", x.First)
	}
	if again := w.Sync().First; again == nil || again.Plan != f.Plan {
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
		return err == nil && s.First != nil && s.First.Plan != 0
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
