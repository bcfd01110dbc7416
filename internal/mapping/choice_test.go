package mapping

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tandem/internal/core"
)

// TestLIM22_TheWayBackPrefersTheSameWord has several Salesforce values stand for one
// HubSpot value; the one that says the same is written, wherever it stands in the
// picklist.
func TestLIM22_TheWayBackPrefersTheSameWord(t *testing.T) {
	sf := &FieldDef{Name: "Industry", Options: []Option{{Value: "Communications", Active: true}, {Value: "Telecommunications", Active: true}, {Value: "Media", Active: true}}}
	values := map[string]string{"Communications": "TELECOMMUNICATIONS", "Telecommunications": "TELECOMMUNICATIONS", "Media": "ONLINE_MEDIA", "Zeitung": "ONLINE_MEDIA"}
	c := newChoiceMap(values, sf)
	for hubspot, want := range map[string]string{"TELECOMMUNICATIONS": "Telecommunications", "ONLINE_MEDIA": "Media"} {
		if got, ok := c.salesforce(hubspot); !ok || got != want {
			t.Errorf("%s becomes %q, want %q", hubspot, got, want)
		}
	}
}

// A semicolon parts choices on both sides, so that a choice with one in it cannot be
// told from two.
func TestMAP17_AMapToSeveralChoicesIsRefused(t *testing.T) {
	sf, hs := sfDef("M", "multipicklist"), hsDef("m", "enumeration", "checkbox")
	sf.Options, hs.Options = options("Both", "x"), options("x", "y")
	for _, values := range []map[string]string{{"Both": "x;y"}, {"x;y": "x"}} {
		m, problems := Compile(core.CompanyPair, []FieldMap{{Salesforce: "M", HubSpot: "m", Values: values}}, []FieldDef{sf}, []FieldDef{hs})
		if len(m.Synced()) != 0 || len(problems) != 1 || problems[0].Rule != "MAP-17" || problems[0].Severity != Error {
			t.Errorf("%v: %+v", values, problems)
		}
	}
}

// Each choice may fit and all together may not: Salesforce keeps 4,099 characters.
func TestMAP17_ManyChoicesThatAreTooLongTogether(t *testing.T) {
	sf, hs := sfDef("M", "multipicklist"), hsDef("m", "enumeration", "checkbox")
	var all []string
	for c := 'a'; c <= 'z'; c++ {
		all = append(all, strings.Repeat(string(c), 200))
	}
	sf.Options, hs.Options, sf.Length = options(all...), options(all...), 4099
	f := pair(t, sf, hs)
	if got, issue := f.ToSide(sfSide, f.Canon(hsSide, strings.Join(all, ";"))); got != "" || issue == nil || issue.Code != "too_long" || !issue.Refused {
		t.Errorf("%d characters are given, %+v", len(got), issue)
	}
	if got, issue := f.ToSide(sfSide, f.Canon(hsSide, strings.Join(all[:20], ";"))); len(got) != 4019 || issue != nil {
		t.Errorf("%d characters are given, %+v", len(got), issue)
	}
}

// A set has no order, and whatever order the sides give it in, it is one value and comes
// back as one.
func TestMAP17_SetsComeBackInAnyOrder(t *testing.T) {
	sf, hs := sfDef("M", "multipicklist"), hsDef("m", "enumeration", "checkbox")
	sf.Options, sf.Restricted, hs.Options = options("a b", "Ä", "c,d", "e"), true, options("1", "Ä", "c,d", "e")
	f := pair(t, sf, hs, func(m *FieldMap) { m.Values = map[string]string{"a b": "1"} })
	rapid.Check(t, func(t *rapid.T) {
		side := core.Side(rapid.IntRange(0, 1).Draw(t, "side"))
		var have []string
		for _, o := range f.Defs[side].Options {
			have = append(have, o.Value)
		}
		chosen := rapid.SliceOfNDistinct(rapid.SampledFrom(have), 0, len(have), rapid.ID[string]).Draw(t, "chosen")
		other := rapid.Permutation(chosen).Draw(t, "other order")
		canonical := f.Canon(side, strings.Join(chosen, ";"))
		there, issue := f.ToSide(side.Other(), canonical)
		back, again := f.ToSide(side, f.Canon(side.Other(), there))
		if issue != nil || again != nil || f.Canon(side, strings.Join(other, ";")) != canonical || f.Canon(side, back) != canonical || !slices.Equal(items(back), items(strings.Join(chosen, ";"))) {
			t.Fatalf("%q became %q and came back as %q", chosen, there, back)
		}
	})
}

// WA is Washington and Western Australia; which, says the country. No value map can know.
func TestMAP14_CodesThatStandForSeveralThings(t *testing.T) {
	sf, hs := sfDef("BillingStateCode", "picklist"), hsDef("state", "enumeration", "select")
	sf.Restricted = true
	sf.Options = []Option{{Value: "WA", Label: "Western Australia", Active: true}, {Value: "TX", Label: "Texas", Active: true}, {Value: "WA", Label: "Washington", Active: true}}
	hs.Options = options("Texas", "Washington", "Western Australia")
	values := proposeValues(sf.Options, hs.Options)
	if len(values) != 1 || values["TX"] != "Texas" {
		t.Errorf("proposed: %v", values)
	}
	m, problems := Compile(core.CompanyPair, []FieldMap{{Salesforce: sf.Name, HubSpot: hs.Name, Values: values}}, []FieldDef{sf}, []FieldDef{hs})
	f := m.Synced()[0]
	for _, p := range problems {
		if p.Rule == "MAP-14" {
			t.Errorf("nothing is mapped, and there is a problem: %+v", p)
		}
	}
	if got, issue := f.ToSide(hsSide, f.Canon(sfSide, "TX")); got != "Texas" || issue != nil {
		t.Errorf("TX becomes %q, %+v", got, issue)
	}
	if got, issue := f.ToSide(hsSide, f.Canon(sfSide, "WA")); got != "" || issue == nil || !issue.Refused {
		t.Errorf("WA becomes %q, %+v", got, issue)
	}
	values["WA"] = "Washington"
	_, problems = Compile(core.CompanyPair, []FieldMap{{Salesforce: sf.Name, HubSpot: hs.Name, Values: values}}, []FieldDef{sf}, []FieldDef{hs})
	if !slices.ContainsFunc(problems, func(p Problem) bool {
		return p.Rule == "MAP-14" && strings.Contains(p.Message, "WA (Western Australia or Washington)") && p.Severity == Warning
	}) {
		t.Errorf("problems: %+v", problems)
	}
}

// HubSpot's dropdown of states goes with the text in which Salesforce has the name.
func TestMAP14_ADropdownOfNamesIsMappedByTransforms(t *testing.T) {
	hs := hsDef("state", "enumeration", "select")
	hs.Options = options("Texas", "Washington")
	f := pair(t, sfDef("BillingState", "string"), hs, func(m *FieldMap) { m.Transform = [2]string{valueName, valueName} })
	for _, side := range core.Sides {
		got, issue := f.ToSide(side, f.Canon(side.Other(), "Texas"))
		if rec, ok := f.FromRecord(side.Other(), &core.Record{Values: map[string]string{f.Names[side.Other()]: "Texas"}}); got != "Texas" || issue != nil || rec != "Texas" || !ok || f.Rule != core.TwoWay {
			t.Errorf("to %s: %q, %+v", side, got, issue)
		}
	}
	if got, issue := f.ToSide(hsSide, "Atlantis"); got != "" || issue == nil || !issue.Refused {
		t.Errorf("Atlantis becomes %q, %+v", got, issue)
	}
}
