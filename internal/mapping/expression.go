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
)

const (
	// maxNodes bounds the size of an expression, memoryBudget what one evaluation
	// may build; the language has no other limit.
	maxNodes     = 500
	memoryBudget = 20_000
	// valueName is the mapped value itself inside a transform.
	valueName = "value"
)

// impure are the built-in functions that read a clock or files.
var impure = []string{"now", "timezone"}

// program is a compiled expression over fields known from a schema.
type program struct {
	vm     *vm.Program
	kinds  map[string]Kind
	fields []string // the fields it looks at, sorted
}

// Predicate is a filter over one record of a side.
type Predicate struct{ program *program }

// CompilePredicate checks a filter expression against the fields of a side. It
// refuses unknown fields and anything but a yes or no. Numbers, checkboxes and
// multiple choices have their types, all else is text; a blank number is nil.
func CompilePredicate(text string, defs []FieldDef) (*Predicate, error) {
	p, err := compileExpression(text, kindsOf(defs), expr.AsBool())
	if err != nil {
		return nil, err
	}
	return &Predicate{p}, nil
}

// Fields are the names the filter looks at, sorted.
func (p *Predicate) Fields() []string { return slices.Clone(p.program.fields) }

// Match evaluates the filter on a record's values. It errs where the side did
// not answer a field, where the expression fails on the values (a comparison
// with a blank number) and where it exceeds its memory budget.
func (p *Predicate) Match(values map[string]string) (bool, error) {
	for _, name := range p.program.fields {
		if _, ok := values[name]; !ok {
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
	for _, name := range impure {
		options = append(options, expr.DisableBuiltin(name))
	}
	compiled, err := expr.Compile(text, options...)
	if err != nil {
		return nil, fmt.Errorf("compile expression %.60q: %w", text, oneLine(err))
	}
	fields, err := identifiers(text, kinds)
	if err != nil {
		return nil, err
	}
	return &program{vm: compiled, kinds: kinds, fields: fields}, nil
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

type identifierVisitor struct {
	kinds map[string]Kind
	names []string
}

func (v *identifierVisitor) Visit(node *ast.Node) {
	if id, ok := (*node).(*ast.IdentifierNode); ok && id.Value != valueName {
		if _, known := v.kinds[id.Value]; known {
			v.names = append(v.names, id.Value)
		}
	}
}

func identifiers(text string, kinds map[string]Kind) ([]string, error) {
	tree, err := parser.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("parse expression %.60q: %w", text, oneLine(err))
	}
	v := &identifierVisitor{kinds: kinds}
	ast.Walk(&tree.Node, v)
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

// run evaluates a transform to text.
func (p *program) run(value string, values map[string]string) (string, error) {
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
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case []string:
		return strings.Join(v, ";"), nil
	case []any:
		return joinAny(v)
	}
	return "", fmt.Errorf("the result is a %T, not a text, number, truth value or list", v)
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
