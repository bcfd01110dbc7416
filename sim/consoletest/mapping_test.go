package consoletest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"tandem/internal/config"
)

// mapping opens the page of a mapping of companies, or of one that is to be made.
func (b *browser) mapping(salesforce, hubspot string) {
	b.t.Helper()
	b.open("/c/simulated/mappings/company/one?salesforce=" + salesforce + "&hubspot=" + hubspot)
}

// takeRule chooses the rule of the mapping that is open.
func (b *browser) takeRule(name string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(fmt.Sprintf(`main input[name=rule][value=%q]`, name))))
}

func TestMAP4_AMappingIsFoundAndItsRuleChangedInTheBrowser(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	b.open("/c/simulated/mappings")
	b.sees("Field mappings: Companies and accounts")
	b.fill("q", "phone")
	b.press("Show")
	b.sees("1 of 14 mappings")
	b.lacks("NumberOfEmployees")
	b.press("Account Phone")
	b.sees("Whose value is taken")
	b.sees("HubSpot never writes to Salesforce")
	b.takeRule("always_salesforce")
	b.press("Show what it would do")
	b.sees("Before it is saved")
	b.sees("existing values are not filled in by themselves")
	b.press("Save")
	b.sees("Version 2 counts now")
	b.open("/c/simulated/mappings/company?show=always_salesforce&q=phone")
	b.sees("1 of 14 mappings")
	if out := w.run("settings", "diff", "1"); !strings.Contains(out, "always_salesforce") || !strings.Contains(out, "Phone") {
		t.Errorf("what was saved is %s", out)
	}
	b.mapping("Phone", "phone")
	b.sees("Take this mapping out")
	b.press("Take this mapping out")
	b.sees("Before it is saved")
	b.press("Save")
	b.sees("Version 3 counts now")
	if out := w.run("settings", "diff", "2"); !strings.Contains(out, "phone ⇄ Phone") {
		t.Errorf("taking the mapping out has changed %s", out)
	}
	b.open("/c/simulated/settings/versions?from=2&to=3")
	b.sees("phone ⇄ Phone")
}

func TestMAP2_FieldsThatDoNotGoTogetherAreRefusedInTheBrowser(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	for _, one := range []struct{ salesforce, hubspot, why string }{
		{"ShippingLatitude", "about_us", "Mismatched Types: double and string (textarea)"},
		{"Sic", "about_us", "Field Format Mismatch: string and string (textarea)"},
		{"Fax", "faxx", "HubSpot shows no field"},
		{"Site", "phone", "The field or the property is in another mapping already"},
	} {
		b.open("/c/simulated/mappings/company")
		b.sees("Add a mapping")
		b.press("Add a mapping")
		b.sees("New mapping")
		b.fill("salesforce", one.salesforce)
		b.fill("hubspot", one.hubspot)
		b.press("Go on")
		b.sees("These two do not go together")
		b.sees(one.why)
		b.press("Show what it would do")
		b.sees("Nothing was saved")
		b.sees(one.why)
	}
	if out := w.run("settings", "list", "--json"); strings.Contains(out, `"version":2`) {
		t.Errorf("versions are %s", out)
	}
}

// TestSET10_TheDefaultMappingsAreProposedInTheBrowser where a list has none, before its sync is
// switched on, and where some are missing.
// addDefaults has the default mappings added to a list, up to the question before they are
// saved: where finding them takes its time, a page of its own names them first.
func (b *browser) addDefaults() {
	b.t.Helper()
	b.press("Add the default mappings")
	const asks = "Show what they would do"
	if b.seesOne("Before it is saved", asks) == asks {
		b.press(asks)
		b.sees("Before it is saved")
	}
}

func TestSET10_TheDefaultMappingsAreProposedInTheBrowser(t *testing.T) {
	w := newWorld(t, func(c *config.Connection) { c.Companies.Sync = false; delete(c.Mappings, "company") })
	b := w.visit()
	b.setUp()
	b.open("/c/simulated/mappings/company")
	b.sees("No mapping yet")
	b.addDefaults()
	b.press("Save")
	b.sees("Version 2 counts now")
	b.sees("14 mappings")
	b.press("Add the default mappings")
	b.sees("Every default mapping is here already")
	b.open("/c/simulated/mappings/company")
	b.press("Account Phone")
	b.sees("Whose value is taken")
	b.press("Take this mapping out")
	b.sees("Nothing was saved")
	b.sees("SET-10")
	b.open("/c/simulated/settings/companies")
	b.tick("companies.sync")
	b.saves("3")
	b.mapping("Phone", "phone")
	b.press("Take this mapping out")
	b.sees("Before it is saved")
	b.press("Save")
	b.sees("Version 4 counts now")
	b.sees("13 mappings")
	b.addDefaults()
	b.sees("phone ⇄ Phone")
	b.lacks("NumberOfEmployees")
	b.press("Save")
	b.sees("Version 5 counts now")
	b.sees("14 mappings")
	if out := w.run("settings", "diff", "3"); strings.Contains(out, "phone") {
		t.Errorf("with the default one again, settings differ: %s", out)
	}
}

