package simtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// ruled are fields of companies, one under each rule.
var ruled = []config.Mapping{
	{HubSpot: "phone", Salesforce: "Phone", Rule: "prefer_salesforce"}, {HubSpot: "state", Salesforce: "Fax", Rule: "always_salesforce"},
	{HubSpot: "zip", Salesforce: "Site", Rule: "two_way"}, {HubSpot: "address", Salesforce: "AccountNumber", Rule: "none"},
}

func underRule(rule string) config.Mapping {
	return ruled[slices.IndexFunc(ruled, func(m config.Mapping) bool { return m.Rule == rule })]
}

// step is one edit on one side; the same value on both sides is one step each.
type step struct {
	side  core.Side
	value string
}

func sf(v string) step { return step{core.Salesforce, v} }
func hs(v string) step { return step{core.HubSpot, v} }

func (w *World) edit(c couple, m config.Mapping, s step) {
	w.T.Helper()
	if s.side == core.Salesforce {
		w.editAccount(c.account, m.Salesforce, blankNil(s.value))
		return
	}
	w.editCompany(c.company, m.HubSpot, s.value)
}

func blankNil(v string) any {
	if v == "" {
		return nil
	}
	return v
}

// valuesOf are both sides of a pair's field.
func (w *World) valuesOf(c couple, m config.Mapping) [2]string {
	w.T.Helper()
	return [2]string{w.accountValue(c.account, m.Salesforce), w.companyValue(c.company, m.HubSpot)}
}

// couples links an account for each case, with the value that its field begins with.
func (w *World) couples(cases []ruleCase) []couple {
	w.T.Helper()
	out := make([]couple, len(cases))
	for i, c := range cases {
		out[i].account = w.account(c.name, underRule(c.rule).Salesforce, c.first)
	}
	w.Sync()
	for i, c := range cases {
		if out[i].company = w.partner(out[i].account); out[i].company == "" {
			w.T.Fatalf("%s was not linked: %+v", c.name, w.Explain(out[i].account))
		}
	}
	w.Advance(3 * time.Second)
	return out
}

// ruleCase is what becomes of a field under a rule.
type ruleCase struct {
	name, rule string
	first      string // the account's value when the pair is made
	steps      []step
	want       [2]string
}

// TestMAP4_MAP5_MAP6_MAP7_Rules: each step is followed by a sync.
func TestMAP4_MAP5_MAP6_MAP7_Rules(t *testing.T) {
	cases := []ruleCase{
		{"MAP-4 value in Salesforce overwrites", "prefer_salesforce", "1", []step{hs("2"), sf("3")}, [2]string{"3", "3"}},
		{"MAP-4 HubSpot does not overwrite a value", "prefer_salesforce", "1", []step{hs("2")}, [2]string{"1", "1"}},
		{"MAP-4 HubSpot fills a blank", "prefer_salesforce", "", []step{hs("2")}, [2]string{"2", "2"}},
		{"MAP-4 AMB-6 deleting in Salesforce deletes in HubSpot", "prefer_salesforce", "1", []step{sf("")}, [2]string{"", ""}},
		{"MAP-4 AMB-6 what was cleared may be filled again", "prefer_salesforce", "1", []step{sf(""), hs("2")}, [2]string{"2", "2"}},
		{"MAP-4 HubSpot's clear does not clear Salesforce", "prefer_salesforce", "1", []step{hs("")}, [2]string{"1", "1"}},
		{"MAP-5 Salesforce overwrites", "always_salesforce", "1", []step{hs("2"), sf("3")}, [2]string{"3", "3"}},
		{"MAP-5 HubSpot's change is taken back", "always_salesforce", "1", []step{hs("2")}, [2]string{"1", "1"}},
		{"MAP-5 HubSpot never fills Salesforce", "always_salesforce", "", []step{hs("2")}, [2]string{"", "2"}},
		{"MAP-5 deleting in Salesforce deletes in HubSpot", "always_salesforce", "1", []step{sf("")}, [2]string{"", ""}},
		{"MAP-6 Salesforce's change passes", "two_way", "1", []step{sf("2")}, [2]string{"2", "2"}},
		{"MAP-6 HubSpot's change passes", "two_way", "1", []step{hs("2")}, [2]string{"2", "2"}},
		{"MAP-6 the last one wins, to and fro", "two_way", "1", []step{hs("2"), sf("3"), hs("4")}, [2]string{"4", "4"}},
		{"MAP-6 HubSpot fills", "two_way", "", []step{hs("2")}, [2]string{"2", "2"}},
		{"MAP-6 deleting in Salesforce deletes", "two_way", "1", []step{sf("")}, [2]string{"", ""}},
		{"MAP-6 deleting in HubSpot deletes", "two_way", "1", []step{hs("")}, [2]string{"", ""}},
		{"MAP-7 nothing passes from Salesforce", "none", "1", []step{sf("2")}, [2]string{"2", ""}},
		{"MAP-7 nothing passes from HubSpot, deletes neither", "none", "1", []step{hs("2"), sf("")}, [2]string{"", "2"}},
	}
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Mappings(append([]config.Mapping{nameTwoWay}, ruled...)...))
		pairs := w.couples(cases)
		for round := range 3 {
			for i, c := range cases {
				if round < len(c.steps) {
					w.edit(pairs[i], underRule(c.rule), c.steps[round])
				}
			}
			w.Sync()
			w.Advance(3 * time.Second)
		}
		w.wantNoIssues()
		for i, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				if got := w.valuesOf(pairs[i], underRule(c.rule)); got != c.want {
					t.Errorf("the sides hold %q, want %q", got, c.want)
				}
			})
		}
		w.wantStill(t)
	})
}

