package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/internal/console"
	"tandem/internal/engine"
)

// apply applies a settings text and gives what it said.
func (r *rig) apply(want int, text string) (console.Applied, string) {
	r.t.Helper()
	file := filepath.Join(r.dir, "apply.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	code, out, errs := r.run("settings", "apply", file, "--json")
	if code != want {
		r.t.Fatalf("settings apply: exit %d, want %d: %s", code, want, errs)
	}
	if code != 0 {
		return console.Applied{}, errs
	}
	return lastJSON[console.Applied](r.t, out), ""
}

func TestSettingsExportAppliesWithoutChange(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	text := r.must(0, "settings", "export") // before there is a store
	if res, _ := r.apply(0, text); res.Changed || res.Version != 1 {
		t.Errorf("applying what was exported: %+v", res)
	}
	if again := r.must(0, "settings", "export"); again != text {
		t.Errorf("exported again it differs:\n%s\n%s", text, again)
	}
	for _, s := range []string{"static_token", "client_secret", "login_url"} {
		if strings.Contains(text, s) {
			t.Errorf("the export holds %s", s)
		}
	}
}

func TestSET7_CompanySyncIsSwitchedByApply(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.edit(func(f *config.File) { f.Connections[0].Companies.Sync = false })
	if code, _, errs := r.run("import", "company"); code != exitNot || !strings.Contains(errs, "ACC-2") {
		t.Errorf("import while sync is off: exit %d, %s", code, errs)
	}
	r.must(0, "sync", "--once")
	if n := len(r.sims.portal.Stats().ByClient); n == 0 {
		t.Fatal("the portal was not reached at all")
	}
	companies := r.sims.portal.Stats().Records["companies"]
	text := r.must(0, "settings", "export")
	res, _ := r.apply(0, strings.Replace(text, "sync: false", "sync: true", 1))
	if !res.Changed || res.Version != 2 || !strings.Contains(strings.Join(res.Meaning, " "), "ACC-4") {
		t.Errorf("switching on: %+v", res)
	}
	r.must(0, "sync", "--once")
	if n := r.sims.portal.Stats().Records["companies"]; n != companies {
		t.Errorf("ACC-4: existing accounts made %d companies without an import", n-companies)
	}
	r.must(0, "import", "company")
	if n := r.sims.portal.Stats().Records["companies"]; n <= companies {
		t.Error("the import made no company")
	}
	if out := r.must(0, "settings", "list"); !strings.Contains(out, byFile) || strings.Count(out, "\n") < 3 {
		t.Errorf("versions:\n%s", out)
	}
	if out := r.must(0, "settings", "show", "1"); !strings.Contains(out, "sync: false") {
		t.Errorf("version 1:\n%s", out)
	}
	if code, _, _ := r.run("settings", "show", "77"); code != exitNot {
		t.Errorf("an unknown version ends with %d", code)
	}
}

func TestSET10_MappingsAreEditedOnlyWhileSyncIsOn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.edit(func(f *config.File) { f.Connections[0].Companies.Sync = false })
	text := r.must(0, "settings", "export")
	edited := strings.Replace(text, "rule: prefer_salesforce", "rule: two_way", 1)
	if _, errs := r.apply(exitUsage, edited); !strings.Contains(errs, "SET-10") || !strings.Contains(errs, "apply.yaml: line ") || !strings.Contains(errs, "set companies.sync: true") {
		t.Errorf("edited while off: %s", errs)
	}
	if got := r.must(0, "settings", "export"); got != text {
		t.Errorf("a refused file changed the settings:\n%s", got)
	}
	res, _ := r.apply(0, strings.Replace(edited, "sync: false", "sync: true", 1))
	if !strings.Contains(strings.Join(res.Meaning, " "), "backfill") {
		t.Errorf("LIM-3: no back-fill is offered: %+v", res)
	}
}

