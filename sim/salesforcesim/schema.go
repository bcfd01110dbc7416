package salesforcesim

import (
	"slices"
	"sort"
	"strings"
)

// system says which part of a record a field reads instead of a stored cell.
type system uint8

const (
	sysNone system = iota
	sysID
	sysDeleted
	sysCreated
	sysCreatedBy
	sysModified
	sysModifiedBy
	sysStamp
)

// pick is one entry of a picklist.
type pick struct {
	value     string
	label     string // the value when empty
	byDefault bool
	inactive  bool
	validFor  []string // of a dependent picklist: the controlling values it goes with
}

// field is one column of an object, with what describe says of it.
type field struct {
	name, label, typ string
	object           *object
	idx              int // place in a record's cells; stable for the life of the org
	length           int // characters
	precision, scale int
	refTo            []string
	relation         string // name of the path to the parent, "Account" for AccountId
	childRelation    string // name of the path back, "Contacts"
	cascade          bool   // the children go with the parent
	restricts        bool   // the parent stays while there are children
	cleared          bool   // it is cleared when the parent is deleted
	restored         bool   // and filled again when the parent comes back
	compound         string // the compound field this one is a part of
	picks            []pick
	controller       string // name of the field that controls a dependent picklist
	def              value  // on create when none is given
	compute          func(*Org, *record) value
	formula          *formula
	numbering        *numbering // of an auto-number field
	visibleLines     int        // of a multi-select picklist
	bound            float64    // of a part of a geolocation: how far it goes from zero
	decimal          bool       // of a geolocation: shown in decimal degrees
	mask             *mask      // of encrypted text
	html             bool       // of a text area: rich text
	sys              system
	id               string // 00N… of a custom field
	person           *field // the contact's column that this one of an account shows
	help             string

	required, createable, updateable             bool
	custom, externalID, unique, caseSensitive    bool
	nameField, restricted, permissionable, quiet bool
	defaulted                                    bool
	indexed                                      bool
	once                                         bool // computed, but a create may give it
}

// object is one kind of record.
type object struct {
	name, label, plural, prefix string
	fields                      []*field // in describe order
	indexed                     []*field // the fields that tables index
	byName                      map[string]*field
	byRelation                  map[string]*field
	children                    []*field // the reference fields that point here, with a child relation
	records                     *table
	slots                       []*field // by cell number

	createable, updateable, deletable, undeletable bool
	mergeable, replicateable, triggerable, custom  bool
	absent                                         bool // of a feature that the org does not have
	tooling                                        bool // served under /tooling as well
	event                                          bool // a platform event, which can be published and described and no more
	afterCommit                                    bool // of a platform event: published once its transaction is committed, if it is
	setup                                          bool // configuration, not data: no recycle bin, no events
	layoutable, searchable                         bool
	masks                                          bool  // some field is encrypted text
	changed                                        int64 // unix second of the last schema change
}

func (ob *object) field(name string) *field { return ob.byName[strings.ToLower(name)] }

// add puts a field at the end: describe order is the order of creation.
func (ob *object) add(f *field) {
	f.object = ob
	f.idx = len(ob.slots)
	ob.slots = append(ob.slots, f)
	ob.fields = append(ob.fields, f)
	ob.register(f)
}

// addAfter puts a field behind another one in describe order.
func (ob *object) addAfter(name string, f *field) {
	ob.add(f)
	at := 0
	for i, have := range ob.fields {
		if have.name == name {
			at = i + 1
		}
	}
	copy(ob.fields[at+1:], ob.fields[at:len(ob.fields)-1])
	ob.fields[at] = f
}

func (ob *object) register(f *field) {
	ob.byName[strings.ToLower(f.name)] = f
	if f.relation != "" {
		ob.byRelation[strings.ToLower(f.relation)] = f
	}
	if f.wantsIndex() {
		f.indexed = true
		ob.indexed = append(ob.indexed, f)
	}
}

// reindexField brings the list of indexed fields in line with a field whose
// definition changed.
func (ob *object) reindexField(f *field) {
	ob.indexed = slices.DeleteFunc(slices.Clone(ob.indexed), func(have *field) bool { return have == f })
	if f.indexed {
		ob.indexed = append(ob.indexed, f)
	}
}

// wantsIndex keeps owners out: a few owners have all the rows, so an index
// would cost more than it finds.
func (f *field) wantsIndex() bool {
	if f.compute != nil || f.formula != nil || f.sys != sysNone {
		return false
	}
	return f.indexed || f.idLookup() || f.nameField || f.typ == "reference" && f.name != "OwnerId"
}

// drop removes a field from the schema; its cells stay and are never read.
func (ob *object) drop(f *field) {
	delete(ob.byName, strings.ToLower(f.name))
	if f.relation != "" {
		delete(ob.byRelation, strings.ToLower(f.relation))
	}
	ob.fields = slices.DeleteFunc(slices.Clone(ob.fields), func(have *field) bool { return have == f })
	ob.indexed = slices.DeleteFunc(slices.Clone(ob.indexed), func(have *field) bool { return have == f })
}

