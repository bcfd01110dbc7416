package simtest

import (
	"maps"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/policy"
	"tandem/sim/salesforcesim"
)

// standings are the states, by name.
func standings() map[string]standing {
	out := map[string]standing{}
	for _, some := range []map[string]standing{newcomers, partners, outsiders, gones, consents, ownings, refusals} {
		maps.Copy(out, some)
	}
	return out
}

// old is the state of a person from before the switch.
func old(object core.Object, email string) func(w *World) string {
	return func(w *World) string { return w.shownBy(object, email) }
}

// fromBefore makes a record from before the switch.
func fromBefore(object core.Object, fields ...string) Option {
	return existed(func(w *World) { w.made(object, fields...) })
}

// shownBy is the id of the record that has a value in its e-mail address.
func (w *World) shownBy(object core.Object, email string) string {
	w.T.Helper()
	if inPortal(object) {
		out := w.portalCall("POST", "/crm/v3/objects/"+string(object)+"/search", map[string]any{"limit": 1, "filterGroups": []any{
			map[string]any{"filters": []any{map[string]any{"propertyName": "email", "operator": "EQ", "value": email}}}}})
		return out["results"].([]any)[0].(map[string]any)["id"].(string)
	}
	rows, err := w.Org.As(admin).Query("SELECT Id FROM " + string(object) + " WHERE Email = '" + email + "'")
	w.must(err)
	return rows[0]["Id"].(string)
}

// makes is the state of a record that was just made.
func makes(object core.Object, fields ...string) func(w *World) string {
	return func(w *World) string { return w.made(object, fields...) }
}

// listOfOslo is the inclusion list of people in Oslo.
func listOfOslo() Option { return members(nil, "Oslo") }

// newcomers are people without a partner.
var newcomers = map[string]standing{
	"a new lead":                           {rules: "CON-2", with: []Option{people()}, reach: makes(core.Lead, "LastName", "A", "Company", "Co", "Email", "a@x.com")},
	"a new lead beside a list":             {rules: "CON-2 INC-9", with: []Option{listOfOslo()}, reach: makes(core.Lead, "LastName", "A", "Company", "Co", "Email", "a@x.com")},
	"a new HubSpot contact":                {rules: "CON-3 INC-1", with: []Option{people()}, reach: makes(core.Contacts, "lastname", "A", "company", "Co", "email", "a@x.com")},
	"a lead from before":                   {rules: "CON-1 IMP-1 IMP-2 LIM-30 IMP-5", with: []Option{people(), fromBefore(core.Lead, "LastName", "A", "Company", "Co", "Email", "a@x.com")}, reach: old(core.Lead, "a@x.com")},
	"a HubSpot contact from before":        {rules: "CON-1 IMP-1 IMP-5", with: []Option{people(), fromBefore(core.Contacts, "lastname", "A", "company", "Co", "email", "a@x.com")}, reach: old(core.Contacts, "a@x.com")},
	"in the list when it was chosen":       {rules: "CON-1 INC-5", with: []Option{listOfOslo(), existed(func(w *World) { w.resident("A", "Oslo") })}, reach: old(core.Contacts, "a@x.com")},
	"a HubSpot contact without an address": {rules: "CON-6", with: []Option{people()}, reach: makes(core.Contacts, "lastname", "A", "company", "Co")},
	"a lead without an address":            {rules: "IMP-3", with: []Option{people()}, reach: makes(core.Lead, "LastName", "A", "Company", "Co")},
	"a HubSpot contact without a company":  {rules: "CON-8 AMB-4 ERR-9", with: []Option{people()}, reach: makes(core.Contacts, "lastname", "A", "email", "a@x.com")},
	"where the org has person accounts":    {rules: "CON-11", with: []Option{Org(withPersons), people()}, reach: makes(core.Contacts, "lastname", "A", "email", "a@x.com")},
	"people of Salesforce do nothing": {rules: "SET-2", with: []Option{people(func(c *config.Connection) { c.Contacts.FromSalesforce = policy.DoNothing })},
		reach: makes(core.Lead, "LastName", "A", "Company", "Co", "Email", "a@x.com")},
	"no rule of from_hubspot holds": {rules: "LIM-5", with: []Option{people(func(c *config.Connection) {
		c.Contacts.FromHubSpot = config.PersonChoice{Rules: []config.PersonRule{{When: `company == "Z"`, Create: config.BecomesLead}}}
	})}, reach: makes(core.Contacts, "lastname", "A", "company", "Co", "email", "a@x.com")},
	"a person account that syncs with companies": {rules: "LIM-28 CON-10a", with: []Option{Org(withPersons), people(persons(policy.PersonCompany))}, reach: func(w *World) string {
		_, behind := w.personAccount("LastName", "A", "PersonEmail", "a@x.com")
		return behind
	}},
}

