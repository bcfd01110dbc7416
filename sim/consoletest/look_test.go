package consoletest

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// screenshots is the folder that pictures of all pages are written to.
var screenshots = flag.String("screenshots", "", "write pictures of all pages to this folder")

// look is one way in which people look at a page.
type look struct {
	name, scheme  string
	width, height int64
}

var looks = []look{{"light", "light", 1280, 900}, {"dark", "dark", 1280, 900}, {"phone", "light", 360, 740}}

// TestEveryPageIsForEverybody checks each page with axe-core by the rules of WCAG 2.2 AA,
// in light and dark, and that nothing but tables is wider than a phone of 360 pixels.
func TestEveryPageIsForEverybody(t *testing.T) {
	checker := ""
	if *screenshots == "" {
		checker = axe(t)
	}
	w := newWorld(t, asksAboutSimilar)
	b := w.visit()
	b.page("welcome", w.welcome, checker)
	b.page("sign-in", w.address+"/sign-in", checker)
	b.setUp()
	contact, _ := b.alike()
	plan := b.plan()
	b.choose(b.rows("waits")[0])
	b.press("Apply what is ticked")
	b.sees("1 written")
	w.run("import", "company")
	linked := w.create("Account", map[string]any{"Name": "Northwind Traders"})
	w.eventually("the new account is linked", func() bool {
		b.open("/c/simulated/records/company/" + linked)
		return strings.Contains(b.text(), "In step")
	})
	b.asked("Evelyn Oakfield")
	lone := w.create("companies", map[string]any{"name": "Lonely Loch", "domain": "lonely-loch.example"})
	w.apply(strings.Replace(w.run("settings", "export"), "every: 30m", "every: 45m", 1))
	b.open("/c/simulated/connect")
	b.press("Check both sides")
	b.sees("Checked")
	for _, p := range [][2]string{{"overview", "/"}, {"records", "/c/simulated/records"}, {"found", "/c/simulated/records?q=nothing%20of%20that%20name"},
		{"record", "/c/simulated/records/company/" + linked}, {"record-alone", "/c/simulated/records/company/" + lone},
		{"review", "/c/simulated/review"}, {"inclusion", "/c/simulated/inclusion/company"}, {"review-meeting", "/c/simulated/review/contact/" + contact}, {"review-apart", "/c/simulated/review/apart"}, {"review-conflicts", "/c/simulated/review/conflicts"},
		{"health", "/c/simulated/issues"}, {"health-category", "/c/simulated/issues?category=picklist"}, {"rules", "/rules"},
		{"runs", "/c/simulated/runs"}, {"run", b.newest("/c/simulated/runs")},
		{"plans", "/c/simulated/plans"}, {"plan", plan}, {"plan-part", plan + "?what=create+companies"},
		{"import", "/c/simulated/import"}, {"settings", "/c/simulated/settings"}, {"settings-companies", "/c/simulated/settings/companies"}, {"settings-deals", "/c/simulated/settings/deals"}, {"settings-lifecycle", "/c/simulated/settings/lifecycle"}, {"settings-owners", "/c/simulated/settings/owners"},
		{"settings-activities", "/c/simulated/settings/activities"}, {"settings-custom", "/c/simulated/settings/custom-objects"}, {"settings-general", "/c/simulated/settings/general"}, {"settings-versions", "/c/simulated/settings/versions?from=1&to=2"}, {"settings-import", "/c/simulated/settings/import"}, {"mappings", "/c/simulated/mappings"}, {"mapping", "/c/simulated/mappings/company/one?salesforce=Industry&hubspot=industry"},
		{"mapping-new", "/c/simulated/mappings/company/one"}, {"mapping-refused", "/c/simulated/mappings/company/one?salesforce=Sic&hubspot=about_us"}, {"mappings-activity", "/c/simulated/mappings/meeting"}, {"connect", "/c/simulated/connect"}, {"users", "/people"}, {"audit", "/audit"}, {"notifications", "/notifications"}, {"no-page", "/nowhere"}} {
		b.page(p[0], w.address+p[1], checker)
	}
	for name, fields := range map[string]map[string]string{
		"settings-look":      {"base": "2", "companies.sync": "false", "companies.filter.from_salesforce": "Industry == 'Energy'"},
		"settings-refused":   {"base": "2", "companies.create_account": "city ="},
		"settings-overtaken": {"base": "1", "companies.sync": "false"},
	} {
		b.answer(name, "/c/simulated/settings/companies", fields, checker)
	}
	one := map[string]string{"base": "2", "salesforce": "Fax", "hubspot": "twitterhandle", "rule": "two_way"}
	b.answer("mapping-look", "/c/simulated/mappings/company/one", one, checker)
	b.answer("mapping-tried", "/c/simulated/mappings/company/try", map[string]string{"base": "2", "was_salesforce": "Name", "was_hubspot": "name", "salesforce": "Name", "hubspot": "name", "rule": "two_way", "to_hubspot": "upper(value)"}, checker)
	w.account(linked, "Fax", "+47 22 00 00 01")
	b.draftOne("Fax", "twitterhandle", "two_way")
	b.press("Preview the records it would alter")
	b.sees("would be altered")
	b.page("mapping-preview", b.address+eval[string](b, `location.pathname`), checker)
}

