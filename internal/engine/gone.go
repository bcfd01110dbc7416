package engine

import (
	"context"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
)

// loadSurvivors loads the links of records that others were merged into.
func (e *Engine) loadSurvivors(ctx context.Context, b *batch) error {
	var refs []core.Ref
	for _, it := range b.items {
		if rec := it.recs[core.HubSpot]; it.link != nil && rec != nil && (it.link.State == core.LinkParked || !it.live(core.Salesforce)) {
			refs = append(append(refs, rec.Ref), aliasesOf(rec)...)
		}
		for _, side := range core.Sides {
			if s := it.survivor(side); !s.IsZero() {
				refs = append(refs, s)
				if id := b.conn.StoredID(it.recs[side]); id != "" && side == core.HubSpot && b.pair == core.CompanyPair {
					refs = append(refs, accountRef(core.ID18(id)))
				}
				refs = append(refs, aliasesOf(it.recs[side])...)
			}
		}
	}
	return e.addLinks(ctx, b, refs)
}

// survivor is the record that the link's record of a side was merged into: told
// by the side, or shown by an answer under another id. Zero without a merge.
func (it *item) survivor(side core.Side) core.Ref {
	if it.link == nil {
		return core.Ref{}
	}
	return survivorOf(it.link.Refs[side], it.recs[side])
}

func survivorOf(asked core.Ref, rec *core.Record) core.Ref {
	switch {
	case rec == nil:
	case conn.ConvertedTo(rec) != "":
		return core.Ref{Side: asked.Side, Object: core.Contact, ID: conn.ConvertedTo(rec)}
	case rec.MergedInto != "":
		return core.Ref{Side: asked.Side, Object: asked.Object, ID: rec.MergedInto}
	case rec.Presence == core.Live && rec.Ref.ID != asked.ID:
		return rec.Ref
	}
	return core.Ref{}
}

// surelyGone reports that the link's record of a side was deleted or merged away.
func (it *item) surelyGone(side core.Side) bool {
	rec := it.recs[side]
	return rec != nil && (rec.Presence == core.Deleted || !it.survivor(side).IsZero())
}

// mergedAway is the record that an item's own record was merged into before it
// ever had a link; zero where it was not.
func (it *item) mergedAway() core.Ref {
	rec := it.recs[it.from]
	switch {
	case rec == nil || len(it.entries) == 0 || rec.Ref.Side != it.entries[0].Ref.Side:
		return core.Ref{}
	case rec.MergedInto != "":
		return core.Ref{Side: rec.Ref.Side, Object: rec.Ref.Object, ID: rec.MergedInto}
	case rec.Presence == core.Live && rec.Ref != it.entries[0].Ref:
		return rec.Ref
	}
	return core.Ref{}
}

// decideGone handles a linked record that a side no longer shows as it was:
// merged, deleted, or absent. It reports whether the item is decided.
func (b *batch) decideGone(it *item) bool {
	if erased := b.erasedOf(it); !erased.IsZero() {
		b.decideErased(it, erased)
		return true
	}
	if b.decideCrossed(it) {
		return true
	}
	for _, side := range core.Sides {
		survivor := it.survivor(side)
		if survivor.IsZero() && it.live(side) {
			continue
		}
		b.settleGone(it, side, survivor)
		return true
	}
	return false
}

func (b *batch) settleGone(it *item, side core.Side, survivor core.Ref) {
	f := policy.DeletedFacts{Side: side, Partner: it.link.Partner(side), Setting: b.deletion(it.link.Refs[side]), MergedInto: survivor}
	if it.recs[side].Presence == core.Deleted {
		f.Evidence = policy.DeletedRow
	}
	f.Person = conn.IsPersonAccount(it.recs[side.Other()])
	f.SurvivorPartner = b.survivorPartner(it, side, survivor)
	d := policy.Deleted(f)
	if conn.ConvertedTo(it.recs[side]) != "" {
		d.Rule = "CON-5"
	}
	switch d.Outcome {
	case policy.Relink:
		b.moveLink(it, side, survivor)
		it.say(Pending, d)
	case policy.Park:
		b.park(it, side, d, survivor)
	case policy.Wait:
		b.unreadable(it, side, d)
	default:
		b.closeDeleted(it, side, d)
	}
}

