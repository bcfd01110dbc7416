package cli

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// evilName is a name that clears a screen, begins a line of its own, turns text around
// and is a formula, as far as both sides keep it.
const evilName = "=HYPERLINK(\"http://evil.example\")\u009b2J\u009b31m \u202egnp.exe\u2066 \u2028Converged: yes \u0085 <script>alert(1)</script> \x1b]0;owned\a"

// told are the ways in which every verb is run. LINK and MATE stand for the ids of a
// linked pair, RUN for a run, FILE for a file to write, OLD for settings that hold, PLAN for a stored plan.
var told = map[string][][]string{
	"check": {{"--verbose"}, {"--json"}}, "certify": {{}, {"--json"}}, "init": {{"--yes"}},
	"plan": {{"company", "--out", "PLAN"}, {"company", "--json"}}, "apply": {{"PLAN"}}, "import": {{"company", "--verbose"}, {"contact", "--export", "FILE"}},
	"sync": {{"--once", "--verbose"}}, "status": {{}, {"--json"}},
	"find": {{"LINK"}, {"evil.example", "--json"}}, "explain": {{"company", "LINK"}, {"company", "MATE", "--verbose"}, {"company", "ALONE"}}, "history": {{"company", "LINK"}}, "runs": {{}, {"RUN"}}, "waiting": {{}}, "issues": {{}, {"--export", "FILE"}},
	"retry": {{"--all"}}, "conflicts": {{}}, "resync": {{"company", "LINK"}}, "backfill": {{"company", "name"}}, "undo": {{"RUN", "--plan"}},
	"cancel": {{"RUN"}}, "pause": {{}}, "resume": {{}}, "version": {{}}, "store rekey": {{}}, "store copy": {{}}, "store restored": {{"too much"}},
	"links list": {{}}, "links review": {{}}, "links unlink": {{"company", "1"}}, "links link": {{"company", "1", "2"}}, "links apart": {{"company", "1", "2"}},
	"settings export": {{}}, "settings list": {{}}, "settings show": {{"1"}}, "settings diff": {{"1", "2"}}, "settings apply": {{"OLD", "--yes"}}, "settings switch": {{}}, "settings rollback": {{"1"}},
	"token create": {{"report"}}, "token list": {{}, {"--json"}}, "token end": {{"none"}}, "connections": {{}}, "notify": {{}, {"--json"}, {"--test"}}, "disconnect": {{"--yes"}},
}

// elsewhere are the verbs that other tests run: they serve until stopped, or show the
// simulators' own tokens, which is what they are for.
var elsewhere = []string{"serve", "demo", "simulate", "help", "completion"}

// verbsOf are the verbs that do something, by their words.
func verbsOf(c *cobra.Command, words string) (out []string) {
	for _, sub := range c.Commands() {
		name := strings.TrimSpace(words + " " + sub.Name())
		if sub.Runnable() && !sub.HasSubCommands() {
			out = append(out, name)
		}
		out = append(out, verbsOf(sub, name)...)
	}
	return out
}

