package config

import (
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"tandem/internal/core"
)

func TestAMB22_DefaultsOfPeopleAreTheOriginals(t *testing.T) {
	c := Connection{}
	c.Complete()
	want := Contacts{FromSalesforce: "create_or_update", FromHubSpot: PersonChoice{Object: "lead"}, ListEvery: Duration(10 * time.Minute),
		Match: []string{"id", "external_key", "email"}, OnSeveral: "review", Similar: "off",
		WhenSalesforceContactDeleted: "nothing", WhenSalesforceLeadDeleted: "nothing", WhenHubSpotDeleted: "nothing", PersonAccounts: "both"}
	if diff := cmp.Diff(want, c.Contacts); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
}

// Mistakes in the settings of people are refused with line and mend.
func TestSET2_MistakesOfPeopleAreRefused(t *testing.T) {
	for _, tt := range []struct{ name, contacts, want string }{
		{"from Salesforce", "from_salesforce: create", `line 14: connections[0].contacts.from_salesforce: "create" is not known here; write one of create_or_update, update_only, nothing`},
		{"from HubSpot", "from_hubspot: person", `line 14: connections[0].contacts.from_hubspot: "person" is not known here; write one of lead, contact, person_account`},
		{"from HubSpot as a number", "from_hubspot: 7", "line 14: connections[0].contacts.from_hubspot: this is the wrong type; write lead, contact, person_account, or a block with rules"},
		{"person accounts", "person_accounts: none", `line 14: connections[0].contacts.person_accounts: "none" is not known here; write one of both, contact, company`},
		{"no rules", "from_hubspot: {rules: []}", "line 14: connections[0].contacts.from_hubspot: a block without rules leaves open what a contact becomes"},
		{"misspelt rules", "from_hubspot: {rulse: []}", "rulse: there is no such key"},
		{"misspelt key of a rule", "from_hubspot: {rules: [{wen: a, create: lead}]}", "wen: there is no such key"},
		{"rule without when", "from_hubspot: {rules: [{create: lead}]}", "line 14: connections[0].contacts.from_hubspot.rules[0].when: a rule needs to say for whom it holds"},
		{"rule that does not read", `from_hubspot: {rules: [{when: "a ==", create: lead}]}`, "line 14: connections[0].contacts.from_hubspot.rules[0].when: the expression does not read"},
		{"rule for another object", `from_hubspot: {rules: [{when: "true", create: account}]}`, `rules[0].create: "account" is not known here; write one of lead, contact, person_account`},
		{"rule for no object", `from_hubspot: {rules: [{when: "true"}]}`, `rules[0].create: "" is not known here; write one of lead, contact, person_account`},
		{"filter", `filter: {from_salesforce: "("}`, "line 14: connections[0].contacts.filter.from_salesforce: the expression does not read"},
		{"other filter", `filter: {from_hubspot: "("}`, "line 14: connections[0].contacts.filter.from_hubspot: the expression does not read"},
		{"deleted contact", "when_salesforce_contact_deleted: vanish", "line 14: connections[0].contacts.when_salesforce_contact_deleted: \"vanish\" is not known here; write one of nothing, flag, archive, delete"},
		{"deleted lead", "when_salesforce_lead_deleted: vanish", "when_salesforce_lead_deleted: \"vanish\" is not known here"},
		{"deleted in HubSpot", "when_hubspot_deleted: vanish", "when_hubspot_deleted: \"vanish\" is not known here"},
		{"deleted HubSpot contact", "when_hubspot_deleted: vanish", "line 14: connections[0].contacts.when_hubspot_deleted: \"vanish\" is not known here; write one of nothing, flag, archive, delete"},
		{"match without e-mail", "match: [id]", "line 14: connections[0].contacts.match: people are the same by their e-mail address in any case"},
		{"match key of companies", "match: [email, domain]", `line 14: connections[0].contacts.match[1]: "domain" is not known here; write one of id, external_key, email, name_address`},
		{"external key not asked", "match: [email], external_key: {salesforce: A__c, hubspot: a}", "line 14: connections[0].contacts.external_key: external_key is not in match"},
		{"half an external key", "external_key: {salesforce: A__c}", "line 14: connections[0].contacts.external_key: a key has two ends, and one is missing"},
		{"similar", "similar: always", `line 14: connections[0].contacts.similar: "always" is not known here; write one of off, review, link`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wantRefused(t, "companies:\n", "contacts: {"+tt.contacts+"}\n    companies:\n", tt.want)
		})
	}
}

