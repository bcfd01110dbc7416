package cli

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"tandem/internal/engine"
)

// tandem runs tells what each run wrote, and a run's records to a file.
func TestLIM29_RunsTellWhatWasWritten(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	v := lastJSON[engine.RunView](t, r.must(0, "runs", "--json", "--limit", "50"))
	if v.Kind == "" || v.Run == 0 {
		t.Fatalf("the last line of the runs is %+v", v)
	}
	text := r.must(0, "runs")
	if !strings.Contains(text, "import of companies") || !strings.Contains(text, "create companies: ") {
		t.Errorf("the runs do not tell of the import:\n%s", text)
	}
	list := filepath.Join(r.dir, "run.csv")
	number := strings.Fields(text[strings.Index(text, "\n")+1:])[0]
	r.must(0, "runs", number, "--export", list)
	if rows, err := os.ReadFile(list); err != nil || strings.Count(string(rows), "\n") < 2 {
		t.Errorf("the list of run %s: %v\n%s", number, err, rows)
	}
	r.must(exitUsage, "runs", number)
	r.must(exitUsage, "runs", "first", "--export", list)
	if code, _, errs := r.run("runs", "999", "--export", list); code == 0 || !strings.Contains(errs, "no run 999") {
		t.Errorf("a run that is not there: %d %s", code, errs)
	}
}

// TestI13_ARunCountsTheKeysThatItsPlanForetold: records to which nothing was written but the id
// of their new partner are in both, by one word.
func TestI13_ARunCountsTheKeysThatItsPlanForetold(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := lastJSON[planned](t, r.must(0, "plan", "company", "--json"))
	if len(p.Keyed) != 2 {
		t.Fatalf("the plan foretells keys for %v, want both sides", p.Keyed)
	}
	r.must(0, "apply", strconv.FormatInt(p.Plan, 10))
	v := lastJSON[engine.RunView](t, r.must(0, "runs", "--json", "--limit", "1"))
	if !maps.Equal(v.Keyed, p.Keyed) {
		t.Errorf("the run counts %v, its plan foretold %v", v.Keyed, p.Keyed)
	}
	if said := r.must(0, "runs"); !strings.Contains(said, fmt.Sprintf("partner's id alone in HubSpot: %d", p.Keyed["hubspot"])) {
		t.Errorf("runs says:\n%s", said)
	}
}
