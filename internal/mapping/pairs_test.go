package mapping

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tandem/internal/core"
)

// held are values that a Salesforce field and a HubSpot property of a kind can both
// hold, each in the form of its side.
type held [2]*rapid.Generator[string]

var (
	words = rapid.StringMatching(`[A-Za-zÀ-ž0-9 .,'&<>/;:+()#\x{4e00}-\x{4e20}\x{1F600}-\x{1F610}-]{0,60}`)
	// hours pass as whole seconds: what a side has beyond that is the other tests' matter.
	moments = rapid.Custom(func(t *rapid.T) time.Time {
		return time.Unix(rapid.Int64Range(earliest.Unix()+86400, latest.Unix()-86400).Draw(t, "seconds"), 0).UTC()
	})
	dates     = rapid.Map(moments, func(t time.Time) string { return t.Format(dateLayout) })
	sfMoments = rapid.Map(moments, func(t time.Time) string { return t.Format("2006-01-02T15:04:05.000-0700") })
	hsMoments = rapid.OneOf(rapid.Map(moments, func(t time.Time) string { return t.Format(time.RFC3339) }), rapid.Map(moments, func(t time.Time) string { return fmt.Sprint(t.UnixMilli()) }))
	decimals  = rapid.StringMatching(`-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?`)
	ids       = rapid.StringMatching(`00[136Q][A-Za-z0-9]{12}`)
)

// heldBy are the values of each kind of pair. Where the types say more than the kind, the
// row of the two types goes first.
var heldBy = map[string]held{
	"text":                   {words, words},
	"email":                  {rapid.StringMatching(`[A-Za-z0-9.]{1,20}@[A-Za-z]{1,10}\.(com|org)`), rapid.StringMatching(`[a-z0-9.]{1,20}@[a-z]{1,10}\.(com|org)`)},
	"number":                 {decimals, decimals},
	"int, number":            {rapid.Map(rapid.Int32(), func(n int32) string { return fmt.Sprint(n) }), rapid.Map(rapid.Int32(), func(n int32) string { return fmt.Sprint(n) + ".0" })},
	"long, number":           {rapid.Map(rapid.Int64(), func(n int64) string { return fmt.Sprint(n) }), rapid.Map(rapid.Int64(), func(n int64) string { return fmt.Sprint(n) })},
	"bool":                   {rapid.SampledFrom([]string{"true", "false"}), rapid.SampledFrom([]string{"true", "false", "", "TRUE"})},
	"date":                   {dates, dates},
	"datetime, date":         {sfMoments, dates},
	"date, datetime":         {dates, hsMoments},
	"datetime":               {sfMoments, hsMoments},
	"time":                   {rapid.Map(moments, func(t time.Time) string { return t.Format("15:04:05.000Z") }), rapid.Map(moments, func(t time.Time) string { return t.Format("15:04") })},
	"choice":                 {rapid.SampledFrom([]string{"", "One", "Two", "Three"}), rapid.SampledFrom([]string{"", "1", "Two", "Three"})},
	"choices":                {rapid.SampledFrom([]string{"", "One", "Two;One", "Three;One;Two"}), rapid.SampledFrom([]string{"", "1", "Two;1", "1;Three;Two"})},
	"reference":              {ids, rapid.Map(ids, core.ID18)},
	"reference, enumeration": {rapid.Just("0015f00002JUXA8AAP"), rapid.Just("0015f00002JUXA8AAP")},
}

// fieldTypesOf are the ways in which HubSpot shows a type that make no other shape, each
// of which is its own row for people.
var fieldTypesOf = map[string][]string{"string": {"text", "textarea", "html", "phonenumber"}, "phone_number": {"phonenumber"}, "number": {"number"}, "bool": {"booleancheckbox"},
	"enumeration": {"select", "radio", "checkbox", "booleancheckbox"}, "date": {"date"}, "datetime": {"date"}}

// everyPair goes through all pairs of types that MAP-2 lets through, as plain and as rich
// text where a text area can be either.
func everyPair(t *testing.T, each func(name string, f *Field, h held)) {
	for _, hsType := range slices.Sorted(maps.Keys(fieldTypesOf)) {
		for _, fieldType := range fieldTypesOf[hsType] {
			for _, sfType := range slices.Sorted(maps.Keys(salesforceKinds)) {
				for _, rich := range []bool{false, true}[:1+len(richTypes[sfType])] {
					sf, hs := sfDef("F__c", sfType), hsDef("f", hsType, fieldType)
					if _, no := pairKind(&sf, &hs); no != "" {
						continue
					}
					sf.Rich, sf.Precision, sf.Scale = rich, 14, 2
					complete(&sf, &hs)
					f := pair(t, sf, hs, inZone("Pacific/Auckland"), func(m *FieldMap) { m.Values = map[string]string{"One": "1"} })
					name := fmt.Sprintf("%s with %s (%s) rich %v", sfType, hsType, fieldType, rich)
					each(name, f, heldOf(t, f, name))
				}
			}
		}
	}
}

var richTypes = map[string][]bool{"textarea": {true}}

// complete gives choices to what needs them.
func complete(sf, hs *FieldDef) {
	if hs.Type == "enumeration" {
		hs.Options = append(options("1", "Two", "Three"), options("0015f00002JUXA8AAP")...)
	}
	if salesforceKinds[sf.Type].family == familyChoice && sf.Type != "reference" {
		sf.Options, sf.Restricted = options("One", "Two", "Three"), true
	}
}

func heldOf(t *testing.T, f *Field, name string) held {
	t.Helper()
	sf, hs := f.Defs[sfSide], f.Defs[hsSide]
	for _, key := range []string{sf.Type + ", " + hs.Type, string(f.Kind)} {
		if h, ok := heldBy[key]; ok {
			return h
		}
	}
	t.Fatalf("%s: nobody says which values a pair of the kind %s holds", name, f.Kind)
	return held{}
}

// Whatever a field holds goes to its partner without a word and comes back as it was, for
// every pair of types that can be mapped.
func TestMAP2_EveryPairOfTypesRoundTrips(t *testing.T) {
	pairs := 0
	everyPair(t, func(name string, f *Field, h held) {
		pairs++
		for _, from := range core.Sides {
			t.Run(fmt.Sprintf("%s from %s", name, from), rapid.MakeCheck(func(t *rapid.T) {
				raw := h[from].Draw(t, "raw")
				checkRoundTrip(t, f, from, raw)
				canonical := f.Canon(from, raw)
				there, issue := f.ToSide(from.Other(), canonical)
				if issue != nil {
					t.Fatalf("%q is not taken: %+v", raw, issue)
				}
				back, issue := f.ToSide(from, f.Canon(from.Other(), there))
				if issue != nil || !core.Same(f.Canon(from, back), canonical) {
					t.Fatalf("%q became %q and came back as %q: %+v", raw, there, back, issue)
				}
			}))
		}
	})
	if pairs < 40 {
		t.Errorf("only %d pairs of types", pairs)
	}
}
