package soql

import (
	"slices"
	"strings"
)

// filter is a bound condition. A run first replaces sub-selects by their answers, then asks for probes and the test itself.
type filter interface {
	// answered is the filter with the rows of its sub-selects put in as constants.
	answered(src Source) filter
	// ready is the test of one row.
	ready() func(at) bool
	// probes gives what the filter demands of fields of the row itself, for a source that has indexes.
	probes() []Probe
}

type (
	allOf  struct{ parts []filter }
	anyOf  struct{ parts []filter }
	noneOf struct{ part filter }
)

// test compares one expression with constants or with the answer of a sub-select.
type test struct {
	left     *boundExpr
	operator string // IN covers = and NOT IN covers !=; also < <= > >= LIKE INCLUDES EXCLUDES SPAN (inside a range of time)
	class    class
	values   []Value
	like     likePattern
	negated  bool // of SPAN: outside the range
	sub      *Plan
	subField *boundExpr
}

func (f *allOf) ready() func(at) bool {
	parts := readyAll(f.parts)
	return func(c at) bool {
		for _, p := range parts {
			if !p(c) {
				return false
			}
		}
		return true
	}
}

func (f *anyOf) ready() func(at) bool {
	parts := readyAll(f.parts)
	return func(c at) bool {
		for _, p := range parts {
			if p(c) {
				return true
			}
		}
		return false
	}
}

func readyAll(parts []filter) []func(at) bool {
	var all []func(at) bool
	for _, p := range parts {
		all = append(all, p.ready())
	}
	return all
}

func (f *noneOf) ready() func(at) bool {
	part := f.part.ready()
	return func(c at) bool { return !part(c) }
}

func (f *test) ready() func(at) bool {
	switch f.operator {
	case "IN", "NOT IN":
		return f.readySet()
	case "LIKE":
		return func(c at) bool {
			v := f.left.value(c)
			return !v.IsNull() && f.like.match(v.text)
		}
	case "INCLUDES", "EXCLUDES":
		return f.readyMulti()
	case "SPAN":
		return f.readySpan()
	}
	return f.readyOrder()
}

func (f *test) readySet() func(at) bool {
	values, want := f.values, f.operator == "IN"
	if len(values) == 1 || f.class == classNumber || f.class == classBool || f.class == classDateTime {
		return func(c at) bool { return f.anyEqual(f.left.value(c), values) == want }
	}
	hasNull := slices.ContainsFunc(values, Value.IsNull)
	set := newTextSet(values, f.exact())
	return func(c at) bool {
		v := f.left.value(c)
		if v.IsNull() {
			return hasNull == want
		}
		return set.contains(v.text) == want
	}
}

func (f *test) exact() bool { return f.left.exact || f.class == classDate }

func (f *test) anyEqual(v Value, values []Value) bool {
	if f.class == classBool && v.IsNull() {
		v = Bool(false) // a checkbox is never null
	}
	for _, w := range values {
		if v.IsNull() == w.IsNull() && compareValues(v, w, f.exact()) == 0 {
			return true
		}
	}
	return false
}

func (f *allOf) answered(src Source) filter { return &allOf{parts: answeredAll(f.parts, src)} }

func (f *anyOf) answered(src Source) filter { return &anyOf{parts: answeredAll(f.parts, src)} }

func (f *noneOf) answered(src Source) filter { return &noneOf{part: f.part.answered(src)} }

func answeredAll(parts []filter, src Source) []filter {
	all := make([]filter, len(parts))
	for i, p := range parts {
		all[i] = p.answered(src)
	}
	return all
}

func (f *test) answered(src Source) filter {
	if f.sub == nil {
		return f
	}
	constant := *f
	constant.sub, constant.values = nil, []Value{}
	f.sub.rows(src, nil, func(c at) bool {
		if v := f.subField.value(c); !v.IsNull() {
			constant.values = append(constant.values, v)
		}
		return true
	})
	return &constant
}

// readyOrder compares by size; null is neither smaller nor larger than anything. Ids compare by their first 15 characters.
func (f *test) readyOrder() func(at) bool {
	bound := f.values[0]
	holds := map[string]func(int) bool{
		"<": func(n int) bool { return n < 0 }, "<=": func(n int) bool { return n <= 0 },
		">": func(n int) bool { return n > 0 }, ">=": func(n int) bool { return n >= 0 },
	}[f.operator]
	return func(c at) bool {
		v := f.left.value(c)
		return !v.IsNull() && !bound.IsNull() && holds(compareValues(v, bound, f.exact()))
	}
}

// readySpan tests for being inside [values[0], values[1]).
func (f *test) readySpan() func(at) bool {
	return func(c at) bool {
		v := f.left.value(c)
		inside := !v.IsNull() && compareValues(v, f.values[0], true) >= 0 && compareValues(v, f.values[1], true) < 0
		return inside != f.negated
	}
}

// readyMulti tests a multi-select picklist: each value is a set joined by semicolons that must be there as a whole.
func (f *test) readyMulti() func(at) bool {
	var wanted [][]string
	for _, v := range f.values {
		wanted = append(wanted, strings.Split(strings.ToLower(v.text), ";"))
	}
	return func(c at) bool {
		have := strings.Split(strings.ToLower(f.left.value(c).text), ";")
		found := slices.ContainsFunc(wanted, func(all []string) bool { return containsAll(have, all) })
		return found == (f.operator == "INCLUDES")
	}
}

func containsAll(have, all []string) bool {
	for _, w := range all {
		if !slices.Contains(have, w) {
			return false
		}
	}
	return true
}
