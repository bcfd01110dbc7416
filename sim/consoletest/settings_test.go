package consoletest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// cells are the numbers in a row of a table.
func (b *browser) cells(table, row string) []int {
	b.t.Helper()
	return eval[[]int](b, fmt.Sprintf(`[...document.querySelectorAll('[aria-label=%q] tbody tr')].filter(r => r.querySelector("th").innerText === %q)
		.flatMap(r => [...r.querySelectorAll(".amount")].map(c => Number(c.innerText.replace(/\D/g, ""))))`, table, row))
}

// total is how many records a query of the org counts.
func (w *world) total(query string) int {
	w.t.Helper()
	var got struct{ TotalSize int }
	w.call(http.MethodGet, w.sims.Salesforce.URL+"/services/data/v64.0/query?q="+query, w.sims.Salesforce.AdminToken, nil, &got)
	return got.TotalSize
}

func TestSET7_CompaniesAreSwitchedOnInTheBrowser(t *testing.T) {
	w := newWorld(t, func(c *config.Connection) { c.Companies.Sync = false })
	b := w.visit()
	b.setUp()
	w.create("Account", map[string]any{"Name": "Before Bay"})
	b.open("/c/simulated/settings/companies")
	b.sees("Settings: Companies")
	b.tick("companies.sync")
	b.press("Show what it would do")
	b.sees("Company sync is on")
	b.sees("companies.sync")
	accounts, companies := w.total("SELECT+COUNT()+FROM+Account"), len(w.companies())
	for row, n := range map[string]int{"Account of Salesforce": accounts, "companies of HubSpot": companies} { // now, then, enter, leave, of them linked
		if cells := b.cells("Who would sync", row); !slices.Equal(cells, []int{0, n, n, 0, 0}) {
			t.Errorf("%s: %v, of %d", row, cells, n)
		}
	}
	b.sees("Account of Salesforce that enter: ")
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

// valueOf is what a field of the page has.
func (b *browser) valueOf(key string) string {
	b.t.Helper()
	return eval[string](b, `document.querySelector('main [name="`+key+`"]:not([type=hidden])').value`)
}

func TestTwoAdminsWhoSaveTheSameSettingAreToldOfEachOther(t *testing.T) {
	w := newWorld(t, nil)
	a := w.visit()
	a.setUp()
	b := a.invited("admin")
	for _, one := range []*browser{a, b} {
		one.open("/c/simulated/settings/general")
		one.sees("Version 1")
	}
	a.fill("poll_every", "90s")
	a.fill("sweep_every", "12h")
	a.press("Show what it would do")
	a.sees("Before it is saved")
	a.press("Save")
	a.sees("Version 2 counts now")
	b.fill("poll_every", "45s")
	b.press("Show what it would do")
	b.sees("Somebody else has saved meanwhile")
	b.sees(adminName + " has saved version 2")
	b.sees("changed by both")
	b.sees("sweep_every")
	b.press("Show what mine would do now")
	b.sees("Before it is saved")
	b.lacks("sweep_every")
	b.press("Save")
	b.sees("Version 3 counts now")
	if got := b.valueOf("poll_every") + " " + b.valueOf("sweep_every"); got != "45s 12h" {
		t.Errorf("the settings are %s", got)
	}
}

// TestAnAdminWhoIsOvertakenWhileLookingIsTold although the look was of what counted then.
func TestAnAdminWhoIsOvertakenWhileLookingIsTold(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	b.open("/c/simulated/settings/general")
	b.fill("poll_every", "45s")
	b.press("Show what it would do")
	b.sees("Before it is saved")
	text := w.run("settings", "export")
	w.apply(strings.Replace(text, "sweep_every: 1d", "sweep_every: 12h", 1))
	b.press("Save")
	b.sees("Somebody else has saved meanwhile")
	if now := w.run("settings", "export"); !strings.Contains(now, "sweep_every: 12h") || strings.Contains(now, "45s") {
		t.Errorf("what counts is\n%s", now)
	}
}

// apply applies settings from the command line.
func (w *world) apply(text string) {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), "settings.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.run("settings", "apply", file, "--yes")
}

