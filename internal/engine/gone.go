package engine

import (
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/mapping"
	"tandem/internal/policy"
)

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
	fates := b.fates(it)
	for _, side := range core.Sides {
		if fates[side] != policy.Stands {
			b.settleGone(it, side, fates)
			return true
		}
	}
	return false
}

func (b *batch) settleGone(it *item, side core.Side, fates [2]policy.Fate) {
	d := policy.Deleted(b.goneFacts(it, side, fates))
	if conn.ConvertedTo(it.recs[side]) != "" {
		d.Rule = "CON-5"
	}
	switch d.Outcome {
	case policy.Relink:
		b.moveLink(it, side)
		it.say(Pending, d)
	case policy.Park:
		b.park(it, side, d)
	case policy.Wait:
		b.unreadable(it, side, d)
	default:
		b.closeDeleted(it, side, d, fates)
	}
}

func (b *batch) goneFacts(it *item, side core.Side, fates [2]policy.Fate) policy.DeletedFacts {
	f := policy.DeletedFacts{Side: side, Partner: it.link.Partner(side), Setting: b.deletion(it.link.Refs[side]),
		MergedInto: it.survivor(side), PartnerFate: fates[side.Other()], Person: conn.IsPersonAccount(it.recs[side.Other()])}
	if it.recs[side].Presence == core.Deleted {
		f.Evidence = policy.DeletedRow
	}
	if holder := b.holder(it, side); holder != nil {
		f.SurvivorPartner = holder.Partner(side)
	}
	if merged := b.mergedIn(it, side.Other()); merged != nil {
		f.Absorbed = merged.Refs[side.Other()]
	}
	return f
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

// moveLink lets the survivor of a merge take over; it is looked at afresh. What holds the
// survivor for a partner that was deleted gives way.
func (b *batch) moveLink(it *item, side core.Side) {
	l := *it.link
	b.follow(it, &l, side)
	it.relink = &l
	due := []core.Ref{l.Refs[side]}
	for _, other := range b.claims(it, side) {
		due = append(due, other.Refs[side]) // nobody announces what was merged into the same
		if other.Refs[side] == l.Refs[side] {
			closed := *other
			closed.State = core.LinkClosed
			it.absorbs = &closed
		}
	}
	it.marks = append(it.marks, room.DirtyOf(due, core.ReasonDelete, it.run, b.at)...)
}

// follow gives the survivor the place of the merged record in a link. What was agreed
// with the one before is no word of the survivor's.
func (b *batch) follow(it *item, l *core.Link, side core.Side) {
	it.alias = append(it.alias, l.Refs[side])
	from := b.conn.MappingOf(l)
	l.Refs[side], l.Keyed = it.survivor(side), [2]bool{}
	l.Base = core.Inherit(mapping.Carry(l.Base, from, b.conn.MappingOf(l)), side)
}

func (b *batch) park(it *item, side core.Side, d core.Decision) {
	l := *it.link
	l.State = core.LinkParked
	it.relink = &l
	it.say(Blocked, d)
	issue := core.Issue{Pair: b.pair, Ref: l.Partner(side), Category: core.CategoryDuplicate, Code: "partner_merged", Rule: d.Rule,
		Message: l.Refs[side].Label() + " was merged into " + it.survivor(side).Label() + ", which has a partner of its own",
		Mend:    "merge the two records in " + side.Other().Label() + " as well, or run tandem links unlink " + string(b.pair) + " " + l.Partner(side).ID}
	if holder := b.holder(it, side); holder != nil {
		issue.Candidates = holder.Refs[:]
	}
	it.raise(issue)
}

// decideParked keeps a parked link until its remaining record goes where its
// partner went, or both are there again.
func (b *batch) decideParked(it *item) {
	if erased := b.erasedOf(it); !erased.IsZero() {
		b.decideErased(it, erased)
		return
	}
	if b.decideCrossed(it) {
		return
	}
	fates := b.fates(it)
	l := *it.link
	for _, side := range core.Sides {
		if fates[side] == policy.LivesOn {
			b.follow(it, &l, side)
			it.relink = &l
		}
	}
	switch d := policy.Parked(fates); d.Outcome {
	case policy.Relink: // they meet for the first time
		l.State, l.Base, l.Stamps = core.LinkActive, nil, [2]time.Time{}
		it.marks = append(it.marks, room.DirtyOf(l.Refs[:], core.ReasonDelete, it.run, b.at)...)
		it.say(Pending, d)
	case policy.Unlink:
		l.State, it.relink = core.LinkClosed, &l
		it.say(OutOfScope, d)
	default:
		it.say(Blocked, d)
		b.keepIssues(it)
	}
}

// keepIssues leaves the open issues of an item's records open.
func (b *batch) keepIssues(it *item) {
	for _, r := range it.refs() {
		for _, i := range b.issues[r] {
			it.raise(i)
		}
	}
}

// unreadable keeps the link: a record that a side does not show may be hidden.
func (b *batch) unreadable(it *item, side core.Side, d core.Decision) {
	it.say(Blocked, d)
	it.raise(core.Issue{Pair: b.pair, Category: core.CategoryPermissions, Code: "unreadable", Rule: "ERR-6",
		Message: it.link.Refs[side].Label() + " is not visible to the integration; that is no proof of a deletion",
		Mend:    "give the integration user access to the record, or unlink it with tandem links unlink"})
}

// closeDeleted closes the link and does with the partner what the setting says. Whoever
// a record lives on in has had a partner.
func (b *batch) closeDeleted(it *item, side core.Side, d core.Decision, fates [2]policy.Fate) {
	l := *it.link
	l.State = core.LinkClosed
	for _, s := range core.Sides {
		if fates[s] == policy.LivesOn {
			b.follow(it, &l, s)
		}
	}
	it.relink = &l
	it.say(OutOfScope, d)
	partner := side.Other()
	if merged := b.mergedIn(it, partner); merged != nil {
		it.marks = append(it.marks, room.DirtyOf(merged.Refs[:], core.ReasonDelete, it.run, b.at)...)
	}
	if fates[partner] != policy.Stands {
		return
	}
	switch d.Outcome {
	case policy.Flag:
		if partner == core.HubSpot {
			it.ops[partner] = b.updateOp(it, partner, map[string]string{conn.PropDeleted: "true"}, d.Rule)
		}
	case policy.Archive, policy.Delete:
		l.How += " " + conn.HowDeleted
		it.extra = append(it.extra, core.Op{Key: b.updateKey(it.recs[partner].Ref), Kind: core.OpArchive, Pair: b.pair,
			Target: deletedFor(it.recs[partner]), Source: it.recs[side].Ref, Before: it.recs[partner].Values, Rule: d.Rule})
	}
}

// comeBack raises an issue on a record that is there although it was deleted with its
// partner: nothing is made of it unasked, and nobody is left to wonder.
func (b *batch) comeBack(it *item, d core.Decision) {
	if d.Rule != "AMB-13" || d.Outcome != policy.None || it.link == nil || !conn.DeletedWith(it.link) || !it.live(it.from) {
		return
	}
	partner := it.link.Partner(it.from)
	it.raise(core.Issue{Pair: b.pair, Category: core.CategoryOther, Code: "restored", Rule: d.Rule, Candidates: []core.Ref{partner},
		Message: it.recs[it.from].Ref.Label() + " is there again: it and " + partner.Label() + " were deleted, the one for the other",
		Mend:    "restore the partner as well and join the two with tandem links link, let tandem resync make a new one, or delete the record again"})
}
