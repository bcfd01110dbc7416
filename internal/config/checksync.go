package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/parser"

	"tandem/internal/core"
	"tandem/internal/policy"
)

// check refuses settings of what syncs and how.
func (c *Connection) check(at finder) error {
	for _, check := range []func(finder) error{c.checkPace, c.checkCompanies, c.checkContacts, c.checkOwners, c.checkLater, c.checkMappings} {
		if err := check(at); err != nil {
			return err
		}
	}
	return nil
}

// leastPoll is the shortest period of a poll: Salesforce stamps whole seconds, and
// HubSpot's search runs seconds behind.
const leastPoll = time.Second

func (c *Connection) checkPace(at finder) error {
	if c.Retry.StopAtShare <= 0 || c.Retry.StopAtShare > 1 {
		return at.refuse(".retry.stop_at_share", "a share is above 0 and at most 1", "0.75 is the default")
	}
	if c.PollEvery.D() < leastPoll {
		return at.refuse(".poll_every", "asking this often would burn calls and find nothing sooner", "write 1s or more; 1m is the default, and change feeds are faster than any poll")
	}
	if err := c.Brakes.check(at.under(".brakes")); err != nil {
		return err
	}
	return oneOf(at, ".profile", string(c.Profile), string(Classic), string(Tandem))
}

func (b *Brakes) check(at finder) error {
	for _, brake := range []struct {
		key   string
		limit BrakeLimit
		usual core.BrakeLimits
	}{{".deletes", b.Deletes, core.DefaultBrakeLimits}, {".changed", b.Changed, core.DefaultChangedLimits}, {".scope", b.Scope, core.DefaultScopeLimits}} {
		if err := brake.limit.check(at.under(brake.key), brake.usual); err != nil {
			return err
		}
	}
	return nil
}

func (b BrakeLimit) check(at finder, usual core.BrakeLimits) error {
	switch {
	case b.AtLeast < 0:
		return at.refuse(".at_least", "a number of records is not negative", fmt.Sprintf("%d is the default", usual.AtLeast))
	case b.Share < 0 || b.Share > 1:
		return at.refuse(".share", "a share is between 0 and 1", fmt.Sprintf("%g is the default", usual.Share))
	}
	return nil
}

// deletions are what may follow a deletion on the other side (AMB-22, LIM-16).
var deletions = []string{"nothing", "flag", "archive", "delete"}

var matchKeys = []string{policy.KeyID, policy.KeyExternal, policy.KeyContacts, policy.KeyDomain, policy.KeyNameAddress}

func (c *Connection) checkCompanies(at finder) error {
	at = at.under(".companies")
	co := &c.Companies
	for i, k := range co.Match {
		if err := oneOf(at, fmt.Sprintf(".match[%d]", i), k, matchKeys...); err != nil {
			return err
		}
		if slices.Contains(co.Match[:i], k) {
			return at.refuse(fmt.Sprintf(".match[%d]", i), fmt.Sprintf("%q is given twice", k), "give each key once, the most trusted first")
		}
	}
	if err := oneOf(at, ".on_several", co.OnSeveral, "review"); err != nil {
		return err
	}
	if err := oneOf(at, ".when_salesforce_deleted", co.WhenSalesforceDeleted, deletions...); err != nil {
		return err
	}
	if err := oneOf(at, ".when_hubspot_deleted", co.WhenHubSpotDeleted, deletions...); err != nil {
		return err
	}
	if !slices.Contains([]string{"classic", "always", "never"}, co.CreateAccount) {
		if err := checkExpression(at, ".create_account", co.CreateAccount, "write classic, always, never or an expression over the company's properties"); err != nil {
			return err
		}
	}
	if err := checkExpression(at, ".filter.from_salesforce", co.Filter.FromSalesforce, exampleFilter); err != nil {
		return err
	}
	return checkExpression(at, ".filter.from_hubspot", co.Filter.FromHubSpot, exampleFilter)
}

const exampleFilter = `write an expression over the fields of that side, such as country == "Denmark"`

// checkExpression finds mistakes of spelling; whether the fields exist is known
// only when both sides are reached.
func checkExpression(at finder, key, text, mend string) error {
	if text == "" {
		return nil
	}
	if _, err := parser.Parse(text); err != nil {
		return at.refuse(key, "the expression does not read: "+firstLine(err.Error()), mend)
	}
	return nil
}

