package simtest

import (
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// optedOut are a pair whose address is opted out, and what happens then.
func optedOut(then func(w *World, contact string)) func(w *World) string {
	return func(w *World) string {
		c, _ := w.optPair("a@x.com")
		w.optOut("a@x.com")
		w.again()
		w.again()
		w.wantBox(core.Contact, c, true)
		w.Advance(time.Minute)
		then(w, c)
		w.Advance(time.Minute) // HubSpot's property lags behind the status
		return c
	}
}

// consents are people who opted out.
var consents = map[string]standing{
	"opted out":           {rules: "OPT-2", with: []Option{people()}, reach: optedOut(func(*World, string) {})},
	"the box was cleared": {rules: "OPT-5 LIM-13 AMB-9", with: []Option{people()}, reach: optedOut(func(w *World, c string) { w.tick(core.Contact, c, false) })},
	"came back":           {rules: "OPT-6", with: []Option{people()}, reach: optedOut(func(w *World, _ string) { w.optBack("a@x.com", "") })},
	"subscribed again by a program": {rules: "OPT-3", with: []Option{people()}, reach: optedOut(func(w *World, _ string) {
		w.subscribeByAPI("a@x.com")
	})},
	"another address": {rules: "OPT-7", only: config.Classic, with: []Option{people()}, reach: func(w *World) string {
		c, _ := w.optPair("old@x.com")
		w.tick(core.Contact, c, true)
		w.again()
		w.again()
		w.change(core.Contact, c, "Email", "new@x.com")
		w.again()
		w.again()
		return c
	}},
	"opted out, outside the list": {rules: "OPT-4", only: config.Classic, with: outsideVIP(), reach: optedOutside},
	"opted out outside the list":  {rules: "LIM-12", only: config.Tandem, with: outsideVIP(), reach: optedOutside},
}

func outsideVIP() []Option {
	return []Option{people(func(c *config.Connection) { c.Contacts.InclusionList = "vip" }), Before(func(w *World) { w.list("vip", propertyIs("jobtitle", "Boss")) })}
}

func optedOutside(w *World) string {
	c, _ := w.optPair("a@x.com")
	w.tick(core.Contact, c, true)
	return c
}

// staff are people whose owner is mapped, by a rule, in an org with users that HubSpot knows
// and one that it does not.
func staff(rule string, change ...func(*config.Connection)) []Option {
	mapped := func(c *config.Connection) {
		for _, pair := range []string{"company", "contact"} {
			c.Mappings[pair] = append(c.Mappings[pair], config.Mapping{HubSpot: "hubspot_owner_id", Salesforce: "OwnerId", Rule: rule})
		}
	}
	return []Option{people(append([]func(*config.Connection){mapped}, change...)...), Before(func(w *World) {
		w.user("Sam", "Seller", "sam.seller@portal.example")
		w.user("Rita", "Rep", "rita.rep@portal.example")
		w.user("Solo", "Seller", "solo@org.example")
	})}
}

// userOf is the id of a user by the first name.
func (w *World) userOf(name string) string {
	w.T.Helper()
	rows, err := w.Org.As(admin).Query("SELECT Id FROM User WHERE FirstName = '" + name + "'")
	w.must(err)
	return rows[0]["Id"].(string)
}

// ownedBy makes a HubSpot contact of an owner.
func ownedBy(owner string) func(w *World) string {
	return makes(core.Contacts, "lastname", "A", "company", "Co", "email", "a@x.com", "hubspot_owner_id", owner)
}

// ownedPair is a lead of Sam's that is in step, whose HubSpot owner is changed then.
func ownedPair(owner string) func(w *World) string {
	return func(w *World) string {
		lead := synced(core.Lead, "LastName", "A", "Company", "Co", "Email", "a@x.com", "OwnerId", w.userOf("Sam"))(w)
		w.change(core.Contacts, w.wantMate(lead), "hubspot_owner_id", owner)
		return lead
	}
}

// ownings are people and companies with owners.
var ownings = map[string]standing{
	"a new lead of a known owner":    {rules: "OWN-5", with: staff("two_way"), reach: ownedBy(ownerSam)},
	"a new lead of an unknown owner": {rules: "OWN-5 OWN-3", with: staff("two_way"), reach: ownedBy(ownerAda)},
	"a new contact":                  {rules: "OWN-9", with: staff("two_way", becomesContact), reach: ownedBy(ownerSam)},
	"a new account":                  {rules: "OWN-7", pair: core.CompanyPair, with: staff("two_way", func(c *config.Connection) { c.Companies.CreateAccount = "always" }), reach: func(w *World) string { return w.company("New") }},
	"an owner that has to agree":     {rules: "AMB-19 OWN-3", with: staff("two_way", func(c *config.Connection) { c.Owners.Match = config.MatchStrict }), reach: ownedBy(ownerAda)},
	"a fallback owner":               {rules: "LIM-17", with: staff("two_way", becomesContact, func(c *config.Connection) { c.Owners.Fallback = "sam.seller@portal.example" }), reach: ownedBy(ownerAda)},
	"an owner set back":              {rules: "OWN-4 OWN-3", with: staff("two_way"), reach: ownedPair(ownerAda)},
	"an owner cleared":               {rules: "OWN-8", with: staff("two_way"), reach: ownedPair("")},
	"an owner by another rule":       {rules: "MAP-8", with: staff("always_salesforce"), reach: ownedPair(ownerRita)},
	"an owner whom HubSpot lacks": {rules: "OWN-3a", with: staff("two_way"), reach: func(w *World) string {
		return synced(core.Lead, "LastName", "A", "Company", "Co", "Email", "a@x.com", "OwnerId", w.userOf("Solo"))(w)
	}},
	"a queue": {rules: "OWN-10 OWN-1 OWN-3a", with: staff("two_way"), reach: func(w *World) string {
		queue, err := w.Org.AddQueue(salesforcesim.Queue{Name: "Inbound", Objects: []string{"Lead"}})
		w.must(err)
		w.Advance(time.Hour)
		return synced(core.Lead, "LastName", "A", "Company", "Co", "Email", "a@x.com", "OwnerId", queue)(w)
	}},
	"two owners meet": {rules: "OWN-6", with: staff("two_way"), reach: func(w *World) string {
		lead := w.made(core.Lead, "LastName", "A", "Company", "Co", "Email", "a@x.com", "OwnerId", w.userOf("Sam"))
		w.made(core.Contacts, "lastname", "A", "company", "Co", "email", "a@x.com", "hubspot_owner_id", ownerRita)
		return lead
	}},
}

// refusals are people with an open issue.
var refusals = map[string]standing{
	"the account has no company": {rules: "ERR-3", with: []Option{people(), existed(func(w *World) { w.account("Old") })}, reach: func(w *World) string {
		rows, err := w.Org.As(admin).Query("SELECT Id FROM Account")
		w.must(err)
		contact := w.made(core.Contact, "LastName", "A", "Email", "a@x.com", "AccountId", rows[0]["Id"].(string))
		w.Sync()
		w.again()
		return contact
	}},
	"a duplicate rule": {rules: "DEDUP-8 ERR-5", with: []Option{people()}, reach: func(w *World) string {
		w.must(w.Org.AddDuplicateRule(salesforcesim.DuplicateRule{Object: "Lead", Fields: []string{"LastName"}, Action: "block"}))
		w.made(core.Lead, "LastName", "Same", "Company", "Co", "Email", "one@x.com")
		hs := w.made(core.Contacts, "email", "two@x.com", "lastname", "Same", "company", "Co")
		w.Sync()
		return hs
	}},
	"a state that is in no list": {rules: "MAP-14 ERR-9", with: []Option{Before(func(w *World) { w.Org.EnablePlacePicklists() }), people(), proposed("leadsource", "hs_lead_status", "industry"),
		Before(func(w *World) {
			for i := range w.settings.Mappings["contact"] {
				w.settings.Mappings["contact"][i].Rule = "two_way"
			}
		})}, reach: func(w *World) string {
		lead := synced(core.Lead, "LastName", "A", "Company", "Co", "Email", "a@x.com", "State", "California", "Country", "United States")(w)
		w.change(core.Contacts, w.wantMate(lead), "state", "Nowhere")
		w.again()
		return lead
	}},
	"a validation rule": inTrouble(0), "a field that may not be written": inTrouble(1), "a choice that is not there": inTrouble(2), "a value that is too long": inTrouble(3),
}

// inTrouble is the state of a lead one of whose fields is refused.
func inTrouble(n int) standing {
	c := personTroubles[n]
	return standing{rules: c.name[:len("ERR-4")], with: []Option{withMottos()}, reach: func(w *World) string {
		k := kindsOfPeople[1]
		id, hs := w.troubled(k)
		c.cause(w, k, hs)
		w.again()
		return id
	}}
}
