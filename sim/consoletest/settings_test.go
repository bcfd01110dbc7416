package consoletest

import (
	"testing"

	"github.com/chromedp/chromedp"

	"tandem/internal/config"
)

// portalHas counts the portal's records of an object with a value in a property.
func (w *world) portalHas(object, property, value string) int {
	w.t.Helper()
	var got struct{ Total int }
	filter := map[string]any{"propertyName": property, "operator": "EQ", "value": value}
	w.call("POST", w.sims.HubSpot.URL+"/crm/v3/objects/"+object+"/search", w.sims.HubSpot.AdminToken,
		map[string]any{"filterGroups": []any{map[string]any{"filters": []any{filter}}}}, &got)
	return got.Total
}

// tick clicks the switch of a setting.
func (b *browser) tick(key string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(`main input[type=checkbox][name="` + key + `"]`)))
}

func TestSET7_CompaniesAreSwitchedOnInTheBrowser(t *testing.T) {
	w := newWorld(t, func(c *config.Connection) { c.Companies.Sync = false })
	b := w.visit()
	b.setUp()
	w.create("Account", map[string]any{"Name": "Before Bay"})
	b.open("/c/simulated/settings")
	b.sees("Settings: Companies")
	b.tick("companies.sync")
	b.press("Show what it would do")
	b.sees("company sync is on")
	b.sees("companies.sync")
	if n := w.portalHas("companies", "name", "Before Bay"); n != 0 {
		t.Fatalf("%d companies are there before anything was saved", n)
	}
	b.press("Save")
	b.sees("Version 2 counts now")
	w.create("Account", map[string]any{"Name": "Fresh Fjord"})
	w.eventually("the new account arrives in HubSpot", func() bool { return w.portalHas("companies", "name", "Fresh Fjord") == 1 })
	b.open("/audit")
	b.sees("save settings")
}
