package engine

import (
	"tandem/internal/core"
	"tandem/internal/mapping"
	"tandem/internal/store"
)

// brought is what a create without a stored outcome brought from one record to the one that
// it made, and that this shows still. It is agreed and no edit, however late the create
// arrived: what the two differ in was changed since.
type brought struct {
	from, to core.Ref
	base     core.Base
}

// broughtBy is what a create brought to the record that it made.
func (b *batch) broughtBy(it *item, op core.Op, made *core.Record) brought {
	out, m, side := brought{from: op.Source, to: made.Ref}, b.mappingOf(it, op), op.Target.Side
	if m == nil {
		return out
	}
	sent, _ := m.Canon(side, core.Record{Ref: made.Ref, Values: op.Fields})
	now, known := m.Canon(side, *made)
	var seen []core.Observed
	for i, f := range m.Synced() {
		if _, carried := op.Fields[f.Names[side]]; carried && known[i] && core.Same(now[i], sent[i]) {
			seen = append(seen, core.Observed{Key: f.Key, Values: [2]string{sent[i], sent[i]}})
		}
	}
	out.base = core.Advance(nil, seen)
	return out
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

// recallMaking finds the open create that made an item's record, where that record is met
// before the one that it was made for.
func (b *batch) recallMaking(it *item, open map[core.Ref][]store.Intent) {
	if !it.unlinkedLive(it.from) {
		return
	}
	for _, all := range open {
		for _, in := range all {
			if b.madeThis(it.recs[it.from], in) {
				it.brought = b.broughtBy(it, in.Op, it.recs[it.from])
			}
		}
	}
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

// base is what the sides agreed on: as the link has it, and without one what a create of
// ours brought.
func (it *item) base() core.Base {
	if it.link != nil && it.link.State == core.LinkActive {
		return it.link.Base
	}
	return it.broughtBase()
}

// broughtBase is what a create of ours brought from one of an item's two records to the other.
func (it *item) broughtBase() core.Base {
	from, to := it.recs[it.brought.from.Side], it.recs[it.brought.to.Side]
	if from == nil || to == nil || from.Ref != it.brought.from || to.Ref != it.brought.to {
		return nil
	}
	return it.brought.base
}
