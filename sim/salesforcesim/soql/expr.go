package soql

import (
	"slices"
	"time"
)

// boundExpr is a value computed from a row, or from a group of rows.
type boundExpr struct {
	path      boundPath
	function  string         // date function; empty otherwise
	zone      *time.Location // in which the date function reads a datetime
	env       Env
	typ       string // describe type of the value
	aggregate string // COUNT, SUM …: the value is slot of the group's aggregates
	key       bool   // the value is slot of the group's keys
	ofKey     bool   // the function is still to be applied to that key
	grouping  bool   // GROUPING(): whether the key in slot is left out of this group
	slot      int
	exact     bool // texts compare with case: ids and case-sensitive fields
}

func (e *boundExpr) value(c at) Value {
	switch {
	case e.grouping:
		return Number(float64(b2i(c.group.omitted&(1<<e.slot) != 0)))
	case e.aggregate != "":
		return c.group.totals[e.slot].result(e)
	case e.key && e.ofKey:
		return datePart(e.function, c.group.keys[e.slot], e.zone, e.env)
	case e.key:
		return c.group.keys[e.slot]
	}
	return e.rowValue(c)
}

// rowValue computes the expression from a row, whatever it is in the group.
func (e *boundExpr) rowValue(c at) Value {
	v := e.path.value(c)
	if e.function != "" {
		return datePart(e.function, v, e.zone, e.env)
	}
	return v
}

// fieldExpr is an expression that is nothing but a path.
func fieldExpr(path boundPath, env Env) *boundExpr {
	b := &boundExpr{path: path, env: env, zone: time.UTC, typ: "string"}
	if f := path.field(); f != nil {
		b.typ = f.Type
		b.exact = f.CaseSensitive || classes[f.Type] == classID
	}
	return b
}

// column is the field if the expression is nothing but a field of the row itself.
func (e *boundExpr) column() *Field {
	if e.function != "" || e.aggregate != "" || e.grouping || len(e.path.hops) > 0 {
		return nil
	}
	return e.path.field()
}

// transparent functions change how a value is shown, not what it is; values are kept raw here.
func transparent(function string) bool {
	return function == "TOLABEL" || function == "FORMAT" || function == "CONVERTCURRENCY" || function == "CONVERTTIMEZONE"
}

// expr binds a path or a function of one, as a value of a row.
func (s *scope) expr(e expr) (*boundExpr, error) {
	if len(e.path) == 0 {
		return nil, s.fail(e.pos, codeMalformed, "unexpected token: ')'")
	}
	path, err := s.resolve(e.path)
	if err != nil {
		return nil, err
	}
	b := fieldExpr(path, s.binder.env)
	if e.local {
		b.zone = s.binder.env.zone()
	}
	switch function := e.function.text; {
	case function == "" || transparent(function):
		return b, nil
	case isDateFunction(function):
		return b, s.bindDateFunction(b, e)
	}
	return nil, s.fail(e.pos, codeMalformed, "unknown function: "+e.function.text)
}

func (s *scope) bindDateFunction(b *boundExpr, e expr) error {
	if c := classes[b.typ]; c != classDate && c != classDateTime {
		return s.fail(e.pos, codeField, "field '"+b.path.leaf.name+"' is not a date or datetime field")
	}
	b.function = e.function.text
	if (b.function == "DAY_ONLY" || b.function == "HOUR_IN_DAY") && classes[b.typ] != classDateTime {
		return s.fail(e.pos, codeField, "field '"+b.path.leaf.name+"' is not a datetime field, which "+b.function+" needs")
	}
	b.typ = "int"
	if b.function == "DAY_ONLY" {
		b.typ = "date"
	}
	return nil
}

var aggregates = []string{"COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX", "GROUPING"}

func isAggregate(function string) bool { return slices.Contains(aggregates, function) }
