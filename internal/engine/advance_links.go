package engine

import (
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/capture"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// lookAgain loads what may have changed since the batch was read: the links of its
// records and of the refs that new links join, and dirty entries of all linked refs.
func (b *batch) lookAgain(tx *store.Tx) (w capture.World, err error) {
	var joined, all []core.Ref
	for _, l := range b.personLinks {
		joined = append(joined, l.Refs[:]...)
	}
	for _, it := range b.items {
		for _, l := range []*core.Link{it.newLink, it.relink, it.link} {
			if l != nil {
				joined = append(joined, l.Refs[:]...)
			}
		}
		if l := it.activeLink(); l != nil {
			all = append(all, l.Refs[:]...)
		}
	}
	if w.Links, err = tx.LinksOf(b.conn.ID, joined); err != nil {
		return w, err
	}
	if w.Links == nil {
		w.Links = map[core.Ref]*core.Link{}
	}
	b.yieldLinks(w)
	w.Dirty, err = tx.DirtyOf(b.conn.ID, all)
	return w, err
}

// yieldLinks leaves links as they are that a person ended or an erasure parked
// while the batch was under way, and asks for another look at their records.
func (b *batch) yieldLinks(w capture.World) {
	for _, it := range b.items {
		if it.link == nil || it.link.State == core.LinkClosed {
			continue
		}
		if unchanged(it.link, w.Links[it.link.Refs[core.Salesforce]]) {
			continue
		}
		it.overtaken, it.relink, it.absorbs, it.marks = true, nil, nil, nil
		it.again(b.at)
	}
}

// unchanged reports that a link joins the same records in the same state as it did.
func unchanged(was, now *core.Link) bool {
	return now != nil && now.ID == was.ID && now.State == was.State && now.Refs == was.Refs
}

// free reports that neither ref of a link stands in another open link. A link that moves on
// may do so to a record that another one left by a merge: it follows that merge next.
func free(w capture.World, l *core.Link) bool {
	for _, r := range l.Refs {
		have := w.Links[r]
		if have == nil || have.State == core.LinkClosed {
			continue
		}
		if l.ID == 0 || have.ID != l.ID && have.Refs[r.Side] == r {
			return false
		}
	}
	return true
}

// claim is free, and takes both refs for the link.
func claim(w capture.World, l *core.Link) bool {
	if !free(w, l) {
		return false
	}
	for _, r := range l.Refs {
		w.Links[r] = l
	}
	return true
}

// savePersonLinks stores the links between people that identity found. A person
// that another batch linked meanwhile is left as it is.
func (b *batch) savePersonLinks(tx *store.Tx, w capture.World) error {
	looked := b.lookedAt()
	for _, l := range b.personLinks {
		if !claim(w, l) {
			continue
		}
		if err := tx.LinkInsert(b.conn.ID, l); err != nil {
			return err
		}
		b.conn.tally(core.ContactPair).linked.Add(1)
		if err := tx.Mark(b.conn.ID, b.rivalsOf(l)); err != nil {
			return err
		}
		if looked[l] {
			continue
		}
		if err := tx.Mark(b.conn.ID, room.DirtyOf(b.conn.Pairs, []core.Ref{l.Refs[core.Salesforce]}, familyReason(b.reasons()), 0, b.at)); err != nil {
			return err
		}
	}
	return nil
}

// lookedAt are the new links of people whose fields were compared in this very batch.
func (b *batch) lookedAt() map[*core.Link]bool {
	out := map[*core.Link]bool{}
	for _, it := range b.items {
		if b.pair == core.ContactPair && b.conn.SyncsPeople() && it.newLink != nil {
			out[it.newLink] = true
		}
	}
	return out
}

func (b *batch) saveLinks(tx *store.Tx, w capture.World) error {
	if err := b.saveAbsorbed(tx, w); err != nil {
		return err
	}
	var fresh, changed []*core.Link
	replaced := b.replaced()
	for _, it := range b.items {
		switch {
		case it.newLink != nil && b.isPersonLink(it.newLink):
			if it.newLink.ID == 0 { // one of the two found another partner meanwhile
				it.newLink = nil
				it.again(b.at)
			}
		case it.newLink != nil && !claim(w, it.newLink):
			changed = append(changed, b.restamp(it, w)...)
			it.newLink = nil // another link stands meanwhile: look at the records again
			it.again(b.at)
		case it.relink != nil && it.relink.State != core.LinkClosed && !claim(w, it.relink):
			it.relink, it.marks = nil, nil
			it.again(b.at)
		case it.newLink != nil:
			fresh = append(fresh, it.newLink)
			b.noteLinked(it)
		case it.relink != nil:
			changed = append(changed, it.relink)
			b.noteMoved(it)
		case it.touched() && replaced[it.link.ID]:
			it.again(b.at) // what it noted on the link no longer counts
		case it.touched():
			changed = append(changed, it.link)
		}
	}
	if err := tx.LinkInsert(b.conn.ID, fresh...); err != nil {
		return err
	}
	if err := tx.LinkSave(b.conn.ID, changed...); err != nil {
		return err
	}
	if err := b.saveSeen(tx); err != nil {
		return err
	}
	if err := b.saveShown(tx); err != nil {
		return err
	}
	return b.saveAliases(tx)
}

// replaced are the links that items of the batch close or move, for their own record or for
// that of another item.
func (b *batch) replaced() map[int64]bool {
	out := map[int64]bool{}
	for _, it := range b.items {
		for _, l := range it.absorbs {
			out[l.ID] = true
		}
		if it.relink != nil {
			out[it.relink.ID] = true
		}
	}
	return out
}

// restamp has the links that stand in the way of an item's new one write their keys
// again: the batch may have put the item's own on their records before it knew, and a
// create that carries it would find it taken for ever.
func (b *batch) restamp(it *item, w capture.World) (stored []*core.Link) {
	for side, r := range it.newLink.Refs {
		l := w.Links[r]
		if l == nil || l.State != core.LinkActive || l.Partner(core.Side(side)) == it.newLink.Partner(core.Side(side)) {
			continue
		}
		l.Keyed = [2]bool{}
		it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, l.Refs[:], core.ReasonRetry, 0, b.at)...)
		if l.ID != 0 && !slices.ContainsFunc(b.items, func(other *item) bool { return other.link != nil && other.link.ID == l.ID }) {
			stored = append(stored, l)
		}
	}
	return stored
}

