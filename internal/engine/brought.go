package engine

import (
	"tandem/internal/core"
	"tandem/internal/mapping"
	"tandem/internal/store"
)

// brought is a write without a stored outcome that carried values from one of two records
// without a link to the other. What it sent and its target shows still is agreed and no edit,
// however late it arrived: what the two differ in was changed since.
type brought struct {
	op core.Op
	to core.Ref // its target, or the record that it made
}

// stillShown is what of the values that a write carried its target shows still.
func (b *batch) stillShown(it *item, op core.Op, target *core.Record) (seen []core.Observed) {
	m, side := b.mappingOf(it, op), op.Target.Side
	if m == nil {
		return nil
	}
	sent, _ := m.Canon(side, core.Record{Ref: target.Ref, Values: op.Fields})
	now, known := m.Canon(side, *target)
	for i, f := range m.Synced() {
		if _, carried := op.Fields[f.Names[side]]; carried && known[i] && core.Same(now[i], sent[i]) {
			seen = append(seen, core.Observed{Key: f.Key, Values: [2]string{sent[i], sent[i]}})
		}
	}
	return seen
}

// mappingOf is what maps the fields of a write, also where its item does not know yet which
// object its partner is of.
func (b *batch) mappingOf(it *item, op core.Op) *mapping.Mapping {
	if b.pair == core.ActivityPair {
		return b.mapping(it)
	}
	of := op.Target
	if of.Side == core.HubSpot {
		of = op.Source
	}
	return b.conn.Mappings[of.Object]
}

// recallBrought finds the open writes that brought something to or from an item's record, or
// made it, where that record is met before the one whose entry they belong to.
func (b *batch) recallBrought(it *item, open map[core.Ref][]store.Intent) {
	if !it.unlinkedLive(it.from) {
		return
	}
	rec := it.recs[it.from]
	for _, all := range open {
		for _, in := range all {
			switch {
			case b.madeThis(rec, in):
				it.brought = append(it.brought, brought{in.Op, rec.Ref})
			case carriesOver(in.Op) && (in.Op.Target == rec.Ref || in.Op.Source == rec.Ref):
				it.brought = append(it.brought, brought{in.Op, in.Op.Target})
			}
		}
	}
}

// carriesOver reports an update that brings its target what another record has.
func carriesOver(op core.Op) bool {
	return op.Kind == core.OpUpdate && op.Rule != UndoRule && !op.Source.IsZero()
}

// madeThis reports that a create made a record: it carries its unique key, and none from an
// earlier life.
func (b *batch) madeThis(rec *core.Record, in store.Intent) bool {
	if in.Op.Kind != core.OpCreate || beside(&in.Op) || rec.Ref.Side != in.Op.Target.Side || rec.Ref.Object != in.Op.Target.Object {
		return false
	}
	key, _ := rec.Get(in.Op.UniqueField)
	return key != "" && equalFold(key, in.Op.UniqueValue) && !b.madeBefore(rec, in.At)
}

// baseOf is what the sides of an item agreed on: as the link has it, and without one what
// writes of ours brought.
func (b *batch) baseOf(it *item) core.Base {
	if it.link != nil && it.link.State == core.LinkActive {
		return it.link.Base
	}
	return b.broughtBase(it)
}

// broughtBase is what writes of ours brought from one of an item's two records to the other.
func (b *batch) broughtBase(it *item) core.Base {
	var seen []core.Observed
	for _, w := range it.brought {
		from, to := it.recs[w.op.Source.Side], it.recs[w.to.Side]
		if from != nil && to != nil && from.Ref == w.op.Source && to.Ref == w.to {
			seen = append(seen, b.stillShown(it, w.op, to)...)
		}
	}
	if len(seen) == 0 {
		return nil
	}
	return core.Advance(nil, seen)
}
