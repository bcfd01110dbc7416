package simtest

import (
	"fmt"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// lost is a fault of a create call whose outcome the client cannot know, or
// knows only by reading.
type lost struct {
	id     string
	org    salesforcesim.Fault // blank Do: this side cannot play it
	portal string
}

var lostCalls = []lost{
	{"N1 timeout after commit", salesforcesim.Fault{Do: "timeout_after"}, "timeout_after"},
	{"N2 timeout before commit", salesforcesim.Fault{Do: "timeout_before"}, "timeout_before"},
	{"N5 connection reset in the answer", salesforcesim.Fault{Do: "reset"}, "reset_after"},
	{"N5 connection reset before", salesforcesim.Fault{Do: "timeout_before", Delay: "1s"}, "reset"},
	{"N5 half an answer", salesforcesim.Fault{}, "truncate"},
	{"N6 page instead of the answer", salesforcesim.Fault{}, "html_after"},
	{"N9 500 although done", salesforcesim.Fault{Do: "status_after", Status: 500}, "status_after"},
	{"N7 503 not done", salesforcesim.Fault{Do: "status", Status: 503, Body: "<html>down</html>"}, "status"},
	{"N16 a proxy repeats the call", salesforcesim.Fault{}, "repeat"},
}

// TestN_CreateWithoutAnswerMakesOneRecord plays every such fault on creates of
// one record and of many, on both sides.
func TestN_CreateWithoutAnswerMakesOneRecord(t *testing.T) {
	for _, f := range lostCalls {
		many := 12
		if f.id == lostCalls[0].id {
			many = 130 // more than one batch
		}
		for _, n := range []int{1, many} {
			t.Run(fmt.Sprintf("%s, %d on hubspot", f.id, n), func(t *testing.T) {
				bubble(t, func(t testing.TB) { lostCompanies(t, f, n) })
			})
			if f.org.Do != "" {
				t.Run(fmt.Sprintf("%s, %d on salesforce", f.id, n), func(t *testing.T) {
					bubble(t, func(t testing.TB) { lostAccounts(t, f, n) })
				})
			}
		}
	}
}

func lostCompanies(t testing.TB, f lost, n int) {
	w := newTrial(t)
	if n == 1 {
		conflict := "validation" // the other way in which portals refuse a taken key
		w.must(w.Portal.Configure(hubspotsim.Settings{UniqueConflict: &conflict}))
	}
	for i := range n {
		w.account(fmt.Sprintf("Account %03d", i))
	}
	w.breakPortal(f.portal, "POST", "companies/batch/create", 1)
	res, err := w.syncFor(time.Hour)
	t.Logf("first sync: %+v %v", res, err)
	w.heal()
	if got := len(w.settled()); got != n {
		t.Errorf("%d pairs, want %d", got, n)
	}
	wantNoIssues(t, w)
}

func lostAccounts(t testing.TB, f lost, n int) {
	w := newTrial(t)
	for i := range n {
		w.company(fmt.Sprintf("Company %03d", i), w.person(fmt.Sprintf("P%d", i), fmt.Sprintf("p%d@x%d.com", i, i)))
	}
	fault := f.org
	fault.Match = salesforcesim.Match{Method: "POST", Path: "/composite/sobjects$"}
	fault.Times = 1
	w.breakOrg(fault)
	res, err := w.syncFor(time.Hour)
	t.Logf("first sync: %+v %v", res, err)
	w.heal()
	if got := len(w.settled()); got != n {
		t.Errorf("%d pairs, want %d", got, n)
	}
	if made := len(w.created()[core.Salesforce]); made != n {
		t.Errorf("%d accounts created, want %d", made, n)
	}
	wantNoIssues(t, w)
}

func wantNoIssues(t testing.TB, w *trial) {
	t.Helper()
	if open := w.issues(); len(open) > 0 {
		t.Errorf("%d open issues: %s %s", len(open), open[0].Code, open[0].Message)
	}
}
