package engine

import (
	"maps"
	"slices"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// loadTicks finds out for which addresses the ticked boxes were ticked.
func (b *batch) loadTicks(tx *store.Tx) (err error) {
	cs := b.consents
	boxes := map[core.Ref]bool{}
	for _, v := range cs.voices {
		for r := range v.boxes {
			boxes[r] = true
		}
		if r := b.besideFurther(v); r != nil {
			boxes[r.Ref] = true
		}
	}
	if cs.ticks, err = tx.Ticks(b.conn.ID, slices.Collect(maps.Keys(boxes))); err != nil {
		return err
	}
	for r, tick := range cs.inherited {
		if _, known := cs.ticks[r]; !known {
			cs.ticks[r] = tick
		}
	}
	if err := b.loadBeside(tx); err != nil {
		return err
	}
	cs.of = map[core.Ref]map[string]bool{}
	for address, v := range cs.voices {
		b.meantFurther(tx, address, v)
		for r := range v.boxes {
			if tick, known := cs.ticks[r]; known && !tick.IsBeside() {
				if cs.of[r] == nil {
					cs.of[r] = map[string]bool{}
				}
				cs.of[r][address] = tick.Of(tx, address) || b.followsRecord(tx, r, v)
			}
		}
	}
	return nil
}

// besideFurther is the ticked record of the contact that has the address of a voice beside its
// first one, where boxes mean the address for which they were ticked; nil for none.
func (b *batch) besideFurther(v *voice) *core.Record {
	sf := v.it.person(core.Salesforce)
	if b.conn.everywhere() || v.further == nil || sf == nil || !ticked(sf) || b.strange(v.it) {
		return nil
	}
	return sf
}

// meantFurther gives a further address the box that was ticked for it: after a merge the pair
// has another address, under which the one who was opted out does not come back.
func (b *batch) meantFurther(tx *store.Tx, address string, v *voice) {
	sf := b.besideFurther(v)
	if sf == nil || v.boxes[sf.Ref] != nil {
		return
	}
	if tick, known := b.consents.ticks[sf.Ref]; known && !tick.IsBeside() && tick.Of(tx, address) {
		v.boxes[sf.Ref] = sf
	}
}

// followsRecord reports that a ticked box means the address of a voice whenever it was
// ticked: the record that says that its person is opted out has the address, or is about to
// be given it. Where the box is as in the original, it means the address that the record
// had when it was ticked.
func (b *batch) followsRecord(tx *store.Tx, r core.Ref, v *voice) bool {
	if !b.conn.everywhere() || v.gone[r] {
		return false
	}
	own, mate := conn.EmailOf(v.boxes[r]), b.mateOf(r)
	if it := b.holderOf(r); it != nil {
		own, mate = it.addressAfter(core.Salesforce, own), it.addressAfter(core.HubSpot, mate)
	}
	forMate := mate != own && b.consents.ticks[r].Ours && b.consents.ticks[r].Of(tx, mate)
	return own == v.address && !forMate
}

// addressAfter is the address of the item's record of a side once the batch was written.
func (it *item) addressAfter(side core.Side, now string) string {
	if op := it.ops[side]; op != nil {
		if given, carried := op.Fields[conn.AddressField[side]]; carried {
			return core.FoldAddress(given)
		}
	}
	return now
}

// other reports a box that was ticked when its record had another address (OPT-7).
func (cs *consents) other(r core.Ref, address string) bool {
	of, known := cs.of[r]
	return known && !of[address]
}

// noteTicks stores, ahead of the calls, whose ticks the boxes are that are about to be
// ticked: another look may meet a box before its batch has settled it.
func (b *batch) noteTicks(tx *store.Tx) error {
	fresh := map[core.Ref]store.OptOutTick{}
	for _, v := range b.consents.voices {
		for r, rec := range v.boxes {
			if !ticked(rec) && b.ticksBox(r) {
				fresh[r] = b.tickOf(tx, r, rec)
			}
		}
	}
	if err := b.ownAlone(tx, fresh); err != nil {
		return err
	}
	return tx.TicksPut(b.conn.ID, fresh)
}

// ownAlone takes the partners out of our ticks of linked records outside the batch: which
// address the partner has is not known, and we mean that of the record.
func (b *batch) ownAlone(tx *store.Tx, ticks map[core.Ref]store.OptOutTick) error {
	var outside []core.Ref
	for r, tick := range ticks {
		if tick.Ours && b.holderOf(r) == nil {
			outside = append(outside, r)
		}
	}
	if len(outside) == 0 {
		return nil
	}
	slices.SortFunc(outside, core.Ref.Compare)
	links, err := tx.LinksOf(b.conn.ID, outside)
	for r, l := range links {
		if tick, there := ticks[r]; there && l.State == core.LinkActive {
			ticks[r] = tick.OfOwn()
		}
	}
	return err
}

// ticksBox reports that the batch is about to tick the box of a record.
func (b *batch) ticksBox(r core.Ref) bool {
	for _, it := range b.items {
		for _, op := range it.sent() {
			if op.Target == r && op.Fields[conn.OptOutField[core.Salesforce]] == "true" {
				return true
			}
		}
	}
	return false
}

// settleTicks notes the boxes that were met or made ticked, whose ticks were handed on, and
// forgets those that are clear. What was noted ahead of a call without a known outcome stays.
func (b *batch) settleTicks(tx *store.Tx) error {
	fresh, unticked := map[core.Ref]store.OptOutTick{}, map[core.Ref]time.Time{}
	for address, v := range b.consents.voices {
		for r, rec := range v.boxes {
			was, noted := b.consents.ticks[r]
			_, shown := rec.Get(conn.OptOutField[core.Salesforce])
			switch is := b.boxAfter(r, rec); {
			case !shown && !is, v.gone[r]: // a hidden box is not clear
			case is && b.keptBeside(r):
				fresh[r] = store.TickBeside(rec.Stamp)
			case is && (!noted || !ticked(rec)):
				fresh[r] = b.tickOf(tx, r, rec)
			case is:
				lead, inherited := b.consents.heirOf[r]
				if inherited {
					fresh[lead] = was.HandedOn()
				}
				if now, grew := was.With(tx, conn.EmailOf(rec), b.mateOf(r)); grew || inherited || b.consents.beside[r] {
					fresh[r] = now
				}
			case ticked(rec):
				unticked[r] = rec.Stamp.Add(b.conn.Sides[core.Salesforce].Caps().StampUnit)
			case noted, b.consents.stored[address].State == core.Resubscribed:
				unticked[r] = rec.Stamp
			}
		}
	}
	if err := tx.TicksCleared(b.conn.ID, unticked); err != nil {
		return err
	}
	if err := b.ownAlone(tx, fresh); err != nil {
		return err
	}
	return tx.TicksPut(b.conn.ID, fresh)
}

// tickOf is whose tick a box has that was met, or made, ticked: a person means the
// record and its partner, we the address that is opted out.
func (b *batch) tickOf(tx *store.Tx, r core.Ref, rec *core.Record) store.OptOutTick {
	own, mate := conn.EmailOf(rec), b.mateOf(r)
	if !ticked(rec) && b.consents.after(own).State != core.OptedOut {
		own = ""
	}
	tick := tx.Tick(own, mate)
	if !ticked(rec) && mate != "" && b.consents.after(mate).State != core.OptedOut {
		tick = tx.TickOfOwn(own)
	}
	tick.Seen, tick.Ours = rec.Stamp, !ticked(rec)
	return tick
}

// mateOf is the address of the HubSpot contact that a record of the batch is linked with.
func (b *batch) mateOf(r core.Ref) string {
	if it := b.holderOf(r); it != nil && it.live(core.HubSpot) && !b.strange(it) {
		return conn.EmailOf(it.recs[core.HubSpot])
	}
	return ""
}

// strange reports that the contact which the item shows is another person's partner: its
// own was merged into that one.
func (b *batch) strange(it *item) bool {
	return it.linkOpen() && (it.link.State == core.LinkParked || b.fate(it, core.HubSpot) == policy.Taken)
}
