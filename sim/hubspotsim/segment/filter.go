package segment

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"tandem/sim/hubspotsim/jackson"
)

// Bounds on a filter tree, so that hostile input cannot exhaust the portal. The
// vendor's own bounds are not documented.
const (
	maxDepth   = 10
	maxFilters = 1000
)

// FilterError says why a filter tree is refused; the REST layer answers 400
// VALIDATION_ERROR with it.
type FilterError struct {
	Path    string // where, as filterBranches[0].filters[1].operation
	Message string
}

// Error gives the place in the tree, where one is known, and the message.
func (e *FilterError) Error() string {
	if e.Path == "" {
		return e.Message
	}
	return e.Path + ": " + e.Message
}

// Filter is a checked filter tree. It is immutable and safe for concurrent use.
type Filter struct {
	root       node
	normalised json.RawMessage
	lists      []string   // lists it asks about
	paths      [][]string // chains of associated object types it looks at
	timed      bool       // depends on the moment of evaluation
}

// node is one condition of a tree.
type node interface {
	matches(r Record, e *Env) bool
}

// Parse reads and checks a filterBranch object for records of objectTypeID: the
// root must be an OR of ANDs. Its error is a *FilterError.
func Parse(objectTypeID string, raw json.RawMessage) (*Filter, error) {
	tree, err := normalise(raw)
	if err != nil {
		return nil, err
	}
	if err := checkRoot(tree); err != nil {
		return nil, err
	}
	p := &parser{objectTypes: []string{objectTypeID}}
	root, err := p.branch(tree, "")
	if err != nil {
		return nil, err
	}
	return &Filter{root: root, normalised: tree, lists: p.lists, paths: p.paths, timed: p.timed}, nil
}

// Evaluate says whether a record of the filter's object type matches.
func (f *Filter) Evaluate(r Record, env Env) bool { return f.root.matches(r, &env) }

// JSON is the tree as the API answers it: with the defaults it was sent without.
func (f *Filter) JSON() json.RawMessage { return f.normalised }

// Lists are the ids of the lists whose membership the filter asks about, in
// order of appearance.
func (f *Filter) Lists() []string { return slices.Clone(f.lists) }

// decode reads one JSON object; at says where it stands.
func decode(raw json.RawMessage, into any, at string) error {
	if !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		return &FilterError{Path: at, Message: "an object is required"}
	}
	err := json.Unmarshal(raw, into)
	if err == nil {
		return nil
	}
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		return &FilterError{Path: join(at, wrong.Field), Message: "a JSON " + wrong.Value + " does not belong here"}
	}
	problem, _ := jackson.Problem(raw, err)
	return &FilterError{Path: at, Message: problem}
}

func join(at, field string) string {
	if at == "" || field == "" {
		return at + field
	}
	return at + "." + field
}

func indexed(at, field string, i int) string { return join(at, fmt.Sprintf("%s[%d]", field, i)) }

func refuse(at, format string, args ...any) error {
	return &FilterError{Path: at, Message: fmt.Sprintf(format, args...)}
}

// normalise adds the fields that the API fills in when a request leaves them
// out, and drops misspelled ones, which the API ignores.
func normalise(raw json.RawMessage) (json.RawMessage, error) {
	var tree map[string]any
	if err := decode(raw, &struct{}{}, ""); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		problem, _ := jackson.Problem(raw, err)
		return nil, &FilterError{Message: problem}
	}
	dropMisspelled(tree)
	fillBranch(tree)
	out, err := json.Marshal(tree)
	if err != nil {
		return nil, &FilterError{Message: err.Error()}
	}
	return out, nil
}

// dropMisspelled removes fields that differ from a known one in case only: Go
// would read them, the vendor does not.
func dropMisspelled(v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			dropMisspelled(item)
		}
	case map[string]any:
		maps.DeleteFunc(v, func(name string, _ any) bool {
			return slices.ContainsFunc(knownFields, func(known string) bool {
				return known != name && strings.EqualFold(known, name)
			})
		})
		for _, item := range v {
			dropMisspelled(item)
		}
	}
}

// knownFields are the fields that this package reads.
var knownFields = slices.Concat(fieldsOf[branchJSON](), fieldsOf[filterJSON](), fieldsOf[operationJSON](),
	fieldsOf[timePointJSON](), fieldsOf[clockJSON](), fieldsOf[referenceJSON](), fieldsOf[offsetJSON]())

func fieldsOf[T any]() []string {
	var names []string
	for f := range reflect.TypeFor[T]().Fields() {
		names = append(names, f.Tag.Get("json"))
	}
	return names
}

func fillBranch(b map[string]any) {
	if b["filterBranchOperator"] == nil {
		b["filterBranchOperator"] = branchOperator(b["filterBranchType"])
	}
	for _, f := range objects(b, "filters") {
		if op, ok := f["operation"].(map[string]any); ok && op["includeObjectsWithNoValueSet"] == nil {
			op["includeObjectsWithNoValueSet"] = false
		}
	}
	for _, sub := range objects(b, "filterBranches") {
		fillBranch(sub)
	}
}

// objects gives the objects of an array field, which it adds when it is missing.
func objects(b map[string]any, field string) []map[string]any {
	if b[field] == nil {
		b[field] = []any{}
	}
	items, _ := b[field].([]any)
	var out []map[string]any
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

func branchOperator(branchType any) string {
	if branchType == "OR" || branchType == "NOT_ANY" {
		return "OR"
	}
	return "AND"
}
