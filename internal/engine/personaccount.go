package engine

import (
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/mapping"
	"tandem/internal/policy"
)

// colleagues are the contacts of an account by which companies are told: the one
// behind a person account is the account itself.
func (p *people) colleagues(account string) []*core.Record {
	return slices.DeleteFunc(p.ofAccount(account), conn.IsPersonAccount)
}

// decidePersonAccount notes that the item is a person account, and declines where
// those do not sync with the pair's objects (CON-10, LIM-28). It reports whether the
// item is decided.
func (b *batch) decidePersonAccount(it *item) bool {
	sf := it.recs[core.Salesforce]
	if !conn.IsPersonAccount(sf) {
		return b.decideNamesake(it)
	}
	d := policy.SyncPersonAccount(b.pair, b.conn.Settings.Contacts.PersonAccounts)
	if d.Outcome == policy.OutOfScope {
		it.say(OutOfScope, d)
		return true
	}
	it.decisions = append(it.decisions, d)
	return false
}

// decideNamesake makes nobody of a HubSpot contact who has the address of a person
// account, where those sync with companies only.
func (b *batch) decideNamesake(it *item) bool {
	rec := it.recs[core.HubSpot]
	if b.pair != core.ContactPair || it.activeLink() != nil || rec == nil || conn.EmailOf(rec) == "" {
		return false
	}
	for _, r := range b.folk.named(conn.EmailOf(rec)) {
		if b.leavesOut(b.folk.recs[r]) {
			d := policy.SyncPersonAccount(b.pair, policy.PersonCompany)
			d.Facts["person_account_contact"] = r.String()
			it.say(OutOfScope, d)
			return true
		}
	}
	return false
}

// leavesOut reports a contact that never gets a partner: it stands behind a person
// account, and those sync with companies only.
func (b *batch) leavesOut(rec *core.Record) bool {
	return rec.Ref.Object == core.Contact && conn.IsPersonAccount(rec) && b.conn.Settings.Contacts.PersonAccounts == policy.PersonCompany
}

// withoutCompany reports the contact behind a person account that has no company,
// because those sync with contacts only.
func (b *batch) withoutCompany(rec *core.Record) bool {
	return rec.Ref.Object == core.Contact && conn.IsPersonAccount(rec) && b.conn.Settings.Contacts.PersonAccounts == policy.PersonContact
}

// relateAlone takes the account of such a contact as agreed: it has no partner, and
// the companies of the HubSpot contact are nobody's business here.
func (b *batch) relateAlone(it *item) (Verdict, core.Decision) {
	account, _ := it.recs[core.Salesforce].Get(conn.RelationKey)
	it.relation = &relating{account: account, agreed: true}
	return InSync, policy.SyncPersonAccount(b.pair, policy.PersonContact)
}

// takes reports whether the Salesforce record of an item accepts a field at all: the
// name of a person account is made of its parts, it has no parent, and what is a
// person's no other account has (CON-10).
func (b *batch) takes(it *item, field string) bool {
	if !b.conn.Persons {
		return true
	}
	person := conn.IsPersonAccount(it.recs[core.Salesforce])
	switch {
	case b.pair == core.CompanyPair && person:
		return field != "Name" && field != "ParentId"
	case b.pair == core.CompanyPair:
		return !core.ForPersons(field)
	case it.asPerson:
		f, shown := b.conn.Field(core.Account, core.PersonField(field))
		return shown && f.Creatable
	case person:
		return field != conn.RelationKey && field != "RecordTypeId" && field != "ReportsToId"
	}
	return true
}

// withhold keeps a value back that the Salesforce record does not accept: as where a
// field can only be read, Salesforce's value stands (MAP-15).
func (b *batch) withhold(it *item, f *mapping.Field, in *core.FieldInput) {
	if b.takes(it, f.Names[core.Salesforce]) {
		return
	}
	in.Writable[core.Salesforce] = false
	if it.recs[core.Salesforce] != nil && in.Rule != core.HubSpotOnly && in.Rule != core.DontSync {
		in.Rule = core.AlwaysSalesforce
	}
}

// nameWithheld says of such a field which rule it was.
func (b *batch) nameWithheld(it *item, f *mapping.Field, r *core.FieldResult) {
	if r.Case != core.NotSynced && !b.takes(it, f.Names[core.Salesforce]) {
		r.Rule = "CON-10"
	}
}

// completeLater looks at a new person account once more where some of the contact's
// fields are none that the account shows: they are written to the contact itself.
func (b *batch) completeLater(it *item) {
	for i, f := range b.mapping(it).Synced() {
		if it.results[i].Case == core.TargetReadOnly && f.Writable(core.Salesforce, false) {
			it.later(b.at)
		}
	}
}

// otherRow is the contact behind a person account, or the account before one; zero for
// other records.
func otherRow(rec *core.Record) core.Ref {
	field, object := conn.RelationKey, core.Account
	if rec.Ref.Object == core.Account {
		field, object = conn.PersonContact, core.Contact
	}
	if id, _ := rec.Get(field); conn.IsPersonAccount(rec) && id != "" {
		return core.Ref{Side: core.Salesforce, Object: object, ID: id}
	}
	return core.Ref{}
}

// markOtherRow looks at the other row of a person account whose one row was written:
// the two share values, and each has its own partner.
func (b *batch) markOtherRow(it *item, op *core.Op) {
	rec := it.recs[core.Salesforce]
	if rec == nil || op.Target != rec.Ref || op.Kind != core.OpUpdate || !it.carriesValues(b, core.Salesforce) {
		return
	}
	if other := otherRow(rec); !other.IsZero() {
		it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, []core.Ref{other}, core.ReasonParent, 0, b.at)...)
	}
}

// deletedFor is what has to be deleted so that a record goes: for the contact behind a
// person account the account, for the two go together.
func deletedFor(rec *core.Record) core.Ref {
	if account := otherRow(rec); rec.Ref.Object == core.Contact && !account.IsZero() {
		return account
	}
	return rec.Ref
}
