package soql

import "slices"

// maxProbeValues bounds the union of IN lists that a probe carries.
const maxProbeValues = 10_000

func (f *allOf) probes() []Probe {
	var all []Probe
	for _, p := range f.parts {
		all = append(all, p.probes()...)
	}
	return all
}

// probes of an alternative hold only where every branch says something of the same field.
func (f *anyOf) probes() []Probe {
	common := f.parts[0].probes()
	for _, part := range f.parts[1:] {
		common = widen(common, part.probes())
	}
	return common
}

func (f *noneOf) probes() []Probe { return nil }

func widen(a, b []Probe) []Probe {
	var both []Probe
	for _, p := range a {
		i := slices.IndexFunc(b, func(q Probe) bool { return q.Field == p.Field && compatible(p, q) })
		if i >= 0 {
			both = append(both, union(p, b[i]))
		}
	}
	return both
}

// compatible probes are both lists, or both can be seen as ranges.
func compatible(p, q Probe) bool {
	if p.In != nil && q.In != nil {
		return len(p.In)+len(q.In) <= maxProbeValues
	}
	return rangeable(p) && rangeable(q)
}

func rangeable(p Probe) bool {
	if p.In == nil {
		return true
	}
	return !slices.ContainsFunc(p.In, func(v Value) bool { return v.kind == KindText && classes[p.Field.Type] != classID })
}

func union(p, q Probe) Probe {
	if p.In != nil && q.In != nil {
		return Probe{Field: p.Field, In: distinct(slices.Concat(p.In, q.In), p.Field.CaseSensitive || classes[p.Field.Type] == classID)}
	}
	p, q = asRange(p), asRange(q)
	u := Probe{Field: p.Field}
	if !p.Low.IsNull() && !q.Low.IsNull() {
		u.Low = lesser(p.Low, q.Low)
	}
	if !p.High.IsNull() && !q.High.IsNull() {
		u.High = greater(p.High, q.High)
	}
	return u
}

// distinct keeps the first of equal values, so that a source that looks each one up finds no row twice.
func distinct(values []Value, exact bool) []Value {
	seen := make(map[string]bool, len(values))
	all := make([]Value, 0, len(values))
	var key []byte
	for _, v := range values {
		key = appendKey(key[:0], v, exact)
		if !seen[string(key)] {
			seen[string(key)] = true
			all = append(all, v)
		}
	}
	return all
}

func asRange(p Probe) Probe {
	for i, v := range p.In {
		if i == 0 {
			p.Low, p.High = v, v
		}
		p.Low, p.High = lesser(p.Low, v), greater(p.High, v)
	}
	p.In = nil
	return p
}

func lesser(a, b Value) Value {
	if compareValues(a, b, true) <= 0 {
		return a
	}
	return b
}

func greater(a, b Value) Value {
	if compareValues(a, b, true) >= 0 {
		return a
	}
	return b
}

func (f *test) probes() []Probe {
	field := f.left.column()
	if field == nil {
		return nil
	}
	switch f.operator {
	case "IN":
		if len(f.values) > maxProbeValues || slices.ContainsFunc(f.values, Value.IsNull) {
			return nil
		}
		return []Probe{{Field: field, In: distinct(f.values, f.exact())}}
	case "SPAN":
		if f.negated {
			return nil
		}
		return []Probe{{Field: field, Low: f.values[0], High: f.values[1]}}
	}
	return f.rangeProbe(field)
}

func (f *test) rangeProbe(field *Field) []Probe {
	if f.class == classText || f.class == classMulti || len(f.values) != 1 || f.values[0].IsNull() {
		return nil
	}
	switch f.operator {
	case "<", "<=":
		return []Probe{{Field: field, High: f.values[0]}}
	case ">", ">=":
		return []Probe{{Field: field, Low: f.values[0]}}
	}
	return nil
}
