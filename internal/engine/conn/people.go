package conn

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/mapping"
	"tandem/internal/policy"
)

// OptOutField is where a side shows an opt-out: Salesforce's box is written, HubSpot's
// property only read, and it lags.
var OptOutField = [2]string{core.Salesforce: "HasOptedOutOfEmail", core.HubSpot: "hs_email_optout"}

// ConvertedTo is the contact that a lead has become (CON-5), blank for others: a
// converted lead can never be written again.
func ConvertedTo(rec *core.Record) string {
	if rec.Ref.Object != core.Lead || rec.Values["IsConverted"] != "true" {
		return ""
	}
	return rec.Values["ConvertedContactId"]
}

// EmailOf is the canonical address of a person, blank where there is none: two
// blanks are never equal.
func EmailOf(rec *core.Record) string {
	v, _ := rec.Get(AddressField[rec.Ref.Side])
	return strings.ToLower(strings.TrimSpace(v))
}

// PeopleSync is under what the moment of contacts.sync is kept. People are followed
// from the switch of companies on, whose identity comes from them; who is new and who
// existed before is counted from their own (CON-1).
const PeopleSync core.Pair = "contact/sync"

// SyncsPeople reports that the fields of people pass and people are made.
func (c *Known) SyncsPeople() bool { return c.Settings.Contacts.Sync }

// PairSwitchedBy is the pair that a switch in the store stands for.
func PairSwitchedBy(p core.Pair) core.Pair {
	if p == PeopleSync {
		return core.ContactPair
	}
	return p
}

// Syncs is the switch of an object pair.
func (c *Known) Syncs(p core.Pair) bool { return c.Settings.Syncs(p) }

// Follows reports that the records of a pair are looked at.
func (c *Known) Follows(p core.Pair) bool { return slices.Contains(c.Settings.Followed(), p) }

// compilePeople makes the mappings, filters and rules of people ready, for each
// Salesforce object that this user sees.
func (c *Known) compilePeople() error {
	if !c.SyncsPeople() {
		return nil
	}
	lead, contact, hs := c.Defs[core.Salesforce][core.Lead], c.Defs[core.Salesforce][core.Contact], c.Defs[core.HubSpot][core.Contacts]
	compiled, problems := mapping.CompilePeople(c.fieldMaps(core.ContactPair), lead, contact, hs)
	c.Problems = append(c.Problems, problems...)
	maps.Copy(c.Mappings, compiled)
	f := c.Settings.Contacts.Filter
	if f.FromSalesforce != "" {
		each, err := mapping.CompilePeoplePredicate(f.FromSalesforce, lead, contact)
		if err != nil {
			return Misfit("contacts.filter.from_salesforce", core.Salesforce, core.Lead, err)
		}
		maps.Copy(c.Filters, each)
	}
	var err error
	if c.Filters[core.Contacts], err = Predicate(f.FromHubSpot, hs); err != nil {
		return Misfit("contacts.filter.from_hubspot", core.HubSpot, core.Contacts, err)
	}
	for i, r := range c.Settings.Contacts.FromHubSpot.Rules {
		when, err := Predicate(r.When, hs)
		if err != nil {
			return Misfit(fmt.Sprintf("contacts.from_hubspot.rules[%d].when", i), core.HubSpot, core.Contacts, err)
		}
		c.becomes = append(c.becomes, becoming{when, personObject(r.Create)})
	}
	return nil
}

// becoming is one rule of what a HubSpot contact becomes (LIM-5).
type becoming struct {
	when *mapping.Predicate
	what core.Object
}

func personObject(word string) core.Object {
	switch word {
	case config.BecomesContact:
		return core.Contact
	case config.BecomesPerson:
		return policy.PersonAccount
	}
	return core.Lead
}

