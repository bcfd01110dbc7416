package cli

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
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

// serve runs the daemon and gives its address.
func (r *rig) serve() (address string, stop func() int) {
	r.t.Helper()
	line, stop := r.start("serve", "--json")
	return lastJSON[map[string]string](r.t, line)["console"], stop
}

func TestVerbsAskTheRunningEngine(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	address, stop := r.serve()
	if code, body := get(t, address+"/healthz"); code != http.StatusOK || !strings.Contains(body, "ok") {
		t.Errorf("healthz: %d %s", code, body)
	}
	if code, body := get(t, address+"/readyz"); code != http.StatusOK {
		t.Errorf("readyz: %d %s", code, body)
	}
	res := lastJSON[engine.Result](t, r.must(0, "import", "company", "--json"))
	if !res.Converged || res.Objects["companies"].Created == 0 {
		t.Errorf("import by the daemon: %+v", res)
	}
	l := r.someLink()
	if x := lastJSON[engine.Explanation](t, r.must(0, "explain", "company", l.HubSpot, "--json")); x.Link == nil {
		t.Errorf("explain by the daemon: %+v", x)
	}
	if err := r.sims.org.As("admin").Update("Account", l.Salesforce, map[string]any{"Name": "Edited while serving"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the edit reaches HubSpot", func() bool {
		got, _ := r.sims.portal.As("").Get("companies", l.HubSpot)
		return got["name"] == "Edited while serving"
	})
	r.must(0, "sync", "--once", "--json")
	r.must(0, "resync", "company", l.Salesforce)
	if p := lastJSON[planned](t, r.must(0, "plan", "company", "--due", "--json")); p.Plan == 0 {
		t.Errorf("plan by the daemon: %+v", p)
	}
	linked := 0 // beside the import's also those that were linked by the service's own first look
	for _, one := range r.links(1000) {
		if one.Pair == core.CompanyPair && one.State == core.LinkActive {
			linked++
		}
	}
	links := fmt.Sprintf(`object="company",state="active"} %d`, linked)
	if code, body := get(t, address+"/metrics"); code != http.StatusOK || !strings.Contains(body, links) || strings.Contains(body, l.HubSpot) {
		t.Errorf("metrics: %d, want %s in %s", code, links, body)
	}
	r.must(0, "pause")
	if out := r.must(exitNot, "status", "--json"); lastJSON[statusView](t, out).State != "paused" {
		t.Errorf("status while paused: %s", out)
	}
	if code, _, errs := r.run("sync", "--once"); code != exitNot || !strings.Contains(errs, "paused") {
		t.Errorf("errors of the daemon do not come back: exit %d, %s", code, errs)
	}
	r.must(0, "resume")
	if code, body := get(t, address+"/status"); code != http.StatusOK || !strings.Contains(body, `"connection":"simulated"`) {
		t.Errorf("status: %d %s", code, body)
	}
	if code := stop(); code != 0 {
		t.Errorf("serve ended with %d: %s", code, r.said.String())
	}
	r.must(0, "sync", "--once")
}

func TestServeEndsWhenAPersonMustMendSomething(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.edit(func(f *config.File) { f.Connections[0].HubSpot.Auth.StaticToken = "pat-na1-wrong" })
	if code, _, errs := r.run("serve"); code != exitUnreachable || !strings.Contains(errs, "check the HubSpot token") {
		t.Errorf("exit %d, %s", code, errs)
	}
}

func TestServeWaitsForASideThatIsDownAtTheStart(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	l := r.someLink()
	if err := r.sims.portal.Break(hubspotsim.Fault{Do: "status", Status: http.StatusServiceUnavailable, Times: 2}); err != nil {
		t.Fatal(err)
	}
	r.serve()
	if err := r.sims.org.As("admin").Update("Account", l.Salesforce, map[string]any{"Name": "Edited during an outage"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the edit reaches HubSpot after the outage", func() bool {
		got, _ := r.sims.portal.As("").Get("companies", l.HubSpot)
		return got["name"] == "Edited during an outage"
	})
}

