package cli

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// ours counts the writes of the integration in both ledgers.
func (r *rig) ours() (n int) {
	for _, e := range r.sims.org.Ledger() {
		if e.Client != "" {
			n++
		}
	}
	for _, e := range r.sims.portal.Ledger() {
		if e.Source == "INTEGRATION" {
			n++
		}
	}
	return n
}

// quiet fails the test where the integration writes within two seconds, several
// times as long as an edit takes to reach the other side.
func (r *rig) quiet(since int) {
	r.t.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for end := time.Now().Add(2 * time.Second); time.Now().Before(end); <-look.C {
		if n := r.ours() - since; n != 0 {
			r.t.Fatalf("%d writes after the stop", n)
		}
	}
}

func (r *rig) renameOne(l linkRow, name string) {
	r.t.Helper()
	if err := r.sims.org.As("admin").Update("Account", l.Salesforce, map[string]any{"Name": name}); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) companyIs(l linkRow, name string) func() bool {
	return func() bool {
		got, _ := r.sims.portal.As("").Get("companies", l.HubSpot)
		return got["name"] == name
	}
}

func TestINST10_INST11_AStopHoldsTheDaemon(t *testing.T) {
	t.Parallel()
	for _, verb := range [][]string{{"pause"}, {"disconnect", "--yes"}} {
		t.Run(verb[0], func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.must(0, "import", "company")
			l := r.someLink()
			r.serve()
			r.renameOne(l, "Before the stop")
			eventually(t, "an edit reaches HubSpot", r.companyIs(l, "Before the stop"))
			r.must(0, verb...)
			since := r.ours()
			r.renameOne(l, "After the stop")
			if err := r.sims.portal.As("").Update("companies", l.HubSpot, map[string]string{"state": "Uri"}); err != nil {
				t.Fatal(err)
			}
			r.quiet(since)
			for _, args := range [][]string{{"import", "company"}, {"resync", "company", "--all"}, {"resync", "company", l.HubSpot}, {"retry", "--all"}, {"sync", "--once"}} {
				if code, _, errs := r.run(args...); code != exitNot || !strings.Contains(errs, "by "+actor()+" at ") || !strings.Contains(errs, "tandem resume") {
					t.Errorf("%v while stopped: exit %d, %s", args, code, errs)
				}
			}
			r.quiet(since)
			for _, run := range lastJSON[statusView](t, r.must(exitNot, "status", "--json")).Runs {
				if run.Kind != "sweep" && run.Kind != "associations" && run.State != "done" { // these two the service queued before
					t.Errorf("a refused verb left %+v", run)
				}
			}
			r.must(0, "resume")
			if verb[0] == "pause" {
				eventually(t, "the edit is caught up", r.companyIs(l, "After the stop"))
			}
		})
	}
}

// slow makes each write to the portal take a while, so that an import lasts.
func (r *rig) slow() {
	r.t.Helper()
	f := hubspotsim.Fault{Do: "delay", Delay: "300ms"}
	f.Match.Path = "/batch/(create|update)"
	if err := r.sims.portal.Break(f); err != nil {
		r.t.Fatal(err)
	}
}

// manyAccounts makes accounts that are surely older than what happens next: clocks are
// compared by whole seconds.
func (r *rig) manyAccounts(n int) {
	r.t.Helper()
	defer r.sims.org.Advance(2 * time.Second)
	for i := range n {
		if _, err := r.sims.org.As("admin").Create("Account", map[string]any{"Name": fmt.Sprintf("Many %04d", i)}); err != nil {
			r.t.Fatal(err)
		}
	}
}

