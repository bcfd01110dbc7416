package salesforcesim

import (
	"slices"
	"strings"

	"tandem/sim/salesforcesim/soql"
)

// A person account is an account with a record type for persons and one contact
// behind it, which people do not see apart. The account shows the contact's
// fields, with "Person" before the name or "__pc" after it, and a write of either
// row reaches both (SOAP API Guide, "Person Account Record Types"; Object
// Reference, "Account", "IsPersonAccount Fields").

// personFields are the contact's fields that accounts show as Person….
var personFields = []string{"MobilePhone", "HomePhone", "OtherPhone", "AssistantPhone", "Email", "Title", "Department", "AssistantName", "LeadSource", "Birthdate",
	"HasOptedOutOfEmail", "HasOptedOutOfFax", "DoNotCall", "LastCURequestDate", "LastCUUpdateDate", "EmailBouncedReason", "EmailBouncedDate", "IndividualId"}

// sharedFields are columns of an account that its person contact has as well.
var sharedFields = []string{"Phone", "Fax", "OwnerId"}

// personTitle is shorter than the title of other contacts.
const personTitle = 80

// EnablePersonAccounts switches person accounts on. There is no way back, as in
// the real org: accounts and contacts get columns, and accounts two record types.
func (o *Org) EnablePersonAccounts() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.persons {
		return
	}
	o.persons = true
	account, contact := o.objects["account"], o.objects["contact"]
	personType := flag("IsPersonType", "Is Person Type").readonly().fixed()
	o.objects["recordtype"].add(&personType)
	for _, t := range [][2]string{{"Business Account", "Business_Account"}, {"Person Account", "PersonAccount"}} {
		id := o.seed("RecordType", "Name", t[0], "DeveloperName", t[1], "SobjectType", "Account", "IsPersonType", t[1] == "PersonAccount")
		o.applyRecordType(change{after: o.find(id)})
	}
	o.addPersonColumns(account, contact)
	o.objects["lead"].field("Company").required = false
	for _, ob := range []*object{account, contact, o.objects["recordtype"], o.objects["lead"]} {
		o.touchSchema(ob)
	}
}

func (o *Org) addPersonColumns(account, contact *object) {
	is := computed(flag("IsPersonAccount", "Is Person Account").fixed().silent(), func(o *Org, r *record) value { return soql.Bool(o.isPerson(r)) })
	account.add(&is)
	after := "Name"
	for _, name := range []string{"LastName", "FirstName", "Salutation"} {
		f := twin(contact.field(name), name)
		account.addAfter(after, f)
		after = name
	}
	behind := ref("PersonContactId", "Contact ID", "PersonContact", "", "Contact").readonly().fixed()
	account.add(&behind)
	for _, kind := range []string{"Mailing", "Other"} {
		for _, f := range address("Person"+kind, kind) {
			f.person = contact.field(strings.TrimPrefix(f.name, "Person"))
			account.add(&f)
		}
	}
	if o.places {
		o.addCodes(account, "PersonMailing")
		o.addCodes(account, "PersonOther")
	}
	for _, name := range personFields {
		f := twin(contact.field(name), "Person"+name)
		account.add(f)
	}
	account.field("PersonTitle").length = personTitle
	of := computed(flag("IsPersonAccount", "Is Person Account").fixed(), func(o *Org, r *record) value { return soql.Bool(o.personOf(r) != nil) })
	contact.addAfter("AccountId", &of)
	for _, f := range contact.fields {
		if f.custom {
			o.mirrorCustomField(f.name)
		}
	}
}

// twin is a contact's column as accounts show it. Field-level security is that
// of the contact's column.
func twin(of *field, name string) *field {
	f := *of
	f.name, f.person, f.object = name, of, nil
	f.required, f.nameField, f.permissionable, f.indexed = false, false, false, false
	f.def, f.childRelation, f.id = value{}, "", ""
	if f.relation != "" {
		f.relation = "Person" + f.relation
	}
	if of.compute != nil || of.formula != nil || of.numbering != nil {
		f.formula, f.numbering, f.createable, f.updateable = nil, nil, false, false
		f.compute = func(o *Org, r *record) value {
			if behind := o.find(r.named("PersonContactId").Str()); behind != nil {
				return o.value(behind, of)
			}
			return value{}
		}
	}
	return &f
}