// What people may be set to is read as it is written.
func TestSET2_SettingsOfPeopleAreRead(t *testing.T) {
	text := strings.Replace(sample, "companies:\n", "contacts: {sync: true, from_salesforce: update_only, from_hubspot: {rules: [{when: 'city == \"Aarhus\"', create: contact}]}, inclusion_list: Salesforce, "+
		`match: [email, name_address, external_key], external_key: {salesforce: Number__c, hubspot: number}, similar: review, `+
		`filter: {from_hubspot: 'city == "Aarhus"'}, when_salesforce_contact_deleted: archive, when_salesforce_lead_deleted: flag, when_hubspot_deleted: delete}`+"\n    companies:\n", 1)
	read := parse(t, text).Connections[0]
	got, gone := read.Contacts, read.Pair(core.ContactPair).Deleted
	want := Contacts{Sync: true, FromSalesforce: "update_only", FromHubSpot: PersonChoice{Rules: []PersonRule{{`city == "Aarhus"`, "contact"}}}, InclusionList: "Salesforce", ListEvery: Duration(10 * time.Minute), Filter: Filter{FromHubSpot: `city == "Aarhus"`},
		Match: []string{"email", "name_address", "external_key"}, ExternalKey: FieldPair{"Number__c", "number"}, OnSeveral: "review", Similar: "review",
		WhenSalesforceContactDeleted: "archive", WhenSalesforceLeadDeleted: "flag", WhenHubSpotDeleted: "delete", PersonAccounts: "both"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	if gone[core.Contact] != "archive" || gone[core.Lead] != "flag" || gone[core.Contacts] != "delete" {
		t.Errorf("deletions are %q, %q and %q", gone[core.Contact], gone[core.Lead], gone[core.Contacts])
	}
}

// The choice of an object is a word or a block, and is written as it is read.
func TestLIM5_ChoiceOfAnObjectIsAWordOrRules(t *testing.T) {
	for text, want := range map[string]PersonChoice{
		"from_hubspot: contact\n": {Object: "contact"},
		"from_hubspot:\n  rules:\n  - when: city == \"Aarhus\"\n    create: contact\n  - when: \"true\"\n    create: lead\n": {
			Rules: []PersonRule{{`city == "Aarhus"`, "contact"}, {"true", "lead"}}},
	} {
		var c Contacts
		if err := decode([]byte(text), &c, ""); err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, c.FromHubSpot); diff != "" {
			t.Errorf("%q is read (-want +got):\n%s", text, diff)
		}
		if c.complete(); want.Object == "" && c.FromHubSpot.Object != "" {
			t.Errorf("%q: rules and the word %q at once", text, c.FromHubSpot.Object)
		}
		written, err := yaml.Marshal(Contacts{FromHubSpot: want})
		if err != nil {
			t.Fatal(err)
		}
		if string(written) != "sync: false\n"+text {
			t.Errorf("%q is written %q", text, written)
		}
	}
}

// A mapping of people serves leads and contacts: a property stands once for each at
// most, a Salesforce field once.
func TestMAP9_MappingsOfPeople(t *testing.T) {
	for _, tt := range []struct{ name, mappings, want string }{
		{"own fields of both", "[{hubspot: city, salesforce: City}, {hubspot: city, salesforce: MailingCity}]", ""},
		{"property for a third time", "[{hubspot: city, salesforce: City}, {hubspot: city, salesforce: MailingCity}, {hubspot: city, salesforce: OtherCity}]",
			"line 18: connections[0].mappings.contact[2].hubspot: the field is in another mapping already (MAP-1); map it once for contacts and once for leads at most"},
		{"field twice", "[{hubspot: city, salesforce: City}, {hubspot: state, salesforce: city}]", "connections[0].mappings.contact[1].salesforce: the field is in another mapping already (MAP-1)"},
		{"opt-out", "[{hubspot: hs_email_optout, salesforce: HasOptedOutOfEmail}]", "the opt-out is not a mapped field"},
		{"owner one-way", "[{hubspot: hubspot_owner_id, salesforce: OwnerId, rule: always_salesforce}]", "always two-way (MAP-8)"},
		{"account written", "[{hubspot: account, salesforce: AccountId, rule: two_way}]", "line 18: connections[0].mappings.contact[0].salesforce: the account of a contact is kept by itself"},
		{"account written by default", "[{hubspot: account, salesforce: AccountId}]", "the account of a contact is kept by itself"},
		{"account shown", "[{hubspot: account, salesforce: AccountId, rule: always_salesforce}]", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			to := "mappings:\n      contact: " + tt.mappings + "\n"
			if tt.want == "" {
				parse(t, strings.Replace(sample, "mappings:\n", to, 1))
				return
			}
			wantRefused(t, "mappings:\n", to, tt.want)
		})
	}
}
