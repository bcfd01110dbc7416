package engine

import (
	"context"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
)

// relating is how the account of a linked contact stands on both sides.
type relating struct {
	in     core.FieldInput
	result core.FieldResult
	// account is the one that both sides have, at once where they agreed, or once the
	// side that is written is.
	account string
	agreed  bool
	writes  *core.Side
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
	return e.loadParentLinks(ctx, b, refs)
}

func accountRef(id string) core.Ref {
	return core.Ref{Side: core.Salesforce, Object: core.Account, ID: id}
}

func companyRef(id string) core.Ref {
	return core.Ref{Side: core.HubSpot, Object: core.Companies, ID: id}
}

// relate compares the account of the contact on both sides. A lead has none. What is
// cleared on one side is not cleared on the other: an account is only ever exchanged
// for another (ACC-13, ACC-14, AMB-20).
func (b *batch) relate(it *item, l *core.Link) (Verdict, core.Decision) {
	sf, hs := it.recs[core.Salesforce], it.recs[core.HubSpot]
	if sf.Ref.Object == core.Lead {
		return InSync, core.Decision{Rule: "ACC-8b", Outcome: policy.Link, Facts: map[string]string{"because": "a lead has no account"}}
	}
	if b.withoutCompany(sf) {
		return b.relateAlone(it)
	}
	now, known := b.accountsOf(sf, hs)
	b.followMerged(it, l, &now, &known)
	in := core.FieldInput{Key: conn.RelationKey, Rule: core.TwoWay, Now: now, Readable: known, Writable: [2]bool{true, !b.barred(it, core.HubSpot)}}
	in.Base, in.Heir, in.HasBase = l.Base.Of(conn.RelationKey)
	if conn.IsPersonAccount(sf) {
		in.Rule, known[core.HubSpot], in.Readable[core.HubSpot] = core.AlwaysSalesforce, true, true // its contact has no other account
	}
	r := core.Reconcile([]core.FieldInput{in})[0]
	it.relation = &relating{in: in, result: r, account: now[core.Salesforce], agreed: r.InSync}
	switch {
	case now[0] == "" && now[1] == "" || r.InSync:
		return InSync, core.Decision{Rule: "ACC-13", Outcome: policy.Link}
	case !known[0] || !known[1]:
		return b.waitForAccount(it)
	case r.Write[core.Salesforce] && now[core.HubSpot] != "":
		return InSync, b.relateContact(it, now[core.HubSpot])
	case r.Write[core.HubSpot] && now[core.Salesforce] != "":
		return InSync, b.relateHubSpot(it, now[core.Salesforce])
	}
	return InSync, core.Decision{Rule: "ACC-14", Outcome: policy.None, Facts: map[string]string{"because": "a relation removed on one side is not removed on the other"}}
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

// followMerged knows the account of a side that waits for a person since it, or its company,
// was merged into one with a partner of its own. Who still has it as it was agreed has not been
// moved there, and follows what the merge left on the other side.
func (b *batch) followMerged(it *item, l *core.Link, now *[2]string, known *[2]bool) {
	named := [2]core.Ref{accountRef(core.ID18(valueOf(it.recs[core.Salesforce], conn.RelationKey))), companyRef(primary(it.recs[core.HubSpot]))}
	for _, side := range core.Sides {
		if id := b.formerly(l, side, conn.RelationKey, named[side]); id != "" && known[side.Other()] && now[side.Other()] != "" {
			now[side], known[side] = id, true
		}
	}
}

// formerly is the id in Salesforce of a named record that waits for a person since a merge,
// where the side named it when both agreed; blank for any other.
func (b *batch) formerly(l *core.Link, side core.Side, key string, named core.Ref) string {
	p := b.parents[named]
	if p == nil || p.State != core.LinkParked || !l.Base.Holds(side, key, p.Refs[core.Salesforce].ID) {
		return ""
	}
	return p.Refs[core.Salesforce].ID
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
func (b *batch) waitForAccount(it *item) (Verdict, core.Decision) {
	it.raise(core.Issue{Pair: b.pair, Category: core.CategoryAssociation, Code: "waiting_for_account", Rule: "ERR-3",
		Message: "Waiting for account to sync: the account or company of the record has no partner yet",
		Mend:    "import the account, or see tandem explain for the company; this resolves itself"})
	return Pending, core.Decision{Rule: "ERR-3", Outcome: policy.Wait, Facts: map[string]string{"because": "Waiting for account to sync"}}
}

// relateContact gives the Salesforce contact its account, beside whatever else is
// written to it.
func (b *batch) relateContact(it *item, account string) core.Decision {
	before, _ := it.recs[core.Salesforce].Get(conn.RelationKey)
	rule := "ACC-14"
	if before == "" {
		rule = "AMB-20"
	}
	side := core.Salesforce
	it.relation.writes, it.relation.account = &side, account
	b.alsoWrite(it, side, conn.RelationKey, account, rule)
	if !it.reasons.Has(core.ReasonRetry) { // what was refused is noted once it is taken
		b.noteAccount(it, account)
	}
	return core.Decision{Rule: rule, Outcome: policy.Link, Facts: map[string]string{"account": account}}
}

func (b *batch) relateHubSpot(it *item, account string) core.Decision {
	hs, company := it.recs[core.HubSpot], b.linkedParent(accountRef(account)).Refs[core.HubSpot]
	side := core.HubSpot
	it.relation.writes = &side
	it.extra = append(it.extra, core.Op{Key: b.opKey("associate", hs.Ref), Kind: core.OpAssociate, Pair: b.pair, Target: hs.Ref, Source: it.recs[core.Salesforce].Ref,
		Associate: company, Primary: true, Rule: "ACC-13"})
	return core.Decision{Rule: "ACC-13", Outcome: policy.Link, Facts: map[string]string{"company": company.ID}}
}

// relateNew gives a person who is about to be made the account that the other one
// has, where that is linked. Otherwise it follows with the account's link.
func (b *batch) relateNew(it *item) {
	parent := b.linkedParent(b.parentRef(it.recs[it.from]))
	target := it.from.Other()
	op := it.ops[target]
	if parent == nil || op == nil || op.Target.Object == core.Lead || op.Person != "" {
		return
	}
	if target == core.Salesforce {
		op.Fields[conn.RelationKey] = parent.Refs[target].ID
	} else {
		op.Associate, op.Primary = parent.Refs[target], true
	}
	it.relation = &relating{account: parent.Refs[core.Salesforce].ID, writes: &target}
}

// parentRef is the account of a record of Salesforce, or the company of a HubSpot one;
// zero where there is none, or companies do not sync.
func (b *batch) parentRef(rec *core.Record) core.Ref {
	switch {
	case !b.conn.Settings.Companies.Sync, b.withoutCompany(rec):
	case rec.Ref.Object == core.Contacts, rec.Ref.Object == core.Deals:
		return companyRef(primary(rec))
	case rec.Ref.Object == core.Contact, rec.Ref.Object == core.Opportunity:
		id, _ := rec.Get(conn.RelationKey)
		return accountRef(id)
	}
	return core.Ref{}
}

// advanceRelation moves the base of a person's link once both sides have the
// same account.
func (b *batch) advanceRelation(it *item) {
	l, r := it.activeLink(), it.relation
	if l == nil || r == nil || !r.agreed && !it.related() || r.agreed && r.in.Now[0] != r.in.Now[1] { // apart knowingly, since an undo
		return
	}
	l.Base = core.AdvanceField(l.Base, conn.RelationKey, r.account, r.account)
}

// related reports that the account was written to the side that lacked it.
func (it *item) related() bool {
	switch {
	case it.relation.writes == nil:
		return false
	case *it.relation.writes == core.Salesforce:
		return it.wrote(core.Salesforce, conn.RelationKey)
	}
	for _, op := range it.sent() {
		if !op.Associate.IsZero() && it.outcomes[op.Key].Status == core.Applied {
			return true
		}
	}
	return false
}

// familyReason is why the parents of a person are looked at when the person was:
// what a sweep met is no change of anybody's (ACC-4, INST-8), nor is an opt-out.
func familyReason(person core.Reasons) core.Reasons {
	if person&^(core.ReasonSweep|core.ReasonRetry|core.ReasonOwn|core.ReasonConsent) == 0 {
		return core.ReasonSweep
	}
	return core.ReasonParent
}

// parentMarks are the unlinked accounts and companies of a person: what they may
// do depends on their people, so they are looked at again (ACC-18).
func (b *batch) parentMarks(it *item) []core.Dirty {
	var refs []core.Ref
	if !b.conn.Settings.Companies.Sync {
		return nil
	}
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
	return room.DirtyOf(b.conn.Pairs, refs, familyReason(it.reasons), 0, b.at)
}
