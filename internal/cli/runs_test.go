package cli

import (
	"os"
	"path/filepath"
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
	if !strings.Contains(text, "import company") || !strings.Contains(text, "create companies: ") {
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
