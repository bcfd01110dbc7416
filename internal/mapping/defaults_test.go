package mapping

import (
	"maps"
	"slices"
	"testing"

	"tandem/internal/core"
)

// company is a company and an account as fresh accounts of both vendors have
// them, as far as the defaults look.
func company() (sf, hs []FieldDef) {
	industry, kind := sfDef("Industry", "picklist"), sfDef("Type", "picklist")
	industry.Options = options("Agriculture", "Banking", "Food & Beverage", "Insurance", "Other", "Technology")
	kind.Options = options("Prospect", "Channel Partner / Reseller", "Other")
	sf = []FieldDef{sfDef("Name", "string"), sfDef("Website", "url"), sfDef("Phone", "phone"), sfDef("BillingStreet", "textarea"), sfDef("BillingCity", "string"),
		sfDef("BillingState", "string"), sfDef("BillingPostalCode", "string"), sfDef("BillingCountry", "string"), sfDef("AnnualRevenue", "currency"),
		sfDef("NumberOfEmployees", "int"), sfDef("Description", "textarea"), industry, kind}
	hsIndustry, hsKind := hsDef("industry", "enumeration", "select"), hsDef("type", "enumeration", "select")
	hsIndustry.Options = []Option{{"BANKING", "Banking", true}, {"FARMING", "Farming", true}, {"FOOD_BEVERAGES", "Food & Beverages", true},
		{"INFORMATION_TECHNOLOGY_AND_SERVICES", "Information Technology and Services", true}, {"INSURANCE", "Insurance", true}}
	hsKind.Options = []Option{{"PROSPECT", "Prospect", true}, {"RESELLER", "Reseller", true}, {"OTHER", "Other", true}}
	hs = []FieldDef{hsDef("name", "string", "text"), hsDef("domain", "string", "text"), hsDef("website", "string", "text"), hsDef("phone", "string", "phonenumber"),
		hsDef("address", "string", "text"), hsDef("city", "string", "text"), hsDef("state", "string", "text"), hsDef("zip", "string", "text"), hsDef("country", "string", "text"),
		hsDef("annualrevenue", "number", "number"), hsDef("numberofemployees", "number", "number"), hsDef("description", "string", "textarea"), hsIndustry, hsKind}
	return sf, hs
}

func proposed(maps []FieldMap) map[string]string {
	out := map[string]string{}
	for _, m := range maps {
		out[m.Salesforce] = m.HubSpot
	}
	return out
}

func TestDefaultsCompileAndCoverTheCompany(t *testing.T) {
	sf, hs := company()
	defaults := Defaults(sf, hs)
	want := map[string]string{"Name": "name", "Website": "domain", "Phone": "phone", "BillingStreet": "address", "BillingCity": "city", "BillingState": "state",
		"BillingPostalCode": "zip", "BillingCountry": "country", "Industry": "industry", "Type": "type", "AnnualRevenue": "annualrevenue",
		"NumberOfEmployees": "numberofemployees", "Description": "description"}
	if got := proposed(defaults); !maps.Equal(got, want) {
		t.Errorf("proposed %v\nwant     %v", got, want)
	}
	m, problems := Compile(core.CompanyPair, defaults, sf, hs)
	if len(m.Synced()) != len(defaults) {
		t.Errorf("not all defaults work: %+v", problems)
	}
	for _, p := range problems {
		if p.Severity == Error || p.Rule != "ERR-7" {
			t.Errorf("problem: %+v", p)
		}
	}
}

func TestDefaultsProposeValueMaps(t *testing.T) {
	sf, hs := company()
	var values map[string]string
	for _, m := range Defaults(sf, hs) {
		if m.Salesforce == "Industry" {
			values = m.Values
		}
	}
	want := map[string]string{"Agriculture": "FARMING", "Banking": "BANKING", "Food & Beverage": "FOOD_BEVERAGES", "Insurance": "INSURANCE", "Technology": "INFORMATION_TECHNOLOGY_AND_SERVICES"}
	if !maps.Equal(values, want) {
		t.Errorf("got %v, want %v", values, want)
	}
	if got := proposeValues(options("a", "b"), options("a", "b")); got != nil {
		t.Errorf("equal options need a map: %v", got)
	}
}

func TestMAP14_DefaultsLeaveOutWhatDoesNotFit(t *testing.T) {
	sf, hs := company()
	drop := func(defs []FieldDef, name string) []FieldDef {
		return slices.DeleteFunc(defs, func(d FieldDef) bool { return d.Name == name })
	}
	hs = drop(hs, "domain")
	sf = drop(sf, "Phone")
	for i := range sf {
		if sf[i].Name == "BillingState" {
			sf[i].Type = "picklist"
		}
	}
	got := proposed(Defaults(sf, hs))
	if got["Website"] != "website" {
		t.Errorf("without a domain the website is %q", got["Website"])
	}
	if _, ok := got["Phone"]; ok {
		t.Error("a field that Salesforce does not show is proposed")
	}
	if _, ok := got["BillingState"]; ok {
		t.Error("a picklist is proposed for a text property")
	}
}

// A choice that Salesforce lacks is proposed by its label, where the picklist takes
// in what it does not list: an internal value is nothing for people to read.
func TestMAP17_ChoicesThatSalesforceLacksGoByTheirLabel(t *testing.T) {
	sf := sfDef("Industry", "picklist")
	sf.Options = []Option{{Value: "Banking", Label: "Banking", Active: true}, {Value: "Retail Trade", Label: "Retail Trade", Active: true}}
	hs := hsDef("industry", "enumeration", "select")
	hs.Options = []Option{{Value: "BANKING", Label: "Banking", Active: true}, {Value: "MEDICAL_DEVICES", Label: "Medical Devices", Active: true},
		{Value: "TRADE", Label: "Retail Trade", Active: true}, {Value: "OLD", Label: "Hidden", Active: false}}
	for restricted, want := range map[bool]map[string]string{
		false: {"Banking": "BANKING", "Retail Trade": "TRADE", "Medical Devices": "MEDICAL_DEVICES"},
		true:  {"Banking": "BANKING", "Retail Trade": "TRADE"},
	} {
		sf.Restricted = restricted
		got := Defaults([]FieldDef{sf}, []FieldDef{hs})
		if len(got) != 1 || !maps.Equal(got[0].Values, want) {
			t.Fatalf("restricted %v: proposed %+v, want %v", restricted, got, want)
		}
		m, problems := Compile(core.CompanyPair, got, []FieldDef{sf}, []FieldDef{hs})
		if value, issue := m.Synced()[0].ToSide(core.Salesforce, "MEDICAL_DEVICES"); !restricted && (issue != nil || value != "Medical Devices") {
			t.Errorf("Salesforce gets %q, %+v; problems %+v", value, issue, problems)
		}
	}
}