// mirrorCustomField brings the account's column in line with a contact's own
// one: Level__c shows there as Level__pc.
func (o *Org) mirrorCustomField(name string) {
	if !o.persons {
		return
	}
	account, of := o.objects["account"], o.objects["contact"].field(name)
	mine := strings.TrimSuffix(name, "__c") + "__pc"
	have := account.field(mine)
	switch {
	case of == nil && have != nil:
		account.drop(have)
	case of != nil && have == nil:
		account.add(twin(of, mine))
	case of != nil:
		idx := have.idx
		*have = *twin(of, mine)
		have.object, have.idx = account, idx
		have.indexed = have.wantsIndex()
		account.reindexField(have)
		account.records.buildIndex(have)
	}
	o.touchSchema(account)
}

// isPerson reports that an account's record type is one for persons.
func (o *Org) isPerson(account *record) bool {
	if !o.persons || account == nil {
		return false
	}
	kind := o.find(account.named("RecordTypeId").Str())
	return kind != nil && kind.named("IsPersonType").Bool()
}

// personOf gives the person account that a contact stands behind, or nil.
func (o *Org) personOf(contact *record) *record {
	if !o.persons || contact.object.name != "Contact" {
		return nil
	}
	account := o.find(contact.named("AccountId").Str())
	if account == nil || account.named("PersonContactId").Str() != contact.id || contact.id == "" {
		return nil
	}
	return account
}

// mirrored lists the columns that both rows of a person have: the account's and
// the contact's.
func (o *Org) mirrored() (pairs [][2]*field) {
	account, contact := o.objects["account"], o.objects["contact"]
	for _, f := range account.fields {
		if f.person != nil && f.compute == nil {
			pairs = append(pairs, [2]*field{f, f.person})
		}
	}
	for _, name := range sharedFields {
		pairs = append(pairs, [2]*field{account.field(name), contact.field(name)})
	}
	return pairs
}

// defaultPersonType is the record type of a person account that names none.
func (o *Org) defaultPersonType() string {
	for _, r := range o.recordTypes(o.objects["account"]) {
		if r.named("IsPersonType").Bool() && r.named("IsActive").Bool() {
			return r.id
		}
	}
	return ""
}

// badNames refuses columns that accounts of the other family have.
func badNames(names []string) rowErrors {
	return refuse("INVALID_FIELD_FOR_INSERT_UPDATE", "Account: bad field names on insert/update call: "+strings.Join(names, ", "), names...)
}

// asPerson does what a write of an account or contact must obey where there are
// person accounts: columns of its own family only, a name made of its parts, and
// a change of family in a call of its own.
func (t *tx) asPerson(before, after *record, sets []assignment) rowErrors {
	switch {
	case !t.o.persons:
		return nil
	case after.object.name == "Contact":
		return t.checkPersonContact(before, after)
	case after.object.name != "Account":
		return nil
	}
	if before == nil {
		t.choosePersonType(after)
	}
	if before != nil && t.o.isPerson(before) != t.o.isPerson(after) {
		return t.changeFamily(before, after, sets)
	}
	if !t.o.isPerson(after) {
		return onlyBusiness(sets)
	}
	for _, a := range sets {
		if a.f.name == "Name" {
			return badNames([]string{"Name"})
		}
	}
	if after.named("LastName").IsNull() {
		return refuse("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", "LastName")
	}
	after.put(after.object.field("Name"), personNameOf(t.o, after))
	return nil
}

// choosePersonType: an account that is given a last name and no record type is a
// person.
func (t *tx) choosePersonType(after *record) {
	if after.named("RecordTypeId").IsNull() && !after.named("LastName").IsNull() && after.named("Name").IsNull() {
		after.put(after.object.field("RecordTypeId"), soql.Text(t.o.defaultPersonType()))
	}
}

func onlyBusiness(sets []assignment) rowErrors {
	var bad []string
	for _, a := range sets {
		if a.f.person != nil && !a.v.IsNull() {
			bad = append(bad, a.f.name)
		}
	}
	if bad == nil {
		return nil
	}
	return badNames(bad)
}

