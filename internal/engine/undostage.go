package engine

import (
	"maps"
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
)

// putBackBeside gives values back to a record that was written along with the item's own, as
// the company whose lifecycle stage followed a contact's.
func (b *batch) putBackBeside(it *item, rec *core.Record, restore map[string]string) {
	before := map[string]string{}
	for name := range restore {
		before[name] = valueOf(rec, name)
	}
	pair, _ := b.conn.Pairs.Of(rec.Ref.Side, rec.Ref.Object)
	op := core.Op{Key: b.updateKey(rec.Ref), Kind: core.OpUpdate, Pair: pair, Target: rec.Ref, Source: it.ref(), Fields: restore, Before: before, Rule: UndoRule}
	it.extra = append(it.extra, op)
	b.putStageBack(it, &it.extra[len(it.extra)-1])
}

// putStageBack lets an op clear a lifecycle stage that is to move back, and sets it by a
// second one: HubSpot takes no earlier stage for a later one ("Use lifecycle stages").
func (b *batch) putStageBack(it *item, op *core.Op) {
	to, moves := op.Fields[conn.StageProperty]
	order := b.conn.StageOrder(op.Target.Object)
	if !moves || to == "" || op.Target.Side != core.HubSpot || slices.Index(order, to) >= slices.Index(order, op.Before[conn.StageProperty]) {
		return
	}
	op.Fields = maps.Clone(op.Fields)
	op.Fields[conn.StageProperty] = ""
	set := *op
	set.Key += "/stage"
	set.Fields = map[string]string{conn.StageProperty: to}
	set.Before = map[string]string{conn.StageProperty: op.Before[conn.StageProperty]}
	it.extra = append(it.extra, set)
}
