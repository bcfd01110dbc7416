package policy

import (
	"strings"

	"tandem/internal/core"
)

// What a change of a Salesforce lead or contact does in HubSpot:
// contacts.from_salesforce (SET-2).
const (
	CreateOrUpdate = "create_or_update"
	UpdateOnly     = "update_only" // the original's "do not create automatically"
	DoNothing      = "nothing"
)

// PersonFacts are what is known of a person of either side who has no partner, and
// for whom LinkPerson found none.
type PersonFacts struct {
	Scope
	Ref   core.Ref
	Email string
	// FromSalesforce is contacts.from_salesforce; it counts for a person of
	// Salesforce.
	FromSalesforce string
	Listed
	// Creates is what a HubSpot contact becomes: core.Lead or core.Contact, blank
	// where the rules of contacts.from_hubspot leave it open (LIM-5).
	Creates core.Object
	// OptedOut says that the record shows an opt-out where those pass for everybody.
	OptedOut bool
	// Parent is what is known of the account that a new Salesforce contact or
	// HubSpot contact belongs to.
	Parent Parent
}

// Parent is the state of a person's account or company.
type Parent uint8

// Parents.
const (
	NoParent      Parent = iota // the person has none, or it will never have a partner
	ParentLinked                // its partner is known
	ParentPending               // its partner is still to be decided
)

// String is the state in words.
func (p Parent) String() string { return [...]string{"none", "linked", "pending"}[p] }

// CreateContact decides whether a HubSpot contact is made for a lead or a contact:
// CON-1, CON-2, CON-5, CON-6, SET-2. The inclusion list has no say in it (INC-9).
func CreateContact(p PersonFacts) core.Decision {
	f := p.facts().text("contacts.from_salesforce", p.FromSalesforce)
	if d := p.barred(f); d != nil {
		return *d
	}
	switch {
	case p.blank():
		return f.decide("IMP-3", None, "the record has no e-mail address, and people without one do not sync")
	case p.Reasons.Has(core.ReasonPerson):
		return f.decide("TRIG-9", Create, "a person asked for it")
	case p.FromSalesforce == DoNothing:
		return f.decide("SET-2", None, "people of Salesforce do nothing in HubSpot: contacts.from_salesforce is nothing")
	case p.FromSalesforce == UpdateOnly && !p.Reasons.Has(core.ReasonImport):
		return f.decide("SET-2", None, "people of Salesforce are not created by themselves: contacts.from_salesforce is update_only")
	}
	return p.whenDue(f, "CON-2", "TRIG-3")
}

// CreatePerson decides whether a lead or a contact is made for a HubSpot contact,
// and which (CON-3): the fact "creates" names it. INC-1, INC-3, INC-6, CON-6.
func CreatePerson(p PersonFacts) core.Decision {
	f := p.tell(p.facts().text("creates", string(p.Creates)))
	if d := p.barred(f); d != nil {
		return *d
	}
	if p.blank() {
		return f.decide("CON-6", None, "the contact has no e-mail address, and people without one do not sync")
	}
	if d := p.unlisted(f, "the contact"); d != nil {
		return *d
	}
	if p.Creates == "" {
		return f.decide("LIM-5", None, "no rule of contacts.from_hubspot holds for the contact")
	}
	d := p.whenDue(f, "CON-3", "TRIG-2")
	if d.Outcome == Create && p.Creates == core.Contact && p.Parent == ParentPending {
		return f.decide("ERR-3", Wait, "Waiting for account to sync")
	}
	return d
}

// RuleAddressInUse is the rule by which a person has no partner because the one with the
// address belongs to somebody else: "Email already in use" (DEDUP-9).
const RuleAddressInUse = "DEDUP-9"

// AddressInUse is the decision about a person whose address belongs to the holder, and why.
func AddressInUse(holder core.Ref, because string) core.Decision {
	return facts{}.text("holder", holder.String()).decide(RuleAddressInUse, None, because)
}

// whenDue creates for a person who is new since the switch, changed, imported or
// asked for; whoever only existed before stays away (CON-1, INC-5).
func (p *PersonFacts) whenDue(f facts, isNew, edited string) core.Decision {
	switched := p.began("contact sync was switched on")
	switch {
	case p.isNew():
		return f.decide(isNew, Create, "the person is new since "+switched)
	case p.Reasons.Has(core.ReasonPerson):
		return f.decide("TRIG-9", Create, "a person asked for it")
	case p.Reasons.Has(core.ReasonImport):
		return f.decide("IMP-1", Create, "the person was imported")
	case p.Reasons.Has(core.ReasonListed):
		return f.decide("TRIG-8", Create, "the contact joined the inclusion list")
	case p.Reasons.Has(core.ReasonEdit | core.ReasonGap):
		return f.decide(edited, Create, "the person was edited")
	case awaited(p.Reasons):
		return f.decide(edited, Create, "the person was due before and is tried again")
	}
	if p.OptedOut || p.Reasons.Has(core.ReasonConsent) {
		return f.decide("CON-1", None, "the person existed before "+switched+", and was not imported since; the first change that shows an opt-out may be that alone, which makes nobody: edit it once more, or import it")
	}
	return f.decide("CON-1", None, "the person existed before "+switched+", and was neither imported nor edited since")
}

// BringsPerson reports that a record which is looked at for these reasons may be linked
// with the one that it is: being merely met, by a sweep or as somebody's colleague, is no
// import and no edit, and an opt-out is none either (CON-1, OPT-1).
func BringsPerson(r core.Reasons) bool {
	return r&^(core.ReasonSweep|core.ReasonParent|core.ReasonOwn|core.ReasonConsent|core.ReasonRetry) != 0 || awaited(r)
}

// StaysAway is the decision about a person who is the same as another one of the other
// side while neither was imported or edited.
func StaysAway(partner core.Ref) core.Decision {
	return facts{}.text("partner", partner.String()).decide("CON-1", None,
		"the person and "+partner.Label()+", who is the same, existed before contact sync was switched on, and neither was imported nor edited since")
}

// MayUpdatePerson decides whether a linked person syncs. Outside the inclusion list
// neither direction does (INC-3), and what was created stays (INC-10).
func MayUpdatePerson(p PersonFacts) core.Decision {
	f := p.tell(p.facts())
	if d := p.blocked(f); d != nil {
		return *d
	}
	if d := p.stopped(f, "contact"); d != nil {
		return *d
	}
	return f.decide("LIM-6", Update, "the two are linked and in scope")
}

func (p *PersonFacts) blank() bool { return strings.TrimSpace(p.Email) == "" }

func (p *PersonFacts) facts() facts {
	f := p.describe(facts{}).text("parent", p.Parent.String())
	if p.blank() {
		f.text("email", "none")
	}
	return f
}
