package engine

import (
	"context"

	"tandem/internal/core"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// relation is the key under which a person link's base keeps the account that
// both sides last agreed on: Salesforce's AccountId on one side, the account of
// the HubSpot contact's primary company on the other.
const relation = "AccountId"

// readPerson completes a batch of people: partners by e-mail for those without a
// link, and the links of the accounts and companies they belong to.
func (e *Engine) readPerson(ctx context.Context, b *batch) error {
	b.folk = newPeople()
	for _, it := range b.items {
		for _, side := range core.Sides {
			if it.live(side) {
				b.folk.recs[it.recs[side].Ref] = it.recs[side]
			}
		}
	}
	if err := e.loadPersonLinks(ctx, b); err != nil {
		return err
	}
	if err := e.matchPersons(ctx, b); err != nil {
		return err
	}
	b.joinPersons()
	return e.loadParents(ctx, b)
}

// joinPersons gives items their newly found partners.
func (b *batch) joinPersons() {
	mine := map[core.Ref]*item{}
	for _, it := range b.items {
		if it.live(it.from) {
			mine[it.recs[it.from].Ref] = it
		}
	}
	for _, l := range b.personLinks {
		for _, side := range core.Sides {
			it := mine[l.Refs[side]]
			if it == nil || it.newLink != nil || it.recs[side.Other()] != nil {
				continue
			}
			it.newLink, it.recs[side.Other()] = l, b.folk.recs[l.Refs[side.Other()]]
			break
		}
	}
}

// loadParents loads the links of the accounts and companies around the people.
func (e *Engine) loadParents(ctx context.Context, b *batch) error {
	var refs []core.Ref
	for _, rec := range b.folk.recs {
		if id, _ := rec.Get("AccountId"); id != "" && rec.Ref.Object == core.Contact {
			refs = append(refs, accountRef(id))
		}
		for _, rel := range rec.Related[core.Companies] {
			refs = append(refs, companyRef(rel.ID))
		}
	}
	return e.view(ctx, func(tx *store.Tx) (err error) {
		b.parents, err = tx.LinksOf(b.conn.ID, refs)
		return err
	})
}

func accountRef(id string) core.Ref {
	return core.Ref{Side: core.Salesforce, Object: core.Account, ID: id}
}

func companyRef(id string) core.Ref {
	return core.Ref{Side: core.HubSpot, Object: core.Companies, ID: id}
}

// decidePerson links people by e-mail and keeps their account relation in step
// (ACC-13, ACC-14, AMB-20). Their other fields are not synced.
func (b *batch) decidePerson(it *item) {
	l := it.activeLink()
	switch {
	case it.link != nil && it.link.State == core.LinkParked:
		b.decideParked(it)
	case it.link != nil && it.link.State == core.LinkActive && b.decideGone(it):
	case l == nil && !b.erasedOf(it).IsZero():
		b.decideErased(it, b.erasedOf(it))
	case l == nil && b.decideBarred(it):
	case l == nil && b.decideInUse(it):
	case l == nil:
		if !it.decideNoRecord(it.recs[it.from]) {
			it.say(OutOfScope, core.Decision{Rule: "DEDUP-1", Outcome: policy.None, Facts: map[string]string{"because": nobody(it.recs[it.from])}})
		}
		it.marks = append(it.marks, b.parentMarks(it)...)
	default:
		b.decideRelation(it, l)
	}
}

// nobody says why a person has no partner.
func nobody(rec *core.Record) string {
	if emailOf(rec) == "" {
		return "the record has no e-mail address, and people match by that alone"
	}
	return "nobody on the other side has the e-mail address"
}

// decideRelation compares the account of the contact on both sides. A lead has
// none. What is cleared on one side is not cleared on the other: an account is
// only ever exchanged for another.
func (b *batch) decideRelation(it *item, l *core.Link) {
	it.marks = append(it.marks, b.parentMarks(it)...)
	sf, hs := it.recs[core.Salesforce], it.recs[core.HubSpot]
	if sf.Ref.Object == core.Lead {
		it.say(InSync, core.Decision{Rule: "ACC-8b", Outcome: policy.Link, Facts: map[string]string{"because": "a lead has no account"}})
		return
	}
	now, known := b.accountsOf(sf, hs)
	in := core.FieldInput{Key: relation, Rule: core.TwoWay, Now: now, Readable: known, Writable: [2]bool{true, true}}
	in.Base, in.HasBase = l.Base[relation]
	it.inputs, it.results = []core.FieldInput{in}, core.Reconcile([]core.FieldInput{in})
	r := it.results[0]
	switch {
	case now[0] == "" && now[1] == "" || r.InSync:
		it.say(InSync, core.Decision{Rule: "ACC-13", Outcome: policy.Link})
	case !known[0] || !known[1]:
		b.waitForAccount(it)
	case r.Write[core.Salesforce] && now[core.HubSpot] != "":
		b.relateContact(it, sf, now[core.HubSpot])
	case r.Write[core.HubSpot] && now[core.Salesforce] != "":
		b.relateHubSpot(it, hs, now[core.Salesforce])
	default:
		it.say(InSync, core.Decision{Rule: "ACC-14", Outcome: policy.None, Facts: map[string]string{"because": "a relation removed on one side is not removed on the other"}})
	}
}

// accountsOf is the account id as each side shows it; a company or account
// without a link leaves that side unknown.
func (b *batch) accountsOf(sf, hs *core.Record) (now [2]string, known [2]bool) {
	known = [2]bool{true, true}
	now[core.Salesforce], known[core.Salesforce] = sf.Get("AccountId")
	if id := now[core.Salesforce]; id != "" && b.linkedParent(accountRef(id)) == nil {
		known[core.Salesforce] = false
	}
	company := primary(hs)
	if company == "" {
		return now, known
	}
	if l := b.linkedParent(companyRef(company)); l != nil {
		now[core.HubSpot] = l.Refs[core.Salesforce].ID
	} else {
		known[core.HubSpot] = false
	}
	return now, known
}

func (b *batch) linkedParent(r core.Ref) *core.Link {
	if l := b.parents[r]; l != nil && l.State == core.LinkActive {
		return l
	}
	return nil
}

// primary is the id of the contact's primary company, or of its only one.
func primary(hs *core.Record) string {
	rels := hs.Related[core.Companies]
	for _, r := range rels {
		if r.Primary {
			return r.ID
		}
	}
	if len(rels) == 1 {
		return rels[0].ID
	}
	return ""
}

// waitForAccount is "Waiting for account to sync" (ERR-3): it resolves itself
// when the account or company is linked, which marks its people.
func (b *batch) waitForAccount(it *item) {
	it.say(Pending, core.Decision{Rule: "ERR-3", Outcome: policy.Wait, Facts: map[string]string{"because": "Waiting for account to sync"}})
	it.raise(core.Issue{Pair: b.pair, Category: core.CategoryAssociation, Code: "waiting_for_account", Rule: "ERR-3",
		Message: "Waiting for account to sync: the person's account or company has no partner yet",
		Mend:    "import the account, or see tandem explain for the company; this resolves itself"})
}

func (b *batch) relateContact(it *item, sf *core.Record, account string) {
	before, _ := sf.Get("AccountId")
	rule := "ACC-14"
	if before == "" {
		rule = "AMB-20"
	}
	it.ops[core.Salesforce] = &core.Op{Key: b.updateKey(sf.Ref), Kind: core.OpUpdate, Pair: b.pair, Target: sf.Ref, Source: it.recs[core.HubSpot].Ref,
		Fields: map[string]string{"AccountId": account}, Before: map[string]string{"AccountId": before}, Rule: rule}
	it.say(InSync, core.Decision{Rule: rule, Outcome: policy.Link, Facts: map[string]string{"account": account}})
}

func (b *batch) relateHubSpot(it *item, hs *core.Record, account string) {
	company := b.linkedParent(accountRef(account)).Refs[core.HubSpot]
	it.extra = append(it.extra, core.Op{Key: b.updateKey(hs.Ref), Kind: core.OpAssociate, Pair: b.pair, Target: hs.Ref, Source: it.recs[core.Salesforce].Ref,
		Associate: company, Primary: true, Rule: "ACC-13"})
	it.say(InSync, core.Decision{Rule: "ACC-13", Outcome: policy.Link, Facts: map[string]string{"company": company.ID}})
}

// advanceRelation moves the base of a person's link once both sides have the
// same account.
func (b *batch) advanceRelation(it *item) {
	l := it.activeLink()
	if l == nil || len(it.results) == 0 {
		return
	}
	var account string
	switch op := it.ops[core.Salesforce]; {
	case it.results[0].InSync:
		account = it.inputs[0].Now[core.Salesforce]
	case op != nil && it.outcomes[op.Key].Status == core.Applied:
		account = op.Fields["AccountId"]
	case len(it.extra) > 0 && it.outcomes[it.extra[0].Key].Status == core.Applied:
		account = it.inputs[0].Now[core.Salesforce]
	default:
		return
	}
	l.Base = core.AdvanceField(l.Base, relation, account, account)
}

// familyReason is why the parents of a person are looked at when the person was:
// what a sweep met is no change of anybody's (ACC-4, INST-8).
func familyReason(person core.Reasons) core.Reasons {
	if person&^(core.ReasonSweep|core.ReasonRetry|core.ReasonOwn) == 0 {
		return core.ReasonSweep
	}
	return core.ReasonParent
}

// parentMarks are the unlinked accounts and companies of a person: what they may
// do depends on their people, so they are looked at again (ACC-18).
func (b *batch) parentMarks(it *item) []core.Dirty {
	var refs []core.Ref
	if sf := it.recs[core.Salesforce]; sf != nil && sf.Ref.Object == core.Contact {
		if id, _ := sf.Get("AccountId"); id != "" && b.parents[accountRef(id)] == nil {
			refs = append(refs, accountRef(id))
		}
	}
	if hs := it.recs[core.HubSpot]; hs != nil {
		for _, rel := range hs.Related[core.Companies] {
			if b.parents[companyRef(rel.ID)] == nil {
				refs = append(refs, companyRef(rel.ID))
			}
		}
	}
	return dirtyOf(refs, familyReason(it.reasons), 0, b.at)
}
