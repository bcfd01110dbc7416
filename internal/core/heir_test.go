package core

import "testing"

// What is agreed with a predecessor never empties a side, and never loses a value unseen.
func TestLIM7_AnHeirMeetsItsPartner(t *testing.T) {
	rows := []struct {
		name  string
		rule  Rule
		heir  Side
		base  string
		now   string
		later Later
		want  Case
		does  int
	}{
		{"goes on as the one before", TwoWay, Salesforce, "a", "a|a", 0, SameUnchanged, rest},
		{"its blank is no clear", TwoWay, Salesforce, "a", "|a", SalesforceLater, FirstMeetingFill, toS},
		{"its blank is no clear in HubSpot", TwoWay, HubSpot, "a", "a|", HubSpotLater, FirstMeetingFill, toH},
		{"its blank takes an edit of the partner", TwoWay, Salesforce, "a", "|b", SalesforceLater, FirstMeetingFill, toS},
		{"both blank", TwoWay, Salesforce, "a", "|", 0, FirstMeetingEqual, rest},
		{"the partner's clear is one where it goes on", TwoWay, Salesforce, "a", "a|", 0, HubSpotCleared, toS},
		{"the partner's blank is a clear, not its own", TwoWay, HubSpot, "a", "|a", 0, SalesforceCleared, toH},
		{"its value passes, visibly", TwoWay, Salesforce, "a", "b|a", HubSpotLater, OnlySalesforceChanged, toH | clash},
		{"its value passes from HubSpot, visibly", TwoWay, HubSpot, "a", "a|b", SalesforceLater, OnlyHubSpotChanged, toS | clash},
		{"its value fills", TwoWay, HubSpot, "", "|b", 0, OnlyHubSpotChanged, toS},
		{"an edit of the partner passes where it goes on", TwoWay, Salesforce, "a", "a|b", SalesforceLater, OnlyHubSpotChanged, toS},
		{"an edit of the partner against its value, later", TwoWay, Salesforce, "a", "b|c", HubSpotLater, DivergentChange, toS | clash},
		{"an edit of the partner against its value, earlier", TwoWay, Salesforce, "a", "b|c", SalesforceLater, DivergentChange, toH | clash},
		{"both came to one value", TwoWay, Salesforce, "a", "b|b", 0, ConvergentChange, rest},
		{"MAP-4 HubSpot fills its blank", PreferSalesforce, Salesforce, "a", "|a", 0, FirstMeetingFill, toS},
		{"MAP-4 its value passes, visibly", PreferSalesforce, Salesforce, "a", "b|a", 0, OnlySalesforceChanged, toH | clash},
		{"MAP-4 of HubSpot's it is set back, visibly", PreferSalesforce, HubSpot, "a", "a|b", 0, OnlyHubSpotChanged, toH | clash},
		{"MAP-5 its blank stays and clears nothing", AlwaysSalesforce, Salesforce, "a", "|a", 0, BlankKept, rest},
		{"MAP-15 of HubSpot's its blank clears nothing", HubSpotOnly, HubSpot, "a", "a|", 0, BlankKept, rest},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			f := input(row.rule, row.base, row.now, row.later)
			base := Inherit(Inherit(Base{"F": f.Base}, row.heir), row.heir)
			f.Base, f.Heir, f.HasBase = base.Of("F")
			r := one(f)
			if got := done(r); r.Case != row.want || got != row.does {
				t.Errorf("got %s doing %04b, want %s doing %04b (%+v)", r.Case, got, row.want, row.does, r)
			}
			if r.Conflict && r.Lost == "" {
				t.Error("a blank is told as lost")
			}
		})
	}
}

func TestInheritLastsUntilBothAreObserved(t *testing.T) {
	long := Digest("a value that is longer than what a base keeps as it is, sixty-four bytes")
	before := Base{"Same": {"a", "a"}, "Long": {long, long}, "Other": {"a", "a"}}
	b := Inherit(before, HubSpot)
	if _, heir, _ := before.Of("Same"); heir != [2]bool{} {
		t.Error("the base of before was changed")
	}
	if !b.Holds(HubSpot, "Same", "a") || !b.Holds(Salesforce, "Same", "a") || b.Holds(HubSpot, "Same", "b") || b.Holds(HubSpot, "None", "") {
		t.Error("another value is held than before")
	}
	in := FieldInput{Key: "Same", Rule: TwoWay, Now: [2]string{"a", "a"}, Readable: [2]bool{true, true}}
	in.Base, in.Heir, in.HasBase = b.Of("Same")
	b = Advance(b, Agreements([]FieldInput{in}, Reconcile([]FieldInput{in})))
	if _, heir, _ := b.Of("Same"); heir != [2]bool{} {
		t.Error("a value seen of both records is not the heir's own")
	}
	if got, heir, ok := b.Of("Long"); got != (Agreed{long, long}) || heir != [2]bool{HubSpot: true} || !ok {
		t.Errorf("a field not seen yet is %v, heir %v", got, heir)
	}
	if _, _, ok := b.Of("None"); ok {
		t.Error("a field nobody agreed on has a base")
	}
}
