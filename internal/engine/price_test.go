package engine

import (
	"testing"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/mapping"
)

// pricesOf is a batch with one item, and one pair of fields that is mapped.
func pricesOf(t *testing.T, pair core.Pair, object [2]core.Object, sf, hs mapping.FieldDef) (*batch, *item) {
	t.Helper()
	m, problems := mapping.Compile(pair, []mapping.FieldMap{{Salesforce: sf.Name, HubSpot: hs.Name, Rule: core.TwoWay}}, []mapping.FieldDef{sf}, []mapping.FieldDef{hs})
	if len(m.Synced()) != 1 {
		t.Fatalf("the mapping is refused: %+v", problems)
	}
	c := &Conn{Known: conn.Known{Mappings: map[core.Object]*mapping.Mapping{object[core.Salesforce]: m}}}
	it := &item{results: make([]core.FieldResult, 1), inputs: []core.FieldInput{{Now: [2]string{core.HubSpot: "10"}}}}
	for _, side := range core.Sides {
		it.recs[side] = &core.Record{Ref: core.Ref{Side: side, Object: object[side], ID: "1"}}
	}
	return &batch{pair: pair, conn: c}, it
}

func sum(name string, creatable, updatable bool) mapping.FieldDef {
	return mapping.FieldDef{Name: name, Type: "currency", Money: true, Creatable: creatable, Updatable: updatable, Precision: 18, Scale: 2}
}

func number(name string) mapping.FieldDef {
	return mapping.FieldDef{Name: name, Type: "number", FieldType: "number", Creatable: true, Updatable: true}
}

var ofProduct = [2]core.Object{core.Product, core.Products}

// TestLIM14_ANewProductIsLookedAtOnceMoreForItsPrice, where it has one that can be written then,
// and for nothing else.
func TestLIM14_ANewProductIsLookedAtOnceMoreForItsPrice(t *testing.T) {
	for name, tt := range map[string]struct {
		field mapping.FieldDef
		was   core.Case
		want  bool
	}{
		"a price":                     {sum("UnitPrice", false, true), core.TargetReadOnly, true},
		"a price in one of several":   {sum("UnitPrice_EUR", false, true), core.TargetReadOnly, true},
		"no price is given":           {sum("UnitPrice", false, true), core.FirstMeetingEqual, false},
		"nobody may write prices":     {sum("UnitPrice", false, false), core.TargetReadOnly, false},
		"another field than a price":  {sum("Margin__c", false, true), core.TargetReadOnly, false},
		"a field that looks like one": {sum("UnitPriceOld__c", false, true), core.TargetReadOnly, false},
	} {
		t.Run(name, func(t *testing.T) {
			b, it := pricesOf(t, core.ProductPair, ofProduct, tt.field, number("price"))
			it.results[0].Case = tt.was
			if b.priceLater(it, core.Salesforce); it.onceMade != tt.want {
				t.Errorf("it is looked at once more: %v, want %v", it.onceMade, tt.want)
			}
		})
	}
}

// TestLIM33_LIM14_APriceThatMeansAnotherSum is one whose two currencies are known and differ: it
// is written to neither side, and is an issue as long as one of them has it.
func TestLIM33_LIM14_APriceThatMeansAnotherSum(t *testing.T) {
	for name, tt := range map[string]struct {
		field, property, org, home string
		money                      bool // HubSpot says that its number is an amount
		blank, want                bool
	}{
		"one currency":                   {field: "UnitPrice", property: "price", org: "USD", home: "USD"},
		"two":                            {field: "UnitPrice", property: "price", org: "EUR", home: "USD", want: true},
		"two, and nothing to write":      {field: "UnitPrice", property: "price", org: "EUR", home: "USD", blank: true, want: true},
		"one of several":                 {field: "UnitPrice_EUR", property: "hs_price_eur", org: "USD", home: "USD"},
		"two of several":                 {field: "UnitPrice_EUR", property: "hs_price_chf", org: "USD", home: "USD", want: true},
		"the org's is not known":         {field: "UnitPrice", property: "hs_price_eur"},
		"a property of no known one":     {field: "UnitPrice", property: "list_price", org: "EUR", home: "USD"},
		"a property in the portal's":     {field: "UnitPrice", property: "list_price", org: "EUR", home: "USD", money: true, want: true},
		"a field in the org's":           {field: "Margin__c", property: "price", org: "EUR", home: "USD", want: true},
		"a field in the org's, the same": {field: "Margin__c", property: "price", org: "USD", home: "USD"},
	} {
		t.Run(name, func(t *testing.T) {
			property := number(tt.property)
			property.Money = tt.money
			b, it := pricesOf(t, core.ProductPair, ofProduct, sum(tt.field, false, true), property)
			b.conn.Settings.Deals.Currency, b.conn.Accounts[core.HubSpot] = tt.org, connector.Identity{Currency: tt.home}
			if it.results[0].Write[core.Salesforce] = true; tt.blank {
				it.inputs[0].Now = [2]string{}
			}
			due := [2]map[string]string{core.Salesforce: {tt.field: "10"}, core.HubSpot: {}}
			b.holdMoney(it, due)
			if held := len(due[core.Salesforce]) == 0; held != tt.want || it.results[0].Write[core.Salesforce] == tt.want || it.says(tt.property) != (tt.want && !tt.blank) {
				t.Errorf("it is kept back: %v, and the issues are %+v; want %v", held, it.issues, tt.want)
			}
		})
	}
}

// TestLIM14_TheAmountOfADealWithProducts follows their sum, or is left alone; that of any other
// deal has the rule of its mapping.
func TestLIM14_TheAmountOfADealWithProducts(t *testing.T) {
	for name, tt := range map[string]struct {
		has, property, setting string
		want                   core.Rule
	}{
		"with products":            {"true", "amount", config.AmountOfSalesforce, core.AlwaysSalesforce},
		"left to HubSpot":          {"true", "amount", config.AmountOfHubSpot, core.DontSync},
		"without products":         {"false", "amount", config.AmountOfSalesforce, core.TwoWay},
		"left, and without":        {"false", "amount", config.AmountOfHubSpot, core.TwoWay},
		"another number of a deal": {"true", "hs_forecast", config.AmountOfSalesforce, core.TwoWay},
	} {
		t.Run(name, func(t *testing.T) {
			b, it := pricesOf(t, core.DealPair, [2]core.Object{core.Opportunity, core.Deals}, sum("Amount", true, true), number(tt.property))
			b.conn.Settings.LineItems.DealAmount = tt.setting
			it.recs[core.Salesforce].Values = map[string]string{hasItems: tt.has}
			in := core.FieldInput{Rule: core.TwoWay}
			if b.followSum(it, b.mapping(it).Synced()[0], &in); in.Rule != tt.want {
				t.Errorf("its rule is %s, want %s", in.Rule, tt.want)
			}
		})
	}
	b, it := pricesOf(t, core.DealPair, [2]core.Object{core.Opportunity, core.Deals}, sum("Amount", true, true), number("amount"))
	f, in := b.mapping(it).Synced()[0], core.FieldInput{Rule: core.TwoWay}
	it.recs[core.Salesforce] = nil
	if b.followSum(it, f, &in); in.Rule != core.TwoWay {
		t.Errorf("the rule of an opportunity that is yet to be made is %s", in.Rule)
	}
}
