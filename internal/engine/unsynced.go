package engine

import (
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// noteUnsynced keeps which records of a batch are there and do not sync, and by which rule,
// so that they are counted without reading any of them again.
func (b *batch) noteUnsynced(tx *store.Tx) error {
	rules := map[core.Ref]string{}
	for _, l := range b.personLinks {
		if l.ID != 0 {
			rules[l.Refs[core.Salesforce]], rules[l.Refs[core.HubSpot]] = "", ""
		}
	}
	for _, it := range b.items {
		if it.undo != nil && !it.parts() {
			continue // it only puts back, and says nothing about that
		}
		for _, r := range it.refs() {
			rules[r] = ""
		}
		if l := it.linkNow(); l != nil && l.State == core.LinkActive {
			rules[l.Refs[core.Salesforce]], rules[l.Refs[core.HubSpot]] = "", ""
		}
	}
	for _, it := range b.items {
		if l := it.linkNow(); l != nil && l.State == core.LinkActive {
			if at := it.linkedAt(l); it.undo == nil && !at.IsZero() {
				rules[at] = b.linkedBy(it)
			}
			continue
		}
		for _, side := range core.Sides {
			if r := b.lonelyAt(it, side); !r.IsZero() && (it.undo == nil || it.parts()) {
				rules[r] = b.lonelyBy(it, side)
			}
		}
	}
	return tx.UnsyncedNote(b.conn.ID, rules)
}

// linkNow is the link of an item as its look leaves it.
func (it *item) linkNow() *core.Link {
	switch {
	case it.newLink != nil:
		return it.newLink
	case it.relink != nil:
		return it.relink
	}
	return it.link
}

// parts reports that a look ended the link of an item's records.
func (it *item) parts() bool {
	return it.link != nil && it.link.State == core.LinkActive && it.relink != nil && it.relink.State == core.LinkClosed
}

// linkedAt is which of a pair's records the pair is counted under: HubSpot's, where lists have
// their members, or the one that is shown where only one is; zero where none is.
func (it *item) linkedAt(l *core.Link) core.Ref {
	for _, side := range [...]core.Side{core.HubSpot, core.Salesforce} {
		if it.live(side) {
			return l.Refs[side]
		}
	}
	return core.Ref{}
}

// linkedBy is the rule by which a linked pair does not sync; blank for one that does. Single
// fields that wait are issues alone, and what is on its way is looked at once more.
func (b *batch) linkedBy(it *item) string {
	for _, i := range it.issues {
		if i.Rule != "" && i.Field == "" {
			return i.Rule
		}
	}
	if it.verdict == InSync || it.verdict == Pending || it.relink != nil || len(it.issues) > 0 {
		return ""
	}
	return it.lastRule()
}

// lonelyAt is the record of a side that an item leaves without an active link; zero where it
// is gone or was deleted by this look, goes on as another one, or has another link.
func (b *batch) lonelyAt(it *item, side core.Side) core.Ref {
	rec := it.recs[side]
	if !it.live(side) || b.pair == core.ActivityPair && b.conn.OfHappening(rec) || conn.ConvertedTo(rec) != "" || it.link == nil && !it.mergedAway().IsZero() {
		return core.Ref{}
	}
	if it.link != nil && rec.Ref != it.link.Refs[side] || it.deleted(rec.Ref) {
		return core.Ref{}
	}
	if l := b.links[rec.Ref]; l != nil && l.State == core.LinkActive && (it.link == nil || l.ID != it.link.ID) {
		return core.Ref{}
	}
	return rec.Ref
}

// deleted reports that an item's look deleted a record.
func (it *item) deleted(r core.Ref) bool {
	return slices.ContainsFunc(it.sent(), func(op *core.Op) bool {
		return op.Kind == core.OpArchive && op.Target == r && it.outcomes[op.Key].Status == core.Applied
	})
}

// lonelyBy is the rule by which a record stays without an active link: that of its issue, or
// else the one that would decide of it alone, where its link has just ended.
func (b *batch) lonelyBy(it *item, side core.Side) string {
	if it.parts() {
		alone := item{from: side, link: it.relink, reasons: core.ReasonSweep}
		alone.recs[side] = it.recs[side]
		return b.mayCreate(&alone).Rule
	}
	for _, i := range it.issues {
		if i.Rule != "" {
			return i.Rule
		}
	}
	return it.lastRule()
}

// lastRule is the rule of the item's answer.
func (it *item) lastRule() string {
	if n := len(it.decisions); n > 0 {
		return it.decisions[n-1].Rule
	}
	return ""
}

// Unsynced are records of one object that do not sync by one rule.
type Unsynced struct {
	Pair core.Pair
	store.UnsyncedCount
	Says string // the rule in a few words
}

// unsynced are the records that do not sync, of the pairs that do.
func unsynced(tx *store.Tx, c *Conn) (out []Unsynced, err error) {
	counts, err := tx.UnsyncedCounts(c.ID)
	for _, n := range counts {
		if p, known := c.Pairs.Of(n.Side, n.Object); known && c.Syncs(p) {
			out = append(out, Unsynced{Pair: p, UnsyncedCount: n, Says: policy.Meaning(n.Rule)})
		}
	}
	return out, err
}
