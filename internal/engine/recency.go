package engine

import (
	"context"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/mapping"
)

// historian is a side that keeps the past values of a property with their times.
type historian interface {
	History(ctx context.Context, object core.Object, ids, fields []string) (map[string]map[string][]connector.Version, error)
}

// readRecency finds out, for two-way fields that changed on both sides, which
// change is the later one: HubSpot's property history against the Salesforce
// stamp, where that is not our own doing, corrected for the clocks' offset.
func (e *Engine) readRecency(ctx context.Context, b *batch) error {
	h, ok := b.conn.Sides[core.HubSpot].(historian)
	if !ok {
		return nil
	}
	torn := b.torn()
	if len(torn) == 0 {
		return nil
	}
	var refs []core.Ref
	var fields []string
	for it, keys := range torn {
		refs = append(refs, it.recs[core.HubSpot].Ref)
		fields = append(fields, keys...)
	}
	past, err := pasts(ctx, h, refs, fields)
	if err != nil {
		return err
	}
	for it := range torn {
		it.recency = b.recencyOf(it, past[it.recs[core.HubSpot].Ref])
	}
	return nil
}

// torn lists the items with fields that changed on both sides, with the HubSpot
// names of those fields.
func (b *batch) torn() map[*item][]string {
	out := map[*item][]string{}
	for _, it := range b.items {
		if !it.live(core.Salesforce) || !it.live(core.HubSpot) {
			continue
		}
		b.compare(it)
		for i, f := range b.mapping(it).Synced() {
			c := it.results[i].Case
			if f.Rule == core.TwoWay && (c == core.DivergentChange || c == core.DivergentClear || c == core.FirstMeetingDiffer) {
				out[it] = append(out[it], f.Names[core.HubSpot])
			}
		}
		it.results = nil
	}
	return out
}

func (b *batch) recencyOf(it *item, past map[string][]connector.Version) map[string]core.Later {
	sf, ours := b.salesforceEdit(it)
	out := map[string]core.Later{}
	for i, f := range b.mapping(it).Synced() {
		versions := past[f.Names[core.HubSpot]]
		if ours && f.Kind == mapping.Stage { // what differs there is how stages are paired
			out[f.Key] = core.HubSpotLater
			continue
		}
		if len(versions) == 0 {
			continue
		}
		if read, ok := it.recs[core.HubSpot].Get(f.Names[core.HubSpot]); ok && !core.Same(read, versions[0].Value) {
			it.moved = true // written between the reading and this look: what was read is past
			return nil
		}
		later := core.LaterOf(sf, versions[0].At.Add(-b.conn.Offsets[core.HubSpot]), conn.ClockDoubt)
		switch {
		case !ours || later == core.HubSpotLater:
			out[f.Key] = later
		case b.refusedLater(it, f, it.inputs[i].Now[core.HubSpot]):
			out[f.Key] = core.HubSpotLater
		}
	}
	return out
}

// refusedLater reports that HubSpot's value was found to be the later one before, and that
// Salesforce did not take it: what we wrote beside it since makes no other value later.
func (b *batch) refusedLater(it *item, f *mapping.Field, value string) bool {
	for _, r := range it.refs() {
		for _, i := range b.issues[r] {
			if i.Field == f.Names[core.Salesforce] && i.Value == core.Digest(value) {
				return true
			}
		}
	}
	return false
}

// salesforceEdit is the time of the last Salesforce change, in our clock. Where that is ours, the
// last one of anybody else was not later.
func (b *batch) salesforceEdit(it *item) (at time.Time, ours bool) {
	rec := it.recs[core.Salesforce]
	ours = rec.ModifiedBy == b.conn.Accounts[core.Salesforce].UserID && it.link != nil && rec.Stamp.Equal(it.link.Stamps[core.Salesforce])
	return rec.Stamp.Add(-b.conn.Offsets[core.Salesforce]), ours
}
