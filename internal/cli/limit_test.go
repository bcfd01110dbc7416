package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestALimitIsANumberOfLines of every list, and 0 stands for all.
func TestALimitIsANumberOfLines(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	l := r.someLink()
	for _, list := range [][]string{{"history", "company", l.Salesforce}, {"conflicts"}, {"runs"}, {"issues"}, {"waiting"}, {"links", "list"}, {"links", "review"}} {
		for _, bad := range []string{"-1", "many", "9999999999999"} {
			if code, _, errs := r.run(append(list, "--limit", bad)...); code != exitUsage || !strings.Contains(errs, "0 for all") {
				t.Errorf("%v --limit %s: exit %d, %s", list, bad, code, errs)
			}
		}
		all, some := r.must(0, append(list, "--limit", "0")...), r.must(0, append(list, "--limit", "1")...)
		if len(all) < len(some) {
			t.Errorf("%v --limit 0 shows less than one line:\n%s", list, all)
		}
	}
}

// TestAWholeSettingsFileIsNotApplied, and whoever gives one is told what to give.
func TestAWholeSettingsFileIsNotApplied(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	text, err := os.ReadFile(r.file)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "mine.yaml")
	if err := os.WriteFile(other, text, 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, errs := r.run("settings", "apply", other)
	if code != exitUsage || !strings.Contains(errs, "this is a whole settings file") || !strings.Contains(errs, "tandem settings export") {
		t.Errorf("exit %d, %s", code, errs)
	}
}