// idLookup reports whether a record may be addressed by this field in an
// upsert: external ids, unique fields, the name of some objects, e-mail.
func (f *field) idLookup() bool {
	return f.sys == sysID || f.externalID || f.unique || f.typ == "email" && !f.custom && f.person == nil ||
		f.nameField && f.compute == nil && (f.object.setup || f.object.custom)
}

func (f *field) nillable() bool {
	if f.nameField && f.object.custom {
		return true // the org names a record by its id where none is given
	}
	return !f.required && !f.defaulted && f.typ != "boolean" && f.sys == sysNone
}

// text reports whether values are strings that Salesforce trims and measures.
func (f *field) text() bool {
	switch f.typ {
	case "string", "textarea", "phone", "url", "email", "picklist", "multipicklist", "combobox", "encryptedstring":
		return true
	}
	return false
}

// newSchema builds the standard objects of an org and ties references to the
// objects they point at.
func newSchema() map[string]*object {
	all := map[string]*object{}
	for _, spec := range append(standardObjects(), currencyObjects()...) {
		all[strings.ToLower(spec.name)] = spec.build()
	}
	limitCalls(all)
	for _, name := range sortedKeys(all) {
		for _, f := range all[name].fields {
			tieChild(all, f)
		}
	}
	return all
}

// limitCalls takes from objects the calls that the Object Reference does not list
// under their "Supported Calls", and gives set-up objects those that it lists.
func limitCalls(all map[string]*object) {
	for _, name := range []string{"user", "businessprocess", "recordtype"} {
		all[name].deletable = false
	}
	for _, name := range []string{"opportunitycontactrole", "campaignmember", "pricebookentry", "opportunitylineitem"} {
		all[name].undeletable = false
	}
	for _, name := range []string{"eventrelation", "taskrelation"} {
		all[name].undeletable, all[name].searchable, all[name].layoutable = false, false, false
	}
	for _, name := range []string{"user", "group", "queuesobject", "recordtype", "businessprocess", "organization", "profile", "userrole"} {
		all[name].replicateable = true
	}
	for _, name := range []string{"opportunitystage", "leadstatus", "taskstatus", "casestatus"} {
		all[name].replicateable = false
	}
	all["queuesobject"].updateable, all["taskrelation"].updateable = false, false
}

// tieChild makes a reference field known to the objects it points at.
func tieChild(all map[string]*object, f *field) {
	if f.childRelation == "" {
		return
	}
	for _, target := range f.refTo {
		if parent := all[strings.ToLower(target)]; parent != nil {
			parent.children = append(parent.children, f)
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// objectSpec is the declaration of a standard object.
type objectSpec struct {
	name, plural, prefix string
	label                string
	kind                 string // "data", "setup", "readonly"
	cdc, merge           bool
	noLayout             bool
	tooling              bool
	absent               bool
	fields               []field
}

// build makes the object with its system columns around the declared ones.
// The order is the vendor's: identity first, audit columns in the place the
// declaration marks with the pseudo field "audit", or at the end.
func (s objectSpec) build() *object {
	ob := &object{
		name: s.name, label: s.label, plural: s.plural, prefix: s.prefix,
		byName: map[string]*field{}, byRelation: map[string]*field{}, records: newTable(),
		createable: s.kind != "readonly", updateable: s.kind != "readonly", deletable: s.kind == "data" || s.kind == "setup",
		undeletable: s.kind == "data", replicateable: s.kind != "setup", triggerable: s.cdc, mergeable: s.merge,
		setup: s.kind != "data", tooling: s.tooling, absent: s.absent, layoutable: !s.noLayout && s.kind == "data", searchable: s.kind == "data",
	}
	if ob.label == "" {
		ob.label = s.name
	}
	ob.add(&field{name: "Id", label: ob.label + " ID", typ: "id", length: 18, sys: sysID, defaulted: true})
	if s.kind == "data" {
		ob.add(&field{name: "IsDeleted", label: "Deleted", typ: "boolean", sys: sysDeleted, defaulted: true, quiet: true})
	}
	audited := false
	for i := range s.fields {
		if s.fields[i].name == "audit" {
			addAudit(ob)
			audited = true
			continue
		}
		f := s.fields[i]
		ob.add(&f)
	}
	if !audited {
		addAudit(ob)
	}
	return ob
}

// addAudit adds the columns that every object carries and nobody writes.
func addAudit(ob *object) {
	ob.add(&field{name: "CreatedDate", label: "Created Date", typ: "datetime", sys: sysCreated, defaulted: true})
	ob.add(&field{name: "CreatedById", label: "Created By ID", typ: "reference", length: 18, refTo: []string{"User"},
		relation: "CreatedBy", sys: sysCreatedBy, defaulted: true})
	ob.add(&field{name: "LastModifiedDate", label: "Last Modified Date", typ: "datetime", sys: sysModified, defaulted: true})
	ob.add(&field{name: "LastModifiedById", label: "Last Modified By ID", typ: "reference", length: 18, refTo: []string{"User"},
		relation: "LastModifiedBy", sys: sysModifiedBy, defaulted: true})
	ob.add(&field{name: "SystemModstamp", label: "System Modstamp", typ: "datetime", sys: sysStamp, defaulted: true, quiet: true})
}
