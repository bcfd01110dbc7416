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
	case rec.Presence != core.Absent && rec.Ref.ID != asked.ID: // the survivor may have been deleted since
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
	b.lookAtAbsorbed(it)
	return false
}

// lookAtAbsorbed has the links looked at of records that were merged into an item's own, where
// anything is left to decide about them: of a merge, HubSpot shows the survivor alone.
func (b *batch) lookAtAbsorbed(it *item) {
	for _, l := range b.claims(it, core.HubSpot) {
		r, partner := l.Refs[core.HubSpot], l.Refs[core.Salesforce]
		if r == it.link.Refs[core.HubSpot] || l.State == core.LinkParked && survivorOf(partner, b.claimants[partner]).IsZero() {
			continue
		}
		it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, []core.Ref{r}, core.ReasonDelete, it.run, b.at)...)
	}
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
		if it.survivor(side).IsZero() {
			b.parkPurged(it, side, d)
			return
		}
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
		f.Evidence, f.Doubt = b.deletionOf(it.link.Refs[side])
	}
	if holder := b.holder(it, side); holder != nil {
		f.SurvivorPartner = holder.Partner(side)
	}
	if merged := b.mergedIn(it, side.Other()); merged != nil {
		f.Absorbed = merged.Refs[side.Other()]
	}
	f.Cascade, f.Namesake = b.cascades[it.link.Refs[side]], b.namesakeOf(it, side)
	return f
}

// deletion is the setting for a deleted record, blank where its object does not sync.
func (b *batch) deletion(gone core.Ref) string {
	if l := b.links[gone]; b.pair == core.ActivityPair && l != nil {
		return b.conn.Settings.Activities.Of(l.Refs[core.HubSpot].Object).Deletion(gone.Side)
	}
	s := b.conn.Settings.Pair(b.pair)
	if b.pair != core.CompanyPair && !s.Sync {
		return ""
	}
	return s.Deleted[gone.Object]
}

// moveLink lets the survivor of a merge take over; it is looked at afresh.
func (b *batch) moveLink(it *item, side core.Side) {
	l := *it.link
	b.follow(it, &l, side)
	it.relink = &l
	b.giveWay(it, side, l.Refs[side])
	it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, []core.Ref{l.Refs[side]}, core.ReasonDelete, it.run, b.at)...)
}

// giveWay closes what holds the survivor of a side for a partner that was deleted: an
// item's link goes on in it. Who else was merged into it is looked at, since nobody
// announces that.
func (b *batch) giveWay(it *item, side core.Side, survivor core.Ref) {
	var due []core.Ref
	for _, other := range b.claims(it, side) {
		due = append(due, other.Refs[side])
		if other.Refs[side] == survivor {
			closed := *other
			closed.State = core.LinkClosed
			it.absorbs = append(it.absorbs, &closed)
		}
	}
	it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, due, core.ReasonDelete, it.run, b.at)...)
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
	issue := core.Issue{Pair: b.pair, Ref: l.Partner(side), Category: core.CategoryDuplicate, Code: CodeMerged, Rule: d.Rule,
		Message: b.label(l.Refs[side]) + became(it.recs[side]) + b.label(it.survivor(side)) + ", which has a partner of its own",
		Mend:    b.mergeToo(l.Partner(side))}
	if holder := b.holder(it, side); holder != nil {
		issue.Candidates = holder.Refs[:]
	}
	it.raise(issue)
	b.offerLeft(it, side.Other())
}

// offerLeft has the parked links looked at of those who were merged into the record that a
// parked link leaves over: it is free for one of their partners.
func (b *batch) offerLeft(it *item, side core.Side) {
	for _, l := range b.claims(it, side) {
		if l.State == core.LinkParked {
			it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, []core.Ref{l.Partner(side)}, core.ReasonDelete, it.run, b.at)...)
		}
	}
}

// became says in words how a record went into another one.
func became(gone *core.Record) string {
	if conn.ConvertedTo(gone) != "" {
		return " was converted into "
	}
	return " was merged into "
}

// mergeToo says what a person can do with the record that a parked link leaves over.
// Salesforce merges accounts, people and, on its pages, cases, and nothing else ("Merge
// Duplicate Records").
func (b *batch) mergeToo(left core.Ref) string {
	apart := "run tandem links unlink " + string(b.pair) + " " + left.ID
	if left.Side == core.Salesforce && b.pair != core.CompanyPair && b.pair != core.ContactPair && b.pair != core.TicketPair {
		return "delete " + b.label(left) + " if it is one too many, since Salesforce does not merge such records; or " + apart + ", and it stays by itself"
	}
	return "merge the two records in " + left.Side.Label() + " as well, or " + apart
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
	case policy.Relink:
		if l.State = core.LinkActive; it.relink != nil { // they meet for the first time
			l.Base, l.Stamps = nil, [2]time.Time{}
		}
		it.relink = &l
		for _, side := range core.Sides {
			if fates[side] == policy.LivesOn {
				b.giveWay(it, side, l.Refs[side])
			}
		}
		it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, l.Refs[:], core.ReasonDelete, it.run, b.at)...)
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

// codeUnreadable is the code of a record that a side does not show.
const codeUnreadable = "unreadable"

// unreadable keeps the link: a record that a side does not show may be hidden.
func (b *batch) unreadable(it *item, side core.Side, d core.Decision) {
	it.say(Blocked, d)
	it.raise(core.Issue{Pair: b.pair, Category: core.CategoryPermissions, Code: codeUnreadable, Rule: "ERR-6",
		Message: b.label(it.link.Refs[side]) + " is not visible to the integration; that is no proof of a deletion",
		Mend: "give the integration user access to the record; where it was deleted for good, which " + side.Label() + " does not tell any more, run tandem links unlink " + string(b.pair) + " " +
			it.link.Refs[side].ID + ", and keep or delete " + b.label(it.link.Partner(side)) + " yourself"})
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
		it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, merged.Refs[:], core.ReasonDelete, it.run, b.at)...)
	}
	if fates[partner] != policy.Stands {
		return
	}
	if next := b.namesakeOf(it, side); !next.IsZero() {
		it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, []core.Ref{next}, core.ReasonDelete, it.run, b.at)...)
	}
	switch d.Outcome {
	case policy.Flag:
		it.ops[partner] = b.updateOp(it, partner, map[string]string{b.conn.DeletedField(partner): "true"}, d.Rule)
	case policy.Archive, policy.Delete:
		l.How += " " + conn.HowDeletedWith(it.recs[partner].Ref)
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
		Message: b.label(it.recs[it.from].Ref) + " is there again: it and " + b.label(partner) + " were deleted, the one for the other",
		Mend:    "restore the partner as well and join the two with tandem links link, let tandem resync make a new one, or delete the record again"})
}
