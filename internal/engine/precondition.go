package engine

import (
	"context"
	"slices"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
)

// staleAfter is how old the batch's own reading may be before the targets are
// read again: neither API has a conditional batch write, so the reading must be
// close to the writing.
const staleAfter = 2 * time.Second

// recheck reads the targets of updates again where the batch waited for its turn
// after it was read. An op whose before-values no longer stand is not sent; its
// record is looked at afresh. The others say which version they were decided by.
func (e *Engine) recheck(ctx context.Context, b *batch, all []sending) ([]sending, error) {
	if len(all) == 0 {
		return all, nil
	}
	if e.Now().Sub(b.readAt) < staleAfter {
		for _, s := range all {
			b.pinVersion(s, s.it.recs[s.op.Target.Side])
		}
		return all, nil
	}
	var refs []core.Ref
	for _, s := range all {
		if !b.onlyKeys(s.op) {
			refs = append(refs, s.op.Target)
		}
	}
	got, err := e.fetch(ctx, b, refs)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(s sending) bool {
		if b.onlyKeys(s.op) || stands(s.op, got[s.op.Target]) {
			b.pinVersion(s, got[s.op.Target])
			return false
		}
		s.it.outcomes[s.op.Key] = core.Outcome{Key: s.op.Key, Status: core.Stale, Class: core.ClassStale, Code: connector.CodeChanged,
			Message: "the record changed between reading and writing"}
		return true
	}), nil
}

// onlyKeys reports that an op writes nothing but key fields of ours, which nobody else
// writes: there is no value of anybody's to confirm.
func (b *batch) onlyKeys(op *core.Op) bool {
	for f := range op.Fields {
		if !slices.ContainsFunc(b.conn.Pairs.Objects(b.pair)[core.Salesforce], func(of core.Object) bool { return f == b.conn.KeyField(op.Target.Side, of) }) {
			return false
		}
	}
	return true
}

// pinVersion lets an op that carries values say which version of its target it
// was decided by. Our bookkeeping alone overwrites nothing of anybody's.
func (b *batch) pinVersion(s sending, seen *core.Record) {
	if seen != nil && !s.op.Strict && s.it.ops[s.op.Target.Side] == s.op && s.it.carriesValues(b, s.op.Target.Side) {
		s.op.Unmodified = seen.Stamp
	}
}

// stands reports that the target still has the values the decision saw.
func stands(op *core.Op, now *core.Record) bool {
	if now == nil || now.Presence != core.Live {
		return false
	}
	for f, before := range op.Before {
		if v, ok := now.Get(f); ok && !core.Same(v, before) {
			return false
		}
	}
	return true
}

// checkOverwritten looks into HubSpot's history of the values that were just
// overwritten: one that came between our reading and our writing is lost on the
// record and must at least stand in the conflict log.
func (e *Engine) checkOverwritten(ctx context.Context, b *batch) error {
	h, ok := b.conn.Sides[core.HubSpot].(historian)
	if !ok {
		return nil
	}
	var refs []core.Ref
	var fields []string
	written := map[core.Ref]*item{}
	for _, it := range b.items {
		over := it.overwritten(b)
		if len(over) == 0 {
			continue
		}
		r := it.ops[core.HubSpot].Target
		refs, fields, written[r] = append(refs, r), append(fields, over...), it
	}
	if len(refs) == 0 {
		return nil
	}
	past, err := pasts(ctx, h, refs, fields)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		e.Log.Warn("overwritten values not checked", "connection", b.conn.Settings.Name, "cause", err)
		return nil
	}
	for r, it := range written {
		op := it.ops[core.HubSpot]
		for _, f := range it.overwritten(b) {
			if lost, found := between(past[r][f], op.Before[f], op.Fields[f]); found {
				it.lost = append(it.lost, Conflict{Field: f, Side: core.HubSpot.String(), Lost: lost, Kept: op.Fields[f], Rule: "I4", Case: "changed_while_writing"})
			}
		}
	}
	return nil
}

// overwritten are the HubSpot fields of an applied update that held a value.
func (it *item) overwritten(b *batch) []string {
	op := it.ops[core.HubSpot]
	if op == nil || op.Kind != core.OpUpdate || it.outcomes[op.Key].Status != core.Applied {
		return nil
	}
	return it.replaced(b)
}

// replaced are the fields of an op on HubSpot that held a value before it. One that
// was blank may be filled in between: that is looked at where somebody waits, and not
// in the fillings of an import or a backfill, which are many.
func (it *item) replaced(b *batch) []string {
	op := it.ops[core.HubSpot]
	own := b.conn.OwnFields(core.HubSpot)
	blanks := room.PriorityOf(b.reasons()) == connector.Live
	var out []string
	for _, f := range room.SortedKeys(op.Fields) {
		if (blanks || op.Before[f] != "") && !slices.Contains(own, f) {
			out = append(out, f)
		}
	}
	return out
}

// between finds a value that a field had after before and ahead of ours: the
// version right behind ours, where it is not the one the decision saw.
func between(versions []connector.Version, before, ours string) (lost string, found bool) {
	for i, v := range versions {
		if core.Same(v.Value, ours) && i+1 < len(versions) {
			next := versions[i+1].Value
			return next, !core.Same(next, before) && !core.Same(next, ours)
		}
	}
	return "", false
}
