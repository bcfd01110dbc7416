package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tandem/internal/core"
	"tandem/internal/policy"
)

// CustomObject declares an object pair of the connection's own: a Salesforce object that
// syncs with a custom object of HubSpot. There may be any number (LIM-15).
type CustomObject struct {
	Name       string `yaml:"name"`       // what every verb calls it
	Salesforce string `yaml:"salesforce"` // API name
	HubSpot    string `yaml:"hubspot"`    // object type id, 2-…
	Sync       bool   `yaml:"sync"`
	// What a record of one side does on the other: create_or_update, update_only or
	// nothing.
	FromSalesforce string `yaml:"from_salesforce,omitempty"`
	FromHubSpot    string `yaml:"from_hubspot,omitempty"`
	// OnConflict is whose value is taken where both sides changed a field: latest,
	// salesforce or hubspot (CO-3).
	OnConflict string `yaml:"on_conflict,omitempty"`
	// What follows a deletion: nothing, flag (in HubSpot only), archive or delete.
	WhenSalesforceDeleted string        `yaml:"when_salesforce_deleted,omitempty"`
	WhenHubSpotDeleted    string        `yaml:"when_hubspot_deleted,omitempty"`
	Filter                Filter        `yaml:"filter,omitempty"`
	InclusionList         string        `yaml:"inclusion_list,omitempty"` // id or name; blank for all records (INC-8)
	ListEvery             Duration      `yaml:"list_every,omitempty"`
	Associations          []Association `yaml:"associations,omitempty"`
}

// Association is a lookup field of a Salesforce object that is an association in HubSpot.
type Association struct {
	Field string `yaml:"field"` // API name of the lookup field
	To    string `yaml:"to"`    // the object that it names, as the verbs call it
	Label string `yaml:"label,omitempty"`
}

// Whose value is taken where both sides changed a field.
const (
	LatestWins     = "latest"
	SalesforceWins = "salesforce"
	HubSpotWins    = "hubspot"
)

func (c *Connection) completeCustom() {
	for i := range c.CustomObjects {
		o := &c.CustomObjects[i]
		set(&o.FromSalesforce, policy.CreateOrUpdate)
		set(&o.FromHubSpot, policy.CreateOrUpdate)
		set(&o.OnConflict, LatestWins)
		set(&o.WhenSalesforceDeleted, nothing)
		set(&o.WhenHubSpotDeleted, nothing)
		for j := range c.Mappings[o.Name] {
			set(&c.Mappings[o.Name][j].Rule, core.TwoWay.String()) // CO-5
		}
	}
}

// pair is the object pair as the engine takes it.
func (o *CustomObject) pair() core.PairDef {
	d := core.PairDef{Name: core.Pair(o.Name), Plural: o.Name, Objects: [2][]core.Object{{core.Object(o.Salesforce)}, {core.Object(o.HubSpot)}}, Custom: true, Carried: true}
	for _, a := range o.Associations {
		d.Lookups = append(d.Lookups, core.Lookup{Field: a.Field, To: core.Pair(a.To), Label: a.Label})
	}
	return d
}

func (o *CustomObject) pairSettings() PairSettings {
	s := PairSettings{Sync: o.Sync, Filter: o.Filter, From: [2]string{o.FromSalesforce, o.FromHubSpot},
		Deleted: deletedOf(core.Object(o.Salesforce), o.WhenSalesforceDeleted, core.Object(o.HubSpot), o.WhenHubSpotDeleted)}
	if o.OnConflict != LatestWins {
		s.Wins = o.OnConflict
	}
	return s
}

var (
	pairPattern     = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`)
	objectPattern   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,79}$`)
	objectIDPattern = regexp.MustCompile(`^2-[0-9]+$`)
)

// taken are names that verbs have a meaning for already.
var taken = []string{"account", "accounts", "lead", "leads", "opportunity", "opportunities", "case", "cases", "activity", "activities", "task", "tasks", "event", "events",
	"call", "calls", "meeting", "meetings", "email", "emails", "note", "notes", "campaign", "campaigns", "product", "products", "line_item", "line_items", "all"}

