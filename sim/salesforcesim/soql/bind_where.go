package soql

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// condition binds a condition tree; operand binds its left sides.
func (s *scope) condition(c condition, operand operand) (filter, error) {
	switch c := c.(type) {
	case *andCondition:
		parts, err := s.conditions(c.parts, operand)
		return &allOf{parts: parts}, err
	case *orCondition:
		if pos, ok := c.semiJoin(); ok {
			return nil, s.fail(pos, codeMalformed, "Semi join sub-selects are not allowed with the 'OR' operator")
		}
		parts, err := s.conditions(c.parts, operand)
		return &anyOf{parts: parts}, err
	case *notCondition:
		part, err := s.condition(c.part, operand)
		return &noneOf{part: part}, err
	}
	return s.comparison(c.(*comparison), operand)
}

func (s *scope) conditions(parts []condition, operand operand) ([]filter, error) {
	var all []filter
	for _, p := range parts {
		f, err := s.condition(p, operand)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

func (s *scope) comparison(c *comparison, operand operand) (filter, error) {
	left, err := operand(s, c.left)
	if err != nil {
		return nil, err
	}
	f := &test{left: left, operator: c.operator, class: classes[left.typ]}
	if err := s.checkFilterable(c, f); err != nil {
		return nil, err
	}
	if c.sub != nil {
		return f, s.bindSemiJoin(c, f)
	}
	return f, s.bindValues(c, f)
}

func (s *scope) checkFilterable(c *comparison, f *test) error {
	field := f.left.path.field()
	if f.left.aggregate == "" && field != nil && (field.NoFilter || f.class == classCompound) {
		return s.fail(c.left.pos, codeField, "field '"+field.Name+"' can not be filtered in a query call")
	}
	if !operatorFits(c.operator, f.class) {
		return s.fail(c.left.pos, codeFilter, "invalid operator on "+classNames[f.class]+" field")
	}
	return nil
}

var classNames = [...]string{classText: "text", classID: "id", classNumber: "number", classBool: "boolean",
	classDateTime: "dateTime", classDate: "date", classTime: "time", classMulti: "multipicklist", classCompound: "compound"}

func operatorFits(operator string, c class) bool {
	switch operator {
	case "LIKE":
		return c == classText
	case "INCLUDES", "EXCLUDES":
		return c == classMulti
	case "<", "<=", ">", ">=":
		return c != classBool && c != classMulti
	}
	return true
}

func (s *scope) bindSemiJoin(c *comparison, f *test) error {
	b := s.binder
	if b.semiJoins++; b.semiJoins > maxSemiJoins {
		return s.fail(c.left.pos, codeMalformed, "Maximum 2 semi join sub-selects are allowed")
	}
	if f.class != classID || len(c.sub.items) != 1 || c.sub.items[0].expr == nil {
		return s.fail(c.left.pos, codeMalformed,
			"The left operand of a semi join must be an id or reference field, and its sub-select must select one such field")
	}
	o, ok := b.object(c.sub.from.text)
	if !ok || c.sub.outer.text != "" {
		return s.fail(c.sub.from.pos, codeType, "sObject type '"+c.sub.from.text+"' is not supported."+hintObject)
	}
	if problem := semiJoinProblem(s.object, o, c.sub); problem != "" {
		return s.fail(c.sub.from.pos, codeMalformed, problem)
	}
	sub, err := b.plan(c.sub, o, 1)
	if err != nil {
		return err
	}
	f.sub = sub
	f.subField, err = (&scope{binder: b, query: c.sub, object: o}).expr(*c.sub.items[0].expr)
	if err == nil && classes[f.subField.typ] != classID {
		err = s.fail(c.sub.items[0].pos, codeMalformed,
			"The selected field '"+f.subField.path.leaf.name+"' in the subquery is not an id or reference field")
	}
	return err
}

// notSemiJoined are objects that the inner select of a semi-join does not take.
var notSemiJoined = map[string]bool{"ActivityHistory": true, "Attachment": true, "Event": true, "EventAttendee": true, "Note": true, "OpenActivity": true, "Task": true}

// semiJoinProblem names what a semi-join may not be ("Comparison Operators, Considerations for Semi-Join and Anti-Join
// Queries"), or "".
func semiJoinProblem(outer, inner *Object, q *Query) string {
	nested := false
	if q.where != nil {
		_, nested = q.where.semiJoin()
	}
	switch {
	case notSemiJoined[inner.Name]:
		return "Entity '" + inner.Name + "' is not supported for semi join inner selects"
	case outer.Name == inner.Name:
		return "The inner and outer selects should not be on the same object type"
	case nested:
		return "Nesting of semi join sub-selects is not supported"
	case q.count || len(q.order) > 0 || q.limit != nil || q.offset != nil:
		return "Semi join sub-selects take no COUNT, ORDER BY, LIMIT or OFFSET"
	}
	return ""
}

// bindValues gives the constants their types. A relative date turns a comparison into one with a range of time.
func (s *scope) bindValues(c *comparison, f *test) error {
	if c.values[0].kind == literalRelative && len(c.values) == 1 {
		return s.bindRelative(c, f)
	}
	for _, l := range c.values {
		v, err := s.constant(l, c, f)
		if err != nil {
			return err
		}
		f.values = append(f.values, v)
	}
	switch c.operator {
	case "=":
		f.operator = "IN"
	case "!=":
		f.operator = "NOT IN"
	case "LIKE":
		f.like = compileLike(c.values[0].text)
	}
	return nil
}

func (s *scope) bindRelative(c *comparison, f *test) error {
	if f.class != classDate && f.class != classDateTime {
		return s.wrongLiteral(c, f)
	}
	r, _ := parseRelative(c.values[0].text, c.values[0].n)
	span := r.resolve(s.binder.env)
	from, to := instant(span.from, f.class), instant(span.to, f.class)
	switch c.operator {
	case "=", "!=", "IN", "NOT IN":
		f.operator, f.values, f.negated = "SPAN", []Value{from, to}, c.operator == "!=" || c.operator == "NOT IN"
	case "<", ">=":
		f.values = []Value{from}
	case "<=":
		f.operator, f.values = "<", []Value{to}
	case ">":
		f.operator, f.values = ">=", []Value{to}
	}
	return nil
}

func instant(t time.Time, c class) Value {
	if c == classDate {
		return Date(t.Format(time.DateOnly))
	}
	return DateTime(t)
}

// constant converts a literal to the type of the left side.
func (s *scope) constant(l literal, c *comparison, f *test) (Value, error) {
	if l.kind == literalNull && f.class == classBool {
		return Bool(false), nil // a checkbox has no other way to be empty
	}
	if l.kind == literalNull {
		return Null(), nil
	}
	v, ok := Value{}, false
	switch f.class {
	case classText, classMulti:
		v, ok = Text(plainText(l.text)), l.kind == literalString
	case classID:
		return s.idConstant(l, c, f)
	case classNumber:
		n, err := strconv.ParseFloat(l.text, 64)
		v, ok = Number(n), l.kind == literalNumber && err == nil
	case classBool:
		v, ok = Bool(l.text == "TRUE"), l.kind == literalBool
	case classDate:
		t, err := time.Parse(time.DateOnly, l.text)
		if v, ok = Date(l.text), l.kind == literalDate && err == nil; ok && !inYears(t) {
			return v, s.fail(l.pos, codeField, "Invalid date: "+l.text)
		}
	case classTime:
		t, err := time.Parse("15:04:05.999Z07:00", l.text)
		v, ok = TimeOfDay(t.UTC().Format("15:04:05.000Z")), l.kind == literalDate && err == nil
	case classDateTime:
		var t time.Time
		if t, ok = parseDateTime(l.text); ok {
			v = DateTime(t)
		}
		if ok = ok && l.kind == literalDate; ok && !inYears(t) {
			return v, s.fail(l.pos, codeField, "Invalid datetime: "+l.text)
		}
	}
	if !ok {
		return v, s.wrongLiteral(c, f)
	}
	return v, nil
}

// inYears reports a time that a query may name: from 1700 to 4000.
func inYears(t time.Time) bool { return t.Year() >= 1700 && t.Year() <= 4000 }

func (s *scope) idConstant(l literal, c *comparison, f *test) (Value, error) {
	if l.kind != literalString {
		return Null(), s.wrongLiteral(c, f)
	}
	if l.text == "" {
		return noID(c.operator), nil
	}
	id, ok := fullID(l.text)
	if !ok {
		return Null(), s.fail(c.left.pos, codeFilter, "invalid ID field: "+plainText(l.text))
	}
	return Text(id), nil
}

// noID is what an empty text stands for beside an id: no value where equality is asked, and less than every id where order is.
func noID(operator string) Value {
	if strings.ContainsAny(operator, "<>") && operator != "<>" {
		return Value{kind: KindText}
	}
	return Null()
}

var literalNames = [...]string{classText: "string", classID: "id", classNumber: "double", classBool: "boolean",
	classDateTime: "dateTime", classDate: "date", classTime: "time", classMulti: "string", classCompound: "complex"}

func (s *scope) wrongLiteral(c *comparison, f *test) error {
	quotes := "should not be enclosed in quotes"
	if slices.Contains([]class{classText, classMulti, classID}, f.class) {
		quotes = "should be enclosed in quotes"
	}
	field := f.left.path.leaf.name
	return s.fail(c.left.pos, codeField, strings.Join([]string{"value of filter criterion for field '", field,
		"' must be of type ", literalNames[f.class], " and ", quotes}, ""))
}
