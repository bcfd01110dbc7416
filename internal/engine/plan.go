package engine

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	Sides []core.Side `json:"sides,omitempty"`
	Refs  []core.Ref  `json:"refs,omitempty"`
	Pick  Pick        `json:"pick,omitzero"`
	// Settings is the version of the settings that it was made by.
	Settings int64 `json:"settings"`
	// Limit is how many records may be looked at; 0 for all.
	Limit int `json:"limit,omitempty"`
	// Linked keeps to records that have a partner, Enough ends with so many; 0 for all.
	Linked bool       `json:"linked,omitempty"`
	Enough int        `json:"enough,omitempty"`
	Draft  *PlanDraft `json:"draft,omitempty"`
	// Applied is when the last of the plan was done; zero before.
	Applied time.Time `json:"applied,omitzero"`
	// Problem is why it was not made, or why applying it stopped; blank where neither is so.
	Problem string `json:"problem,omitempty"`
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
	// Foretold are the values that new records get by themselves and that then pass.
	Foretold []Foretold `json:"foretold,omitempty"`
	// Overrides count by settings the creates that these keep from happening but by an import.
	Overrides map[string]int `json:"overrides,omitempty"`
	// Keyed counts by side the records that nothing else is written to than, once their
	// partner is made, its id in Tandem's own field.
	Keyed map[string]int `json:"keyed,omitempty"`
	// Pipelines are those that the next sync makes in HubSpot; their records wait for them.
	Pipelines []string `json:"pipelines,omitempty"`
	// Along are the accounts and companies without a partner that are looked at with
	// their people.
	Along   int            `json:"along,omitempty"`
	Spent   map[string]int `json:"spent"`   // API calls that planning took, by side
	Seconds float64        `json:"seconds"` // that applying needs within the burst limits
	PlanProgress
}

// Plan works out what a sync would write, stores it as rows and writes nothing
// to either side. emit gets each op as it is found and may be nil. Half a plan is of no use
// and is dropped.
func (e *Engine) Plan(ctx context.Context, c *Conn, m PlanMeta, emit func(core.Op) error) (int64, PlanCounts, error) {
	var id int64
	err := e.Update(ctx, func(tx *store.Tx) (err error) { id, err = e.BeginPlan(tx, c, m); return err })
	if err != nil {
		return 0, PlanCounts{}, err
	}
	counts, err := e.MakePlan(ctx, c, id, emit)
	if err != nil {
		drop := e.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error { return tx.PlanDrop(id) })
		return 0, counts, errors.Join(err, drop)
	}
	return id, counts, nil
}

// BeginPlan gives the number of a plan that MakePlan makes.
func (e *Engine) BeginPlan(tx *store.Tx, c *Conn, m PlanMeta) (int64, error) {
	settings, _, err := tx.SettingsLatest(c.ID)
	if err != nil {
		return 0, err
	}
	m.Settings = settings.Version
	return tx.PlanCreate(c.ID, room.MustJSON(m))
}

// MakePlan works out a plan that was begun; what was found of it before is found anew.
func (e *Engine) MakePlan(ctx context.Context, c *Conn, id int64, emit func(core.Op) error) (PlanCounts, error) {
	counts := PlanCounts{Ops: map[string]int{}, Rules: map[string]int{}, Issues: map[string]int{}, Calls: map[string]int{}, Existing: map[string]int{}, PlanProgress: newProgress()}
	before := c.callsFrom()
	var m PlanMeta
	err := e.Update(ctx, func(tx *store.Tx) (err error) {
		if _, m, err = planMeta(tx, id); err != nil {
			return err
		}
		return tx.PlanEmpty(id)
	})
	if err != nil {
		return counts, err
	}
	if m.Shows() {
		if c, err = e.drafted(ctx, c, m.Draft); err != nil {
			return counts, err
		}
	}
	p := &planner{e: e, c: c, id: id, meta: m, counts: &counts, emit: emit, seen: map[core.Ref]bool{}, along: map[core.Ref]bool{}, told: map[uint64]bool{}, defaults: map[Foretold]int{}, cost: cost{c: c}, domains: newDomains()}
	if m.Due {
		err = p.due(ctx)
	} else {
		err = p.whole(ctx)
	}
	if err != nil {
		return counts, err
	}
	counts.estimate(&p.cost)
	counts.Twins, counts.Pipelines, counts.Foretold = p.domains.twins(), c.unmade(m.Pair), p.foretold()
	counts.Spent = c.spent().less(before).bySide()
	return counts, e.Update(ctx, func(tx *store.Tx) error { return p.save(tx, store.PlanReady) })
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
	return e.ApplyPart(ctx, c, id, PlanPart{})
}

