package salesforcesim

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"tandem/sim/salesforcesim/soql"
)

// formulaToken is one lexical element: number, quoted text, path or operator.
var formulaToken = regexp.MustCompile(`^(?:(\d+(?:\.\d+)?)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)|(&&|\|\||<>|<=|>=|==|!=|[-+*/&=<>(),!]))`)

// parseFormula compiles an expression; the error names the spot.
func parseFormula(text string) (*formula, error) {
	p := &formulaParser{}
	if err := p.split(text); err != nil {
		return nil, err
	}
	root, err := p.infix(0)
	if err != nil {
		return nil, err
	}
	if p.peek() != "" {
		return nil, fmt.Errorf("parse formula: unexpected %q in %q", p.peek(), text)
	}
	return &formula{text: text, root: root}, nil
}

type formulaParser struct {
	tokens []string
	at     int
}

func (p *formulaParser) split(text string) error {
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimSpace(rest) {
		m := formulaToken.FindString(rest)
		if m == "" {
			return fmt.Errorf("parse formula: cannot read %q in %q", rest, text)
		}
		p.tokens = append(p.tokens, m)
		rest = rest[len(m):]
	}
	if len(p.tokens) == 0 {
		return fmt.Errorf("parse formula: it is empty")
	}
	return nil
}

func (p *formulaParser) peek() string {
	if p.at < len(p.tokens) {
		return p.tokens[p.at]
	}
	return ""
}

func (p *formulaParser) take() string {
	t := p.peek()
	p.at++
	return t
}

var precedence = map[string]int{
	"||": 1, "&&": 2, "=": 3, "==": 3, "!=": 3, "<>": 3, "<": 4, ">": 4, "<=": 4, ">=": 4, "&": 5, "+": 5, "-": 5, "*": 6, "/": 6,
}

// infix reads operators that bind tighter than level.
func (p *formulaParser) infix(level int) (node, error) {
	left, err := p.prefix()
	if err != nil {
		return nil, err
	}
	for {
		op := p.peek()
		strength := precedence[op]
		if strength <= level {
			return left, nil
		}
		p.take()
		right, err := p.infix(strength)
		if err != nil {
			return nil, err
		}
		left = infix(op, left, right)
	}
}

func (p *formulaParser) prefix() (node, error) {
	t := p.take()
	switch {
	case t == "":
		return nil, fmt.Errorf("parse formula: it ends too early")
	case t == "(":
		return p.group()
	case t == "-":
		return p.negate(func(v value) value { return soql.Number(-v.Num()) })
	case t == "!":
		return p.negate(func(v value) value { return soql.Bool(!v.Bool()) })
	case t[0] >= '0' && t[0] <= '9':
		n, err := strconv.ParseFloat(t, 64)
		return literal(soql.Number(n)), err
	case t[0] == '"' || t[0] == '\'':
		return literal(soql.Text(unescape(t[1 : len(t)-1]))), nil
	case isAlnum(t[0]) || t[0] == '_':
		return p.name(t)
	}
	return nil, fmt.Errorf("parse formula: unexpected %q", t)
}

func (p *formulaParser) group() (node, error) {
	inner, err := p.infix(0)
	if err == nil && p.take() != ")" {
		err = fmt.Errorf("parse formula: a ) is missing")
	}
	return inner, err
}

func (p *formulaParser) negate(with func(value) value) (node, error) {
	inner, err := p.infix(6)
	return func(s scope) value { return with(inner(s)) }, err
}

var escapes = strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\t`, "\t", `\"`, `"`, `\'`, "'", `\\`, `\`)

func unescape(s string) string { return escapes.Replace(s) }

// name reads a constant, a function call or a field path.
func (p *formulaParser) name(t string) (node, error) {
	upper := strings.ToUpper(t)
	switch {
	case upper == "TRUE" || upper == "FALSE":
		return literal(soql.Bool(upper == "TRUE")), nil
	case upper == "NULL":
		return literal(value{}), nil
	case p.peek() != "(":
		return fieldNode(t), nil
	}
	fn, ok := formulaFunctions[upper]
	if !ok {
		return nil, fmt.Errorf("parse formula: unknown function %s", t)
	}
	args, err := p.arguments()
	if err != nil {
		return nil, err
	}
	if len(args) < fn.args {
		return nil, fmt.Errorf("parse formula: %s needs %d arguments, got %d", upper, fn.args, len(args))
	}
	return func(s scope) value { return fn.call(s, args) }, nil
}

func (p *formulaParser) arguments() ([]node, error) {
	p.take()
	var args []node
	for p.peek() != ")" {
		arg, err := p.infix(0)
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
		if p.peek() == "," {
			p.take()
		} else if p.peek() != ")" {
			return nil, fmt.Errorf("parse formula: expected , or ) before %q", p.peek())
		}
	}
	p.take()
	return args, nil
}