func TestSettingsApplyReachesTheDaemon(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.edit(func(f *config.File) { f.Connections[0].Companies.Sync = false })
	r.serve()
	on := strings.Replace(r.must(0, "settings", "export"), "sync: false", "sync: true", 1)
	file := filepath.Join(r.dir, "on.yaml")
	if err := os.WriteFile(file, []byte(on), 0o600); err != nil {
		t.Fatal(err)
	}
	r.must(0, "settings", "apply", file)
	id, err := r.sims.org.As("admin").Create("Account", map[string]any{"Name": "Made after the switch"})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "an account made after the switch has a company", func() bool {
		return lastJSON[engine.Explanation](t, r.must(0, "explain", "company", id, "--json")).Link != nil
	})
}

// TestACC4_SettingsApplyCountsFromItsOwnTime though a side is down when the daemon opens by
// the new settings, and it opens much later.
func TestACC4_SettingsApplyCountsFromItsOwnTime(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.edit(func(f *config.File) { f.Connections[0].Companies.Sync = false })
	r.serve()
	on := strings.Replace(r.must(0, "settings", "export"), "sync: false", "sync: true", 1)
	file := filepath.Join(r.dir, "on.yaml")
	if err := os.WriteFile(file, []byte(on), 0o600); err != nil {
		t.Fatal(err)
	}
	companies, until := r.sims.portal.Stats().Records["companies"], time.Now().Add(4*time.Second)
	if err := r.sims.portal.Break(hubspotsim.Fault{Do: "status", Status: http.StatusServiceUnavailable, Until: &until}); err != nil {
		t.Fatal(err)
	}
	r.must(0, "settings", "apply", file)
	if _, err := r.sims.org.As("admin").Create("Account", map[string]any{"Name": "Made after the switch"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "an account made after the switch has a company", func() bool {
		return r.sims.portal.Stats().Records["companies"] == companies+1
	})
}

// When the engine that holds the store goes away, who waits for it takes over.
func TestAWaitingVerbTakesOver(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "sync", "--once")
	holder, err := store.Open(context.Background(), r.load().Store, store.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	code := make(chan int, 1)
	go func() {
		c, _, _ := r.run("pause")
		code <- c
	}()
	eventually(t, "the command is in the store", func() bool {
		n := 0
		err := holder.View(context.Background(), func(tx *store.Tx) error {
			open, err := tx.CommandsOpen()
			n = len(open)
			return err
		})
		return err == nil && n == 1
	})
	if err := holder.Close(); err != nil {
		t.Fatal(err)
	}
	if c := <-code; c != 0 {
		t.Fatalf("pause ended with %d", c)
	}
	if out := r.must(exitNot, "status", "--json"); lastJSON[statusView](t, out).State != "paused" {
		t.Errorf("status: %s", out)
	}
}

func TestStoppingASyncIsCleanAndGoesOn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if code, _, errs := r.runIn(ctx, "import", "company"); code != exitNot || !strings.Contains(errs, "stopped before the end") {
		t.Errorf("exit %d, %s", code, errs)
	}
	if res := lastJSON[engine.Result](t, r.must(0, "import", "company", "--json")); !res.Converged {
		t.Errorf("after the stop: %+v", res)
	}
}

func TestWebhooksAreStoredBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	info := r.sims.portal.Info()
	r.edit(func(f *config.File) {
		c := &f.Connections[0]
		c.HubSpot.Events = config.HubSpotEvents{Webhooks: &config.Webhooks{PublicURL: "http://127.0.0.1:9", AppID: "1", ClientSecret: config.Secret(info.ClientSecret)}}
		c.PollEvery = config.Duration(time.Hour) // nothing but the webhook can bring the change in time
	})
	r.must(0, "import", "company")
	l := r.someLink()
	proxy := newProxy(t)
	r.edit(func(f *config.File) { f.Connections[0].HubSpot.Events.Webhooks.PublicURL = proxy.URL })
	address, _ := r.serve()
	proxy.to(address)
	eventually(t, "the daemon knows the connection", func() bool {
		code, _ := post(t, address+webhookRoot+"simulated", "[]")
		return code == http.StatusUnauthorized
	})
	if code, _ := post(t, address+webhookRoot+"nobody", "[]"); code != http.StatusNotFound {
		t.Errorf("an unknown connection answers %d", code)
	}
	r.sims.portal.Subscribe(proxy.URL+webhookRoot+"simulated", "", 0)
	if err := r.sims.portal.As("").Update("companies", l.HubSpot, map[string]string{"description": "told by webhook"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the webhook's change reaches Salesforce", func() bool {
		return r.sims.org.As("admin").Get("Account", l.Salesforce)["Description"] == "told by webhook"
	})
}

// rotating lets Salesforce exchange the refresh token at every use of it, and gives
// the rig one.
func (r *rig) rotating() (token string) {
	r.t.Helper()
	org, yes := r.sims.org, true
	if err := org.RegisterApp(salesforcesim.App{Rotate: &yes}); err != nil {
		r.t.Fatal(err)
	}
	token, err := org.IssueRefreshToken("integration")
	if err != nil {
		r.t.Fatal(err)
	}
	info := org.Info()
	r.edit(func(f *config.File) {
		f.Connections[0].Salesforce.Auth = config.SalesforceAuth{RefreshToken: &config.RefreshToken{ClientID: info.IntegrationClientID,
			ClientSecret: config.Secret(info.IntegrationClientSecret), Token: config.Secret(token)}}
	})
	return token
}

// A look at both sides exchanges the token as well: it must not cost the connection,
// before the first sync, after it, or while an engine runs.
func TestRotatedRefreshTokensOutliveChecks(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.rotating()
	r.must(0, "check")
	r.sims.org.ExpireSessions()
	r.must(0, "check")             // the configured token is dead by now
	r.must(0, "import", "company") // nothing is under way when the sessions expire
	r.must(0, "sync", "--once")
	r.sims.org.ExpireSessions()
	r.must(0, "check")
	r.must(1, "certify")
	_, stop := r.start("serve", "--json")
	r.sims.org.ExpireSessions()
	r.must(0, "check")
	r.sims.org.ExpireSessions()
	r.must(0, "sync", "--once") // carried out by the engine, which holds an older token
	stop()
}

func TestRotatedRefreshTokensAreKeptEncrypted(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	token := r.rotating()
	org := r.sims.org
	r.must(0, "sync", "--once")
	org.ExpireSessions()
	r.must(0, "sync", "--once") // the configured token is dead by now
	db, err := os.ReadFile(strings.TrimPrefix(r.load().Store, "sqlite://"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(db), "refresh_token\":\"") || strings.Contains(string(db), token) {
		t.Error("the store holds a refresh token in clear text")
	}
	r.edit(func(f *config.File) { f.SecretsKey = "another key" })
	if code, _, errs := r.run("sync", "--once"); code != exitUsage || !strings.Contains(errs, "another secrets_key") {
		t.Errorf("with another key: exit %d, %s", code, errs)
	}
}

func TestTheKeyOfTheStoresSecretsIsChanged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.rotating()
	r.must(0, "sync", "--once")
	first := r.load().SecretsKey
	r.edit(func(f *config.File) { f.SecretsKey, f.SecretsKeyBefore = "a key of tomorrow", "a key of nobody's" })
	if code, _, errs := r.run("store", "rekey"); code != exitUsage || !strings.Contains(errs, "simulated/salesforce.refresh_token was encrypted with another secrets_key") {
		t.Fatalf("with two wrong keys: exit %d, %s", code, errs)
	}
	r.edit(func(f *config.File) { f.SecretsKeyBefore = first })
	r.sims.org.ExpireSessions()
	r.must(0, "check") // what the key before has encrypted is read
	_, stop := r.start("serve", "--json")
	if code, _, errs := r.run("store", "rekey"); code != exitNot || !strings.Contains(errs, "stop it") {
		t.Errorf("beside a service: exit %d, %s", code, errs)
	}
	stop()
	r.edit(func(f *config.File) {
		f.SecretsKey = "a key of the day after"
		f.SecretsKeyBefore = "a key of tomorrow"
	}) // nothing signs in from here to the rekey
	for _, want := range []map[string]int{{"secrets": 1, "encrypted_anew": 1}, {"secrets": 1, "encrypted_anew": 0}} {
		if got := lastJSON[map[string]int](t, r.must(0, "store", "rekey", "--json")); !maps.Equal(got, want) {
			t.Errorf("rekey says %v, want %v", got, want)
		}
	}
	r.edit(func(f *config.File) { f.SecretsKeyBefore = "" })
	r.sims.org.ExpireSessions()
	r.must(0, "sync", "--once")
	r.edit(func(f *config.File) { f.SecretsKey = "a key of tomorrow" })
	if code, _, errs := r.run("sync", "--once"); code != exitUsage || !strings.Contains(errs, "another secrets_key") {
		t.Errorf("by the key before: exit %d, %s", code, errs)
	}
}