// ApplyPart is Apply of a part of a plan; the rest can be applied later.
func (e *Engine) ApplyPart(ctx context.Context, c *Conn, id int64, part PlanPart) (out Applied, err error) {
	before := c.callsFrom()
	defer func() { out.Calls = c.spent().less(before).bySide() }()
	if out.Before, err = e.appliedBefore(ctx, id); err != nil || out.Before != nil {
		return out, err
	}
	return out, e.applyPart(ctx, c, id, part, &out)
}

func (e *Engine) applyPart(ctx context.Context, c *Conn, id int64, part PlanPart, out *Applied) error {
	if err := e.running(ctx, c); err != nil {
		return err
	}
	if !c.Settings.Companies.Sync {
		return &room.Error{Code: room.CodeSyncOff, Message: "company sync is off, so nothing of the plan is applied (ACC-1)", Mend: "set companies.sync: true and run tandem settings apply"}
	}
	run, err := e.beginApply(ctx, c, id)
	if err != nil {
		return err
	}
	out.Run = run.ID
	err = e.eachPending(ctx, id, part, func(items []store.PlanItem) error {
		return e.applyItems(ctx, c, run.ID, id, items, out)
	})
	if err != nil {
		return err
	}
	return e.Update(ctx, func(tx *store.Tx) error { return e.planDone(tx, c, id, run.ID) })
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
	if err == nil {
		err = e.saveTakenUp(ctx, b)
	}
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
	stop, err := e.apply(ctx, b)
	if err != nil {
		return err
	}
	if err := e.advance(ctx, b); err != nil {
		return err
	}
	ends := b.ends(planned, stop != nil)
	err = e.Update(ctx, func(tx *store.Tx) error {
		if err := countApplied(tx, run, len(b.items)); err != nil {
			return err
		}
		return noteEnds(tx, id, ends)
	})
	if err == nil {
		out.count(ends)
	}
	return cmp.Or(err, stop)
}

// triedAgain are the marks of a planned record that has an issue now: like any other with one
// it is tried again by itself (ERR-10), and counts to the plan's run. A plan's records are not
// in the dirty set, so that nothing is there to be postponed. What was refused since it has
// changed is left to another plan.
func (b *batch) triedAgain(it *item) []core.Dirty {
	if it.refused || it.postpone.IsZero() || len(it.issues) == 0 {
		return nil
	}
	out := slices.Clone(it.entries)
	for i := range out {
		out[i].NotBefore = it.postpone
	}
	return out
}

// outcomeRefused is the outcome of a decision about what a plan does not alter.
const outcomeRefused = "refused"

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
		it.say(Pending, core.Decision{Rule: "I13", Outcome: outcomeRefused, Facts: map[string]string{"because": "the record changed since the plan was made"}})
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

// planEnd is what became of an item of a plan.
type planEnd struct {
	*store.PlanItem
	state store.ItemState
	note  string
}

// ends are what became of the items of a batch. Those that a stop kept back are still to
// be applied.
func (b *batch) ends(planned map[core.Ref]*store.PlanItem, stopped bool) (out []planEnd) {
	left := maps.Clone(planned)
	for _, it := range b.items {
		if want := left[it.ref()]; want != nil {
			delete(left, it.ref())
			state, note := it.planState()
			out = append(out, planEnd{want, state, note})
		}
	}
	if stopped {
		return out
	}
	for _, ref := range slices.SortedFunc(maps.Keys(left), core.Ref.Compare) { // absorbed by its partner, which was planned apart
		out = append(out, planEnd{left[ref], store.ItemRefused, decidedTogether})
	}
	return out
}

const decidedTogether = "decided together with its partner"

// noteEnds stores what became of items, and counts them to the plan.
func noteEnds(tx *store.Tx, id int64, ends []planEnd) error {
	for _, end := range ends {
		if err := tx.PlanItemDone(id, end.Seq, end.state, end.note); err != nil {
			return err
		}
	}
	p, err := tx.Plan(id)
	if err != nil {
		return err
	}
	var counts PlanCounts
	if err := json.Unmarshal(p.Counts, &counts); err != nil {
		return fmt.Errorf("read the counts of plan %d: %w", id, err)
	}
	if err := counts.end(ends); err != nil {
		return fmt.Errorf("count the items of plan %d: %w", id, err)
	}
	p.Counts = room.MustJSON(counts)
	return tx.PlanSave(p)
}

// count adds what became of items.
func (a *Applied) count(ends []planEnd) {
	for _, end := range ends {
		switch end.state {
		case store.ItemApplied:
			a.Applied++
			continue
		case store.ItemRefused:
			a.Refused++
		default:
			a.Failed++
		}
		if len(a.Left) < leftShown {
			a.Left = append(a.Left, LeftItem{Seq: end.Seq, Ref: end.Ref, State: end.state, Why: end.note})
		}
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