// newest is the address of what a list of the console begins with.
func (b *browser) newest(list string) string {
	b.t.Helper()
	return eval[string](b, fmt.Sprintf(`fetch(%q).then(r => r.text()).then(t => new DOMParser().parseFromString(t, "text/html").querySelector("tbody a").getAttribute("href"))`, list))
}

// answer looks at the page that answers a form.
func (b *browser) answer(name, path string, fields map[string]string, checker string) {
	b.t.Helper()
	text, _ := json.Marshal(fields)
	b.looks(name, checker, func() {
		b.open("/rules")
		eval[bool](b, fmt.Sprintf(`(() => { const form = document.createElement("form"); form.method = "post"; form.action = %q;
			for (const [name, value] of Object.entries(%s)) { const field = document.createElement("input"); field.type = "hidden"; field.name = name; field.value = value; form.append(field); }
			document.body.append(form); setTimeout(() => form.submit()); return true; })()`, path, text))
		b.do(chromedp.WaitReady(chromedp.CSS("nav a[href^='/c/'][aria-current]")))
	})
}

// page looks at the page of an address.
func (b *browser) page(name, address, checker string) {
	b.t.Helper()
	b.looks(name, checker, func() { b.do(chromedp.Navigate(address), chromedp.WaitReady(chromedp.CSS("main"))) })
}

// looks looks in every way at a page that lead leads to.
func (b *browser) looks(name, checker string, lead func()) {
	b.t.Helper()
	for _, l := range looks {
		b.scheme(l.scheme)
		b.do(chromedp.EmulateViewport(l.width, l.height))
		lead()
		if over := eval[int](b, `document.documentElement.scrollWidth - window.innerWidth`); over > 0 {
			b.t.Errorf("%s, %s: the page is %d pixels too wide", name, l.name, over)
		}
		if checker != "" {
			b.check(name+", "+l.name, checker)
		}
		if *screenshots != "" {
			b.shoot(filepath.Join(*screenshots, name+"-"+l.name+".png"))
		}
	}
	b.scheme("light")
	b.do(chromedp.EmulateViewport(1280, 900))
}

// check runs axe-core on the page that is open.
func (b *browser) check(name, checker string) {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](checker + "; void 0"))
	found := eval[[]string](b, `axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
		.then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.html.slice(0, 160) + " " + n.failureSummary)))`)
	for _, f := range found {
		b.t.Errorf("%s: %s", name, f)
	}
}

func (b *browser) shoot(file string) {
	b.t.Helper()
	picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o755)
	}
	if err == nil {
		err = os.WriteFile(file, picture, 0o644)
	}
	if err != nil {
		b.t.Fatal(fmt.Errorf("picture %s: %w", file, err))
	}
}