// deletion is the setting for a deleted record, blank where its object does not sync.
func (b *batch) deletion(gone core.Ref) string {
	switch {
	case b.pair == core.CompanyPair:
		return b.conn.Settings.Companies.Deletion(gone.Side)
	case b.pair == core.DealPair && b.conn.SyncsDeals():
		return b.conn.Settings.Deals.Deletion(gone.Side)
	case b.pair == core.ContactPair && b.conn.SyncsPeople():
		return b.conn.Settings.Contacts.Deletion(gone.Object)
	}
	return ""
}

// survivorPartner is whom the survivor of a merge belongs to: its own link's
// partner, or the account whose id it kept from the other merged company, whose
// link is about to move to it as well.
func (b *batch) survivorPartner(it *item, side core.Side, survivor core.Ref) core.Ref {
	if survivor.IsZero() {
		return core.Ref{}
	}
	if l := b.links[survivor]; l != nil && l.ID != it.link.ID && l.State != core.LinkClosed {
		return l.Partner(side)
	}
	if side == core.HubSpot && b.pair == core.CompanyPair {
		kept := accountRef(core.ID18(b.conn.StoredID(it.recs[side])))
		if l := b.links[kept]; l != nil && l.ID != it.link.ID && l.State == core.LinkActive {
			return kept
		}
	}
	if side == core.HubSpot && b.pair == core.ContactPair {
		return b.primaryPartner(it)
	}
	return core.Ref{}
}

// primaryPartner is the partner of another contact that was merged into the same survivor
// as the item's, where that one was the primary: HubSpot gives the survivor an id of its
// own and the primary's values, and both links are about to move to it. Zero where the
// item's own comes first.
func (b *batch) primaryPartner(it *item) core.Ref {
	rec, first := it.recs[core.HubSpot], it.link
	for _, r := range aliasesOf(rec) {
		l := b.links[r]
		if l == nil || l.State != core.LinkActive || l.Refs[core.HubSpot] != r {
			continue
		}
		if n, best := b.likePrimary(l, rec), b.likePrimary(first, rec); n > best || n == best && l.ID < first.ID {
			first = l
		}
	}
	if first.ID == it.link.ID {
		return core.Ref{}
	}
	return first.Refs[core.Salesforce]
}

