package consoletest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// right gives the integration user exactly this right.
func (w *world) right(right map[string]any) {
	w.t.Helper()
	w.call(http.MethodPost, w.sims.Salesforce.URL+"/_sim/permissions", w.sims.Salesforce.AdminToken, right, nil)
}

// TestINST3_ThePreflightSaysWhatTheCommandLineSays: each line of tandem check, with what to
// do, how old it is, and whether the settings are newer.
func TestINST3_ThePreflightSaysWhatTheCommandLineSays(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	b.open("/c/simulated/connect")
	b.sees("Both sides were not checked yet")
	b.press("Check both sides")
	b.sees(" by " + adminName)
	b.lacks("Red")
	b.press("as it should be")
	b.press("13 fields")
	b.sees("Phone: read and edit")
	w.right(map[string]any{"object": "Account", "field": "Phone"})
	b.press("Check again")
	b.sees("Something has to be mended")
	b.sees("Account.Phone")
	b.sees("give it field access, or take it out of the mappings")
	w.apply(strings.Replace(w.run("settings", "export"), "every: 30m", "every: 45m", 1))
	b.open("/c/simulated/connect")
	b.sees("The settings were changed since, or")
	var said struct {
		Findings []struct{ What, Found, Mend string }
	}
	w.decode(w.fails("check", "--json"), &said)
	for _, f := range said.Findings {
		if f.What == "daily calls" {
			f.Found = "" // each look makes some
		}
		f.Mend, _, _ = strings.Cut(f.Mend, " (docs/") // the page leads to its own pages instead
		for _, part := range []string{f.What, f.Found, f.Mend} {
			if quoted, _ := json.Marshal(words(part)); !eval[bool](b, `document.querySelector("main").textContent.replace(/\s+/g, " ").includes(`+string(quoted)+`)`) {
				t.Errorf("tandem check says %q, and the page does not", part)
			}
		}
	}
	if len(said.Findings) < 10 {
		t.Errorf("tandem check found %d things", len(said.Findings))
	}
}

