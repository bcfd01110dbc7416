package consoletest

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestIMP1_ARunsPageListsEachOfItsRecords as the sheet does, a state at a time and page by
// page, and a sheet is noted.
func TestIMP1_ARunsPageListsEachOfItsRecords(t *testing.T) {
	w := newWorld(t, nil)
	w.run("import", "company")
	b := w.visit()
	b.setUp()
	run := b.newestImport()
	sheet := eval[string](b, fmt.Sprintf(`fetch(%q).then(r => r.text())`, run+".csv"))
	rows, err := csv.NewReader(strings.NewReader(sheet)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]int{}
	for _, row := range rows[1:] {
		by[row[3]]++
	}
	if by["done"] == 0 || by["field issue"] == 0 {
		t.Fatalf("the sheet has %v", by)
	}
	b.open(run)
	b.sees("Its records")
	if unnamed := b.unnamed("section[aria-labelledby=records]"); len(unnamed) > 0 {
		t.Errorf("records are listed by their ids alone: %q", unnamed)
	}
	for state, want := range by {
		b.open(run + "?state=" + strings.ReplaceAll(state, " ", "+"))
		listed := 0
		for {
			listed += eval[int](b, `document.querySelectorAll("section[aria-labelledby=records] tbody tr").length`)
			next := eval[string](b, `(document.evaluate("//nav[@class='pager']/a[.='Next page']", document, null, 9).singleNodeValue || {getAttribute: () => ""}).getAttribute("href")`)
			if next == "" {
				break
			}
			b.open(next)
		}
		if listed != want {
			t.Errorf("%d records are listed as %s, want %d", listed, state, want)
		}
	}
	b.open(run)
	b.do(chromedp.SetValue(chromedp.CSS(`select[name=state]`), "field issue"))
	b.press("Filter")
	b.sees("option_unknown")
	b.do(chromedp.Click(chromedp.CSS(`section[aria-labelledby=records] tbody th a`)))
	b.sees("Sync now")
	b.open("/audit")
	b.sees("export run")
}

// unnamed are the records of a list that stand there without a name.
func (b *browser) unnamed(list string) []string {
	b.t.Helper()
	return eval[[]string](b, fmt.Sprintf(`[...document.querySelectorAll(%q)].map(l => l.querySelectorAll("tbody th a")).flatMap(all => [...all]).map(a => a.innerText).filter(t => !/^.+ \((Salesforce|HubSpot) .+\)$/.test(t))`, list))
}

// newestImport is the address of the page of the newest import.
func (b *browser) newestImport() string {
	b.t.Helper()
	return eval[string](b, `fetch("/c/simulated/runs").then(r => r.text()).then(t => document.evaluate("//tr[td[1]='Import of companies']//a/@href", new DOMParser().parseFromString(t, "text/html"), null, 2).stringValue)`)
}

// TestIMP1_TheListOfAnOpenRunFollowsIt without a reload, and leaves alone what its reader is
// at: the state that is chosen, the focus, and which records were asked for.
func TestIMP1_TheListOfAnOpenRunFollowsIt(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	failed := b.invited("viewer")
	b.open("/c/simulated/import?object=company")
	w.answers(slow)
	b.press("Start the import")
	b.sees("No record was worked on yet")
	run := eval[string](b, `location.pathname`)
	failed.open(run + "?state=failed")
	failed.sees("No more record of the run is in that state")
	eval[bool](b, `(() => { window.unloaded = false; const s = document.querySelector("select[name=state]"); s.value = "skipped"; s.focus(); return true; })()`)
	w.answers(0)
	b.sees("What it wrote")
	b.eventually("the records of the run are listed", func() bool {
		return eval[int](b, `document.querySelectorAll("section[aria-labelledby=records] tbody tr").length`) > 0
	})
	b.lacks("No record was worked on yet")
	if !eval[bool](b, `window.unloaded === false && document.activeElement === document.querySelector("select[name=state]") && document.activeElement.value === "skipped"`) {
		t.Error("the page was loaded anew, or has lost the chosen state or the focus")
	}
	failed.sees("What it wrote")
	if eval[int](failed, `document.querySelectorAll("section[aria-labelledby=records] tbody .badge.good").length`) > 0 {
		t.Error("who asked for failed records is shown others")
	}
}

// picks opens the form of an import of companies and fills in which of them it takes.
func (b *browser) picks(from, field, text string) {
	b.t.Helper()
	b.open("/c/simulated/import?object=company")
	b.do(chromedp.SetValue(chromedp.CSS("main [name=from]"), from))
	b.press("Only some of them")
	b.do(chromedp.SendKeys(chromedp.CSS("main [name="+field+"]"), text))
	b.press("Start the import")
}

// TestIMP1_AnImportTakesWhatIsPickedInTheBrowser: those for which a condition holds, then those
// that a CSV file names, and nobody else; what names nobody begins nothing.
func TestIMP1_AnImportTakesWhatIsPickedInTheBrowser(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	const one, two, three, other = "Amber Energy GmbH", "Cedar Robotics GmbH", "Evergreen Software AB", "Falcon Logistics SA"
	for _, refused := range [][4]string{
		{"both", "when", `Name == "` + one + `"`, "A condition speaks of the fields of one side"},
		{"hubspot", "list", "Nobody's list", "HubSpot has no list"},
		{"both", "ids", "12 apples", `"12 apples" is no id of a company or account`},
	} {
		b.picks(refused[0], refused[1], refused[2])
		b.sees(refused[3])
	}
	b.picks("salesforce", "when", `Name == "`+one+`"`)
	b.sees("Create companies in HubSpot: 1")
	b.open("/c/simulated/import?object=company")
	b.press("Only some of them")
	sheet := "Account Name,Account ID\n" + two + "," + w.idOf("Account", two) + "\n" + three + "," + w.idOf("Account", three) + "\n"
	eval[bool](b, fmt.Sprintf(`(() => { const d = new DataTransfer(); d.items.add(new File([%q], "accounts.csv", {type: "text/csv"})); document.querySelector("main input[type=file]").files = d.files; return true; })()`, sheet))
	b.press("Start the import")
	b.sees("Create companies in HubSpot: 2")
	for name, want := range map[string]int{one: 1, two: 1, three: 1, other: 0} {
		w.eventually(fmt.Sprintf("%s is there %d times in HubSpot, whose search runs behind", name, want), func() bool { return w.portalHas("companies", "name", name) == want })
	}
	b.open("/audit?action=start+import")
	b.sees("ids of a list")
}

// idOf is the id of the org's record of a name.
func (w *world) idOf(object, name string) string {
	w.t.Helper()
	var got struct{ Records []struct{ ID string } }
	q := fmt.Sprintf("SELECT+Id+FROM+%s+WHERE+Name='%s'", object, strings.ReplaceAll(name, " ", "+"))
	w.call("GET", w.sims.Salesforce.URL+"/services/data/v64.0/query?q="+q, w.sims.Salesforce.AdminToken, nil, &got)
	if len(got.Records) != 1 {
		w.t.Fatalf("%d records of %s are called %s", len(got.Records), object, name)
	}
	return got.Records[0].ID
}
