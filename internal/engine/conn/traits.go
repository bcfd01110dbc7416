package conn

import (
	"slices"
	"strings"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/likeness"
	"tandem/internal/mapping"
	"tandem/internal/policy"
)

// TraitFields are the standard fields in which an object keeps a trait of a company or
// a person; blank where it has none. (Salesforce's Object Reference; HubSpot's default
// properties.)
type TraitFields struct {
	Name, Given, Family, Street, Postcode, City, Email, Born, Domain string
	Phones                                                           []string
}

// TraitsIn are the trait fields of every object that is matched by them.
var TraitsIn = map[core.Object]TraitFields{
	core.Account:   {Name: "Name", Street: "BillingStreet", Postcode: "BillingPostalCode", City: "BillingCity", Domain: "Website", Phones: []string{"Phone"}},
	core.Companies: {Name: "name", Street: "address", Postcode: "zip", City: "city", Domain: "domain", Phones: []string{"phone"}},
	core.Contact: {Given: "FirstName", Family: "LastName", Street: "MailingStreet", Postcode: "MailingPostalCode", City: "MailingCity", Email: "Email",
		Born: "Birthdate", Phones: []string{"Phone", "MobilePhone"}},
	core.Lead: {Given: "FirstName", Family: "LastName", Street: "Street", Postcode: "PostalCode", City: "City", Email: "Email", Phones: []string{"Phone", "MobilePhone"}},
	core.Contacts: {Given: "firstname", Family: "lastname", Street: "address", Postcode: "zip", City: "city", Email: "email", Born: "date_of_birth",
		Phones: []string{"phone", "mobilephone"}},
}

// Matching is how the records of a pair are matched.
func (c *Known) Matching(p core.Pair) config.Matching {
	switch p {
	case core.CompanyPair:
		return c.Settings.Companies.Matching()
	case core.ContactPair:
		return c.Settings.Contacts.Matching()
	}
	return config.Matching{Match: []string{policy.KeyID}, Similar: config.SimilarOff} // by the stored id alone (DEAL-11)
}

// Asks reports that a pair is matched by a key. An external key without fields, and
// those of people who do not sync, are not asked.
func (c *Known) Asks(p core.Pair, key string) bool {
	m := c.Matching(p)
	return c.Syncs(p) && slices.Contains(m.Match, key) && (key != policy.KeyExternal || m.ExternalKey.Set())
}

// Similar reports that a pair's records are also compared by their likeness.
func (c *Known) Similar(p core.Pair) bool {
	return c.Syncs(p) && c.Matching(p).Similar != config.SimilarOff
}

// ExternalField is where an object keeps the customer's own key, blank for nowhere.
func (c *Known) ExternalField(r core.Ref) string {
	pair, _ := c.Pairs.Of(r.Side, r.Object)
	switch {
	case !c.Asks(pair, policy.KeyExternal):
		return ""
	case r.Side == core.Salesforce:
		return c.Matching(pair).ExternalKey.Salesforce
	}
	return c.Matching(pair).ExternalKey.HubSpot
}

// matchFields are what the keys of the settings look at on an object.
func (c *Known) matchFields(side core.Side, object core.Object) []string {
	pair, _ := c.Pairs.Of(side, object)
	t := TraitsIn[object]
	out := []string{c.ExternalField(core.Ref{Side: side, Object: object})}
	if c.Asks(pair, policy.KeyDomain) {
		out = append(out, t.Domain)
	}
	if c.Asks(pair, policy.KeyNameAddress) || c.Similar(pair) {
		out = append(out, t.Name, t.Given, t.Family, t.Street, t.Postcode, t.City)
	}
	if c.Similar(pair) {
		out = append(append(out, t.Email, t.Born, t.Domain), t.Phones...)
	}
	return slices.DeleteFunc(out, func(f string) bool { return f == "" })
}

// TraitsOf are the traits of a record.
func TraitsOf(rec *core.Record) *likeness.Traits {
	f := TraitsIn[rec.Ref.Object]
	get := func(name string) string { v, _ := rec.Get(name); return v }
	t := &likeness.Traits{Name: get(f.Name), Given: get(f.Given), Family: get(f.Family), Street: get(f.Street), Postcode: get(f.Postcode), City: get(f.City),
		Email: EmailOf(rec), Born: get(f.Born)}
	t.Domain = DomainOf(rec)
	for _, name := range f.Phones {
		t.Phones = append(t.Phones, get(name))
	}
	return t
}

// DomainOf is the domain that a record has for its own; blank where it has none, or a
// mail provider's.
func DomainOf(rec *core.Record) string {
	v, _ := rec.Get(TraitsIn[rec.Ref.Object].Domain)
	if d, ok := mapping.DomainOf(v); ok && !policy.FreeMail(d) {
		return d
	}
	return ""
}

// plainTypes are the types of Salesforce fields that hold numbers or days (Object
// Reference, "Field Types").
var plainTypes = []string{"date", "double", "int", "long", "currency", "percent"}

// PlainField reports that a field of Salesforce holds numbers or days.
func (c *Known) PlainField(object core.Object, field string) bool {
	return slices.Contains(plainTypes, c.typeOf(object, field))
}

// typeOf is the type of a field of Salesforce, blank where nobody sees it.
func (c *Known) typeOf(object core.Object, field string) string {
	for _, f := range c.Schemas[core.Salesforce][object].Fields {
		if f.Name == field {
			return f.Type
		}
	}
	return ""
}

// Fitting leaves out the values that a field of numbers or days cannot hold: asked for
// one of them, Salesforce refuses the whole question.
func (c *Known) Fitting(object core.Object, field string, values []string) []string {
	if !c.PlainField(object, field) {
		return values
	}
	days := c.typeOf(object, field) == "date"
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool {
		_, err := time.Parse(time.DateOnly, v)
		_, number := core.ParseDecimal(v)
		return days && err != nil || !days && !number
	})
}

// ExternalKey is a record's value of the customer's own key. A field of numbers of
// Salesforce makes a key of numbers: 7.0 is 7.
func (c *Known) ExternalKey(rec *core.Record) string {
	v, _ := rec.Get(c.ExternalField(rec.Ref))
	v = strings.ToLower(strings.TrimSpace(v))
	pair, _ := c.Pairs.Of(rec.Ref.Side, rec.Ref.Object)
	if d, number := core.ParseDecimal(v); number && c.PlainField(c.Pairs.Objects(pair)[core.Salesforce][0], c.Matching(pair).ExternalKey.Salesforce) {
		return d.String()
	}
	return v
}

// KeyOf is a record's value of a match key in the form that both sides share, blank
// where it has none: two blanks are never equal.
func (c *Known) KeyOf(key string, rec *core.Record) string {
	switch key {
	case policy.KeyExternal:
		return c.ExternalKey(rec)
	case policy.KeyDomain:
		return DomainOf(rec)
	case policy.KeyNameAddress:
		return TraitsOf(rec).NameAddress()
	}
	return ""
}