// saveSeen notes the records of new links as seen, so that the next sweep misses
// one that is deleted before any poll met it, and deleted records as deleted.
func (b *batch) saveSeen(tx *store.Tx) error {
	var rows []store.SeenRow
	for _, it := range b.items {
		for _, rec := range it.recs {
			if rec != nil && rec.Presence == core.Deleted {
				rows = append(rows, store.SeenRow{Ref: rec.Ref, Seen: store.Seen{Stamp: rec.Stamp, Deleted: true}})
			}
		}
		if it.newLink == nil {
			continue
		}
		for side, r := range it.newLink.Refs {
			at := it.newLink.Stamps[side]
			if op := it.ops[side]; op != nil {
				at = room.Latest(at, it.outcomes[op.Key].Stamp)
			}
			rows = append(rows, store.SeenRow{Ref: r, Seen: store.Seen{Stamp: at}})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return tx.SeenPut(b.conn.ID, rows)
}

// saveShown notes what records show that have no partner, and forgets it of those that found
// one. A plan finds none.
func (b *batch) saveShown(tx *store.Tx) error {
	var alone []*core.Record
	var linked []core.Ref
	for _, it := range b.items {
		switch {
		case it.newLink != nil && !b.dry:
			linked = append(linked, it.newLink.Refs[:]...)
		case it.link == nil:
			for _, rec := range it.recs {
				if rec != nil {
					alone = append(alone, rec)
				}
			}
		}
	}
	if err := tx.ShownDrop(b.conn.ID, linked); err != nil {
		return err
	}
	return capture.KnowShown(tx, &b.conn.Known, alone)
}

func (b *batch) isPersonLink(l *core.Link) bool { return slices.Contains(b.personLinks, l) }

// noteLinked counts a new link and asks for another look at its people and its rivals.
func (b *batch) noteLinked(it *item) {
	if it.newLink.Origin == "" {
		b.conn.tally(b.pair).linked.Add(1)
	}
	it.marks = append(append(it.marks, b.familyOf(it)...), b.rivalsOf(it.newLink)...)
}

// noteMoved asks for another look at the people of the record that an item's link has moved
// to: whose account they are may follow from it, and so may whose address is in use.
func (b *batch) noteMoved(it *item) {
	if it.relink.State != core.LinkActive {
		return
	}
	for _, r := range it.relink.Refs {
		it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, b.families[r], familyReason(it.reasons), 0, b.at)...)
	}
	it.marks = append(it.marks, b.rivalsOf(it.relink)...)
}

// touched reports that the stored link's base or stamps may have moved.
func (it *item) touched() bool {
	return it.link != nil && it.link.State == core.LinkActive && (it.results != nil || it.relation != nil || it.undo != nil || it.consented) && !it.overtaken
}

func (b *batch) saveAliases(tx *store.Tx) error {
	for _, it := range b.items {
		if it.relink == nil {
			continue
		}
		if err := b.noteMerges(tx, it); err != nil {
			return err
		}
		for _, old := range it.alias {
			if err := tx.AliasAdd(b.conn.ID, old, it.relink.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// noteMerges keeps of the records of a link which ones they were merged into, also where the
// link does not go along: the history of the survivor is theirs as well.
func (b *batch) noteMerges(tx *store.Tx, it *item) error {
	for _, side := range core.Sides {
		s := it.survivor(side)
		if s.IsZero() || s.Object != it.link.Refs[side].Object {
			continue
		}
		if err := tx.MergedPut(b.conn.ID, it.link.Refs[side], s.ID); err != nil {
			return err
		}
	}
	return nil
}
