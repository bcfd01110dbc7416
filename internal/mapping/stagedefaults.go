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
	{Salesforce: "StageName", HubSpot: "dealstage", Rule: core.TwoWay},
	{Salesforce: "Amount", HubSpot: "amount", Rule: core.TwoWay},
	{Salesforce: "CurrencyIsoCode", HubSpot: "deal_currency_code", Rule: core.TwoWay},
	{Salesforce: "CloseDate", HubSpot: "closedate", Rule: core.TwoWay},
	{Salesforce: "Type", HubSpot: "dealtype"},
	{Salesforce: "Description", HubSpot: "description"},
	{Salesforce: "NextStep", HubSpot: "hs_next_step"},
	{Salesforce: "OwnerId", HubSpot: "hubspot_owner_id", Rule: core.TwoWay},
}

// ticketDefaults are the mappings of tickets proposed for a new connection (CASE-2), in the
// order shown: what a ticket must have first.
var ticketDefaults = []FieldMap{
	{Salesforce: "Subject", HubSpot: "subject", Rule: core.TwoWay},
	{Salesforce: "Status", HubSpot: "hs_pipeline_stage", Rule: core.TwoWay},
	{Salesforce: "Description", HubSpot: "content", Rule: core.TwoWay},
	{Salesforce: "Priority", HubSpot: "hs_ticket_priority", Rule: core.TwoWay, Values: map[string]string{"High": "HIGH", "Medium": "MEDIUM", "Low": "LOW"}},
	{Salesforce: "OwnerId", HubSpot: "hubspot_owner_id", Rule: core.TwoWay},
}

// DealDefaults proposes the mappings of the deal pair: only fields that both sides have
// and whose types go together.
func DealDefaults(opportunity, deals []FieldDef) []FieldMap {
	return stagedDefaults(core.DealPair, dealDefaults, opportunity, deals)
}

// TicketDefaults proposes the mappings of the ticket pair likewise.
func TicketDefaults(cases, tickets []FieldDef) []FieldMap {
	return stagedDefaults(core.TicketPair, ticketDefaults, cases, tickets)
}

func stagedDefaults(pair core.Pair, proposed []FieldMap, salesforce, hubspot []FieldDef) []FieldMap {
	sf, hs := index(salesforce), index(hubspot)
	var out []FieldMap
	for _, m := range proposed {
		s, h := sf[m.Salesforce], hs[m.HubSpot]
		if s == nil || h == nil {
			continue
		}
		if !isStage(stagesOf(pair), [2]string{m.Salesforce, m.HubSpot}) && !fitted(&m, []*FieldDef{s}, h) {
			continue
		}
		out = append(out, m)
	}
	return out
}

// WithStage is a list of mappings with the stage in it, without which no deal and no
// ticket can be made; the list itself for a pair that has no stages.
func WithStage(maps []FieldMap, book *StageBook) []FieldMap {
	if book == nil {
		return maps
	}
	out, stage := slices.Clone(maps), book.fields.Stage
	at := slices.IndexFunc(out, func(m FieldMap) bool { return strings.EqualFold(m.HubSpot, stage[core.HubSpot]) })
	if at < 0 {
		at = len(out)
		out = append(out, FieldMap{Salesforce: stage[core.Salesforce], HubSpot: stage[core.HubSpot], Rule: core.TwoWay})
	}
	out[at].Stages = book
	return out
}
