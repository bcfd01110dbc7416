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

	"tandem/internal/connector"
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
	Due      bool  `json:"due,omitempty"`
	Settings int64 `json:"settings"`
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
	Twins   map[string]Twins `json:"twins,omitempty"`
	Spent   map[string]int   `json:"spent"`   // API calls that planning took, by side
	Seconds float64          `json:"seconds"` // that applying needs within the burst limits
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
	p := &planner{e: e, c: c, id: id, meta: m, counts: &counts, emit: emit, seen: map[core.Ref]bool{}, cost: cost{c: c}, domains: newDomains()}
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
	counts.Twins = p.domains.twins()
	counts.Spent = c.spent().less(before).bySide()
	return id, counts, e.Update(ctx, func(tx *store.Tx) error {
		return tx.PlanSave(store.Plan{ID: id, Conn: c.ID, Meta: room.MustJSON(m), State: store.PlanReady, Counts: room.MustJSON(counts), Created: e.Now()})
	})
}

type planner struct {
	e       *Engine
	c       *Conn
	id      int64
	meta    PlanMeta
	counts  *PlanCounts
	emit    func(core.Op) error
	seen    map[core.Ref]bool // partners that a batch decided from the other side
	seq     int64
	cost    cost
	domains *domains
}

// due plans what a sync would do now: changes since the cursors are captured
// first, since looking is not writing.
func (p *planner) due(ctx context.Context) error {
	for _, side := range core.Sides {
		if err := p.e.pollSide(ctx, p.c, side); err != nil {
			return err
		}
	}
	skip := map[core.Ref]bool{}
	for {
		var entries []core.Dirty
		err := p.e.View(ctx, func(tx *store.Tx) (err error) {
			entries, err = tx.Due(p.c.ID, p.meta.Pair, p.e.Now(), batchSize, func(r core.Ref) bool { return skip[r] })
			return err
		})
		if err != nil || len(entries) == 0 {
			return err
		}
		for _, d := range entries {
			skip[d.Ref] = true
		}
		if err := p.batch(ctx, entries); err != nil {
			return err
		}
	}
}

// whole plans an import of the object from both sides, companies that carry an
// account id first.
func (p *planner) whole(ctx context.Context) error {
	r := store.Run{Kind: runImport, Args: ImportArgs{Pair: p.meta.Pair, Sides: core.Sides[:]}.json()}
	steps, err := stepsOf(r)
	if err != nil {
		return err
	}
	for _, s := range steps {
		scan := connector.Scan{Object: s.object, Fields: p.c.stepFields(s)}
		err := p.c.Sides[s.side].Scan(ctx, scan, func(page connector.Page) error {
			return p.page(ctx, s, page.Records)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) page(ctx context.Context, s step, recs []core.Record) error {
	var entries []core.Dirty
	for i := range recs {
		r := recs[i].Ref
		if p.seen[r] || s.stored && p.c.StoredID(&recs[i]) == "" {
			continue
		}
		entries = append(entries, core.Dirty{Ref: r, Pair: p.meta.Pair, Reasons: s.why})
	}
	if p.meta.Limit > 0 && p.counts.Looked+len(entries) > p.meta.Limit {
		return errTooMany
	}
	for len(entries) > 0 {
		n := min(batchSize, len(entries))
		if err := p.batch(ctx, entries[:n]); err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

func (p *planner) batch(ctx context.Context, entries []core.Dirty) error {
	before := p.c.spent()
	b, err := p.e.readDry(ctx, p.c, p.meta.Pair, entries)
	if err != nil {
		return err
	}
	p.e.decide(b)
	if err := p.e.consent(ctx, b); err != nil {
		return err
	}
	b.stampKeys()
	var items []store.PlanItem
	for _, it := range b.items {
		p.note(it)
		if len(it.sent()) == 0 {
			continue
		}
		p.seq++
		p.cost.add(b, it)
		items = append(items, store.PlanItem{Seq: p.seq, Ref: it.ref(), Reasons: it.reasons, Ops: room.MustJSON(planOps(it)), Decisions: room.MustJSON(it.decisions)})
		if err := p.send(it); err != nil {
			return err
		}
	}
	if len(items) > 0 {
		p.cost.read(p.c.spent().less(before))
	}
	return p.e.Update(ctx, func(tx *store.Tx) error { return tx.PlanAppend(p.id, items) })
}

func (p *planner) send(it *item) error {
	for _, op := range it.sent() {
		p.counts.Ops[opName(op)]++
		if p.emit == nil {
			continue
		}
		if err := p.emit(*op); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) note(it *item) {
	p.counts.Looked++
	p.domains.note(it)
	for _, rec := range it.recs {
		if rec == nil {
			continue
		}
		p.seen[rec.Ref] = true
		if it.link == nil && rec.Presence == core.Live {
			p.counts.Existing[string(rec.Ref.Object)]++
		}
	}
	for _, d := range it.decisions {
		p.counts.Rules[d.Rule+" "+d.Outcome]++
	}
	for _, i := range it.issues {
		p.counts.Issues[i.Code]++
	}
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
			return out, e.Update(ctx, func(tx *store.Tx) error { return e.planDone(tx, c, id) })
		}
		if err := e.applyItems(ctx, c, id, items, &out); err != nil {
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

func (e *Engine) applyItems(ctx context.Context, c *Conn, id int64, items []store.PlanItem, out *Applied) error {
	entries := make([]core.Dirty, len(items))
	planned := map[core.Ref]*store.PlanItem{}
	for i := range items {
		pair, _ := core.PairOf(items[i].Ref.Side, items[i].Ref.Object)
		entries[i] = core.Dirty{Ref: items[i].Ref, Pair: pair, Reasons: items[i].Reasons}
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
	err = e.Update(ctx, func(tx *store.Tx) error { return notePlan(tx, id, b, planned, out, stop != nil) })
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
