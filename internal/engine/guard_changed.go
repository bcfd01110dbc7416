package engine

import (
	"context"
	"slices"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/store"
)

// asked are the reasons of work that a person asked for: an import, a backfill, a
// resync, a retry by hand. It is no sign that everything changed by mistake.
const asked = core.ReasonImport | core.ReasonPerson | core.ReasonSchema

// announced are the reasons with which a change of a record waits.
const announced = core.ReasonEdit | core.ReasonGap

// guardChanged counts the linked records whose changes are about to be passed on,
// each once an hour, and halts where nearly all of them are. What waits counts by its
// share of changes, so that a mass change is met before most of it is written. A
// person who releases the brake lets changes pass for an hour.
func (e *Engine) guardChanged(ctx context.Context, b *batch) error {
	changed, looked := b.changed()
	if len(changed) == 0 || b.planned {
		return nil
	}
	released, err := e.released(ctx, b.conn, core.BrakeChanged)
	if err != nil || released {
		return err
	}
	kind := changedOf(b.pair)
	err = e.Update(ctx, func(tx *store.Tx) error {
		since, _, err := tx.BrakeCount(b.conn.ID, kind)
		if err == nil {
			_, err = tx.BrakeCountLinks(b.conn.ID, kind, e.window(since), changed)
		}
		return err
	})
	if err != nil {
		return err
	}
	brake, err := e.checkChanged(ctx, b, expected{len(changed), looked})
	if err != nil || brake == nil {
		return err
	}
	return b.conn.gate.Halt(ctx, &e.Env, brake)
}

// changedOf is under what the changes of an object pair are counted.
func changedOf(p core.Pair) string { return string(core.BrakeChanged) + "/" + string(p) }

// changed are the links of a batch that pass a change on: not a first meeting of
// two values, and nothing that a person asked for. They are so many of looked.
func (b *batch) changed() (links []int64, looked int) {
	for _, it := range b.items {
		if it.link == nil || it.reasons.Has(asked) || it.run != 0 || it.ended.id != 0 {
			continue
		}
		looked++
		if it.passesChange() {
			links = append(links, it.link.ID)
		}
	}
	return links, looked
}

// expected says how many of the records a batch looked at had changed.
type expected struct{ changed, looked int }

// sampleLeast is how many records of a batch tell what to expect of those that wait.
const sampleLeast = 10

// of is how many changes to expect among records that wait.
func (x expected) of(waiting int) int {
	if x.looked == 0 {
		return 0
	}
	return waiting * x.changed / x.looked
}

func (it *item) passesChange() bool {
	for i, r := range it.results {
		for _, side := range core.Sides {
			if r.Write[side] && it.inputs[i].HasBase && it.writesTo(side) {
				return true
			}
		}
	}
	return it.optsOut() || it.relation != nil && it.relation.in.HasBase && it.relation.writes != nil && it.writesTo(*it.relation.writes)
}

// optsOut reports that the item passes an opt-out on: nobody but the person takes one
// back, so that a mass of them is looked at first.
func (it *item) optsOut() bool {
	return slices.ContainsFunc(it.sent(), func(op *core.Op) bool {
		return op.Kind == core.OpUnsubscribe || op.Fields[conn.OptOutField[core.Salesforce]] == "true"
	})
}

func (it *item) writesTo(side core.Side) bool {
	for _, op := range it.sent() {
		if op.Target.Side == side {
			return true
		}
	}
	return false
}

// census is what the changes of a pair are measured against. Counting links and
// waiting records reads whole tables, so it is done once a censusEvery.
type census struct {
	mu   connector.CallMutex
	pair map[core.Pair]counted
}

type counted struct {
	at              time.Time
	linked, waiting int
}

const censusEvery = time.Second

// checkChanged compares what is counted, by other batches too, and what waits
// besides with the limits. Where this batch makes it likely that nearly everything
// changed, some of those that wait are looked at first: a batch is no fair sample, as
// real edits may wait before an edit of many that writes nothing.
func (e *Engine) checkChanged(ctx context.Context, b *batch, x expected) (*core.Brake, error) {
	cs := &b.conn.census
	cs.mu.Lock()
	defer cs.mu.Unlock()
	have, n, known, err := e.census(ctx, b)
	if err != nil {
		return nil, err
	}
	limits := b.conn.Settings.Brakes.Changed.Limits()
	if known || x.looked < sampleLeast || core.CheckChanged(have.linked, n, x.of(have.waiting), limits) == nil {
		return core.CheckChanged(have.linked, n, 0, limits), nil
	}
	x, err = e.sample(ctx, b, have.waiting)
	if err != nil {
		return nil, err
	}
	return core.CheckChanged(have.linked, n, x.of(have.waiting), limits), nil
}

// census is what the changes of the pair are measured against and how many were counted,
// and whether it is that of a moment ago.
func (e *Engine) census(ctx context.Context, b *batch) (have counted, n int, known bool, err error) {
	cs := &b.conn.census
	err = e.View(ctx, func(tx *store.Tx) error {
		if _, n, err = tx.BrakeCount(b.conn.ID, changedOf(b.pair)); err != nil {
			return err
		}
		if have, known = cs.pair[b.pair]; known && e.Now().Sub(have.at).Abs() < censusEvery {
			return nil
		}
		known = false
		have, err = e.takeCensus(tx, b)
		return err
	})
	if cs.pair == nil {
		cs.pair = map[core.Pair]counted{}
	}
	if err == nil {
		cs.pair[b.pair] = have
	}
	return have, n, known, err
}

func (e *Engine) takeCensus(tx *store.Tx, b *batch) (counted, error) {
	links, err := tx.LinkCounts(b.conn.ID)
	if err != nil {
		return counted{}, err
	}
	waiting, err := tx.BrakeWaiting(b.conn.ID, b.massOf())
	return counted{at: e.Now(), linked: links[b.pair][core.LinkActive], waiting: waiting}, err
}

// massOf says which of the records that wait count as changed.
func (b *batch) massOf() store.BrakeOf {
	return store.BrakeOf{Kind: changedOf(b.pair), Pair: b.pair, Why: announced, Except: asked}
}

// sample looks at up to a batch of the records that wait, spread over all of them, without
// writing, and says how many of these had changed.
func (e *Engine) sample(ctx context.Context, b *batch, waiting int) (x expected, err error) {
	var refs []core.Ref
	err = e.View(ctx, func(tx *store.Tx) error {
		refs, err = tx.BrakeSample(b.conn.ID, b.massOf(), (waiting+batchSize-1)/batchSize)
		return err
	})
	if err != nil || len(refs) == 0 {
		return x, err
	}
	entries := make([]core.Dirty, len(refs))
	for i, r := range refs {
		entries[i] = core.Dirty{Ref: r, Pair: b.pair, Reasons: core.ReasonEdit}
	}
	dry, err := e.readDry(ctx, b.conn, b.pair, entries)
	if err != nil {
		return x, err
	}
	e.decide(dry)
	if err := e.consent(ctx, dry); err != nil {
		return x, err
	}
	links, looked := dry.changed()
	return expected{len(links), looked}, nil
}