// synced makes a record and lets it sync.
func synced(object core.Object, fields ...string) func(w *World) string {
	return func(w *World) string {
		id := w.made(object, fields...)
		w.Sync()
		w.again()
		w.wantMate(id)
		return id
	}
}

// threeOfOne are a lead, a contact and a HubSpot contact with one address, from before the
// switch.
func threeOfOne() []Option {
	return []Option{people(), existed(func(w *World) {
		w.leadOf("a@x.com", "A")
		w.made(core.Contact, "LastName", "A", "Email", "a@x.com")
		w.made(core.Contacts, "lastname", "A", "email", "a@x.com", "company", "Co")
	})}
}

// foundFrom imports HubSpot alone, so that one side finds the other, and asks about the contact.
func foundFrom(w *World) string {
	id := w.shownBy(core.Contacts, "a@x.com")
	w.importing(core.ContactPair, core.HubSpot)
	return id
}

// askedAbout imports first the HubSpot contact, and then those of Salesforce, of whom the one
// of an object is asked about.
func askedAbout(object core.Object) func(w *World) string {
	return func(w *World) string {
		w.importing(core.ContactPair, core.HubSpot)
		w.importing(core.ContactPair, core.Salesforce)
		return w.shownBy(object, "a@x.com")
	}
}

// carrying are a person of Salesforce and a HubSpot contact that carries the id, with another
// address, from before the switch.
func carrying(object core.Object, property string) []Option {
	return []Option{people(), existed(func(w *World) {
		w.ensure()
		fields := []string{"LastName", "A", "Email", "c@x.com"}
		if object == core.Lead {
			fields = append(fields, "Company", "Co")
		}
		w.made(core.Contacts, "email", "a@x.com", "lastname", "A", "company", "Co", property, w.made(object, fields...))
	})}
}

// broughtIn imports both sides, and asks about the record of Salesforce.
func broughtIn(object core.Object) func(w *World) string {
	return func(w *World) string {
		w.importing(core.ContactPair, core.Sides[:]...)
		return w.shownBy(object, "c@x.com")
	}
}

