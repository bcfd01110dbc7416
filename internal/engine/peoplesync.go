package engine

import (
	"fmt"
	"maps"
	"strings"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/mapping"
	"tandem/internal/policy"
)

// peopleSync is under what the moment of contacts.sync is kept. People are followed
// from the switch of companies on, whose identity comes from them; who is new and who
// existed before is counted from their own (CON-1).
const peopleSync core.Pair = "contact/sync"

// syncsPeople reports that the fields of people pass and people are made.
func (c *Conn) syncsPeople() bool { return c.Settings.Contacts.Sync }

// pairSwitchedBy is the pair that a switch in the store stands for.
func pairSwitchedBy(p core.Pair) core.Pair {
	if p == peopleSync {
		return core.ContactPair
	}
	return p
}

// syncs is the switch of an object pair.
func (c *Conn) syncs(p core.Pair) bool {
	if p == core.ContactPair {
		return c.syncsPeople()
	}
	return c.Settings.Companies.Sync
}

// compilePeople makes the mappings, filters and rules of people ready, for each
// Salesforce object that this user sees.
func (c *Conn) compilePeople() error {
	if !c.syncsPeople() {
		return nil
	}
	lead, contact, hs := c.defs[core.Salesforce][core.Lead], c.defs[core.Salesforce][core.Contact], c.defs[core.HubSpot][core.Contacts]
	compiled, problems := mapping.CompilePeople(c.fieldMaps(core.ContactPair), lead, contact, hs)
	c.Problems = append(c.Problems, problems...)
	maps.Copy(c.Mappings, compiled)
	f := c.Settings.Contacts.Filter
	if f.FromSalesforce != "" {
		each, err := mapping.CompilePeoplePredicate(f.FromSalesforce, lead, contact)
		if err != nil {
			return misfit("contacts.filter.from_salesforce", core.Salesforce, core.Lead, err)
		}
		maps.Copy(c.filters, each)
	}
	var err error
	if c.filters[core.Contacts], err = predicate(f.FromHubSpot, hs); err != nil {
		return misfit("contacts.filter.from_hubspot", core.HubSpot, core.Contacts, err)
	}
	for i, r := range c.Settings.Contacts.FromHubSpot.Rules {
		when, err := predicate(r.When, hs)
		if err != nil {
			return misfit(fmt.Sprintf("contacts.from_hubspot.rules[%d].when", i), core.HubSpot, core.Contacts, err)
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

// becomesOf is what a HubSpot contact becomes in Salesforce (CON-3, LIM-5); blank
// where no rule holds, or the one that might cannot be evaluated.
func (c *Conn) becomesOf(rec *core.Record) core.Object {
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

// mappingOf is what maps the fields of a linked pair, nil where none pass.
func (c *Conn) mappingOf(l *core.Link) *mapping.Mapping {
	return c.Mappings[l.Refs[core.Salesforce].Object]
}

// mappingsOf are what maps the fields of an object: a HubSpot contact syncs with a
// lead or with a contact.
func (c *Conn) mappingsOf(side core.Side, object core.Object) []*mapping.Mapping {
	pair, _ := core.PairOf(side, object)
	var out []*mapping.Mapping
	for _, of := range pair.Objects()[core.Salesforce] {
		if m := c.Mappings[of]; m != nil && (side == core.HubSpot || of == object) {
			out = append(out, m)
		}
	}
	return out
}

// identityFields are those whose change may give a record another partner, or a person
// another account, and those of an opt-out.
func (c *Conn) identityFields(side core.Side, object core.Object) []string {
	out := c.matchFields(side, object)
	switch object {
	case core.Contact:
		return append(out, "Email", relation, consentField[core.Salesforce])
	case core.Lead:
		return append(out, "Email", "IsConverted", consentField[core.Salesforce])
	case core.Contacts:
		return append(append(out, "email", consentField[core.HubSpot]), c.list.Load().properties()...)
	}
	return out
}

// sameRelation reports that the account of a linked contact, where rec answers it, is
// the one that both sides agreed on.
func (c *Conn) sameRelation(l *core.Link, rec *core.Record) bool {
	id, told := rec.Get(relation)
	return !told || rec.Ref.Object != core.Contact || !c.Settings.Companies.Sync || l.Base.Holds(core.Salesforce, relation, id)
}

// heldBeside are the fields of a person that the link accounts for beside the mapped
// ones: who somebody is matters while there is no partner, and a lead that is not
// converted tells nothing new.
func (c *Conn) heldBeside(l *core.Link, rec *core.Record) map[string]bool {
	held := map[string]bool{}
	if l.Pair != core.ContactPair {
		return held
	}
	for _, name := range consentField {
		held[strings.ToLower(name)] = true
	}
	held["email"], held[strings.ToLower(relation)], held["isconverted"] = true, true, rec.Values["IsConverted"] == "false"
	return held
}