func TestMAP6_AMB7_BothSidesChanged(t *testing.T) {
	cases := []ruleCase{ // the value lost is that of the first step where it is not wanted, else of the second
		{"MAP-6 HubSpot is later", "two_way", "1", []step{sf("2"), hs("3")}, [2]string{"3", "3"}},
		{"MAP-6 Salesforce is later", "two_way", "1", []step{hs("2"), sf("3")}, [2]string{"3", "3"}},
		{"MAP-6 a later clear is a change too", "two_way", "1", []step{hs("2"), sf("")}, [2]string{"", ""}},
		{"MAP-4 Salesforce wins whoever is later", "prefer_salesforce", "1", []step{sf("2"), hs("3")}, [2]string{"2", "2"}},
		{"MAP-5 Salesforce wins whoever is later", "always_salesforce", "1", []step{sf("2"), hs("3")}, [2]string{"2", "2"}},
	}
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Mappings(append([]config.Mapping{nameTwoWay}, ruled...)...))
		pairs := w.couples(cases)
		for round := range 2 {
			for i, c := range cases {
				w.edit(pairs[i], underRule(c.rule), c.steps[round])
			}
			w.Advance(10 * time.Second)
		}
		w.Sync()
		for i, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				if got := w.valuesOf(pairs[i], underRule(c.rule)); got != c.want {
					t.Errorf("the sides hold %q, want %q", got, c.want)
				}
				lost := c.steps[0]
				if lost.value == c.want[0] {
					lost = c.steps[1]
				}
				log := w.conflictsOf(pairs[i])
				if len(log) != 1 || !strings.Contains(log[0], fmt.Sprintf(`"side":%q,"lost":%q`, lost.side, lost.value)) {
					t.Errorf("conflict log of %d entries: %q, want %q of %s lost", len(log), log, lost.value, lost.side)
				}
			})
		}
	})
}

// conflictsOf are the entries of the conflict log about a pair.
func (w *World) conflictsOf(c couple) (out []string) {
	for _, e := range w.conflicts() {
		if e.Ref.ID == c.account || e.Ref.ID == c.company {
			out = append(out, string(e.Body))
		}
	}
	return out
}

func bodies(w *World) string {
	var out []string
	for _, e := range w.conflicts() {
		out = append(out, string(e.Body))
	}
	return strings.Join(out, "\n")
}

func TestMAP6_AMB7_WithinTheClocksDoubtSalesforceWins(t *testing.T) {
	w := New(t, Mappings(nameTwoWay, underRule("two_way")))
	pair := w.couples([]ruleCase{{name: "Edge", rule: "two_way", first: "1"}})[0]
	w.edit(pair, underRule("two_way"), sf("2"))
	w.edit(pair, underRule("two_way"), hs("3"))
	w.Sync()
	if got := w.valuesOf(pair, underRule("two_way")); got != [2]string{"2", "2"} {
		t.Errorf("the sides hold %q", got)
	}
	if len(w.conflicts()) != 1 {
		t.Errorf("conflict log: %s", bodies(w))
	}
}

func TestLIM19_EqualChangesAreNoConflict(t *testing.T) {
	w := New(t, Mappings(nameTwoWay, underRule("two_way")))
	pair := w.couples([]ruleCase{{name: "Edge", rule: "two_way", first: "1"}})[0]
	w.edit(pair, underRule("two_way"), sf("2"))
	w.edit(pair, underRule("two_way"), hs("2"))
	at := w.Now()
	w.Advance(time.Second)
	w.Sync()
	if n := w.ours(at.Add(time.Second)); n != [2]int{} || len(w.conflicts()) != 0 {
		t.Errorf("writes %v, conflicts %s", n, bodies(w))
	}
}

