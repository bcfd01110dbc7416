package soql

import "strings"

func (p *parser) selectList(q *Query) error {
	if err := p.expect("SELECT"); err != nil {
		return err
	}
	if p.peek().is("COUNT") && p.ahead(1).is("(") && p.ahead(2).is(")") && p.ahead(3).is("FROM") {
		p.at += 3
		q.count = true
		return nil
	}
	items, err := list(p, p.selectItem)
	q.items = items
	return err
}

func (p *parser) selectItem() (selectItem, error) {
	t := p.peek()
	switch {
	case t.is("(") && p.ahead(1).is("SELECT"):
		return p.subSelect()
	case t.is("TYPEOF"):
		return p.typeOf()
	case t.is("FIELDS") && p.ahead(1).is("("):
		return p.fieldsItem()
	}
	e, err := p.expr()
	if err != nil {
		return selectItem{}, err
	}
	item := selectItem{expr: &e, pos: t.pos}
	if next := p.peek(); next.kind == tokenName && !next.is("FROM") {
		item.alias = p.take().text
	}
	return item, nil
}

func (p *parser) subSelect() (selectItem, error) {
	start := p.take()
	sub, err := p.query()
	if err != nil {
		return selectItem{}, err
	}
	return selectItem{sub: sub, pos: start.pos}, p.expect(")")
}

func (p *parser) fieldsItem() (selectItem, error) {
	start := p.take()
	p.take()
	group := p.peek()
	if !group.is("ALL") && !group.is("STANDARD") && !group.is("CUSTOM") {
		return selectItem{}, p.unexpected()
	}
	p.take()
	return selectItem{fields: strings.ToUpper(group.text), pos: start.pos}, p.expect(")")
}

func (p *parser) typeOf() (selectItem, error) {
	start := p.take()
	path, err := p.path()
	if err != nil {
		return selectItem{}, err
	}
	t := &typeOf{relationship: path, pos: start.pos}
	for p.peek().is("WHEN") {
		c, err := p.typeCase()
		if err != nil {
			return selectItem{}, err
		}
		t.cases = append(t.cases, c)
	}
	if len(t.cases) == 0 {
		return selectItem{}, p.unexpected()
	}
	if p.accept("ELSE") {
		if t.otherwise, err = list(p, p.path); err != nil {
			return selectItem{}, err
		}
	}
	return selectItem{typeOf: t, pos: start.pos}, p.expect("END")
}

func (p *parser) typeCase() (c typeCase, err error) {
	p.take()
	if c.object, err = p.name(); err != nil {
		return c, err
	}
	if err = p.expect("THEN"); err != nil {
		return c, err
	}
	c.fields, err = list(p, p.path)
	return c, err
}