func TestLIM9_AnOrderThatLosesDataIsRefusedWithTheReason(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	b.open("/c/simulated/settings/deals")
	b.sees("Settings: Deals")
	b.tick("deals.sync")
	b.press("Show what it would do")
	b.sees("Before it is saved")
	b.press("Save")
	b.sees("Version 2 counts now")
	b.open("/c/simulated/settings/companies")
	b.tick("companies.sync")
	b.press("Show what it would do")
	b.sees("Nothing was saved")
	b.sees("ACC-16")
	if !eval[bool](b, `!document.querySelector('main input[type=checkbox][name="companies.sync"]').checked`) {
		t.Error("the form has forgotten what was filled in")
	}
	unread := `base: "2", back: "deals", settings: "companies: {"`
	if status := eval[int](b, `fetch("/c/simulated/settings/again", {method: "POST", body: new URLSearchParams({`+unread+`})}).then(r => r.status)`); status != http.StatusUnprocessableEntity {
		t.Errorf("settings that do not read are answered %d", status)
	}
	const forged = `base: "2", back: "deals", settings: "companies: {sync: false}\ndeals: {sync: true}"`
	for _, path := range []string{"", "/again"} {
		if answer := eval[string](b, `fetch("/c/simulated/settings`+path+`", {method: "POST", body: new URLSearchParams({`+forged+`})}).then(r => r.text().then(t => r.status + t))`); !strings.HasPrefix(answer, "422") || !strings.Contains(answer, "ACC-16") {
			t.Errorf("a post to settings%s is answered %s", path, answer)
		}
	}
	if out := w.run("settings", "list", "--json"); strings.Contains(out, `"version":3`) {
		t.Errorf("versions are %s", out)
	}
}

func TestAViewerReadsSettingsAndMayNotChangeThem(t *testing.T) {
	w := newWorld(t, nil)
	a := w.visit()
	a.setUp()
	for _, role := range []string{"viewer", "operator"} {
		v := a.invited(role)
		v.open("/c/simulated/settings")
		v.sees("Settings are changed by an admin")
		v.lacks("Show what it would do")
		v.open("/c/simulated/settings/versions")
		v.sees("the first one")
		v.lacks("Put back")
		for _, path := range []string{"", "/companies", "/again", "/import", "/back"} {
			answer := eval[int](v, `fetch("/c/simulated/settings`+path+`", {method: "POST", body: new URLSearchParams({base: "1", version: "1", back: "general", settings: "paused: true", "companies.sync": "false"})}).then(r => r.status)`)
			if answer != http.StatusForbidden {
				t.Errorf("a post of a %s to settings%s is answered %d", role, path, answer)
			}
		}
	}
	if out := w.run("settings", "list", "--json"); strings.Contains(out, `"version":2`) {
		t.Errorf("versions are %s", out)
	}
}

// paste puts a text into a field of several lines.
func (b *browser) paste(name, text string) {
	b.t.Helper()
	quoted, _ := json.Marshal(text)
	eval[string](b, fmt.Sprintf(`document.querySelector('main textarea[name=%q]').value = %s`, name, quoted))
}

func TestAVersionIsPutBackAndASettingsFileImported(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	first := w.run("settings", "export")
	b.open("/c/simulated/settings/import")
	b.sees("Or its text")
	b.paste("settings", "companies: {sync: true, mtach: [id]}")
	b.press("Show what it would do")
	b.sees("Nothing was saved")
	b.sees("line 1")
	second := strings.Replace(first, "sweep_every: 1d", "sweep_every: 12h", 1)
	b.paste("settings", second)
	b.press("Show what it would do")
	b.sees("1 setting changes")
	b.press("Save")
	b.sees("Version 2 counts now")
	if now := w.run("settings", "export"); now != second {
		t.Errorf("after the import\n%s", now)
	}
	b.press("Show the changes of version 2")
	b.sees("From version 1 to version 2")
	b.sees("sweep_every")
	if file := eval[string](b, `fetch("/c/simulated/settings.yaml?version=1").then(r => r.text())`); file != first {
		t.Errorf("version 1 as a file is\n%s", file)
	}
	b.press("Put version 1 back")
	b.sees("Before it is saved")
	b.press("Save")
	b.sees("Version 3 counts now")
	if now := w.run("settings", "export"); now != first {
		t.Errorf("after version 1 was put back\n%s", now)
	}
}
