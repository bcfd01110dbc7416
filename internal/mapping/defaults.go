package mapping

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"

	"tandem/internal/core"
)

// companyDefaults are the company mappings proposed for a new connection, in the
// order shown. Of rows that name one field, the first that works is taken: the
// domain comes before the website, because HubSpot finds a person's company by
// it.
var companyDefaults = []FieldMap{
	{Salesforce: "Name", HubSpot: "name"},
	{Salesforce: "Website", HubSpot: "domain"},
	{Salesforce: "Website", HubSpot: "website"},
	{Salesforce: "Phone", HubSpot: "phone"},
	{Salesforce: "BillingStreet", HubSpot: "address"},
	{Salesforce: "BillingCity", HubSpot: "city"},
	{Salesforce: "BillingState", HubSpot: "state"},
	{Salesforce: "BillingPostalCode", HubSpot: "zip"},
	{Salesforce: "BillingCountry", HubSpot: "country"},
	{Salesforce: "Industry", HubSpot: "industry"},
	{Salesforce: "Type", HubSpot: "type"},
	{Salesforce: "AnnualRevenue", HubSpot: "annualrevenue"},
	{Salesforce: "NumberOfEmployees", HubSpot: "numberofemployees"},
	{Salesforce: "YearStarted", HubSpot: "founded_year"},
	{Salesforce: "Description", HubSpot: "description"},
	{Salesforce: "OwnerId", HubSpot: "hubspot_owner_id", Rule: core.TwoWay},
}

// Defaults proposes the mappings of the company pair: only fields that both
// sides have and whose types go together, each by the original's default rule.
func Defaults(sf, hs []FieldDef) []FieldMap {
	defs := [2]map[string]*FieldDef{index(sf), index(hs)}
	taken := map[string]bool{}
	var out []FieldMap
	for _, m := range companyDefaults {
		s, h := defs[core.Salesforce][m.Salesforce], defs[core.HubSpot][m.HubSpot]
		if s == nil || h == nil || taken[m.Salesforce] {
			continue
		}
		kind, mismatch := pairKind(s, h)
		if mismatch != "" {
			continue
		}
		if kind == Choice || kind == Choices {
			m.Values = proposeChoices(s.Options, h.Options, s.Restricted)
		}
		taken[m.Salesforce] = true
		out = append(out, m)
	}
	return out
}

// proposeChoices is the value map between two lists of choices.
func proposeChoices(sf, hs []Option, restricted bool) map[string]string {
	values := proposeValues(sf, hs)
	if restricted {
		return values
	}
	return proposeLabels(values, sf, hs)
}

// proposeValues pairs the Salesforce choices with HubSpot's where the spelling of
// value or label agrees but for case and punctuation, or where the standard
// lists of both vendors name the same thing differently. Equal values need no
// entry; nil where none is needed.
func proposeValues(sf, hs []Option) map[string]string {
	byKey, known := map[string]string{}, map[string]bool{}
	for _, o := range hs {
		known[o.Value] = true
		for _, text := range []string{o.Label, o.Value} {
			if k := spelling(text); byKey[k] == "" {
				byKey[k] = o.Value
			}
		}
	}
	var out map[string]string
	several := ambiguous(sf)
	for _, o := range sf {
		hsValue := counterpart(o, byKey, known)
		if hsValue == "" || known[o.Value] || several[o.Value] != nil {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[o.Value] = hsValue
	}
	return out
}

// proposeLabels adds HubSpot's own labels for the choices that Salesforce lacks: a
// picklist that is not restricted takes them in, and people read them better than
// internal values. Nothing is added where a label means something else already.
func proposeLabels(values map[string]string, sf, hs []Option) map[string]string {
	meant, out := map[string]bool{}, maps.Clone(values)
	for _, o := range sf {
		meant[cmp.Or(values[o.Value], o.Value)] = true
	}
	for _, o := range hs {
		taken := o.Label == "" || o.Label == o.Value || out[o.Label] != "" || slices.ContainsFunc(sf, func(have Option) bool { return have.Value == o.Label })
		if meant[o.Value] || taken || !o.Active {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[o.Label] = o.Value
	}
	return out
}

func counterpart(o Option, byKey map[string]string, known map[string]bool) string {
	for _, text := range []string{o.Value, o.Label} {
		if v := byKey[spelling(text)]; v != "" {
			return v
		}
	}
	if v := standardValues[o.Value]; known[v] {
		return v
	}
	return ""
}

// spelling is a text without case and punctuation.
func spelling(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// standardValues name, for the standard choices of Account.Industry, Account.Type,
// Lead.Status and Opportunity.Type, the standard choice of HubSpot that comes closest.
var standardValues = map[string]string{
	"Agriculture":                "FARMING",
	"Apparel":                    "APPAREL_FASHION",
	"Communications":             "TELECOMMUNICATIONS",
	"Consulting":                 "MANAGEMENT_CONSULTING",
	"Education":                  "EDUCATION_MANAGEMENT",
	"Electronics":                "CONSUMER_ELECTRONICS",
	"Energy":                     "OIL_ENERGY",
	"Engineering":                "MECHANICAL_OR_INDUSTRIAL_ENGINEERING",
	"Environmental":              "ENVIRONMENTAL_SERVICES",
	"Finance":                    "FINANCIAL_SERVICES",
	"Food & Beverage":            "FOOD_BEVERAGES",
	"Government":                 "GOVERNMENT_ADMINISTRATION",
	"Healthcare":                 "HOSPITAL_HEALTH_CARE",
	"Media":                      "ONLINE_MEDIA",
	"Not For Profit":             "NON_PROFIT_ORGANIZATION_MANAGEMENT",
	"Recreation":                 "RECREATIONAL_FACILITIES_AND_SERVICES",
	"Shipping":                   "PACKAGE_FREIGHT_DELIVERY",
	"Technology":                 "INFORMATION_TECHNOLOGY_AND_SERVICES",
	"Transportation":             "TRANSPORTATION_TRUCKING_RAILROAD",
	"Channel Partner / Reseller": "RESELLER",
	"Installation Partner":       "PARTNER",
	"Technology Partner":         "PARTNER",
	"Open - Not Contacted":       "OPEN",
	"Working - Contacted":        "IN_PROGRESS",
	"Contacted":                  "CONNECTED",
	"Closed - Converted":         "OPEN_DEAL",
	"Closed - Not Converted":     "UNQUALIFIED",

	"New Customer":                    "newbusiness",
	"Existing Customer - Upgrade":     "existingbusiness",
	"Existing Customer - Replacement": "existingbusiness",
	"Existing Customer - Downgrade":   "existingbusiness",
}
