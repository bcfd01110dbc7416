package config

import (
	"fmt"
	"slices"
	"strings"

	"tandem/internal/core"
)

// served is how many Salesforce objects a list of mappings serves: a mapping of people
// applies to each of Contact and Lead that has its field (MAP-9). 0 for what is no pair.
// Activities have a list for each type; meetings come from events and become tasks.
func (c *Connection) served(pair string) int {
	switch {
	case pair == string(core.ActivityPair):
		return 0
	case pair == ActivityLists[core.Meetings]:
		return 2
	case slices.Contains(activityLists(), pair):
		return 1
	}
	return len(c.Pairs().Objects(core.Pair(pair))[core.Salesforce])
}

// pairNames are the pairs that have mappings, as a sentence lists them.
func (c *Connection) pairNames() string {
	var names []string
	for _, p := range c.Pairs().Names() {
		if p == core.ActivityPair {
			names = append(names, activityLists()...)
			continue
		}
		names = append(names, string(p))
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// fieldUse counts the mappings of a field, by side. A Salesforce field stands in one
// (MAP-1); a property in one for each Salesforce object, because the object's own
// field may be another. Which object has which field only a schema tells.
type fieldUse struct {
	most int
	seen [2]map[string]int
}

func (u fieldUse) taken(side core.Side, name string) bool {
	if side == core.Salesforce {
		return u.seen[side][name] > 0
	}
	return u.seen[side][name] >= u.most
}

func (u fieldUse) mend(side core.Side) string {
	if side == core.HubSpot && u.most > 1 {
		return "map it once for contacts and once for leads at most"
	}
	return "map each field once"
}

func (c *Connection) checkMappings(at finder) error {
	for _, pair := range sortedKeys(c.Mappings) {
		objects := c.served(pair)
		if objects == 0 {
			return at.refuse(".mappings."+pair, "this release maps no fields of such records", "write "+c.pairNames()+", or take the key out")
		}
		used := fieldUse{most: objects, seen: [2]map[string]int{{}, {}}}
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

func (m *Mapping) check(at finder, used fieldUse) error {
	names := [2]string{core.Salesforce: strings.ToLower(m.Salesforce), core.HubSpot: strings.ToLower(m.HubSpot)}
	for _, side := range core.Sides {
		switch key := "." + side.String(); {
		case names[side] == "":
			return at.refuse(key, "a mapping joins two fields, and this one is missing", "name a field of "+side.Label())
		case slices.Contains(optOut, names[side]):
			return at.refuse(key, "the opt-out is not a mapped field: consent is kept apart and only ever tightened", "take the mapping out")
		case used.taken(side, names[side]):
			return at.refuse(key, "the field is in another mapping already (MAP-1)", used.mend(side))
		}
		used.seen[side][names[side]]++
	}
	if m.Rule != "" {
		if _, err := core.ParseRule(m.Rule); err != nil {
			return at.refuse(".rule", fmt.Sprintf("%q is no rule", m.Rule), "write prefer_salesforce, always_salesforce, two_way or none")
		}
	}
	if used.most > 1 && names[core.Salesforce] == "accountid" && m.Rule != core.AlwaysSalesforce.String() && m.Rule != core.DontSync.String() {
		return at.refuse(".salesforce", "the account of a contact is kept by itself and is never written by a mapping", "write rule: always_salesforce to show it in HubSpot, or take the mapping out")
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
