package mapping

import (
	"slices"

	"tandem/internal/core"
)

// peopleDefaults are the mappings of people proposed for a new connection (MAP-10), in
// the order shown. Of rows that name one field of Salesforce the first that works is
// taken. The address is the match key and passes both ways, so that a corrected one
// does not part the two. The company name is a text on leads alone (CON-7); parts that
// Salesforce puts together itself, as Name and MailingAddress, are in no row.
var peopleDefaults = []FieldMap{
	{Salesforce: "Email", HubSpot: "email", Rule: core.TwoWay},
	{Salesforce: "Salutation", HubSpot: "salutation"},
	{Salesforce: "FirstName", HubSpot: "firstname"},
	{Salesforce: "LastName", HubSpot: "lastname"},
	{Salesforce: "Title", HubSpot: "jobtitle"},
	{Salesforce: "Company", HubSpot: "company"},
	{Salesforce: "Phone", HubSpot: "phone"},
	{Salesforce: "MobilePhone", HubSpot: "mobilephone"},
	{Salesforce: "Fax", HubSpot: "fax"},
	{Salesforce: "Street", HubSpot: "address"},
	{Salesforce: "City", HubSpot: "city"},
	{Salesforce: "State", HubSpot: "state"},
	{Salesforce: "PostalCode", HubSpot: "zip"},
	{Salesforce: "Country", HubSpot: "country"},
	{Salesforce: "MailingStreet", HubSpot: "address"},
	{Salesforce: "MailingCity", HubSpot: "city"},
	{Salesforce: "MailingState", HubSpot: "state"},
	{Salesforce: "MailingPostalCode", HubSpot: "zip"},
	{Salesforce: "MailingCountry", HubSpot: "country"},
	{Salesforce: "Website", HubSpot: "website"},
	{Salesforce: "Industry", HubSpot: "industry"},
	{Salesforce: "AnnualRevenue", HubSpot: "annualrevenue"},
	{Salesforce: "NumberOfEmployees", HubSpot: "numberofemployees"},
	{Salesforce: "NumberOfEmployees", HubSpot: "numemployees"},
	{Salesforce: "Status", HubSpot: "hs_lead_status"},
	{Salesforce: "LeadSource", HubSpot: "leadsource"},
	{Salesforce: "Rating", HubSpot: "rating"},
	{Salesforce: "Description", HubSpot: "description"},
	{Salesforce: "OwnerId", HubSpot: "hubspot_owner_id", Rule: core.TwoWay},
}

// OnBoth reports a standard field that leads and contacts have in every org.
func OnBoth(field string) bool {
	return slices.Contains([]string{"Email", "Salutation", "FirstName", "LastName", "Title", "Phone", "MobilePhone", "Fax", "LeadSource", "Description", "OwnerId"}, field)
}

// PeopleDefaults proposes the mappings of the people pair: only fields that both
// sides have and whose types go together on leads and on contacts alike. A choice or a
// number that HubSpot holds as a line of text is shown there and passes one way.
func PeopleDefaults(lead, contact, contacts []FieldDef) []FieldMap {
	sf := [2]map[string]*FieldDef{index(contact), index(lead)}
	hs := index(contacts)
	taken := [2]map[string]bool{{}, {}} // HubSpot properties, by Salesforce object
	done := map[string]bool{}
	var out []FieldMap
	for _, m := range peopleDefaults {
		h := hs[m.HubSpot]
		if h == nil || done[m.Salesforce] {
			continue
		}
		var on []*FieldDef
		free := true
		for i := range sf {
			if s := sf[i][m.Salesforce]; s != nil {
				on, free = append(on, s), free && !taken[i][m.HubSpot]
			}
		}
		if !free || !fitted(&m, on, h) {
			continue
		}
		for i := range sf {
			taken[i][m.HubSpot] = taken[i][m.HubSpot] || sf[i][m.Salesforce] != nil
		}
		done[m.Salesforce] = true
		out = append(out, m)
	}
	return out
}

// fitted completes a row for the field's definitions on the objects that have it, and
// reports whether it works on all of them.
func fitted(m *FieldMap, on []*FieldDef, hs *FieldDef) bool {
	if len(on) == 0 || hs.Calculated || !hs.Updatable {
		return false
	}
	for _, s := range on {
		kind, mismatch := pairKind(s, hs)
		switch {
		case s.Calculated || !s.Creatable && !s.Updatable:
			return false
		case mismatch != "" && !shownAsText(s, hs):
			return false
		case mismatch != "":
			m.Rule, m.Transform[core.HubSpot] = core.AlwaysSalesforce, valueName
		case kind == Choice || kind == Choices:
			m.Values = proposeChoices(allOptions(on), hs.Options, s.Restricted)
		}
	}
	return true
}

// shownAsText reports a choice or a number for a line of text in HubSpot.
func shownAsText(sf, hs *FieldDef) bool {
	kind := ownKind(sf)
	return hubspotShape(hs).family == familyText && hs.FieldType != "html" && (kind == Choice || kind == Number)
}

// allOptions are the choices of one field on several objects, each once.
func allOptions(defs []*FieldDef) []Option {
	var out []Option
	for _, d := range defs {
		for _, o := range d.Options {
			if !slices.ContainsFunc(out, func(have Option) bool { return have.Value == o.Value }) {
				out = append(out, o)
			}
		}
	}
	return out
}