// likePrimary is how much of what a link agreed on the survivor of a merge shows: the
// address above all, and the partner's id.
func (b *batch) likePrimary(l *core.Link, rec *core.Record) (n int) {
	if m := b.conn.MappingOf(l); m != nil {
		values, readable := m.Canon(core.HubSpot, *rec)
		for i, f := range m.Synced() {
			if f.Names[core.HubSpot] == conn.AddressField[core.HubSpot] && readable[i] && l.Base.Holds(core.HubSpot, f.Key, values[i]) {
				n += 2
			}
		}
	}
	if b.conn.StoredRef(rec) == l.Refs[core.Salesforce] {
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

// moveLink lets the survivor of a merge take over; it is looked at afresh, and so are the
// links of others that were merged into it.
func (b *batch) moveLink(it *item, side core.Side, survivor core.Ref) {
	l := *it.link
	it.alias = append(it.alias, l.Refs[side])
	l.Refs[side], l.Keyed = survivor, [2]bool{}
	it.relink = &l
	due := []core.Ref{survivor}
	for _, r := range aliasesOf(it.recs[side]) { // nobody announces the others that were merged into it
		if other := b.links[r]; other != nil && other.ID != l.ID && other.State == core.LinkActive && other.Refs[side] == r {
			due = append(due, r)
		}
	}
	it.marks = append(it.marks, room.DirtyOf(due, core.ReasonDelete, it.run, b.at)...)
}

func (b *batch) park(it *item, side core.Side, d core.Decision, survivor core.Ref) {
	l := *it.link
	l.State = core.LinkParked
	it.relink = &l
	it.say(Blocked, d)
	issue := core.Issue{Pair: b.pair, Ref: l.Partner(side), Category: core.CategoryDuplicate, Code: "partner_merged", Rule: d.Rule,
		Message: l.Refs[side].Label() + " was merged into " + survivor.Label() + ", which has a partner of its own",
		Mend:    "merge the two records in " + side.Other().Label() + " as well, or run tandem links unlink " + string(b.pair) + " " + l.Partner(side).ID}
	if other := b.links[survivor]; other != nil {
		issue.Candidates = other.Refs[:]
	} else if partner := b.survivorPartner(it, side, survivor); !partner.IsZero() { // whose link is about to move
		issue.Candidates = make([]core.Ref, 2)
		issue.Candidates[side], issue.Candidates[side.Other()] = survivor, partner
	}
	it.raise(issue)
}

// decideParked keeps a parked link until its remaining record goes where its
// partner went: merged away or deleted, there is nothing left to decide.
func (b *batch) decideParked(it *item) {
	if erased := b.erasedOf(it); !erased.IsZero() {
		b.decideErased(it, erased)
		return
	}
	if b.decideCrossed(it) || b.decideFreed(it) {
		return
	}
	if it.surelyGone(core.Salesforce) && it.surelyGone(core.HubSpot) {
		l := *it.link
		l.State = core.LinkClosed
		it.relink = &l
		it.say(OutOfScope, core.Decision{Rule: "LIM-7", Outcome: policy.Unlink, Facts: map[string]string{"because": "the parked record was merged or deleted as well"}})
		return
	}
	it.say(Blocked, core.Decision{Rule: "LIM-7", Outcome: policy.Park, Facts: map[string]string{"because": "the link is parked: a partner was merged away; nothing is created for it until a person decides"}})
	for _, r := range it.refs() {
		for _, i := range b.issues[r] {
			it.raise(i) // still open
		}
	}
}

// parkedOn are the records merged into a living one whose links are parked for it.
func (b *batch) parkedOn(rec *core.Record) (out []core.Ref) {
	for _, r := range aliasesOf(rec) {
		if l := b.links[r]; l != nil && l.State == core.LinkParked && l.Refs[r.Side] == r {
			out = append(out, r)
		}
	}
	return out
}

// decideFreed gives a parked link the survivor that its record was merged into, once that
// has no partner any more but by a person's word. It reports whether the item is decided.
func (b *batch) decideFreed(it *item) bool {
	for _, side := range core.Sides {
		s := it.survivor(side)
		if s.IsZero() || !it.live(side.Other()) || !it.survivor(side.Other()).IsZero() || conn.ConvertedTo(it.recs[side]) != "" || !b.free(s, it.recs[side]) {
			continue
		}
		b.moveLink(it, side, s)
		it.relink.State, it.relink.Base, it.relink.Stamps = core.LinkActive, nil, [2]time.Time{}
		it.say(Pending, core.Decision{Rule: "LIM-7", Outcome: policy.Relink, Facts: map[string]string{"because": "the record that the partner was merged into has no other partner any more"}})
		return true
	}
	return false
}

// free reports that neither a record nor anybody who was merged into it is linked or was
// taken apart by a person.
func (b *batch) free(r core.Ref, rec *core.Record) bool {
	if l := b.links[r]; l != nil && (l.State != core.LinkClosed || conn.Unlinked(l)) {
		return false
	}
	for _, alias := range aliasesOf(rec) {
		if l := b.links[alias]; l != nil && l.State == core.LinkActive && l.Refs[alias.Side] == alias {
			return false
		}
	}
	return true
}

// unreadable keeps the link: a record that a side does not show may be hidden.
func (b *batch) unreadable(it *item, side core.Side, d core.Decision) {
	it.say(Blocked, d)
	it.raise(core.Issue{Pair: b.pair, Category: core.CategoryPermissions, Code: "unreadable", Rule: "ERR-6",
		Message: it.link.Refs[side].Label() + " is not visible to the integration; that is no proof of a deletion",
		Mend:    "give the integration user access to the record, or unlink it with tandem links unlink"})
}

// closeDeleted closes the link and does with the partner what the setting says.
func (b *batch) closeDeleted(it *item, side core.Side, d core.Decision) {
	l := *it.link
	l.State = core.LinkClosed
	it.relink = &l
	it.say(OutOfScope, d)
	partner := side.Other()
	if !it.live(partner) {
		return
	}
	if s, parked := it.survivor(partner), b.parkedOn(it.recs[partner]); !s.IsZero() || len(parked) > 0 {
		// it stands for somebody else as well, who was merged into it
		it.marks = append(it.marks, room.DirtyOf(append(parked, it.recs[partner].Ref), core.ReasonDelete, it.run, b.at)...)
		return
	}
	switch d.Outcome {
	case policy.Flag:
		if partner == core.HubSpot {
			it.ops[partner] = b.updateOp(it, partner, map[string]string{conn.PropDeleted: "true"}, d.Rule)
		}
	case policy.Archive, policy.Delete:
		it.extra = append(it.extra, core.Op{Key: b.updateKey(it.recs[partner].Ref), Kind: core.OpArchive, Pair: b.pair,
			Target: deletedFor(it.recs[partner]), Source: it.recs[side].Ref, Before: it.recs[partner].Values, Rule: d.Rule})
	}
}
