package consoletest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"tandem/internal/config"
	"tandem/internal/store"
)

// companies are the names of all companies of the portal, in order.
func (w *world) companies() (names []string) {
	w.t.Helper()
	for after := ""; ; {
		var page struct {
			Results []struct {
				Properties struct{ Name string }
			}
			Paging struct{ Next struct{ After string } }
		}
		w.call(http.MethodGet, w.sims.HubSpot.URL+"/crm/v3/objects/companies?limit=100&after="+after, w.sims.HubSpot.AdminToken, nil, &page)
		for _, c := range page.Results {
			names = append(names, c.Properties.Name)
		}
		if after = page.Paging.Next.After; after == "" {
			slices.Sort(names)
			return names
		}
	}
}

// added are the names that all has beyond those of before.
func added(before, all []string) (out []string) {
	left := slices.Clone(before)
	for _, name := range all {
		if at := slices.Index(left, name); at >= 0 {
			left = slices.Delete(left, at, at+1)
			continue
		}
		out = append(out, name)
	}
	return out
}

// plan makes a plan of all companies in the browser, and opens its list of those that
// would be made in HubSpot. It gives the plan's address.
func (b *browser) plan() string {
	b.t.Helper()
	b.open("/c/simulated/plans")
	b.sees("Plans")
	b.press("Make a plan")
	b.sees("looked at; made")
	b.press("Create companies in HubSpot")
	b.sees("Records: create companies in HubSpot")
	return eval[string](b, `location.pathname`)
}

// rows are the names of the records that a page of a plan lists, with those of a state.
func (b *browser) rows(state string) []string {
	b.t.Helper()
	return eval[[]string](b, fmt.Sprintf(`[...document.querySelectorAll(".planned tbody tr")].filter(r => r.innerText.includes(%q)).map(r => r.querySelector("th a").innerText)`, state))
}

// choose ticks the box of a record by its name.
func (b *browser) choose(name string) {
	b.t.Helper()
	b.do(chromedp.Click(fmt.Sprintf(`//table//input[@aria-label=%q]`, "Tick "+name)))
}

func TestI13_APlanApprovedInPartWritesOnlyThatPart(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	before := w.companies()
	plan := b.plan()
	waiting := b.rows("waits")
	if len(waiting) < 4 {
		t.Fatalf("%d records wait to be made: %v", len(waiting), waiting)
	}
	b.press("Apply what is ticked")
	b.sees("No record is ticked")
	if got := w.companies(); !slices.Equal(got, before) {
		t.Fatalf("a plan alone has made %v", added(before, got))
	}
	b.open(plan + "?what=create+companies")
	chosen := []string{waiting[1], waiting[3]}
	slices.Sort(chosen)
	for _, name := range chosen {
		b.choose(name)
	}
	b.press("Apply what is ticked")
	b.sees("2 written")
	b.sees("applied in part")
	if got := added(before, w.companies()); !slices.Equal(got, chosen) {
		t.Errorf("made are %v, chosen were %v", got, chosen)
	}
	b.open(plan + "?what=create+companies")
	b.press(fmt.Sprintf("Apply all %d: create companies in HubSpot", len(waiting)-2))
	b.sees("0 wait")
	slices.Sort(waiting)
	if got := added(before, w.companies()); !slices.Equal(got, waiting) {
		t.Errorf("made are %v, planned were %v", got, waiting)
	}
	b.open("/audit")
	b.sees("2 chosen records")
	b.sees("make plan")
}

func TestI13_WhatChangedSinceAPlanIsLeftAloneAndSaid(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	before := w.companies()
	b.plan()
	waiting := b.rows("waits")
	address := eval[string](b, fmt.Sprintf(`[...document.querySelectorAll(".planned tbody th a")].find(a => a.innerText === %q).getAttribute("href")`, waiting[0]))
	id := address[strings.LastIndex(address, "/")+1:]
	w.call(http.MethodPatch, w.sims.Salesforce.URL+"/services/data/v64.0/sobjects/Account/"+id, w.sims.Salesforce.AdminToken, map[string]any{"Name": "Changed Since"}, nil)
	b.choose(waiting[0])
	b.choose(waiting[1])
	b.press("Apply what is ticked")
	b.sees("1 written")
	b.sees("1 left alone because they changed since")
	b.sees("changed since the plan was made")
	got := added(before, w.companies())
	if !slices.Contains(got, waiting[1]) || slices.Contains(got, waiting[0]) {
		t.Errorf("made are %v: %s was as planned, %s had changed", got, waiting[1], waiting[0])
	}
}

