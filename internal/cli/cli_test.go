package cli

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/internal/engine"
)

// someAccount is the Salesforce id of a synced account.
func (r *rig) someLink() linkRow {
	r.t.Helper()
	return r.links(1)[0]
}

// links are the first n links.
func (r *rig) links(n int) (out []linkRow) {
	r.t.Helper()
	text := r.must(0, "links", "list", "--json", "--limit", strconv.Itoa(n))
	for line := range strings.Lines(text) {
		out = append(out, lastJSON[linkRow](r.t, line))
	}
	if len(out) == 0 {
		r.t.Fatal("there are no links")
	}
	return out
}

func TestFirstSyncFromWrittenSettings(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	state := lastJSON[struct {
		State    string    `json:"state"`
		Findings []finding `json:"findings"`
	}](t, r.must(0, "check", "--json"))
	if state.State == red || len(state.Findings) < 10 {
		t.Fatalf("check of a prepared connection: %+v", state)
	}
	res := lastJSON[engine.Result](t, r.must(0, "import", "company", "--json"))
	if !res.Converged || res.Objects["companies"].Created == 0 {
		t.Fatalf("import ended with %+v", res)
	}
	again := lastJSON[engine.Result](t, r.must(0, "import", "company", "--json"))
	if n := again.Objects["companies"]; n.Created != 0 || n.Updated != 0 {
		t.Errorf("a second import wrote %+v", n)
	}
	r.checkSyncLine()
	l := r.someLink()
	for _, id := range []string{l.Salesforce, l.Salesforce[:15], l.HubSpot} {
		x := lastJSON[engine.Explanation](t, r.must(0, "explain", "company", id, "--json"))
		if x.Link == nil || x.Link.HubSpot != l.HubSpot || len(x.Rules) == 0 || len(x.Fields) == 0 {
			t.Errorf("explain %s: %+v", id, x)
		}
	}
	if x := lastJSON[engine.Explanation](t, r.must(exitNot, "explain", "company", "1", "--json")); x.Verdict != engine.NotFound {
		t.Errorf("an unknown record is %q", x.Verdict)
	}
	if out := r.must(0, "history", "company", l.HubSpot); !strings.Contains(out, "create in") {
		t.Errorf("history does not show the creation:\n%s", out)
	}
	if out := r.must(0, "explain", "company", l.HubSpot); !strings.Contains(out, "last agreed") {
		t.Errorf("explain shows no fields:\n%s", out)
	}
}

// checkSyncLine looks at the fixed names of the line that ends a sync.
func (r *rig) checkSyncLine() {
	r.t.Helper()
	line := lastJSON[map[string]json.RawMessage](r.t, r.must(0, "sync", "--once", "--json"))
	for _, k := range []string{"converged", "objects", "api_calls", "seconds"} {
		if line[k] == nil {
			r.t.Errorf("the line of sync --once has no %s", k)
		}
	}
	var objects map[string]map[string]int
	var calls map[string]int
	if json.Unmarshal(line["objects"], &objects) != nil || json.Unmarshal(line["api_calls"], &calls) != nil {
		r.t.Fatalf("objects %s, api_calls %s", line["objects"], line["api_calls"])
	}
	if got := slices.Sorted(maps.Keys(objects["companies"])); !slices.Equal(got, []string{"created", "issues", "linked", "updated"}) {
		r.t.Errorf("counts of companies are %v", got)
	}
	if got := slices.Sorted(maps.Keys(calls)); !slices.Equal(got, []string{"hubspot", "salesforce"}) {
		r.t.Errorf("calls are %v", got)
	}
}

func TestAnEditReachesTheOtherSide(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	l := r.someLink()
	if err := r.sims.org.As("admin").Update("Account", l.Salesforce, map[string]any{"Name": "Edited by a person"}); err != nil {
		t.Fatal(err)
	}
	r.must(0, "sync", "--once")
	if got, _ := r.sims.portal.As("").Get("companies", l.HubSpot); got["name"] != "Edited by a person" {
		t.Errorf("HubSpot has %q", got["name"])
	}
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, tt := range []struct {
		name string
		args []string
		want int
		says string
	}{
		{"unknown verb", []string{"frobnicate"}, exitUsage, "unknown command"},
		{"unknown flag", []string{"check", "--frob"}, exitUsage, "unknown flag"},
		{"missing argument", []string{"explain", "company"}, exitUsage, "this is used as: tandem explain"},
		{"unknown object", []string{"explain", "spaceship", "1"}, exitUsage, "company, contact, lead, deal, ticket, product, line_item and activity"},
		{"sync without once", []string{"sync"}, exitUsage, "tandem serve"},
		{"unknown connection", []string{"check", "--connection", "nobody"}, exitUsage, "nobody"},
		{"unknown side", []string{"import", "company", "--from", "excel"}, exitUsage, "salesforce, hubspot or both"},
		{"unknown category", []string{"retry", "--category", "weather"}, exitUsage, "weather"},
		{"nothing stored yet", []string{"issues"}, exitNot, "tandem import company"},
		{"no such plan", []string{"apply", "99", "--yes"}, exitNot, "no plan 99"},
		{"disconnect without a yes", []string{"disconnect"}, exitNot, "nothing was disconnected"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, _, errs := r.run(tt.args...)
			if code != tt.want || !strings.Contains(errs, tt.says) || !strings.HasPrefix(errs, "tandem: ") {
				t.Errorf("exit %d, want %d, saying %q:\n%s", code, tt.want, tt.says, errs)
			}
			code, _, errs = r.run(append(tt.args, "--json")...)
			e := lastJSON[map[string]map[string]string](t, errs)["error"]
			if code != tt.want || e["code"] == "" || e["message"] == "" {
				t.Errorf("with --json: exit %d, %s", code, errs)
			}
		})
	}
}

