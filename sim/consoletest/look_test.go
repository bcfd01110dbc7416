package consoletest

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"tandem/internal/config"
	"tandem/internal/console"
)

// screenshots is the folder that pictures of all pages are written to.
var screenshots = flag.String("screenshots", "", "write pictures of all pages to this folder")

// look is one way in which people look at a page.
type look struct {
	name, scheme  string
	width, height int64
}

var looks = []look{{"light", "light", 1280, 900}, {"dark", "dark", 1280, 900}, {"phone", "light", 360, 740}}

// gallery looks at pages in every way, and keeps which patterns of the console it has seen.
type gallery struct {
	*browser
	checker string
	mux     *http.ServeMux  // the pages of the console, which answers nothing
	unseen  map[string]bool // patterns
}

// unpictured are patterns that show no page of their own: why.
var unpictured = map[string]string{
	"GET /assets/{file}":       "files of pages",
	"GET /connect/back":        "a side's answer, which leads to the page Connect",
	"GET /sign-in/oidc":        "leads to the identity provider",
	"GET /sign-in/oidc/answer": "the identity provider's answer, which leads to a page",
}

// gallery is what looks at pages with axe-core by the rules of WCAG 2.2 AA, or takes their
// pictures.
func (w *world) gallery() *gallery {
	w.t.Helper()
	g := &gallery{mux: http.NewServeMux(), unseen: map[string]bool{}}
	if *screenshots == "" {
		g.checker = axe(w.t)
	}
	for _, pattern := range console.New(console.Desk{}).Patterns() {
		g.mux.Handle(pattern, http.NotFoundHandler())
		stream := strings.Contains(pattern, "/live")
		file := strings.HasSuffix(pattern, ".csv") || strings.HasSuffix(pattern, ".yaml")
		if !strings.HasPrefix(pattern, http.MethodPost) && !stream && !file && unpictured[pattern] == "" {
			g.unseen[pattern] = true
		}
	}
	g.browser = w.visit()
	return g
}

// TestEveryPageIsForEverybody checks each page with axe-core by the rules of WCAG 2.2 AA,
// in light and dark, and that nothing but tables is wider than a phone of 360 pixels.
func TestEveryPageIsForEverybody(t *testing.T) {
	w := newWorld(t, func(c *config.Connection) {
		asksAboutSimilar(c)
		c.Mappings["company"] = slices.DeleteFunc(c.Mappings["company"], func(m config.Mapping) bool { return m.Salesforce == "Phone" })
	})
	b := w.gallery()
	b.page("welcome", w.welcome)
	b.page("sign-in", w.address+"/sign-in")
	b.setUp()
	b.everyday()
	b.settingsPages()
	b.endings()
	for pattern := range b.unseen {
		t.Errorf("no look at a page of %s", pattern)
	}
}

// everyday looks at the pages of a connection at work, and at those of the console itself.
func (b *gallery) everyday() {
	b.t.Helper()
	contact, _ := b.alike()
	plan := b.plan()
	b.choose(b.rows("waits")[0])
	b.press("Apply what is ticked")
	b.sees("1 written")
	b.run("import", "company")
	linked := b.linkedAccount("Northwind Traders", map[string]any{"Website": "https://northwind.example", "BillingStreet": "8 Quay Road", "BillingCity": "Bergen", "BillingPostalCode": "5003", "BillingCountry": "Norway",
		"NumberOfEmployees": 240, "AnnualRevenue": 12500000, "Description": "Tea, spices and preserves"})
	b.asked("Evelyn Oakfield")
	lone := b.create("companies", map[string]any{"name": "Lonely Loch", "domain": "lonely-loch.example"})
	b.apply(strings.Replace(b.run("settings", "export"), "every: 30m", "every: 45m", 1))
	b.open("/c/simulated/connect")
	b.press("Check both sides")
	b.sees("Checked")
	run := b.newest("/c/simulated/runs")
	b.eventually("it is known what an undo would do", func() bool {
		b.open(run + "/undo")
		return strings.Contains(b.text(), "looked at")
	})
	b.pages([][2]string{{"overview", "/"}, {"records", "/c/simulated/records"}, {"found", "/c/simulated/records?q=nothing%20of%20that%20name"},
		{"record", "/c/simulated/records/company/" + linked}, {"record-alone", "/c/simulated/records/company/" + lone},
		{"review", "/c/simulated/review"}, {"inclusion", "/c/simulated/inclusion/company"}, {"inclusion-all", "/c/simulated/inclusion"}, {"review-meeting", "/c/simulated/review/contact/" + contact}, {"review-apart", "/c/simulated/review/apart"}, {"review-conflicts", "/c/simulated/review/conflicts"},
		{"health", "/c/simulated/issues"}, {"health-category", "/c/simulated/issues?category=picklist"}, {"rules", "/rules"},
		{"runs", "/c/simulated/runs"}, {"run", run}, {"undo", run + "/undo"},
		{"plans", "/c/simulated/plans"}, {"plan", plan}, {"plan-part", plan + "?what=create+companies"}, {"import", "/c/simulated/import"},
		{"connect", "/c/simulated/connect"}, {"connection-new", "/connections/new"}, {"users", "/people"}, {"audit", "/audit"}, {"notifications", "/notifications"}, {"no-page", "/nowhere"}})
	b.looks("import-some", func() {
		b.open("/c/simulated/import")
		b.press("Only some of them")
		b.sees("Only these ids")
	})
}

// linkedAccount makes an account with more fields than its name or none, and gives its id once
// it is linked.
func (b *gallery) linkedAccount(name string, more map[string]any) (id string) {
	b.t.Helper()
	fields := map[string]any{"Name": name}
	maps.Copy(fields, more)
	id = b.create("Account", fields)
	b.eventually("the new account is linked", func() bool {
		b.open("/c/simulated/records/company/" + id)
		return strings.Contains(b.text(), "In step")
	})
	return id
}

