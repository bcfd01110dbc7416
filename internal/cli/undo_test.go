package cli

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"tandem/internal/engine"
)

// An undo is planned first, done, told, and listed as a run that can be undone.
func TestLIM16_UndoIsPlannedDoneAndTold(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	r.rename(1)
	r.must(0, "sync", "--once")
	run := r.newest()
	number := strconv.FormatInt(run.Run, 10)
	if run.Kind != "sync" || run.Wrote["update companies"] != 1 {
		t.Fatalf("the newest run is %+v", run)
	}
	plan := lastJSON[engine.UndoView](t, r.must(0, "undo", number, "--plan", "--json"))
	if plan.Fields != 1 || plan.PutBack["update companies"] != 1 || r.newest().Run != run.Run {
		t.Errorf("the plan is %+v", plan)
	}
	if text := r.must(0, "undo", number, "--plan"); !strings.Contains(text, "nothing was written") || !strings.Contains(text, "update companies: 1") {
		t.Errorf("the plan tells:\n%s", text)
	}
	list := filepath.Join(r.dir, "undo.csv")
	done := lastJSON[undoEnd](t, r.must(0, "undo", number, "--json", "--export", list))
	if done.UndoView == nil || done.Fields != 1 || done.Undoes != run.Run || !done.Converged {
		t.Errorf("the end is %+v", done)
	}
	if rows, err := os.ReadFile(list); err != nil || !strings.Contains(string(rows), ",done,") {
		t.Errorf("the list: %v\n%s", err, rows)
	}
	if now := r.newest(); now.Kind != "undo" || now.Of.Run != run.Run || now.Run != done.Run {
		t.Errorf("the newest run is %+v", now)
	}
	if text := r.must(0, "undo", strconv.FormatInt(r.importRun(), 10), "--plan"); !strings.Contains(text, "created") {
		t.Errorf("the plan of the import's undo tells:\n%s", text)
	}
	l := r.links(1)[0]
	r.must(0, "undo", strconv.FormatInt(r.importRun(), 10), "--unlink", "--yes")
	contains(t, r.must(0, "explain", "company", l.HubSpot), "closed by a person (tandem undo)")
	if _, _, errs := r.run("undo", number, "--plan", "--export", list); !strings.Contains(errs, "--export and --plan cannot be given together") {
		t.Errorf("a plan with a list: %s", errs)
	}
	r.must(exitUsage, "undo", "first")
	if code, _, errs := r.run("undo", "999"); code == 0 || !strings.Contains(errs, "no run 999") {
		t.Errorf("a run that is not there: %d %s", code, errs)
	}
}

// newest is the newest run.
func (r *rig) newest() engine.RunView {
	r.t.Helper()
	return lastJSON[engine.RunView](r.t, r.must(0, "runs", "--json", "--limit", "1"))
}

// importRun is the number of the import.
func (r *rig) importRun() int64 {
	r.t.Helper()
	for _, line := range strings.Split(strings.TrimSpace(r.must(0, "runs", "--json")), "\n") {
		if v := lastJSON[engine.RunView](r.t, line); v.Kind == "import" {
			return v.Run
		}
	}
	r.t.Fatal("there is no import")
	return 0
}
