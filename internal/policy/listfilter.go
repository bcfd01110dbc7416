package policy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// ListFilter is the definition of an active HubSpot list in a form that can be
// evaluated on a contact's new values, before HubSpot has done so (INC-6).
type ListFilter struct {
	root       branch
	properties []string
}

// Unreadable says why a list's filters cannot be evaluated here, so that
// membership must be asked of HubSpot.
type Unreadable struct{ Reason string }

// Error is the reason.
func (u *Unreadable) Error() string { return "read list filter: " + u.Reason }

func unreadable(format string, args ...any) *Unreadable {
	return &Unreadable{fmt.Sprintf(format, args...)}
}

// Getter answers the value of a property, "" for blank; ok is false where the
// side did not answer it.
type Getter func(property string) (value string, ok bool)

// maxDepth bounds the nesting of branches.
const maxDepth = 20

// branch is a node of the tree: its filters and sub-branches under one operator.
type branch struct {
	any     bool // OR, else AND
	negate  bool
	filters []propertyFilter
	subs    []branch
}

// branchOperators are the branch types that look at the record alone (lists
// guide, filter branches).
var branchOperators = map[string]branch{
	"OR": {any: true}, "AND": {}, "NOT_ANY": {any: true, negate: true}, "NOT_ALL": {negate: true},
}

type branchJSON struct {
	Type     string       `json:"filterBranchType"`
	Branches []branchJSON `json:"filterBranches"`
	Filters  []filterJSON `json:"filters"`
}

type filterJSON struct {
	Type      string        `json:"filterType"`
	Property  string        `json:"property"`
	Operation operationJSON `json:"operation"`
}

// ParseListFilter reads a filter tree as the lists API answers it. The error is
// an *Unreadable where the tree holds anything but comparisons of the record's
// own present property values with fixed values: events, other lists,
// associated records, history, and dates, whose answer changes with the clock.
func ParseListFilter(filters []byte) (*ListFilter, error) {
	var tree branchJSON
	if err := json.Unmarshal(filters, &tree); err != nil {
		return nil, unreadable("it is not a filter tree: %v", err)
	}
	l := &ListFilter{}
	root, err := l.branch(tree, 0)
	if err != nil {
		return nil, err
	}
	l.root = root
	slices.Sort(l.properties)
	l.properties = slices.Compact(l.properties)
	return l, nil
}

func (l *ListFilter) branch(tree branchJSON, depth int) (branch, error) {
	b, ok := branchOperators[strings.ToUpper(tree.Type)]
	switch {
	case !ok:
		return branch{}, unreadable("a branch of type %q looks beyond the record", tree.Type)
	case depth > maxDepth:
		return branch{}, unreadable("it is nested more than %d levels", maxDepth)
	}
	for _, f := range tree.Filters {
		parsed, err := parseFilter(f)
		if err != nil {
			return branch{}, err
		}
		b.filters = append(b.filters, parsed)
		l.properties = append(l.properties, f.Property)
	}
	for _, sub := range tree.Branches {
		parsed, err := l.branch(sub, depth+1)
		if err != nil {
			return branch{}, err
		}
		b.subs = append(b.subs, parsed)
	}
	return b, nil
}

func parseFilter(f filterJSON) (propertyFilter, error) {
	if !strings.EqualFold(f.Type, "PROPERTY") {
		return propertyFilter{}, unreadable("a filter of type %q looks beyond the record's properties", f.Type)
	}
	if f.Property == "" {
		return propertyFilter{}, unreadable("a property filter names no property")
	}
	return parseOperation(f.Property, f.Operation)
}

// Properties are the properties that the filter looks at, sorted.
func (l *ListFilter) Properties() []string { return slices.Clone(l.properties) }

// Eval says whether a record with these values is in the list. It is unknown
// where a property that decides was not answered.
func (l *ListFilter) Eval(values Getter) Membership { return l.root.eval(values) }

// eval is three-valued: an unknown part matters only where the known parts leave
// the answer open.
func (b *branch) eval(values Getter) Membership {
	decisive, rest := NotMember, Member
	if b.any {
		decisive, rest = Member, NotMember
	}
	answer := rest
	note := func(m Membership) {
		if m == decisive || m == UnknownMembership && answer != decisive {
			answer = m
		}
	}
	for i := range b.filters {
		note(b.filters[i].eval(values))
	}
	for i := range b.subs {
		note(b.subs[i].eval(values))
	}
	if b.negate {
		return opposite(answer)
	}
	return answer
}

func opposite(m Membership) Membership {
	switch m {
	case Member:
		return NotMember
	case NotMember:
		return Member
	}
	return m
}

func memberIf(yes bool) Membership {
	if yes {
		return Member
	}
	return NotMember
}
