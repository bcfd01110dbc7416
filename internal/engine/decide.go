package engine

import (
	"maps"
	"strings"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/mapping"
	"tandem/internal/policy"
)

// decide says for every item what is to be written and why. It does no I/O:
// everything it looks at was read into the batch.
func (e *Engine) decide(b *batch) {
	for _, it := range b.items {
		switch {
		case it.undo != nil && !it.moved && it.unknown.IsZero():
			b.decideUndo(it)
		case !b.conn.Follows(b.pair): // companies and people always are
			it.say(OutOfScope, b.unfollowed(it))
		case b.decideOpen(it), b.decideHeir(it):
		case b.pair == core.CompanyPair:
			b.decideRecord(it)
		case b.carried():
			b.decideCarried(it)
		case b.pair == core.ActivityPair:
			b.decideActivity(it)
		default:
			b.decidePerson(it)
		}
		b.releaseKey(it)
		b.releaseLeft(it)
	}
}

// decideOpen puts off an item about which the last word is not spoken. It reports
// whether that is so.
func (b *batch) decideOpen(it *item) bool {
	switch {
	case it.moved:
		it.say(Pending, core.Decision{Rule: "LIM-19", Outcome: policy.Wait, Facts: map[string]string{"because": "the record changed while it was being read; it is read again"}})
		it.later(b.at)
	case !it.unknown.IsZero():
		it.say(Pending, core.Decision{Rule: "I2", Outcome: policy.Wait, Facts: map[string]string{"because": "a create was sent and no answer came; it is looked for by its key before anything is sent again", "since": room.StampText(it.unknown)}})
		it.later(b.at.Add(room.Backoff(it.tries() + 1)))
	case it.adopted && it.recs[it.from] != nil && !it.live(it.from.Other()):
		it.newLink = b.newLink(it, "I2")
		it.say(Pending, core.Decision{Rule: "I2", Outcome: policy.Link, Facts: map[string]string{"because": "our earlier create took effect, and what it made was deleted or merged away before the answer came"}})
		it.again(b.at)
	default:
		return false
	}
	return true
}

// decideRecord decides about a record that is found by what it carries, as a company.
func (b *batch) decideRecord(it *item) {
	switch {
	case it.link != nil && it.link.State == core.LinkParked:
		b.decideParked(it)
	case it.link != nil && it.link.State == core.LinkActive:
		b.decideLinked(it)
	default:
		b.decideUnlinked(it)
	}
}

// decideLinked handles a pair that is linked: presence first, then fields.
func (b *batch) decideLinked(it *item) {
	if b.decideGone(it) {
		return
	}
	if b.decidePersonAccount(it) {
		return
	}
	d := b.inScope(it)
	if d.Outcome != policy.Update {
		it.say(outcomeVerdict(d.Outcome), d)
		return
	}
	b.reconcile(it, "LIM-19")
	it.say(b.fieldVerdict(it), d)
}

// fieldVerdict is in sync where every field is, pending where a write is due.
func (b *batch) fieldVerdict(it *item) Verdict {
	switch {
	case len(it.issues) > 0 || b.dry && len(it.sent()) > 0 && b.refusedOnce(it):
		return Blocked
	case b.dry && len(it.sent()) > 0:
		return Pending
	}
	return InSync
}

// refusedOnce reports an open issue of the item: what a sync would write now was
// refused before.
func (b *batch) refusedOnce(it *item) bool {
	for _, r := range it.refs() {
		if len(b.issues[r]) > 0 {
			return true
		}
	}
	return false
}

// decideUnlinked handles one record without a partner: link it with what
// identity found, create its partner, or say why neither.
func (b *batch) decideUnlinked(it *item) {
	rec := it.recs[it.from]
	if erased := b.erasedOf(it); !erased.IsZero() {
		b.decideErased(it, erased)
		return
	}
	if it.decideNoRecord(rec) {
		return
	}
	if s := it.mergedAway(); !s.IsZero() {
		it.say(OutOfScope, core.Decision{Rule: "LIM-7", Outcome: policy.None, Facts: map[string]string{"because": "merged into " + b.label(s)}})
		return
	}
	if it.adopted {
		b.linkWith(it, core.Decision{Rule: "I2", Outcome: policy.Link, Facts: map[string]string{"because": "our earlier create took effect"}})
		return
	}
	b.decideNew(it)
}

