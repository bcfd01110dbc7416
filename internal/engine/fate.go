package engine

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// fates say what became of the two records of an item's link.
func (b *batch) fates(it *item) (out [2]policy.Fate) {
	for _, side := range core.Sides {
		out[side] = b.fate(it, side)
	}
	return out
}

func (b *batch) fate(it *item, side core.Side) policy.Fate {
	switch rec := it.recs[side]; {
	case rec == nil:
		return policy.Hidden
	case !it.survivor(side).IsZero() && (b.holder(it, side) != nil || b.leftFree(it, side) || b.wentAlone(it, side)):
		return policy.Taken
	case !it.survivor(side).IsZero():
		return policy.LivesOn
	case rec.Presence == core.Live:
		return policy.Stands
	case rec.Presence == core.Deleted:
		return policy.Gone
	}
	return policy.Hidden
}

// leftFree reports that a person took the survivor of a parked record apart from its
// partner: nothing but a person links it again.
func (b *batch) leftFree(it *item, side core.Side) bool {
	l := b.links[it.survivor(side)]
	return it.link.State == core.LinkParked && l != nil && conn.Unlinked(l)
}

// wentAlone reports that the survivor of a merge was deleted after it had a partner of its
// own, or after the merge had parked the link: its deletion means that partner, and not the one
// of whom it absorbed.
func (b *batch) wentAlone(it *item, side core.Side) bool {
	s := it.survivor(side)
	l := b.links[s]
	own := l != nil && l.ID != it.link.ID && l.Refs[side] == s
	deleted := b.departed[s] || it.recs[side].Ref == s && it.recs[side].Presence == core.Deleted
	return deleted && conn.ConvertedTo(it.recs[side]) == "" && (own || it.link.State == core.LinkParked)
}

// loadDeparted notes which survivors of the batch's records are deleted: known to be, or read
// as deleted. They are read after the partners of claims, whom another batch may have just
// deleted for the very deletion that is not stored yet.
func (e *Engine) loadDeparted(ctx context.Context, b *batch) error {
	var survivors []core.Ref
	for _, it := range b.items {
		for _, side := range core.Sides {
			if s := it.survivor(side); !s.IsZero() {
				survivors = append(survivors, s)
			}
		}
	}
	if len(survivors) == 0 {
		return nil
	}
	got, err := e.fetch(ctx, b, survivors)
	if err != nil {
		return err
	}
	return e.View(ctx, func(tx *store.Tx) error {
		seen, err := tx.SeenOf(b.conn.ID, survivors)
		b.departed = map[core.Ref]bool{}
		for _, s := range survivors {
			b.departed[s] = seen[s].Deleted
			if rec := got[s]; rec != nil && rec.Presence != core.Absent {
				b.departed[s] = rec.Presence == core.Deleted && survivorOf(s, rec).IsZero() // one merged on lives on
			}
		}
		return err
	})
}

// loadClaims finds out which other links claim the records that those of the batch are
// now: the links of survivors, and of all that were merged into the same. Their partners
// are read: who is deleted claims nothing.
func (e *Engine) loadClaims(ctx context.Context, b *batch) error {
	if err := e.readLosers(ctx, b); err != nil {
		return err
	}
	var refs []core.Ref
	for _, it := range b.items {
		for _, side := range core.Sides {
			refs = append(refs, b.selves(it, side)...)
		}
	}
	if err := e.addLinks(ctx, b, refs); err != nil {
		return err
	}
	want := map[core.Ref]bool{}
	for _, it := range b.items {
		for _, side := range core.Sides {
			for _, l := range b.claims(it, side) {
				want[l.Refs[side.Other()]] = true
			}
		}
	}
	if len(want) > 0 {
		got, err := e.fetch(ctx, b, slices.Collect(maps.Keys(want)))
		if err != nil {
			return err
		}
		b.claimants = got
	}
	return e.loadDeparted(ctx, b)
}

// deletesIn reports that a deletion is about to reach the item's record of a side.
func (b *batch) deletesIn(it *item, side core.Side) bool {
	from := side.Other()
	if !it.linkOpen() || !it.live(side) || it.recs[from] == nil || it.recs[from].Presence != core.Deleted {
		return false
	}
	setting := b.deletion(it.link.Refs[from])
	return setting == policy.Archive || setting == policy.Delete
}

