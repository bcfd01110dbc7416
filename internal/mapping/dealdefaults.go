package mapping

import (
	"slices"
	"strings"

	"tandem/internal/core"
)

// dealDefaults are the mappings of deals proposed for a new connection (MAP-12), in the
// order shown. Amount and currency pass together or not at all (LIM-33): they are one
// write group. The time of creation can only be read in Salesforce.
var dealDefaults = []FieldMap{
	{Salesforce: "Name", HubSpot: "dealname", Rule: core.TwoWay},
	{Salesforce: StageField, HubSpot: StageProperty, Rule: core.TwoWay},
	{Salesforce: "Amount", HubSpot: "amount", Rule: core.TwoWay},
	{Salesforce: "CurrencyIsoCode", HubSpot: "deal_currency_code", Rule: core.TwoWay},
	{Salesforce: "CloseDate", HubSpot: "closedate", Rule: core.TwoWay},
	{Salesforce: "Type", HubSpot: "dealtype"},
	{Salesforce: "Description", HubSpot: "description"},
	{Salesforce: "NextStep", HubSpot: "hs_next_step"},
	{Salesforce: "OwnerId", HubSpot: "hubspot_owner_id", Rule: core.TwoWay},
}

// DealDefaults proposes the mappings of the deal pair: only fields that both sides have
// and whose types go together.
func DealDefaults(opportunity, deals []FieldDef) []FieldMap {
	sf, hs := index(opportunity), index(deals)
	var out []FieldMap
	for _, m := range dealDefaults {
		s, h := sf[m.Salesforce], hs[m.HubSpot]
		if s == nil || h == nil {
			continue
		}
		if !isStage([2]string{m.Salesforce, m.HubSpot}) && !fitted(&m, []*FieldDef{s}, h) {
			continue
		}
		out = append(out, m)
	}
	return out
}

// WithStage is a list of mappings of deals with the stage in it: no deal can be made
// without.
func WithStage(maps []FieldMap, book *StageBook) []FieldMap {
	out := slices.Clone(maps)
	at := slices.IndexFunc(out, func(m FieldMap) bool { return strings.EqualFold(m.HubSpot, StageProperty) })
	if at < 0 {
		at = len(out)
		out = append(out, FieldMap{Salesforce: StageField, HubSpot: StageProperty, Rule: core.TwoWay})
	}
	out[at].Stages = book
	return out
}
