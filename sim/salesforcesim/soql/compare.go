package soql

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// class groups the describe types that compare alike and take the same literals.
type class uint8

const (
	classText class = iota
	classID
	classNumber
	classBool
	classDateTime
	classDate
	classTime
	classMulti
	classCompound
)

var classes = map[string]class{
	"id": classID, "reference": classID, "boolean": classBool, "int": classNumber, "long": classNumber, "double": classNumber,
	"currency": classNumber, "percent": classNumber, "datetime": classDateTime, "date": classDate, "time": classTime,
	"multipicklist": classMulti, "address": classCompound, "location": classCompound, "complexvalue": classCompound,
}

// compareValues orders two values of one kind, null before all; text without regard to case unless exact.
func compareValues(a, b Value, exact bool) int {
	if a.IsNull() || b.IsNull() {
		return cmp.Compare(b2i(!a.IsNull()), b2i(!b.IsNull()))
	}
	if a.kind == KindNumber || a.kind == KindBool || a.kind == KindDateTime {
		return cmp.Compare(a.num, b.num)
	}
	if exact || a.kind != KindText {
		return strings.Compare(a.text, b.text)
	}
	return compareFolded(a.text, b.text)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// compareFolded compares texts by their lower-case forms without building them.
func compareFolded(a, b string) int {
	for a != "" && b != "" {
		ra, na := foldFirst(a)
		rb, nb := foldFirst(b)
		if ra != rb {
			return cmp.Compare(ra, rb)
		}
		a, b = a[na:], b[nb:]
	}
	return cmp.Compare(len(a), len(b))
}

func foldFirst(s string) (rune, int) {
	if c := s[0]; c < utf8.RuneSelf {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		return rune(c), 1
	}
	r, n := utf8.DecodeRuneInString(s)
	return unicode.ToLower(r), n
}

// likePattern is a compiled LIKE pattern over folded runes.
type likePattern []likeRune

type likeRune struct {
	r    rune
	wild bool // r is % or _
}

func compileLike(s string) likePattern {
	var p likePattern
	runes := []rune(strings.ToLower(s))
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case r == '\\' && i+1 < len(runes):
			i++
			p = append(p, likeRune{r: runes[i]})
		default:
			p = append(p, likeRune{r: r, wild: r == '%' || r == '_'})
		}
	}
	return p
}

// match reports whether the whole of s fits the pattern, in time linear in s for each %.
func (p likePattern) match(s string) bool {
	i, star, restart := 0, -1, ""
	for s != "" {
		r, n := foldFirst(s)
		switch {
		case i < len(p) && p[i].wild && p[i].r == '%':
			star, restart = i, s
			i++
			continue
		case i < len(p) && (p[i].wild || p[i].r == r):
			i++
			s = s[n:]
			continue
		case star < 0:
			return false
		}
		_, n = foldFirst(restart)
		restart = restart[n:]
		s, i = restart, star+1
	}
	for i < len(p) && p[i].wild && p[i].r == '%' {
		i++
	}
	return i == len(p)
}

// textSet is a set of texts, folded unless exact.
type textSet struct {
	exact bool
	has   map[string]struct{}
}

func newTextSet(values []Value, exact bool) textSet {
	s := textSet{exact: exact, has: make(map[string]struct{}, len(values))}
	for _, v := range values {
		s.has[s.key(v.text)] = struct{}{}
	}
	return s
}

func (s textSet) key(text string) string {
	if s.exact {
		return text
	}
	return strings.ToLower(text)
}

func (s textSet) contains(text string) bool {
	_, ok := s.has[s.key(text)]
	return ok
}