func (c *Connection) checkContacts(at finder) error {
	at = at.under(".contacts")
	if c.Contacts.Sync {
		return at.refuse(".sync", "this release does not sync the fields of people yet; it links them by e-mail address, because companies depend on them", "take the key out, or write sync: false")
	}
	if err := oneOf(at, ".from_salesforce", c.Contacts.FromSalesforce, "create_or_update"); err != nil {
		return err
	}
	return oneOf(at, ".from_hubspot", c.Contacts.FromHubSpot, "lead", "contact")
}

// checkLater refuses what later releases will do and this one would ignore.
func (c *Connection) checkLater(at finder) error {
	switch {
	case c.Lifecycle.CompanyFollowsContact && !c.Companies.Sync:
		return at.refuse(".lifecycle.company_follows_contact", "the lifecycle stage of companies cannot follow their contacts while company sync is off", "set companies.sync: true, or take the key out")
	case c.Lifecycle.CompanyFollowsContact:
		return at.refuse(".lifecycle.company_follows_contact", "this release does not sync lifecycle stages yet", "take the key out")
	}
	return nil
}

func (c *Connection) checkOwners(at finder) error {
	at = at.under(".owners")
	if err := oneOf(at, ".match", c.Owners.Match, MatchNameAndEmail, MatchStrict); err != nil {
		return err
	}
	for _, user := range sortedKeys(c.Owners.Map) {
		if user == "" || c.Owners.Map[user] == "" {
			return at.refuse(".map", "a pair of owners has two ends, and one is missing", "write the Salesforce user or queue, then the HubSpot owner, each by e-mail address or id in quotes")
		}
	}
	return nil
}

func (c *Connection) checkMappings(at finder) error {
	for _, pair := range sortedKeys(c.Mappings) {
		if pair != string(core.CompanyPair) {
			return at.refuse(".mappings."+pair, "this release maps the fields of companies only", "take the key out")
		}
		used := [2]map[string]bool{{}, {}}
		for i, m := range c.Mappings[pair] {
			if err := m.check(at.under(fmt.Sprintf(".mappings.%s[%d]", pair, i)), used); err != nil {
				return err
			}
		}
	}
	return nil
}

// optOut are the fields of consent, which is state of its own and never a mapped
// field; owner those of the owner, which is always two-way (MAP-8).
var (
	optOut = []string{"hasoptedoutofemail", "hs_email_optout"}
	owner  = []string{"ownerid", "hubspot_owner_id"}
)

func (m *Mapping) check(at finder, used [2]map[string]bool) error {
	names := [2]string{core.Salesforce: strings.ToLower(m.Salesforce), core.HubSpot: strings.ToLower(m.HubSpot)}
	for _, side := range core.Sides {
		switch key := "." + side.String(); {
		case names[side] == "":
			return at.refuse(key, "a mapping joins two fields, and this one is missing", "name a field of "+side.Label())
		case slices.Contains(optOut, names[side]):
			return at.refuse(key, "the opt-out is not a mapped field: consent is kept apart and only ever tightened", "take the mapping out")
		case used[side][names[side]]:
			return at.refuse(key, "the field is in another mapping already (MAP-1)", "map each field once")
		}
		used[side][names[side]] = true
	}
	if m.Rule != "" {
		if _, err := core.ParseRule(m.Rule); err != nil {
			return at.refuse(".rule", fmt.Sprintf("%q is no rule", m.Rule), "write prefer_salesforce, always_salesforce, two_way or none")
		}
	}
	if (slices.Contains(owner, names[0]) || slices.Contains(owner, names[1])) && m.Rule != "" && m.Rule != core.TwoWay.String() {
		return at.refuse(".rule", "a mapping of the owner is always two-way (MAP-8)", "write rule: two_way, or take the mapping out")
	}
	return m.checkValues(at)
}

func (m *Mapping) checkValues(at finder) error {
	if err := oneOf(at, ".reference", m.Reference, "", "id", "name"); err != nil {
		return err
	}
	if err := checkExpression(at, ".to_salesforce", m.ToSalesforce, "write an expression over value"); err != nil {
		return err
	}
	return checkExpression(at, ".to_hubspot", m.ToHubSpot, "write an expression over value")
}
