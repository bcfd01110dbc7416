package segment

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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

func (e *FilterError) Error() string {
	if e.Path == "" {
		return e.Message
	}
	return e.Path + ": " + e.Message
}

// Filter is a checked filter tree. It is immutable and safe for concurrent use.
type Filter struct {
	objectTypeID string
	root         node
	normalised   json.RawMessage
	lists        []string   // lists it asks about
	paths        [][]string // chains of associated object types it looks at
	timed        bool       // depends on the moment of evaluation
}

// node is one condition of a tree.
type node interface {
	matches(r Record, e *Env) bool
}

// Parse reads and checks a filterBranch object for records of objectTypeID: the
// root must be an OR of ANDs. Its error is a *FilterError.
func Parse(objectTypeID string, raw json.RawMessage) (*Filter, error) {
	p := &parser{objectTypes: []string{objectTypeID}}
	var b branchJSON
	if err := decode(raw, &b, ""); err != nil {
		return nil, err
	}
	if err := checkRoot(b); err != nil {
		return nil, err
	}
	root, err := p.branch(raw, "")
	if err != nil {
		return nil, err
	}
	normalised, err := normalise(raw)
	if err != nil {
		return nil, err
	}
	return &Filter{objectTypeID: objectTypeID, root: root, normalised: normalised,
		lists: p.lists, paths: p.paths, timed: p.timed}, nil
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
	return &FilterError{Path: at, Message: err.Error()}
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

// normalise adds the fields that the API fills in when a request leaves them out.
func normalise(raw json.RawMessage) (json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var tree map[string]any
	if err := d.Decode(&tree); err != nil {
		return nil, &FilterError{Message: err.Error()}
	}
	fillBranch(tree)
	out, err := json.Marshal(tree)
	if err != nil {
		return nil, &FilterError{Message: err.Error()}
	}
	return out, nil
}

func fillBranch(b map[string]any) {
	if _, ok := b["filterBranchOperator"]; !ok {
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
	items, ok := b[field].([]any)
	if !ok {
		b[field] = []any{}
	}
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
