package engine

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// PlanMeta says what a plan was made for.
type PlanMeta struct {
	Connection string    `json:"connection"`
	Pair       core.Pair `json:"pair"`
	// Due keeps to what is due now; otherwise the plan is of an import of the
	// whole object from both sides.
	Due bool `json:"due,omitempty"`
	// Sides, Refs and Pick name less than the whole object, as those of ImportArgs do.
	Sides    []core.Side `json:"sides,omitempty"`
	Refs     []core.Ref  `json:"refs,omitempty"`
	Pick     Pick        `json:"pick,omitzero"`
	Settings int64       `json:"settings"`
	// Limit is how many records may be looked at; 0 for all.
	Limit int `json:"limit,omitempty"`
	// Applied is when the last of the plan was done; zero before.
	Applied time.Time `json:"applied,omitzero"`
}

// PlanCounts sums up a plan.
type PlanCounts struct {
	Looked int            `json:"looked"`
	Ops    map[string]int `json:"ops"`    // "create companies": 12
	Rules  map[string]int `json:"rules"`  // decisions by requirement id and outcome
	Issues map[string]int `json:"issues"` // by code
	// Existing are records without a partner, by object.
	Existing map[string]int `json:"existing"`
	Calls    map[string]int `json:"calls"`   // API calls that applying needs, by side
	Opening  map[string]int `json:"opening"` // those of them that reach both sides; none where an engine runs
	// Twins are records that would be made beside one with the same website.
	Twins map[string]Twins `json:"twins,omitempty"`
	// Pipelines are those that the next sync makes in HubSpot; their records wait for them.
	Pipelines []string `json:"pipelines,omitempty"`
	// Along are the accounts and companies without a partner that are looked at with
	// their people.
	Along   int            `json:"along,omitempty"`
	Spent   map[string]int `json:"spent"`   // API calls that planning took, by side
	Seconds float64        `json:"seconds"` // that applying needs within the burst limits
}

// Plan works out what a sync would write, stores it as rows and writes nothing
// to either side. emit gets each op as it is found and may be nil.
func (e *Engine) Plan(ctx context.Context, c *Conn, m PlanMeta, emit func(core.Op) error) (int64, PlanCounts, error) {
	counts := PlanCounts{Ops: map[string]int{}, Rules: map[string]int{}, Issues: map[string]int{}, Calls: map[string]int{}, Existing: map[string]int{}}
	var id int64
	before := c.callsFrom()
	err := e.Update(ctx, func(tx *store.Tx) (err error) {
		id, err = tx.PlanCreate(c.ID, room.MustJSON(m))
		return err
	})
	if err != nil {
		return 0, counts, err
	}
	p := &planner{e: e, c: c, id: id, meta: m, counts: &counts, emit: emit, seen: map[core.Ref]bool{}, along: map[core.Ref]bool{}, told: map[uint64]bool{}, cost: cost{c: c}, domains: newDomains()}
	if m.Due {
		err = p.due(ctx)
	} else {
		err = p.whole(ctx)
	}
	if err != nil { // half a plan is of no use
		drop := e.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error { return tx.PlanDrop(id) })
		return 0, counts, errors.Join(err, drop)
	}
	counts.estimate(&p.cost)
	counts.Twins, counts.Pipelines = p.domains.twins(), c.unmade(m.Pair)
	counts.Spent = c.spent().less(before).bySide()
	return id, counts, e.Update(ctx, func(tx *store.Tx) error {
		return tx.PlanSave(store.Plan{ID: id, Conn: c.ID, Meta: room.MustJSON(m), State: store.PlanReady, Counts: room.MustJSON(counts), Created: e.Now()})
	})
}

// planOps are the ops of an item without what changes from one look to the next,
// so that two looks at unchanged records give equal bytes.
func planOps(it *item) []core.Op {
	var out []core.Op
	for _, op := range it.sent() {
		o := *op
		if o.Kind != core.OpCreate {
			o.Key = ""
		}
		out = append(out, o)
	}
	return out
}

// Applied says what became of a plan.
type Applied struct {
	Run     int64          `json:"run,omitempty"`
	Applied int            `json:"applied"`
	Refused int            `json:"refused"` // changed since the plan was made
	Failed  int            `json:"failed"`
	Left    []LeftItem     `json:"left,omitempty"`           // the first refused and failed ones
	Before  *time.Time     `json:"applied_before,omitempty"` // the plan was done then already, and nothing was done now
	Calls   map[string]int `json:"api_calls"`
}

// LeftItem is a record of a plan that was not written as planned.
type LeftItem struct {
	Seq   int64           `json:"item"`
	Ref   core.Ref        `json:"ref"`
	State store.ItemState `json:"state"`
	Why   string          `json:"why"`
}

// leftShown is how many records Applied names; the stored plan has all.
const leftShown = 100

// Apply does exactly what a plan says. Each item is read and decided again; one
// that would now be written differently is refused, not altered.
func (e *Engine) Apply(ctx context.Context, c *Conn, id int64) (out Applied, err error) {
	before := c.callsFrom()
	defer func() { out.Calls = c.spent().less(before).bySide() }()
	if err := e.running(ctx, c); err != nil {
		return out, err
	}
	if out.Before, err = e.appliedBefore(ctx, id); err != nil || out.Before != nil {
		return out, err
	}
	if !c.Settings.Companies.Sync {
		return out, &room.Error{Code: room.CodeSyncOff, Message: "company sync is off, so nothing of the plan is applied (ACC-1)", Mend: "set companies.sync: true and run tandem settings apply"}
	}
	run, err := e.beginApply(ctx, c, id)
	if err != nil {
		return out, err
	}
	out.Run = run.ID
	for {
		var items []store.PlanItem
		err := e.View(ctx, func(tx *store.Tx) (err error) {
			items, err = pendingItems(tx, id, batchSize)
			return err
		})
		if err != nil {
			return out, err
		}
		if len(items) == 0 {
			return out, e.Update(ctx, func(tx *store.Tx) error { return e.planDone(tx, c, id, run.ID) })
		}
		if err := e.applyItems(ctx, c, run.ID, id, items, &out); err != nil {
			return out, err
		}
	}
}

