package mapping

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"

	"tandem/internal/core"
)

const (
	// maxNodes bounds the size of an expression, memoryBudget the list elements
	// that one evaluation may build, maxText the bytes that join and replace may
	// build. The language has no limit of steps or text by itself: without
	// variables, reduce and loops inside loops, both grow with the expression's
	// size only.
	maxNodes     = 500
	memoryBudget = 2_000
	maxText      = 1 << 20
	// valueName is the mapped value itself inside a transform.
	valueName = "value"
)

// refusedBuiltins read a clock or files, or build without bounds; join and
// replace are replaced by bounded ones of the same name.
var refusedBuiltins = []string{"now", "timezone", "repeat", "join", "replace"}

var errTooMuchText = errors.New("the expression builds a text of more than 1 MiB")

// program is a compiled expression over fields known from a schema.
type program struct {
	vm     *vm.Program
	kinds  map[string]Kind
	fields []string // the fields it looks at, sorted
	bare   bool     // it is the mapped value and nothing else
}

// Predicate is a filter over one record of a side.
type Predicate struct {
	program *program
	lacks   []string // fields that the record's object does not have
}

// CompilePredicate checks a filter expression against the fields of a side. It
// refuses unknown fields and anything but a yes or no. Numbers, checkboxes and
// multiple choices have their types, all else is text; a blank number is nil.
func CompilePredicate(text string, defs []FieldDef) (*Predicate, error) {
	p, err := compileExpression(text, kindsOf(defs), expr.AsBool())
	if err != nil {
		return nil, err
	}
	return &Predicate{program: p}, nil
}

// Fields are the names the filter looks at, sorted, of those that the object has.
func (p *Predicate) Fields() []string {
	return slices.DeleteFunc(slices.Clone(p.program.fields), func(name string) bool { return slices.Contains(p.lacks, name) })
}

// Match evaluates the filter on a record's values. It errs where the side did
// not answer a field, where the expression fails on the values (a comparison
// with a blank number) and where it exceeds its memory budget.
func (p *Predicate) Match(values map[string]string) (bool, error) {
	for _, name := range p.program.fields {
		if _, ok := values[name]; !ok && !slices.Contains(p.lacks, name) {
			return false, fmt.Errorf("evaluate filter: the field %s was not answered", name)
		}
	}
	out, err := p.program.eval("", values)
	if err != nil {
		return false, fmt.Errorf("evaluate filter: %w", err)
	}
	return out.(bool), nil
}

// compileTransform compiles an expression over the source side's record; value
// is the mapped field itself.
func compileTransform(text string, defs []FieldDef, kind Kind) (*program, error) {
	kinds := kindsOf(defs)
	kinds[valueName] = kind
	return compileExpression(text, kinds)
}

func kindsOf(defs []FieldDef) map[string]Kind {
	kinds := make(map[string]Kind, len(defs)+1)
	for i := range defs {
		if k := ownKind(&defs[i]); k != "" {
			kinds[defs[i].Name] = k
		}
	}
	return kinds
}

func compileExpression(text string, kinds map[string]Kind, options ...expr.Option) (*program, error) {
	env := make(types.Map, len(kinds))
	for name, k := range kinds {
		env[name] = typeOf(k)
	}
	options = append(options, expr.Env(env), expr.MaxNodes(maxNodes))
	for _, name := range refusedBuiltins {
		options = append(options, expr.DisableBuiltin(name))
	}
	compiled, err := expr.Compile(text, append(options, boundedFunctions()...)...)
	if err != nil {
		return nil, fmt.Errorf("compile expression %.60q: %w", text, oneLine(err))
	}
	fields, err := inspect(text, kinds)
	if err != nil {
		return nil, fmt.Errorf("compile expression %.60q: %w", text, err)
	}
	return &program{vm: compiled, kinds: kinds, fields: fields, bare: strings.TrimSpace(text) == valueName}, nil
}

// boundedFunctions build texts up to maxText.
func boundedFunctions() []expr.Option {
	return []expr.Option{
		expr.Function("join", func(p ...any) (any, error) { return boundedJoin(p) },
			new(func([]string, string) string), new(func([]any, string) string)),
		expr.Function("replace", func(p ...any) (any, error) {
			return boundedReplace(p[0].(string), p[1].(string), p[2].(string))
		}, new(func(string, string, string) string)),
	}
}

func bounded(parts ...string) (string, error) {
	n := 0
	for _, p := range parts {
		if n += len(p); n > maxText {
			return "", errTooMuchText
		}
	}
	return strings.Join(parts, ""), nil
}

func boundedJoin(p []any) (string, error) {
	list, ok := p[0].([]string)
	if !ok {
		for _, item := range p[0].([]any) {
			text, err := textOf(item)
			if err != nil {
				return "", err
			}
			list = append(list, text)
		}
	}
	separator := p[1].(string)
	parts := make([]string, 0, 2*len(list))
	for i, item := range list {
		if i > 0 {
			parts = append(parts, separator)
		}
		parts = append(parts, item)
	}
	return bounded(parts...)
}

