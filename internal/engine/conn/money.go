package conn

import (
	"cmp"
	"slices"
	"strings"

	"tandem/internal/core"
	"tandem/internal/mapping"
)

// CurrencyField is where a side says in which currency the amount of a deal is. Salesforce
// has the field in orgs with several currencies alone.
var CurrencyField = [2]string{core.Salesforce: "CurrencyIsoCode", core.HubSpot: "deal_currency_code"}

// CurrencyKey is the key under which a link keeps the currencies that were seen last,
// where they are not the ones that amounts have without a word.
const CurrencyKey = "CurrencyIsoCode"

// WatchesCurrency reports that amounts of an object pass while their currency does not, so
// that it must be looked at (LIM-33). HubSpot's products have none of their own.
func (c *Known) WatchesCurrency(object core.Object) bool {
	switch object {
	case core.Opportunity, core.Deals:
		return c.SyncsDeals() && c.Mappings[core.Opportunity] != nil && c.mappedCurrency() == nil
	case core.Product:
		return slices.ContainsFunc(c.Mappings[core.Product].Synced(), func(f *mapping.Field) bool {
			_, price := core.PriceCurrency(f.Names[core.Salesforce])
			return f.Money() && !price
		})
	}
	return false
}

// mappedCurrency is the mapping with which the currency of deals passes, nil without one.
func (c *Known) mappedCurrency() *mapping.Field {
	if m := c.Mappings[core.Opportunity]; m != nil {
		return m.Field(core.Salesforce, CurrencyField[core.Salesforce])
	}
	return nil
}

// DealCurrency is the field in which a side says the currency of its deals.
func (c *Known) DealCurrency(side core.Side) string {
	if f := c.mappedCurrency(); f != nil {
		return f.Names[side]
	}
	return CurrencyField[side]
}

// HomeCurrency is the currency of amounts of a side that name none: HubSpot's company
// currency; of Salesforce that of the settings, else the org's as far as it says so, else
// HubSpot's. Blank where nobody knows.
func (c *Known) HomeCurrency(side core.Side) string {
	portal := c.Accounts[core.HubSpot].Currency
	if side == core.HubSpot {
		return portal
	}
	return cmp.Or(c.Settings.Deals.Currency, c.Accounts[core.Salesforce].Currency, portal)
}

// CurrencyOf is the currency of a record's amounts, blank where nobody knows.
func (c *Known) CurrencyOf(rec *core.Record) string {
	said, _ := rec.Get(CurrencyField[rec.Ref.Side])
	if f := c.mappedCurrency(); f != nil && (rec.Ref.Object == core.Opportunity || rec.Ref.Object == core.Deals) {
		said, _ = f.FromRecord(rec.Ref.Side, rec)
	}
	return cmp.Or(said, c.HomeCurrency(rec.Ref.Side))
}

// CurrencyIn is the currency of a money field of a record whose amounts are in of: prices of
// products and amounts in the currency of the company have theirs in the name. A plain number
// of a HubSpot product is in one that nobody knows.
func (c *Known) CurrencyIn(f *mapping.Field, pair core.Pair, side core.Side, of string) string {
	name := f.Names[side]
	if side == core.HubSpot && strings.HasSuffix(name, "_in_home_currency") {
		return c.HomeCurrency(side)
	}
	if pair != core.ProductPair {
		return of
	}
	code, price := core.PriceCurrency(name)
	if side == core.HubSpot {
		code, price = mapping.PriceCurrency(name)
	}
	switch {
	case price:
		return cmp.Or(code, c.HomeCurrency(side))
	case side == core.HubSpot && !f.Defs[side].Money:
		return ""
	}
	return of
}

// TakesCurrency reports that deals of a side can be in a currency.
func (c *Known) TakesCurrency(side core.Side, code string) bool {
	for _, d := range c.Defs[side][[2]core.Object{core.Opportunity, core.Deals}[side]] {
		for _, o := range d.Options {
			if d.Name == CurrencyField[side] && o.Value == code && o.Active {
				return true
			}
		}
	}
	return false
}

// HasCurrencies reports that deals of a side can be in more than one currency.
func (c *Known) HasCurrencies(side core.Side) bool {
	if c.DealCurrency(side) != CurrencyField[side] {
		return true
	}
	for _, d := range c.Defs[side][[2]core.Object{core.Opportunity, core.Deals}[side]] {
		if d.Name == CurrencyField[side] {
			return side == core.Salesforce || len(d.Options) > 1
		}
	}
	return false
}

// currencyFields are the fields that are looked at for it.
func (c *Known) currencyFields(side core.Side, object core.Object) []string {
	if !c.WatchesCurrency(object) {
		return nil
	}
	return []string{CurrencyField[side]}
}

// sameCurrency reports that the currency of a linked record, where rec answers it, is the one
// that was seen last.
func (c *Known) sameCurrency(l *core.Link, rec *core.Record) bool {
	if _, told := rec.Get(CurrencyField[rec.Ref.Side]); !told || !c.WatchesCurrency(rec.Ref.Object) {
		return true
	}
	if _, kept := l.Base[CurrencyKey]; !kept {
		return c.CurrencyOf(rec) == c.HomeCurrency(core.Salesforce)
	}
	return l.Base.Holds(rec.Ref.Side, CurrencyKey, c.CurrencyOf(rec))
}
