package cli

import (
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/mapping"
)

// currency tells of amounts of deals that pass without their currency in an org with several
// (LIM-33): those in the currency of the other side pass, the others wait.
func (p *preflight) currency(d *core.PairDef, sf connector.Schema, maps []mapping.FieldMap) {
	several := slices.ContainsFunc(sf.Fields, func(f connector.Field) bool { return f.Name == conn.CurrencyField[core.Salesforce] })
	mapped := func(field string) bool {
		return slices.ContainsFunc(maps, func(m mapping.FieldMap) bool { return m.Salesforce == field })
	}
	if d.Name != core.DealPair || !several || !mapped("Amount") || mapped(conn.CurrencyField[core.Salesforce]) {
		return
	}
	p.add(yellow, core.Salesforce, "currency of "+d.Plural, "the org has several currencies, and amounts pass without theirs: the amount of a deal whose two currencies differ stays where it is, as an issue",
		"map CurrencyIsoCode to deal_currency_code under mappings: "+string(d.Name), "LIM-33")
}
