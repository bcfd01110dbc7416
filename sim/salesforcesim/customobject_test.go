package salesforcesim

import (
	"strings"
	"testing"
)

// invoices is a master object with a numbered name and its lines.
var invoices = []CustomObject{
	{Name: "Invoice", Label: "Invoice", AutoNumber: "INV-{0000}", Fields: []FieldSpec{{Name: "Account__c", Type: "Lookup", ReferenceTo: "Account", Children: "Invoices"},
		{Name: "Total__c", Type: "Summary", Summary: "sum Line__c.Amount__c", SummaryKey: "Line__c.Invoice__c"}, {Name: "Lines__c", Type: "Summary", Summary: "count", SummaryKey: "Line__c.Invoice__c"},
		{Name: "Largest__c", Type: "Summary", Summary: "max Line__c.Amount__c", SummaryKey: "Line__c.Invoice__c"}}},
	{Name: "Line__c", Fields: []FieldSpec{{Name: "Invoice__c", Type: "MasterDetail", ReferenceTo: "Invoice__c", Children: "Lines"},
		{Name: "Amount__c", Type: "Currency", Precision: 18, Scale: 2}, {Name: "Number__c", Type: "AutoNumber"}}},
}

func TestCustomObjectsNumberSumUpAndCascade(t *testing.T) {
	w := newWire(t, func(o *Options) { o.Objects = invoices })
	account := w.create("Account", `{"Name":"A"}`)
	invoice := w.create("Invoice__c", `{"Account__c":"`+account+`"}`)
	if code := w.api("POST", "/sobjects/Invoice__c", `{"Name":"mine"}`).want(400).code(); code != "INVALID_FIELD_FOR_INSERT_UPDATE" {
		t.Errorf("a numbered name may be given: %s", code)
	}
	w.create("Invoice__c", `{}`)
	line := w.create("Line__c", `{"Name":"x","Invoice__c":"`+invoice+`","Amount__c":12.5}`)
	w.create("Line__c", `{"Invoice__c":"`+invoice+`","Amount__c":30}`)
	got := w.query("SELECT Name, Total__c, Lines__c, Largest__c, Account__r.Name, (SELECT Number__c FROM Lines__r ORDER BY Number__c) FROM Invoice__c ORDER BY Name")
	if len(got) != 2 || got[0]["Name"] != "INV-0001" || got[1]["Name"] != "INV-0002" || got[0]["Total__c"] != 42.5 || got[0]["Lines__c"] != 2.0 || got[0]["Largest__c"] != 30.0 || got[1]["Largest__c"] != nil || got[1]["Total__c"] != 0.0 {
		t.Fatal(got)
	}
	if !strings.HasPrefix(invoice, "a00") || !strings.HasPrefix(line, "a01") || got[0]["Account__r"].(map[string]any)["Name"] != "A" || got[0]["Lines__r"].(map[string]any)["totalSize"] != 2.0 {
		t.Error(invoice, line, got[0])
	}
	if code := w.api("POST", "/sobjects/Line__c", `{"Name":"orphan"}`).want(400).code(); code != "REQUIRED_FIELD_MISSING" {
		t.Errorf("a detail without master gives %s", code)
	}
	w.api("PATCH", "/sobjects/Line__c/"+line, `{"Amount__c":1}`).want(204)
	if got := w.query("SELECT Total__c FROM Invoice__c WHERE Id = '" + invoice + "'")[0]["Total__c"]; got != 31.0 {
		t.Errorf("total %v", got)
	}
	w.api("DELETE", "/sobjects/Invoice__c/"+invoice, "").want(204)
	if n := len(w.query("SELECT Id FROM Line__c")); n != 0 {
		t.Errorf("%d lines outlive their invoice", n)
	}
}

func TestCustomObjectsAreInDescribeAndEvents(t *testing.T) {
	w := newWire(t, func(o *Options) { o.Objects = invoices })
	d := w.api("GET", "/sobjects/Invoice__c/describe", "").want(200).object()
	name := fieldOf(d, "Name")
	if d["custom"] != true || d["keyPrefix"] != "a00" || d["labelPlural"] != "Invoices" || name["autoNumber"] != true || name["createable"] != false || fieldOf(d, "Total__c")["createable"] != false {
		t.Errorf("%v %v", name, fieldOf(d, "Total__c"))
	}
	ok(t, w.org.SelectEntities("Invoice__c"))
	if e, found := w.org.eventEntity("Invoice__c"); !found || e.Name != "Invoice__c" {
		t.Error("no change events of a custom object")
	}
}