// post answers with the status of a form that the page's own script sends.
func (b *browser) post(path, fields string) int {
	b.t.Helper()
	return eval[int](b, fmt.Sprintf(`fetch(%q, {method: "POST", body: new URLSearchParams(%q)}).then(r => r.status)`, path, fields))
}

func TestWhoIsNoAdminReadsMappingsAndMayNotChangeThem(t *testing.T) {
	w := newWorld(t, nil)
	a := w.visit()
	a.setUp()
	const fields = "base=1&was_salesforce=Phone&was_hubspot=phone&salesforce=Phone&hubspot=phone&rule=none&from=both&enough=0&back=mappings%2Fcompany&settings=paused%3A+true"
	for _, role := range []string{"viewer", "operator"} {
		v := a.invited(role)
		v.open("/c/simulated/mappings/company")
		v.sees("Mappings are changed by an admin")
		v.lacks("Add a mapping")
		v.mapping("Phone", "phone")
		v.sees("Mappings are changed by an admin")
		v.lacks("Show what it would do")
		refused := []string{"one", "drop", "preview", "try", "propose"}
		if role == "viewer" {
			refused = append(refused, "backfill")
			v.open("/c/simulated/mappings/company")
			v.sees("Mappings are changed by an admin")
			v.lacks("Start the back-fill")
		}
		for _, path := range refused {
			if status := v.post("/c/simulated/mappings/company/"+path, fields); status != http.StatusForbidden {
				t.Errorf("a post of a %s to %s is answered %d", role, path, status)
			}
		}
	}
	if out := w.run("settings", "list", "--json"); strings.Contains(out, `"version":2`) {
		t.Errorf("versions are %s", out)
	}
}

// account gives a field of an account of the org another value, as a person does.
func (w *world) account(id, field, value string) {
	w.t.Helper()
	w.call(http.MethodPatch, w.sims.Salesforce.URL+"/services/data/v64.0/sobjects/Account/"+id, w.sims.Salesforce.AdminToken, map[string]any{field: value}, nil)
}

// draftOne adds a mapping of two fields by a rule, up to the page that asks whether to save it.
func (b *browser) draftOne(salesforce, hubspot, rule string) {
	b.t.Helper()
	b.mapping(salesforce, hubspot)
	b.sees("Whose value is taken")
	b.takeRule(rule)
	b.press("Show what it would do")
	b.sees("Before it is saved")
}

func TestLIM3_AMappingIsAddedPreviewedAndBackFilled(t *testing.T) {
	w := newWorld(t, nil)
	w.run("import", "company")
	const markup = "<script>document.title='bad'</script>" // as many characters as the field takes
	var ids []string
	for _, name := range []string{"Markup Mill", "Plain Pier", "Blank Bay"} {
		ids = append(ids, w.create("Account", map[string]any{"Name": name}))
	}
	w.eventually("the accounts are linked", func() bool { return w.portalHas("companies", "name", "Blank Bay") == 1 })
	w.run("sync", "--once")
	w.account(ids[0], "Fax", markup)
	w.account(ids[1], "Fax", "+47 22 00 00 01")
	b := w.visit()
	b.setUp()
	b.draftOne("Fax", "twitterhandle", "always_salesforce")
	b.press("Preview the records it would alter")
	b.sees("2 records would be altered")
	b.sees("Nothing was written. Saving the change begins no back-fill")
	b.sees("Plain Pier")
	b.sees(markup)
	b.lacks("Apply all")
	plan := eval[string](b, `location.pathname`)
	b.open(plan) // it is kept
	b.sees("2 records would be altered")
	if status := b.post(plan+"/apply", "which=all"); status < 400 {
		t.Errorf("a preview is applied, with status %d", status)
	}
	if n := w.portalHas("companies", "twitterhandle", "+47 22 00 00 01"); n != 0 {
		t.Fatalf("the preview has written %d companies", n)
	}
	b.press("Save this change")
	b.sees("Version 2 counts now")
	b.press("Start the back-fill")
	b.sees(": back-fill of companies")
	b.sees("done")
	for _, value := range []string{markup, "+47 22 00 00 01"} {
		w.eventually("the back-fill brings "+value, func() bool { return w.portalHas("companies", "twitterhandle", value) == 1 })
	}
}

// write writes into a field of several lines by its name, key by key.
func (b *browser) write(name, text string) {
	b.t.Helper()
	b.paste(name, "")
	b.do(chromedp.SendKeys(chromedp.CSS(fmt.Sprintf(`main textarea[name=%q]`, name)), text))
}

