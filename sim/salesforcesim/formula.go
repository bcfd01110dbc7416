package salesforcesim

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"tandem/sim/salesforcesim/soql"
)

// formula is an expression in the org's formula language, of which this org
// knows the part that rules and simple formula fields need: field paths over
// one parent relation, text, numbers, comparisons, & + - * / && || and the
// functions listed in formulaFunctions.
type formula struct {
	text string
	root node
}

// scope is what an expression may look at.
type scope struct {
	o         *Org
	before, r *record // before is nil while a record is created
}

type node func(scope) value

func (f *formula) eval(o *Org, before, r *record) value { return f.root(scope{o, before, r}) }

func (f *formula) truth(o *Org, before, r *record) bool { return f.eval(o, before, r).Bool() }

// result gives the value of a formula field in the field's own type.
func (f *formula) result(o *Org, r *record, of *field) value {
	v := f.eval(o, nil, r)
	switch of.typ {
	case "boolean":
		return soql.Bool(v.Bool())
	case "double", "currency", "percent":
		if v.Kind() != soql.KindNumber {
			return value{}
		}
		return v
	case "date", "datetime":
		return v
	}
	return soql.Text(textOf(v))
}

// textOf is the text that & and TEXT make of a value.
func textOf(v value) string {
	switch v.Kind() {
	case soql.KindNull:
		return ""
	case soql.KindNumber:
		return strconv.FormatFloat(v.Num(), 'f', -1, 64)
	}
	return v.String()
}

// fieldNode reads Name, or Account.Name over a parent relation.
func fieldNode(path string) node {
	relation, rest, nested := strings.Cut(path, ".")
	if !nested {
		return func(s scope) value { return s.field(s.r, path) }
	}
	return func(s scope) value {
		link := s.r.object.byRelation[strings.ToLower(relation)]
		if link == nil {
			return value{}
		}
		parent := s.o.find(s.o.value(s.r, link).Str())
		if parent == nil {
			return value{}
		}
		return s.field(parent, rest)
	}
}

func (s scope) field(r *record, name string) value {
	f := r.object.field(name)
	if f == nil {
		return value{}
	}
	return s.o.value(r, f)
}

func literal(v value) node { return func(scope) value { return v } }

// infix evaluates an infix operator. Text compares exactly; null is equal to
// null only.
func infix(op string, a, b node) node {
	return func(s scope) value {
		switch op {
		case "&&":
			return soql.Bool(a(s).Bool() && b(s).Bool())
		case "||":
			return soql.Bool(a(s).Bool() || b(s).Bool())
		}
		x, y := a(s), b(s)
		switch op {
		case "&":
			return soql.Text(textOf(x) + textOf(y))
		case "=", "==":
			return soql.Bool(x == y)
		case "!=", "<>":
			return soql.Bool(x != y)
		case "<", ">", "<=", ">=":
			return soql.Bool(ordered(op, x, y))
		}
		return arithmetic(op, x, y)
	}
}

func ordered(op string, x, y value) bool {
	if x.IsNull() || y.IsNull() {
		return false
	}
	c := strings.Compare(x.String(), y.String())
	if x.Kind() == soql.KindNumber && y.Kind() == soql.KindNumber {
		c = compareNumbers(x.Num(), y.Num())
	}
	switch op {
	case "<":
		return c < 0
	case ">":
		return c > 0
	case "<=":
		return c <= 0
	}
	return c >= 0
}

func compareNumbers(x, y float64) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// arithmetic joins texts with + as the formula language does.
func arithmetic(op string, x, y value) value {
	if op == "+" && (x.Kind() == soql.KindText || y.Kind() == soql.KindText) {
		return soql.Text(textOf(x) + textOf(y))
	}
	if x.IsNull() || y.IsNull() {
		return value{}
	}
	switch op {
	case "+":
		return soql.Number(x.Num() + y.Num())
	case "-":
		return soql.Number(x.Num() - y.Num())
	case "*":
		return soql.Number(x.Num() * y.Num())
	}
	if y.Num() == 0 {
		return value{}
	}
	return soql.Number(x.Num() / y.Num())
}

// formulaFunctions maps a name to its least number of arguments and meaning.
var formulaFunctions map[string]struct {
	args int
	call func(scope, []node) value
}

