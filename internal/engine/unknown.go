package engine

import (
	"context"
	"maps"
	"slices"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// settleUnknown looks at writes whose outcome was never stored: the process
// died, or no answer came. A create is looked for by its unique key, strongly
// consistent, and decided again only past the server's longest request time; an
// update is decided afresh from what the records show now.
func (e *Engine) settleUnknown(ctx context.Context, b *batch) error {
	open, err := e.openIntents(ctx, b)
	if err != nil || len(open) == 0 {
		return err
	}
	made, err := e.readMade(ctx, b, open)
	if err != nil {
		return err
	}
	wrote, err := e.readTargets(ctx, b, open)
	if err != nil {
		return err
	}
	for _, it := range b.items {
		for _, r := range it.refs() {
			for _, in := range open[r] {
				if in.Op.Kind == core.OpUpdate {
					b.recallLost(it, in.Op, wrote[in.Op.Target])
				}
				b.settleIntent(it, in, made[in.Op.Key], wrote[in.Op.Target])
			}
		}
		b.recallBrought(it, open)
	}
	return nil
}

// readTargets reads what open updates and associations were sent to. Where the stop came before
// the link of a first meeting was stored, the item does not know its partner yet.
func (e *Engine) readTargets(ctx context.Context, b *batch, open map[core.Ref][]store.Intent) (map[core.Ref]*core.Record, error) {
	out, missing := map[core.Ref]*core.Record{}, map[core.Ref]bool{}
	for _, it := range b.items {
		for _, r := range it.refs() {
			for _, in := range open[r] {
				switch rec := it.recs[in.Op.Target.Side]; {
				case in.Op.Kind != core.OpUpdate && in.Op.Kind != core.OpAssociate:
				case rec != nil && rec.Ref == in.Op.Target:
					out[in.Op.Target] = rec
				default:
					missing[in.Op.Target] = true
				}
			}
		}
	}
	got, err := e.fetch(ctx, b, slices.Collect(maps.Keys(missing)))
	for r, rec := range got {
		out[r] = rec
	}
	return out, err
}

// readMade reads the records that open creates made, by their unique keys and as
// many as a call takes: a stop in the middle of an import leaves hundreds. One that was
// deleted or merged away since is found among the deleted ones.
func (e *Engine) readMade(ctx context.Context, b *batch, open map[core.Ref][]store.Intent) (map[string]*core.Record, error) {
	var asked [2][]core.Op
	since := map[string]time.Time{}
	for _, it := range b.items {
		for _, r := range it.refs() {
			for _, in := range open[r] {
				if in.Op.Kind == core.OpCreate && !beside(&in.Op) && !(it.link != nil && it.link.State == core.LinkActive) {
					asked[in.Op.Target.Side], since[in.Op.Key] = append(asked[in.Op.Target.Side], in.Op), in.At
				}
			}
		}
	}
	out := map[string]*core.Record{}
	for side, ops := range asked {
		found, err := e.madeBy(ctx, b, core.Side(side), ops, core.Live)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, found)
		lost := slices.DeleteFunc(slices.Clone(ops), func(op core.Op) bool { return found[op.Key] != nil })
		gone, err := e.madeBy(ctx, b, core.Side(side), lost, core.Deleted)
		if err != nil {
			return nil, err
		}
		maps.DeleteFunc(gone, func(key string, rec *core.Record) bool { return b.madeBefore(rec, since[key]) })
		maps.Copy(out, gone)
	}
	return out, nil
}

// madeBefore reports that a record stood before a create was sent: it carries the key from
// an earlier life.
func (b *batch) madeBefore(rec *core.Record, sent time.Time) bool {
	side := rec.Ref.Side
	return rec.Created.Add(b.conn.Sides[side].Caps().StampUnit + conn.ClockDoubt).Before(sent.Add(b.conn.Offsets[side]))
}

// madeBy are the records, live or deleted, that carry the unique keys of creates on a side,
// by op key: one read for each object and key field.
func (e *Engine) madeBy(ctx context.Context, b *batch, side core.Side, ops []core.Op, are core.Presence) (map[string]*core.Record, error) {
	type keyed struct {
		object core.Object
		field  string
	}
	same := map[keyed][]core.Op{}
	for _, op := range ops {
		k := keyed{op.Target.Object, op.UniqueField}
		same[k] = append(same[k], op)
	}
	out := map[string]*core.Record{}
	for k, ops := range same {
		found, err := e.byKeys(ctx, b, side, k.object, ops, are)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, found)
	}
	return out, nil
}

