package mapping

import (
	"testing"

	"pgregory.net/rapid"

	"tandem/internal/core"
)

// places are codes of states with their names; WA stands for two.
var places = []Option{{Value: "TX", Label: "Texas", Active: true}, {Value: "WA", Label: "Washington", Active: true}, {Value: "WA", Label: "Western Australia", Active: true},
	{Value: "QC", Label: "Quebec", Active: true}, {Value: "OR", Label: "Oregon", Active: true}, {Value: "NSW", Label: "New South Wales", Active: true}}

// TestMAP14_PlacesPassBothWaysOrAreRefused: whatever states both lists have, a value comes back
// as what it was, both sides then count as equal, so that nothing is written again, and what
// the other list has not, or what stands for two, is refused.
func TestMAP14_PlacesPassBothWaysOrAreRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sf, hs := sfDef("BillingStateCode", "picklist"), hsDef("state", "enumeration", "select")
		some := rapid.SliceOfNDistinct(rapid.SampledFrom(places), 1, len(places), rapid.ID[Option])
		sf.Restricted, sf.Options = true, some.Draw(t, "Salesforce's")
		var names []string
		for _, o := range some.Draw(t, "HubSpot's") {
			names = append(names, o.Label)
		}
		hs.Options = options(names...)
		values := proposeValues(sf.Options, hs.Options)
		m, problems := Compile(core.CompanyPair, []FieldMap{{Salesforce: sf.Name, HubSpot: hs.Name, Rule: core.TwoWay, Values: values}}, []FieldDef{sf}, []FieldDef{hs})
		if len(m.Synced()) != 1 {
			t.Skip(problems)
		}
		f, several := m.Synced()[0], ambiguous(sf.Options)
		side := core.Side(rapid.IntRange(0, 1).Draw(t, "side"))
		value := rapid.SampledFrom(f.Defs[side].Options).Draw(t, "value").Value
		there, issue := f.ToSide(side.Other(), f.Canon(side, value))
		if issue != nil {
			if code, mapped := values[value]; side == core.Salesforce && mapped {
				t.Fatalf("%s is %s in HubSpot, and is refused: %+v", value, code, issue)
			}
			return
		}
		if side == core.Salesforce && several[value] != nil {
			t.Fatalf("%s stands for %v, and became %q", value, several[value], there)
		}
		back, again := f.ToSide(side, f.Canon(side.Other(), there))
		if again != nil || back != value || f.Canon(side.Other(), there) != f.Canon(side, value) {
			t.Fatalf("%q became %q and came back as %q, %+v", value, there, back, again)
		}
	})
}
