package salesforcesim

import (
	"cmp"
	"strings"
	"time"

	"tandem/sim/salesforcesim/soql"
)

// leadToAccount and leadToContact say which lead fields a conversion copies;
// an existing target gets only what it lacks.
var leadToAccount = [][2]string{
	{"Company", "Name"}, {"Phone", "Phone"}, {"Fax", "Fax"}, {"Website", "Website"}, {"Industry", "Industry"}, {"AnnualRevenue", "AnnualRevenue"},
	{"NumberOfEmployees", "NumberOfEmployees"}, {"Rating", "Rating"}, {"Street", "BillingStreet"}, {"City", "BillingCity"}, {"State", "BillingState"},
	{"PostalCode", "BillingPostalCode"}, {"Country", "BillingCountry"}, {"LeadSource", "AccountSource"}, {"CompanyDunsNumber", "DunsNumber"},
}

var leadToContact = [][2]string{
	{"FirstName", "FirstName"}, {"LastName", "LastName"}, {"Salutation", "Salutation"}, {"Title", "Title"}, {"Phone", "Phone"}, {"MobilePhone", "MobilePhone"},
	{"Fax", "Fax"}, {"Email", "Email"}, {"LeadSource", "LeadSource"}, {"Description", "Description"}, {"Street", "MailingStreet"}, {"City", "MailingCity"},
	{"State", "MailingState"}, {"PostalCode", "MailingPostalCode"}, {"Country", "MailingCountry"}, {"HasOptedOutOfEmail", "HasOptedOutOfEmail"},
	{"HasOptedOutOfFax", "HasOptedOutOfFax"}, {"DoNotCall", "DoNotCall"},
}

