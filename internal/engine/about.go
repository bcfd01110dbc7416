package engine

import (
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
)

// slot is a field in which an activity of Salesforce says what it is about, with the
// objects of HubSpot that stand for it, the most telling one first.
type slot struct {
	field   string
	objects []core.Object
}

// slots are the person first: a lead keeps anything else from being named.
func (b *batch) slots() []slot {
	what := slices.DeleteFunc(b.conn.AboutObjects(), func(o core.Object) bool { return o == core.Contacts })
	return []slot{{conn.WhoKey, []core.Object{core.Contacts}}, {conn.WhatKey, what}}
}

// abouting is how one slot of a linked activity stands: the value that both sides have,
// or will once what is named is applied.
type abouting struct {
	key, value string
	op         *core.Op // nil for none
	extra      string   // the key of an associate op, blank for none
}

// keepAbout compares who and what the activity is about on both sides. What is taken away
// on one side is not taken away on the other: it is only ever exchanged.
func (b *batch) keepAbout(it *item, l *core.Link) {
	for _, s := range b.slots() {
		id := valueOf(it.recs[core.Salesforce], s.field)
		now, there := b.conn.AboutRef(id), b.aboutThere(it, s)
		held := l.Base.Holds(core.Salesforce, s.field, now.ID)
		at := slices.IndexFunc(there, func(r core.Ref) bool { return l.Base.Holds(core.HubSpot, s.field, r.ID) })
		switch {
		case id != "" && now.IsZero(): // a record whose object does not sync
		case !now.IsZero() && b.partnerOf(now).IsZero():
			b.waitForAbout(it, now)
		case slices.Contains(there, now):
			it.about = append(it.about, abouting{key: s.field, value: now.ID})
		case !now.IsZero() && !held:
			b.associateAbout(it, s, now)
			if was := b.agreedThere(it, s, l); !was.IsZero() {
				b.dissociateAbout(it, s, was)
			}
		case len(there) > 0 && at < 0:
			b.nameAbout(it, s, there[0])
		}
	}
}

// aboutThere are the records of Salesforce whose partners the activity of HubSpot is
// associated with, for one slot, in a settled order.
func (b *batch) aboutThere(it *item, s slot) (out []core.Ref) {
	hs := it.recs[core.HubSpot]
	for _, o := range s.objects {
		for _, rel := range hs.Related[o] {
			if l := b.linkedParent(core.Ref{Side: core.HubSpot, Object: o, ID: rel.ID}); l != nil {
				out = append(out, l.Refs[core.Salesforce])
			}
		}
	}
	return out
}

// agreedThere is what the activity of HubSpot is associated with and both sides agreed on
// last, whatever became of its link since; zero for none.
func (b *batch) agreedThere(it *item, s slot, l *core.Link) core.Ref {
	for _, o := range s.objects {
		for _, rel := range it.recs[core.HubSpot].Related[o] {
			r := core.Ref{Side: core.HubSpot, Object: o, ID: rel.ID}
			if of := b.parents[r]; of != nil && of.Refs[core.HubSpot] == r && l.Base.Holds(core.HubSpot, s.field, of.Refs[core.Salesforce].ID) {
				return r
			}
		}
	}
	return core.Ref{}
}

// partnerOf is the record of HubSpot that a record of Salesforce is linked with; zero for
// none.
func (b *batch) partnerOf(r core.Ref) core.Ref {
	if l := b.linkedParent(r); !r.IsZero() && l != nil {
		return l.Refs[core.HubSpot]
	}
	return core.Ref{}
}

// triesUnlinked is how often an activity is looked at again, sooner than an issue is, before
// it is told to wait.
const triesUnlinked = 2

// waitForAbout says that the activity waits for a person or a record to be linked. It
// resolves itself at the retry of the issue (ERR-3).
func (b *batch) waitForAbout(it *item, r core.Ref) {
	if b.undecided[r] || it.tries() < triesUnlinked { // as the contact of a lead that was just converted
		it.again(b.at)
		return
	}
	word := b.conn.Pairs.Word(r.Object)
	it.raise(core.Issue{Pair: b.pair, Field: word, Category: core.CategoryAssociation, Code: "waiting_for_" + word, Rule: "ERR-3",
		Message: "Waiting for " + word + " to sync: " + r.Label() + ", which the activity is about, has no partner yet",
		Mend:    "import the " + word + ", or see tandem explain for it; this resolves itself"})
}