func TestINST10_APauseEndsAnImportOfThisAndOfAnotherProcess(t *testing.T) {
	t.Parallel()
	for _, serving := range []bool{false, true} {
		t.Run(fmt.Sprintf("serving %v", serving), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.manyAccounts(1200)
			r.must(0, "sync", "--once")
			if serving {
				r.serve()
			}
			r.slow()
			type end struct {
				code      int
				out, errs string
			}
			ended := make(chan end, 1)
			go func() {
				code, out, errs := r.run("import", "company")
				ended <- end{code, out, errs}
			}()
			eventually(t, "the import writes", func() bool { return r.companiesMade() > 0 })
			r.must(0, "pause")
			since, made := r.ours(), r.companiesMade()
			r.sims.portal.Mend()
			e := <-ended
			if e.code != exitNot || strings.Contains(e.out, "n step") || !strings.Contains(e.errs, "is paused") || !strings.Contains(e.errs, "tandem cancel ") {
				t.Fatalf("a paused import ends with %d:\n%s%s", e.code, e.out, e.errs)
			}
			r.quiet(since)
			run := regexp.MustCompile(`tandem cancel (\d+)`).FindStringSubmatch(e.errs)[1]
			if out := r.must(0, "cancel", run); !strings.Contains(out, "Run "+run+" is cancelled") {
				t.Errorf("cancel says %s", out)
			}
			r.must(0, "resume")
			r.must(0, "sync", "--once")
			if n := r.companiesMade() - made; n > 0 {
				t.Errorf("%d companies were made after the run was cancelled, %d before", n, made)
			}
			if code, _, errs := r.run("cancel", run); code != exitNot || !strings.Contains(errs, "has ended: cancelled") {
				t.Errorf("cancelled again: %d, %s", code, errs)
			}
		})
	}
}

