package engine

import (
	"maps"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/capture"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// rivalOf is the open link of the survivor that the item's record of a side was
// merged into; nil where there is none.
func (b *batch) rivalOf(it *item, side core.Side) *core.Link {
	s := it.survivor(side)
	if s.IsZero() {
		return nil
	}
	l := b.links[s]
	if l == nil || l.ID == it.link.ID || l.State == core.LinkClosed || l.Refs[side] != s {
		return nil
	}
	return l
}

// decideCrossed joins two survivors each of which absorbed the other's partner: a
// with c and b with d, b merged into a and c into d. It reports whether the item
// is decided.
func (b *batch) decideCrossed(it *item) bool {
	for _, side := range core.Sides {
		rival := b.rivalOf(it, side)
		if rival == nil {
			continue
		}
		stays := it.link.Refs[side.Other()]
		gone := rival.Refs[side.Other()]
		if it.live(side.Other()) && survivorOf(gone, b.claimants[gone]) == stays {
			b.joinSurvivors(it, side, rival)
			return true
		}
	}
	return false
}

// joinSurvivors lets the older of two crossed links hold both survivors and closes
// the other. They meet for the first time. Another item of the batch may be the
// other link's: it finds the same and has nothing left to do.
func (b *batch) joinSurvivors(it *item, side core.Side, rival *core.Link) {
	d := core.Decision{Rule: "LIM-7", Outcome: policy.Relink, Facts: map[string]string{"because": "each record absorbed the other's partner"}}
	it.say(Pending, d)
	it.crossed = true
	survivors := []core.Ref{it.link.Refs[side.Other()], rival.Refs[side]}
	it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, survivors, core.ReasonDelete, it.run, b.at)...)
	kept, closed := *it.link, *rival
	if closed.ID < kept.ID {
		kept, closed = closed, kept
	}
	for _, other := range b.items {
		if other != it && other.relink != nil && other.relink.ID == kept.ID {
			return
		}
	}
	it.alias = append(it.alias, it.link.Refs[side], rival.Refs[side.Other()])
	kept.State, kept.Base, kept.Keyed, kept.Stamps = core.LinkActive, nil, [2]bool{}, [2]time.Time{}
	kept.Refs[side], kept.Refs[side.Other()] = survivors[1], survivors[0]
	closed.State = core.LinkClosed
	it.relink, it.absorbs = &kept, []*core.Link{&closed}
}

// saveAbsorbed closes the links that others take the place of, ahead of these.
func (b *batch) saveAbsorbed(tx *store.Tx, w capture.World) error {
	for _, it := range b.items {
		if err := tx.LinkSave(b.conn.ID, it.absorbs...); err != nil {
			return err
		}
		for _, closed := range it.absorbs {
			maps.DeleteFunc(w.Links, func(_ core.Ref, l *core.Link) bool { return l.ID == closed.ID })
		}
	}
	return nil
}
