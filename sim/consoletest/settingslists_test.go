package consoletest

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"tandem/internal/config"
)

// unfold opens every part of a page that is folded.
func (b *browser) unfold() {
	b.t.Helper()
	eval[bool](b, `(() => { document.querySelectorAll("main details").forEach(d => { d.open = true }); return true })()`)
}

// into writes into the n-th field of a name.
func (b *browser) into(name string, n int, text string) {
	b.t.Helper()
	eval[bool](b, `(() => { document.querySelectorAll('main [name="`+name+`"]')[`+string(rune('0'+n))+`].value = "`+text+`"; return true })()`)
}

// saves saves what was filled in, after a look.
func (b *browser) saves(version string) {
	b.t.Helper()
	b.press("Show what it would do")
	b.sees("Before it is saved")
	b.press("Save")
	b.sees("Version " + version + " counts now")
}

func TestCO3_ACustomObjectWithAnAssociationIsAddedAndTakenOutInTheBrowser(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	b.open("/c/simulated/settings/custom-objects")
	b.sees("Add a custom object")
	b.unfold()
	const of = "custom_objects[0]"
	b.fill(of+".name", "site")
	b.fill(of+".salesforce", "Site__c")
	b.fill(of+".hubspot", "2-1234567")
	b.do(chromedp.SetValue(chromedp.CSS(`main [name="`+of+`.on_conflict"]`), "salesforce"))
	b.fill(of+".associations[0].field", "Account__c")
	b.fill(of+".associations[0].to", "site")
	b.press("Show what it would do")
	b.sees("Nothing was saved")
	b.sees("does not tell which of two associated records")
	b.unfold()
	b.fill(of+".associations[0].to", "company")
	b.saves("2")
	text := w.run("settings", "export")
	for _, part := range []string{"name: site", "on_conflict: salesforce", "field: Account__c", "to: company"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in what was saved:\n%s", part, text)
		}
	}
	b.open("/c/simulated/settings/custom-objects")
	b.sees("site")
	b.unfold()
	b.tick(of + ".associations[0]")
	b.saves("3")
	if text := w.run("settings", "export"); strings.Contains(text, "Account__c") || !strings.Contains(text, "name: site") {
		t.Errorf("after the association was taken out\n%s", text)
	}
	b.unfold()
	b.tick(of)
	b.saves("4")
	if text := w.run("settings", "export"); strings.Contains(text, "name: site") {
		t.Errorf("after the object was taken out\n%s", text)
	}
}

func TestDEAL3_APipelineWithItsStagesIsFilledInInTheBrowser(t *testing.T) {
	w := newWorld(t, func(c *config.Connection) {
		c.Deals.Pipelines = []config.DealPipeline{{RecordType: "New", Pipeline: "Sales", Stages: map[string]string{"Closed Won": "closedwon"}}}
	})
	b := w.visit()
	b.setUp()
	b.open("/c/simulated/settings/deals")
	b.sees("Pipelines")
	b.unfold()
	const of = "deals.pipelines[0].stages"
	b.into(of+"/left", 1, "Prospecting")
	b.into(of+"/right", 1, "appointmentscheduled")
	b.saves("2")
	if text := w.run("settings", "export"); !strings.Contains(text, "Prospecting: appointmentscheduled") || !strings.Contains(text, "Closed Won: closedwon") {
		t.Errorf("stages are\n%s", text)
	}
	b.unfold()
	b.into(of+"/left", 2, "Prospecting") // a second time
	b.into(of+"/right", 2, "closedlost")
	b.press("Show what it would do")
	b.sees("Nothing was saved")
	b.sees("Prospecting")
	b.open("/c/simulated/settings/deals")
	b.sees("Pipelines")
	b.unfold()
	b.into(of+"/left", 0, "")
	b.into(of+"/right", 0, "")
	b.saves("3")
	if text := w.run("settings", "export"); !strings.Contains(text, "Prospecting: appointmentscheduled") || strings.Contains(text, "closedwon") {
		t.Errorf("stages are\n%s", text)
	}
}

func TestLIM5_RulesForNewPeopleAreFilledInInTheBrowser(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	b.open("/c/simulated/settings/contacts")
	b.sees("When a HubSpot contact is created or updated")
	b.sees("Create or update the lead")
	b.unfold()
	b.fill("contacts.from_hubspot.rules[0].when", `city == "Rule City"`)
	b.do(chromedp.SetValue(chromedp.CSS(`main [name="contacts.from_hubspot.rules[0].create"]`), "contact"))
	b.saves("2")
	var from []string
	for _, line := range strings.Split(w.run("settings", "export"), "\n") {
		if strings.Contains(line, "Rule City") || strings.Contains(line, "create: contact") {
			from = append(from, strings.TrimSpace(line))
		}
	}
	if len(from) != 2 {
		t.Errorf("rules are %v", from)
	}
	shown := eval[[]string](b, `[...document.querySelectorAll('main [name="contacts.from_hubspot"] option')].map(o => o.innerText)`)
	if !slices.Contains(shown, "What the rules below say") {
		t.Errorf("the choice offers %v", shown)
	}
	b.do(chromedp.SetValue(chromedp.CSS(`main [name="contacts.from_hubspot"]`), "contact"))
	b.saves("3")
	if text := w.run("settings", "export"); strings.Contains(text, "Rule City") || !strings.Contains(text, "from_hubspot: contact") {
		t.Errorf("after the word was chosen again\n%s", text)
	}
}

func TestAPI1_TheCallsAllocatedAreSeenInSyncHealthAndChanged(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	b.open("/c/simulated/issues")
	b.sees("Allocated to Tandem")
	b.sees("no limit")
	b.sees("100\u202f000") // of the org
	b.press("Change the allocation")
	b.sees("Salesforce calls in 24 hours")
	b.unfold()
	b.fill("allocated_calls.salesforce", "-3")
	b.press("Show what it would do")
	b.sees("Nothing was saved")
	b.sees("a number of calls is not negative")
	b.unfold()
	b.fill("allocated_calls.salesforce", "54321")
	b.saves("2")
	b.open("/c/simulated/issues")
	b.sees("54\u202f321")
	w.eventually("the daemon holds to it", func() bool {
		return strings.Contains(eval[string](b, `fetch("/status").then(r => r.text())`), `54321`)
	})
}