// words are a text with its spaces as a page has them.
func words(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestAViewerReadsThePreflightAndMayNotAskForOne(t *testing.T) {
	w := newWorld(t, nil)
	a := w.visit()
	a.setUp()
	v := a.invited("viewer")
	v.open("/c/simulated/connect")
	v.sees("Both sides were not checked yet")
	v.lacks("Check both sides")
	if status := eval[int](v, `fetch("/c/simulated/connect/check", {method: "POST"}).then(r => r.status)`); status != http.StatusForbidden {
		t.Errorf("a viewer's post is answered %d", status)
	}
	v.open("/c/simulated/connect")
	v.sees("Both sides were not checked yet")
}

// newUnconnected starts the simulators and the daemon with settings that say neither how to
// sign in nor what syncs, and a store that is not there yet. Others are connections beside
// acme, between the same accounts.
func newUnconnected(t *testing.T, others ...string) *world {
	t.Helper()
	t.Parallel() // nothing is shared
	w := &world{t: t, file: filepath.Join(t.TempDir(), "tandem.yaml")}
	w.decode(w.start("simulate", "--json", "--sample", "--limits", "off"), &w.sims)
	text := fmt.Sprintf(`store: sqlite://%s
listen: 127.0.0.1:0
secrets_key: only for this test
connections:
  - name: acme
    salesforce: {login_url: %s, pubsub: %s}
    hubspot: {base_url: %s, events: {journal: {client_id: %s, client_secret: %s}}}
    mappings:
      company:
        - {salesforce: Name, hubspot: name, rule: two_way}
        - {salesforce: Phone, hubspot: phone, rule: two_way}
`, filepath.Join(t.TempDir(), "tandem.db"), w.sims.Salesforce.URL, w.sims.Salesforce.PubSub, w.sims.HubSpot.URL, w.sims.HubSpot.JournalID, w.sims.HubSpot.JournalSecret)
	for _, name := range others {
		text += fmt.Sprintf("  - {name: %s, salesforce: {login_url: %q}, hubspot: {base_url: %q}}\n", name, w.sims.Salesforce.URL, w.sims.HubSpot.URL)
	}
	if err := os.WriteFile(w.file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w.serve()
	return w
}

// within fills a field of the form that is posted to a path.
func (b *browser) within(path, name, text string) {
	b.t.Helper()
	field := chromedp.CSS(fmt.Sprintf(`main form[action=%q] [name=%q]`, path, name))
	b.do(chromedp.Clear(field), chromedp.SendKeys(field, text))
}

// leaveForSalesforce fills in an app and goes to the org's own page.
func (b *browser) leaveForSalesforce() {
	b.t.Helper()
	b.open("/c/acme/connect")
	if !eval[bool](b, `document.querySelector('main form[action="/c/acme/connect/salesforce/browser"]').closest("details").open`) {
		b.press("Sign in again")
	}
	b.sees("Register this address with the app")
	b.within("/c/acme/connect/salesforce/browser", "client_id", b.sims.Salesforce.ClientID)
	b.within("/c/acme/connect/salesforce/browser", "client_secret", b.sims.Salesforce.ClientSecret)
	b.press("Sign in to Salesforce")
	b.sees("The next page is Salesforce's own")
	b.press("Go to Salesforce")
	b.sees("asks for access")
}

// written counts what anybody but its administrator has written to a side.
func (w *world) written(side string) int {
	w.t.Helper()
	res, err := http.Get(side + "/_sim/ledger")
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Count(string(text), "\n") - strings.Count(string(text), `"who":"admin`)
}

// TestINST8_ConnectingBothSidesInTheBrowserSwitchesNothingOn: from an empty store to a green
// preflight, and nothing is written on either side.
func TestINST8_ConnectingBothSidesInTheBrowserSwitchesNothingOn(t *testing.T) {
	w := newUnconnected(t)
	b := w.visit()
	b.setUp()
	b.sees("is not connected to Salesforce and HubSpot yet")
	written := func() int { return w.written(w.sims.Salesforce.URL) + w.written(w.sims.HubSpot.URL) }
	before := written()
	if out := w.fails("check", "--json"); strings.Count(out, "is not connected yet") != 2 {
		t.Errorf("tandem check says %s", out)
	}
	b.leaveForSalesforce()
	b.press("Log in and allow")
	b.sees("Salesforce is connected. Nothing is switched on by that")
	if out := w.fails("check", "--json"); strings.Count(out, "is not connected yet") != 1 {
		t.Errorf("with Salesforce alone tandem check says %s", out)
	}
	b.lacks(w.sims.Salesforce.ClientSecret)
	b.within("/c/acme/connect/hubspot/browser", "client_id", w.sims.HubSpot.ClientID)
	b.within("/c/acme/connect/hubspot/browser", "client_secret", w.sims.HubSpot.ClientSecret)
	b.press("Sign in to HubSpot")
	b.sees("The next page is HubSpot's own")
	b.press("Go to HubSpot")
	b.sees("Connect an app")
	b.press("Connect app")
	b.sees("HubSpot is connected")
	b.press("Check both sides")
	b.sees("Fields to create")
	b.sees("Tandem_Key_")
	if now := written(); now != before {
		t.Errorf("connecting and checking has written %d times", now-before)
	}
	w.answers(slow)
	b.press("Create ")
	b.sees("Stop creating")
	b.open("/c/acme/connect")
	b.sees("creates the fields that are not there")
	w.answers(0)
	b.sees("both sides were checked again")
	b.sees("Both sides are ready")
	b.lacks("Fields to create")
	before = written()
	w.create("Account", map[string]any{"Name": "Nothing Ness"})
	w.create("companies", map[string]any{"name": "Nothing Nook"})
	b.open("/")
	b.sees("In step")
	b.lacks("not connected")
	if out := w.run("sync", "--once", "--json"); !strings.Contains(out, `"converged":true`) {
		t.Errorf("a sync ends as %s", out)
	}
	if now := written(); now != before {
		t.Errorf("%d writes, and nothing is switched on", now-before)
	}
	b.open("/audit")
	b.sees("create fields")
	if n := strings.Count(b.text(), `"side": "`) + strings.Count(b.text(), `"side":"`); n != 2 {
		t.Errorf("%d sides were connected by the log: %s", n, b.text())
	}
}

// TestDeniedConsentAndAForeignAnswerConnectNothing: the answer counts in the session that
// began the sign-in, once, with its state.
func TestDeniedConsentAndAForeignAnswerConnectNothing(t *testing.T) {
	w := newUnconnected(t)
	b := w.visit()
	b.setUp()
	other := b.invited("admin")
	b.leaveForSalesforce()
	b.press("Deny")
	b.sees("Salesforce has not let Tandem in: end-user denied authorization")
	denied := eval[string](b, `location.search`)
	b.leaveForSalesforce()
	state := eval[string](b, `document.querySelector("input[name=state]").value`)
	const stray = "this answer belongs to no sign-in that you have begun"
	for _, query := range []string{denied, "", "?code=x", "?code=x&state=" + state + "x", "?code=x&state=x.salesforce.acme", "?code=x&state=x.salesforce.nobody", "?code=x&state=x.nowhere.acme"} {
		b.open("/connect/back" + query)
		b.sees(stray)
	}
	other.open("/connect/back?code=x&state=" + state)
	other.sees(stray)
	b.open("/connect/back?code=x&state=" + state)
	b.sees("invalid authorization code")
	b.open("/connect/back?code=x&state=" + state)
	b.sees(stray)
	b.open("/c/acme/connect")
	b.sees("not signed in")
	b.lacks("ada@example.com)")
}

// TestASignInThatHasEndedIsRedWithTheMend and works again once somebody signs in anew.
func TestASignInThatHasEndedIsRedWithTheMend(t *testing.T) {
	w := newUnconnected(t)
	b := w.visit()
	b.setUp()
	b.leaveForSalesforce()
	b.press("Log in and allow")
	b.sees("Salesforce is connected")
	b.token(w.sims.HubSpot.Token)
	b.sees("HubSpot is connected")
	for _, what := range []string{"revoke-grants", "expire-sessions"} {
		w.call(http.MethodPost, w.sims.Salesforce.URL+"/_sim/"+what, w.sims.Salesforce.AdminToken, nil, nil)
	}
	b.press("Check both sides")
	b.sees("Something has to be mended")
	b.sees("sign in again under Connect in the console")
	b.leaveForSalesforce()
	b.press("Log in and allow")
	b.sees("Salesforce is connected")
	b.press("Check again")
	b.sees("Fields to create")
	b.lacks("sign in again under Connect")
}

// token connects HubSpot by a token.
func (b *browser) token(token string) {
	b.t.Helper()
	b.press("Or by a token of a private app")
	b.within("/c/acme/connect/hubspot", "token", token)
	b.press("Connect HubSpot")
}

// TestConnectingByTokensTriesThemFirst: what a side refuses is not kept, an address that is
// not Salesforce's gets no secret, and no page shows one.
func TestConnectingByTokensTriesThemFirst(t *testing.T) {
	w := newUnconnected(t)
	b := w.visit()
	b.setUp()
	b.open("/c/acme/connect")
	b.token("pat-na1-of-nobody")
	b.sees("What to do:")
	b.lacks("HubSpot is connected")
	b.lacks("pat-na1-of-nobody")
	app := func(login, secret string) {
		path := "/c/acme/connect/salesforce"
		if !eval[bool](b, `document.querySelector('main form[action="`+path+`"]').closest("details").open`) {
			b.press("Or by an app of its own")
		}
		b.within(path, "login", login)
		b.within(path, "client_id", w.sims.Salesforce.ClientID)
		b.within(path, "client_secret", secret)
		b.press("Connect Salesforce")
	}
	app("https://login.salesforce.com.evil.example", w.sims.Salesforce.ClientSecret)
	b.sees("is no address of Salesforce's")
	app(w.sims.Salesforce.URL, "wrong")
	b.sees("invalid client credentials")
	app(w.sims.Salesforce.URL, w.sims.Salesforce.ClientSecret)
	b.sees("Salesforce is connected")
	b.sees("an app by itself (client credentials) (" + adminName + ")")
	b.token(w.sims.HubSpot.Token)
	b.sees("HubSpot is connected")
	page := eval[string](b, `document.documentElement.outerHTML`)
	for _, secret := range []string{w.sims.Salesforce.ClientSecret, w.sims.HubSpot.Token} {
		if strings.Contains(page, secret) {
			t.Error("a secret is on the page")
		}
	}
	b.press("Check both sides")
	b.sees("Checked")
	b.press("Forget this sign-in") // the first: Salesforce's
	b.sees("The token that is kept here is deleted")
	b.press("Forget the sign-in to Salesforce")
	b.sees("The sign-in to Salesforce was forgotten")
	if out := w.fails("check", "--json"); strings.Count(out, "is not connected yet") != 1 {
		t.Errorf("after Salesforce's was forgotten tandem check says %s", out)
	}
	b.open("/")
	b.sees("is not connected to Salesforce yet")
	b.open("/c/acme/connect")
	b.sees("Where to sign in")
	app(w.sims.Salesforce.URL, w.sims.Salesforce.ClientSecret)
	b.sees("Salesforce is connected")
	b.open("/audit")
	b.sees("forget sign-in")
}

func TestOnlyAnAdminConnectsAndFromTheConsolesOwnPages(t *testing.T) {
	w := newUnconnected(t)
	a := w.visit()
	a.setUp()
	o := a.invited("operator")
	o.open("/c/acme/connect")
	o.sees("An admin signs in to Salesforce")
	o.lacks("Client secret")
	for _, path := range []string{"/hubspot", "/salesforce", "/salesforce/browser", "/salesforce/forget", "/prepare"} {
		if status := eval[int](o, `fetch("/c/acme/connect`+path+`", {method: "POST"}).then(r => r.status)`); status != http.StatusForbidden {
			t.Errorf("an operator's post to %s is answered %d", path, status)
		}
	}
	if status := eval[int](o, `fetch("/connect/back?code=x&state=x.salesforce.acme").then(r => r.status)`); status != http.StatusForbidden {
		t.Errorf("an operator who comes back is answered %d", status)
	}
	forged, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.address+"/c/acme/connect/hubspot", strings.NewReader("way=token&token=x"))
	if err != nil {
		t.Fatal(err)
	}
	forged.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	forged.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := http.DefaultClient.Do(forged)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("a post of another site is answered %d", res.StatusCode)
	}
}

