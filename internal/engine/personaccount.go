package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/mapping"
	"tandem/internal/policy"
)

// A person account is an account and the contact behind it, which is no colleague of
// anybody: each of the two rows syncs with its own object pair. The contact may be
// changed by itself; what is made or deleted is the account (SOAP API Developer Guide,
// "Person Account Record Types").

// personFlag tells person accounts and their contacts from others. Orgs without
// person accounts do not have the field.
const personFlag = "IsPersonAccount"

// personContact names the contact behind a person account.
const personContact = "PersonContactId"

// isPersonAccount reports a person account or the contact behind one (CON-10a).
func isPersonAccount(rec *core.Record) bool { return rec != nil && rec.Values[personFlag] == "true" }

// colleagues are the contacts of an account by which companies are told: the one
// behind a person account is the account itself.
func (p *people) colleagues(account string) []*core.Record {
	return slices.DeleteFunc(p.ofAccount(account), isPersonAccount)
}

// decidePersonAccount notes that the item is a person account, and declines where
// those do not sync with the pair's objects (CON-10, LIM-28). It reports whether the
// item is decided.
func (b *batch) decidePersonAccount(it *item) bool {
	sf := it.recs[core.Salesforce]
	if !isPersonAccount(sf) {
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
	if b.pair != core.ContactPair || it.activeLink() != nil || rec == nil || emailOf(rec) == "" {
		return false
	}
	for _, r := range b.folk.sorted() {
		if other := b.folk.recs[r]; b.leavesOut(other) && emailOf(other) == emailOf(rec) {
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
	return rec.Ref.Object == core.Contact && isPersonAccount(rec) && b.conn.Settings.Contacts.PersonAccounts == policy.PersonCompany
}

// withoutCompany reports the contact behind a person account that has no company,
// because those sync with contacts only.
func (b *batch) withoutCompany(rec *core.Record) bool {
	return rec.Ref.Object == core.Contact && isPersonAccount(rec) && b.conn.Settings.Contacts.PersonAccounts == policy.PersonContact
}

// relateAlone takes the account of such a contact as agreed: it has no partner, and
// the companies of the HubSpot contact are nobody's business here.
func (b *batch) relateAlone(it *item) (Verdict, core.Decision) {
	account, _ := it.recs[core.Salesforce].Get(relation)
	it.relation = &relating{account: account, agreed: true}
	return InSync, policy.SyncPersonAccount(b.pair, policy.PersonContact)
}

// takes reports whether the Salesforce record of an item accepts a field at all: the
// name of a person account is made of its parts, it has no parent, and what is a
// person's no other account has (CON-10).
func (b *batch) takes(it *item, field string) bool {
	if !b.conn.persons {
		return true
	}
	person := isPersonAccount(it.recs[core.Salesforce])
	switch {
	case b.pair == core.CompanyPair && person:
		return field != "Name" && field != "ParentId"
	case b.pair == core.CompanyPair:
		return !core.ForPersons(field)
	case it.asPerson:
		f, shown := b.conn.field(core.Account, core.PersonField(field))
		return shown && f.Creatable
	case person:
		return field != relation && field != "RecordTypeId" && field != "ReportsToId"
	}
	return true
}

// field is a field of a Salesforce object as the schema shows it.
func (c *Conn) field(object core.Object, name string) (connector.Field, bool) {
	fields := c.Schemas[core.Salesforce][object].Fields
	i := slices.IndexFunc(fields, func(f connector.Field) bool { return f.Name == name })
	if i < 0 {
		return connector.Field{}, false
	}
	return fields[i], true
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
	field, object := relation, core.Account
	if rec.Ref.Object == core.Account {
		field, object = personContact, core.Contact
	}
	if id, _ := rec.Get(field); isPersonAccount(rec) && id != "" {
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
		it.marks = append(it.marks, room.DirtyOf([]core.Ref{other}, core.ReasonParent, 0, b.at)...)
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

// personTyper is a side that knows person accounts.
type personTyper interface {
	PersonTypes(ctx context.Context) ([]connector.RecordType, error)
}

// openPersons notes whether the org has person accounts, and finds the record type of the person accounts that HubSpot contacts
// become, where the settings make any (LIM-28).
func (c *Conn) openPersons(ctx context.Context) error {
	_, c.persons = c.field(core.Account, personFlag)
	if !c.syncsPeople() || !c.Settings.Contacts.FromHubSpot.Makes(config.BecomesPerson) {
		return nil
	}
	side, ok := c.Sides[core.Salesforce].(personTyper)
	if !c.persons || !ok {
		return &room.Error{Code: room.CodeSchema, Message: "contacts.from_hubspot makes person accounts, and this Salesforce org has none (LIM-28)",
			Mend: "have Salesforce switch person accounts on, or write lead or contact"}
	}
	types, err := side.PersonTypes(ctx)
	if err != nil {
		return err
	}
	c.personType, err = choosePersonType(types, c.Settings.Contacts.PersonRecordType)
	return err
}

// choosePersonType is the record type that is named, or the only one.
func choosePersonType(types []connector.RecordType, named string) (string, error) {
	names := make([]string, len(types))
	for i, t := range types {
		if named != "" && (strings.EqualFold(t.Name, named) || core.ID18(named) == t.ID) {
			return t.ID, nil
		}
		names[i] = t.Name
	}
	switch {
	case named == "" && len(types) == 1:
		return types[0].ID, nil
	case len(types) == 0:
		return "", &room.Error{Code: room.CodeSchema, Message: "contacts.from_hubspot makes person accounts, and no record type for them is active or visible (LIM-28)",
			Mend: "activate one in Salesforce and assign it to the integration user's profile"}
	}
	message := "there are several record types for person accounts (LIM-28): "
	if named != "" {
		message = fmt.Sprintf("%q is no active record type for person accounts (LIM-28); there are ", named)
	}
	return "", &room.Error{Code: room.CodeSchema, Message: message + strings.Join(names, ", "), Mend: "name one of them in contacts.person_record_type"}
}