// convert turns a lead into an account, a contact and, unless told not to, an
// opportunity; the lead stays, closed. All is one transaction in this order.
func (t *tx) convert(id string, how Convert) (Converted, rowErrors) {
	var out Converted
	lead, errs := t.live(t.o.objects["lead"], id)
	if errs != nil {
		return out, errs
	}
	if lead.named("IsConverted").Bool() {
		return out, refuse("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
	}
	if how.Status == "" {
		how.Status = convertedStatus
	}
	if how.Status != convertedStatus {
		return out, refuse("INVALID_STATUS", "invalid convertedStatus: "+how.Status)
	}
	owner := lead.named("OwnerId")
	if how.OwnerID != "" {
		owner = soql.Text(how.OwnerID)
	}
	if strings.HasPrefix(owner.Str(), "00G") {
		return out, refuse("FIELD_INTEGRITY_EXCEPTION", "a lead owned by a queue needs an owner for what it becomes", "ownerId")
	}
	if t.o.persons && lead.named("Company").IsNull() {
		out.AccountID, out.ContactID, errs = t.convertPerson(lead, how, owner)
	} else {
		out.AccountID, out.ContactID, errs = t.convertBusiness(lead, how, owner)
	}
	if errs != nil {
		return out, errs
	}
	if !how.NoOpportunity {
		if out.OpportunityID, errs = t.convertOpportunity(lead, how, out, owner); errs != nil {
			return out, errs
		}
	}
	return out, t.closeLead(lead, how, out)
}

// convertBusiness makes an account and its contact of a lead with a company.
func (t *tx) convertBusiness(lead *record, how Convert, owner value) (account, contact string, errs rowErrors) {
	if t.o.isPerson(t.o.find(how.AccountID)) {
		return "", "", refuse("FIELD_INTEGRITY_EXCEPTION", "a lead with a company does not convert to a person account", "accountId")
	}
	if account, errs = t.target("Account", how.AccountID, lead, leadToAccount, nil, owner); errs != nil {
		return "", "", errs
	}
	contact, errs = t.convertContact(lead, how, account, owner)
	return account, contact, errs
}

// convertPerson makes a person account of a lead without a company.
func (t *tx) convertPerson(lead *record, how Convert, owner value) (account, contact string, errs rowErrors) {
	switch {
	case how.ContactID != "":
		return "", "", refuse("INVALID_CROSS_REFERENCE_KEY", "a lead that converts to a person account takes the account only", "contactId")
	case how.AccountID != "" && !t.o.isPerson(t.o.find(how.AccountID)):
		return "", "", refuse("FIELD_INTEGRITY_EXCEPTION", "a lead without a company converts to a person account only", "accountId")
	case len(lead.named("Title").Str()) > personTitle:
		return "", "", refuse("STRING_TOO_LONG", "Title: data value too large: "+lead.named("Title").Str()+" (max length=80)", "PersonTitle")
	}
	if account, errs = t.target("Account", how.AccountID, lead, t.o.leadToPerson(), nil, owner); errs != nil {
		return "", "", errs
	}
	return account, t.o.find(account).named("PersonContactId").Str(), nil
}

// leadToPerson says which lead fields a person account gets: those of accounts
// and of contacts, without the company's.
func (o *Org) leadToPerson() [][2]string {
	var out [][2]string
	for _, pair := range leadToAccount {
		if !strings.HasPrefix(pair[0], "Company") {
			out = append(out, pair)
		}
	}
	for _, pair := range leadToContact {
		for _, f := range o.objects["account"].fields {
			if f.person != nil && f.person.name == pair[1] {
				out = append(out, [2]string{pair[0], f.name})
			}
		}
	}
	return out
}

func (t *tx) convertContact(lead *record, how Convert, account string, owner value) (string, rowErrors) {
	contact := t.o.objects["contact"]
	extra := []assignment{{contact.field("AccountId"), soql.Text(account)}}
	if how.ContactID != "" {
		have, errs := t.live(contact, how.ContactID)
		if errs != nil {
			return "", errs
		}
		if have.named("AccountId").Str() != account {
			return "", refuse("INVALID_CROSS_REFERENCE_KEY", "the contact does not belong to the account", "contactId")
		}
		extra = nil
		if how.OverwriteLeadSource {
			extra = []assignment{{contact.field("LeadSource"), lead.named("LeadSource")}}
		}
	}
	return t.target("Contact", how.ContactID, lead, leadToContact, extra, owner)
}

// target creates what a lead becomes, or fills the gaps of what exists.
func (t *tx) target(objectName, id string, lead *record, copies [][2]string, extra []assignment, owner value) (string, rowErrors) {
	ob := t.o.objects[strings.ToLower(objectName)]
	var have *record
	if id != "" {
		var errs rowErrors
		if have, errs = t.live(ob, id); errs != nil {
			return "", errs
		}
	}
	sets := extra
	for _, pair := range copies {
		f, v := ob.field(pair[1]), lead.named(pair[0])
		if !v.IsNull() && (have == nil || f.typ != "boolean" && have.at(f).IsNull()) {
			sets = append(sets, assignment{f, v})
		}
	}
	if have == nil {
		return t.insert(ob, append(sets, assignment{ob.field("OwnerId"), owner}))
	}
	if len(sets) == 0 {
		return have.id, nil
	}
	return have.id, t.update(ob, have.id, sets)
}

func (t *tx) convertOpportunity(lead *record, how Convert, made Converted, owner value) (string, rowErrors) {
	name := how.OpportunityName
	if name == "" {
		name = cmp.Or(lead.named("Company").Str(), personNameOf(t.o, lead).Str()) + "-"
	}
	ob := t.o.objects["opportunity"]
	quarterEnd := endOfQuarter(time.Unix(t.at, 0).UTC())
	id, errs := t.insert(ob, []assignment{
		{ob.field("Name"), soql.Text(cut(name, 120, true))}, {ob.field("AccountId"), soql.Text(made.AccountID)}, {ob.field("StageName"), soql.Text(builtInStages[0].name)},
		{ob.field("CloseDate"), soql.Date(quarterEnd.Format(time.DateOnly))}, {ob.field("LeadSource"), lead.named("LeadSource")}, {ob.field("OwnerId"), owner},
	})
	if len(errs) > 0 {
		return "", errs
	}
	role := t.o.objects["opportunitycontactrole"]
	_, errs = t.insert(role, []assignment{
		{role.field("OpportunityId"), soql.Text(id)}, {role.field("ContactId"), soql.Text(made.ContactID)}, {role.field("IsPrimary"), soql.Bool(true)},
	})
	return id, errs
}

func endOfQuarter(t time.Time) time.Time {
	first := time.Date(t.Year(), t.Month()-(t.Month()-1)%3, 1, 0, 0, 0, 0, time.UTC)
	return first.AddDate(0, 3, -1)
}

// closeLead marks the lead converted and moves what hangs on it.
func (t *tx) closeLead(lead *record, how Convert, made Converted) rowErrors {
	current := lead.object.records.find(lead.id)
	ob := lead.object
	next := current.with([]assignment{
		{ob.field("IsConverted"), soql.Bool(true)}, {ob.field("Status"), soql.Text(how.Status)},
		{ob.field("ConvertedDate"), soql.Date(time.Unix(t.at, 0).UTC().Format(time.DateOnly))}, {ob.field("ConvertedAccountId"), soql.Text(made.AccountID)},
		{ob.field("ConvertedContactId"), soql.Text(made.ContactID)}, {ob.field("ConvertedOpportunityId"), soql.Text(made.OpportunityID)}, {ob.field("IsUnreadByOwner"), soql.Bool(false)},
	})
	t.stamp(next)
	t.write(current, next)
	t.moveActivities(lead.id, made)
	t.moveMembers(lead.id, made.ContactID)
	return nil
}

// moveActivities gives the lead's tasks and events to the contact, related to the
// opportunity, or to the account where none was made.
func (t *tx) moveActivities(lead string, made Converted) {
	what := soql.Text(cmp.Or(made.OpportunityID, made.AccountID))
	for _, name := range []string{"task", "event"} {
		ob := t.o.objects[name]
		for r := range t.o.related(name, "WhoId", lead) {
			moved := r.with([]assignment{{ob.field("WhoId"), soql.Text(made.ContactID)}, {ob.field("WhatId"), what}})
			t.stamp(moved)
			t.write(r, moved)
		}
	}
}

// moveMembers makes the lead's campaign members those of the contact as well,
// except where the contact is a member of the campaign already.
func (t *tx) moveMembers(lead, contact string) {
	for m := range t.o.related("campaignmember", "LeadId", lead) {
		already := false
		for other := range t.o.related("campaignmember", "ContactId", contact) {
			already = already || other.named("CampaignId") == m.named("CampaignId")
		}
		if already {
			continue
		}
		moved := m.with([]assignment{{m.object.field("ContactId"), soql.Text(contact)}})
		t.stamp(moved)
		t.write(m, moved)
	}
}
