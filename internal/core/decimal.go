package core

import (
	"math/big"
	"strconv"
	"strings"
)

// maxDigits bounds what an exponent may blow a number up to.
const maxDigits = 400

var ten = big.NewInt(10)

// Decimal is an exact number, unscaled × 10^-scale. It is never a float: sides
// differ in how many digits they keep, and 3600 and 3600.0 are one number.
type Decimal struct {
	unscaled *big.Int
	scale    int
}

// ParseDecimal reads the forms that JSON and CSV know: sign, digits, point,
// exponent, up to 400 digits. Grouping and a decimal comma are refused, because
// they mean different numbers in different countries.
func ParseDecimal(s string) (Decimal, bool) {
	mantissa, exponent := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		n, err := strconv.Atoi(strings.TrimPrefix(s[i+1:], "+"))
		if err != nil || n > maxDigits || n < -maxDigits {
			return Decimal{}, false
		}
		mantissa, exponent = s[:i], n
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole, "+-") + fraction
	if digits == "" || len(digits) > maxDigits || len(whole)-len(strings.TrimLeft(whole, "+-")) > 1 || strings.Trim(digits, "0123456789") != "" {
		return Decimal{}, false
	}
	unscaled, _ := new(big.Int).SetString(digits, 10)
	if strings.HasPrefix(whole, "-") {
		unscaled.Neg(unscaled)
	}
	return Decimal{unscaled, len(fraction) - exponent}.reduced(), true
}

// reduced has no trailing zero behind the point and no negative scale.
func (d Decimal) reduced() Decimal {
	for d.scale < 0 {
		d.unscaled = new(big.Int).Mul(d.unscaled, ten)
		d.scale++
	}
	for d.scale > 0 {
		q, r := new(big.Int).QuoRem(d.unscaled, ten, new(big.Int))
		if r.Sign() != 0 {
			break
		}
		d = Decimal{q, d.scale - 1}
	}
	return d
}

// Round keeps at most scale digits behind the point, half to even; exact says
// that nothing was lost.
func (d Decimal) Round(scale int) (rounded Decimal, exact bool) {
	if d.scale <= scale {
		return d, true
	}
	unit := new(big.Int).Exp(ten, big.NewInt(int64(d.scale-scale)), nil)
	q, r := new(big.Int).QuoRem(d.unscaled, unit, new(big.Int))
	twice := new(big.Int).Abs(new(big.Int).Lsh(r, 1))
	if c := twice.Cmp(unit); c > 0 || c == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(int64(d.unscaled.Sign())))
	}
	return Decimal{q, scale}.reduced(), r.Sign() == 0
}

// Shift moves the point by places to the right, or to the left where negative.
func (d Decimal) Shift(places int) Decimal {
	return Decimal{d.unscaled, d.scale - places}.reduced()
}

// Cmp is -1, 0 or 1 as d is less than, equal to or greater than o.
func (d Decimal) Cmp(o Decimal) int {
	scale := max(d.scale, o.scale)
	return d.at(scale).Cmp(o.at(scale))
}

// at is the unscaled value at a scale no smaller than d's own.
func (d Decimal) at(scale int) *big.Int {
	unit := new(big.Int).Exp(ten, big.NewInt(int64(scale-d.scale)), nil)
	return unit.Mul(unit, d.unscaled)
}

// String has no superfluous digit: one text for one number.
func (d Decimal) String() string {
	s := new(big.Int).Abs(d.unscaled).String()
	if len(s) <= d.scale {
		s = strings.Repeat("0", d.scale-len(s)+1) + s
	}
	if d.scale > 0 {
		s = s[:len(s)-d.scale] + "." + s[len(s)-d.scale:]
	}
	if d.unscaled.Sign() < 0 {
		s = "-" + s
	}
	return s
}
