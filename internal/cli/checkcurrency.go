package cli

import (
	"fmt"
	"slices"
	"strings"

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

// money foretells which amounts of deals, and prices of products, will be held back since the two
// sides have them in different currencies (LIM-33).
func (p *preflight) money(d *core.PairDef, compiled *mapping.Mapping) {
	fields := slices.DeleteFunc(slices.Clone(compiled.Synced()), func(f *mapping.Field) bool { return !f.Money() })
	if len(fields) == 0 {
		return
	}
	switch d.Name {
	case core.DealPair:
		p.amounts(p.known(compiled))
	case core.ProductPair:
		p.prices(p.known(nil), fields)
	}
}

// known is what the engine would know of the currencies of both sides. Deals are those of the
// mapping, where it is theirs.
func (p *preflight) known(deals *mapping.Mapping) *conn.Known {
	k := &conn.Known{Settings: p.settings, Accounts: p.ids, Mappings: map[core.Object]*mapping.Mapping{core.Opportunity: deals}}
	for side, object := range [2]core.Object{core.Opportunity, core.Deals} {
		k.Defs[side] = map[core.Object][]mapping.FieldDef{object: conn.FieldDefs(p.schemas[side][object])}
	}
	return k
}

// currencies are those that deals of a side can be in.
func currencies(k *conn.Known, side core.Side) []string {
	var out []string
	for _, d := range k.Defs[side][[2]core.Object{core.Opportunity, core.Deals}[side]] {
		for _, o := range d.Options {
			if d.Name == conn.CurrencyField[side] && o.Active {
				out = append(out, o.Value)
			}
		}
	}
	if home := k.HomeCurrency(side); len(out) == 0 && home != "" {
		out = []string{home}
	}
	return out
}

// amounts tells of the currencies that deals of one side can be in and those of the other not.
func (p *preflight) amounts(k *conn.Known) {
	have := [2][]string{currencies(k, core.Salesforce), currencies(k, core.HubSpot)}
	for side, title := range [2]string{"an opportunity", "a deal"} {
		here, there := core.Side(side), core.Side(side).Other()
		lacks := slices.DeleteFunc(slices.Clone(have[here]), func(code string) bool { return slices.Contains(have[there], code) })
		if len(lacks) == 0 || len(have[there]) == 0 {
			continue
		}
		held := "the amounts of " + title + " in one of these"
		if p.settings.LineItems.Sync {
			held += ", and the prices of what it sells,"
		}
		p.add(yellow, there, "currencies of "+here.Label(), fmt.Sprintf("%s has no %s, as %s does: %s stay in %s, as issues", there.Label(), strings.Join(lacks, ", "), here.Label(), held, here.Label()),
			p.mendLacking(there, lacks, have[here]), "LIM-33")
	}
}

// mendLacking says how a side comes to have the currencies that it lacks.
func (p *preflight) mendLacking(side core.Side, lacks, others []string) string {
	if side == core.Salesforce {
		return "give these deals a currency that the org has; or let the org have several currencies, and make these active under Manage Currencies"
	}
	mend := "add " + strings.Join(lacks, ", ") + " to the currencies of the portal, under Account Defaults in its settings"
	if len(others) == 1 {
		mend += "; where " + others[0] + " is not the org's currency, set deals.currency"
	}
	return mend
}

// prices tells of amounts of products that are in a currency of their own on each side. In an org
// with several, what names none is in that of each product, and is told of it alone.
func (p *preflight) prices(k *conn.Known, fields []*mapping.Field) {
	home := k.HomeCurrency(core.Salesforce)
	if len(currencies(k, core.Salesforce)) > 1 {
		home = ""
	}
	for _, f := range fields {
		sf, hs := k.CurrencyIn(f, core.ProductPair, core.Salesforce, home), k.CurrencyIn(f, core.ProductPair, core.HubSpot, k.HomeCurrency(core.HubSpot))
		if sf == "" || hs == "" || sf == hs {
			continue
		}
		mend := "map it to the price in " + sf + ", hs_price_" + strings.ToLower(sf)
		if _, price := core.PriceCurrency(f.Names[core.Salesforce]); !price {
			mend = "map it to a property that is no amount of money, or take its mapping out"
		}
		p.add(yellow, core.HubSpot, "currency of products."+f.Names[core.HubSpot], fmt.Sprintf("%s is in %s in HubSpot, and %s in %s in Salesforce: neither passes, and each product says so as an issue",
			f.Names[core.HubSpot], hs, f.Names[core.Salesforce], sf), mend+"; where "+sf+" is not the org's currency, set deals.currency", "LIM-33")
	}
}