// checkCustom refuses declarations that cannot be meant.
func (c *Connection) checkCustom(at finder) error {
	seen := map[string]string{}
	for _, d := range core.StandardPairs {
		seen[string(d.Name)], seen[d.Plural] = "an object that Tandem knows", "an object that Tandem knows"
		for _, o := range slices.Concat(d.Objects[0], d.Objects[1]) {
			seen[string(o)] = "the settings of " + d.Plural
		}
	}
	for i := range c.CustomObjects {
		o, here := &c.CustomObjects[i], at.under(fmt.Sprintf(".custom_objects[%d]", i))
		if err := o.check(here, seen); err != nil {
			return err
		}
		if err := c.checkAssociations(here, o); err != nil {
			return err
		}
	}
	return nil
}

func (o *CustomObject) check(at finder, seen map[string]string) error {
	switch {
	case !pairPattern.MatchString(o.Name):
		return at.refuse(".name", "an object pair needs a name of small letters, digits, dashes and underscores", "give it a short one, such as project")
	case seen[o.Name] != "" || slices.Contains(taken, o.Name):
		return at.refuse(".name", fmt.Sprintf("%q means something else already", o.Name), "give it another name")
	case !objectPattern.MatchString(o.Salesforce):
		return at.refuse(".salesforce", "this is no API name of an object", "write it as Setup shows it, such as Project__c")
	case seen[o.Salesforce] != "":
		return at.refuse(".salesforce", o.Salesforce+" is in "+seen[o.Salesforce]+" already, and an object is in one pair only", "name another object")
	case !objectIDPattern.MatchString(o.HubSpot):
		return at.refuse(".hubspot", "a custom object of HubSpot is named by its object type id", "write it as the object's settings in HubSpot show it, such as 2-1234567")
	case seen[o.HubSpot] != "":
		return at.refuse(".hubspot", o.HubSpot+" is in "+seen[o.HubSpot]+" already, and an object is in one pair only", "name another object")
	}
	seen[o.Name], seen[o.Salesforce], seen[o.HubSpot] = "custom object "+o.Name, "custom object "+o.Name, "custom object "+o.Name
	if err := oneOf(at, ".on_conflict", o.OnConflict, LatestWins, SalesforceWins, HubSpotWins); err != nil {
		return err
	}
	return checkPassing(at, o.pairSettings(), core.Object(o.Salesforce), core.Object(o.HubSpot))
}

// checkAssociations refuses associations that HubSpot could not tell apart, and those
// with records that do not sync (CO-4).
func (c *Connection) checkAssociations(at finder, o *CustomObject) error {
	pairs := c.Pairs()
	seen, labels := map[string]bool{}, map[string][]string{}
	for i, a := range o.Associations {
		at := at.under(fmt.Sprintf(".associations[%d]", i))
		to, label := core.Pair(a.To), strings.ToLower(a.Label)
		switch have, again := labels[a.To]; {
		case !objectPattern.MatchString(a.Field) || seen[a.Field]:
			return at.refuse(".field", "this is no API name of a lookup field, or another association has it", "write it as Setup shows it, such as Project__c, once")
		case pairs.Def(to).Name == "":
			return at.refuse(".to", fmt.Sprintf("%q is no object that syncs", a.To), "write company, contact, deal, ticket, or the name of a custom object")
		case a.To == o.Name:
			return at.refuse(".to", "HubSpot does not tell which of two associated records of one object the other names", "map the lookup as text: reference: id or name")
		case !c.Syncs(to) && o.Sync:
			return at.refuse(".to", a.To+" does not sync, so nothing could be associated", "switch its sync on, or take the association out")
		case again && (label == "" || slices.Contains(have, "") || slices.Contains(have, label)):
			return at.refuse(".label", "several lookups name the same object, and each needs a label of its own to be told apart", "give each a label")
		}
		seen[a.Field], labels[a.To] = true, append(labels[a.To], label)
	}
	return nil
}
