package mapping

import (
	"slices"
	"time"

	"tandem/internal/core"
)

// FieldDef describes one field or property as a side's schema tells it.
type FieldDef struct {
	Name  string
	Label string
	// Type is the side's own type; FieldType is HubSpot's fieldType.
	Type, FieldType string
	// Length is in characters, 0 where unlimited or unknown. Precision and Scale
	// are the decimal digits in all and behind the point.
	Length, Precision, Scale int
	Required                 bool // must be given on create
	Creatable, Updatable     bool
	Calculated               bool // nobody can write it
	Restricted               bool // only listed options are accepted
	Rich                     bool // the text is HTML
	Share                    bool // the number is a share of one that people see in percent: 0.25 is 25 %
	Money                    bool // the number is an amount in a currency
	Unique                   bool
	// Default is what the side gives a new record that has no other value, where it tells, and
	// Computed that a formula makes such a value.
	Default    string
	Computed   bool
	Options    []Option
	References []string // targets of a reference; User or OWNER for owners
	// Created tells a field from an earlier one of its name, where the side tells.
	Created string
}

// Defaulted reports that a side gives new records a value of the field by itself.
func (d *FieldDef) Defaulted() bool { return d.Default != "" || d.Computed }

// Option is one choice of a picklist or an enumeration.
type Option struct {
	Value, Label string
	Active       bool
}

// FieldMap is one mapping as the settings give it.
type FieldMap struct {
	Salesforce, HubSpot string
	Rule                core.Rule
	// Values maps Salesforce values to HubSpot values, for choices and owners.
	// A value without an entry stands for itself.
	Values map[string]string
	// Reference says what a Salesforce reference carries: id (or blank) or name.
	Reference string
	// Owners pairs users for an owner mapping; nil knows those in Values alone.
	Owners *OwnerBook
	// Stages pairs the stages for the mapping of the stage of deals.
	Stages *StageBook
	// Transform are expressions by the side they make the value for. One alone
	// makes the mapping one-way; with both, each sees only the other's value.
	Transform [2]string
	// Zone is where the day of a moment is taken when a date meets a date-time;
	// nil is UTC.
	Zone *time.Location
}

// Kind is the type of a canonical value.
type Kind string

// Kinds.
const (
	Text      Kind = "text"
	Domain    Kind = "domain" // host name without scheme and www
	Email     Kind = "email"  // lower case, as HubSpot stores a contact's address
	Number    Kind = "number"
	Bool      Kind = "bool"
	Date      Kind = "date"
	DateTime  Kind = "datetime"
	Clock     Kind = "time" // hour of the day, in no zone
	Choice    Kind = "choice"
	Choices   Kind = "choices"
	Reference Kind = "reference"
	Owner     Kind = "owner"
	Stage     Kind = "stage" // where a deal stands: HubSpot's id of the stage
)

// Field is one compiled mapping.
type Field struct {
	// Key names the pair of fields; bases use it. A field that is joined with
	// another one, or with one made anew under the old name, meets it for the first
	// time: compared with what was agreed before, the blank there would pass for a
	// clear.
	Key string
	// Names and Defs are by side.
	Names [2]string
	Defs  [2]FieldDef
	// Rule is the effective rule, which schemas may force (MAP-8, MAP-15).
	Rule core.Rule
	Kind Kind

	zone      *time.Location
	share     bool // HubSpot has a share of one where Salesforce has percent
	plain     bool // one side has HTML and the other the text that people see of it
	values    choiceMap
	owners    *OwnerBook
	stages    *StageBook
	byName    bool
	transform [2]*program
}

// Writable reports whether the side takes a value for the field, on create or on
// update.
func (f *Field) Writable(side core.Side, create bool) bool {
	d := &f.Defs[side]
	switch {
	case d.Calculated:
		return false
	case create:
		return d.Creatable
	}
	return d.Updatable
}

// Money reports amounts: numbers that mean nothing without a currency. One side that says so
// is enough, since the number of the other is the same.
func (f *Field) Money() bool {
	return f.Kind == Number && (f.Defs[core.Salesforce].Money || f.Defs[core.HubSpot].Money)
}

// FieldIssue says why a value cannot go to a side as it is. A refused value must
// not be written; otherwise the value given along was adapted and may be.
type FieldIssue struct {
	Side     core.Side
	Field    string // target field API name
	Category core.Category
	Code     string
	Message  string
	Mend     string
	Rule     string // requirement id
	Refused  bool   // nothing is written to the field
	Told     bool   // it is no issue of the record: nobody has to do anything
}

// Severity ranks a Problem.
type Severity string

// Severities. Only an error disables its mapping.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Problem is something wrong with one mapping of the settings.
type Problem struct {
	// Object is the Salesforce object for which alone the mapping has it, of those that
	// a mapping of people serves; blank otherwise.
	Object     core.Object `json:"object,omitempty"`
	Salesforce string      `json:"salesforce"`
	HubSpot    string      `json:"hubspot"`
	Rule       string      `json:"rule"` // requirement id
	Severity   Severity    `json:"severity"`
	Message    string      `json:"message"`
	Mend       string      `json:"mend"`
}

// Pair names the two fields for people: Phone ⇄ phone, or Lead.Street ⇄ address.
func (p *Problem) Pair() string {
	name := p.Salesforce
	if p.Object != "" {
		name = string(p.Object) + "." + name
	}
	return name + " ⇄ " + p.HubSpot
}

// Mapping is a set of compiled fields of one object pair. It is safe for
// concurrent use.
type Mapping struct {
	Pair   core.Pair
	fields []*Field
	byName [2]map[string]*Field
	reads  [2][]string
}

// Synced are the compiled fields in the order of the settings, those with the
// rule none left out. Canon's results have the same order.
func (m *Mapping) Synced() []*Field {
	if m == nil { // of a type of activities that is off
		return nil
	}
	return m.fields
}

// Field is the synced field with the given API name on a side, or nil. A field
// that no mapping names never starts a sync (TRIG-4).
func (m *Mapping) Field(side core.Side, name string) *Field { return m.byName[side][name] }

// Fields are the API names to read on a side, sorted: the synced fields and those
// that transforms look at. A reference mapped by name is read through its
// relationship (Parent.Name).
func (m *Mapping) Fields(side core.Side) []string { return slices.Clone(m.reads[side]) }

// Canon gives the canonical values of a side's record, one per synced field, and
// which of them the side answered.
func (m *Mapping) Canon(side core.Side, rec core.Record) (values []string, readable []bool) {
	values, readable = make([]string, len(m.Synced())), make([]bool, len(m.Synced()))
	for i, f := range m.Synced() {
		values[i], readable[i] = f.FromRecord(side, &rec)
	}
	return values, readable
}

// Missing lists the fields that a side demands on create and that the values, by
// API name, leave blank (ERR-9).
func Missing(side core.Side, defs []FieldDef, values map[string]string) []FieldIssue {
	var out []FieldIssue
	for i := range defs {
		d := &defs[i]
		if d.Required && d.Creatable && !d.Calculated && values[d.Name] == "" {
			out = append(out, *issueRequired(side, d))
		}
	}
	return out
}