// The first settings may hold mappings while sync is off, as init writes them. From
// then on an edit of the file is refused by every verb that acts on it.
func TestSET10_EditsOfTheFileAreRefusedToo(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.edit(func(f *config.File) { f.Connections[0].Companies.Sync = false })
	r.must(0, "sync", "--once")
	before, err := os.ReadFile(r.file)
	if err != nil {
		t.Fatal(err)
	}
	r.edit(func(f *config.File) { f.Connections[0].Mappings["company"][0].Rule = "none" })
	writes := len(r.sims.portal.Ledger())
	for _, verb := range [][]string{{"sync", "--once"}, {"serve"}, {"plan", "company"}, {"status"}, {"check"}} {
		code, _, errs := r.run(verb...)
		if code != exitUsage || !strings.Contains(errs, "tandem.yaml: line ") || !strings.Contains(errs, "mappings.company[0]") || !strings.Contains(errs, "SET-10") {
			t.Errorf("%v: exit %d, %s", verb, code, errs)
		}
	}
	if len(r.sims.portal.Ledger()) != writes {
		t.Error("something was written")
	}
	r.edit(func(f *config.File) { f.Connections[0].Companies.Sync = true })
	r.must(0, "sync", "--once")
	r.edit(func(f *config.File) { f.Connections[0].Mappings["company"][0].Rule = "two_way" })
	r.must(0, "sync", "--once")
	if err := os.WriteFile(r.file, before, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := r.run("sync", "--once"); code != exitUsage || !strings.Contains(errs, "SET-10") {
		t.Errorf("switched off with other mappings: exit %d, %s", code, errs)
	}
}

func TestSettingsApplyRefusesMistakesWhole(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	before := r.must(0, "settings", "export")
	for text, want := range map[string]string{
		"companies:\n  sync: true\n  mtach: [id]\n":     "line 3",
		"hubspot: {portal_id: \"1\"}\n":                 "credentials stay",
		"companies: {sync: true, match: [astrology]}\n": "astrology",
	} {
		if _, errs := r.apply(exitUsage, text); !strings.Contains(errs, want) {
			t.Errorf("%q: %s, want %q", text, errs, want)
		}
	}
	if after := r.must(0, "settings", "export"); after != before {
		t.Error("a refused file changed the settings")
	}
}

// Settings that were made from a version that is not the newest any more are refused, and
// so is their dry run: they would undo what somebody else has applied since.
func TestSettingsOfAnOldBaseAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "sync", "--once")
	text := r.must(0, "settings", "export")
	theirs, mine := filepath.Join(r.dir, "theirs.yaml"), filepath.Join(r.dir, "mine.yaml")
	for file, edited := range map[string]string{theirs: strings.Replace(text, "every: 30m", "every: 45m", 1), mine: strings.Replace(text, "stop_at_share: 0.75", "stop_at_share: 0.5", 1)} {
		if err := os.WriteFile(file, []byte(edited), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.must(0, "settings", "apply", theirs, "--base", "1")
	for _, more := range [][]string{{"--dry-run"}, {"--yes"}} {
		code, _, errs := r.run(append([]string{"settings", "apply", mine, "--base", "1", "--json"}, more...)...)
		if code != exitNot || !strings.Contains(errs, `"code":"settings_changed"`) || !strings.Contains(errs, "version 2 of the settings counts") || !strings.Contains(errs, "tandem settings diff 1") {
			t.Errorf("%v: exit %d, %s", more, code, errs)
		}
	}
	if now := r.must(0, "settings", "export"); !strings.Contains(now, "every: 45m") || strings.Contains(now, "stop_at_share: 0.5") {
		t.Errorf("what counts is not what was applied first:\n%s", now)
	}
	r.must(0, "settings", "apply", mine, "--base", "2")
}

// Applied settings count until the file is edited; then the file counts.
func TestTheLaterChangeCounts(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	text := r.must(0, "settings", "export")
	r.apply(0, strings.Replace(text, "every: 30m", "every: 45m", 1))
	r.must(0, "sync", "--once")
	if out := r.must(0, "settings", "export"); !strings.Contains(out, "every: 45m") {
		t.Fatalf("the applied version does not count:\n%s", out)
	}
	r.edit(func(f *config.File) { f.Connections[0].Retry.StopAtShare = 0.5 })
	r.must(0, "sync", "--once")
	if out := r.must(0, "settings", "export"); !strings.Contains(out, "every: 30m") || !strings.Contains(out, "stop_at_share: 0.5") {
		t.Errorf("the edited file does not count:\n%s", out)
	}
}

func TestPlanIsAppliedExactly(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	file := filepath.Join(r.dir, "plan.json")
	writes := func() int { return len(r.sims.org.Ledger()) + len(r.sims.portal.Ledger()) }
	before := writes()
	p := lastJSON[planned](t, r.must(0, "plan", "company", "--out", file, "--json"))
	if writes() != before {
		t.Fatal("a plan wrote")
	}
	if p.Counts["create companies"] == 0 || p.Calls["hubspot"] == 0 {
		t.Errorf("plan says %+v", p)
	}
	if out := r.must(0, "plan", "company"); !strings.Contains(out, "create companies") || !strings.Contains(out, "Nothing was written") {
		t.Errorf("plan for people:\n%s", out)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	forged := filepath.Join(r.dir, "forged.json")
	if err := os.WriteFile(forged, []byte(strings.Replace(string(text), `"name":"`, `"name":"forged `, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := r.run("apply", forged); code != exitNot || writes() != before {
		t.Errorf("a forged plan: exit %d, %s", code, errs)
	}
	res := lastJSON[engine.Applied](t, r.must(0, "apply", file, "--json"))
	if res.Applied == 0 || res.Failed != 0 {
		t.Errorf("apply says %+v", res)
	}
	if again := lastJSON[engine.Applied](t, r.must(0, "apply", file, "--json")); again.Applied != 0 {
		t.Errorf("applied twice: %+v", again)
	}
}

// TestINC4_SettingsThatDoNotFitTheSidesAreRefused names a list and a property that
// HubSpot does not have: nothing may come to count that keeps the sync from running.
func TestINC4_SettingsThatDoNotFitTheSidesAreRefused(t *testing.T) {
	for name, row := range map[string]struct {
		edit func(*config.Connection)
		says string
	}{
		"list":       {func(c *config.Connection) { c.Contacts.InclusionList = "Nope" }, "HubSpot has no list"},
		"expression": {func(c *config.Connection) { c.Companies.CreateAccount = "cityy == 'Rome'" }, "companies.create_account does not fit"},
		"filter":     {func(c *config.Connection) { c.Companies.Filter.FromSalesforce = "BillingCityy == 'Rome'" }, "companies.filter.from_salesforce does not fit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.must(0, "sync", "--once")
			next := r.load().Connections[0]
			row.edit(&next)
			text, err := config.Export(next)
			if err != nil {
				t.Fatal(err)
			}
			if _, errs := r.apply(exitNot, string(text)); !strings.Contains(errs, row.says) {
				t.Errorf("apply: %s", errs)
			}
			r.must(0, "sync", "--once") // by the settings that counted before
		})
	}
}

// TestCheckIsRedForWhatKeepsTheSyncFromStarting does the same before any settings
// are stored.
func TestCheckIsRedForWhatKeepsTheSyncFromStarting(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.edit(func(f *config.File) { f.Connections[0].Contacts.InclusionList = "Nope" })
	if code, out, _ := r.run("check"); code == exitDone || !strings.Contains(out, `HubSpot has no list "Nope"`) {
		t.Errorf("exit %d, %s", code, out)
	}
}
