package mapping

import (
	"fmt"
	"math/big"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"tandem/internal/core"
)

func numberPair(t testing.TB, sfType string, precision, scale int, share bool) *Field {
	sf, hs := sfDef("N", sfType), hsDef("n", "number", "number")
	sf.Precision, sf.Scale, hs.Share = precision, scale, share
	return pair(t, sf, hs)
}

// A number of up to 15 digits, which Salesforce tells from all others, is in HubSpot what it is in Salesforce, and comes
// back as it was, whatever its type and however it is written: nothing is added up in
// binary on the way.
func TestMAP2_NumbersPassWithoutDrift(t *testing.T) {
	fields := map[string]*Field{}
	for _, typ := range []string{"double", "currency", "percent"} {
		for _, scale := range []int{0, 2, 6, 18} {
			for _, share := range []bool{false, true} {
				fields[fmt.Sprint(typ, scale, share)] = numberPair(t, typ, 18, scale, share)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(sortedNames(fields)).Draw(t, "field")
		f := fields[name]
		scale := f.Defs[sfSide].Scale
		n := new(big.Int).SetUint64(rapid.Uint64Range(0, 999_999_999_999_999).Draw(t, "digits"))
		raw := new(big.Rat).SetFrac(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)).FloatString(scale)
		if rapid.Bool().Draw(t, "negative") {
			raw = "-" + raw
		}
		canonical := f.Canon(sfSide, raw)
		there, issue := f.ToSide(hsSide, canonical)
		if issue != nil {
			t.Fatalf("%s: %s is refused: %+v", name, raw, issue)
		}
		back, issue := f.ToSide(sfSide, f.Canon(hsSide, there))
		if issue != nil || !same(back, raw) {
			t.Fatalf("%s: %s is %s in HubSpot and came back as %s: %+v", name, raw, there, back, issue)
		}
		if f.share == same(there, raw) && !same(raw, "0") {
			t.Fatalf("%s: %s is %s in HubSpot", name, raw, there)
		}
	})
}

func sortedNames(m map[string]*Field) (out []string) {
	for name := range m {
		out = append(out, name)
	}
	return sortedSet(out)
}

func same(a, b string) bool {
	x, ok := core.ParseDecimal(a)
	y, also := core.ParseDecimal(b)
	return ok && also && x.Cmp(y) == 0
}

// A percent field of Salesforce holds 25 for 25 %, a percentage of HubSpot 0.25 and
// any other number of HubSpot what is written into it.
func TestMAP2_PercentAndShare(t *testing.T) {
	share, number, plain := numberPair(t, "percent", 5, 2, true), numberPair(t, "percent", 5, 2, false), numberPair(t, "double", 5, 2, true)
	checkToSide(t, []sideRow{
		{"D22 percent to a percentage", share, hsSide, "25", "0.25", "", false},
		{"with its digits", share, hsSide, "12.34", "0.1234", "", false},
		{"one percent", share, hsSide, "1", "0.01", "", false},
		{"negative", share, hsSide, "-0.5", "-0.005", "", false},
		{"more than all", share, hsSide, "250", "2.5", "", false},
		{"to a number", number, hsSide, "25", "25", "", false},
		{"a number to a percentage", plain, hsSide, "0.25", "0.25", "", false},
		{"Salesforce gets percent", share, sfSide, share.Canon(hsSide, "0.25"), "25", "", false},
		{"rounded in percent, visibly", share, sfSide, share.Canon(hsSide, "0.12345"), "12.34", "adapted", false},
		{"too many", share, sfSide, share.Canon(hsSide, "10"), "", "out_of_range", true},
	})
	if share.Key == number.Key {
		t.Error("what was agreed on in another unit passes for an edit")
	}
}

// HubSpot answers a calculated number as the exact value of the binary number that it
// is. Nobody wrote those digits, so they are no difference; what somebody can have
// written stays.
func TestMAP2_TheDigitsOfABinaryNumberAreNoValue(t *testing.T) {
	f := numberPair(t, "double", 18, 2, false)
	for in, want := range map[string]string{
		"0.200000000000000011102230246251565404236316680908203125": "0.2",
		"0.8000000000000000444089209850062616169452667236328125":   "0.8",
		"-1234567.100000000093132257461547851562500":               "-1234567.1",
		"0.2000000000000000111022302462515654042363166809082031":   "0.2000000000000000111022302462515654042363166809082031",
		"123456789012345678":    "123456789012345678",
		"0.1234567890123456789": "0.1234567890123456789",
	} {
		if got := f.Canon(hsSide, in); got != want {
			t.Errorf("%s is read as %s, want %s", in, got, want)
		}
		if got := f.Canon(sfSide, in); !same(got, in) {
			t.Errorf("Salesforce's %s is read as %s", in, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := float64(rapid.Int64Range(-1e13, 1e13).Draw(t, "hundredths")) / 100
		exact := new(big.Rat).SetFloat64(n).FloatString(60)
		if got, want := f.Canon(hsSide, exact), strconv.FormatFloat(n, 'f', -1, 64); !same(got, want) {
			t.Fatalf("%s is read as %s, want %s", exact, got, want)
		}
	})
}

// A transform that gives the value alone keeps all of its digits, and one that counts
// gives what a person would.
func TestMAP2_TransformsCountAsPeopleDo(t *testing.T) {
	for _, row := range []struct{ transform, in, want string }{
		{"value", "9007199254740993", "9007199254740993"}, {"value", "123456789012345678.5", "123456789012345678.5"}, {" value ", "1.0E7", "10000000"}, {"value", "", ""},
		{"value + 0.2", "0.1", "0.3"}, {"value * 1.1", "100", "110"}, {"value / 100", "12.34", "0.1234"}, {"value * 100", "0.07", "7"}, {"value / 3", "1", "0.333333333333333"},
		{"value + 1", "9007199254740990", "9007199254740991"}, {"-value", "0.000001", "-0.000001"},
	} {
		for _, text := range []bool{true, false} {
			hs := hsDef("n", "number", "number")
			if text {
				hs = hsDef("n", "string", "text")
			}
			f := pair(t, sfDef("N", "double"), hs, func(m *FieldMap) { m.Transform[hsSide], m.Rule = row.transform, core.AlwaysSalesforce })
			if got, ok := f.FromRecord(sfSide, &core.Record{Values: map[string]string{"N": row.in}}); ok && got != row.want || !ok && row.in != "" {
				t.Errorf("%s of %s as text %v is %s (%v), want %s", row.transform, row.in, text, got, ok, row.want)
			}
		}
	}
}