// byKeys are the records that carry the unique keys of creates, by op key.
func (e *Engine) byKeys(ctx context.Context, b *batch, side core.Side, object core.Object, ops []core.Op, are core.Presence) (map[string]*core.Record, error) {
	field := ops[0].UniqueField
	values := make([]string, len(ops))
	for i, op := range ops {
		values[i] = op.UniqueValue
	}
	recs, err := b.conn.Sides[side].Read(ctx, connector.Query{Object: object, By: field, Values: values, Fields: b.conn.ReadFields(side, object), Deleted: are == core.Deleted})
	if err != nil {
		return nil, err
	}
	out := map[string]*core.Record{}
	for i := range recs {
		have, _ := recs[i].Get(field)
		for _, op := range ops {
			if recs[i].Presence == are && equalFold(have, op.UniqueValue) {
				out[op.Key] = &recs[i]
			}
		}
	}
	return out, nil
}

// settleIntent takes in what came of an open intent: made is the record that a create made,
// and wrote the target of an update or an association as it shows now.
func (b *batch) settleIntent(it *item, in store.Intent, made, wrote *core.Record) {
	it.openKeys = append(it.openKeys, in.Op.Key)
	if isMember(&in.Op) {
		return // the memberships are read at each look, and none is made twice
	}
	if in.Op.Kind != core.OpCreate {
		b.recallWritten(it, in.Op)
		b.recallUpdate(it, in.Op, wrote, in.At)
		it.recallTie(in.Op, wrote, in.At)
		return
	}
	if isRole(&in.Op) {
		if in.Op.Kind == core.OpCreate && b.at.Sub(in.At) < b.conn.SettleAfter(core.Salesforce) {
			it.unknown, it.heldRoles = in.At, append(it.heldRoles, in.Op)
		}
		return
	}
	if it.link != nil && it.link.State == core.LinkActive {
		b.recallWritten(it, in.Op)
		b.recallMade(it, in)
		return
	}
	switch side := in.Op.Target.Side; {
	case made != nil:
		it.recs[side], it.adopted = made, true
		it.brought = append(it.brought, brought{in.Op, made.Ref})
		it.recall(recalled(in.Op, made, in.Op.Fields), in.At)
	case b.at.Sub(in.At) < b.conn.SettleAfter(side):
		it.unknown = in.At
	}
}

// recallLost keeps a value that an update without an answer overwrote although a
// user had changed it: whoever sent it did not come to write the conflict log. The
// record is the target as it shows now.
func (b *batch) recallLost(it *item, op core.Op, rec *core.Record) {
	side, m := op.Target.Side, b.mappingOf(it, op)
	if m == nil || rec == nil || rec.Presence != core.Live {
		return
	}
	var base core.Base
	if it.link != nil {
		base = it.link.Base
	}
	was, known := m.Canon(side, core.Record{Ref: op.Target, Values: op.Before})
	now, _ := m.Canon(side, *rec)
	for i, f := range m.Synced() {
		if _, carried := op.Fields[f.Names[side]]; !carried || !known[i] || was[i] == "" || was[i] == now[i] || base.Holds(side, f.Key, was[i]) {
			continue
		}
		it.lost = append(it.lost, Conflict{Field: f.Names[core.Salesforce], Side: side.String(), Lost: was[i], Kept: now[i], Rule: "I4", Case: "written_before_a_stop"})
	}
}

// recallWritten takes the values that a write without a stored outcome brought
// to its record as agreed: they are no change of that side, so that what the
// other side changed since is the only change.
func (b *batch) recallWritten(it *item, op core.Op) {
	side, m, l := op.Target.Side, b.mapping(it), it.link
	if m == nil || l == nil || l.State != core.LinkActive || !it.live(side) || op.Target.Object != it.recs[side].Ref.Object {
		return
	}
	sent, _ := m.Canon(side, core.Record{Ref: op.Target, Values: op.Fields})
	now, known := m.Canon(side, *it.recs[side])
	for i, f := range m.Synced() {
		if _, carried := op.Fields[f.Names[side]]; carried && known[i] && core.Same(now[i], sent[i]) {
			if op.Rule == UndoRule { // the other side keeps what it has
				l.Base = core.AdvanceSide(l.Base, f.Key, side, sent[i], b.shownAs(it, side.Other(), i))
				continue
			}
			l.Base = core.AdvanceField(l.Base, f.Key, sent[i], sent[i])
		}
	}
}

// shownAs is the canonical value of the i-th mapped field as a side shows it.
func (b *batch) shownAs(it *item, side core.Side, i int) string {
	values, _ := b.canon(it, side)
	return values[i]
}

