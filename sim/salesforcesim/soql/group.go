package soql

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"
)

// output is one member of an aggregate row.
type output struct {
	column *Column
	expr   *boundExpr
}

// maxSetKeys is how many fields ROLLUP and CUBE take.
const maxSetKeys = 3

// bindGroups binds the GROUP BY list.
func (p *Plan) bindGroups(s *scope) error {
	for _, g := range p.query.groups {
		e, err := p.plainOperand(s, g)
		if err != nil {
			return err
		}
		f := e.path.field()
		if f != nil && e.function == "" && (f.NoGroup || classes[f.Type] == classCompound) {
			return s.fail(g.pos, codeMalformed, "field '"+f.Name+"' can not be grouped in a query call")
		}
		e.key, e.slot = true, len(p.keys)
		p.keys = append(p.keys, e)
	}
	if p.query.sets != groupPlain && len(p.keys) > maxSetKeys {
		return s.fail(p.query.groups[0].pos, codeMalformed, "ROLLUP and CUBE take at most 3 fields")
	}
	return nil
}

// bindOutputs binds the field list of an aggregate query: grouped fields and aggregates only.
func (p *Plan) bindOutputs(s *scope) error {
	unnamed := 0
	for _, item := range p.query.items {
		if item.expr == nil {
			return s.fail(item.pos, codeMalformed, "only grouped fields and aggregates can be selected together with GROUP BY")
		}
		e, err := p.groupedOperand(s, *item.expr)
		if err != nil {
			return err
		}
		c := &Column{Name: item.alias, Type: e.typ, Field: e.path.field()}
		if c.Name == "" && (e.aggregate != "" || e.function != "" || e.grouping) {
			c.Name = "expr" + strconv.Itoa(unnamed)
			unnamed++
		} else if c.Name == "" {
			c.Name = e.path.leaf.name
		}
		p.outputs = append(p.outputs, output{column: c, expr: e})
	}
	return p.checkNames(s)
}

func (p *Plan) checkNames(s *scope) error {
	seen := map[string]bool{}
	for i, o := range p.outputs {
		key := strings.ToLower(o.column.Name)
		if seen[key] {
			return s.fail(p.query.items[i].pos, codeMalformed, "duplicate alias: "+o.column.Name)
		}
		seen[key] = true
		p.flat = append(p.flat, flatColumn{name: o.column.Name, place: []int{i}})
	}
	return nil
}

// keyExpr finds the GROUP BY element that an expression repeats. A function of a date may also stand beside the date that is
// grouped by, though not one of a datetime (SOQL and SOSL Reference, "Date Functions").
func (p *Plan) keyExpr(s *scope, e expr) (*boundExpr, error) {
	b, err := s.expr(e)
	if err != nil {
		return nil, err
	}
	for _, k := range p.keys {
		if k.path.dotted() == b.path.dotted() && k.function == b.function && k.zone == b.zone {
			return k, nil
		}
		if k.path.dotted() == b.path.dotted() && k.function == "" && k.typ == "date" {
			return &boundExpr{path: b.path, function: b.function, zone: b.zone, env: b.env, typ: b.typ, key: true, ofKey: true, slot: k.slot}, nil
		}
	}
	return nil, s.fail(e.pos, codeMalformed, "Field must be grouped or aggregated: "+b.path.leaf.name)
}

// aggregateExpr binds an aggregate, sharing the accumulator of an equal one.
func (p *Plan) aggregateExpr(s *scope, e expr) (*boundExpr, error) {
	function := e.function.text
	if function == "GROUPING" {
		return p.groupingExpr(s, e)
	}
	b := &boundExpr{typ: "int"}
	if len(e.path) > 0 {
		inner := e
		inner.function = name{}
		var err error
		if b, err = s.expr(inner); err != nil {
			return nil, err
		}
	} else if function != "COUNT" {
		return nil, s.fail(e.pos, codeMalformed, "unexpected token: ')'")
	}
	if f := b.path.field(); !aggregateFits(function, classes[b.typ]) || f != nil && f.NoFilter && function != "COUNT" {
		return nil, s.fail(e.pos, codeMalformed, "field "+b.path.leaf.name+" does not support aggregate operator "+function)
	}
	b.aggregate, b.typ = function, aggregateType(function, b.typ)
	for i, t := range p.totals {
		if t.aggregate == function && t.path.dotted() == b.path.dotted() {
			b.slot = i
			return b, nil
		}
	}
	b.slot = len(p.totals)
	p.totals = append(p.totals, b)
	return b, nil
}

func (p *Plan) groupingExpr(s *scope, e expr) (*boundExpr, error) {
	e.function = name{}
	k, err := p.keyExpr(s, e)
	if err != nil {
		return nil, err
	}
	return &boundExpr{grouping: true, slot: k.slot, typ: "int"}, nil
}

func aggregateFits(function string, c class) bool {
	switch function {
	case "SUM", "AVG":
		return c == classNumber
	case "MIN", "MAX":
		return c != classBool && c != classMulti && c != classCompound
	}
	return c != classCompound
}

func aggregateType(function, typ string) string {
	switch function {
	case "COUNT", "COUNT_DISTINCT":
		return "int"
	case "SUM", "AVG":
		return "double"
	}
	return typ
}

// group gathers the rows that share their keys.
type group struct {
	keys    []Value
	omitted uint // bit i: key i is not part of this group (ROLLUP, CUBE)
	totals  []total
}

// total accumulates one aggregate.
type total struct {
	n        int
	sum      float64
	min, max Value
	distinct map[string]struct{}
}

func (t *total) add(e *boundExpr, v Value) {
	if v.IsNull() {
		return
	}
	t.n++
	t.sum += v.num
	switch e.aggregate {
	case "MIN":
		if t.min.IsNull() || compareValues(v, t.min, e.exact) < 0 {
			t.min = v
		}
	case "MAX":
		if t.max.IsNull() || compareValues(v, t.max, e.exact) > 0 {
			t.max = v
		}
	case "COUNT_DISTINCT":
		if t.distinct == nil {
			t.distinct = map[string]struct{}{}
		}
		t.distinct[string(appendKey(nil, v, e.exact))] = struct{}{}
	}
}

func (t *total) result(e *boundExpr) Value {
	switch e.aggregate {
	case "COUNT":
		return Number(float64(t.n))
	case "COUNT_DISTINCT":
		return Number(float64(len(t.distinct)))
	case "MIN":
		return t.min
	case "MAX":
		return t.max
	}
	if t.n == 0 {
		return Null()
	}
	if e.aggregate == "AVG" {
		return Number(t.sum / float64(t.n))
	}
	return Number(t.sum)
}

// appendKey appends a form of v that is equal for values that group together.
func appendKey(key []byte, v Value, exact bool) []byte {
	text := v.text
	if v.kind == KindText && !exact {
		text = strings.ToLower(text)
	}
	key = append(key, byte(v.kind))
	key = binary.BigEndian.AppendUint64(key, math.Float64bits(v.num))
	key = binary.AppendUvarint(key, uint64(len(text)))
	return append(key, text...)
}
