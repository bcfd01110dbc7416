package engine

import (
	"context"
	"hash/fnv"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// planner walks through the records of a plan.
type planner struct {
	e      *Engine
	c      *Conn
	id     int64
	meta   PlanMeta
	counts *PlanCounts
	emit   func(core.Op) error
	seen   map[core.Ref]bool // partners that a batch decided from the other side
	along  map[core.Ref]bool
	told   map[uint64]bool // writes that several records ask for
	// defaults counts what sides give new records by themselves, each without its count.
	defaults map[Foretold]int
	seq      int64
	cost     cost
	domains  *domains
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

// whole plans an import of what the plan names, or of the object from both sides,
// companies that carry an account id first.
func (p *planner) whole(ctx context.Context) error {
	args := ImportArgs{Pair: p.meta.Pair, Sides: p.meta.Sides, Refs: p.meta.Refs, Pick: p.meta.Pick, Linked: p.meta.Linked}
	if len(args.Sides) == 0 {
		args.Sides = core.Sides[:]
	}
	if err := p.e.checkPick(ctx, p.c, &args); err != nil {
		return err
	}
	why := core.ReasonImport
	if p.meta.Linked {
		why = core.ReasonSchema
	}
	for _, s := range args.steps(p.c.Pairs.Objects(args.Pair), why) {
		if err := p.step(ctx, s); err != nil {
			return unlessEnough(err)
		}
	}
	return nil
}

func (p *planner) step(ctx context.Context, s step) error {
	if len(s.refs) > 0 {
		recs := make([]core.Record, len(s.refs))
		for i, r := range s.refs {
			recs[i].Ref = r
		}
		return p.page(ctx, s, recs)
	}
	when, err := p.c.picker(s)
	if err != nil {
		return err
	}
	scan := connector.Scan{Object: s.object, Fields: pageFields(p.c.stepFields(s), when)}
	return p.c.Sides[s.side].Scan(ctx, scan, func(page connector.Page) error {
		taken, err := p.e.pick(ctx, p.c, s, when, page.Records)
		if err != nil {
			return err
		}
		return p.page(ctx, s, taken)
	})
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
	if s.linked {
		var err error
		if entries, err = p.linkedOnly(ctx, entries); err != nil {
			return err
		}
	}
	if enough := p.meta.Enough; enough > 0 && p.counts.Looked+len(entries) > enough {
		entries = entries[:max(0, enough-p.counts.Looked)]
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
	if p.meta.Enough > 0 && p.counts.Looked >= p.meta.Enough {
		return errEnough
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
		if p.meta.Shows() {
			p.meta.Draft.narrow(p.c, it)
		}
		p.note(it)
		if len(it.sent()) == 0 {
			continue
		}
		p.seq++
		p.cost.add(b, it)
		p.foretell(b, it)
		p.noteKeys(it)
		ops := planOps(it)
		items = append(items, store.PlanItem{Seq: p.seq, Ref: it.ref(), Reasons: it.reasons, Ops: room.MustJSON(ops), Decisions: room.MustJSON(it.decisions), Writes: kindsOf(ops)})
		if err := p.send(it); err != nil {
			return err
		}
	}
	if len(items) > 0 {
		p.cost.read(p.c.spent().less(before))
	}
	p.counts.begin(items)
	return p.e.Update(ctx, func(tx *store.Tx) error {
		if err := tx.PlanAppend(p.id, items); err != nil {
			return err
		}
		if !p.meta.Shows() { // of other settings
			if err := b.saveShown(tx); err != nil {
				return err
			}
		}
		return p.save(tx, store.PlanBuilding)
	})
}

// noteKeys counts the record that is to carry the id of a partner which is yet to be made.
func (p *planner) noteKeys(it *item) {
	for _, side := range core.Sides {
		rec, made := it.recs[side], it.ops[side.Other()]
		if rec == nil || it.ops[side] != nil || made == nil || made.Kind != core.OpCreate || p.meta.Pair == core.ActivityPair {
			continue
		}
		if p.counts.Keyed == nil {
			p.counts.Keyed = map[string]int{}
		}
		p.counts.Keyed[side.String()]++
	}
}

// save stores how far the plan has come.
func (p *planner) save(tx *store.Tx, state store.PlanState) error {
	return tx.PlanSave(store.Plan{ID: p.id, Conn: p.c.ID, Meta: room.MustJSON(p.meta), State: state, Counts: room.MustJSON(p.counts)})
}

func (p *planner) send(it *item) error {
	for _, op := range it.sent() {
		if p.fresh(op) {
			p.counts.Ops[opName(op)]++
		}
		if p.emit == nil {
			continue
		}
		if err := p.emit(*op); err != nil {
			return err
		}
	}
	return nil
}

// fresh reports a write that no record planned so far asks for: one opt-out may be that
// of several records of a person. Creates are never the same.
func (p *planner) fresh(op *core.Op) bool {
	if op.Kind == core.OpCreate {
		return true
	}
	same := *op
	same.Key, same.Source, same.Rule = "", core.Ref{}, ""
	h := fnv.New64a()
	_, _ = h.Write(room.MustJSON(same))
	told := p.told[h.Sum64()]
	p.told[h.Sum64()] = true
	return !told
}

func (p *planner) note(it *item) {
	p.counts.Looked++
	for _, m := range it.marks {
		if m.Pair == core.CompanyPair && p.meta.Pair == core.ContactPair {
			p.along[m.Ref] = true
		}
	}
	p.counts.Along = len(p.along)
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
