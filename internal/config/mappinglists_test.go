package config

import (
	"slices"
	"testing"
)

// TestSET10_RemappedReplacesOneListAndNothingElse and shares nothing with what was given.
func TestSET10_RemappedReplacesOneListAndNothingElse(t *testing.T) {
	c := parse(t, sample).Connections[0]
	c.Mappings["contact"] = []Mapping{{HubSpot: "email", Salesforce: "Email", Rule: "two_way"}}
	company := slices.Clone(c.Mappings["company"])
	next, err := Remapped(c, "contact", []Mapping{{HubSpot: "city", Salesforce: "MailingCity", Values: map[string]string{"a": "b"}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := next.Mappings["contact"]; len(got) != 1 || got[0].HubSpot != "city" || got[0].Values["a"] != "b" {
		t.Errorf("the list is %+v", got)
	}
	if !sameMappings(next.Mappings["company"], company) || c.Mappings["contact"][0].HubSpot != "email" {
		t.Errorf("others are %+v, and what was given %+v", next.Mappings, c.Mappings)
	}
	next.Mappings["company"][0].HubSpot = "changed"
	if c.Mappings["company"][0].HubSpot == "changed" {
		t.Error("the result shares its lists with what was given")
	}
	c.Mappings = nil
	if next, err = Remapped(c, "contact", nil); err != nil || len(next.Mappings["contact"]) != 0 {
		t.Errorf("an empty list of none is %+v, %v", next.Mappings, err)
	}
}