// associateAbout brings what the activity of Salesforce is about to HubSpot.
func (b *batch) associateAbout(it *item, s slot, now core.Ref) {
	if b.barredActivity(it, core.HubSpot) {
		return
	}
	hs := it.recs[core.HubSpot].Ref
	op := core.Op{Key: b.opKey("associate/"+s.field, hs), Kind: core.OpAssociate, Pair: b.pair, Target: hs, Source: it.recs[core.Salesforce].Ref, Associate: b.partnerOf(now), Rule: "ACT-5"}
	it.extra = append(it.extra, op)
	it.about = append(it.about, abouting{key: s.field, value: now.ID, extra: op.Key})
}

// dissociateAbout takes what both sides had before from the activity of HubSpot. A contact
// of the loser of a merge has it no longer, as in Salesforce.
func (b *batch) dissociateAbout(it *item, s slot, was core.Ref) {
	if b.barredActivity(it, core.HubSpot) {
		return
	}
	hs := it.recs[core.HubSpot].Ref
	it.extra = append(it.extra, core.Op{Key: b.opKey("dissociate/"+s.field, hs), Kind: core.OpDissociate, Pair: b.pair, Target: hs, Source: it.recs[core.Salesforce].Ref, Associate: was, Rule: "ACT-5"})
}

// nameAbout brings what the activity of HubSpot is about to Salesforce.
func (b *batch) nameAbout(it *item, s slot, to core.Ref) {
	sf := it.recs[core.Salesforce]
	if b.barredActivity(it, core.Salesforce) || s.field == conn.WhatKey && b.isAboutLead(it) {
		return
	}
	op := b.alsoWrite(it, core.Salesforce, s.field, to.ID, "ACT-5")
	if to.Object == core.Lead && valueOf(sf, conn.WhatKey) != "" { // an activity of a lead is about nothing else
		op.Fields[conn.WhatKey], op.Before[conn.WhatKey] = "", valueOf(sf, conn.WhatKey)
	}
	it.about = append(it.about, abouting{key: s.field, value: to.ID, op: op})
}

// isAboutLead reports that the person of an activity is a lead, or is about to be.
func (b *batch) isAboutLead(it *item) bool {
	who := valueOf(it.recs[core.Salesforce], conn.WhoKey)
	if op := it.ops[core.Salesforce]; op != nil && op.Fields[conn.WhoKey] != "" {
		who = op.Fields[conn.WhoKey]
	}
	return b.conn.AboutRef(who).Object == core.Lead
}

// giveAbout has a new activity name all that its partner is about and that is linked.
func (b *batch) giveAbout(it *item) {
	target := it.from.Other()
	op := it.ops[target]
	if op == nil || op.Kind != core.OpCreate {
		return
	}
	for _, s := range b.slots() {
		r := b.aboutSource(it, s)
		if r.IsZero() || target == core.Salesforce && s.field == conn.WhatKey && b.conn.AboutRef(op.Fields[conn.WhoKey]).Object == core.Lead {
			continue
		}
		partner := b.partnerOf(r)
		if target == core.HubSpot && b.conn.IsOwn(partner.Object) {
			it.onceMade = true // only the portal knows the type by which a create would name it
			continue
		}
		it.about = append(it.about, abouting{key: s.field, value: r.ID, op: op})
		switch {
		case target == core.Salesforce:
			op.Fields[s.field] = r.ID
		case op.Associate.IsZero():
			op.Associate = partner
		default:
			op.Beside = append(op.Beside, partner)
		}
	}
}

// aboutSource is the linked record of Salesforce that a slot of an activity without a
// partner stands for; zero for none.
func (b *batch) aboutSource(it *item, s slot) core.Ref {
	if it.from == core.HubSpot {
		if there := b.aboutThere(it, s); len(there) > 0 {
			return there[0]
		}
		return core.Ref{}
	}
	r := b.conn.AboutRef(valueOf(it.recs[core.Salesforce], s.field))
	if !r.IsZero() && b.partnerOf(r).IsZero() {
		b.waitForAbout(it, r)
		return core.Ref{}
	}
	return r
}

// advanceAbout moves the base of an activity's link once both sides are about the same.
func (b *batch) advanceAbout(it *item) {
	l := it.activeLink()
	if l == nil {
		return
	}
	for _, a := range it.about {
		key := a.extra
		if a.op != nil {
			key = a.op.Key
		}
		if key == "" || it.outcomes[key].Status == core.Applied {
			l.Base = core.AdvanceField(l.Base, a.key, a.value, a.value)
		}
	}
}
