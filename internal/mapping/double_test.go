package mapping

import (
	"fmt"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"tandem/internal/core"
)

// asDouble is a number as Salesforce answers it, which keeps no other than binary ones of
// double precision.
func asDouble(t rapid.TB, sent string) string {
	v, err := strconv.ParseFloat(sent, 64)
	if err != nil {
		t.Fatalf("no number is sent: %q", sent)
	}
	return strconv.FormatFloat(v, 'E', -1, 64)
}

// TestCONV1_I18_ADoubleComesBackAsItWasSent, or an issue says that it does not pass, or how it was
// rounded: whatever precision a field declares, or none.
func TestCONV1_I18_ADoubleComesBackAsItWasSent(t *testing.T) {
	fields := map[string]*Field{}
	for _, digits := range []struct {
		kind             string
		precision, scale int
	}{{"double", 0, 0}, {"double", 18, 0}, {"currency", 18, 2}, {"percent", 16, 4}, {"double", 18, 9}} {
		d := sfDef("N", digits.kind)
		d.Precision, d.Scale = digits.precision, digits.scale
		fields[fmt.Sprint(digits)] = pair(t, d, hsDef("n", "number", "number"))
	}
	numbers := rapid.OneOf(rapid.StringMatching(`-?[1-9][0-9]{0,19}(\.[0-9]{1,12})?`), rapid.StringMatching(`-?0\.[0-9]{1,20}`),
		rapid.SampledFrom([]string{"0.30000000000000004", "9007199254740993", "9007199254740992.5", "123456789012345678", "1234567890123456.78", "0.1", "99999999999999.99"}))
	for name, f := range fields {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			canonical := f.Canon(core.HubSpot, numbers.Draw(t, "number"))
			sent, issue := f.ToSide(core.Salesforce, canonical)
			if issue != nil && issue.Refused {
				return
			}
			want := canonical
			if issue != nil {
				want = f.Canon(core.Salesforce, sent)
			}
			if back := f.Canon(core.Salesforce, asDouble(t, sent)); back != want {
				t.Fatalf("%s was sent as %s and comes back as %s", canonical, sent, back)
			}
		}))
	}
}

// Up to 15 digits are always kept.
func TestCONV1_FifteenDigitsPass(t *testing.T) {
	d := sfDef("N", "double")
	d.Precision, d.Scale = 18, 4
	f := pair(t, d, hsDef("n", "number", "number"))
	for _, n := range []string{"99999999999.9999", "-12345678901.2345", "99999999999999", "0.0001"} {
		if sent, issue := f.ToSide(core.Salesforce, n); sent != n || issue != nil {
			t.Errorf("%s is sent as %q: %+v", n, sent, issue)
		}
	}
}
