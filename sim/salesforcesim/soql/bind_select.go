package soql

import (
	"slices"
	"strings"
)

// maxFieldsLimit is the largest LIMIT beside FIELDS(ALL) and FIELDS(CUSTOM).
const maxFieldsLimit = 200

func (p *Plan) bindItems(s *scope) error {
	p.shape = &shape{}
	if p.query.offset != nil {
		p.refuse("OFFSET")
	}
	if p.grouped || p.query.count {
		p.refuse("aggregate")
	}
	if p.grouped {
		return p.bindOutputs(s)
	}
	seen := map[string]bool{}
	for _, item := range p.query.items {
		if err := p.bindItem(s, item, seen); err != nil {
			return err
		}
	}
	return nil
}

func (p *Plan) bindItem(s *scope, item selectItem, seen map[string]bool) error {
	switch {
	case item.sub != nil:
		p.refuse("sub-select")
		return p.bindSubSelect(s, item)
	case item.typeOf != nil:
		p.refuse("TYPEOF")
		return p.bindTypeOf(s, item.typeOf)
	case item.fields != "":
		p.refuse("FIELDS()")
		return p.bindFields(s, item, seen)
	case item.alias != "" && item.expr.function.text == "":
		return s.fail(item.pos, codeMalformed, "only aggregate expressions use field aliasing")
	}
	return p.bindField(s, item, seen)
}

func (p *Plan) bindField(s *scope, item selectItem, seen map[string]bool) error {
	e, err := s.expr(*item.expr)
	if err != nil {
		return err
	}
	if e.function != "" {
		return s.fail(item.pos, codeMalformed, "date functions can only be selected together with GROUP BY")
	}
	if classes[e.typ] == classCompound {
		p.refuse("compound field")
	}
	if item.alias != "" {
		p.shape.cells = append(p.shape.cells, cellPlan{expr: e, column: &Column{Name: item.alias, Field: e.path.field(), Type: e.typ}})
		p.flat = append(p.flat, flatColumn{name: item.alias, place: []int{len(p.shape.cells) - 1}})
		return nil
	}
	return p.selectPath(s, e.path, item.pos, seen)
}

func (p *Plan) selectPath(s *scope, path boundPath, pos int, seen map[string]bool) error {
	dotted := path.dotted()
	if seen[dotted] {
		return s.fail(pos, codeField, "duplicate field selected: "+dotted)
	}
	seen[dotted] = true
	p.flat = append(p.flat, flatColumn{name: dotted, place: p.shape.add(path)})
	return nil
}

// bindFields expands FIELDS(ALL|STANDARD|CUSTOM).
func (p *Plan) bindFields(s *scope, item selectItem, seen map[string]bool) error {
	if item.fields != "STANDARD" && (p.query.limit == nil || *p.query.limit > maxFieldsLimit) {
		return &Error{Code: codeMalformed, Message: "The SOQL FIELDS function must have a LIMIT of at most 200"}
	}
	for i := range p.object.Fields {
		f := &p.object.Fields[i]
		if item.fields != "ALL" && f.Custom != (item.fields == "CUSTOM") {
			continue
		}
		path := boundPath{leaf: leaf{name: f.Name, fields: []placedField{{p.object, f}}}}
		if err := p.selectPath(s, path, item.pos, seen); err != nil {
			return err
		}
	}
	return nil
}

func (p *Plan) bindSubSelect(s *scope, item selectItem) error {
	b, q := s.binder, item.sub
	if b.subSelects++; b.subSelects > maxSubSelects {
		return s.fail(item.pos, codeMalformed, "Maximum number of parent-to-child relationships per query is 20")
	}
	if p.level+1 >= maxLevels {
		return s.fail(item.pos, codeMalformed, "SOQL parent-to-child relationships cannot be more than 5 levels deep")
	}
	c, ok := p.object.byChild[strings.ToLower(q.from.text)]
	var o *Object
	if ok && s.isSelf(q.outer) {
		o, _ = b.object(c.Object)
	}
	if o == nil {
		return s.fail(q.from.pos, codeType, "Didn't understand relationship '"+q.from.text+"' in FROM part of query call."+hintRelationship)
	}
	if q.offset != nil && (p.query.limit == nil || *p.query.limit != 1) {
		return s.fail(item.pos, codeMalformed, "OFFSET in a sub-select needs LIMIT 1 in the select around it")
	}
	sub, err := b.plan(q, o, p.level+1)
	if err != nil {
		return err
	}
	if sub.grouped || q.count {
		return s.fail(item.pos, codeMalformed, "aggregate functions are not allowed in a sub-select")
	}
	return p.addChild(s, c, o, sub, item.pos)
}

func (p *Plan) addChild(s *scope, c *Child, o *Object, sub *Plan, pos int) error {
	field, ok := o.Field(c.Field)
	if !ok {
		return s.fail(pos, codeField, "No such column '"+c.Field+"' on entity '"+o.Name+"'."+hintColumn)
	}
	if slices.ContainsFunc(p.shape.cells, func(have cellPlan) bool { return have.column.Name == c.Relationship }) {
		return s.fail(pos, codeField, "duplicate field selected: "+c.Relationship)
	}
	p.shape.cells = append(p.shape.cells, cellPlan{column: &Column{Name: c.Relationship, Kind: ColumnChildren},
		child: &childPlan{plan: sub, field: field}})
	return nil
}

func (p *Plan) bindTypeOf(s *scope, t *typeOf) error {
	h, err := s.hop([]*Object{p.object}, t.relationship[0], t.relationship[0].pos)
	if err != nil {
		return err
	}
	if len(h.targets) < 2 || len(t.relationship) > 1 {
		return s.fail(t.pos, codeMalformed, "TYPEOF must be used on a polymorphic relationship")
	}
	plan := &typeOfPlan{hop: h}
	for _, c := range t.cases {
		ts, err := s.typeCase(h, c)
		if err != nil {
			return err
		}
		plan.cases = append(plan.cases, ts)
	}
	if t.otherwise != nil {
		if plan.otherwise, err = s.typeShape(h.targets, t.otherwise); err != nil {
			return err
		}
	}
	p.shape.cells = append(p.shape.cells, cellPlan{column: &Column{Name: h.relationship, Kind: ColumnParent}, typeOf: plan})
	return nil
}

func (s *scope) typeCase(h hop, c typeCase) (typeShape, error) {
	i := slices.IndexFunc(h.targets, func(o *Object) bool { return strings.EqualFold(o.Name, c.object.text) })
	if i < 0 {
		return typeShape{}, s.fail(c.object.pos, codeType, "sObject type '"+c.object.text+"' is not supported."+hintObject)
	}
	sh, err := s.typeShape(h.targets[i:i+1], c.fields)
	return typeShape{object: h.targets[i], shape: sh}, err
}

// typeShape is the shape of the fields listed after THEN or ELSE.
func (s *scope) typeShape(objects []*Object, fields [][]name) (*shape, error) {
	sh := &shape{}
	for _, path := range fields {
		b, err := s.resolveFrom(objects, path, path[0].pos)
		if err != nil {
			return nil, err
		}
		sh.add(b)
	}
	return sh, nil
}