func TestSettingsMistakesEndWithUsage(t *testing.T) {
	t.Parallel()
	r := &rig{t: t, dir: t.TempDir()}
	r.file = filepath.Join(r.dir, "tandem.yaml")
	if code, _, errs := r.run("check"); code != exitUsage || !strings.Contains(errs, "tandem init") {
		t.Errorf("without a file: exit %d, %s", code, errs)
	}
	if err := os.WriteFile(r.file, []byte("store: sqlite://x.db\nconections: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := r.run("check"); code != exitUsage || !strings.Contains(errs, "tandem.yaml: line 2: conections: there is no such key; did you mean connections") {
		t.Errorf("with an unknown key: exit %d, %s", code, errs)
	}
}

func TestUnreachableAndWrongCredentials(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	before := len(r.sims.org.Ledger()) + len(r.sims.portal.Ledger())
	r.edit(func(f *config.File) { f.Connections[0].HubSpot.Auth.StaticToken = "pat-na1-wrong-token" })
	code, _, errs := r.run("sync", "--once")
	if code != exitUnreachable || !strings.Contains(errs, "HubSpot") || strings.Contains(errs, "pat-na1-wrong-token") {
		t.Errorf("wrong token: exit %d, %s", code, errs)
	}
	if code, out, _ := r.run("check", "--json"); code != exitNot || lastJSON[map[string]any](t, out)["state"] != red {
		t.Errorf("check with a wrong token: exit %d, %s", code, out)
	}
	r.edit(func(f *config.File) { f.Connections[0].HubSpot.BaseURL = "http://127.0.0.1:1" })
	if code, _, errs := r.run("sync", "--once"); code != exitUnreachable {
		t.Errorf("nobody listens: exit %d, %s", code, errs)
	}
	if code, out, _ := r.run("check", "--json"); code != exitUnreachable || lastJSON[map[string]any](t, out)["state"] != red {
		t.Errorf("check when nobody listens: exit %d, %s", code, out)
	}
	if after := len(r.sims.org.Ledger()) + len(r.sims.portal.Ledger()); after != before {
		t.Errorf("%d writes were made without credentials", after-before)
	}
}

func TestINST6_AnotherPortalIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "sync", "--once")
	r.edit(func(f *config.File) { f.Connections[0].HubSpot.PortalID = "999" })
	if code, _, errs := r.run("sync", "--once"); code != exitNot || !strings.Contains(errs, "pinned to 999") {
		t.Errorf("exit %d, %s", code, errs)
	}
	if code, out, _ := r.run("check", "--json"); code != exitNot || !strings.Contains(out, "INST-6") {
		t.Errorf("check: exit %d, %s", code, out)
	}
}

func TestINST7_ASecondConnectionOfTheSameTwoIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "sync", "--once")
	older := r.load().Connections[0].Name
	r.edit(func(f *config.File) { f.Connections[0].Name = "second" })
	if code, _, errs := r.run("sync", "--once"); code != exitNot || !strings.Contains(errs, "connection "+older+" keeps org") {
		t.Errorf("exit %d, %s", code, errs)
	}
	if code, out, _ := r.run("check", "--json"); code != exitNot || !strings.Contains(out, "connection "+older+" keeps this org") {
		t.Errorf("check: exit %d, %s", code, out)
	}
}

func TestINST3_CheckNamesEachMissingRight(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.edit(func(f *config.File) {
		f.Connections[0].Mappings["company"] = append(f.Connections[0].Mappings["company"], config.Mapping{HubSpot: "twitterhandle", Salesforce: "Twitter__c"})
	})
	code, out, _ := r.run("check")
	if code != exitNot || !strings.Contains(out, "Account.Twitter__c") || !strings.Contains(out, "LIM-24") {
		t.Errorf("exit %d\n%s", code, out)
	}
}

