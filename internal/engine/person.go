package engine

import (
	"context"
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
)

// readPerson completes a batch of people: partners by e-mail for those without a
// link, and the links of the accounts and companies they belong to.
func (e *Engine) readPerson(ctx context.Context, b *batch) error {
	b.folk = newPeople()
	for _, it := range b.items {
		for _, side := range core.Sides {
			if it.live(side) {
				b.folk.put(it.recs[side])
			}
		}
	}
	if err := e.knowOptOuts(ctx, b); err != nil {
		return err
	}
	if err := e.loadPersonLinks(ctx, b); err != nil {
		return err
	}
	if err := e.readHolders(ctx, b); err != nil {
		return err
	}
	if err := e.matchPersons(ctx, b); err != nil {
		return err
	}
	if err := e.resemblePersons(ctx, b); err != nil {
		return err
	}
	b.joinPersons()
	if err := e.loadParents(ctx, b); err != nil || !b.conn.SyncsPeople() {
		return err
	}
	if err := e.readMembers(ctx, b); err != nil {
		return err
	}
	if err := e.loadHeirs(ctx, b); err != nil {
		return err
	}
	if err := e.readStages(ctx, b); err != nil {
		return err
	}
	if err := e.readCampaigns(ctx, b); err != nil {
		return err
	}
	return e.readRecency(ctx, b)
}

// joinPersons gives items their newly found partners. Where the partner is an item of
// the batch itself the two become one, so that the pair is decided once.
func (b *batch) joinPersons() {
	mine := map[core.Ref]*item{}
	for _, it := range b.items {
		if it.live(it.from) {
			mine[it.recs[it.from].Ref] = it
		}
	}
	gone := map[*item]bool{}
	for _, l := range b.personLinks {
		first := mine[l.Refs[core.Salesforce]]
		second := mine[l.Refs[core.HubSpot]]
		if first == nil || !b.joinPerson(first, l) {
			if second != nil {
				b.joinPerson(second, l)
			}
			continue
		}
		if second != nil && second.recs[core.Salesforce] == nil {
			first.absorb(second)
			gone[second] = true
		}
	}
	b.items = slices.DeleteFunc(b.items, func(it *item) bool { return gone[it] })
}

// joinPerson makes an item the pair of a new link. One whose create took effect has
// its partner already, and it must be the same.
func (b *batch) joinPerson(it *item, l *core.Link) bool {
	partner := l.Refs[it.from.Other()]
	if have := it.recs[it.from.Other()]; it.newLink != nil || have != nil && have.Ref != partner {
		return false
	}
	it.newLink = l
	if it.recs[it.from.Other()] == nil {
		it.recs[it.from.Other()] = b.folk.recs[partner]
	}
	l.Base = b.broughtBase(it)
	return true
}

// decidePerson links people by e-mail, keeps their account relation in step, and
// where contacts sync makes partners for those without one and passes their fields.
func (b *batch) decidePerson(it *item) {
	switch l := it.activeLink(); {
	case it.link != nil && it.link.State == core.LinkParked:
		b.decideParked(it)
	case it.link != nil && it.link.State == core.LinkActive && b.decideGone(it):
	case b.decidePersonAccount(it):
	case l != nil:
		it.marks = append(it.marks, b.parentMarks(it)...)
		b.decideKnown(it, l)
	case !b.erasedOf(it).IsZero():
		b.decideErased(it, b.erasedOf(it))
	case !it.mergedAway().IsZero():
		it.marks = append(it.marks, b.parentMarks(it)...)
		it.say(OutOfScope, core.Decision{Rule: "LIM-7", Outcome: policy.None, Facts: map[string]string{"because": "merged into " + it.mergedAway().Label()}})
	case b.decideHeld(it):
	case b.decideLinkedMeanwhile(it):
	case b.decideBarred(it):
	case it.adopted:
		b.linkWith(it, core.Decision{Rule: "I2", Outcome: policy.Link, Facts: map[string]string{"because": "our earlier create took effect"}})
	case b.decideConverting(it):
	case b.decideDoubt(it):
	case b.decideInUse(it):
	default:
		b.decideStranger(it)
	}
}

