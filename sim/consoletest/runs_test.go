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

// newestImport is the address of the page of the newest import.
func (b *browser) newestImport() string {
	b.t.Helper()
	return eval[string](b, `fetch("/c/simulated/runs").then(r => r.text()).then(t => document.evaluate("//tr[td[1]='import']//a/@href", new DOMParser().parseFromString(t, "text/html"), null, 2).stringValue)`)
}