// decideNoRecord answers for a record that is not there, and has no partner.
func (it *item) decideNoRecord(rec *core.Record) bool {
	switch absent := rec == nil || rec.Presence == core.Absent; {
	case absent && it.link != nil:
		it.say(OutOfScope, core.Decision{Rule: "ERR-6", Outcome: policy.None, Facts: map[string]string{
			"because": it.from.Label() + " shows it no more: it is hidden from the integration user, or gone for good; the link with its partner " + it.link.Partner(it.from).ID + " is closed"}})
	case absent:
		it.say(NotFound, core.Decision{Rule: "ERR-6", Outcome: policy.None, Facts: map[string]string{"because": "the record does not exist or is hidden from the integration"}})
	case rec.Presence == core.Deleted && rec.MergedInto == "" && it.link != nil:
		it.say(OutOfScope, core.Decision{Rule: "LIM-16", Outcome: policy.None, Facts: map[string]string{
			"because": "deleted in " + it.from.Label() + "; the link with its partner " + it.link.Partner(it.from).ID + " is closed"}})
	case rec.Presence == core.Deleted && rec.MergedInto == "":
		it.say(OutOfScope, core.Decision{Rule: "DEL-4", Outcome: policy.None, Facts: map[string]string{"because": "deleted, and not linked with anything"}})
	default:
		return false
	}
	return true
}

// decideNew asks policy about a record that has no partner.
func (b *batch) decideNew(it *item) {
	if b.decidePersonAccount(it) {
		return
	}
	if it.match != nil && it.match.Outcome == policy.Link {
		if d := b.mayMeet(it); d.Outcome != policy.Update {
			it.say(outcomeVerdict(d.Outcome), d)
			return
		}
		b.linkWith(it, it.match.Decision)
		return
	}
	if !it.hidden.IsZero() {
		b.decideHidden(it)
		return
	}
	if it.match != nil && it.match.Outcome == policy.Wait {
		it.say(Pending, it.match.Decision)
		it.later(b.at.Add(room.Backoff(it.tries() + 1)))
		return
	}
	if it.match != nil && it.match.Outcome == policy.Review && !it.reasons.Has(core.ReasonPerson) {
		it.say(Blocked, it.match.Decision)
		b.raiseReview(it)
		return
	}
	it.alone = true
	d := b.mayCreate(it)
	switch {
	case d.Outcome != policy.Wait || b.dry:
	case b.pair == core.ActivityPair: // who it is about is looked at just now
		it.again(b.at)
	default:
		it.later(b.at.Add(waitAgain))
	}
	if d.Outcome != policy.Create {
		it.say(outcomeVerdict(d.Outcome), d)
		b.comeBack(it, d)
		return
	}
	if b.holdLine(it) {
		return
	}
	it.newLink = b.newLink(it, d.Rule)
	b.reconcile(it, d.Rule)
	b.lookUpNew(it)
	b.sell(it)
	b.requireFields(it)
	it.say(b.createVerdict(it), it.lacking(d))
}

// mayCreate asks policy whether a partner is made for a record without one.
func (b *batch) mayCreate(it *item) core.Decision {
	fromSalesforce, people := it.from == core.Salesforce, b.pair == core.ContactPair
	switch {
	case b.carried():
		return b.mayCreateRecord(it)
	case b.pair == core.ActivityPair:
		return b.mayCreateActivity(it)
	case people && fromSalesforce:
		return b.unlessTaken(it, policy.CreateContact(b.strangerFacts(it)))
	case people:
		return policy.CreatePerson(b.strangerFacts(it))
	case fromSalesforce:
		return policy.CreateCompany(b.accountFacts(it))
	}
	return policy.CreateAccount(b.companyFacts(it))
}

// decideHidden holds back a record that carries the id of one that is not shown: a
// second one must not be made for it.
func (b *batch) decideHidden(it *item) {
	it.say(Blocked, it.match.Decision)
	it.raise(core.Issue{Pair: b.pair, Category: core.CategoryPermissions, Code: "stored_id_not_visible", Rule: it.match.Rule,
		Message: b.label(it.ref()) + " carries the id of " + b.label(it.hidden) + ", which is not visible to the integration",
		Mend:    "give the integration user access to the record; where the id is of another org or of no record, clear " + b.conn.IDFields(it.from, b.object(it, core.Salesforce)) + ", or link the right one with tandem links link"})
}

