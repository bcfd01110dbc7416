package core

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestSalesforceID(t *testing.T) {
	// The 18-character ids are examples printed in Salesforce's documentation.
	for _, id := range []string{"0015f00002JUXA8AAP", "0035f00002EztxDAAR", "0065f00000UloqVAAR", "001ZL000001QS6mYAG",
		"003ZL000001EDrPYAW", "001D000000K0fXOIAZ", "a00D0000008pQR5IAM", "750R0000000zlh9IAA"} {
		if full, ok := SalesforceID(id[:15]); !ok || full != id {
			t.Errorf("SalesforceID(%s) = %s, %v", id[:15], full, ok)
		}
		if full, ok := SalesforceID(id); !ok || full != id {
			t.Errorf("SalesforceID(%s) = %s, %v", id, full, ok)
		}
		if ID18(id[:15]) != id {
			t.Errorf("ID18(%s) = %s", id[:15], ID18(id[:15]))
		}
	}
	for _, bad := range []string{"", "001", "0015f00002JUXA8AAQ", "0015F00002JUXA8AAP", "0015f00002JUX-8", "0015f00002JUXA8AAPX"} {
		if full, ok := SalesforceID(bad); ok {
			t.Errorf("%q was taken for an id: %s", bad, full)
		}
		if ID18(bad) != bad {
			t.Errorf("ID18 changed %q", bad)
		}
	}
}

func TestDecimalText(t *testing.T) {
	rows := []struct{ in, want string }{
		{"3600", "3600"}, {"3600.0", "3600"}, {"3600.00", "3600"}, {"+7", "7"}, {"-0", "0"}, {"-0.0", "0"}, {"007", "7"},
		{".5", "0.5"}, {"5.", "5"}, {"1e3", "1000"}, {"1.5E-3", "0.0015"}, {"1E+2", "100"}, {"1e21", "1000000000000000000000"},
		{"0.1", "0.1"}, {"123456789012345678", "123456789012345678"}, {"9007199254740993", "9007199254740993"},
		{"-12.340", "-12.34"}, {"0.000", "0"}, {"1e400", "1" + zeros(400)},
	}
	for _, row := range rows {
		if d, ok := ParseDecimal(row.in); !ok || d.String() != row.want {
			t.Errorf("%q reads as %v, %v, want %s", row.in, d, ok, row.want)
		}
	}
	for _, bad := range []string{"", "-", ".", "1,5", "1.234,50", "1 000", "NaN", "Infinity", "0x10", "1e", "e5", "--1", "+-1", "1.2.3", "1e401", "1e999999999999", "１", "1_000"} {
		if d, ok := ParseDecimal(bad); ok {
			t.Errorf("%q was taken for the number %s", bad, d)
		}
	}
}

func zeros(n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = '0'
	}
	return string(out)
}

func TestDecimalRoundsHalfToEvenOnce(t *testing.T) {
	rows := []struct {
		in    string
		scale int
		want  string
		exact bool
	}{
		{"2.345", 2, "2.34", false}, {"2.355", 2, "2.36", false}, {"2.3451", 2, "2.35", false}, {"-2.345", 2, "-2.34", false},
		{"-2.355", 2, "-2.36", false}, {"2.340", 2, "2.34", true}, {"0.5", 0, "0", false}, {"1.5", 0, "2", false}, {"-0.4", 0, "0", false},
		{"99.999", 2, "100", false}, {"7", 5, "7", true},
	}
	for _, row := range rows {
		d, _ := ParseDecimal(row.in)
		got, exact := d.Round(row.scale)
		if got.String() != row.want || exact != row.exact {
			t.Errorf("%s to %d digits is %s (exact %v), want %s (%v)", row.in, row.scale, got, exact, row.want, row.exact)
		}
		if again, exact := got.Round(row.scale); again.String() != got.String() || !exact {
			t.Errorf("rounding %s again gives %s", got, again)
		}
	}
}

func TestDecimalComparesExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?[0-9]{1,20}(\.[0-9]{1,10})?`)
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		da, _ := ParseDecimal(a)
		db, _ := ParseDecimal(b)
		ra, _ := new(big.Rat).SetString(a)
		rb, _ := new(big.Rat).SetString(b)
		if da.Cmp(db) != ra.Cmp(rb) {
			t.Fatalf("%s against %s: %d", a, b, da.Cmp(db))
		}
		if back, ok := ParseDecimal(da.String()); !ok || back.Cmp(da) != 0 || back.String() != da.String() {
			t.Fatalf("%s is written as %s, which is not stable", a, da)
		}
	})
	d, _ := ParseDecimal("-1234.5")
	for places, want := range map[int]string{0: "-1234.5", 1: "-12345", 3: "-1234500", -2: "-12.345", -6: "-0.0012345"} {
		if got := d.Shift(places); got.String() != want || got.Shift(-places).Cmp(d) != 0 {
			t.Errorf("shifted by %d it is %s, want %s", places, got, want)
		}
	}
}
