package mapping

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tandem/internal/core"
)

// checkRoundTrip is the fidelity law: what a side can hold comes back as it was;
// what was adapted is stable from then on; all else is refused and not written.
func checkRoundTrip(t rapid.TB, f *Field, from core.Side, raw string) {
	to := from.Other()
	canonical := f.Canon(from, raw)
	if again := f.Canon(from, canonical); f.Kind != Choice && f.Kind != Choices && !f.share && !(f.plain && f.Defs[from].Rich) && again != canonical {
		t.Fatalf("the canonical form of %q is not stable: %q, then %q", raw, canonical, again)
	}
	value, issue := f.ToSide(to, canonical)
	switch {
	case issue == nil:
		if back := f.Canon(to, value); !core.Same(back, canonical) {
			t.Fatalf("%q became %q on %s and came back as %q, not %q", raw, value, to, back, canonical)
		}
	case issue.Refused:
		if value != "" {
			t.Fatalf("a refused value is given: %q", value)
		}
	default:
		again, second := f.ToSide(to, f.Canon(to, value))
		if again != value || second != nil {
			t.Fatalf("the adapted value %q is adapted again to %q: %+v", value, again, second)
		}
	}
}

func TestRoundTripProperties(t *testing.T) {
	money := sfDef("Revenue", "currency")
	money.Precision, money.Scale = 18, 2
	pick, hsPick := sfDef("P", "picklist"), hsDef("p", "enumeration", "select")
	pick.Options, pick.Restricted, hsPick.Options = options("a", "b", "c"), true, options("A", "b", "d")
	many, hsMany := sfDef("M", "multipicklist"), hsDef("m", "enumeration", "checkbox")
	many.Options, many.Restricted, hsMany.Options = pick.Options, true, hsPick.Options
	mapped := func(m *FieldMap) { m.Values = map[string]string{"a": "A"} }
	kinds := map[string]struct {
		f   *Field
		gen *rapid.Generator[string]
	}{
		"text":     {textPair(t, 20), rapid.String()},
		"number":   {pair(t, money, hsDef("r", "number", "number")), rapid.OneOf(rapid.StringMatching(`-?[0-9]{1,20}(\.[0-9]{1,6})?([eE]-?[0-9]{1,2})?`), rapid.String())},
		"integer":  {pair(t, sfDef("N", "int"), hsDef("n", "number", "number")), rapid.StringMatching(`-?[0-9]{1,12}(\.[0-9])?`)},
		"bool":     {pair(t, sfDef("B", "boolean"), hsDef("b", "bool", "booleancheckbox")), rapid.OneOf(rapid.SampledFrom([]string{"true", "FALSE", "", "1", "no"}), rapid.String())},
		"date":     {pair(t, sfDef("D", "date"), hsDef("d", "date", "date")), rapid.OneOf(rapid.StringMatching(`[0-4][0-9]{3}-[01][0-9]-[0-3][0-9]`), rapid.StringMatching(`-?[0-9]{1,14}`))},
		"datetime": {pair(t, sfDef("T", "datetime"), hsDef("t", "datetime", "date")), rapid.StringMatching(`[1-3][0-9]{3}-0[1-9]-[0-2][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{3})?(Z|[+-]0[0-9]00)`)},
		"choice":   {pair(t, pick, hsPick, mapped), rapid.SampledFrom([]string{"", "a", "b", "c", "A", "d", " b ", "x"})},
		"choices":  {pair(t, many, hsMany, mapped), rapid.StringMatching(`[abcAd;]{0,8}`)},
		"domain":   {pair(t, sfDef("W", "url"), hsDef("domain", "string", "text")), rapid.OneOf(rapid.StringMatching(`(https?://)?(www\.)?[a-zA-Z0-9ü-]{1,10}(\.[a-z]{1,4}){0,2}(/x)?`), rapid.String())},
		"ref":      {pair(t, sfDef("R", "reference"), hsDef("r", "string", "text")), rapid.StringMatching(`[a-zA-Z0-9]{14,18}`)},
	}
	for name, k := range kinds {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			raw, from := k.gen.Draw(t, "raw"), core.Side(rapid.IntRange(0, 1).Draw(t, "from"))
			checkRoundTrip(t, k.f, from, raw)
		}))
	}
}

// The 515 strings survive a round trip in a name byte for byte, but for blanks at
// the end, or become an issue that says what happens.
func TestNaughtyStrings(t *testing.T) {
	var list []string
	dataFile(t, "dirty-naughty-strings/blns.json", &list)
	if len(list) < 500 {
		t.Fatalf("only %d strings", len(list))
	}
	sf := sfDef("Name", "string")
	sf.Length, sf.Required = 255, true
	f := pair(t, sf, hsDef("name", "string", "text"))
	intact, issues := 0, 0
	for _, raw := range list {
		for _, from := range core.Sides {
			checkRoundTrip(t, f, from, raw)
			value, issue := f.ToSide(from.Other(), f.Canon(from, raw))
			switch {
			case issue != nil:
				issues++
			case value != strings.TrimRight(lineBreaks.Replace(raw), " \t\n"):
				t.Errorf("%q became %q without a word", raw, value)
			default:
				intact++
			}
		}
	}
	if issues == 0 || intact < 1000 {
		t.Errorf("%d intact, %d issues", intact, issues)
	}
}