func pendingItems(tx *store.Tx, plan int64, limit int) ([]store.PlanItem, error) {
	var out []store.PlanItem
	for after := int64(0); len(out) < limit; {
		items, err := tx.PlanItems(plan, after, limit)
		if err != nil || len(items) == 0 {
			return out, err
		}
		for _, it := range items {
			after = it.Seq
			if it.State == store.ItemPending || it.State == "" {
				out = append(out, it)
			}
		}
	}
	return out, nil
}

func (e *Engine) applyItems(ctx context.Context, c *Conn, run, id int64, items []store.PlanItem, out *Applied) error {
	entries := make([]core.Dirty, len(items))
	planned := map[core.Ref]*store.PlanItem{}
	for i := range items {
		pair, _ := c.Pairs.Of(items[i].Ref.Side, items[i].Ref.Object)
		entries[i] = core.Dirty{Ref: items[i].Ref, Pair: pair, Reasons: items[i].Reasons, Run: run}
		planned[items[i].Ref] = &items[i]
	}
	b, err := e.read(ctx, c, entries[0].Pair, entries)
	if err != nil {
		return err
	}
	b.planned = true
	e.decide(b)
	if err := e.consent(ctx, b); err != nil {
		return err
	}
	b.refuseChanged(planned)
	if err := e.guard(ctx, b); err != nil {
		return err
	}
	stop := e.apply(ctx, b)
	if stop != nil && !room.Stops(stop) {
		return stop
	}
	if err := e.advance(ctx, b); err != nil {
		return err
	}
	err = e.Update(ctx, func(tx *store.Tx) error {
		if err := countApplied(tx, run, len(b.items)); err != nil {
			return err
		}
		return notePlan(tx, id, b, planned, out, stop != nil)
	})
	return cmp.Or(err, stop)
}

// refuseChanged takes the ops away from items that would not be written as
// planned.
func (b *batch) refuseChanged(planned map[core.Ref]*store.PlanItem) {
	b.stampKeys()
	for _, it := range b.items {
		want := planned[it.ref()]
		var ops []core.Op
		if want != nil && json.Unmarshal(want.Ops, &ops) == nil && bytes.Equal(writesOf(ops), writesOf(planOps(it))) {
			continue
		}
		it.instead = refusal(it)
		it.refused, it.ops, it.extra, it.newLink, it.results, it.relation = true, [2]*core.Op{}, nil, nil, nil, nil
		it.say(Pending, core.Decision{Rule: "I13", Outcome: "refused", Facts: map[string]string{"because": "the record changed since the plan was made"}})
	}
}

// refusal says why an item is not written: what a sync would do by now.
func refusal(it *item) string {
	now := would(it)
	var parts []string
	for _, side := range room.SortedKeys(now) {
		parts = append(parts, now[side]+" in "+side)
	}
	return "changed since the plan was made; a sync would now write: " + cmp.Or(strings.Join(parts, ", "), "nothing")
}

// writesOf is what ops write, without the rule that led to it: a second look may
// have another reason to write the same.
func writesOf(ops []core.Op) []byte {
	out := make([]core.Op, len(ops))
	for i, op := range ops {
		op.Rule = ""
		out[i] = op
	}
	return room.MustJSON(out)
}

// notePlan stores what became of the items of a batch. Those that a stop kept back
// are still to be applied.
func notePlan(tx *store.Tx, id int64, b *batch, planned map[core.Ref]*store.PlanItem, out *Applied, stopped bool) error {
	for _, it := range b.items {
		want := planned[it.ref()]
		if want == nil {
			continue
		}
		delete(planned, it.ref())
		state, note := it.planState()
		out.count(want, state, note)
		if err := tx.PlanItemDone(id, want.Seq, state, note); err != nil {
			return err
		}
	}
	if stopped {
		return nil
	}
	for _, ref := range slices.SortedFunc(maps.Keys(planned), core.Ref.Compare) { // absorbed by its partner, which was planned apart
		want := planned[ref]
		out.count(want, store.ItemRefused, decidedTogether)
		if err := tx.PlanItemDone(id, want.Seq, store.ItemRefused, decidedTogether); err != nil {
			return err
		}
	}
	return nil
}

const decidedTogether = "decided together with its partner"

// count adds what became of an item.
func (a *Applied) count(want *store.PlanItem, state store.ItemState, note string) {
	switch state {
	case store.ItemApplied:
		a.Applied++
		return
	case store.ItemRefused:
		a.Refused++
	default:
		a.Failed++
	}
	if len(a.Left) < leftShown {
		a.Left = append(a.Left, LeftItem{Seq: want.Seq, Ref: want.Ref, State: state, Why: note})
	}
}

func (it *item) planState() (store.ItemState, string) {
	if it.refused {
		return store.ItemRefused, it.instead
	}
	for _, op := range it.sent() {
		o, sent := it.outcomes[op.Key]
		if !sent {
			return store.ItemFailed, "stopped before all of it was sent; the next sync goes on"
		}
		if o.Status != core.Applied {
			return store.ItemFailed, o.Code + ": " + o.Message
		}
	}
	return store.ItemApplied, ""
}
