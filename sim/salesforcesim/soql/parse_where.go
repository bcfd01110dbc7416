package soql

import (
	"strconv"
	"strings"
)

func (p *parser) whereClause(q *Query) (err error) {
	if p.accept("WHERE") {
		q.where, err = p.condition()
	}
	return err
}

// condition reads terms joined by AND or by OR. The grammar has no precedence between the two: mixing them needs parentheses,
// and NOT may only begin a condition.
func (p *parser) condition() (condition, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	first, err := p.firstTerm()
	if err != nil {
		return nil, err
	}
	switch {
	case p.peek().is("AND"):
		parts, err := p.joined("AND", first)
		return &andCondition{parts: parts}, err
	case p.peek().is("OR"):
		parts, err := p.joined("OR", first)
		return &orCondition{parts: parts}, err
	}
	return first, nil
}

func (p *parser) joined(word string, first condition) ([]condition, error) {
	parts := []condition{first}
	for p.accept(word) {
		c, err := p.term()
		if err != nil {
			return nil, err
		}
		parts = append(parts, c)
	}
	if t := p.peek(); t.is("AND") || t.is("OR") {
		return nil, p.unexpected()
	}
	return parts, nil
}

func (p *parser) firstTerm() (condition, error) {
	if p.accept("NOT") {
		part, err := p.term()
		return &notCondition{part: part}, err
	}
	return p.term()
}

func (p *parser) term() (condition, error) {
	if !p.accept("(") {
		if p.peek().is("NOT") {
			return nil, p.unexpected()
		}
		return p.comparison()
	}
	c, err := p.condition()
	if err != nil {
		return nil, err
	}
	return c, p.expect(")")
}

func (p *parser) comparison() (condition, error) {
	left, err := p.expr()
	if err != nil {
		return nil, err
	}
	c := &comparison{left: left, at: p.peek().pos}
	if c.operator, err = p.operator(); err != nil {
		return nil, err
	}
	switch c.operator {
	case "IN", "NOT IN":
		if p.peek().is("(") && p.ahead(1).is("SELECT") {
			return p.semiJoin(c)
		}
		fallthrough
	case "INCLUDES", "EXCLUDES":
		return p.valueList(c)
	}
	v, err := p.literal()
	c.values = []literal{v}
	return c, err
}

func (p *parser) operator() (string, error) {
	t := p.peek()
	switch word := strings.ToUpper(t.text); {
	case t.kind == tokenSymbol && strings.Contains(" = != < <= > >= ", " "+word+" "),
		t.kind == tokenName && strings.Contains(" LIKE IN INCLUDES EXCLUDES ", " "+word+" "):
		p.take()
		return word, nil
	case t.is("<>"):
		p.take()
		return "!=", nil
	case p.accept("NOT", "IN"):
		return "NOT IN", nil
	}
	return "", p.unexpected()
}

func (p *parser) semiJoin(c *comparison) (condition, error) {
	p.take()
	sub, err := p.query()
	if err != nil {
		return nil, err
	}
	c.sub = sub
	return c, p.expect(")")
}

func (p *parser) valueList(c *comparison) (condition, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	values, err := list(p, p.literal)
	if err != nil {
		return nil, err
	}
	c.values = values
	return c, p.expect(")")
}

// maxFilterText is the longest string in WHERE, in characters.
const maxFilterText = 4000

func (p *parser) literal() (literal, error) {
	t := p.peek()
	v := literal{text: t.text, pos: t.pos}
	switch t.kind {
	case tokenString:
		v.kind = literalString
		if len(t.text) > maxFilterText && len([]rune(t.text)) > maxFilterText {
			return v, errorAt(p.text, t.pos, codeFilter, "filter text is longer than 4000 characters")
		}
	case tokenNumber:
		if _, err := strconv.ParseFloat(t.text, 64); err != nil {
			return v, p.unexpected()
		}
		v.kind = literalNumber
	case tokenDate:
		v.kind = literalDate
	case tokenName:
		return p.wordLiteral(v)
	default:
		return v, p.unexpected()
	}
	p.take()
	return v, nil
}

// wordLiteral reads null, true, false and the relative dates.
func (p *parser) wordLiteral(v literal) (literal, error) {
	v.text = strings.ToUpper(v.text)
	switch v.text {
	case "NULL":
		v.kind = literalNull
	case "TRUE", "FALSE":
		v.kind = literalBool
	default:
		v.kind = literalRelative
		err := p.relativeDate(&v)
		return v, err
	}
	p.take()
	return v, nil
}

func (p *parser) relativeDate(v *literal) error {
	if !isRelativeDate(v.text) {
		return p.unexpected()
	}
	p.take()
	if !strings.Contains(v.text, "N_") {
		return nil
	}
	if err := p.expect(":"); err != nil {
		return err
	}
	n, err := p.wholeNumber()
	if err == nil {
		v.n = *n
	}
	return err
}