// recallMade keeps for the journal that a create without a stored outcome made the partner,
// which was found and linked as a record of anybody's since.
func (b *batch) recallMade(it *item, in store.Intent) {
	rec := it.recs[in.Op.Target.Side]
	if rec != nil && rec.Presence == core.Live && b.madeThis(rec, in) {
		it.recall(recalled(in.Op, rec, in.Op.Fields), in.At)
	}
}

// recallUpdate keeps for the journal what an update without a stored outcome is found to
// have brought to its target, which the process may have stopped before it was linked. Of
// one that nothing shows any more it stays unknown.
func (b *batch) recallUpdate(it *item, op core.Op, target *core.Record, at time.Time) {
	if op.Kind != core.OpUpdate || len(op.Fields) == 0 || !slices.Contains(b.conn.Pairs.Objects(b.pair)[op.Target.Side], op.Target.Object) {
		return // emptied by an erasure, or of another pair
	}
	if target == nil || target.Presence == core.Absent || target.Ref != op.Target {
		w := recalled(op, &core.Record{Ref: op.Target}, untimed(op.Fields))
		w.Status = core.Unknown
		it.recall(w, at)
		return
	}
	took := map[string]string{}
	for f, sent := range untimed(op.Fields) {
		if now, shown := target.Get(f); shown && core.Same(now, sent) && !core.Same(now, op.Before[f]) {
			took[f] = sent
		}
	}
	if len(took) > 0 {
		it.recall(recalled(op, target, took), at)
	}
}

// recallTie keeps for the journal an association without a stored outcome that stands.
func (it *item) recallTie(op core.Op, rec *core.Record, at time.Time) {
	if op.Kind != core.OpAssociate || rec == nil || rec.Ref != op.Target || rec.Presence != core.Live {
		return
	}
	for _, r := range rec.Related[op.Associate.Object] {
		lacks := func(label string) bool { return !slices.Contains(r.Labels, label) }
		if r.ID == op.Associate.ID && !slices.ContainsFunc(op.Labels, lacks) {
			it.recall(recalled(op, rec, nil), at)
		}
	}
}

// recalled is a write whose outcome was never stored, as its record shows it.
func recalled(op core.Op, rec *core.Record, took map[string]string) Write {
	w := Write{Kind: op.Kind, Side: op.Target.Side.String(), Object: op.Target.Object, ID: rec.Ref.ID, Rule: op.Rule,
		Before: op.Before, After: took, Status: core.Applied, Stamp: rec.Stamp}
	if !op.Associate.IsZero() {
		w.Associate, w.Labels, w.Beside = &op.Associate, op.Labels, op.Beside
	}
	if op.Kind == core.OpCreate { // others may have touched it since
		w.Stamp = time.Time{}
	}
	return w
}

// recallIntents asks for a look at every record that a write without a stored
// outcome belongs to. Most wait in the dirty set anyway; those of a plan that was
// being applied do not.
func (e *Engine) recallIntents(ctx context.Context, c *Conn) error {
	return e.Update(ctx, func(tx *store.Tx) error {
		open, err := tx.IntentsOpen(c.ID)
		if err != nil || len(open) == 0 {
			return err
		}
		refs := make([]core.Ref, len(open))
		for i, in := range open {
			refs[i] = in.Dirty
		}
		return tx.Mark(c.ID, room.DirtyOf(c.Pairs, refs, core.ReasonRetry, 0, e.Now()))
	})
}

// openIntents are the open intents, by the record whose entry they belong to; none where
// none concerns a record of the batch.
func (e *Engine) openIntents(ctx context.Context, b *batch) (map[core.Ref][]store.Intent, error) {
	out := map[core.Ref][]store.Intent{}
	err := e.View(ctx, func(tx *store.Tx) error {
		ends, err := tx.IntentEnds(b.conn.ID)
		if err != nil || len(ends) == 0 || !slices.ContainsFunc(ends, b.concerned()) {
			return err
		}
		all, err := tx.IntentsOpen(b.conn.ID)
		for _, in := range all {
			out[in.Dirty] = append(out[in.Dirty], in)
		}
		return err
	})
	return out, err
}

// concerned reports of an open intent that it belongs to a record of the batch, or that one
// without a link may be what it made or took its values from or to.
func (b *batch) concerned() func(store.Ends) bool {
	mine, sources := map[core.Ref]bool{}, map[core.Ref]bool{}
	for _, it := range b.items {
		for _, r := range it.refs() {
			mine[r] = true
		}
		if it.unlinkedLive(it.from) {
			sources[b.conn.StoredRef(it.recs[it.from])] = true
		}
	}
	delete(sources, core.Ref{})
	return func(in store.Ends) bool { return mine[in.Dirty] || sources[in.Target] || sources[in.Source] }
}
