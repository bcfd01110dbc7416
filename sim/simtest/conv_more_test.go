package simtest

import (
	"net/http"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// converted is a world with a pair of fields of every conversion that is not a mere copy.
func converted(t *testing.T, more ...Option) *World {
	fields := []salesforcesim.FieldSpec{
		{Name: "Discount", Type: "Percent", Precision: 5, Scale: 2}, {Name: "Rate", Type: "Percent", Precision: 5, Scale: 2}, {Name: "Opens", Type: "Time"},
		{Name: "Story", Type: "Html", Length: 32768}, {Name: "Memo", Type: "Html", Length: 32768}, {Name: "Notes", Type: "LongTextArea", Length: 500},
		{Name: "Price", Type: "Currency", Precision: 18, Scale: 2},
	}
	var maps []config.Mapping
	for _, f := range fields {
		maps = append(maps, config.Mapping{Salesforce: f.Name + "__c", HubSpot: lower(f.Name), Rule: "two_way"})
	}
	return New(t, append([]Option{Before(func(w *World) {
		for _, f := range fields {
			f.Object, f.Label = "Account", f.Name
			w.must(w.Org.AddField(f))
		}
		w.property("discount", "number", "number")
		w.portalCall(http.MethodPatch, "/crm/v3/properties/companies/discount", map[string]any{"numberDisplayHint": "percentage"})
		w.property("rate", "number", "number")
		w.property("opens", "string", "text")
		w.property("story", "string", "html")
		w.property("memo", "string", "textarea")
		w.property("notes", "string", "html")
		w.property("price", "number", "number")
	}), Mappings(append(maps, config.Mapping{HubSpot: "name", Salesforce: "Name"})...)}, more...)...)
}

// conversion is a value on one side and what it is on the other.
type conversion struct{ field, sf, property, hs string }

func (w *World) wantConverted(account, company string, rows []conversion) {
	w.T.Helper()
	for _, r := range rows {
		w.wantValues(account, r.field, r.sf, company, r.property, r.hs)
	}
}

// Each pair converts both ways, and what was written is written once.
func TestMAP2_ConversionsPassBothWaysAndComeBack(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := converted(t, profile)
		account, company := w.linked("Edge")
		w.must(w.Org.As(admin).Update("Account", account, map[string]any{"Discount__c": 12.5, "Rate__c": 25, "Opens__c": "09:05:00.000Z", "Price__c": 1234567.89,
			"Story__c": "<p>One <b>two</b></p>", "Memo__c": "<p>Fish &amp; chips</p><p>Peas</p>", "Notes__c": "1 < 2\nand so on"}))
		w.Sync()
		w.wantConverted(account, company, []conversion{
			{"Discount__c", "12.5", "discount", "0.125"}, {"Rate__c", "25", "rate", "25"}, {"Opens__c", "09:05:00.000Z", "opens", "09:05:00"}, {"Price__c", "1234567.89", "price", "1234567.89"},
			{"Story__c", "<p>One <b>two</b></p>", "story", "<p>One <b>two</b></p>"}, {"Memo__c", "<p>Fish &amp; chips</p><p>Peas</p>", "memo", "Fish & chips\nPeas"},
			{"Notes__c", "1 < 2\nand so on", "notes", "1 &lt; 2<br>and so on"},
		})
		w.wantQuiet(account)
		w.Advance(3 * time.Second)
		w.must(w.Portal.As(admin).Update("companies", company, map[string]string{"discount": "0.07", "rate": "7.5", "opens": "18:30", "price": "-0.01", "story": "<p>Three</p><script>x()</script>",
			"memo": "a < b\n\nc", "notes": "<ul><li>Four</li><li>Five</li></ul>"}))
		w.Sync()
		w.wantConverted(account, company, []conversion{
			{"Discount__c", "7", "discount", "0.07"}, {"Rate__c", "7.5", "rate", "7.5"}, {"Opens__c", "18:30:00.000Z", "opens", "18:30"}, {"Price__c", "-0.01", "price", "-0.01"},
			{"Story__c", "<p>Three</p>", "story", "<p>Three</p>"}, {"Memo__c", "a &lt; b<br><br>c", "memo", "a < b\n\nc"}, {"Notes__c", "Four\nFive", "notes", "<ul><li>Four</li><li>Five</li></ul>"},
		})
		w.wantNoIssues()
		w.wantQuiet(account)
	})
}

// Another tag is no change of a text that the other side has without tags.
func TestMAP2_OtherTagsAreNoChangeOfAPlainText(t *testing.T) {
	w := converted(t)
	account, company := w.linked("Edge", "Notes__c", "One\nTwo")
	at := w.Now()
	w.must(w.Portal.As(admin).Update("companies", company, map[string]string{"notes": "<p><b>One</b></p><p>Two&nbsp;</p>"}))
	w.Sync()
	if n := w.ours(at); n[core.Salesforce] != 0 {
		t.Errorf("%d writes to Salesforce", n[core.Salesforce])
	}
	w.wantValues(account, "Notes__c", "One\nTwo", company, "notes", "<p><b>One</b></p><p>Two&nbsp;</p>")
	w.wantNoIssues()
}

// What does not convert is an issue of its field, both sides keep what they have, and
// the rest of the record passes.
func TestERR9_WhatDoesNotConvertStaysAndTheRestPasses(t *testing.T) {
	for _, c := range []struct{ field, property, value, code string }{
		{"Opens__c", "opens", "half past ten", "wrong_format"}, {"Discount__c", "discount", "10", "out_of_range"},
	} {
		t.Run(c.field, func(t *testing.T) {
			w := converted(t)
			account, company := w.linked("Edge")
			before := w.accountValue(account, c.field)
			w.must(w.Portal.As(admin).Update("companies", company, map[string]string{c.property: c.value, "price": "3"}))
			w.Sync()
			w.wantIssue(core.CategoryValue, c.code, c.field)
			w.wantValues(account, c.field, before, company, c.property, c.value)
			w.wantValues(account, "Price__c", "3", company, "price", "3")
		})
	}
}

// A state's code that several countries have is not guessed.
func TestMAP14_ACodeOfSeveralStatesIsNotGuessed(t *testing.T) {
	w := New(t, Before(func(w *World) {
		w.Org.EnablePlacePicklists()
		w.property("region", "enumeration", "select", "Texas", "Washington", "Western Australia")
	}), Mappings(config.Mapping{HubSpot: "name", Salesforce: "Name"}, config.Mapping{HubSpot: "country", Salesforce: "BillingCountry", Rule: "two_way"},
		config.Mapping{HubSpot: "region", Salesforce: "BillingStateCode", Rule: "two_way", Values: map[string]string{"TX": "Texas"}}))
	account, company := w.linked("Edge", "BillingStateCode", "TX", "BillingCountryCode", "US")
	w.wantValues(account, "BillingCountry", "United States", company, "country", "United States")
	w.wantValues(account, "BillingState", "Texas", company, "region", "Texas")
	w.must(w.Org.As(admin).Update("Account", account, map[string]any{"BillingStateCode": "WA", "BillingCountryCode": "AU"}))
	w.Sync()
	w.wantIssue(core.CategoryPicklist, "option_unknown", "region")
	w.wantValues(account, "BillingState", "Western Australia", company, "region", "Texas")
}