// TestThePagesOfConnectingAreForEverybody looks at them before anybody has signed in, on the
// way out, after a refusal, and with fields to create.
func TestThePagesOfConnectingAreForEverybody(t *testing.T) {
	w := newUnconnected(t)
	b := w.gallery()
	b.setUp()
	b.page("notifications-form", w.address+"/notifications")
	b.page("connect-new", w.address+"/c/acme/connect")
	b.looks("connect-leave", func() {
		b.open("/c/acme/connect")
		b.within("/c/acme/connect/salesforce/browser", "client_id", w.sims.Salesforce.ClientID)
		b.press("Sign in to Salesforce")
		b.sees("The next page is Salesforce's own")
	})
	b.looks("connect-refused", func() {
		b.open("/c/acme/connect")
		b.token("pat-na1-of-nobody")
		b.sees("What to do:")
	})
	b.open("/c/acme/connect")
	b.token(w.sims.HubSpot.Token)
	b.sees("HubSpot is connected")
	b.leaveForSalesforce()
	b.press("Log in and allow")
	b.sees("Salesforce is connected")
	b.press("Check both sides")
	b.sees("Fields to create")
	b.page("connect-fields", w.address+"/c/acme/connect")
}

// TestINST7_EachConnectionHasItsOwnPage: what is signed in to on one is not on the other.
func TestINST7_EachConnectionHasItsOwnPage(t *testing.T) {
	w := newUnconnected(t, "second")
	b := w.visit()
	b.setUp()
	b.open("/c/acme/connect")
	b.token(w.sims.HubSpot.Token)
	b.sees("HubSpot is connected")
	b.press("second")
	b.sees("Connect: second")
	b.lacks(adminName + ")")
	b.press("Check both sides")
	b.sees("HubSpot: reached")
	b.open("/c/acme/connect")
	b.sees("a token of a private app (" + adminName + ")")
	b.sees("Both sides were not checked yet")
}
