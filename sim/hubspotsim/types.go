package hubspotsim

import (
	"fmt"
	"strings"
)

// objectType is what a portal knows about a kind of record before any record
// exists. Ids and names follow the vendor's "object type ids" page.
type objectType struct {
	id       string // 0-1
	singular string // contact: the name in messages and in events
	plural   string // contacts: the name in paths
	title    string // Contact: the name in sentences
	modified string // property with the modified stamp
	created  string // property with the creation stamp
	defaults []string
	searched []string   // what a search answers with when no property is named
	queried  []string   // what a free-text query looks at
	required [][]string // one of each group must be given on create
	scope    string     // the noun in crm.objects.<scope>.read
	merges   bool
	pipeline string // property with the pipeline, empty where there is none
	stage    string
}

const (
	typeContact = "0-1"
	typeCompany = "0-2"
	typeDeal    = "0-3"
	typeTicket  = "0-5"
	typeEmail   = "0-49"
	typeTask    = "0-27"
	typeProduct = "0-7"
	typeItem    = "0-8"
	typeLead    = "0-136"
)

func standardTypes() []objectType {
	return append(crmTypes(), activityTypes()...)
}

func crmTypes() []objectType {
	return []objectType{
		{id: typeContact, singular: "contact", plural: "contacts", title: "Contact", modified: "lastmodifieddate", created: "createdate",
			defaults: []string{"email", "firstname", "lastname"},
			searched: []string{"company", "email", "firstname", "lastname", "phone", "website"},
			queried:  []string{"firstname", "lastname", "email", "phone", "hs_additional_emails", "fax", "mobilephone", "company"},
			scope:    "contacts", merges: true},
		{id: typeCompany, singular: "company", plural: "companies", title: "Company", modified: stampProperty, created: "createdate",
			defaults: []string{"name", "domain"}, queried: []string{"website", "phone", "name", "domain"},
			required: [][]string{{"name", "domain"}}, scope: "companies", merges: true},
		{id: typeDeal, singular: "deal", plural: "deals", title: "Deal", modified: stampProperty, created: "createdate",
			defaults: []string{"dealname", "amount", "closedate", "pipeline", "dealstage"},
			queried:  []string{"dealname", "pipeline", "dealstage", "description", "dealtype"},
			required: [][]string{{"dealname"}, {"dealstage"}}, scope: "deals", merges: true, pipeline: "pipeline", stage: "dealstage"},
		{id: typeTicket, singular: "ticket", plural: "tickets", title: "Ticket", modified: stampProperty, created: "createdate",
			defaults: []string{"subject", "content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_category", "hs_ticket_priority"},
			queried:  []string{"subject", "content", "hs_pipeline_stage", "hs_ticket_category"},
			required: [][]string{{"subject"}, {"hs_pipeline_stage"}}, scope: "tickets", merges: true, pipeline: "hs_pipeline", stage: "hs_pipeline_stage"},
		{id: typeProduct, singular: "product", plural: "products", title: "Product", modified: stampProperty, created: "createdate",
			defaults: []string{"name", "description", "price"}, queried: []string{"name", "description", "price", "hs_sku"}, scope: "products"},
		{id: typeItem, singular: "line_item", plural: "line_items", title: "Line item", modified: stampProperty, created: "createdate",
			defaults: []string{"quantity", "amount", "price"}, queried: []string{"name", "description"}, scope: "line_items"},
		{id: typeLead, singular: "lead", plural: "leads", title: "Lead", modified: stampProperty, created: "hs_createdate",
			defaults: []string{"hs_lead_name"}, queried: []string{"hs_lead_name"}, required: [][]string{{"hs_lead_name"}}, scope: "leads"},
	}
}

func activityTypes() []objectType {
	activity := func(id, singular, plural string, required ...string) objectType {
		t := objectType{id: id, singular: singular, plural: plural, title: strings.ToUpper(singular[:1]) + singular[1:],
			modified: stampProperty, created: "hs_createdate", scope: "contacts"}
		for _, name := range required {
			t.required = append(t.required, []string{name})
		}
		return t
	}
	return []objectType{
		activity("0-27", "task", "tasks", "hs_timestamp"),
		activity("0-46", "note", "notes", "hs_timestamp"),
		activity("0-47", "meeting", "meetings", "hs_timestamp"),
		activity("0-48", "call", "calls", "hs_timestamp"),
		activity("0-49", "email", "emails", "hs_timestamp", "hs_email_direction"),
		activity("0-18", "communication", "communications", "hs_timestamp", "hs_communication_channel_type"),
		activity("0-116", "postal_mail", "postal_mail", "hs_timestamp"),
	}
}

const stampProperty = "hs_lastmodifieddate"

// table finds the records of a type by any spelling the API accepts: the name
// in singular or plural, the type id, or a custom object's qualified name.
func (p *Portal) table(spelling string) (*table, *apiError) {
	if t := p.names[strings.ToLower(spelling)]; t != nil {
		return t, nil
	}
	return nil, &apiError{Status: 400, Message: "Unable to infer object type from: " + spelling}
}

func (p *Portal) addTable(t objectType) *table {
	tb := newTable(t, len(p.tables), p.firstID)
	p.tables = append(p.tables, tb)
	for _, name := range []string{t.id, t.singular, t.plural, strings.ReplaceAll(t.plural, "_", "-"), strings.ToUpper(t.singular)} {
		p.names[strings.ToLower(name)] = tb
	}
	return tb
}

func (p *Portal) recordURL(t *table, id uint64) string {
	return fmt.Sprintf("https://%s/contacts/%s/record/%s/%d", uiDomain, p.portalID, t.id, id)
}

const uiDomain = "app.hubspot.com"
