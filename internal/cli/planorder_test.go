package cli

import (
	"encoding/json"
	"io"
	"os"
	"testing"
	"time"

	"tandem/internal/engine"
	"tandem/internal/store"
)

// orderedBy carries out a verb in a process that ends before anything ordered by it is begun.
// Its clock runs behind, so that what it leaves is old when the next process finds it.
func (r *rig) orderedBy(verb string, rq request, result any) {
	r.t.Helper()
	behind := func() time.Time { return time.Now().Add(-2 * commandStale) }
	a := &app{Streams: Streams{Out: io.Discard, Err: io.Discard}, now: behind, env: os.LookupEnv, printed: newScreen(io.Discard, io.Discard)}
	w, err := a.openWorld(r.t.Context(), r.load())
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	rq.Connection, rq.By = w.file().Connections[0].Name, "ada"
	body, err := w.carryOut(r.t.Context(), verb, rq)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := json.Unmarshal(body, result); err != nil {
		r.t.Fatal(err)
	}
}

// planned reads a plan as the store has it.
func (r *rig) planned(id int64) (p store.Plan, counts engine.PlanCounts) {
	r.t.Helper()
	s, err := store.Open(r.t.Context(), r.load().Store, store.Options{Now: time.Now, Guest: true})
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	err = s.View(r.t.Context(), func(tx *store.Tx) (err error) { p, err = tx.Plan(id); return err })
	if err == nil {
		err = json.Unmarshal(p.Counts, &counts)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return p, counts
}

// partners counts the accounts and companies that the integration made.
func (r *rig) partners() int {
	made := map[string]bool{} // a ledger has a line for each field
	for _, e := range r.sims.org.Ledger() {
		if e.Client != "" && e.Object == "Account" && e.Op == "create" {
			made[e.ID] = true
		}
	}
	return len(made) + r.companiesMade()
}

// companiesMade counts the companies that the integration made.
func (r *rig) companiesMade() int {
	made := map[string]bool{}
	for _, e := range r.sims.portal.Ledger() {
		if e.Client != "" && e.Object == "companies" && e.Op == "create" {
			made[e.ID] = true
		}
	}
	return len(made)
}

// What is ordered is done by the next process, however long that takes to come: the plan,
// and then the part of it that was chosen and nothing else.
func TestI13_AnOrderedPlanOutlastsTheProcess(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "sync", "--once")
	var begun orderedPlan
	r.orderedBy("begin plan", request{Pair: "company"}, &begun)
	if p, _ := r.planned(begun.Plan); p.State != store.PlanBuilding {
		t.Fatalf("an ordered plan is %s", p.State)
	}
	_, stop := r.serve()
	eventually(t, "the plan is made", func() bool { p, _ := r.planned(begun.Plan); return p.State == store.PlanReady })
	stop()
	p, counts := r.planned(begun.Plan)
	if counts.Items < 3 || counts.Pending() != counts.Items {
		t.Fatalf("the plan is %s with %+v", p.State, counts)
	}
	before := r.partners()
	r.orderedBy("begin apply", request{Plan: begun.Plan, Part: engine.PlanPart{Items: []int64{2, 3}}}, new(any))
	_, stop = r.serve()
	t.Cleanup(func() {
		if t.Failed() {
			p, counts := r.planned(begun.Plan)
			t.Logf("the plan is %s with %+v; said was\n%s", p.State, counts, r.said.String())
		}
	})
	eventually(t, "the part is applied", func() bool {
		p, counts := r.planned(begun.Plan)
		return p.State == store.PlanReady && counts.Ended[store.ItemApplied] == 2
	})
	stop()
	if _, counts := r.planned(begun.Plan); counts.Pending() != counts.Items-2 {
		t.Errorf("of %d records %d wait after 2 were applied", counts.Items, counts.Pending())
	}
	if n := r.partners() - before; n != 2 {
		t.Errorf("2 records were chosen, made are %d", n)
	}
}