func (it *item) linkOpen() bool { return it.link != nil && it.link.State != core.LinkClosed }

// selves are the record that the link's one of a side is now, and those merged into it.
func (b *batch) selves(it *item, side core.Side) []core.Ref {
	rec := it.recs[side]
	if !it.linkOpen() || rec == nil {
		return nil
	}
	now := it.survivor(side)
	if now.IsZero() {
		now = it.link.Refs[side]
	}
	return slices.Concat([]core.Ref{now}, aliasesOf(rec), b.lostIn(now))
}

// claims are the other open links that name the record that the item's one of a side is
// now, or one that was merged into it, the oldest first.
func (b *batch) claims(it *item, side core.Side) (out []*core.Link) {
	for _, r := range b.selves(it, side) {
		l := b.links[r]
		if l != nil && l.State != core.LinkClosed && l.ID != it.link.ID && l.Refs[side] == r {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(x, y *core.Link) int { return cmp.Compare(x.ID, y.ID) })
	return slices.Compact(out)
}

// backed reports that the partner of a claim is not known to be deleted.
func (b *batch) backed(l *core.Link, side core.Side) bool {
	r := l.Refs[side.Other()]
	rec := b.claimants[r]
	return rec == nil || rec.Presence != core.Deleted || rec.Ref == r && !survivorOf(r, rec).IsZero()
}

// mergedIn is the link of a record that was merged into the item's one of a side, and
// whose partner is still there; nil for none.
func (b *batch) mergedIn(it *item, side core.Side) *core.Link {
	for _, l := range b.claims(it, side) {
		if b.backed(l, side) {
			return l
		}
	}
	return nil
}

// holder is the link that has the better claim on the survivor of the item's record of a
// side: the survivor's own, or of those that were merged into a third record that of the
// one whose values the survivor shows. Nil where the item's own is the best.
func (b *batch) holder(it *item, side core.Side) *core.Link {
	s, best := it.survivor(side), it.link
	if s.IsZero() {
		return nil
	}
	for _, l := range b.claims(it, side) {
		switch {
		case !b.backed(l, side) || b.yields(l, it, side):
		case l.Refs[side] == s:
			return l
		case l.State == core.LinkActive && (best.State == core.LinkParked || b.compareClaims(it.recs[side], l, best) < 0):
			best = l
		}
	}
	if best == it.link {
		return nil
	}
	return best
}

// yields reports that a parked link gives the survivor of a side up for an item's: its own
// partner went into somebody else, and that of the item is there.
func (b *batch) yields(l *core.Link, it *item, side core.Side) bool {
	partner := l.Refs[side.Other()]
	return l.State == core.LinkParked && it.live(side.Other()) && it.survivor(side.Other()).IsZero() && !survivorOf(partner, b.claimants[partner]).IsZero()
}

// compareClaims orders the claims of links on the record that all their own were merged
// into: first the one that agreed on what the record shows, then the oldest.
func (b *batch) compareClaims(now *core.Record, x, y *core.Link) int {
	return cmp.Or(cmp.Compare(b.likePrimary(y, now), b.likePrimary(x, now)), cmp.Compare(x.ID, y.ID))
}

// likePrimary is how much of what a link agreed on the survivor of a merge shows: the
// address above all, and the partner's id. HubSpot gives it the primary's values, and an
// id of its own (knowledge base, "Merge records").
func (b *batch) likePrimary(l *core.Link, now *core.Record) (n int) {
	if now.Ref.Side != core.HubSpot {
		return 0
	}
	if m := b.conn.MappingOf(l); m != nil {
		values, readable := m.Canon(core.HubSpot, *now)
		for i, f := range m.Synced() {
			if f.Names[core.HubSpot] == conn.AddressField[core.HubSpot] && readable[i] && l.Base.Holds(core.HubSpot, f.Key, values[i]) {
				n += 2
			}
		}
	}
	if b.conn.Carries(now, l.Refs[core.Salesforce]) {
		n++
	}
	return n
}

// aliasesOf are the records that were merged into this one.
func aliasesOf(rec *core.Record) (out []core.Ref) {
	for _, id := range rec.Aliases {
		if id != rec.Ref.ID {
			out = append(out, core.Ref{Side: rec.Ref.Side, Object: rec.Ref.Object, ID: id})
		}
	}
	return out
}
