package simtest

import (
	"bytes"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// runs are the runs of the connection, the newest first.
func (w *World) runs() []engine.RunView {
	w.T.Helper()
	out, err := w.Engine.Runs(w.T.Context(), w.Conn, 100)
	w.must(err)
	return out
}

// wantRun fails unless the newest run is of a kind, has ended, and wrote so much.
func (w *World) wantRun(kind, what string, n int) engine.RunView {
	w.T.Helper()
	all := w.runs()
	if len(all) == 0 || all[0].Kind != kind || all[0].State != store.RunDone || all[0].Wrote[what] != n {
		w.T.Fatalf("runs %+v, want the newest to be a %s that wrote %q %d times", all, kind, what, n)
	}
	return all[0]
}

// Whatever is written belongs to a run: a sync's own, an import's, a plan's.
func TestLIM29_EveryWriteBelongsToARun(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var old string
		w := New(t, profile, Before(func(w *World) { old = w.account("Old"); w.Advance(time.Hour) }))
		account, _ := w.linked("Edge")
		first := w.wantRun("sync", "create companies", 1)
		w.Sync()
		if again := w.wantRun("sync", "create companies", 1); again.Run != first.Run {
			t.Errorf("a sync that wrote nothing is run %d", again.Run)
		}
		w.editAccount(account, "Name", "Edge Two")
		w.Sync()
		if next := w.wantRun("sync", "update companies", 1); next.Run == first.Run || next.Wrote["create companies"] != 0 {
			t.Errorf("the next sync is %+v", next)
		}
		w.Import()
		if w.partner(old) == "" {
			t.Fatal("the import made nothing")
		}
		w.wantRun("import", "create companies", 1)
		w.account("Planned")
		id, _, err := w.Engine.Plan(t.Context(), w.Conn, engine.PlanMeta{Connection: "acme", Pair: core.CompanyPair, Due: true}, nil)
		w.must(err)
		done, err := w.Engine.Apply(t.Context(), w.Conn, id)
		w.must(err)
		if r := w.wantRun("apply", "create companies", 1); r.Run != done.Run || r.Records != 1 || r.Of.Plan != id {
			t.Errorf("the plan's run is %+v, applied %+v", r, done)
		}
	})
}

// A daemon's writes are of one run for an hour; the next write begins another.
func TestLIM29_ADaemonBeginsARunEachHour(t *testing.T) {
	w := New(t, events())
	account, company := w.linked("Edge")
	before := len(w.runs())
	w.serving()
	for _, step := range []struct {
		name string
		runs int
	}{{"Edge Two", 1}, {"Edge Three", 1}, {"Edge Four", 2}} {
		if step.name == "Edge Four" {
			w.Advance(time.Hour)
		}
		w.editAccount(account, "Name", step.name)
		w.companyShows(company, "name", step.name)
		w.eventually(func() bool { return w.toldOf(step.name) })
		if got := w.syncs(); got-before != step.runs {
			t.Errorf("after %q: %d runs more, want %d: %+v", step.name, got-before, step.runs, w.runs())
		}
	}
	w.stop()
	w.wantRun("sync", "update companies", 1)
}

// syncs is the number of runs that are syncs.
func (w *World) syncs() (n int) {
	w.T.Helper()
	for _, r := range w.runs() {
		if r.Kind == "sync" {
			n++
		}
	}
	return n
}

// toldOf reports that the journal holds a write of a company's name.
func (w *World) toldOf(name string) (told bool) {
	w.T.Helper()
	w.must(w.Store.View(w.T.Context(), func(tx *store.Tx) error {
		r, _, err := tx.RunLast(w.Conn.ID, "sync")
		if err != nil {
			return err
		}
		entries, err := tx.JournalOfRun(r.ID, 0, 1000)
		for _, en := range entries {
			told = told || bytes.Contains(en.Body, []byte(name))
		}
		return err
	}))
	return told
}
