package salesforcesim

import (
	"strings"
	"sync"

	"tandem/sim/salesforcesim/soql"
)

// right is a set of object rights.
type right uint8

const (
	mayRead right = 1 << iota
	mayCreate
	mayEdit
	mayDelete
	mayViewAll
	mayModifyAll
)

var rightColumns = []struct {
	column string
	right  right
}{
	{"PermissionsRead", mayRead}, {"PermissionsCreate", mayCreate}, {"PermissionsEdit", mayEdit}, {"PermissionsDelete", mayDelete},
	{"PermissionsViewAllRecords", mayViewAll}, {"PermissionsModifyAllRecords", mayModifyAll},
}

var systemPermissions = []string{permAPI, permViewAll, permModifyAll, permCustomize, permManageSets, permManageUsers, permHardDelete, permDecrypt}

// access is what one user may see and do: the union of the user's permission
// sets, the profile's own among them. It is rebuilt when rules change.
type access struct {
	user    *record
	rules   uint64
	objects map[*object]right
	reads   map[*field]bool
	edits   map[*field]bool
	system  map[string]bool
	schema  map[string]*soql.Object // what SOQL sees, by lower-case name
	// described are answers to describe, by where they are asked for: whatever changes one
	// changes the rules as well.
	described sync.Map
}

// accessOf gives the rights of a user. The caller holds the org's lock.
func (o *Org) accessOf(userID string) *access {
	o.accessMu.Lock()
	defer o.accessMu.Unlock()
	if a := o.accesses[userID]; a != nil && a.rules == o.rules {
		return a
	}
	a := o.buildAccess(userID)
	o.accesses[userID] = a
	return a
}

func (o *Org) buildAccess(userID string) *access {
	a := &access{user: o.find(userID), rules: o.rules, objects: map[*object]right{}, reads: map[*field]bool{}, edits: map[*field]bool{}, system: map[string]bool{}}
	for _, set := range o.setsOf(userID) {
		o.addSet(a, set)
	}
	if a.system[permViewAll] {
		o.grantAllObjects(a, mayRead|mayViewAll)
	}
	if a.system[permModifyAll] {
		o.grantAllObjects(a, mayRead|mayViewAll|mayCreate|mayEdit|mayDelete|mayModifyAll)
	}
	a.schema = o.soqlSchema(a)
	return a
}

func (o *Org) grantAllObjects(a *access, r right) {
	for _, ob := range o.objects {
		if !ob.setup {
			a.objects[ob] |= r
		}
	}
}

// setsOf lists the permission sets assigned to a user.
func (o *Org) setsOf(userID string) []*record {
	var sets []*record
	assignments := o.objects["permissionsetassignment"]
	for _, r := range assignments.records.withValue(assignments.field("AssigneeId"), strings.ToLower(userID)) {
		if set := o.find(r.named("PermissionSetId").Str()); set != nil && !r.deleted {
			sets = append(sets, set)
		}
	}
	return sets
}

func (o *Org) addSet(a *access, set *record) {
	for _, p := range systemPermissions {
		if set.named(p).Bool() {
			a.system[p] = true
		}
	}
	objects := o.objects["objectpermissions"]
	for _, r := range objects.records.withValue(objects.field("ParentId"), strings.ToLower(set.id)) {
		ob := o.sobject(r.named("SobjectType").Str())
		for _, c := range rightColumns {
			if ob != nil && r.named(c.column).Bool() {
				a.objects[ob] |= c.right
			}
		}
	}
	fields := o.objects["fieldpermissions"]
	for _, r := range fields.records.withValue(fields.field("ParentId"), strings.ToLower(set.id)) {
		f := o.fieldNamed(r.named("Field").Str())
		if f == nil {
			continue
		}
		a.reads[f] = a.reads[f] || r.named("PermissionsRead").Bool()
		a.edits[f] = a.edits[f] || r.named("PermissionsEdit").Bool()
	}
}

// fieldNamed resolves "Account.Industry".
func (o *Org) fieldNamed(full string) *field {
	object, name, _ := strings.Cut(full, ".")
	if ob := o.objects[strings.ToLower(object)]; ob != nil {
		return ob.field(name)
	}
	return nil
}

// may reports an object right. Configuration is readable by all; writing it
// takes a system permission.
func (a *access) may(ob *object, r right) bool {
	if ob.absent {
		return false
	}
	if !ob.setup {
		return a.objects[ob]&r == r
	}
	if r == mayRead || r == mayViewAll {
		return true
	}
	return a.system[setupRight(ob.name)]
}

func setupRight(object string) string {
	switch object {
	case "PermissionSet", "PermissionSetAssignment", "ObjectPermissions", "FieldPermissions":
		return permManageSets
	case "User", "Group", "QueueSobject":
		return permManageUsers
	}
	return permCustomize
}

// governed gives the field that field-level security looks at: the compound
// for the parts of an address, the contact's for those of a person account,
// otherwise the field itself.
func (f *field) governed() *field {
	if f.person != nil {
		return f.person.governed()
	}
	if f.compound != "" {
		if whole := f.object.field(f.compound); whole != nil {
			return whole
		}
	}
	return f
}

func (a *access) seesField(f *field) bool {
	g := f.governed()
	return f.object.setup || !g.permissionable || a.reads[g]
}

func (a *access) editsField(f *field) bool {
	g := f.governed()
	return f.object.setup || !g.permissionable || a.edits[g]
}

// field finds a field by name if the user may see it.
func (a *access) field(ob *object, name string) *field {
	f := ob.field(name)
	if f == nil || !a.seesField(f) {
		return nil
	}
	return f
}

// soqlSchema builds the objects and fields that a user's queries may name.
func (o *Org) soqlSchema(a *access) map[string]*soql.Object {
	out := make(map[string]*soql.Object, len(o.objects))
	for key, ob := range o.objects {
		if a.may(ob, mayRead) {
			out[key] = soql.NewObject(ob.name, o.soqlFields(a, ob), o.soqlChildren(a, ob))
		}
	}
	return out
}

func (o *Org) soqlFields(a *access, ob *object) []soql.Field {
	fields := make([]soql.Field, 0, len(ob.fields))
	for _, f := range ob.fields {
		if !a.seesField(f) {
			continue
		}
		sf := soql.Field{Name: f.name, Type: f.typ, Custom: f.custom, Slot: f.idx, CaseSensitive: f.caseSensitive,
			NoFilter: f.opaque(), NoSort: f.opaque() || f.typ == "multipicklist",
			NoGroup: !f.groupable()}
		for _, target := range f.refTo {
			if o.objects[strings.ToLower(target)] != nil {
				sf.ReferenceTo = append(sf.ReferenceTo, target)
			}
		}
		if len(sf.ReferenceTo) > 0 {
			sf.Relationship = f.relation
		}
		fields = append(fields, sf)
	}
	return fields
}

func (f *field) long() bool { return f.typ == "textarea" && f.length > 255 }

func (o *Org) soqlChildren(a *access, ob *object) []soql.Child {
	var out []soql.Child
	for _, f := range ob.children {
		if a.may(f.object, mayRead) && a.seesField(f) {
			out = append(out, soql.Child{Relationship: f.childRelation, Object: f.object.name, Field: f.name})
		}
	}
	return out
}

// Object makes access a [soql.Schema].
func (a *access) Object(name string) (*soql.Object, bool) {
	ob, ok := a.schema[strings.ToLower(name)]
	return ob, ok
}