// decideLinkedMeanwhile looks again at a person whom another batch linked while this one
// was read: that link is no rival, and nobody is made beside it.
func (b *batch) decideLinkedMeanwhile(it *item) bool {
	rec := it.recs[it.from]
	if rec == nil || !b.folk.taken(rec.Ref) {
		return false
	}
	it.say(Pending, core.Decision{Rule: "LIM-6", Outcome: policy.Wait, Facts: map[string]string{"because": "the record was linked while it was being read; it is read again"}})
	it.again(b.at)
	return true
}

// decideKnown passes the fields of a linked person, and the account.
func (b *batch) decideKnown(it *item, l *core.Link) {
	if !b.conn.SyncsPeople() {
		it.say(b.relate(it, l))
		return
	}
	d := policy.MayUpdatePerson(b.pairFacts(it))
	if d.Outcome != policy.Update {
		b.declinePerson(it, d)
		return
	}
	b.reconcile(it, "LIM-19")
	it.say(b.fieldVerdict(it), d)
	b.moveStage(it, l)
	b.enrol(it, l)
	if !b.conn.Settings.Companies.Sync {
		return
	}
	verdict := it.verdict
	v, rd := b.relate(it, l)
	if verdict != InSync {
		v = verdict
	}
	it.say(v, rd)
}

// declinePerson says why nothing is written, and looks again where that may change
// without anybody telling.
func (b *batch) declinePerson(it *item, d core.Decision) {
	it.say(outcomeVerdict(d.Outcome), d)
	b.comeBack(it, d)
	if d.Outcome != policy.Wait || b.dry {
		return
	}
	if d.Rule != "ERR-3" {
		it.later(b.at.Add(waitAgain))
		return
	}
	it.later(b.at.Add(room.Backoff(it.tries())))
	if it.tries() >= triesUnseen {
		_, _ = b.waitForAccount(it)
	}
}

// decideStranger decides about a person whom nobody on the other side is.
func (b *batch) decideStranger(it *item) {
	rec := it.recs[it.from]
	it.marks = append(it.marks, b.parentMarks(it)...)
	switch {
	case it.decideNoRecord(rec):
	case !b.conn.SyncsPeople():
		it.say(OutOfScope, core.Decision{Rule: "DEDUP-1", Outcome: policy.None, Facts: map[string]string{"because": nobody(rec)}})
	default:
		b.makePerson(it)
	}
}

// nobody says why a person has no partner.
func nobody(rec *core.Record) string {
	if conn.EmailOf(rec) == "" {
		return "the record has no e-mail address, and people match by that alone"
	}
	return "nobody on the other side has the e-mail address"
}

// makePerson asks policy whether a partner is made for a person, and makes it.
func (b *batch) makePerson(it *item) {
	it.alone, it.makes = true, b.strangerFacts(it).Creates
	if it.makes == policy.PersonAccount {
		it.makes, it.asPerson = core.Contact, true
	}
	d := b.mayCreate(it)
	holder := b.folk.furtherHolder(it.recs[it.from])
	switch {
	case d.Rule == policy.RuleAddressInUse && holder != nil && b.folk.taken(holder.Ref):
		b.leaveToHolder(it, d, holder.Ref)
		return
	case d.Rule == policy.RuleAddressInUse:
		b.leaveToElder(it, d)
		return
	}
	if d.Outcome != policy.Create {
		b.declinePerson(it, d)
		return
	}
	it.newLink = b.newLink(it, d.Rule)
	b.reconcile(it, d.Rule)
	b.requireFields(it)
	b.relateNew(it)
	b.campaignsOfNew(it)
	it.say(b.createVerdict(it), it.lacking(d))
	b.stageOfNew(it)
}
