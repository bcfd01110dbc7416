package hubspotsim

import "sort"

// Property types of the vendor's properties guide.
const (
	typeString      = "string"
	typeNumber      = "number"
	typeBool        = "bool"
	typeEnumeration = "enumeration"
	typeDate        = "date"
	typeDatetime    = "datetime"
	typePhone       = "phone_number"
)

// numberDisplay are the ways in which the app shows a number. A percentage is kept as
// a share of one: 0.25 is shown as 25 %.
var numberDisplay = []string{"unformatted", "formatted", "currency", "percentage", "duration", "probability"}

// option is one choice of an enumeration; Value is what records hold.
type option struct {
	Label        string `json:"label"`
	Value        string `json:"value"`
	Description  string `json:"description,omitempty"`
	DisplayOrder int    `json:"displayOrder"`
	Hidden       bool   `json:"hidden"`
}

// property is a definition. Its id is the place in the schema's list and never
// changes, so values of an archived property do not come back under a new
// property of the same name.
type property struct {
	id                                           uint16
	name, label, kind, field, description, group string
	options                                      []option
	order                                        int
	calculated, external, unique, hidden         bool
	vendor, readOnly, readOnlyDefinition         bool
	formField, currency                          bool
	readOnlyOptions                              *bool  // nil where a definition does not say
	refers                                       string // OWNER, COMPANY
	shown                                        string // numberDisplayHint: how the app shows a number
	sensitivity                                  string
	createdBy                                    string
	created, updated, archived                   int64 // ms; archived 0 while in use
	derive                                       func(v view) string
	rules                                        []valueRule // what an administrator asks of values
}

func (d *property) multiple() bool { return d.kind == typeEnumeration && d.field == "checkbox" }

func (d *property) writable() bool { return !d.calculated && !d.readOnly }

func (d *property) option(value string) bool {
	for i := range d.options {
		if d.options[i].Value == value {
			return true
		}
	}
	return false
}

// group is a property group.
type group struct {
	Name         string `json:"name"`
	Label        string `json:"label"`
	DisplayOrder int    `json:"displayOrder"`
	Archived     bool   `json:"archived"`
}

// schema holds the properties of one object type.
type schema struct {
	list   []*property
	byName map[string]*property
	groups []*group
	inUse  []*property // by name; nil after a change
}

func newSchema() *schema { return &schema{byName: map[string]*property{}} }

func (s *schema) add(d *property) *property {
	d.id = uint16(len(s.list))
	s.list = append(s.list, d)
	s.byName[d.name] = d
	s.inUse = nil
	return d
}

// live lists the properties in use by name.
func (s *schema) live() []*property {
	if s.inUse == nil {
		s.inUse = s.sorted(false)
	}
	return s.inUse
}

// find gives a property in use.
func (s *schema) find(name string) *property {
	if d := s.byName[name]; d != nil && d.archived == 0 {
		return d
	}
	return nil
}

func (s *schema) group(name string) *group {
	for _, g := range s.groups {
		if g.Name == name && !g.Archived {
			return g
		}
	}
	return nil
}

func (s *schema) uniques() int {
	n := 0
	for _, d := range s.list {
		if d.unique && d.archived == 0 && !d.vendor {
			n++
		}
	}
	return n
}

// sorted gives the properties in use, or the archived ones, by name.
func (s *schema) sorted(archived bool) []*property {
	out := make([]*property, 0, len(s.list))
	for _, d := range s.list {
		if (d.archived != 0) == archived {
			out = append(out, d)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out
}
