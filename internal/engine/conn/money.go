package conn

import (
	"cmp"

	"tandem/internal/core"
)

// CurrencyField is where a side says in which currency the amount of a deal is. Salesforce
// has the field in orgs with several currencies alone.
var CurrencyField = [2]string{core.Salesforce: "CurrencyIsoCode", core.HubSpot: "deal_currency_code"}

// CurrencyKey is the key under which a deal's link keeps the currencies that were seen last,
// where they are not the ones that amounts have without a word.
const CurrencyKey = "CurrencyIsoCode"

// watchesCurrency reports that amounts of an object pass while their currency does not, so
// that it must be looked at (LIM-33).
func (c *Known) watchesCurrency(object core.Object) bool {
	if !c.SyncsDeals() || object != core.Opportunity && object != core.Deals {
		return false
	}
	m := c.Mappings[core.Opportunity]
	return m != nil && m.Field(core.Salesforce, CurrencyField[core.Salesforce]) == nil
}

// WatchesCurrency is watchesCurrency of deals.
func (c *Known) WatchesCurrency() bool { return c.watchesCurrency(core.Deals) }

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

// CurrencyOf is the currency of a record's amount, blank where nobody knows.
func (c *Known) CurrencyOf(rec *core.Record) string {
	said, _ := rec.Get(CurrencyField[rec.Ref.Side])
	return cmp.Or(said, c.HomeCurrency(rec.Ref.Side))
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
	for _, d := range c.Defs[side][[2]core.Object{core.Opportunity, core.Deals}[side]] {
		if d.Name == CurrencyField[side] {
			return side == core.Salesforce || len(d.Options) > 1
		}
	}
	return false
}

// currencyFields are the fields that are looked at for it.
func (c *Known) currencyFields(side core.Side, object core.Object) []string {
	if !c.watchesCurrency(object) {
		return nil
	}
	return []string{CurrencyField[side]}
}

// sameCurrency reports that the currency of a linked deal, where rec answers it, is the one
// that was seen last.
func (c *Known) sameCurrency(l *core.Link, rec *core.Record) bool {
	if _, told := rec.Get(CurrencyField[rec.Ref.Side]); !told || !c.watchesCurrency(rec.Ref.Object) {
		return true
	}
	if _, kept := l.Base[CurrencyKey]; !kept {
		return c.CurrencyOf(rec) == c.HomeCurrency(core.Salesforce)
	}
	return l.Base.Holds(rec.Ref.Side, CurrencyKey, c.CurrencyOf(rec))
}
