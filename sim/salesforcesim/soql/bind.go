package soql

import (
	"slices"
	"strings"
)

// binder resolves a whole statement, sub-selects included, against a schema.
type binder struct {
	schema        Schema
	env           Env
	objects       map[string]*Object // by the name asked for, so that one statement sees one *Object per name
	relationships map[string]bool
	subSelects    int
	semiJoins     int
}

// Plan binds the query to a schema. Its errors are [*Error]s.
func (q *Query) Plan(schema Schema, env Env) (*Plan, error) {
	b := &binder{schema: schema, env: env, objects: map[string]*Object{}, relationships: map[string]bool{}}
	o, ok := b.object(q.from.text)
	if !ok {
		return nil, errorAt(q.Text, q.from.pos, codeType, "sObject type '"+q.from.text+"' is not supported."+hintObject)
	}
	return b.plan(q, o, 0)
}

func (b *binder) object(name string) (*Object, bool) {
	key := strings.ToLower(name)
	o, ok := b.objects[key]
	if !ok {
		if o, ok = b.schema.Object(name); ok {
			b.objects[key] = o
		}
	}
	return o, ok
}

func (b *binder) addObjects(to []*Object, names []string) []*Object {
	for _, n := range names {
		if o, ok := b.object(n); ok && !slices.Contains(to, o) {
			to = append(to, o)
		}
	}
	return to
}

func (b *binder) countRelationship(s *scope, h hop, pos int) error {
	for _, f := range h.from {
		b.relationships[f.object.Name+"."+h.relationship] = true
	}
	if len(b.relationships) > maxRelationships {
		return s.fail(pos, codeMalformed, "Maximum number of child-to-parent relationships per query is 55")
	}
	return nil
}

// plan binds one SELECT over an object already found; level counts sub-selects around it.
func (b *binder) plan(q *Query, o *Object, level int) (*Plan, error) {
	p := &Plan{query: q, object: o, env: b.env, level: level}
	s := &scope{binder: b, query: q, object: o}
	p.grouped = len(q.groups) > 0 || q.having != nil || slices.ContainsFunc(q.items, isAggregateItem)
	steps := []func(*scope) error{p.bindScope, p.bindWhere, p.bindGroups, p.bindItems, p.bindHaving, p.bindOrder, p.bindWindow}
	for _, step := range steps {
		if err := step(s); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func isAggregateItem(i selectItem) bool { return i.expr != nil && isAggregate(i.expr.function.text) }

var scopes = map[string]bool{"EVERYTHING": true, "MINE": true, "DELEGATED": true, "TEAM": true, "QUEUE_OWNED": true,
	"MY_TERRITORY": true, "MY_TEAM_TERRITORY": true, "MINE_AND_MY_GROUPS": true, "SCOPINGRULE": true}

// bindScope narrows to the user's own rows for scope mine; the other scopes see everything here.
func (p *Plan) bindScope(s *scope) error {
	word := strings.ToUpper(p.query.scope.text)
	if word != "" && !scopes[word] {
		return s.fail(p.query.scope.pos, "INVALID_QUERY_SCOPE", "invalid query scope: "+p.query.scope.text)
	}
	owner, ok := p.object.Field("OwnerId")
	if word == "MINE" && ok && p.env.UserID != "" {
		path := boundPath{leaf: leaf{name: owner.Name, fields: []placedField{{p.object, owner}}}}
		p.filter = &test{left: fieldExpr(path, p.env), operator: "IN", values: []Value{Text(p.env.UserID)}, class: classID}
	}
	return nil
}

func (p *Plan) bindWhere(s *scope) error {
	if p.query.where == nil {
		return nil
	}
	f, err := s.condition(p.query.where, p.plainOperand)
	if err != nil {
		return err
	}
	if p.filter != nil {
		f = &allOf{parts: []filter{p.filter, f}}
	}
	p.filter = f
	return nil
}

func (p *Plan) bindHaving(s *scope) (err error) {
	if p.query.having != nil {
		p.having, err = s.condition(p.query.having, p.groupedOperand)
	}
	return err
}

// operand binds the left side of a comparison or a sort key: a field of the row, or a value of the group.
type operand func(*scope, expr) (*boundExpr, error)

func (p *Plan) plainOperand(s *scope, e expr) (*boundExpr, error) {
	if isAggregate(e.function.text) {
		return nil, s.fail(e.pos, codeMalformed, "unexpected token: '"+e.function.text+"'")
	}
	return s.expr(e)
}

func (p *Plan) groupedOperand(s *scope, e expr) (*boundExpr, error) {
	if isAggregate(e.function.text) {
		return p.aggregateExpr(s, e)
	}
	return p.keyExpr(s, e)
}

func (p *Plan) bindOrder(s *scope) error {
	if p.query.count && len(p.query.order) > 0 {
		return s.fail(p.query.order[0].expr.pos, codeMalformed, "ORDER BY is not allowed together with COUNT()")
	}
	bind := p.plainOperand
	if p.grouped {
		bind = p.groupedOperand
	}
	for _, o := range p.query.order {
		e, err := bind(s, o.expr)
		if err != nil {
			return err
		}
		if f := e.path.field(); e.aggregate == "" && e.function == "" && f != nil && f.NoSort {
			return s.fail(o.expr.pos, codeField, "field '"+f.Name+"' can not be sorted in a query call")
		}
		p.order = append(p.order, sortKey{expr: e, descending: o.descending, nullsLast: o.nullsLast})
	}
	return nil
}

// maxOffset is the largest OFFSET.
const maxOffset = 2000

func (p *Plan) bindWindow(s *scope) error {
	p.limit = -1
	if p.query.limit != nil {
		p.limit = *p.query.limit
	}
	if p.query.offset != nil {
		p.offset = *p.query.offset
	}
	if p.offset > maxOffset {
		return &Error{Code: codeOutOfRange, Message: "Maximum SOQL offset allowed is 2000"}
	}
	return nil
}
