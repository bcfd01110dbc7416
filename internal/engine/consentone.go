package engine

import (
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
)

// mergedTwice reports that both records of an item went into others, or took others in, that
// are partners: two people were merged on both sides.
func (b *batch) mergedTwice(it *item) bool {
	if it.crossed {
		return true
	}
	sf, hs := it.survivor(core.Salesforce), it.survivor(core.HubSpot)
	if !it.linkOpen() || sf.IsZero() || hs.IsZero() {
		return false
	}
	claims := b.claims(it, core.HubSpot)
	if own := b.links[sf]; own != nil && own.State != core.LinkClosed && own.ID != it.link.ID && own.Refs[core.Salesforce] == sf {
		return slices.ContainsFunc(claims, func(l *core.Link) bool { return l.ID == own.ID })
	}
	return !slices.ContainsFunc(claims, func(l *core.Link) bool { return l.Refs[core.HubSpot] == hs && b.backed(l, core.HubSpot) })
}

// hearOne joins the addresses of two people who were merged on both sides: they are one, so
// that the opt-out of any of them is that of all, whoever was kept where and in whatever order.
func (b *batch) hearOne(it *item) {
	if !b.mergedTwice(it) {
		return
	}
	sf, hs := it.recs[core.Salesforce], it.recs[core.HubSpot]
	if sf == nil || hs == nil {
		return
	}
	kept := b.consents.kept[sf.Ref]
	if kept == nil && it.person(core.Salesforce) != nil {
		kept = sf
	}
	var all []*voice
	for _, address := range b.addressesOfOne(it, kept) {
		v := b.voice(address, it)
		v.ask = true
		if kept != nil && kept.Presence == core.Live {
			v.boxes[kept.Ref] = kept
		}
		if address == conn.EmailOf(hs) {
			v.contact = hs
		} else if slices.Contains(conn.FurtherEmails(hs), address) {
			v.further = hs
		}
		all = append(all, v)
	}
	for _, v := range all {
		for _, was := range all {
			v.takes(was)
		}
	}
	b.lookAtOne(it, kept)
}

// addressesOfOne are the addresses of the records that two people were merged into, and of
// the one that left, but for those of people who were merged with them in HubSpot alone.
func (b *batch) addressesOfOne(it *item, kept *core.Record) (out []string) {
	sf, hs := it.recs[core.Salesforce], it.recs[core.HubSpot]
	apart := map[string]bool{}
	for _, l := range b.claims(it, core.HubSpot) {
		r := l.Refs[core.Salesforce]
		if rec := b.claimants[r]; rec != nil && rec.Presence == core.Live && survivorOf(r, rec).IsZero() && (kept == nil || r != kept.Ref) {
			apart[conn.EmailOf(rec)] = true
		}
	}
	all := append(conn.FurtherEmails(hs), conn.EmailOf(sf), conn.EmailOf(hs))
	if kept != nil {
		all = append(all, conn.EmailOf(kept))
	}
	for _, address := range all {
		if address != "" && !apart[address] && wellFormed.MatchString(address) && !slices.Contains(out, address) {
			out = append(out, address)
		}
	}
	return out
}

// lookAtOne has the two that go on looked at: what could not be told here is told there.
func (b *batch) lookAtOne(it *item, kept *core.Record) {
	refs := []core.Ref{it.recs[core.HubSpot].Ref}
	if kept != nil {
		refs = append(refs, kept.Ref)
	}
	it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, refs, core.ReasonSweep, 0, b.at)...)
}