func TestMAP1_TwoMappingsOfOneFieldAreAProblem(t *testing.T) {
	w := New(t, Mappings(config.Mapping{HubSpot: "name", Salesforce: "Name"},
		config.Mapping{HubSpot: "phone", Salesforce: "Phone"}, config.Mapping{HubSpot: "phone", Salesforce: "Fax"}))
	account, company := w.linked("Edge", "Phone", "1", "Fax", "2")
	if len(w.Conn.Problems) != 1 || w.Conn.Problems[0].Rule != "MAP-1" {
		t.Errorf("problems %+v", w.Conn.Problems)
	}
	w.wantValues(account, "Fax", "2", company, "phone", "1")
}

// TestCONV2_APropertyOfFilesIsNotMapped: its mapping is a problem, no file or link passes, and
// the rest of the record does.
func TestCONV2_APropertyOfFilesIsNotMapped(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Before(func(w *World) { w.property("contract", "string", "file") }),
			Mappings(config.Mapping{HubSpot: "name", Salesforce: "Name", Rule: "two_way"}, config.Mapping{HubSpot: "contract", Salesforce: "Fax", Rule: "two_way"}))
		account, company := w.linked("Edge", "Fax", "1")
		if len(w.Conn.Problems) != 1 || w.Conn.Problems[0].HubSpot != "contract" || w.Conn.Problems[0].Mend == "" {
			t.Errorf("problems %+v", w.Conn.Problems)
		}
		w.editCompany(company, "contract", "77")
		w.editCompany(company, "name", "Edge Two")
		w.Sync()
		w.wantValues(account, "Name", "Edge Two", company, "contract", "77")
		w.wantValues(account, "Fax", "1", company, "name", "Edge Two")
	})
}

func TestMAP2_MAP3_TypesThatDoNotGoTogetherDisableTheirMappingOnly(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Before(func(w *World) {
			w.portalCall(http.MethodPost, "/crm/v3/properties/companies", map[string]any{"name": "account_manager", "label": "Manager", "type": "enumeration",
				"fieldType": "select", "groupName": "companyinformation", "externalOptions": true, "referencedObjectType": "OWNER"})
		}), Mappings(config.Mapping{HubSpot: "name", Salesforce: "Name"},
			config.Mapping{HubSpot: "annualrevenue", Salesforce: "Phone"}, config.Mapping{HubSpot: "account_manager", Salesforce: "OwnerId"}))
		account, company := w.linked("Edge", "Phone", "1")
		rules := map[string]bool{}
		for _, p := range w.Conn.Problems {
			rules[p.Rule] = true
		}
		if !rules["MAP-2"] || !rules["MAP-3"] {
			t.Errorf("problems %+v", w.Conn.Problems)
		}
		w.wantValues(account, "Name", "Edge", company, "name", "Edge")
	})
}

func TestMAP2_EveryTypePassesBothWays(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Before(func(w *World) {
			for _, f := range []salesforcesim.FieldSpec{
				{Object: "Account", Name: "Tier", Label: "Tier", Type: "Picklist", Values: []string{"Gold", "Silver"}, Restricted: true},
				{Object: "Account", Name: "Active", Label: "Active", Type: "Checkbox"},
				{Object: "Account", Name: "Score", Label: "Score", Type: "Number", Precision: 10, Scale: 2},
				{Object: "Account", Name: "Since", Label: "Since", Type: "Date"},
			} {
				w.must(w.Org.AddField(f))
			}
			w.property("tier", "enumeration", "select", "Gold", "Silver")
			w.property("is_live", "bool", "booleancheckbox", "true", "false")
			w.property("score", "number", "number")
			w.property("since", "date", "date")
		}), Mappings(config.Mapping{HubSpot: "name", Salesforce: "Name"},
			config.Mapping{HubSpot: "tier", Salesforce: "Tier__c", Rule: "two_way"}, config.Mapping{HubSpot: "is_live", Salesforce: "Active__c", Rule: "two_way"},
			config.Mapping{HubSpot: "score", Salesforce: "Score__c", Rule: "two_way"}, config.Mapping{HubSpot: "since", Salesforce: "Since__c", Rule: "two_way"}))
		account, company := w.linked("Edge")
		w.must(w.Org.As(admin).Update("Account", account, map[string]any{"Tier__c": "Gold", "Active__c": true, "Score__c": 12.5, "Since__c": "2020-02-29"}))
		w.Sync()
		for property, want := range map[string]string{"tier": "Gold", "is_live": "true", "score": "12.5", "since": "2020-02-29"} {
			if got := w.companyValue(company, property); got != want {
				t.Errorf("%s is %q, want %q", property, got, want)
			}
		}
		w.Advance(3 * time.Second)
		w.must(w.Portal.As(admin).Update("companies", company, map[string]string{"tier": "Silver", "is_live": "false", "score": "7.25", "since": "2021-03-01"}))
		w.Sync()
		for field, want := range map[string]string{"Tier__c": "Silver", "Active__c": "false", "Score__c": "7.25", "Since__c": "2021-03-01"} {
			if got := w.accountValue(account, field); got != want {
				t.Errorf("%s is %q, want %q", field, got, want)
			}
		}
		w.wantNoIssues()
	})
}