func TestERR8_ATransformShowsWhatItMakesOfRealRecords(t *testing.T) {
	w := newWorld(t, nil)
	w.run("import", "company")
	b := w.visit()
	b.setUp()
	b.mapping("Name", "name")
	b.press("Transform")
	b.write("to_hubspot", `value + " " + upper("made")`)
	b.sees(" MADE") // by itself, as one writes
	b.write("to_hubspot", "upper(")
	b.sees("The transform to HubSpot does not compile")
	b.lacks(" MADE")
	b.write("to_hubspot", "let x = value; x + x")
	b.sees("let is not available")
	b.write("to_hubspot", "string(int(value))")
	b.sees("fails on this record")
	if got := w.companies(); slices.ContainsFunc(got, func(name string) bool { return strings.HasSuffix(name, " MADE") }) {
		t.Errorf("looking has written: the companies are %v", got)
	}
	b.write("to_hubspot", `value + " " + upper("made")`)
	b.press("Try it") // without the script the button does the same
	b.sees(" MADE")
	if out := w.run("settings", "list", "--json"); strings.Contains(out, `"version":2`) {
		t.Errorf("versions are %s", out)
	}
}

// stands writes the HubSpot value that a Salesforce value stands for into the table.
func (b *browser) stands(of, value string) {
	b.t.Helper()
	b.do(chromedp.Clear(chromedp.CSS(`main input[aria-label="HubSpot value for `+of+`"]`)), chromedp.SendKeys(chromedp.CSS(`main input[aria-label="HubSpot value for `+of+`"]`), value))
}

// TestLIM22_AMissingValueIsShownMappedAndSyncs: what HubSpot does not take is marked, and a
// value that it takes stands for it once that is saved.
func TestLIM22_AMissingValueIsShownMappedAndSyncs(t *testing.T) {
	w := newWorld(t, nil)
	w.run("import", "company")
	lost := w.create("Account", map[string]any{"Name": "Lost Lodge", "Industry": "Recreation"})
	w.eventually("its value is an issue", func() bool { return strings.Contains(w.run("issues", "--json"), lost) })
	before := w.portalHas("companies", "industry", "RETAIL")
	b := w.visit()
	b.setUp()
	b.mapping("Industry", "industry")
	b.sees("Values of the picklist")
	marked := func() []string {
		return eval[[]string](b, `[...document.querySelectorAll('[aria-label="Table of values"] tbody tr')].filter(r => r.innerText.includes("missing")).map(r => r.querySelector("code").innerText)`)
	}
	if got := marked(); !slices.Contains(got, "Recreation") || !slices.Contains(got, "Other") || slices.Contains(got, "Banking") {
		t.Fatalf("marked as missing are %v", got)
	}
	b.stands("Recreation", "RETAIL")
	b.press("Show what it would do")
	b.sees("Before it is saved")
	b.sees("RETAIL")
	b.press("Save")
	b.sees("Version 2 counts now")
	b.mapping("Industry", "industry")
	b.sees("Values of the picklist")
	if got := marked(); slices.Contains(got, "Recreation") || !slices.Contains(got, "Other") {
		t.Errorf("after it was mapped, marked are %v", got)
	}
	w.run("resync", "company", lost)
	w.eventually("the value arrives", func() bool { return w.portalHas("companies", "industry", "RETAIL") > before })
}

// TestTwoAdminsWhoSaveMappingsAreToldOfEachOther and nobody's mapping is lost.
func TestTwoAdminsWhoSaveMappingsAreToldOfEachOther(t *testing.T) {
	w := newWorld(t, nil)
	a := w.visit()
	a.setUp()
	b := a.invited("admin")
	for _, one := range []*browser{a, b} {
		one.mapping("Phone", "phone")
		one.sees("Whose value is taken")
	}
	a.takeRule("always_salesforce")
	a.press("Show what it would do")
	a.sees("Before it is saved")
	b.mapping("Fax", "twitterhandle")
	b.sees("Whose value is taken")
	b.takeRule("two_way")
	b.press("Show what it would do")
	b.sees("Before it is saved")
	a.press("Save")
	a.sees("Version 2 counts now")
	b.press("Save")
	b.sees("Somebody else has saved meanwhile")
	b.sees(adminName + " has saved version 2")
	b.sees("phone ⇄ Phone")
	b.press("Show what mine would do now")
	b.sees("Before it is saved")
	b.sees("Fax")
	b.press("Save")
	b.sees("Version 3 counts now")
	now, err := config.Apply(config.Connection{}, []byte(w.run("settings", "export")))
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]string{}
	for _, m := range now.Mappings["company"] {
		rules[m.Salesforce] = m.Rule
	}
	if rules["Phone"] != "always_salesforce" || rules["Fax"] != "two_way" {
		t.Errorf("the rules are %v", rules)
	}
}