// BecomesOf is what a HubSpot contact becomes in Salesforce (CON-3, LIM-5); blank
// where no rule holds, or the one that might cannot be evaluated.
func (c *Known) BecomesOf(rec *core.Record) core.Object {
	choice := c.Settings.Contacts.FromHubSpot
	if choice.Object != "" {
		return personObject(choice.Object)
	}
	for _, r := range c.becomes {
		if ok, err := r.when.Match(rec.Values); err != nil || ok {
			if err != nil {
				return ""
			}
			return r.what
		}
	}
	return ""
}

// MappingOf is what maps the fields of a linked pair, nil where none pass.
func (c *Known) MappingOf(l *core.Link) *mapping.Mapping {
	return c.Mappings[l.Refs[core.Salesforce].Object]
}

// MappingsOf are what maps the fields of an object: a HubSpot contact syncs with a
// lead or with a contact.
func (c *Known) MappingsOf(side core.Side, object core.Object) []*mapping.Mapping {
	pair, _ := core.PairOf(side, object)
	var out []*mapping.Mapping
	for _, of := range pair.Objects()[core.Salesforce] {
		if m := c.Mappings[of]; m != nil && (side == core.HubSpot || of == object) {
			out = append(out, m)
		}
	}
	return out
}

// IdentityFields are those whose change may give a record another partner, or a person
// another account, and those of an opt-out.
func (c *Known) IdentityFields(side core.Side, object core.Object) []string {
	out := c.matchFields(side, object)
	switch object {
	case core.Contact:
		return append(out, "Email", RelationKey, OptOutField[core.Salesforce])
	case core.Lead:
		return append(out, "Email", "IsConverted", OptOutField[core.Salesforce])
	case core.Contacts:
		return append(append(out, "email", OptOutField[core.HubSpot]), c.List.List().Properties()...)
	case core.Opportunity:
		return append(out, RelationKey)
	}
	return out
}

// SameRelation reports that the account of a linked contact or opportunity, where rec answers it, is
// the one that both sides agreed on.
func (c *Known) SameRelation(l *core.Link, rec *core.Record) bool {
	id, told := rec.Get(RelationKey)
	return !told || rec.Ref.Object != core.Contact && rec.Ref.Object != core.Opportunity || !c.Settings.Companies.Sync || l.Base.Holds(core.Salesforce, RelationKey, id)
}

// HeldBeside are the fields of a person that the link accounts for beside the mapped
// ones: who somebody is matters while there is no partner, and a lead that is not
// converted tells nothing new.
func (c *Known) HeldBeside(l *core.Link, rec *core.Record) map[string]bool {
	held := map[string]bool{}
	if l.Pair == core.DealPair {
		held[strings.ToLower(RelationKey)] = true
	}
	if l.Pair != core.ContactPair {
		return held
	}
	for _, name := range OptOutField {
		held[strings.ToLower(name)] = true
	}
	held["email"], held[strings.ToLower(RelationKey)], held["isconverted"] = true, true, rec.Values["IsConverted"] == "false"
	return held
}

// AddressField is where a side keeps the e-mail address of a person.
var AddressField = [2]string{core.Salesforce: "Email", core.HubSpot: "email"}

// RelationKey is the key under which a person link's base keeps the account that
// both sides last agreed on: Salesforce's AccountId on one side, the account of
// the HubSpot contact's primary company on the other.
const RelationKey = "AccountId"

// OptOutKey is the key under which a person link's base keeps what both sides showed,
// so that an echo of it is known as one. No decision looks at it.
const OptOutKey = "HasOptedOutOfEmail"

// SameConsent reports that what a record shows of an opt-out is what both sides agreed
// on. Most pairs never had one, and keep nothing of it.
func (c *Known) SameConsent(l *core.Link, rec *core.Record) bool {
	shown, told := rec.Get(OptOutField[rec.Ref.Side])
	switch _, kept := l.Base[OptOutKey]; {
	case !told || l.Pair != core.ContactPair:
		return true
	case !kept:
		return shown != "true"
	}
	return l.Base.Holds(rec.Ref.Side, OptOutKey, strings.TrimPrefix(shown, "false"))
}
