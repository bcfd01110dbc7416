package consoletest

import (
	"net/http"

	"github.com/chromedp/chromedp"
	"slices"
	"testing"

	"tandem/internal/config"
)

// TestINC5_LIM11_WhoIsInScopeIsCounted by object and direction, with some of those who are in
// and of those who are left out.
func TestINC5_LIM11_WhoIsInScopeIsCounted(t *testing.T) {
	const filter = `Name == "Inside Inlet" || Name == "<b>Inlet</b>"`
	w := newWorld(t, func(c *config.Connection) { c.Companies.Filter.FromSalesforce = filter })
	b := w.visit()
	b.setUp()
	for _, name := range []string{"Inside Inlet", "<b>Inlet</b>"} {
		w.create("Account", map[string]any{"Name": name})
	}
	accounts := w.total("SELECT+COUNT()+FROM+Account")
	b.open("/c/simulated/settings")
	b.press("Who is in scope")
	b.sees(filter)
	b.open("/c/simulated/inclusion")
	b.do(chromedp.Click(`//button[@aria-label="Count Companies and accounts"]`))
	b.sees("Looking took")
	if cells := b.cells("Who is in scope", "Account of Salesforce"); !slices.Equal(cells, []int{accounts, 2, accounts - 2, 0}) {
		t.Errorf("of %d accounts: %v", accounts, cells)
	}
	b.sees("Account of Salesforce in scope: ")
	b.sees("<b>Inlet</b>")
	b.sees("Account of Salesforce left out: ")
	v := b.invited("viewer")
	v.open("/c/simulated/inclusion")
	v.sees(filter)
	v.lacks("Count\n")
	if answer := eval[int](v, `fetch("/c/simulated/inclusion/company", {method: "POST"}).then(r => r.status)`); answer != http.StatusForbidden {
		t.Errorf("a viewer's count is answered %d", answer)
	}
}
