package consoletest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// pick takes one of several by its value.
func (b *browser) pick(name, value string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(`main [name="` + name + `"][value="` + value + `"]`)))
}

// signedInAt connects both sides of a connection by an app of its own and a token.
func (b *browser) signedInAt(name string) {
	b.t.Helper()
	b.open("/c/" + name + "/connect")
	b.press("Or by an app of its own")
	path := "/c/" + name + "/connect/salesforce"
	b.within(path, "login", b.sims.Salesforce.URL)
	b.within(path, "client_id", b.sims.Salesforce.ClientID)
	b.within(path, "client_secret", b.sims.Salesforce.ClientSecret)
	b.press("Connect Salesforce")
	b.sees("Salesforce is connected")
	b.press("Or by a token of a private app")
	b.within("/c/"+name+"/connect/hubspot", "token", b.sims.HubSpot.Token)
	b.press("Connect HubSpot")
	b.sees("HubSpot is connected")
}

// TestINST7_INST8_AConnectionIsAddedInTheBrowserAndSyncs: a second one on the org of the
// first, from the form to an account that arrives. Until an object is switched on nothing is
// written, and the org's people are kept out by the setting that is advised.
func TestINST7_INST8_AConnectionIsAddedInTheBrowserAndSyncs(t *testing.T) {
	w := newUnconnected(t)
	b := w.visit()
	b.setUp()
	b.press("Add a connection")
	b.sees("The org of acme")
	b.fill("name", "acme")
	b.pick("where", "beside acme")
	b.press("Add the connection")
	b.sees("Another connection has the same name")
	b.fill("name", "emea")
	b.press("Add the connection")
	b.sees("emea was added, with everything switched off")
	if text := w.run("settings", "export", "--connection", "emea"); !strings.Contains(text, "from_salesforce: update_only") || strings.Contains(text, "sync: true") {
		t.Errorf("the first settings are %s", text)
	}
	b.signedInAt("emea")
	written := func() int { return w.written(w.sims.Salesforce.URL) + w.written(w.sims.HubSpot.URL) }
	before := written()
	b.press("Check both sides")
	b.sees("Fields to create")
	if now := written(); now != before {
		t.Errorf("adding, connecting and checking has written %d times", now-before)
	}
	b.press("Create ")
	b.sees("both sides were checked again")
	b.open("/c/emea/mappings/company")
	b.addDefaults()
	b.press("Save")
	b.sees("counts now")
	b.open("/c/emea/settings/companies")
	b.tick("companies.sync")
	b.press("Show what it would do")
	b.sees("Company sync is on")
	b.press("Save")
	b.sees("counts now")
	w.create("Account", map[string]any{"Name": "Arrives After"})
	w.eventually("the new account is a company", func() bool { return w.portalHas("companies", "name", "Arrives After") == 1 })
	b.open("/audit")
	b.sees("add connection")
}

// TestAddedConnectionsOutliveTheProcessAndAreTakenBack: the next start has it, the command
// line lists it, and it goes again while nobody is signed in.
func TestAddedConnectionsOutliveTheProcessAndAreTakenBack(t *testing.T) {
	w := newUnconnected(t)
	b := w.visit()
	b.setUp()
	o := b.invited("operator")
	for _, path := range []string{"/connections/new", "/c/acme/connect/remove"} {
		if status := eval[int](o, `fetch("`+path+`", {method: "POST"}).then(r => r.status)`); status != http.StatusForbidden {
			t.Errorf("an operator's post to %s is answered %d", path, status)
		}
	}
	b.open("/connections/new")
	b.fill("name", "gov")
	b.pick("where", "domain")
	b.fill("domain", "https://login.salesforce.com.evil.example")
	b.press("Add the connection")
	b.sees("is no address of Salesforce's")
	b.fill("domain", "acme.my.salesforce.mil")
	b.fill("portal", "4711")
	b.pick("profile", "classic")
	b.press("Add the connection")
	b.sees("gov was added")
	b.sees("https://acme.my.salesforce.mil")
	if out := w.run("connections", "--json"); !strings.Contains(out, `"name":"gov"`) || !strings.Contains(out, `"portal_id":"4711"`) {
		t.Errorf("tandem connections says %s", out)
	}
	if out := w.run("settings", "export", "--connection", "gov"); !strings.Contains(out, "profile: classic") {
		t.Errorf("the settings are %s", out)
	}
	b.open("/c/gov/connect")
	b.press("Remove this connection")
	b.press("Remove gov")
	b.sees("Add a connection") // on the overview
	b.lacks("gov")
	if out := w.run("connections", "--json"); strings.Contains(out, "gov") {
		t.Errorf("after it was taken back tandem connections says %s", out)
	}
	b.open("/connections/new")
	b.fill("name", "gov")
	b.pick("where", "sandbox")
	b.press("Add the connection")
	b.sees("there was a connection named gov before")
	b.open("/audit")
	b.sees("remove connection")
}
