package mapping

import (
	"math/big"
	"strconv"
	"strings"
)

// maxDigits bounds what an exponent may blow a number up to.
const maxDigits = 400

var ten = big.NewInt(10)

// decimal is unscaled × 10^-scale, never a float: sides differ in how many digits
// they keep, and 3600 and 3600.0 are one number.
type decimal struct {
	unscaled *big.Int
	scale    int
}

// parseDecimal reads the forms that JSON and CSV know: sign, digits, point,
// exponent. Grouping and a decimal comma are refused, because they mean
// different numbers in different countries.
func parseDecimal(s string) (decimal, bool) {
	mantissa, exponent := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		n, err := strconv.Atoi(strings.TrimPrefix(s[i+1:], "+"))
		if err != nil || n > maxDigits || n < -maxDigits {
			return decimal{}, false
		}
		mantissa, exponent = s[:i], n
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole, "+-") + fraction
	if digits == "" || len(digits) > maxDigits || len(whole)-len(strings.TrimLeft(whole, "+-")) > 1 || strings.Trim(digits, "0123456789") != "" {
		return decimal{}, false
	}
	unscaled, _ := new(big.Int).SetString(digits, 10)
	if strings.HasPrefix(whole, "-") {
		unscaled.Neg(unscaled)
	}
	return decimal{unscaled, len(fraction) - exponent}.reduced(), true
}

// reduced has no trailing zero behind the point and no negative scale.
func (d decimal) reduced() decimal {
	for d.scale < 0 {
		d.unscaled = new(big.Int).Mul(d.unscaled, ten)
		d.scale++
	}
	for d.scale > 0 {
		q, r := new(big.Int).QuoRem(d.unscaled, ten, new(big.Int))
		if r.Sign() != 0 {
			break
		}
		d = decimal{q, d.scale - 1}
	}
	return d
}

// round keeps at most scale digits behind the point, half to even; exact says
// that nothing was lost.
func (d decimal) round(scale int) (rounded decimal, exact bool) {
	if d.scale <= scale {
		return d, true
	}
	unit := new(big.Int).Exp(ten, big.NewInt(int64(d.scale-scale)), nil)
	q, r := new(big.Int).QuoRem(d.unscaled, unit, new(big.Int))
	twice := new(big.Int).Abs(new(big.Int).Lsh(r, 1))
	if c := twice.Cmp(unit); c > 0 || c == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(int64(d.unscaled.Sign())))
	}
	return decimal{q, scale}.reduced(), r.Sign() == 0
}

// wholeDigits counts the digits before the point.
func (d decimal) wholeDigits() int {
	n := len(new(big.Int).Abs(d.unscaled).String()) - d.scale
	return max(n, 1)
}

func (d decimal) String() string {
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
