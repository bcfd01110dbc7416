package soql

import (
	"strconv"
	"strings"
)

// Parse reads one statement. Its errors are [*Error]s.
func Parse(text string) (*Query, error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{text: text, tokens: tokens}
	q, err := p.query()
	if err != nil {
		return nil, err
	}
	if p.peek().kind != tokenEOF {
		return nil, p.unexpected()
	}
	return q, nil
}

// maxDepth bounds nesting of parentheses and sub-selects, so that hostile text cannot exhaust the stack.
const maxDepth = 100

type parser struct {
	text   string
	tokens []token
	at     int
	depth  int
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) ahead(n int) token { return p.tokens[min(p.at+n, len(p.tokens)-1)] }

func (p *parser) take() token {
	t := p.tokens[p.at]
	if t.kind != tokenEOF {
		p.at++
	}
	return t
}

// accept takes the next tokens if they are these words.
func (p *parser) accept(words ...string) bool {
	for i, w := range words {
		if !p.ahead(i).is(w) {
			return false
		}
	}
	p.at += len(words)
	return true
}

func (p *parser) expect(words ...string) error {
	for _, w := range words {
		if !p.accept(w) {
			return p.unexpected()
		}
	}
	return nil
}

func (p *parser) unexpected() error { return p.unexpectedToken(p.peek()) }

func (p *parser) unexpectedToken(t token) error {
	return errorAt(p.text, t.pos, codeMalformed, "unexpected token: '"+t.shown()+"'")
}