func boundedReplace(text, old, with string) (string, error) {
	if grown := len(text) + strings.Count(text, old)*(len(with)-len(old)); grown > maxText {
		return "", errTooMuchText
	}
	return strings.ReplaceAll(text, old, with), nil
}

// oneLine keeps the first line of a compiler's message; the rest draws a caret.
func oneLine(err error) error {
	first, _, _ := strings.Cut(err.Error(), "\n")
	return errors.New(first)
}

func typeOf(k Kind) types.Type {
	switch k {
	case Number:
		return types.Float64
	case Bool:
		return types.Bool
	case Choices:
		return types.Array(types.String)
	}
	return types.String
}

// inspector collects the fields an expression looks at, and finds loops.
type inspector struct {
	kinds map[string]Kind
	names []string
	loops []ast.Node
	// amplifier is a part of the language that doubles a value many times.
	amplifier string
}

// Visit is called for every node of the expression.
func (v *inspector) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if _, known := v.kinds[n.Value]; known && n.Value != valueName {
			v.names = append(v.names, n.Value)
		}
	case *ast.VariableDeclaratorNode:
		v.amplifier = "let"
	case *ast.BuiltinNode:
		if n.Name == "reduce" {
			v.amplifier = n.Name
		}
	case *ast.PredicateNode:
		v.loops = append(v.loops, n.Node)
	}
}

// inspect lists the fields, sorted. It refuses variables and reduce, through
// which a short expression doubles a value many times, and loops inside loops,
// whose steps multiply.
func inspect(text string, kinds map[string]Kind) ([]string, error) {
	tree, err := parser.Parse(text)
	if err != nil {
		return nil, oneLine(err)
	}
	v := &inspector{kinds: kinds}
	ast.Walk(&tree.Node, v)
	if v.amplifier != "" {
		return nil, fmt.Errorf("%s is not available", v.amplifier)
	}
	for _, body := range v.loops {
		inner := &inspector{}
		if ast.Walk(&body, inner); len(inner.loops) > 0 {
			return nil, errors.New("a loop inside a loop could run for ever")
		}
	}
	return sortedSet(v.names), nil
}

// eval runs the expression. It never panics and never runs on: the language has
// no unbounded loop and the machine stops at its memory budget.
func (p *program) eval(value string, values map[string]string) (any, error) {
	env := make(map[string]any, len(p.fields)+1)
	for _, name := range p.fields {
		env[name] = typed(p.kinds[name], values[name])
	}
	if k, ok := p.kinds[valueName]; ok {
		env[valueName] = typed(k, value)
	}
	machine := vm.VM{MemoryBudget: memoryBudget}
	out, err := machine.Run(p.vm, env)
	if err != nil {
		return nil, oneLine(err)
	}
	return out, nil
}

// typed gives the expression a value of the field's type, nil for a blank number.
func typed(k Kind, v string) any {
	switch k {
	case Number:
		n, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		if err != nil {
			return nil
		}
		return n
	case Bool:
		return truths[strings.ToLower(strings.TrimSpace(v))] == "true"
	case Choices:
		return items(v)
	}
	return canonText(v)
}

// run evaluates a transform to text. The value alone is given as it is: as a number of
// the language it would lose the digits that a binary number has no room for.
func (p *program) run(value string, values map[string]string) (string, error) {
	if d, ok := core.ParseDecimal(strings.TrimSpace(value)); ok && p.bare && p.kinds[valueName] == Number {
		return d.String(), nil
	}
	for _, name := range p.fields {
		if _, ok := values[name]; !ok {
			return "", fmt.Errorf("the field %s was not answered", name)
		}
	}
	out, err := p.eval(value, values)
	if err != nil {
		return "", err
	}
	return textOf(out)
}

func textOf(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case int:
		return strconv.Itoa(v), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return "", errors.New("the result is not a number")
		}
		return numberText(v), nil
	case []string:
		return strings.Join(v, ";"), nil
	case []any:
		return joinAny(v)
	}
	return "", fmt.Errorf("the result is a %T, not a text, number, truth value or list", v)
}

// numberText writes a whole number as it is and another one with the 15 digits that a
// binary number surely keeps, so that 0.1 + 0.2 is 0.3.
func numberText(n float64) string {
	if n == math.Trunc(n) {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	d, _ := core.ParseDecimal(strconv.FormatFloat(n, 'g', 15, 64))
	return d.String()
}

func joinAny(list []any) (string, error) {
	parts := make([]string, len(list))
	for i, item := range list {
		text, err := textOf(item)
		if err != nil {
			return "", err
		}
		parts[i] = text
	}
	return strings.Join(parts, ";"), nil
}
