package simtest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// TestACT4_WhatIsMadeOrEditedPassesByTheIntervalItFallsIn: a type is off, on, off and on
// again, and every record is touched in another set of these intervals, on both sides. It
// passes where it was touched in an interval that was on and in which a sync looked, or in
// the last; once linked, all of its edits pass. That holds whichever intervals saw a sync,
// and whether another type kept the records followed or none did.
func TestACT4_WhatIsMadeOrEditedPassesByTheIntervalItFallsIn(t *testing.T) {
	var cases []intervals
	for synced := range 8 {
		for _, followed := range []bool{true, false} {
			cases = append(cases, intervals{synced, followed})
		}
	}
	inBoth(t, func(t *testing.T, profile Option) {
		for _, k := range someInClassic(t, 4, cases) {
			t.Run(fmt.Sprintf("synced %03b followed %t", k.synced, k.followed), func(t *testing.T) {
				k.hold(New(t, profile, activities(func(a *config.Activities) {
					a.Tasks.FromSalesforce, a.Tasks.FromHubSpot = true, true // for their fields
					a.Calls.FromSalesforce, a.Calls.FromHubSpot = k.followed, k.followed
				})))
			})
		}
	})
}

// intervals says in which of the first three intervals there is a sync, by bits, and whether
// another type is on throughout.
type intervals struct {
	synced   int
	followed bool
}

// four intervals, of which the second and the last are on.
const four = 4

func (intervals) on(i int) bool { return i%2 == 1 }

func (k intervals) sees(i int) bool { return i == four-1 || k.synced&(1<<i) != 0 }

// passes reports that a record that is touched in a set of intervals, by bits, gets a partner.
func (k intervals) passes(touched int) bool {
	for i := range four {
		if touched&(1<<i) != 0 && k.on(i) && k.sees(i) {
			return true
		}
	}
	return false
}

func (k intervals) hold(w *World) {
	w.T.Helper()
	_, contact, _, mate := w.friend()
	records := map[core.Object][]string{core.Task: make([]string, 1<<four), core.Tasks: make([]string, 1<<four)}
	title := map[core.Object]string{core.Task: "Subject", core.Tasks: "hs_task_subject"}
	person := map[core.Object]string{core.Task: contact, core.Tasks: mate}
	for i := range four {
		w.apply(func(c *config.Connection) {
			c.Activities.Tasks.FromSalesforce, c.Activities.Tasks.FromHubSpot = k.on(i), k.on(i)
		})
		w.Advance(10 * time.Second)
		for _, object := range []core.Object{core.Task, core.Tasks} {
			for touched := 1; touched < 1<<four; touched++ {
				if touched&(1<<i) != 0 {
					w.touch(object, &records[object][touched], title[object], fmt.Sprintf("Touched in %d", i), person[object])
				}
			}
		}
		w.Advance(10 * time.Second)
		if k.sees(i) {
			w.Restart()
			w.minutes(2)
		}
		w.Advance(time.Minute)
	}
	for _, object := range []core.Object{core.Task, core.Tasks} {
		for touched := 1; touched < 1<<four; touched++ {
			k.judge(w, object, records[object][touched], touched, title)
		}
	}
	w.wantNoIssues()
}

// touch makes a record, or edits it where it is there.
func (w *World) touch(object core.Object, id *string, field, value, person string) {
	w.T.Helper()
	switch {
	case *id != "":
		w.change(object, *id, field, value)
	case object == core.Task:
		*id = w.made(object, field, value, "WhoId", person)
	default:
		*id = w.logged(object, person, field, value)
	}
}

func (k intervals) judge(w *World, object core.Object, id string, touched int, title map[core.Object]string) {
	w.T.Helper()
	l := w.activityLink(object, id)
	if linked := l != nil && l.State == core.LinkActive; linked != k.passes(touched) {
		w.T.Errorf("%s %s touched in %04b: linked %t, want %t: %+v", object, id, touched, linked, !linked, w.explainActivity(object, id).Rules)
		return
	}
	if l == nil {
		return
	}
	last := four - 1
	for last > 0 && touched&(1<<last) == 0 {
		last--
	}
	i := slices.Index(core.Sides[:], sideOf(object).Other())
	there := map[core.Object]core.Object{core.Task: core.Tasks, core.Tasks: core.Task}[object]
	w.want(there, l.Refs[i].ID, title[there], fmt.Sprintf("Touched in %d", last))
}
