package salesforce

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandem/internal/connector"
	"tandem/internal/core"
)

const (
	standardBookID = "01s000000000001AAA"
	chosenBookID   = "01s000000000002AAA"
	productID      = "01t000000000001AAA"
	entryID        = "01u000000000001AAA"
)

// priced is an update of a product, with fields as NAME, value.
func priced(fields ...string) core.Op {
	op := core.Op{Key: "op", Kind: core.OpUpdate, Target: core.Ref{Side: core.Salesforce, Object: core.Product, ID: productID}, Fields: map[string]string{}}
	for i := 0; i+1 < len(fields); i += 2 {
		op.Fields[fields[i]] = fields[i+1]
	}
	return op
}

// TestLIM14_OnlyUpdatesOfProductsCarryPrices: a product that is yet to be made has none, and the
// price of a product of an opportunity is its own field.
func TestLIM14_OnlyUpdatesOfProductsCarryPrices(t *testing.T) {
	made, item := priced("UnitPrice", "1"), priced("UnitPrice", "1")
	made.Kind, item.Target.Object = core.OpCreate, core.LineItem
	for name, tt := range map[string]struct {
		op   core.Op
		want bool
	}{
		"price": {priced("UnitPrice", "1"), true}, "one of several": {priced("Name", "x", "UnitPrice_EUR", "1"), true},
		"no price": {priced("Name", "x"), false}, "a new product": {made, false}, "another object": {item, false},
	} {
		if got := writesPrices([]core.Op{tt.op}); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	if !writesPrices([]core.Op{priced("Name", "first"), priced("UnitPrice", "1")}) {
		t.Error("a price behind an update without one is not seen")
	}
}

// TestLIM14_APriceGoesToItsEntry: to the one that stands, of its book and its currency, else to
// a new one; another book's takes one of the standard book before it, once.
func TestLIM14_APriceGoesToItsEntry(t *testing.T) {
	entry := func(standard string) core.Record {
		return core.Record{Ref: core.Ref{Side: core.Salesforce, Object: core.PriceBookEntry, ID: entryID}, Values: map[string]string{entryStandard: standard}}
	}
	made := func(book, code string) map[string]string {
		f := map[string]string{"Pricebook2Id": book, "Product2Id": productID, "UnitPrice": "7", "IsActive": "true"}
		if code != "" {
			f["CurrencyIsoCode"] = code
		}
		return f
	}
	type fields = []map[string]string
	for name, tt := range map[string]struct {
		field, chosen       string
		have                map[entryKey]core.Record
		first, then, change fields
	}{
		"none stands":             {field: "UnitPrice", chosen: standardBookID, then: fields{made(standardBookID, "")}},
		"of another book":         {field: "UnitPrice", chosen: chosenBookID, first: fields{made(standardBookID, "")}, then: fields{made(chosenBookID, "")}},
		"with a standard price":   {field: "UnitPrice", chosen: chosenBookID, have: map[entryKey]core.Record{{productID, standardBookID, ""}: entry("false")}, then: fields{made(chosenBookID, "")}},
		"one stands":              {field: "UnitPrice", chosen: chosenBookID, have: map[entryKey]core.Record{{productID, chosenBookID, ""}: entry("false")}, change: fields{{"UnitPrice": "7"}}},
		"it took the standard":    {field: "UnitPrice", chosen: chosenBookID, have: map[entryKey]core.Record{{productID, chosenBookID, ""}: entry("true")}, change: fields{{"UnitPrice": "7", "UseStandardPrice": "false"}}},
		"in its currency":         {field: "UnitPrice_EUR", chosen: chosenBookID, have: map[entryKey]core.Record{{productID, chosenBookID, "EUR"}: entry("false")}, change: fields{{"UnitPrice": "7"}}},
		"in another":              {field: "UnitPrice_EUR", chosen: standardBookID, have: map[entryKey]core.Record{{productID, standardBookID, "USD"}: entry("false")}, then: fields{made(standardBookID, "EUR")}},
		"the standard in another": {field: "UnitPrice_EUR", chosen: chosenBookID, have: map[entryKey]core.Record{{productID, standardBookID, "USD"}: entry("false")}, first: fields{made(standardBookID, "EUR")}, then: fields{made(chosenBookID, "EUR")}},
		"the standard in its own": {field: "UnitPrice_EUR", chosen: chosenBookID, have: map[entryKey]core.Record{{productID, standardBookID, "EUR"}: entry("false")}, then: fields{made(chosenBookID, "EUR")}},
	} {
		t.Run(name, func(t *testing.T) {
			d := pricesDue{have: tt.have, chosen: tt.chosen, standard: standardBookID}
			d.add(0, priced(tt.field, "7"), tt.field)
			for step, pair := range map[string][2]any{"first": {sentFields(d.first), tt.first}, "then": {sentFields(d.then), tt.then}, "change": {sentFields(d.change), tt.change}} {
				if diff := cmp.Diff(pair[1], pair[0]); diff != "" {
					t.Errorf("%s (-want +got):\n%s", step, diff)
				}
			}
		})
	}
}

func sentFields(all []pricing) (out []map[string]string) {
	for _, p := range all {
		out = append(out, p.op.Fields)
	}
	return out
}

// TestLIM14_WhatAnEntrySaysOfItsProduct: the id of an entry is none of the product's, an entry
// that somebody else made is met at the next look, and only what is refused for good names the field.
func TestLIM14_WhatAnEntrySaysOfItsProduct(t *testing.T) {
	entry := func(status core.Status, class core.Class) core.Outcome {
		return core.Outcome{Key: "op/UnitPrice", ID: entryID, Existing: entryID, Status: status, Class: class}
	}
	field := []string{"UnitPrice"}
	for name, tt := range map[string]struct{ got, want core.Outcome }{
		"refused":      {entry(core.Rejected, core.ClassRejected), core.Outcome{Key: "op", Status: core.Rejected, Class: core.ClassRejected, Fields: field}},
		"passing":      {entry(core.Rejected, core.ClassTransient), core.Outcome{Key: "op", Status: core.Rejected, Class: core.ClassTransient}},
		"out of calls": {entry(core.Rejected, core.ClassQuota), core.Outcome{Key: "op", Status: core.Rejected, Class: core.ClassQuota}},
		"gone":         {entry(core.Stale, core.ClassGone), core.Outcome{Key: "op", Status: core.Stale, Class: core.ClassGone}},
		"made by others": {entry(core.Rejected, core.ClassDuplicate), core.Outcome{Key: "op", Status: core.Stale,
			Class: core.ClassStale}},
	} {
		if diff := cmp.Diff(tt.want, ofPrice(priced("UnitPrice", "1"), "UnitPrice", tt.got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestLIM14_PricesThatWereNotSent are told of the products that were written and have one; what
// is no error of the org's is a passing failure.
func TestLIM14_PricesThatWereNotSent(t *testing.T) {
	ops := []core.Op{priced("Name", "a", "UnitPrice", "1"), priced("Name", "b"), priced("UnitPrice", "2")}
	for name, tt := range map[string]struct {
		err  error
		want core.Class
	}{
		"refused": {&connector.Error{Side: core.Salesforce, Class: core.ClassSchema, Code: connector.CodeNoPriceBook}, core.ClassSchema},
		"stopped": {errors.New("stopped"), core.ClassTransient},
	} {
		outs := []core.Outcome{{Key: "op", Status: core.Applied}, {Key: "op", Status: core.Applied}, {Key: "op", Status: core.Rejected, Class: core.ClassDuplicate}}
		failed(ops, outs, tt.err)
		if outs[0].Status != core.Rejected || outs[0].Class != tt.want {
			t.Errorf("%s: the priced one is %+v", name, outs[0])
		}
		if outs[1].Status != core.Applied || outs[2].Class != core.ClassDuplicate {
			t.Errorf("%s: the others are %+v", name, outs[1:])
		}
	}
}
