package engine

import (
	"slices"
	"strings"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/likeness"
	"tandem/internal/mapping"
	"tandem/internal/policy"
)

// traitFields are the standard fields in which an object keeps a trait of a company or
// a person; blank where it has none. (Salesforce's Object Reference; HubSpot's default
// properties.)
type traitFields struct {
	name, given, family, street, postcode, city, email, born, domain string
	phones                                                           []string
}

var traitsIn = map[core.Object]traitFields{
	core.Account:   {name: "Name", street: "BillingStreet", postcode: "BillingPostalCode", city: "BillingCity", domain: "Website", phones: []string{"Phone"}},
	core.Companies: {name: "name", street: "address", postcode: "zip", city: "city", domain: "domain", phones: []string{"phone"}},
	core.Contact: {given: "FirstName", family: "LastName", street: "MailingStreet", postcode: "MailingPostalCode", city: "MailingCity", email: "Email",
		born: "Birthdate", phones: []string{"Phone", "MobilePhone"}},
	core.Lead: {given: "FirstName", family: "LastName", street: "Street", postcode: "PostalCode", city: "City", email: "Email", phones: []string{"Phone", "MobilePhone"}},
	core.Contacts: {given: "firstname", family: "lastname", street: "address", postcode: "zip", city: "city", email: "email", born: "date_of_birth",
		phones: []string{"phone", "mobilephone"}},
}

// matching is how the records of a pair are matched.
func (c *Conn) matching(p core.Pair) config.Matching {
	if p == core.CompanyPair {
		return c.Settings.Companies.Matching()
	}
	return c.Settings.Contacts.Matching()
}

// asks reports that a pair is matched by a key. An external key without fields, and
// those of people who do not sync, are not asked.
func (c *Conn) asks(p core.Pair, key string) bool {
	m := c.matching(p)
	return c.syncs(p) && slices.Contains(m.Match, key) && (key != policy.KeyExternal || m.ExternalKey.Set())
}

// similar reports that a pair's records are also compared by their likeness.
func (c *Conn) similar(p core.Pair) bool {
	return c.syncs(p) && c.matching(p).Similar != config.SimilarOff
}

// externalField is where an object keeps the customer's own key, blank for nowhere.
func (c *Conn) externalField(r core.Ref) string {
	pair, _ := core.PairOf(r.Side, r.Object)
	switch {
	case !c.asks(pair, policy.KeyExternal):
		return ""
	case r.Side == core.Salesforce:
		return c.matching(pair).ExternalKey.Salesforce
	}
	return c.matching(pair).ExternalKey.HubSpot
}

// matchFields are what the keys of the settings look at on an object.
func (c *Conn) matchFields(side core.Side, object core.Object) []string {
	pair, _ := core.PairOf(side, object)
	t := traitsIn[object]
	out := []string{c.externalField(core.Ref{Side: side, Object: object})}
	if c.asks(pair, policy.KeyDomain) {
		out = append(out, t.domain)
	}
	if c.asks(pair, policy.KeyNameAddress) || c.similar(pair) {
		out = append(out, t.name, t.given, t.family, t.street, t.postcode, t.city)
	}
	if c.similar(pair) {
		out = append(append(out, t.email, t.born, t.domain), t.phones...)
	}
	return slices.DeleteFunc(out, func(f string) bool { return f == "" })
}

// traitsOf are the traits of a record.
func traitsOf(rec *core.Record) *likeness.Traits {
	f := traitsIn[rec.Ref.Object]
	get := func(name string) string { v, _ := rec.Get(name); return v }
	t := &likeness.Traits{Name: get(f.name), Given: get(f.given), Family: get(f.family), Street: get(f.street), Postcode: get(f.postcode), City: get(f.city),
		Email: emailOf(rec), Born: get(f.born)}
	t.Domain = domainOf(rec)
	for _, name := range f.phones {
		t.Phones = append(t.Phones, get(name))
	}
	return t
}

// domainOf is the domain that a record has for its own; blank where it has none, or a
// mail provider's.
func domainOf(rec *core.Record) string {
	v, _ := rec.Get(traitsIn[rec.Ref.Object].domain)
	if d, ok := mapping.DomainOf(v); ok && !policy.FreeMail(d) {
		return d
	}
	return ""
}

// plainTypes are the types of Salesforce fields that hold numbers or days (Object
// Reference, "Field Types").
var plainTypes = []string{"date", "double", "int", "long", "currency", "percent"}

// plainField reports that a field of Salesforce holds numbers or days.
func (c *Conn) plainField(object core.Object, field string) bool {
	return slices.ContainsFunc(c.Schemas[core.Salesforce][object].Fields, func(f connector.Field) bool {
		return f.Name == field && slices.Contains(plainTypes, f.Type)
	})
}

// externalKey is a record's value of the customer's own key. A field of numbers of
// Salesforce makes a key of numbers: 7.0 is 7.
func (c *Conn) externalKey(rec *core.Record) string {
	v, _ := rec.Get(c.externalField(rec.Ref))
	v = strings.ToLower(strings.TrimSpace(v))
	pair, _ := core.PairOf(rec.Ref.Side, rec.Ref.Object)
	if d, number := core.ParseDecimal(v); number && c.plainField(pair.Objects()[core.Salesforce][0], c.matching(pair).ExternalKey.Salesforce) {
		return d.String()
	}
	return v
}

// keyOf is a record's value of a match key in the form that both sides share, blank
// where it has none: two blanks are never equal.
func (c *Conn) keyOf(key string, rec *core.Record) string {
	switch key {
	case policy.KeyExternal:
		return c.externalKey(rec)
	case policy.KeyDomain:
		return domainOf(rec)
	case policy.KeyNameAddress:
		return traitsOf(rec).NameAddress()
	}
	return ""
}