func TestI13_APlanOfOtherSettingsIsRefused(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	before := w.companies()
	plan := b.plan()
	w.edit(func(f *config.File) { f.Connections[0].Companies.CreateAccount = "never" })
	w.run("settings", "apply")
	b.press("Apply all") // of the page as it was
	b.sees("version 2 counts by now")
	b.open(plan)
	b.sees("outdated")
	b.sees("cannot be applied any more")
	b.lacks("Apply all")
	if got := w.companies(); !slices.Equal(got, before) {
		t.Errorf("an outdated plan has made %v", added(before, got))
	}
}

func TestAViewerReadsPlansAndMayNotAct(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	plan := b.plan()
	v := b.invited("viewer")
	v.open("/c/simulated/plans")
	v.sees("an import of all")
	v.lacks("Make a plan")
	v.open(plan)
	v.sees("All records, in the order of writing")
	v.lacks("Apply all")
	v.lacks("Apply what is ticked")
	before := w.companies()
	v.open("/c/simulated/plans")
	rows := func() int { return eval[int](v, `document.querySelectorAll("tbody tr").length`) }
	listed := rows()
	for _, address := range []string{"/c/simulated/plans", plan + "/apply"} { // the server refuses too, whatever the page shows
		body := `{method: "POST", headers: {"Content-Type": "application/x-www-form-urlencoded"}, body: "object=company&of=all&which=all"}`
		if code := eval[int](v, fmt.Sprintf(`fetch(%q, %s).then(r => r.status)`, address, body)); code != http.StatusForbidden {
			t.Errorf("a viewer's post to %s is answered %d", address, code)
		}
	}
	v.open("/c/simulated/plans")
	if n := rows(); n != listed {
		t.Errorf("%d plans are there, %d were made", n, listed)
	}
	if got := w.companies(); !slices.Equal(got, before) {
		t.Errorf("a viewer has made %v", added(before, got))
	}
}

func TestAPlanThatStopsSaysWhyAndIsAppliedLater(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	before := w.companies()
	b.plan()
	waiting := b.rows("waits")
	w.run("pause")
	b.choose(waiting[0])
	b.press("Apply what is ticked")
	b.sees("is paused")
	b.sees(fmt.Sprintf("%d wait", len(waiting)))
	if got := w.companies(); !slices.Equal(got, before) {
		t.Fatalf("while all was paused, made were %v", added(before, got))
	}
	w.run("resume")
	b.choose(waiting[0])
	b.press("Apply what is ticked")
	b.sees("1 written")
	b.lacks("is paused")
	if got := added(before, w.companies()); !slices.Equal(got, waiting[:1]) {
		t.Errorf("made are %v, chosen was %s", got, waiting[0])
	}
}

// left leaves a plan as a process does that is killed while it applies the plan.
func (w *world) left(plan int64) {
	w.t.Helper()
	f, err := config.Load(w.file)
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := store.Open(w.t.Context(), f.Store, store.Options{Now: time.Now, Guest: true})
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	err = s.Update(w.t.Context(), func(tx *store.Tx) error {
		p, err := tx.Plan(plan)
		if err != nil {
			return err
		}
		p.State = store.PlanApplying
		return tx.PlanSave(p)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestAPlanThatAKilledProcessLeftIsAppliedToItsEnd(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	b.sees("by midnight UTC, at the pace of now")
	before := w.companies()
	plan := b.plan()
	waiting := len(b.rows("waits"))
	number, err := strconv.ParseInt(plan[strings.LastIndex(plan, "/")+1:], 10, 64)
	if err != nil || waiting == 0 {
		t.Fatalf("plan %s with %d records that wait: %v", plan, waiting, err)
	}
	w.left(number)
	v := b.invited("viewer")
	v.open(plan)
	v.sees("Applying was stopped before its end")
	v.lacks("Go on with")
	b.open(plan)
	b.press("Go on with")
	b.eventually("the order is taken", func() bool { // to leave before would take it back
		return strings.Contains(b.text(), "applied") && !strings.Contains(b.text(), "Go on with")
	})
	b.eventually("the plan is applied", func() bool {
		b.open(plan)
		return strings.Contains(b.text(), "applied") && !strings.Contains(b.text(), "stopped before its end") && !strings.Contains(b.text(), "being applied")
	})
	if made := added(before, w.companies()); len(made) != waiting {
		t.Errorf("%d companies were made of %d planned: %q", len(made), waiting, made)
	}
}