// Whatever a verb is asked, and whatever the sides answer, nothing that it prints, logs
// or stores holds a secret, and nothing moves the cursor.
func TestX12_X13_I20_NoVerbPrintsASecretOrMovesTheCursor(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	c := r.load().Connections[0]
	secrets := map[string]string{"client secret": c.Salesforce.Auth.ClientCredentials.ClientSecret.Reveal(), "token": c.HubSpot.Auth.StaticToken.Reveal(),
		"journal secret": c.HubSpot.Events.Journal.ClientSecret.Reveal(), "secrets key": r.load().SecretsKey.Reveal()}
	company, err := r.sims.portal.As("admin").Create("companies", map[string]string{"name": evilName, "domain": "evil.example", "city": evilName})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.sims.org.As("admin").Create("Account", map[string]any{"Name": evilName, "BillingCity": evilName[:30]}); err != nil {
		t.Fatal(err)
	}
	r.must(0, "import", "company")
	l := r.someLink()
	if err := r.sims.portal.As("admin").Update("companies", l.HubSpot, map[string]string{"name": evilName, "phone": evilName}); err != nil {
		t.Fatal(err)
	}
	r.run("sync", "--once")
	old := filepath.Join(r.dir, "old.yaml")
	if err := os.WriteFile(old, []byte(r.must(0, "settings", "export")), 0o600); err != nil {
		t.Fatal(err)
	}
	names := strings.NewReplacer("LINK", l.HubSpot, "MATE", l.Salesforce, "ALONE", company, "RUN", "1", "FILE", filepath.Join(r.dir, "out.csv"), "OLD", old, "PLAN", filepath.Join(r.dir, "plan.json"))
	verbs := verbsOf((&app{printed: newScreen(io.Discard, io.Discard)}).root(), "")
	run := func() {
		for _, verb := range verbs {
			if slices.Contains(elsewhere, strings.Fields(verb)[0]) {
				continue
			}
			if len(told[verb]) == 0 {
				t.Errorf("nobody says how %q is run", verb)
			}
			for _, more := range told[verb] {
				args := strings.Fields(verb)
				for _, a := range more {
					args = append(args, names.Replace(a))
				}
				r.shows(args)
			}
		}
	}
	run()
	r.echo(secrets["client secret"], secrets["token"], secrets["journal secret"])
	run()
	db, err := os.ReadFile(strings.TrimPrefix(r.load().Store, "sqlite://"))
	if err != nil {
		t.Fatal(err)
	}
	wal, _ := os.ReadFile(strings.TrimPrefix(r.load().Store, "sqlite://") + "-wal")
	for name, s := range secrets {
		for where, text := range map[string]string{"an output": r.said.String(), "the store": string(db) + string(wal)} {
			if at := strings.Index(text, s); at >= 0 {
				t.Errorf("the %s is in %s: …%q", name, where, text[max(at-200, 0):at])
			}
		}
	}
}

// What anybody may ask of a daemon names no record and no person.
func TestX20_HealthAndStatusNameNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	r.run("sync", "--once")
	rows, err := r.sims.org.As("admin").Query("SELECT Id, Name, Phone, Website FROM Account")
	if err != nil || len(rows) == 0 {
		t.Fatalf("%d accounts, %v", len(rows), err)
	}
	address, _ := r.serve()
	for _, path := range []string{"/healthz", "/readyz", "/status", "/metrics"} {
		code, body := get(t, address+path)
		if code != http.StatusOK {
			t.Errorf("%s is answered %d", path, code)
		}
		for _, row := range rows {
			for field, value := range row {
				if text, _ := value.(string); len(text) > 4 && strings.Contains(body, text) {
					t.Errorf("%s tells the %s %q of a record", path, field, text)
				}
			}
		}
	}
}

// shows runs a verb and fails where what is for people moves the cursor.
func (r *rig) shows(args []string) {
	r.t.Helper()
	_, out, errs := r.run(args...)
	if slices.Contains(args, "--json") || strings.Join(args, " ") == "settings export" {
		return
	}
	for text := range strings.Lines(out + errs) {
		if i := strings.IndexFunc(strings.Trim(text, "\n"), func(c rune) bool { return c != '\t' && moves(c) }); i >= 0 {
			r.t.Errorf("tandem %s moves the cursor: %q", strings.Join(args, " "), text)
			return
		}
	}
}

// echo lets both sides refuse everything with what was sent to them in the answer, as
// proxies do.
func (r *rig) echo(salesforce, hubspot, journal string) {
	r.t.Helper()
	plain := strings.NewReplacer(`"`, `'`, "\x1b", "", "\a", "")
	r.sims.org.AddFault(salesforcesim.Fault{Do: "status", Status: 400, Body: `[{"errorCode":"X","message":"` + plain.Replace("client_secret="+salesforce+" "+evilName) + `"}]`})
	for path, secret := range map[string]string{"/oauth/": journal, "^/(crm|account-info|automation|integrators)": hubspot} {
		f := hubspotsim.Fault{Do: "status", Status: 400, Body: "<html>Authorization: Bearer " + secret + " " + evilName}
		f.Match.Path = path
		if err := r.sims.portal.Break(f); err != nil {
			r.t.Fatal(err)
		}
	}
}
