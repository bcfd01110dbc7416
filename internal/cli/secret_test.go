package cli

import (
	"context"
	"encoding/csv"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/console"
	"tandem/internal/core"
	"tandem/internal/store"
)

// Whatever verbs print, errors with broken settings included, no secret is in it.
func TestSecretsAppearInNoOutput(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	c := r.load().Connections[0]
	secrets := map[string]string{"client secret": c.Salesforce.Auth.ClientCredentials.ClientSecret.Reveal(), "token": c.HubSpot.Auth.StaticToken.Reveal(),
		"journal secret": c.HubSpot.Events.Journal.ClientSecret.Reveal(), "secrets key": r.load().SecretsKey.Reveal()}
	r.must(0, "check", "--verbose")
	r.must(0, "import", "company", "--verbose")
	id := r.someLink().HubSpot
	for _, args := range [][]string{{"sync", "--once", "--verbose"}, {"explain", "company", id}, {"explain", "company", id, "--json"}, {"history", "company", id},
		{"status"}, {"status", "--json"}, {"issues"}, {"connections"}, {"settings", "export"}, {"settings", "list"}, {"settings", "show", "1"}, {"links", "list"}, {"conflicts"}, {"plan", "company"}} {
		r.run(args...)
	}
	text, err := os.ReadFile(r.file)
	if err != nil {
		t.Fatal(err)
	}
	for _, broken := range []string{
		strings.Replace(string(text), "static_token:", "static_tokn:", 1),
		strings.Replace(string(text), "client_secret:", "client_secret: [", 1),
		strings.Replace(string(text), "secrets_key:", "secrets_key: {}\nx:", 1),
		strings.Replace(string(text), "burst_share: 0.95", "burst_share: much", 1),
		strings.Replace(string(text), "client_secret: "+secrets["client secret"], "client_secret: "+secrets["client secret"]+"x", 1),
		strings.Replace(string(text), "static_token: ", "static_token: x", 1),
	} {
		if broken == string(text) {
			t.Fatal("a case breaks nothing")
		}
		if err := os.WriteFile(r.file, []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _, _ := r.run("sync", "--once", "--verbose"); code == 0 {
			t.Error("broken settings sync")
		}
		r.run("check", "--json")
	}
	for name, s := range secrets {
		if strings.Contains(r.said.String(), s) {
			at := strings.Index(r.said.String(), s)
			t.Errorf("the %s is printed: …%s…", name, r.said.String()[max(at-200, 0):at])
		}
	}
}

func TestKeeperBindsSecretsToTheirPlace(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, err := store.Open(ctx, "sqlite::memory:", store.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var row store.Connection
	err = s.Update(ctx, func(tx *store.Tx) (err error) { row, err = tx.ConnectionEnsure("acme"); return err })
	if err != nil {
		t.Fatal(err)
	}
	signedIn := func(token string) *config.Connection {
		return &config.Connection{Name: "acme", Salesforce: config.Salesforce{Auth: config.SalesforceAuth{AccessToken: &config.AccessToken{Token: "t"}}}, HubSpot: config.HubSpot{Auth: config.HubSpotAuth{OAuth: &config.RefreshToken{Token: config.Secret(token)}}}}
	}
	latest := func(k *keeper, c *config.Connection) (string, error) {
		err := k.latest(ctx, c)
		return c.HubSpot.Auth.OAuth.Token.Reveal(), err
	}
	k := &keeper{store: s, conn: row.ID, name: "acme", vault: vault{key: "k"}}
	if got, err := latest(k, signedIn("first")); got != "first" || err != nil {
		t.Errorf("with nothing kept: %q, %v", got, err)
	}
	if err := k.changed(secretHubSpot)(ctx, "second"); err != nil {
		t.Fatal(err)
	}
	if k.changed(secretSalesforce) != nil {
		t.Error("a side without a refresh token keeps one")
	}
	if got, _ := latest(k, signedIn("first")); got != "second" {
		t.Errorf("the renewed token does not count: %q", got)
	}
	if got, _ := latest(k, signedIn("signed in anew")); got != "signed in anew" {
		t.Errorf("a new login does not count: %q", got)
	}
	for name, other := range map[string]*keeper{"another key": {store: s, conn: row.ID, name: "acme", vault: vault{key: "x"}}, "another connection": {store: s, conn: row.ID, name: "other", vault: vault{key: "k"}}, "no key": {store: s, conn: row.ID, name: "acme"}} {
		if _, err := latest(other, signedIn("first")); err == nil {
			t.Errorf("%s opens the secret", name)
		}
	}
}

// TestWhatIsGivenAtTheConsoleIsKeptSealedAndGivesWayToTheFile: it counts for a side that the
// settings file leaves out, under the key and for the connection that it was given for.
func TestWhatIsGivenAtTheConsoleIsKeptSealedAndGivesWayToTheFile(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, err := store.Open(ctx, "sqlite::memory:", store.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var row store.Connection
	err = s.Update(ctx, func(tx *store.Tx) (err error) { row, err = tx.ConnectionEnsure("acme"); return err })
	if err != nil {
		t.Fatal(err)
	}
	k := &keeper{store: s, conn: row.ID, name: "acme", vault: vault{key: "k"}}
	if err := k.latest(ctx, &config.Connection{Name: "acme"}); problemOf(err).Code != codeNotConnected || !strings.Contains(err.Error(), "Salesforce and HubSpot") {
		t.Errorf("before anybody signed in: %v", err)
	}
	given := [2]access{{Way: console.WayCertificate, LoginURL: "https://acme.my.salesforce.com", ClientID: "app", Username: "ada", Secret: "the-key"}, {Way: console.WayToken, Secret: "the-token"}}
	for _, side := range core.Sides {
		if err := k.admit(ctx, side, given[side], "4711"); err != nil {
			t.Fatal(err)
		}
	}
	c := config.Connection{Name: "acme"}
	if err := k.latest(ctx, &c); err != nil || c.Salesforce.Auth.JWT.Key != "the-key" || c.Salesforce.LoginURL != given[0].LoginURL || c.HubSpot.Auth.StaticToken != "the-token" {
		t.Errorf("what was given does not count: %v", err)
	}
	c = config.Connection{Name: "acme", HubSpot: config.HubSpot{Auth: config.HubSpotAuth{StaticToken: "of the file"}}}
	if err := k.latest(ctx, &c); err != nil || c.HubSpot.Auth.StaticToken != "of the file" {
		t.Errorf("the settings file does not count: %v", err)
	}
	for name, other := range map[string]*keeper{"another key": {store: s, conn: row.ID, name: "acme", vault: vault{key: "x"}}, "another connection": {store: s, conn: row.ID, name: "other", vault: vault{key: "k"}}} {
		if err := other.latest(ctx, &config.Connection{Name: other.name}); err == nil || problemOf(err).Code == codeNotConnected {
			t.Errorf("%s opens the secret: %v", name, err)
		}
	}
	err = s.View(ctx, func(tx *store.Tx) error {
		all, err := tx.Secrets()
		if err != nil {
			return err
		}
		for _, one := range all {
			if strings.Contains(string(one.Value), "the-") {
				t.Errorf("%s is kept as it is", one.Name)
			}
		}
		if len(all) != 2 {
			t.Errorf("%d secrets", len(all))
		}
		row, err := tx.Connection("acme")
		if row.Accounts != [2]string{"4711", "4711"} {
			t.Errorf("the accounts reached first are %v", row.Accounts)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestERR1_IssuesAreExportedHarmlessly(t *testing.T) {
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
		return tx.IssueOpen(row.ID, core.Issue{Pair: core.CompanyPair, Ref: core.Ref{Side: core.HubSpot, Object: core.Companies, ID: "42"}, Category: core.CategoryPicklist,
			Code: "picklist_value", Message: `=HYPERLINK("http://evil.example","click")`, Mend: "@mend"})
	})
	if closed := s.Close(); err != nil || closed != nil {
		t.Fatal(err, closed)
	}
	file := filepath.Join(r.dir, "issues.csv")
	r.must(0, "issues", "--category", "picklist", "--export", file)
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, cell := range rows[1] {
		if cell != "" && strings.ContainsAny(cell[:1], "=+-@") {
			t.Errorf("cell %q is a formula", cell)
		}
	}
	if out := r.must(0, "issues"); !strings.Contains(out, "picklist") || !strings.Contains(out, "42") {
		t.Errorf("issues for people:\n%s", out)
	}
	if out := r.must(0, "issues", "--json"); lastJSON[core.Issue](t, out).Ref.ID != "42" {
		t.Errorf("issues as JSON: %s", out)
	}
	if code, _, errs := r.run("retry", "4711"); code != exitNot || !strings.Contains(errs, "no open issue") {
		t.Errorf("retry of a record without issues: exit %d, %s", code, errs)
	}
	r.must(0, "retry", "--all", "--json")
}

func TestInitWritesSettingsThatCheckAccepts(t *testing.T) {
	r := newRig(t) // sets variables: not parallel
	org, portal := r.sims.org.Info(), r.sims.portal.Info()
	t.Setenv("SALESFORCE_CLIENT_SECRET", org.IntegrationClientSecret)
	t.Setenv("HUBSPOT_TOKEN", portal.IntegrationToken)
	args := []string{"init", "--salesforce-login-url", httpURL(r.sims.orgNet), "--client-id", org.IntegrationClientID, "--hubspot-base-url", httpURL(r.sims.portalNet),
		"--salesforce-pubsub", httpURL(r.sims.busNet), "--store", "sqlite://" + filepath.Join(r.dir, "init.db"), "--name", "acme"}
	if code, _, errs := r.run(append(args, "--yes")...); code != exitNot || !strings.Contains(errs, "exists already") {
		t.Fatalf("init over a settings file: exit %d, %s", code, errs)
	}
	r.file = filepath.Join(r.dir, "fresh.yaml")
	r.must(0, append(args, "--yes")...)
	text, err := os.ReadFile(r.file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), org.IntegrationClientSecret) || strings.Contains(string(text), portal.IntegrationToken) || !strings.Contains(string(text), "${HUBSPOT_TOKEN}") {
		t.Errorf("the settings hold secrets:\n%s", text)
	}
	c := r.load().Connections[0]
	if c.Companies.Sync || c.Salesforce.OrgID != org.OrgID || c.HubSpot.PortalID != portal.PortalID || len(c.Mappings["company"]) == 0 {
		t.Errorf("init wrote %+v", c)
	}
	r.must(0, "check")
	silent := filepath.Join(r.dir, "silent.yaml")
	if code, errs := initWithoutAnswer(r, silent); code != exitUsage || !strings.Contains(errs, "--no-fields") || exists(silent) {
		t.Errorf("init that can ask nobody: exit %d, %s", code, errs)
	}
	t.Setenv("HUBSPOT_TOKEN", "")
	if code, _, errs := r.run("check"); code != exitUsage || !strings.Contains(errs, "HUBSPOT_TOKEN is not set") {
		t.Errorf("without the variable: exit %d, %s", code, errs)
	}
	r.file = filepath.Join(r.dir, "third.yaml")
	if code, _, errs := r.run("init", "--yes"); code != exitUsage || !strings.Contains(errs, "--salesforce-login-url is missing") {
		t.Errorf("init without answers: exit %d, %s", code, errs)
	}
}

// initWithoutAnswer runs init as from a script that says neither yes nor no.
func initWithoutAnswer(r *rig, file string) (int, string) {
	old := r.file
	defer func() { r.file = old }()
	r.file = file
	info := r.sims.info()
	code, _, errs := r.run("init", "--salesforce-login-url", info.Salesforce.URL, "--client-id", info.Salesforce.ClientID,
		"--salesforce-pubsub", info.Salesforce.PubSub, "--hubspot-base-url", info.HubSpot.URL)
	return code, errs
}

func TestBrowserAnswerMustCarryOurState(t *testing.T) {
	t.Parallel()
	answers := make(chan url.Values, 1)
	h := callback("our-state", answers)
	call := func(query string) int {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/callback?"+query, nil))
		return w.Code
	}
	if code := call("code=stolen&state=other"); code != http.StatusBadRequest || len(answers) != 0 {
		t.Errorf("an answer with another state: %d", code)
	}
	if code := call("code=good&state=our-state"); code != http.StatusOK || (<-answers).Get("code") != "good" {
		t.Errorf("our answer: %d", code)
	}
}

// The browser's way in, with the test as the person: open the address, log in,
// allow access, be sent back.
func TestSignInToSalesforceInTheBrowser(t *testing.T) {
	r := newRig(t) // sets variables: not parallel
	org, portal := r.sims.org.Info(), r.sims.portal.Info()
	t.Setenv("TANDEM_SECRETS_KEY", "a long random text")
	t.Setenv("SALESFORCE_CLIENT_SECRET", org.IntegrationClientSecret)
	t.Setenv("HUBSPOT_TOKEN", portal.IntegrationToken)
	r.file = filepath.Join(r.dir, "browser.yaml")
	shown := &lines{found: make(chan string, 1), want: regexp.MustCompile(`http://\S+/services/oauth2/authorize\S+`)}
	code := make(chan int, 1)
	go func() {
		code <- Run(context.Background(), []string{"init", "--yes", "--browser", "--config", r.file, "--salesforce-login-url", httpURL(r.sims.orgNet), "--client-id", org.IntegrationClientID,
			"--hubspot-base-url", httpURL(r.sims.portalNet), "--salesforce-pubsub", httpURL(r.sims.busNet), "--store", "sqlite://" + filepath.Join(r.dir, "b.db"), "--redirect", freeAddress(t)},
			Streams{In: strings.NewReader(""), Out: shown, Err: shown})
	}()
	select {
	case address := <-shown.found:
		approve(t, address, org.IntegrationUsername)
	case c := <-code:
		t.Fatalf("init ended with %d: %s", c, shown.text())
	}
	if c := <-code; c != 0 {
		t.Fatalf("init ended with %d: %s", c, shown.text())
	}
	if a := r.load().Connections[0].Salesforce.Auth; a.RefreshToken == nil || a.RefreshToken.Token == "" {
		t.Errorf("no refresh token was written: %+v", a)
	}
	r.must(0, "check")
}

// approve logs in and allows access, as a person does on the page.
func approve(t *testing.T, address, user string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	form := u.Query()
	form.Set("username", user)
	form.Set("answer", "allow")
	u.RawQuery = ""
	res, err := http.PostForm(u.String(), form)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusOK || !strings.Contains(string(body), "close this window") {
		t.Fatalf("the browser ends at %d %s", res.StatusCode, body)
	}
}

// freeAddress is a loopback port that nobody has just now.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// lines is an output that tells when a text appears in it.
type lines struct {
	mu    sync.Mutex
	all   strings.Builder
	want  *regexp.Regexp
	found chan string
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all.Write(p)
	if got := l.want.FindString(l.all.String()); got != "" {
		select {
		case l.found <- got:
		default:
		}
	}
	return len(p), nil
}

func (l *lines) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}
