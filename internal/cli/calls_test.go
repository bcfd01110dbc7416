package cli

import (
	"strconv"
	"strings"
	"testing"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// made is what the two simulators counted so far. Reading the journal is outside
// of a portal's limits.
func (r *rig) made() (n [2]int) {
	n[core.Salesforce] = int(r.sims.org.Stats().Calls)
	portal := r.sims.portal.Stats()
	n[core.HubSpot] = int(portal.Calls)
	for endpoint, calls := range portal.ByEndpoint {
		if strings.Contains(endpoint, "journal") {
			n[core.HubSpot] -= int(calls)
		}
	}
	return n
}

// counted24h is what status says of the last 24 hours.
func (r *rig) counted24h() (n [2]int) {
	s := lastJSON[statusView](r.t, r.must(0, "status", "--json"))
	for _, side := range core.Sides {
		n[side] = s.Sides[side.String()].Calls
	}
	return n
}

// unlike are the calls a verb that one of both counts and the other does not: for a
// token, and for the versions an org offers.
const unlike = 3

// Every verb tells the calls that it made, those to reach both sides as well.
func TestAPI1_TheCallsToldAreThoseMade(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	told, made := [2]int{}, r.made()
	expect := func(what string, calls map[string]int) {
		t.Helper()
		now, status := r.made(), r.counted24h()
		for _, side := range core.Sides {
			n := calls[side.String()]
			told[side] += n
			if sent := now[side] - made[side]; n == 0 || n > sent+unlike || n < sent-unlike {
				t.Errorf("%s tells %d calls to %s, which counted %d", what, n, side.Label(), sent)
			}
			if status[side] != told[side] {
				t.Errorf("after %s status tells %d calls to %s, the verbs together %d", what, status[side], side.Label(), told[side])
			}
		}
		made = now
	}
	p := lastJSON[planned](t, r.must(0, "plan", "company", "--json"))
	expect("plan", p.Spent)
	a := lastJSON[engine.Applied](t, r.must(0, "apply", strconv.FormatInt(p.Plan, 10), "--json"))
	expect("apply", a.Calls)
	near(t, "the first plan", p.Calls, a.Calls)
	expect("sync --once", lastJSON[engine.Result](t, r.must(0, "sync", "--once", "--json")).Calls)
	p = lastJSON[planned](t, r.must(0, "plan", "company", "--json"))
	expect("a second plan", p.Spent)
	a = lastJSON[engine.Applied](t, r.must(0, "apply", strconv.FormatInt(p.Plan, 10), "--json"))
	expect("apply of an empty plan", a.Calls)
	near(t, "an empty plan", p.Calls, a.Calls)
	r.rename(5)
	p = lastJSON[planned](t, r.must(0, "plan", "company", "--due", "--json"))
	expect("a plan of changes", p.Spent)
	a = lastJSON[engine.Applied](t, r.must(0, "apply", strconv.FormatInt(p.Plan, 10), "--json"))
	expect("apply of changes", a.Calls)
	near(t, "a plan of changes", p.Calls, a.Calls)
	if a.Applied != 5 {
		t.Errorf("%d changes applied, want 5", a.Applied)
	}
}

// near holds an estimate to what came of it: two calls more or less.
func near(t *testing.T, what string, estimate, took map[string]int) {
	t.Helper()
	for side, n := range took {
		if d := estimate[side] - n; d < -2 || d > 2 {
			t.Errorf("%s estimates %d calls to %s, applying took %d", what, estimate[side], side, n)
		}
	}
}

// rename gives the first accounts other names, as a person.
func (r *rig) rename(n int) {
	r.t.Helper()
	for _, l := range r.links(n) {
		if err := r.sims.org.As("admin").Update("Account", l.Salesforce, map[string]any{"Name": "Renamed " + l.Salesforce}); err != nil {
			r.t.Fatal(err)
		}
	}
}

// The counts of a process that goes on are there to be read while it works.
func TestAPI1_StatusTellsTheCallsOfARunningDaemon(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, stop := r.start("serve", "--json")
	defer stop()
	eventually(t, "status tells calls while serve runs", func() bool {
		code, out, _ := r.run("status", "--json")
		if code != 0 {
			return false
		}
		s := lastJSON[statusView](t, out)
		return s.Sides["salesforce"].Calls > 0 && s.Sides["hubspot"].Calls > 0
	})
}