// partners are people who have a partner, or are about to be linked with one.
var partners = map[string]standing{
	"in step":           {rules: "LIM-6 CON-2", with: []Option{people()}, reach: synced(core.Lead, "LastName", "A", "Company", "Co", "Email", "a@x.com")},
	"a contact in step": {rules: "CON-7 MAP-9 CON-9", with: []Option{people()}, reach: synced(core.Contact, "LastName", "A", "Email", "a@x.com")},
	"found by the address": {rules: "CON-4 SET-6 DEDUP-1", with: []Option{people(), existed(func(w *World) {
		w.leadOf("a@x.com", "A")
		w.made(core.Contacts, "lastname", "A", "email", "a@x.com", "company", "Co")
	})}, reach: foundFrom},
	"one of several with the address": {rules: "DEDUP-2 LIM-6", with: threeOfOne(), reach: askedAbout(core.Contact)},
	"another one has the partner":     {rules: "DEDUP-9 DEDUP-2 DEDUP-3 ERR-5", with: threeOfOne(), reach: askedAbout(core.Lead)},
	"edited in Salesforce": {rules: "TRIG-3", with: []Option{people(), fromBefore(core.Lead, "LastName", "A", "Company", "Co", "Email", "a@x.com")}, reach: func(w *World) string {
		id := w.shownBy(core.Lead, "a@x.com")
		w.change(core.Lead, id, "City", "Rome")
		w.Sync()
		return id
	}},
	"edited in HubSpot": {rules: "TRIG-2", with: []Option{people(), fromBefore(core.Contacts, "lastname", "A", "company", "Co", "email", "a@x.com")}, reach: func(w *World) string {
		id := w.shownBy(core.Contacts, "a@x.com")
		w.change(core.Contacts, id, "city", "Rome")
		w.Sync()
		return id
	}},
	"joined the list": {rules: "TRIG-8", with: []Option{members(nil, "Oslo"), existed(func(w *World) { w.resident("A", "Rome") })}, reach: func(w *World) string {
		w.settleLists()
		w.Sync()
		w.refilter("Oslo", "Rome")
		w.Sync()
		return w.shownBy(core.Contacts, "a@x.com")
	}},
	"found by the id of a lead":    {rules: "PROP-1", with: carrying(core.Lead, "salesforceleadid"), reach: broughtIn(core.Lead)},
	"found by the id of a contact": {rules: "PROP-2", with: carrying(core.Contact, "salesforcecontactid"), reach: broughtIn(core.Contact)},
	"a person account": {rules: "CON-10 CON-10a", with: []Option{Org(withPersons), people()}, reach: func(w *World) string {
		_, behind := w.personAccount("LastName", "A", "PersonEmail", "a@x.com")
		w.Sync()
		w.again()
		return behind
	}},
	"a lead whose contact has a company": {rules: "SET-3", with: []Option{people()}, reach: func(w *World) string {
		hs := w.made(core.Contacts, "email", "a@x.com", "lastname", "A", "company", "Zeta")
		w.company("Zeta", hs)
		w.Sync()
		w.again()
		return hs
	}},
	"a contact whose company got an account": {rules: "AMB-20 CON-9", with: []Option{people()}, reach: func(w *World) string {
		contact := synced(core.Contact, "LastName", "A", "Email", "a@x.com")(w)
		_, company := w.linked("Edge")
		w.must(w.Portal.As(admin).Associate("contacts", w.wantMate(contact), "companies", company))
		return contact
	}},
	"a converted lead": {rules: "CON-5", with: []Option{people()}, reach: func(w *World) string {
		lead := synced(core.Lead, "LastName", "A", "Company", "Co", "Email", "a@x.com")(w)
		_, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{NoOpportunity: true})
		w.must(err)
		return lead
	}},
	"several candidates": {rules: "AMB-5", with: []Option{Before(withPersonNumbers), personKeys("id", "external_key", "email")}, reach: func(w *World) string {
		w.made(core.Contact, "LastName", "A", "Email", "c@x.com", "Department", "7")
		w.made(core.Contact, "LastName", "A", "Email", "d@x.com", "Department", "7")
		hs := w.made(core.Contacts, "lastname", "A", "email", "e@x.com", "company", "Co", "person_number", "7")
		w.Sync()
		return hs
	}},
	"by another key": {rules: "LIM-4", with: []Option{Before(withPersonNumbers), personKeys("id", "external_key", "email"), existed(func(w *World) {
		w.made(core.Contact, "LastName", "A", "Email", "c@x.com", "Department", "7")
		w.made(core.Contacts, "lastname", "A", "email", "a@x.com", "company", "Co", "person_number", "7")
	})}, reach: foundFrom},
	"a partner that another one has": {rules: "DEDUP-11", with: []Option{Before(withPersonNumbers), personKeys("id", "external_key", "email")}, reach: func(w *World) string {
		contact := w.made(core.Contact, "LastName", "A", "Email", "c@x.com", "Department", "7")
		other := w.made(core.Contact, "LastName", "A", "Email", "d@x.com", "Department", "7")
		hs := w.made(core.Contacts, "lastname", "A", "email", "e@x.com", "company", "Co", "person_number", "7")
		w.Sync()
		w.must(w.Engine.Link(w.T.Context(), w.Conn, core.ContactPair, other, hs))
		w.again()
		return contact
	}},
}

// outsiders are records that a list or a filter leaves out.
var outsiders = map[string]standing{
	"who left the list": {rules: "INC-3 INC-10 INC-7 AMB-16", with: []Option{members(nil, "Oslo", "Rome")}, reach: func(w *World) string {
		hs := w.resident("A", "Rome")
		w.settleLists()
		w.Sync()
		w.wantMate(hs)
		w.refilter("Oslo")
		w.Sync()
		return hs
	}},
	"outside the list":  {rules: "INC-3", with: []Option{members(nil, "Oslo")}, reach: func(w *World) string { hs := w.resident("A", "Rome"); w.settleLists(); w.Sync(); return hs }},
	"not evaluated yet": {rules: "INC-6", with: []Option{members(nil, "Oslo")}, reach: func(w *World) string { return w.resident("A", "Oslo") }},
	"behind a filter":   {rules: "LIM-11", with: []Option{people(func(c *config.Connection) { c.Contacts.Filter.FromSalesforce = `LastName == "In"` })}, reach: makes(core.Lead, "LastName", "A", "Company", "Co", "Email", "a@x.com")},
	"a ticket outside its list": {rules: "INC-3 INC-8", pair: core.TicketPair, with: []Option{tickets(ticketsBothWays, func(c *config.Tickets) { c.InclusionList = "Members" }),
		Before(func(w *World) { w.listOf(core.Tickets, "Members", propertyIs("content", "in")) })}, reach: func(w *World) string {
		id := w.made(core.Tickets, "subject", "A", "hs_pipeline", "0", "hs_pipeline_stage", "1")
		w.settleLists()
		w.Sync()
		return id
	}},
}