func TestAPI1_CallsAreCountedOverRestarts(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	calls := func() int {
		s := lastJSON[statusView](t, r.must(0, "status", "--json"))
		if s.Sides["salesforce"].Calls == 0 {
			t.Fatalf("no calls to Salesforce are counted: %+v", s)
		}
		return s.Sides["hubspot"].Calls
	}
	r.must(0, "sync", "--once")
	first := calls()
	r.must(0, "sync", "--once")
	if second := calls(); first == 0 || second <= first {
		t.Errorf("calls to HubSpot: %d after the first run, %d after the second", first, second)
	}
	if out := r.must(0, "status"); !strings.Contains(out, "no service is running: changes since ") || strings.Contains(out, "used up") {
		t.Errorf("status says:\n%s", out)
	}
	id, err := r.sims.org.As("admin").Create("Account", map[string]any{"Name": "Edge"})
	if err != nil {
		t.Fatal(err)
	}
	r.must(0, "sync", "--once")
	r.edit(func(f *config.File) { f.Connections[0].HubSpot.DailyAPICalls = 3 })
	r.must(0, "settings", "apply")
	if out := r.must(0, "status"); !strings.Contains(out, "the 3 calls to HubSpot that are allotted for 24 hours are used up") {
		t.Errorf("status with the daily share used up says:\n%s", out)
	}
	if x := lastJSON[engine.Explanation](t, r.must(0, "explain", "company", id, "--json")); x.Link == nil || len(x.History) == 0 || !strings.Contains(x.Note, "what the store knows") {
		t.Errorf("explain with the daily share used up: %+v", x)
	}
	if code, _, errs := r.run("sync", "--once"); code != exitUnreachable || !strings.Contains(errs, "HubSpot") {
		t.Errorf("API-2: the daily share is used up, but sync ends with %d: %s", code, errs)
	}
}

// TestServeGoesOnBesideAConnectionThatCannotOpen has two connections, one of which
// names a list that does not exist, until somebody makes it.
func TestServeGoesOnBesideAConnectionThatCannotOpen(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	l := r.someLink()
	r.edit(func(f *config.File) {
		other := f.Connections[0]
		other.Name, other.HubSpot.PortalID = "other", "999"
		f.Connections = append(f.Connections, other)
	})
	r.serve()
	r.renameOne(l, "Edited beside")
	eventually(t, "the other connection follows", r.companyIs(l, "Edited beside"))
	eventually(t, "status names what keeps the other one from opening", func() bool {
		_, out, _ := r.run("status", "--connection", "other")
		return strings.Contains(out, "pinned to 999")
	})
}