func TestLIM20_MAP11_NothingIsCreatedWithoutAPlan(t *testing.T) {
	w := New(t, Before(func(w *World) { w.account("Edge"); w.Advance(time.Hour) }))
	before := w.propertyNames()
	w.Sync()
	w.Import()
	if after := w.propertyNames(); after != before {
		t.Errorf("syncing changed the portal's properties from\n%s\nto\n%s", before, after)
	}
}

func (w *World) propertyNames() string {
	var names []string
	for _, p := range w.portalCall(http.MethodGet, "/crm/v3/properties/companies", nil)["results"].([]any) {
		names = append(names, p.(map[string]any)["name"].(string))
	}
	return strings.Join(names, " ")
}

func TestMAP13_AMB8_ReferenceAsIdOrName(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for _, c := range []struct {
			reference string
			want      func(parent string) string
		}{{"", func(p string) string { return p }}, {"id", func(p string) string { return p }}, {"name", func(string) string { return "Holding" }}} {
			t.Run("reference "+c.reference, func(t *testing.T) {
				w := New(t, profile, Before(func(w *World) { w.property("parent_account", "string", "text") }), Mappings(config.Mapping{HubSpot: "name", Salesforce: "Name"},
					config.Mapping{HubSpot: "parent_account", Salesforce: "ParentId", Rule: "always_salesforce", Reference: c.reference}))
				parent := w.account("Holding")
				account := w.account("Edge", "ParentId", parent)
				w.Sync()
				if got := w.companyValue(w.partner(account), "parent_account"); got != c.want(parent) {
					t.Errorf("parent_account %q, want %q; problems %+v", got, c.want(parent), w.Conn.Problems)
				}
			})
		}
	})
}

func TestMAP15_FormulaAndCalculatedFieldsPassOneWay(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Before(func(w *World) {
			w.must(w.Org.AddField(salesforcesim.FieldSpec{Object: "Account", Name: "Shout", Label: "Shout", Type: "Text", Formula: "UPPER(Name)"}))
			w.must(w.Org.AddField(salesforcesim.FieldSpec{Object: "Account", Name: "People", Label: "People", Type: "Number", Precision: 10}))
			w.property("shout", "string", "text")
		}), Mappings(config.Mapping{HubSpot: "name", Salesforce: "Name", Rule: "two_way"},
			config.Mapping{HubSpot: "shout", Salesforce: "Shout__c", Rule: "two_way"},
			config.Mapping{HubSpot: "num_associated_contacts", Salesforce: "People__c", Rule: "two_way"}))
		if len(w.Conn.Problems) != 2 {
			t.Errorf("problems %+v", w.Conn.Problems)
		}
		account, company := w.linked("Edge")
		w.editCompany(company, "shout", "quiet")
		w.must(w.Portal.As(admin).Associate("contacts", w.person("Rose", "rose@edge.com"), "companies", company))
		w.must(w.Org.As(admin).Update("Account", account, map[string]any{"People__c": 40}))
		w.Sync()
		w.wantValues(account, "Shout__c", "EDGE", company, "shout", "EDGE")
		w.wantValues(account, "People__c", "1", company, "num_associated_contacts", "1")
	})
}

func TestMAP17_MultiSelectIsASet(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Before(func(w *World) {
			w.must(w.Org.AddField(salesforcesim.FieldSpec{Object: "Account", Name: "Areas", Label: "Areas", Type: "MultiselectPicklist", Values: []string{"North", "South", "West"}, Restricted: true}))
			w.property("areas", "enumeration", "checkbox", "West", "South", "North", "Moon")
		}), Mappings(config.Mapping{HubSpot: "name", Salesforce: "Name"}, config.Mapping{HubSpot: "areas", Salesforce: "Areas__c", Rule: "two_way"}))
		account, company := w.linked("Edge", "Areas__c", "North;West")
		if got := w.companyValue(company, "areas"); got != "North;West" {
			t.Errorf("areas %q", got)
		}
		at := w.Now()
		w.editCompany(company, "areas", "West;North")
		w.Advance(2 * time.Second)
		w.Sync()
		if n := w.ours(at); n[core.Salesforce] != 0 {
			t.Errorf("another order was written to Salesforce: %d", n[core.Salesforce])
		}
		w.editCompany(company, "areas", "Moon;West")
		w.Sync()
		w.wantIssue(core.CategoryPicklist, "option_unknown", "Areas__c")
		if got := w.accountValue(account, "Areas__c"); got != "North;West" {
			t.Errorf("Areas__c %q", got)
		}
	})
}