// deletedOf is a contact whose Salesforce record, or that of HubSpot, was deleted just now.
func deletedOf(object core.Object, setting string) ([]Option, func(w *World) string) {
	with := people(func(c *config.Connection) {
		c.Contacts.WhenSalesforceContactDeleted, c.Contacts.WhenSalesforceLeadDeleted, c.Contacts.WhenHubSpotDeleted = setting, setting, setting
	}, becomesContact)
	return []Option{with}, func(w *World) string {
		contact := synced(core.Contact, "LastName", "A", "Email", "a@x.com")(w)
		for i := range 3 { // so that one is no brake
			w.made(core.Contact, "LastName", "B", "Email", string(rune('b'+i))+"@x.com")
		}
		w.again()
		hs := w.wantMate(contact)
		if object == core.Contacts {
			w.must(w.Portal.As(admin).Archive("contacts", hs))
			return contact
		}
		w.must(w.Org.As(admin).Delete("Contact", contact))
		return hs
	}
}

func losing(rules string, object core.Object, setting string) standing {
	with, reach := deletedOf(object, setting)
	return standing{rules: rules, with: with, reach: reach}
}

// gones are people one of whose records is deleted or merged away.
var gones = map[string]standing{
	"deleted in Salesforce, nothing": losing("AMB-22 DEL-1 SET-4", core.Contact, "nothing"),
	"deleted in Salesforce, flag":    losing("LIM-16 DEL-1 SET-4 DEL-7", core.Contact, "flag"),
	"deleted in Salesforce, delete":  losing("LIM-16 DEL-1 SET-4", core.Contact, "delete"),
	"deleted in HubSpot, nothing":    losing("AMB-22 DEL-2 AMB-12", core.Contacts, "nothing"),
	"deleted in HubSpot, delete":     losing("LIM-16 DEL-2 AMB-12", core.Contacts, "delete"),
	"never linked": {rules: "DEL-4", with: []Option{people()}, reach: func(w *World) string {
		id := w.made(core.Lead, "LastName", "A", "Company", "Co")
		w.must(w.Org.As(admin).Delete("Lead", id))
		return id
	}},
	"whose partner was deleted": {rules: "AMB-13", with: []Option{people()}, reach: func(w *World) string {
		w.made(core.Contact, "LastName", "B", "Email", "b@x.com")
		contact := synced(core.Contact, "LastName", "A", "Email", "a@x.com")(w)
		w.must(w.Portal.As(admin).Archive("contacts", w.wantMate(contact)))
		w.Advance(time.Minute)
		w.sweepAll()
		w.again()
		return contact
	}},
	"deleted outside the list": {rules: "DEL-5 DEL-1", with: []Option{people(func(c *config.Connection) { c.Contacts.InclusionList = "Members" }),
		Before(func(w *World) { w.list("Members", propertyIs("lastname", "In")) })}, reach: func(w *World) string {
		hs := synced(core.Contacts, "email", "in@x.com", "lastname", "In", "company", "Co")(w)
		lead := w.wantMate(hs)
		w.change(core.Contacts, hs, "lastname", "Left")
		w.again()
		w.must(w.Org.As(admin).Delete("Lead", lead))
		return hs
	}},
	"merged, and both had partners": {rules: "LIM-7 DEL-6 DEDUP-5", with: []Option{people(becomesContact)}, reach: func(w *World) string {
		master, loser := synced(core.Contact, "LastName", "A", "Email", "a@x.com")(w), synced(core.Contact, "LastName", "B", "Email", "b@x.com")(w)
		left := w.wantMate(loser)
		w.must(w.Org.As(admin).Merge("Contact", master, loser))
		return left
	}},
	"merged into one without a partner": {rules: "LIM-7 DEL-6 DEDUP-4", with: []Option{people()}, reach: func(w *World) string {
		loser, master := synced(core.Contact, "LastName", "A", "Email", "a@x.com")(w), w.made(core.Contact, "LastName", "A")
		left := w.wantMate(loser)
		w.must(w.Org.As(admin).Merge("Contact", master, loser))
		return left
	}},
	"companies merged in HubSpot": {rules: "LIM-7 DEL-6 DEDUP-10", pair: core.CompanyPair, reach: func(w *World) string {
		account, company := w.linked("Edge")
		other := w.company("Other")
		_, err := w.Portal.As(admin).Merge("companies", other, company)
		w.must(err)
		return account
	}},
}