func TestResumeTellsWhatStillStopsTheConnection(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "sync", "--once")
	s, err := store.Open(context.Background(), r.load().Store, store.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(context.Background(), func(tx *store.Tx) error {
		row, err := tx.Connection("simulated")
		if err != nil {
			return err
		}
		return tx.BrakeSet(row.ID, store.Brake{Kind: string(core.BrakeDeletes), Reason: "many deletes"})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if out := r.must(exitNot, "resume"); !strings.Contains(out, "not running yet") || !strings.Contains(out, "many deletes") || !strings.Contains(out, "--clear-brake deletes") {
		t.Errorf("resume under a brake says %s", out)
	}
	if out := r.must(exitNot, "resume", "--json"); lastJSON[switched](t, out).Still == nil {
		t.Errorf("resume --json under a brake says %s", out)
	}
	if out := r.must(0, "resume", "--clear-brake", "deletes"); !strings.Contains(out, "resumed") {
		t.Errorf("resume says %s", out)
	}
}

func TestAnEditOfTheSettingsFileCountsWhenItIsApplied(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	l := r.someLink()
	r.serve()
	eventually(t, "the daemon is at work", func() bool {
		return len(lastJSON[statusView](t, r.must(0, "status", "--json")).Runs) > 0
	})
	r.edit(func(f *config.File) { f.Connections[0].Paused = true })
	s := lastJSON[statusView](t, r.must(0, "status", "--json"))
	if s.State == "paused" || !strings.Contains(s.Warning, "tandem settings apply") {
		t.Errorf("an edit that does not count yet: %+v", s)
	}
	if out := r.must(0, "status"); !strings.Contains(out, "tandem.yaml was edited and does not count yet") {
		t.Errorf("status says %s", out)
	}
	r.must(0, "settings", "apply")
	since := r.ours()
	r.renameOne(l, "While paused by the file")
	r.quiet(since)
	if s := lastJSON[statusView](t, r.must(exitNot, "status", "--json")); s.State != "paused" || s.Warning != "" {
		t.Errorf("after settings apply: %+v", s)
	}
	r.edit(func(f *config.File) { f.Connections[0].Paused = false })
	r.must(0, "settings", "apply")
	eventually(t, "the edit is caught up", r.companyIs(l, "While paused by the file"))
}

func TestSyncDoesNotClaimToBeInStep(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	l := r.someLink()
	if err := r.sims.org.SetHidden(salesforcesim.Hidden{Hide: []string{l.Salesforce}}); err != nil {
		t.Fatal(err)
	}
	r.must(exitNot, "resync", "company", l.HubSpot)
	if out := r.must(exitNot, "sync", "--once"); !strings.Contains(out, "Not yet in step") || !strings.Contains(out, "1 linked pair could not be read") {
		t.Errorf("with a hidden record sync says %s", out)
	}
	if out := r.must(0, "waiting"); !strings.Contains(out, l.HubSpot) {
		t.Errorf("what waits: %s", out)
	}
	r.edit(func(f *config.File) { f.Connections[0].Companies.Sync = false })
	if out := r.must(0, "sync", "--once"); !strings.Contains(out, "Company sync is off") || strings.Contains(out, "n step") {
		t.Errorf("with the sync off it says %s", out)
	}
}

func TestAnInterruptedRunIsShownAsSuch(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.manyAccounts(600)
	r.slow()
	ctx, cancel := context.WithCancel(context.Background())
	code := make(chan int, 1)
	before := r.ours()
	go func() {
		c, _, _ := r.runIn(ctx, "import", "company")
		code <- c
	}()
	eventually(t, "the import writes", func() bool { return r.ours() > before })
	if s := lastJSON[statusView](t, r.must(0, "status", "--json")); len(s.Runs) != 1 || s.Runs[0].State != "running" {
		t.Errorf("while it runs: %+v", s.Runs)
	}
	cancel()
	if c := <-code; c != exitNot {
		t.Errorf("a stopped import ends with %d", c)
	}
	if s := lastJSON[statusView](t, r.must(0, "status", "--json")); len(s.Runs) != 1 || s.Runs[0].State != "interrupted" {
		t.Errorf("after the stop: %+v", s.Runs)
	}
}

func TestAnImportByTheDaemonIsSummedUpTruly(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	address, _ := r.serve()
	if code, _ := get(t, address+"/healthz"); code != http.StatusOK {
		t.Fatal("the daemon does not answer")
	}
	eventually(t, "the daemon is at work", func() bool {
		_, body := get(t, address+"/status")
		return strings.Contains(body, `"calls_24h":`)
	})
	res := lastJSON[engine.Result](t, r.must(0, "import", "company", "--json"))
	open := 0
	for _, n := range lastJSON[statusView](t, r.must(0, "status", "--json")).Issues {
		open += n
	}
	if open == 0 || int(res.Objects["companies"].Issues) != open || res.Seconds == 0 || res.Calls["salesforce"] == 0 || res.Calls["hubspot"] == 0 {
		t.Errorf("%d issues are open, the import says %+v", open, res)
	}
}

// TestIMP1_AnImportSaysThatItsCountsAreNotFinal while records of it are tried again, here and
// by a daemon.
func TestIMP1_AnImportSaysThatItsCountsAreNotFinal(t *testing.T) {
	for _, how := range []string{"alone", "daemon"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.must(0, "sync", "--once")
			if how == "daemon" {
				r.serve()
			}
			busy := hubspotsim.Fault{Do: "status", Status: http.StatusServiceUnavailable}
			busy.Match.Method, busy.Match.Path = http.MethodPost, "/companies/batch/create"
			if err := r.sims.portal.Break(busy); err != nil {
				t.Fatal(err)
			}
			before := time.Now()
			_, out, errs := r.run("import", "company", "--json")
			if out == "" {
				t.Fatalf("the import says nothing: %s", errs)
			}
			res := lastJSON[bulkResult](t, out)
			if res.Converged || res.Retried == 0 || res.NextTry == nil || res.NextTry.Before(before.Add(-time.Minute)) {
				t.Errorf("the import says %+v", res)
			}
			if _, out, _ := r.run("import", "company"); !strings.Contains(out, "of it are tried again") || !strings.Contains(out, "the counts above are those until then") {
				t.Errorf("the import says\n%s", out)
			}
		})
	}
}