// waitAgain is when a record is looked at again that waits for something no event
// announces, as HubSpot's evaluation of a list.
const waitAgain = time.Minute

// requireFields takes a create back that lacks what the target demands.
func (b *batch) requireFields(it *item) {
	target := it.from.Other()
	op := it.ops[target]
	object := b.object(it, target)
	for _, miss := range mapping.Missing(target, b.conn.Defs[target][object], op.Fields) {
		if !it.says(miss.Field) { // why the value did not pass says more than that there is none
			it.raise(b.missingIssue(it, target, &miss))
		}
		it.ops[target], it.newLink = nil, nil
	}
}

// lacking is the decision to create, or to leave it where the target demands what the
// record does not have.
func (it *item) lacking(d core.Decision) core.Decision {
	if n := len(it.issues); it.newLink == nil && n > 0 {
		d.Outcome, d.Facts = policy.None, maps.Clone(d.Facts)
		d.Facts["because"] = it.issues[n-1].Message
	}
	return d
}

// lack is what a person can do about a decision that leaves a record where it is for what the
// record does not have; blank for any other.
func (it *item) lack(d core.Decision) string {
	n := len(it.issues)
	if n == 0 || d.Outcome != policy.None || d.Facts["because"] != it.issues[n-1].Message {
		return ""
	}
	return it.issues[n-1].Mend
}

// outcomeVerdict is how a person reads a decision that writes nothing.
func outcomeVerdict(outcome string) Verdict {
	switch outcome {
	case policy.Wait:
		return Pending
	case policy.Review, policy.Park:
		return Blocked
	}
	return OutOfScope
}

// createVerdict is how a record stands whose partner is about to be made, or cannot be.
func (b *batch) createVerdict(it *item) Verdict {
	switch {
	case it.newLink == nil, b.dry && b.refusedOnce(it):
		return Blocked
	case b.dry:
		return Pending
	}
	return InSync
}

// linkWith links the item with the partner record that was read, and reconciles
// the two as a first meeting.
func (b *batch) linkWith(it *item, d core.Decision) {
	if !it.live(core.Salesforce) || !it.live(core.HubSpot) {
		it.say(Pending, core.Decision{Rule: d.Rule, Outcome: policy.Wait, Facts: map[string]string{"because": "the partner is taken or gone"}})
		it.later(b.at.Add(room.Backoff(it.tries())))
		return
	}
	it.newLink = b.newLink(it, d.Rule)
	b.reconcile(it, d.Rule)
	it.say(b.fieldVerdict(it), d)
}

func (b *batch) newLink(it *item, rule string) *core.Link {
	l := &core.Link{Pair: b.pair, State: core.LinkActive, How: rule, Created: b.at, Base: b.broughtBase(it)}
	for _, side := range core.Sides {
		if it.recs[side] != nil {
			l.Refs[side] = it.recs[side].Ref
		}
	}
	return l
}

// CodeSeveral is the issue that asks a person to choose between candidates.
const CodeSeveral = "several_candidates"

// raiseReview asks a person to choose. Where several companies claim one account
// the account is in question as well: nothing is made for it meanwhile.
func (b *batch) raiseReview(it *item) {
	subject := it.ref()
	if !it.rivals.IsZero() {
		subject = it.rivals
		it.raise(b.reviewIssue(it, subject, subject))
	}
	it.raise(b.reviewIssue(it, it.ref(), subject))
}

func (b *batch) reviewIssue(it *item, at, subject core.Ref) core.Issue {
	code := CodeSeveral
	if it.match.Facts["key"] == keyAlike {
		code = CodeSimilar
	}
	return core.Issue{Pair: b.pair, Ref: at, Category: core.CategoryDuplicate, Code: code, Rule: it.match.Rule, Candidates: it.match.Candidates, Evidence: it.match.Evidence,
		Message: b.maySame(subject, it.match.Candidates),
		Mend:    "choose one with tandem links link, or merge the duplicates; tandem links apart says that it is none of them"}
}

func (b *batch) maySame(subject core.Ref, candidates []core.Ref) string {
	names := make([]string, len(candidates))
	for i, r := range candidates {
		names[i] = b.label(r)
	}
	return b.label(subject) + " may be the same as " + strings.Join(names, ", ")
}
