package engine

import (
	"context"
	"maps"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
)

// loadKept reads the records that were kept where ticked ones of the batch were merged away or
// converted: they are the same people, and their box may be clear.
func (e *Engine) loadKept(ctx context.Context, b *batch) error {
	into, ids := map[core.Ref][]core.Ref{}, map[core.Object][]string{}
	for _, it := range b.items {
		rec := it.recs[core.Salesforce]
		if rec == nil || !ticked(rec) || !b.leftNow(it, rec) {
			continue
		}
		if kept := survivorOf(rec.Ref, rec); !kept.IsZero() {
			into[kept] = append(into[kept], rec.Ref)
			ids[kept.Object] = append(ids[kept.Object], kept.ID)
		}
	}
	b.consents.kept = map[core.Ref]*core.Record{}
	for _, object := range slices.Sorted(maps.Keys(ids)) {
		slices.Sort(ids[object])
		recs, err := b.conn.Sides[core.Salesforce].Read(ctx, connector.Query{Object: object, Values: slices.Compact(ids[object]), Fields: b.conn.ReadFields(core.Salesforce, object)})
		if err != nil {
			return err
		}
		for i := range recs {
			for _, left := range into[recs[i].Ref] {
				b.consents.kept[left] = &recs[i]
			}
		}
	}
	return nil
}

// hearKept notes the address of the record that goes on for one that left: the opt-out of
// either stands for both.
func (b *batch) hearKept(left *core.Record, was *voice) {
	kept := b.consents.kept[left.Ref]
	if kept == nil || kept.Presence != core.Live || conn.EmailOf(kept) == "" || conn.EmailOf(kept) == was.address {
		return
	}
	if b.links[kept.Ref] == nil && !b.conn.everywhere() {
		return // who does not sync is told nothing there (OPT-4)
	}
	v := b.voice(conn.EmailOf(kept), was.it)
	v.boxes[kept.Ref], v.was, v.ask = kept, was, true
	v.comes = v.comes || b.links[kept.Ref] != nil
}

// cameBackSince reports that an address was taken back later than the one whose place it takes
// opted out.
func (b *batch) cameBackSince(v *voice) bool {
	stored := b.consents.stored[v.address]
	return stored.State == core.Resubscribed && stored.Back.After(b.consents.after(v.was.address).Since)
}
