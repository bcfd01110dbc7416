package salesforcesim

import (
	"fmt"
	"regexp"

	"tandem/sim/salesforcesim/soql"
)

// Currency is one currency of an org with several.
type Currency struct {
	Code     string  `json:"code"` // ISO 4217: EUR
	Rate     float64 `json:"rate"` // units of it for one of the corporate currency
	Decimals int     `json:"decimals"`
}

// Currencies say which currencies an org has.
type Currencies struct {
	List []Currency `json:"list"` // the corporate currency first; its rate counts as 1
	// Dated switches advanced currency management on: rates that hold from a day on.
	Dated bool `json:"dated"`
}

var isoCode = regexp.MustCompile(`^[A-Z]{3}$`)

// EnableCurrencies makes the org one with several currencies. There is no way
// back, as in the real org. Every record then has a currency, the corporate one at first;
// changing it converts no amount (Object Reference, "CurrencyType").
func (o *Org) EnableCurrencies(c Currencies) error {
	if len(c.List) == 0 {
		return fmt.Errorf("enable currencies: the list is empty")
	}
	var picks []pick
	for _, one := range c.List {
		if !isoCode.MatchString(one.Code) || one.Rate < 0 {
			return fmt.Errorf("enable currencies: %q at rate %v is no currency: it needs three capital letters and a rate", one.Code, one.Rate)
		}
		picks = append(picks, pick{value: one.Code})
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.objects["currencytype"].absent {
		return fmt.Errorf("enable currencies: the org has several already")
	}
	o.seedCurrencies(c, picks)
	corporate := soql.Text(c.List[0].Code)
	for _, name := range sortedKeys(o.objects) {
		if ob := o.objects[name]; !ob.setup || ob.name == "User" {
			f := withDefault(choice("CurrencyIsoCode", "Currency ISO Code", "").closed().fixed(), corporate)
			f.length, f.picks = 3, picks
			o.addCurrency(ob, &f, corporate)
		}
	}
	return nil
}

// addCurrency gives an object its column, and every row the currency of the org.
func (o *Org) addCurrency(ob *object, f *field, corporate value) {
	ob.add(f)
	for i, r := range ob.records.rows {
		if r != nil {
			ob.records.rows[i] = r.with([]assignment{{f, corporate}})
		}
	}
	o.touchSchema(ob)
}

// currencyObjects are there from the start, absent until the org has several
// currencies, the second until it dates their rates.
func currencyObjects() []objectSpec {
	code := choice("IsoCode", "Currency ISO Code", "").closed().must()
	code.length = 3
	rate := number("double", "ConversionRate", "Conversion Rate", 18, 6).must()
	return []objectSpec{
		{name: "CurrencyType", label: "Currency Type", plural: "Currency Type", prefix: "01L", kind: "setup", absent: true, fields: []field{
			code.distinct(), rate, whole("DecimalPlaces", "Decimal Places", 1).must(), flag("IsActive", "Active"), flag("IsCorporate", "Corporate Currency")}},
		{name: "DatedConversionRate", label: "Dated Conversion Rate", plural: "Dated Conversion Rates", prefix: "04w", kind: "setup", absent: true, fields: []field{
			code.createOnly(), date("StartDate", "Start Date").must(), date("NextStartDate", "Next Start Date").readonly(), rate}},
	}
}

func (o *Org) seedCurrencies(c Currencies, picks []pick) {
	types, rates := o.objects["currencytype"], o.objects["datedconversionrate"]
	types.absent, rates.absent, types.deletable = false, !c.Dated, false
	types.field("IsoCode").picks, rates.field("IsoCode").picks = picks, picks
	today := o.now().UTC().Format("2006-01-02")
	for i, one := range c.List {
		if i == 0 {
			one.Rate = 1
		}
		o.seed("CurrencyType", "IsoCode", one.Code, "ConversionRate", one.Rate, "DecimalPlaces", one.Decimals, "IsActive", true, "IsCorporate", i == 0)
		if c.Dated {
			o.seed("DatedConversionRate", "IsoCode", one.Code, "ConversionRate", one.Rate, "StartDate", today)
		}
	}
}
