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
	return core.FoldAddress(v)
}

// FurtherEmails are the canonical addresses of a HubSpot contact beside its first one.
func FurtherEmails(rec *core.Record) (out []string) {
	for _, v := range strings.Split(rec.Values["hs_additional_emails"], ";") {
		if v = core.FoldAddress(v); v != "" && v != EmailOf(rec) {
			out = append(out, v)
		}
	}
	return out
}

// PeopleSync is under what the moment of contacts.sync is kept. People are followed
// from the switch of companies on, whose identity comes from them; who is new and who
// existed before is counted from their own (CON-1).
const PeopleSync core.Pair = "contact/sync"

// PeopleToHubSpot is under what the moment is kept from which on people pass from
// Salesforce to HubSpot at all (SET-2).
const PeopleToHubSpot core.Pair = "contact/to_hubspot"

// PeopleEverywhere is under what the moment is kept from which on opt-outs pass for
// everybody, whatever the lists and filters say (LIM-12).
const PeopleEverywhere core.Pair = "contact/everywhere"

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

// FollowedPairs are the pairs whose records are looked at.
func (c *Known) FollowedPairs() core.PairSet {
	return slices.DeleteFunc(slices.Clone(c.Pairs), func(d core.PairDef) bool { return !c.Follows(d.Name) })
}

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
	c.becomes, err = c.PersonRules(c.Settings.Contacts.FromHubSpot)
	return err
}

// PersonRules say what a HubSpot contact becomes: the first that holds counts (LIM-5).
type PersonRules []personRule

// personRule makes word's record of those for whom when holds; of everybody where it is nil.
type personRule struct {
	when *mapping.Predicate
	word string
}

// PersonRules makes a choice ready that settings have or would have. One word is a rule that
// holds for everybody.
func (c *Known) PersonRules(choice config.PersonChoice) (PersonRules, error) {
	if choice.Object != "" {
		return PersonRules{{word: choice.Object}}, nil
	}
	var out PersonRules
	for i, r := range choice.Rules {
		when, err := Predicate(r.When, c.Defs[core.HubSpot][core.Contacts])
		if err != nil {
			return nil, Misfit(fmt.Sprintf("contacts.from_hubspot.rules[%d].when", i), core.HubSpot, core.Contacts, err)
		}
		out = append(out, personRule{when, r.Create})
	}
	return out, nil
}

// Fields are those that the rules look at.
func (rules PersonRules) Fields() (out []string) {
	for _, r := range rules {
		if r.when != nil {
			out = append(out, r.when.Fields()...)
		}
	}
	return out
}

// Of is the word for what a contact becomes, blank where no rule holds. It errs where a
// rule that might be the first has no answer.
func (rules PersonRules) Of(rec *core.Record) (word string, err error) {
	for _, r := range rules {
		if r.when == nil {
			return r.word, nil
		}
		if ok, err := r.when.Match(rec.Values); err != nil || ok {
			return r.word, err
		}
	}
	return "", nil
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
	if word := c.Settings.Contacts.FromHubSpot.Object; word != "" { // it decides about accounts too, where people do not sync
		return personObject(word)
	}
	word, err := c.becomes.Of(rec)
	if word == "" || err != nil {
		return ""
	}
	return personObject(word)
}

// MappingOf is what maps the fields of a linked pair, nil where none pass.
func (c *Known) MappingOf(l *core.Link) *mapping.Mapping {
	if l.Pair == core.ActivityPair {
		return c.ActivityMapping(l.Refs[core.Salesforce].Object, l.Refs[core.HubSpot].Object, l.Origin == core.HubSpot.String(), false)
	}
	return c.Mappings[l.Refs[core.Salesforce].Object]
}

// MappingsOf are what maps the fields of an object: a HubSpot contact syncs with a
// lead or with a contact.
func (c *Known) MappingsOf(side core.Side, object core.Object) []*mapping.Mapping {
	pair, _ := c.Pairs.Of(side, object)
	if pair == core.ActivityPair {
		return c.activityMappings(side, object)
	}
	var out []*mapping.Mapping
	for _, of := range c.Pairs.Objects(pair)[core.Salesforce] {
		if m := c.Mappings[of]; m != nil && (side == core.HubSpot || of == object) {
			out = append(out, m)
		}
	}
	return out
}

// IdentityFields are those whose change may give a record another partner, or a person
// another account, and those of an opt-out.
func (c *Known) IdentityFields(side core.Side, object core.Object) []string {
	out := append(c.matchFields(side, object), slices.Concat(c.stageNews(object), c.CampaignFields(object), c.Lists.Of(object).Properties())...)
	switch object {
	case core.Contact:
		return append(out, "Email", RelationKey, OptOutField[core.Salesforce])
	case core.Lead:
		return append(out, "Email", "IsConverted", OptOutField[core.Salesforce])
	case core.Contacts:
		return append(out, "email", OptOutField[core.HubSpot])
	case core.Opportunity:
		return append(append(out, RelationKey), c.currencyFields(side, object)...)
	case core.Deals, core.Product:
		return append(out, c.currencyFields(side, object)...)
	case core.Task, core.Event:
		return append(out, WhoKey, WhatKey)
	}
	return append(out, c.lookupFields(side, object)...)
}

// SameRelation reports that the account of a linked contact or opportunity, where rec answers it, is
// the one that both sides agreed on, and so are the other references of a record.
func (c *Known) SameRelation(l *core.Link, rec *core.Record) bool {
	if l.Pair == core.ActivityPair {
		return sameAbout(l, rec)
	}
	if !c.sameLookups(l, rec) || !c.sameCurrency(l, rec) {
		return false
	}
	id, told := rec.Get(RelationKey)
	return !told || rec.Ref.Object != core.Contact && rec.Ref.Object != core.Opportunity || !c.Settings.Companies.Sync || l.Base.Holds(core.Salesforce, RelationKey, id)
}

// HeldBeside are the fields of a person that the link accounts for beside the mapped
// ones: who somebody is matters while there is no partner, and a lead that is not
// converted tells nothing new.
func (c *Known) HeldBeside(l *core.Link, rec *core.Record) map[string]bool {
	held := map[string]bool{}
	for _, name := range append(c.StageFields(rec.Ref.Object), c.CampaignFields(rec.Ref.Object)...) {
		held[strings.ToLower(name)] = true
	}
	if l.Pair == core.DealPair {
		held[strings.ToLower(RelationKey)] = true
	}
	if l.Pair == core.DealPair || l.Pair == core.ProductPair {
		held[strings.ToLower(CurrencyField[rec.Ref.Side])] = true
	}
	if l.Pair == core.ActivityPair {
		held["whoid"], held["whatid"] = true, true
	}
	for _, name := range c.lookupFields(rec.Ref.Side, rec.Ref.Object) {
		held[strings.ToLower(name)] = true
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