func init() {
	formulaFunctions = map[string]struct {
		args int
		call func(scope, []node) value
	}{
		"AND":        {1, func(s scope, a []node) value { return soql.Bool(!anyNode(s, a, false)) }},
		"OR":         {1, func(s scope, a []node) value { return soql.Bool(anyNode(s, a, true)) }},
		"NOT":        {1, func(s scope, a []node) value { return soql.Bool(!a[0](s).Bool()) }},
		"IF":         {3, ifNode},
		"ISBLANK":    {1, func(s scope, a []node) value { return soql.Bool(a[0](s).IsNull()) }},
		"ISNULL":     {1, func(s scope, a []node) value { return soql.Bool(a[0](s).IsNull()) }},
		"BLANKVALUE": {2, blankValue},
		"LEN":        {1, func(s scope, a []node) value { return soql.Number(float64(utf8.RuneCountInString(textOf(a[0](s))))) }},
		"LEFT":       {2, func(s scope, a []node) value { return soql.Text(cut(textOf(a[0](s)), int(a[1](s).Num()), true)) }},
		"RIGHT":      {2, func(s scope, a []node) value { return soql.Text(cut(textOf(a[0](s)), int(a[1](s).Num()), false)) }},
		"UPPER":      {1, func(s scope, a []node) value { return soql.Text(strings.ToUpper(textOf(a[0](s)))) }},
		"LOWER":      {1, func(s scope, a []node) value { return soql.Text(strings.ToLower(textOf(a[0](s)))) }},
		"TRIM":       {1, func(s scope, a []node) value { return soql.Text(strings.TrimSpace(textOf(a[0](s)))) }},
		"TEXT":       {1, func(s scope, a []node) value { return soql.Text(textOf(a[0](s))) }},
		"VALUE":      {1, numberValue},
		"CONTAINS":   {2, func(s scope, a []node) value { return soql.Bool(strings.Contains(textOf(a[0](s)), textOf(a[1](s)))) }},
		"BEGINS":     {2, func(s scope, a []node) value { return soql.Bool(strings.HasPrefix(textOf(a[0](s)), textOf(a[1](s)))) }},
		"SUBSTITUTE": {3, func(s scope, a []node) value {
			return soql.Text(strings.ReplaceAll(textOf(a[0](s)), textOf(a[1](s)), textOf(a[2](s))))
		}},
		"ISPICKVAL":  {2, func(s scope, a []node) value { return soql.Bool(a[0](s) == a[1](s)) }},
		"REGEX":      {2, matches},
		"ISNEW":      {0, func(s scope, _ []node) value { return soql.Bool(s.before == nil) }},
		"ISCHANGED":  {1, func(s scope, a []node) value { return soql.Bool(s.before != nil && a[0](s) != a[0](s.prior())) }},
		"PRIORVALUE": {1, func(s scope, a []node) value { return a[0](s.prior()) }},
	}
}

// prior looks at the record as it was; a new record has no other past.
func (s scope) prior() scope {
	if s.before == nil {
		return s
	}
	return scope{o: s.o, before: s.before, r: s.before}
}

func anyNode(s scope, nodes []node, want bool) bool {
	for _, n := range nodes {
		if n(s).Bool() == want {
			return true
		}
	}
	return false
}

func ifNode(s scope, a []node) value {
	if a[0](s).Bool() {
		return a[1](s)
	}
	return a[2](s)
}

func blankValue(s scope, a []node) value {
	if v := a[0](s); !v.IsNull() {
		return v
	}
	return a[1](s)
}

func numberValue(s scope, a []node) value {
	n, err := strconv.ParseFloat(textOf(a[0](s)), 64)
	if err != nil {
		return value{}
	}
	return soql.Number(n)
}

func matches(s scope, a []node) value {
	re, err := regexp.Compile("^(?:" + textOf(a[1](s)) + ")$")
	return soql.Bool(err == nil && re.MatchString(textOf(a[0](s))))
}

// cut takes n characters from the start or the end.
func cut(s string, n int, left bool) string {
	runes := []rune(s)
	if n < 0 {
		n = 0
	}
	if n >= len(runes) {
		return s
	}
	if left {
		return string(runes[:n])
	}
	return string(runes[len(runes)-n:])
}
