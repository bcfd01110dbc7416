package consoletest

import (
	"net/http"
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
