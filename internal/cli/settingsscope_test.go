package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/console"
)

// TestLIM8_ApplyTellsOfFiltersOfActivities: of a type's filter too, with the names of those
// that leave, and of tasks only those that become that type.
func TestLIM8_ApplyTellsOfFiltersOfActivities(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.edit(func(f *config.File) { f.Connections[0].Activities.Tasks.FromSalesforce = true })
	r.must(0, "init", "--fields", "--yes")
	r.must(0, "sync", "--once")
	r.person("Task", map[string]any{"Subject": "Plain one", "Status": "Not Started", "Priority": "Normal"})
	r.person("Task", map[string]any{"Subject": "A call", "Status": "Completed", "Priority": "Normal", "TaskSubtype": "Call"})
	narrowed := r.load().Connections[0]
	narrowed.Activities.Tasks.Filter.FromSalesforce = `Subject == "nobody says that"`
	text, err := config.Export(narrowed)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(r.dir, "narrow.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	res := lastJSON[console.Applied](t, r.must(0, "settings", "apply", file, "--dry-run", "--json"))
	tasks, err := r.sims.org.As("admin").Query("SELECT Subject FROM Task WHERE TaskSubtype = 'Task' ORDER BY Id")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(tasks); len(res.Scope) != 1 || res.Scope[0].Now != n || res.Scope[0].Leave != n || res.Scope[0].Leaving[0].Name != tasks[0]["Subject"] {
		t.Fatalf("of %d tasks: %+v", n, res.Scope)
	}
	contains(t, r.must(0, "settings", "apply", file, "--dry-run"), "filters or inclusion lists changed", "Task (tasks) from salesforce", tasks[0]["Subject"].(string))
}

// answered executes a command line on a terminal where somebody answers.
func (r *rig) answered(in string, args ...string) (string, error) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	var out bytes.Buffer
	a := &app{Streams: Streams{In: strings.NewReader(in), Out: &out, Err: &out}, now: time.Now, env: os.LookupEnv, printed: newScreen(&out, &out), interactive: true}
	root := a.root()
	root.SetArgs(append(args, "--config", r.file))
	err := root.ExecuteContext(ctx)
	return out.String(), err
}

// TestINC5_LIM11_ApplyTellsWhatItAdmitsAndDrops before it is saved: with --dry-run, and on
// a terminal before the yes.
func TestINC5_LIM11_ApplyTellsWhatItAdmitsAndDrops(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "sync", "--once")
	total := r.sims.portal.Stats().Records["companies"]
	narrowed := r.load().Connections[0]
	narrowed.Companies.Filter.FromHubSpot = `name == "nobody is called that"`
	text, err := config.Export(narrowed)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(r.dir, "narrow.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	res := lastJSON[console.Applied](t, r.must(0, "settings", "apply", file, "--dry-run", "--json"))
	if !res.DryRun || !res.Changed || res.Version != 1 || len(res.Scope) != 1 {
		t.Fatalf("dry run: %+v", res)
	}
	if s := res.Scope[0]; s.Side != "hubspot" || s.Now != total || s.Then != 0 || s.Leave != total || len(s.Leaving) != min(total, 5) || s.Leaving[0].Name == "" {
		t.Errorf("of %d companies: %+v", total, s)
	}
	if res.Calls["hubspot"] == 0 {
		t.Error("it does not say what looking took")
	}
	said := r.must(0, "settings", "apply", file, "--dry-run")
	for _, want := range []string{"Nothing was applied; version 1 counts", "companies from hubspot", "companies that leave: ", "Nothing is deleted"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is missing in:\n%s", want, said)
		}
	}
	out, err := r.answered("n\n", "settings", "apply", file)
	if err == nil || !strings.Contains(out, "companies that leave: ") || !strings.Contains(out, "Apply these settings?") {
		t.Errorf("no was answered: %v\n%s", err, out)
	}
	if again := lastJSON[console.Applied](t, r.must(0, "settings", "apply", file, "--dry-run", "--json")); again.Version != 1 {
		t.Errorf("after a no version %d counts", again.Version)
	}
	if out, err := r.answered("y\n", "settings", "apply", file); err != nil || !strings.Contains(out, "Version 2 counts now") {
		t.Errorf("yes was answered: %v\n%s", err, out)
	}
}
