package config

import (
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"tandem/internal/policy"
)

// Contacts are the settings of the people pair: Contact and Lead ⇄ contacts.
type Contacts struct {
	Sync bool `yaml:"sync"` // written even when off, as for companies
	// FromSalesforce is create_or_update, update_only or nothing (SET-2a).
	FromSalesforce string       `yaml:"from_salesforce,omitempty"`
	FromHubSpot    PersonChoice `yaml:"from_hubspot,omitempty"`
	InclusionList  string       `yaml:"inclusion_list,omitempty"` // id or name; blank for everybody (INC-1)
	ListEvery      Duration     `yaml:"list_every,omitempty"`     // how often it is looked who joined or left
	// How people are matched, as in Matching.
	Match       []string  `yaml:"match,omitempty"`
	ExternalKey FieldPair `yaml:"external_key,omitempty"`
	OnSeveral   string    `yaml:"on_several,omitempty"`
	Similar     string    `yaml:"similar,omitempty"`
	Filter      Filter    `yaml:"filter,omitempty"`
	// What follows a deletion: nothing, flag (in HubSpot only), archive or delete.
	WhenSalesforceContactDeleted string `yaml:"when_salesforce_contact_deleted,omitempty"`
	WhenSalesforceLeadDeleted    string `yaml:"when_salesforce_lead_deleted,omitempty"`
	WhenHubSpotDeleted           string `yaml:"when_hubspot_deleted,omitempty"`
	// PersonAccounts is what a person account syncs with: both, contact or company
	// (CON-10, LIM-28).
	PersonAccounts string `yaml:"person_accounts,omitempty"`
	// PersonRecordType is the name or id of the record type of the person accounts
	// that are made; blank takes the org's only active one.
	PersonRecordType string `yaml:"person_record_type,omitempty"`
}

func (c *Contacts) complete() {
	set(&c.FromSalesforce, policy.CreateOrUpdate)
	if len(c.FromHubSpot.Rules) == 0 {
		set(&c.FromHubSpot.Object, BecomesLead)
	}
	c.setMatching(c.Matching().completed(policy.KeyID, policy.KeyExternal, policy.KeyEmail))
	set(&c.WhenSalesforceContactDeleted, nothing)
	set(&c.WhenSalesforceLeadDeleted, nothing)
	set(&c.WhenHubSpotDeleted, nothing)
	set(&c.PersonAccounts, policy.PersonBoth)
}

// nothing is what a deletion does unless the settings say otherwise (AMB-22).
const nothing = "nothing"

// What a HubSpot contact becomes in Salesforce.
const (
	BecomesLead    = "lead"
	BecomesContact = "contact"
	BecomesPerson  = "person_account" // an account that is a person, with the contact behind it (LIM-28)
)

// Makes reports that some HubSpot contact may become the given word's record.
func (p *PersonChoice) Makes(word string) bool {
	return p.Object == word || slices.ContainsFunc(p.Rules, func(r PersonRule) bool { return r.Create == word })
}

// PersonChoice says what a HubSpot contact becomes in Salesforce: one object for
// all (CON-3), or the object of the first rule that holds (LIM-5). In the file it is
// a word, or a block with rules; exactly one of the two is set.
type PersonChoice struct {
	Object string       `yaml:"-"` // BecomesLead, BecomesContact or BecomesPerson; blank where rules decide
	Rules  []PersonRule `yaml:"rules,omitempty"`
}

// PersonRule makes a record of one object of the contacts for which the expression
// When, over the contact's properties, holds.
type PersonRule struct {
	When   string `yaml:"when"`
	Create string `yaml:"create"` // BecomesLead, BecomesContact or BecomesPerson
}

// UnmarshalYAML reads a word as well as a block with rules.
func (p *PersonChoice) UnmarshalYAML(n ast.Node) error {
	if word, ok := n.(*ast.StringNode); ok {
		*p = PersonChoice{Object: word.Value}
		return nil
	}
	if _, block := n.(*ast.MappingNode); !block {
		if _, block = n.(*ast.MappingValueNode); !block {
			return atNode(n, "this is the wrong type", "write lead, contact, person_account, or a block with rules")
		}
	}
	type plain PersonChoice
	if err := yaml.NodeToValue(n, (*plain)(p), yaml.Strict()); err != nil {
		return err
	}
	if len(p.Rules) == 0 {
		return atNode(n, "a block without rules leaves open what a contact becomes", "write lead, contact or person_account, or give rules")
	}
	return nil
}

// MarshalYAML writes what UnmarshalYAML reads.
func (p PersonChoice) MarshalYAML() (any, error) {
	if len(p.Rules) == 0 {
		return p.Object, nil
	}
	type plain PersonChoice
	return plain(p), nil
}

func (c *Connection) checkContacts(at finder) error {
	at = at.under(".contacts")
	people := &c.Contacts
	if err := oneOf(at, ".from_salesforce", people.FromSalesforce, policy.CreateOrUpdate, policy.UpdateOnly, policy.DoNothing); err != nil {
		return err
	}
	if err := oneOf(at, ".person_accounts", people.PersonAccounts, policy.PersonBoth, policy.PersonContact, policy.PersonCompany); err != nil {
		return err
	}
	for _, check := range []func(finder) error{people.FromHubSpot.check, people.Filter.check, people.checkMatching, people.checkDeletions} {
		if err := check(at); err != nil {
			return err
		}
	}
	return nil
}

func (p *PersonChoice) check(at finder) error {
	at = at.under(".from_hubspot")
	if p.Object != "" {
		return oneOf(at, "", p.Object, BecomesLead, BecomesContact, BecomesPerson)
	}
	for i, r := range p.Rules {
		if err := r.check(at.under(fmt.Sprintf(".rules[%d]", i))); err != nil {
			return err
		}
	}
	return nil
}

const exampleRule = `write an expression over the contact's properties, such as lifecyclestage == "customer"; "true" holds for everybody`

func (r *PersonRule) check(at finder) error {
	if r.When == "" {
		return at.refuse(".when", "a rule needs to say for whom it holds", exampleRule)
	}
	if err := checkExpression(at, ".when", r.When, exampleRule); err != nil {
		return err
	}
	return oneOf(at, ".create", r.Create, BecomesLead, BecomesContact, BecomesPerson)
}

// checkDeletions refuses what cannot follow the deletion of a person.
func (c *Contacts) checkDeletions(at finder) error {
	if err := oneOf(at, ".when_salesforce_contact_deleted", c.WhenSalesforceContactDeleted, deletions...); err != nil {
		return err
	}
	if err := oneOf(at, ".when_salesforce_lead_deleted", c.WhenSalesforceLeadDeleted, deletions...); err != nil {
		return err
	}
	return oneOf(at, ".when_hubspot_deleted", c.WhenHubSpotDeleted, deletions...)
}