// enter counts one level of nesting; leave ends it.
func (p *parser) enter() error {
	if p.depth++; p.depth > maxDepth {
		return &Error{Code: "QUERY_TOO_COMPLICATED",
			Message: "Query is either selecting too many fields or the filter conditions are too complicated."}
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

func (p *parser) query() (*Query, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	q := &Query{Text: p.text}
	steps := []func(*Query) error{p.selectList, p.fromClause, p.scopeClause, p.whereClause, p.withClause,
		p.groupClause, p.orderClause, p.limitClause, p.forClause}
	for _, step := range steps {
		if err := step(q); err != nil {
			return nil, err
		}
	}
	return q, nil
}

func (p *parser) name() (name, error) {
	t := p.peek()
	if t.kind != tokenName {
		return name{}, p.unexpected()
	}
	p.take()
	return name{text: t.text, pos: t.pos}, nil
}

// path reads Name or Account.Owner.Name.
func (p *parser) path() ([]name, error) {
	var path []name
	for {
		n, err := p.name()
		if err != nil {
			return nil, err
		}
		path = append(path, n)
		if !p.accept(".") {
			return path, nil
		}
	}
}

// expr reads a path or function(path); functions nest only as FORMAT(MAX(x)) and CALENDAR_YEAR(convertTimezone(x)) do,
// where the outer one of the pair changes nothing here.
func (p *parser) expr() (expr, error) {
	start := p.peek()
	if start.kind != tokenName || !p.ahead(1).is("(") {
		path, err := p.path()
		return expr{path: path, pos: start.pos}, err
	}
	if err := p.enter(); err != nil {
		return expr{}, err
	}
	defer p.leave()
	p.at += 2
	function := name{text: strings.ToUpper(start.text), pos: start.pos}
	if p.accept(")") {
		return expr{function: function, pos: start.pos}, nil
	}
	inner, err := p.expr()
	if err != nil {
		return expr{}, err
	}
	if err := p.expect(")"); err != nil {
		return expr{}, err
	}
	return p.compose(function, inner)
}

func (p *parser) compose(outer name, inner expr) (expr, error) {
	switch {
	case inner.function.text == "":
		inner.function = outer
	case inner.function.text == "CONVERTTIMEZONE" && isDateFunction(outer.text):
		inner.function, inner.local = outer, true
	case outer.text != "FORMAT":
		return expr{}, p.unexpectedToken(token{text: inner.function.text, pos: inner.function.pos, kind: tokenName})
	}
	inner.pos = outer.pos
	return inner, nil
}

func (p *parser) fromClause(q *Query) error {
	if err := p.expect("FROM"); err != nil {
		return err
	}
	path, err := p.path()
	if err != nil {
		return err
	}
	if q.from = path[len(path)-1]; len(path) == 2 && p.depth > 1 {
		q.outer = path[0]
	} else if len(path) > 1 {
		return p.unexpectedToken(token{text: ".", pos: path[1].pos - 1, kind: tokenSymbol})
	}
	if a, ok := p.aliasName(); ok {
		q.aliases = append(q.aliases, alias{name: a})
	}
	for p.accept(",") {
		if err := p.parentAlias(q); err != nil {
			return err
		}
	}
	return nil
}

// parentAlias reads "c.Account a" after the first object of FROM.
func (p *parser) parentAlias(q *Query) error {
	path, err := p.path()
	if err != nil {
		return err
	}
	a, ok := p.aliasName()
	if !ok || len(path) < 2 {
		return p.unexpected()
	}
	q.aliases = append(q.aliases, alias{name: a, path: path})
	return nil
}

// clauseWords cannot be aliases, because they begin what may follow one.
var clauseWords = map[string]bool{"USING": true, "WHERE": true, "WITH": true, "GROUP": true, "HAVING": true, "ORDER": true,
	"LIMIT": true, "OFFSET": true, "FOR": true, "ALL": true, "UPDATE": true, "FROM": true}

func (p *parser) aliasName() (string, bool) {
	if p.peek().is("AS") && p.ahead(1).kind == tokenName {
		p.take()
	}
	t := p.peek()
	if t.kind != tokenName || clauseWords[strings.ToUpper(t.text)] {
		return "", false
	}
	p.take()
	return t.text, true
}

func (p *parser) scopeClause(q *Query) (err error) {
	if p.accept("USING") {
		if err = p.expect("SCOPE"); err == nil {
			q.scope, err = p.name()
		}
	}
	return err
}

func (p *parser) withClause(*Query) error {
	if !p.accept("WITH") {
		return nil
	}
	if p.accept("SECURITY_ENFORCED") || p.accept("USER_MODE") || p.accept("SYSTEM_MODE") {
		return nil
	}
	return p.unexpected()
}

func (p *parser) groupClause(q *Query) (err error) {
	if p.accept("GROUP") {
		if err := p.expect("BY"); err != nil {
			return err
		}
		if err := p.groupList(q); err != nil {
			return err
		}
	}
	if p.accept("HAVING") {
		q.having, err = p.condition()
	}
	return err
}

func (p *parser) groupList(q *Query) (err error) {
	switch {
	case p.accept("ROLLUP", "("):
		q.sets = groupRollup
	case p.accept("CUBE", "("):
		q.sets = groupCube
	}
	if q.groups, err = list(p, p.expr); err == nil && q.sets != groupPlain {
		err = p.expect(")")
	}
	return err
}

// list reads one or more elements with commas between them.
func list[T any](p *parser, element func() (T, error)) ([]T, error) {
	var all []T
	for {
		e, err := element()
		if err != nil {
			return nil, err
		}
		all = append(all, e)
		if !p.accept(",") {
			return all, nil
		}
	}
}

func (p *parser) orderClause(q *Query) (err error) {
	if p.accept("ORDER") {
		if err = p.expect("BY"); err == nil {
			q.order, err = list(p, p.ordering)
		}
	}
	return err
}

func (p *parser) ordering() (ordering, error) {
	e, err := p.expr()
	if err != nil {
		return ordering{}, err
	}
	o := ordering{expr: e, descending: !p.accept("ASC") && p.accept("DESC")}
	if p.accept("NULLS") {
		if o.nullsLast = p.accept("LAST"); !o.nullsLast {
			err = p.expect("FIRST")
		}
	}
	return o, err
}

func (p *parser) limitClause(q *Query) (err error) {
	if p.accept("LIMIT") {
		if q.limit, err = p.wholeNumber(); err != nil {
			return err
		}
	}
	if p.accept("OFFSET") {
		q.offset, err = p.wholeNumber()
	}
	return err
}

func (p *parser) wholeNumber() (*int, error) {
	t := p.peek()
	n, err := strconv.Atoi(t.text)
	if t.kind != tokenNumber || err != nil || n < 0 {
		return nil, p.unexpected()
	}
	p.take()
	return &n, nil
}

// forClause accepts FOR VIEW and FOR REFERENCE; row locks and ALL ROWS exist in Apex only.
func (p *parser) forClause(*Query) error {
	for p.accept("FOR") {
		if !p.accept("VIEW") && !p.accept("REFERENCE") {
			return p.unexpected()
		}
		p.accept(",")
	}
	if p.peek().is("ALL") {
		return errorAt(p.text, p.peek().pos, codeMalformed, "ALL ROWS not allowed in this context")
	}
	return nil
}
