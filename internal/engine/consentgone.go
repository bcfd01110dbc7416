package engine

import (
	"context"
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
)

// hearGone notes what people said who went before anybody saw it: it was their last word.
func (b *batch) hearGone(it *item) {
	b.hearGoneBox(it)
	b.hearGoneContact(it)
	b.hearOne(it)
}

// hearGoneBox notes the box of a record that was converted, merged away or deleted since the
// switch.
func (b *batch) hearGoneBox(it *item) {
	rec := it.recs[core.Salesforce]
	if rec == nil || conn.EmailOf(rec) == "" || !b.leftNow(it, rec) {
		return
	}
	if ticked(rec) {
		v := b.voice(conn.EmailOf(rec), it)
		if v.boxes[rec.Ref] = rec; v.gone == nil {
			v.gone = map[core.Ref]bool{}
		}
		v.gone[rec.Ref] = true
		if hs := it.person(core.HubSpot); hs != nil && conn.EmailOf(hs) == v.address {
			v.contact = hs
		}
	}
	b.hearKept(it, rec)
}

// leftNow reports that an item's record of Salesforce just went: the one of its active
// link, of one that waited because its contact had been merged away, or one that never had a
// link.
func (b *batch) leftNow(it *item, rec *core.Record) bool {
	switch {
	case it.link == nil:
		left := rec.Presence == core.Deleted || rec.MergedInto != "" || conn.ConvertedTo(rec) != ""
		return left && b.conn.everywhere() && it.reasons.Has(core.ReasonDelete|core.ReasonEdit) && !rec.Stamp.Before(b.conn.SwitchedOn(rec.Ref))
	case it.live(core.Salesforce) && it.survivor(core.Salesforce).IsZero():
		return false
	case it.link.State == core.LinkParked:
		return b.mergedTwice(it) && rec.Ref == it.link.Refs[core.Salesforce]
	case it.link.State != core.LinkActive:
		return false
	}
	return rec.Ref == it.link.Refs[core.Salesforce]
}

// hearGoneContact has HubSpot asked about the addresses that the contact of a link had,
// where the contact is gone or has another one now: its property tells of them no more.
func (b *batch) hearGoneContact(it *item) {
	if !b.mayBeGone(it) {
		return
	}
	hs, sf, now := it.recs[core.HubSpot], it.person(core.Salesforce), ""
	gone := it.person(core.HubSpot) == nil || !it.survivor(core.HubSpot).IsZero()
	if !gone {
		now = conn.EmailOf(hs)
	}
	var had []string
	if sf != nil && (gone || b.newAddress(it, hs)) {
		had = append(had, conn.EmailOf(sf))
	}
	if hs != nil && hs.Presence == core.Deleted {
		had = append(had, conn.EmailOf(hs))
	}
	for _, address := range had {
		if address == now || !wellFormed.MatchString(address) {
			continue // nobody can ever opt out a malformed one
		}
		v := b.voice(address, it)
		if v.ask = true; sf != nil && conn.EmailOf(sf) == address {
			v.boxes[sf.Ref] = sf
		}
	}
}

// mayBeGone reports an item whose contact is known to have been in HubSpot. The link of one
// that was erased on request was parked when that was heard.
func (b *batch) mayBeGone(it *item) bool {
	switch {
	case it.link == nil:
		return false
	case it.link.State == core.LinkParked:
		return !b.erased[it.link.Refs[core.HubSpot]].IsZero()
	}
	return it.link.State == core.LinkActive && it.recs[core.HubSpot] != nil
}

// newAddress reports that a HubSpot contact has another address than the two of its link
// agreed on.
func (b *batch) newAddress(it *item, hs *core.Record) bool {
	m := b.conn.MappingOf(it.link)
	if m == nil {
		return false
	}
	values, readable := m.Canon(core.HubSpot, *hs)
	for i, f := range m.Synced() {
		if _, _, agreed := it.link.Base.Of(f.Key); agreed && readable[i] && f.Names[core.HubSpot] == conn.AddressField[core.HubSpot] {
			return !it.link.Base.Holds(core.HubSpot, f.Key, values[i])
		}
	}
	return false
}

// askBeforeClear asks HubSpot about every other address of the records whose box is about
// to be cleared, asked before or not: one that is opted out keeps the box ticked. It gives
// the voices to act on.
func (e *Engine) askBeforeClear(ctx context.Context, b *batch, open []*voice) ([]*voice, error) {
	var ask []string
	var more []*voice
	for address, v := range b.consents.voices {
		_, asked := b.consents.status[address]
		if asked || !slices.ContainsFunc(open, func(o *voice) bool { return o != v && b.clearsBoxOf(o, v) }) {
			continue
		}
		ask = append(ask, address)
		if !slices.Contains(open, v) {
			more = append(more, v)
		}
	}
	if len(ask) == 0 {
		return open, nil
	}
	slices.Sort(ask)
	if err := e.askAddresses(ctx, b, ask); err != nil {
		return nil, err
	}
	slices.SortFunc(more, func(x, y *voice) int { return slices.Index(ask, x.address) - slices.Index(ask, y.address) })
	open = append(open, more...)
	b.answerConsents(open)
	return open, nil
}

// clearsBoxOf reports that the answer for one address clears a box that speaks for another.
func (b *batch) clearsBoxOf(one, other *voice) bool {
	return slices.ContainsFunc(b.consents.answers[one.address].Clear, func(r core.Ref) bool { return other.boxes[r] != nil })
}
