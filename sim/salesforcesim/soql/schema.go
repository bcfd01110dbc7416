package soql

import "strings"

// Schema tells which objects a query may name. It answers for one user: what the user may not see is absent.
type Schema interface {
	// Object finds an object by its API name in any case.
	Object(name string) (*Object, bool)
}

// Object is one sObject as a query sees it. Build it with [NewObject]; it is immutable and safe for concurrent use.
type Object struct {
	Name     string  // canonical API name
	Fields   []Field // in the order in which FIELDS(ALL) lists them
	Children []Child

	byName  map[string]*Field // lower-case field name
	byRel   map[string]*Field // lower-case relationship name → its reference field
	byChild map[string]*Child // lower-case child relationship name
}

// Field is one field of an object.
type Field struct {
	Name          string   // canonical API name
	Type          string   // describe type: id, reference, string, boolean, int, double, datetime, picklist …
	Custom        bool     // for FIELDS(CUSTOM) and FIELDS(STANDARD)
	Slot          int      // free for the store; soql only carries it
	Relationship  string   // name of the parent relationship ("Account", "Parent__r"); empty if the field has none
	ReferenceTo   []string // parent objects; several make the relationship polymorphic
	CaseSensitive bool     // compare text exactly (a case-sensitive unique field)
	NoFilter      bool     // not allowed in WHERE (long text areas)
	NoSort        bool     // not allowed in ORDER BY
	NoGroup       bool     // not allowed in GROUP BY
}

// Child is a child relationship: Relationship "Contacts" of Account is Object "Contact", Field "AccountId".
type Child struct {
	Relationship string
	Object       string
	Field        string
}

// NewObject indexes an object's fields and child relationships by name.
func NewObject(name string, fields []Field, children []Child) *Object {
	o := &Object{Name: name, Fields: fields, Children: children,
		byName: make(map[string]*Field, len(fields)), byRel: map[string]*Field{}, byChild: map[string]*Child{}}
	for i := range fields {
		f := &fields[i]
		o.byName[strings.ToLower(f.Name)] = f
		if f.Relationship != "" {
			o.byRel[strings.ToLower(f.Relationship)] = f
		}
	}
	for i := range children {
		o.byChild[strings.ToLower(children[i].Relationship)] = &children[i]
	}
	return o
}

// Field finds a field by name in any case.
func (o *Object) Field(name string) (*Field, bool) {
	f, ok := o.byName[strings.ToLower(name)]
	return f, ok
}

// Source hands out the rows of one org as one user sees them. Whether deleted rows are among them (queryAll) is the
// source's business, as is the order of a scan, which must not change between two scans of the same data.
type Source interface {
	// Scan yields the rows of an object until yield returns false. Every probe holds for every row of the result, so the
	// source may use whichever it has an index for and ignore the rest; each row is checked in full afterwards.
	Scan(object *Object, probes []Probe, yield func(Row) bool)
	// Lookup finds one row of an object by its 18-character id.
	Lookup(object *Object, id string) (Row, bool)
}

// Row is one record. It must stay readable for as long as the query runs.
type Row interface {
	ID() string
	Get(field *Field) Value
}

// Probe says what is known of a field of every row of the result: its value is one of In, or lies within [Low, High]
// (a null bound is open). In has no value twice. Text in In is in the case of the query; for fields that are not case-sensitive compare folded.
// Ids are in their 18-character form.
type Probe struct {
	Field     *Field
	In        []Value // nil if the probe is a range
	Low, High Value
}
