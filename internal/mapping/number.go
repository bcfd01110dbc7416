package mapping

import (
	"math/big"
	"strconv"
	"strings"

	"tandem/internal/core"
)

const (
	// percentPlaces are the places by which a share of one is shifted to be in percent.
	percentPlaces = 2
	// writtenDigits are the most digits that a side stores of what somebody wrote: 18 in
	// Salesforce, and a sign or a point. What has more was made of a binary number.
	writtenDigits = 20
)

// canonNumber is a number without superfluous digits, in percent where Salesforce has
// it in percent and HubSpot as a share of one.
func (f *Field) canonNumber(side core.Side, raw string) string {
	raw = strings.TrimSpace(raw)
	d, ok := core.ParseDecimal(raw)
	if !ok {
		return raw
	}
	if side == core.HubSpot {
		d = meant(d)
	}
	if side == core.HubSpot && f.share {
		d = d.Shift(percentPlaces)
	}
	return d.String()
}

// meant is the number that stands behind one of HubSpot's calculated numbers, which it
// answers as the exact value of a binary number: 0.2 has 55 digits there.
func meant(d core.Decimal) core.Decimal {
	text := d.String()
	if len(text) <= writtenDigits {
		return d
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return d
	}
	exact, ok := new(big.Rat).SetString(text)
	if !ok || exact.Cmp(new(big.Rat).SetFloat64(n)) != 0 {
		return d
	}
	short, ok := core.ParseDecimal(strconv.FormatFloat(n, 'g', -1, 64))
	if !ok {
		return d
	}
	return short
}

// integerBounds are the smallest and largest values of Salesforce's whole-number
// types (primitive data types guide).
var integerBounds = map[string][2]core.Decimal{
	"int":  {whole("-2147483648"), whole("2147483647")},
	"long": {whole("-9223372036854775808"), whole("9223372036854775807")},
}

func whole(s string) core.Decimal {
	d, _ := core.ParseDecimal(s)
	return d
}

// numberTo rounds once, half to even, to the digits the side keeps, and says so.
func (f *Field) numberTo(side core.Side, canonical string) (string, *FieldIssue) {
	d := &f.Defs[side]
	n, ok := core.ParseDecimal(canonical)
	if !ok {
		return "", issueFormat(side, d, canonical, "a number")
	}
	if side == core.HubSpot && f.share {
		n = n.Shift(-percentPlaces)
	}
	exact := true
	if _, integer := integerBounds[d.Type]; integer {
		n, exact = n.Round(0)
	} else if d.Precision > 0 {
		n, exact = n.Round(d.Scale)
	}
	if outOfRange(d, n) || side == core.HubSpot && meant(n).Cmp(n) != 0 || side == core.Salesforce && !keepsAsDouble(d, n) { // it would be read as another number
		return "", issueRange(side, d, canonical)
	}
	if !exact {
		return n.String(), issueAdapted(side, d, "the number was rounded to "+n.String())
	}
	return n.String(), nil
}

// keepsAsDouble reports that Salesforce gives a number back as it was sent: all its numbers
// but whole ones are binary of double precision (SOAP API developer guide, "Primitive Data
// Types"), which tells any number of up to 15 digits from all others.
func keepsAsDouble(d *FieldDef, n core.Decimal) bool {
	if _, integer := integerBounds[d.Type]; integer {
		return true
	}
	v, err := strconv.ParseFloat(n.String(), 64)
	if err != nil {
		return false
	}
	back, ok := core.ParseDecimal(strconv.FormatFloat(v, 'g', -1, 64))
	return ok && back.Cmp(n) == 0
}

func outOfRange(d *FieldDef, n core.Decimal) bool {
	if bounds, ok := integerBounds[d.Type]; ok {
		return n.Cmp(bounds[0]) < 0 || n.Cmp(bounds[1]) > 0
	}
	limit := whole("1").Shift(d.Precision - d.Scale)
	return d.Precision > 0 && (n.Cmp(limit) >= 0 || n.Cmp(whole("-1").Shift(d.Precision-d.Scale)) <= 0)
}
