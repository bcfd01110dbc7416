package consoletest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"tandem/internal/config"
)

// slow is for how long the org takes for an answer while a look is to be seen under way.
const slow = 3 * time.Second

// answers sets how long the org takes for each answer.
func (w *world) answers(within time.Duration) {
	w.t.Helper()
	w.call(http.MethodPost, w.sims.Salesforce.URL+"/_sim/settings", w.sims.Salesforce.AdminToken, map[string]string{"latency": within.String()}, nil)
}

// TestINST3_APreflightUnderWaySurvivesAReload: it says what it is at, somebody else sees it as
// well, and what it finds comes by itself.
func TestINST3_APreflightUnderWaySurvivesAReload(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	v := b.invited("viewer")
	b.open("/c/simulated/connect")
	w.answers(slow)
	b.press("Check both sides")
	b.sees("Looks at ")
	b.sees("Stop looking")
	v.open("/c/simulated/connect")
	v.sees(adminName + " asked for it")
	v.lacks("Stop looking")
	b.open("/c/simulated/connect")
	b.sees("Looks at ")
	w.answers(0)
	b.sees(" by " + adminName)
	b.sees("as it should be")
	b.lacks("Stop looking")
	v.sees("as it should be") // without a reload
}

// TestLIM11_ACountUnderWayIsStoppedAndItsResultKept: by object, with its age.
func TestLIM11_ACountUnderWayIsStoppedAndItsResultKept(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	count := chromedp.Click(`//button[@aria-label="Count Contacts and leads"]`)
	b.open("/c/simulated/inclusion")
	w.answers(slow)
	b.do(count)
	b.sees("Looks at ")
	b.press("Stop looking")
	b.sees("The last look found nothing: the look was stopped")
	b.sees("Nobody has counted these yet")
	b.do(count)
	b.sees("Looks at ")
	b.open("/")
	w.answers(0)
	b.open("/c/simulated/inclusion/contact")
	b.sees("calls of Salesforce")
	b.sees("Counted ")
	b.lacks("found nothing")
	v := b.invited("viewer")
	v.open("/c/simulated/inclusion/contact")
	v.sees("calls of Salesforce")
	for _, path := range []string{"/inclusion/contact", "/looks/stop"} {
		if answer := eval[int](v, `fetch("/c/simulated`+path+`", {method: "POST"}).then(r => r.status)`); answer != http.StatusForbidden {
			t.Errorf("a viewer's post to %s is answered %d", path, answer)
		}
	}
}

// TestLIM11_WhatSettingsWouldDoIsLookedAtInTheBackground: the draft is still there once it is
// found, and is saved from there.
func TestLIM11_WhatSettingsWouldDoIsLookedAtInTheBackground(t *testing.T) {
	w := newWorld(t, func(c *config.Connection) { c.Companies.Sync = false })
	b := w.visit()
	b.setUp()
	b.open("/c/simulated/settings/companies")
	b.tick("companies.sync")
	w.answers(slow)
	b.press("Show what it would do")
	b.sees("Looks at ")
	b.open("/c/simulated/settings/look")
	b.sees("Looks at ")
	w.answers(0)
	b.sees("Company sync is on")
	b.press("Save")
	b.sees("counts now")
	if !eval[bool](b, `document.querySelector('main input[type=checkbox][name="companies.sync"]').checked`) {
		t.Error("what was saved does not count")
	}
}

// TestINST3_APreflightGoesOnWhenTheServiceStartsAgain and is found by who loads the page again.
func TestINST3_APreflightGoesOnWhenTheServiceStartsAgain(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	b.open("/c/simulated/connect")
	w.answers(slow)
	b.press("Check both sides")
	b.sees("Looks at ")
	w.restart(nil)
	b.open("/c/simulated/connect")
	b.sees(adminName + " asked for it")
	w.answers(0)
	b.sees("as it should be")
	b.lacks("Stop looking")
}

// TestLIM29_WhatAnUndoWouldDoIsLookedAtInTheBackground: what it would do comes by itself, is still there after a
// reload, and is done from there.
func TestLIM29_WhatAnUndoWouldDoIsLookedAtInTheBackground(t *testing.T) {
	w := newWorld(t, nil)
	w.run("import", "company")
	b := w.visit()
	b.setUp()
	run := b.newestImport()
	b.open(run)
	w.answers(slow)
	b.press("Undo this run")
	b.sees("Looks at ")
	b.open(run + "/undo")
	b.sees("asked for it")
	w.answers(0)
	b.sees("records looked at")
	b.sees("Records that it made: ")
	b.lacks("--delete-created")
	b.lacks("Put back")
	b.tick("created")
	b.press("Show what that would do")
	b.sees("Archive companies in HubSpot: ")
	b.lacks("Records that it made: ")
	b.press("Undo it as shown")
	b.sees(": undo of run ")
	b.eventually("the run has archived what it made", func() bool { return strings.Contains(b.text(), "Archive companies in HubSpot: ") })
}

// TestSET10_DefaultMappingsAreFoundInTheBackground and named, before it is shown what they would do.
func TestSET10_DefaultMappingsAreFoundInTheBackground(t *testing.T) {
	w := newWorld(t, func(c *config.Connection) { c.Companies.Sync = false; delete(c.Mappings, "company") })
	b := w.visit()
	b.setUp()
	b.open("/c/simulated/mappings/company")
	b.sees("No mapping yet")
	w.answers(slow)
	b.press("Add the default mappings")
	b.sees("Looks at the fields of ")
	b.open("/c/simulated/mappings/company/proposed")
	b.sees("Looks at the fields of ")
	w.answers(0)
	b.sees("default mappings are not in the list yet")
	b.sees("Phone ⇄ phone")
	b.press("Show what they would do")
	b.sees("Before it is saved")
	b.press("Save")
	b.sees("Version 2 counts now")
}