func TestPauseStopsAndResumeGoesOn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "sync", "--once")
	r.must(0, "pause")
	if code, _, errs := r.run("sync", "--once"); code != exitNot || !strings.Contains(errs, "paused (INST-10)") {
		t.Errorf("sync while paused: exit %d, %s", code, errs)
	}
	if out := r.must(exitNot, "status", "--json"); lastJSON[statusView](t, out).State != "paused" {
		t.Errorf("status while paused: %s", out)
	}
	r.must(0, "resume")
	r.must(0, "sync", "--once")
	r.must(0, "disconnect", "--yes")
	if out := r.must(0, "connections", "--json"); lastJSON[connectionRow](t, out).State != "disconnected" {
		t.Errorf("connections after disconnect: %s", out)
	}
	if out := r.must(0, "settings", "export"); !strings.Contains(out, "mappings:") {
		t.Errorf("LIM-32: settings did not survive:\n%s", out)
	}
	r.must(0, "resume")
	r.must(0, "sync", "--once")
}

func TestLinksByHand(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	l := r.someLink()
	r.must(0, "links", "unlink", "company", l.Salesforce)
	if out := r.must(0, "links", "list", "company", "--state", "closed"); !strings.Contains(out, l.HubSpot) {
		t.Errorf("the closed link is not listed:\n%s", out)
	}
	r.must(0, "links", "link", "company", l.Salesforce, l.HubSpot)
	if out := r.must(0, "links", "list", "--limit", "0"); !strings.Contains(out, l.HubSpot) {
		t.Errorf("the new link is not listed:\n%s", out)
	}
	if code, _, errs := r.run("links", "link", "company", l.Salesforce, l.HubSpot); code != exitNot || !strings.Contains(errs, "linked already") {
		t.Errorf("linking twice: exit %d, %s", code, errs)
	}
}

func TestACC10_ResyncCreatesOnAPersonsWord(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "sync", "--once")
	id, err := r.sims.portal.As("").Create("companies", map[string]string{"name": "Lonely Company", "domain": "lonely.example"})
	if err != nil {
		t.Fatal(err)
	}
	r.must(0, "sync", "--once")
	before := lastJSON[engine.Explanation](t, r.must(0, "explain", "company", id, "--json"))
	if before.Link != nil {
		t.Fatalf("a company without people got an account by itself: %+v", before)
	}
	after := lastJSON[engine.Explanation](t, r.must(0, "resync", "company", id, "--json"))
	if after.Link == nil || after.Verdict != engine.InSync {
		t.Errorf("after the resync: %+v", after)
	}
}

func TestBulkResyncTellsEveryRecord(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	list := filepath.Join(r.dir, "list.csv")
	r.must(0, "resync", "company", "--all", "--export", list, "--json")
	text, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	links := strings.Count(r.must(0, "links", "list", "--json", "--limit", "0"), "\n")
	if n := strings.Count(string(text), ",done,") + strings.Count(string(text), ",failed,") + strings.Count(string(text), ",field issue,"); n < links {
		t.Errorf("%d links, but %d records in the list:\n%s", links, n, text)
	}
	if strings.Contains(string(text), engine.RunRecordPending) {
		t.Errorf("records are pending after the end:\n%s", text)
	}
	r.must(0, "backfill", "company", "--to", "hubspot")
}

func TestVersionAndHelp(t *testing.T) {
	t.Parallel()
	r := &rig{t: t, file: filepath.Join(t.TempDir(), "none.yaml")}
	if v := lastJSON[map[string]string](t, r.must(0, "version", "--json")); v["version"] == "" || v["go"] == "" {
		t.Errorf("version is %v", v)
	}
	a := &app{}
	for _, c := range a.root().Commands() {
		if c.Name() != "help" && c.Name() != "completion" && c.Example == "" {
			t.Errorf("help of %s has no example", c.Name())
		}
	}
}

// get fetches a page of the daemon.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var b strings.Builder
	_ = res.Write(&b)
	return res.StatusCode, b.String()
}

// TestLIM20_AnImportBeforeTheFirstSyncIsTheYes runs the import before anything else
// reached the sides: who imports has decided, and nothing is planned over it.
func TestLIM20_AnImportBeforeTheFirstSyncIsTheYes(t *testing.T) {
	r := newRig(t)
	res := lastJSON[engine.Result](t, r.must(0, "import", "company", "--from", "salesforce", "--json"))
	if res.Objects["companies"].Created == 0 || res.First != nil {
		t.Errorf("after the import %+v an import is offered: %+v", res.Objects, res.First)
	}
}