// settingsPages looks at the pages of settings and mappings, and at what answers their forms.
func (b *gallery) settingsPages() {
	b.t.Helper()
	b.pages([][2]string{{"settings", "/c/simulated/settings"}, {"settings-companies", "/c/simulated/settings/companies"}, {"settings-deals", "/c/simulated/settings/deals"}, {"settings-lifecycle", "/c/simulated/settings/lifecycle"}, {"settings-owners", "/c/simulated/settings/owners"},
		{"settings-activities", "/c/simulated/settings/activities"}, {"settings-custom", "/c/simulated/settings/custom-objects"}, {"settings-general", "/c/simulated/settings/general"}, {"settings-versions", "/c/simulated/settings/versions?from=1&to=2"}, {"settings-import", "/c/simulated/settings/import"},
		{"mappings", "/c/simulated/mappings"}, {"mapping", "/c/simulated/mappings/company/one?salesforce=Industry&hubspot=industry"},
		{"mapping-new", "/c/simulated/mappings/company/one"}, {"mapping-refused", "/c/simulated/mappings/company/one?salesforce=Sic&hubspot=about_us"}, {"mappings-activity", "/c/simulated/mappings/meeting"}})
	b.answer("settings-look", "/c/simulated/settings/companies", map[string]string{"base": "2", "companies.sync": "false", "companies.filter.from_salesforce": "Industry == 'Energy'"})
	b.answer("settings-refused", "/c/simulated/settings/companies", map[string]string{"base": "2", "companies.create_account": "city ="})
	b.answer("settings-overtaken", "/c/simulated/settings/companies", map[string]string{"base": "1", "companies.sync": "false"})
	b.answer("mapping-look", "/c/simulated/mappings/company/one", map[string]string{"base": "2", "salesforce": "Fax", "hubspot": "twitterhandle", "rule": "two_way"})
	b.answer("mapping-tried", "/c/simulated/mappings/company/try", map[string]string{"base": "2", "was_salesforce": "Name", "was_hubspot": "name", "salesforce": "Name", "hubspot": "name", "rule": "two_way", "to_hubspot": "upper(value)"})
	b.answer("mappings-propose", "/c/simulated/mappings/company/propose", map[string]string{})
	b.eventually("the default mappings are found", func() bool {
		b.open("/c/simulated/mappings/company/proposed")
		return strings.Contains(b.text(), "not in the list yet")
	})
	b.pages([][2]string{{"settings-looked", "/c/simulated/settings/look"}, {"mappings-proposed", "/c/simulated/mappings/company/proposed"}})
	b.account(b.linkedAccount("Fax Fell", nil), "Fax", "+47 22 00 00 01")
	b.draftOne("Fax", "twitterhandle", "two_way")
	b.press("Preview the records it would alter")
	b.sees("would be altered")
	b.page("mapping-preview", b.address+eval[string](b.browser, `location.pathname`))
}

// endings looks at the page on which a connection is ended, before and after.
func (b *gallery) endings() {
	b.t.Helper()
	b.page("disconnect", b.address+"/c/simulated/disconnect")
	b.fill("name", "simulated")
	b.press("Disconnect")
	b.sees("simulated is disconnected")
	b.sees("These owners are in Salesforce only")
	b.pages([][2]string{{"disconnected", "/c/simulated/disconnect"}, {"overview-disconnected", "/"}})
}

// pages looks at pages by name and address.
func (b *gallery) pages(all [][2]string) {
	b.t.Helper()
	for _, p := range all {
		b.page(p[0], b.address+p[1])
	}
}

// newest is the address of what a list of the console begins with.
func (b *browser) newest(list string) string {
	b.t.Helper()
	return eval[string](b, fmt.Sprintf(`fetch(%q).then(r => r.text()).then(t => new DOMParser().parseFromString(t, "text/html").querySelector("tbody a").getAttribute("href"))`, list))
}

// answer looks at the page that answers a form.
func (b *gallery) answer(name, path string, fields map[string]string) {
	b.t.Helper()
	text, _ := json.Marshal(fields)
	b.looks(name, func() {
		b.open("/rules")
		eval[bool](b.browser, fmt.Sprintf(`(() => { const form = document.createElement("form"); form.method = "post"; form.action = %q;
			for (const [name, value] of Object.entries(%s)) { const field = document.createElement("input"); field.type = "hidden"; field.name = name; field.value = value; form.append(field); }
			document.body.append(form); setTimeout(() => form.submit()); return true; })()`, path, text))
		b.do(chromedp.WaitReady(chromedp.CSS("nav a[href^='/c/'][aria-current]")))
	})
}

// page looks at the page of an address.
func (b *gallery) page(name, address string) {
	b.t.Helper()
	if r, err := http.NewRequest(http.MethodGet, address, nil); err == nil {
		_, pattern := b.mux.Handler(r)
		delete(b.unseen, pattern)
	}
	b.looks(name, func() { b.do(chromedp.Navigate(address), chromedp.WaitReady(chromedp.CSS("main"))) })
}

// looks looks in every way at a page that lead leads to.
func (b *gallery) looks(name string, lead func()) {
	b.t.Helper()
	for _, l := range looks {
		b.scheme(l.scheme)
		b.do(chromedp.EmulateViewport(l.width, l.height))
		lead()
		if over := eval[int](b.browser, `document.documentElement.scrollWidth - window.innerWidth`); over > 0 {
			b.t.Errorf("%s, %s: the page is %d pixels too wide", name, l.name, over)
		}
		if b.checker != "" {
			b.check(name+", "+l.name, b.checker)
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