// changeFamily makes a person of a business and its only contact, or parts them
// again. The call may set nothing but the record type.
func (t *tx) changeFamily(before, after *record, sets []assignment) rowErrors {
	var also []string
	for _, a := range sets {
		if a.f.name != "RecordTypeId" {
			also = append(also, a.f.name)
		}
	}
	if also != nil {
		return refuse("INVALID_FIELD_FOR_INSERT_UPDATE", "Cannot specify any additional fields when marrying or separating a Person-Account", also...)
	}
	var next []assignment
	if !t.o.isPerson(after) {
		for _, pair := range t.o.mirrored() {
			if pair[0].person != nil {
				next = append(next, assignment{pair[0], value{}})
			}
		}
		after.puts(append(next, assignment{after.object.field("PersonContactId"), value{}}))
		return nil
	}
	contact, errs := t.onlyContact(before)
	if errs != nil {
		return errs
	}
	for _, pair := range t.o.mirrored() {
		next = append(next, assignment{pair[0], contact.at(pair[1])})
	}
	after.puts(append(next, assignment{after.object.field("PersonContactId"), soql.Text(contact.id)}))
	after.put(after.object.field("Name"), personNameOf(t.o, after))
	return nil
}

// onlyContact gives the contact that is to stand behind an account.
func (t *tx) onlyContact(account *record) (*record, rowErrors) {
	of := t.o.objects["contact"].field("AccountId")
	rows := of.object.records.withValue(of, strings.ToLower(account.id))
	rows = slices.DeleteFunc(rows, func(r *record) bool { return r.deleted })
	if len(rows) != 1 {
		return nil, refuse("FIELD_INTEGRITY_EXCEPTION", "a business account needs exactly one contact to become a person account", "RecordTypeId")
	}
	if rows[0].named("OwnerId") != account.named("OwnerId") {
		return nil, refuse("FIELD_INTEGRITY_EXCEPTION", "the account and its contact need the same owner to become a person account", "RecordTypeId")
	}
	return rows[0], nil
}

// checkPersonContact: nobody else becomes a contact of a person, and a person's
// contact stays where it is and keeps its record type (Salesforce Help, "RecordTypeId
// cannot be updated on the Person Contact entity").
func (t *tx) checkPersonContact(before, after *record) rowErrors {
	if kind := after.object.field("RecordTypeId"); before != nil && kind != nil && t.o.personOf(before) != nil && before.at(kind) != after.at(kind) {
		return refuse("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
	}
	if before != nil && before.named("AccountId") == after.named("AccountId") {
		return nil
	}
	if t.o.isPerson(t.o.find(after.named("AccountId").Str())) {
		return refuse("FIELD_INTEGRITY_EXCEPTION", "a person account has no other contacts", "AccountId")
	}
	if before != nil && t.o.personOf(before) != nil {
		return refuse("FIELD_INTEGRITY_EXCEPTION", "the contact of a person account cannot be moved", "AccountId")
	}
	return nil
}

// nameContact settles the id of the contact behind a new person.
func (t *tx) nameContact(before, after *record) {
	if before == nil && after.object.name == "Account" && t.o.isPerson(after) {
		after.put(after.object.field("PersonContactId"), soql.Text(t.o.newID(t.o.objects["contact"])))
	}
}

// mirror has the other row of a person follow a write of the one. Both are
// stamped, whatever changed.
func (t *tx) mirror(before, after *record) {
	if after.object.name == "Contact" {
		if account := t.o.personOf(after); account != nil {
			t.mirrorContact(account, after)
		}
		return
	}
	if after.object.name != "Account" || !t.o.isPerson(after) || before != nil && !t.o.isPerson(before) {
		return
	}
	contact := t.o.objects["contact"]
	var sets []assignment
	for _, pair := range t.o.mirrored() {
		sets = append(sets, assignment{pair[1], after.at(pair[0])})
	}
	id := after.named("PersonContactId").Str()
	have := contact.records.find(id)
	if have == nil {
		r := &record{object: contact, id: id, created: after.created, createdBy: after.createdBy}
		r.puts(append(sets, assignment{contact.field("AccountId"), soql.Text(after.id)}))
		t.fillDefaults(r)
		t.stamp(r)
		t.write(nil, r)
		return
	}
	next := have.with(sets)
	t.stamp(next)
	t.write(have, next)
}

func (t *tx) mirrorContact(account, contact *record) {
	var sets []assignment
	for _, pair := range t.o.mirrored() {
		sets = append(sets, assignment{pair[0], contact.at(pair[1])})
	}
	next := account.with(append(sets, assignment{account.object.field("Name"), personNameOf(t.o, contact)}))
	t.stamp(next)
	t.write(account, next)
}
