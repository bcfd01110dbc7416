package engine

import (
	"context"
	"maps"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
)

// keptHops is how many merges in a row are followed to the record that goes on.
const keptHops = 8

// loadKept reads the records that were kept where others of the batch were merged away or
// converted: they are the same people, and what either said is said by both.
func (e *Engine) loadKept(ctx context.Context, b *batch) error {
	b.consents.kept = map[core.Ref]*core.Record{}
	into := map[core.Ref][]core.Ref{}
	for _, it := range b.items {
		rec := it.recs[core.Salesforce]
		if rec == nil || !b.leftNow(it, rec) {
			continue
		}
		if kept := survivorOf(rec.Ref, rec); !kept.IsZero() {
			into[kept] = append(into[kept], rec.Ref)
		}
	}
	for hop := 0; hop < keptHops && len(into) > 0; hop++ {
		next, err := e.readKept(ctx, b, into)
		if err != nil {
			return err
		}
		into = next
	}
	return nil
}

// readKept reads the records into which others went, and gives those that went on themselves.
func (e *Engine) readKept(ctx context.Context, b *batch, into map[core.Ref][]core.Ref) (next map[core.Ref][]core.Ref, err error) {
	ids := map[core.Object][]string{}
	for _, kept := range slices.SortedFunc(maps.Keys(into), core.Ref.Compare) {
		ids[kept.Object] = append(ids[kept.Object], kept.ID)
	}
	next = map[core.Ref][]core.Ref{}
	for _, object := range slices.Sorted(maps.Keys(ids)) {
		recs, err := b.conn.Sides[core.Salesforce].Read(ctx, connector.Query{Object: object, Values: ids[object], Fields: b.conn.ReadFields(core.Salesforce, object)})
		if err != nil {
			return nil, err
		}
		for i := range recs {
			rec := &recs[i]
			asked := core.Ref{Side: core.Salesforce, Object: object, ID: ids[object][i]}
			if on := survivorOf(asked, rec); !on.IsZero() && rec.Presence != core.Live {
				next[on] = append(next[on], into[asked]...)
				continue
			}
			for _, left := range into[asked] {
				b.consents.kept[left] = rec
			}
		}
	}
	return next, nil
}

// hearKept notes the address of the record that goes on for one that left: the opt-out of
// either stands for both.
func (b *batch) hearKept(it *item, left *core.Record) {
	kept := b.consents.kept[left.Ref]
	if kept == nil || kept.Presence != core.Live || conn.EmailOf(kept) == "" || conn.EmailOf(kept) == conn.EmailOf(left) {
		return
	}
	if b.links[kept.Ref] == nil && !b.conn.everywhere() {
		return // who does not sync is told nothing there (OPT-4)
	}
	was := b.voice(conn.EmailOf(left), it)
	v := b.voice(conn.EmailOf(kept), it)
	v.takes(was)
	v.boxes[kept.Ref], v.ask, was.ask = kept, true, true
	v.comes = v.comes || b.links[kept.Ref] != nil
}

// takes notes that the opt-out of another address is this one's.
func (v *voice) takes(was *voice) {
	if was != v && !slices.Contains(v.was, was) {
		v.was = append(v.was, was)
	}
}

// cameBackSince reports that an address was taken back later than the one whose opt-out it
// takes opted out.
func (b *batch) cameBackSince(v, was *voice) bool {
	stored := b.consents.stored[v.address]
	return stored.State == core.Resubscribed && stored.Back.After(b.consents.after(was.address).Since)
}
