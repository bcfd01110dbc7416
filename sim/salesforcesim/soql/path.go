package soql

import (
	"slices"
	"strings"
)

// Limits of relationship paths (SOQL and SOSL Reference, "Understanding Relationship Query Limitations").
const (
	maxLevels        = 5
	maxRelationships = 55
	maxSubSelects    = 20
	maxSemiJoins     = 2
)

const (
	hintColumn = " If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. " +
		"Please reference your WSDL or the describe call for the appropriate names."
	hintObject = " If you are attempting to use a custom object, be sure to append the '__c' after the entity name. " +
		"Please reference your WSDL or the describe call for the appropriate names."
	hintRelationship = " If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. " +
		"Please reference your WSDL or the describe call for the appropriate names."
)

// boundPath is a field path resolved against the schema.
type boundPath struct {
	hops []hop
	leaf leaf
}

// hop follows one relationship upwards.
type hop struct {
	relationship string // canonical
	from         []placedField
	targets      []*Object // several if the relationship is polymorphic
}

// leaf is the field at the end of a path, which may differ between the objects of a polymorphic parent.
type leaf struct {
	name     string // canonical
	fields   []placedField
	typeName bool // the object's name itself: Owner.Type
}

// placedField is a field with the object that has it.
type placedField struct {
	object *Object
	field  *Field
}

func fieldOf(fields []placedField, object *Object) *Field {
	for _, f := range fields {
		if f.object == object || f.object.Name == object.Name {
			return f.field
		}
	}
	return nil
}

// polymorphicFields can be reached on a parent of several possible objects (the fields of the Name object).
var polymorphicFields = map[string]bool{"id": true, "name": true, "type": true, "firstname": true, "lastname": true,
	"email": true, "phone": true, "username": true, "isactive": true, "alias": true, "title": true, "profileid": true,
	"userroleid": true}

// scope resolves names within one FROM clause.
type scope struct {
	binder *binder
	query  *Query
	object *Object
}

// strip removes the alias or the object name that a path may begin with.
func (s *scope) strip(path []name) []name {
	for range len(s.query.aliases) + 1 {
		a, ok := s.alias(path)
		if !ok {
			break
		}
		path = append(slices.Clone(a.path), path[1:]...)
	}
	_, isRelationship := s.object.byRel[strings.ToLower(path[0].text)]
	if len(path) > 1 && !isRelationship && strings.EqualFold(path[0].text, s.object.Name) {
		return path[1:]
	}
	return path
}

func (s *scope) alias(path []name) (alias, bool) {
	if len(path) < 2 {
		return alias{}, false
	}
	i := slices.IndexFunc(s.query.aliases, func(a alias) bool { return strings.EqualFold(a.name, path[0].text) })
	if i < 0 {
		return alias{}, false
	}
	return s.query.aliases[i], true
}

// isSelf reports whether a name before a dot means the object of FROM; no name does.
func (s *scope) isSelf(n name) bool {
	a, ok := s.alias([]name{n, n})
	return n.text == "" || strings.EqualFold(n.text, s.object.Name) || ok && len(a.path) == 0
}

// resolve binds a path that begins at the object of FROM.
func (s *scope) resolve(path []name) (boundPath, error) {
	return s.resolveFrom([]*Object{s.object}, s.strip(path), path[0].pos)
}

// resolveFrom binds a path that begins at any of the objects; pos is where errors point.
func (s *scope) resolveFrom(objects []*Object, path []name, pos int) (boundPath, error) {
	if len(path)-1 > maxLevels {
		return boundPath{}, s.fail(pos, codeMalformed, "SOQL relationships cannot be more than 5 levels deep")
	}
	var b boundPath
	for _, n := range path[:len(path)-1] {
		h, err := s.hop(objects, n, pos)
		if err != nil {
			return b, err
		}
		b.hops = append(b.hops, h)
		objects = h.targets
	}
	err := s.bindLeaf(&b, objects, path[len(path)-1], pos)
	return b, err
}

func (s *scope) fail(pos int, code, message string) error {
	return errorAt(s.query.Text, pos, code, message)
}

// hop follows relationship n from every object it exists on.
func (s *scope) hop(objects []*Object, n name, pos int) (hop, error) {
	h := hop{}
	for _, o := range objects {
		f, ok := o.byRel[strings.ToLower(n.text)]
		if !ok {
			continue
		}
		h.relationship = f.Relationship
		h.from = append(h.from, placedField{o, f})
		h.targets = s.binder.addObjects(h.targets, f.ReferenceTo)
	}
	if len(h.targets) == 0 {
		return h, s.fail(pos, codeField, "Didn't understand relationship '"+n.text+"' in field path."+hintRelationship)
	}
	return h, s.binder.countRelationship(s, h, pos)
}

// bindLeaf finds the last field of a path.
func (s *scope) bindLeaf(b *boundPath, objects []*Object, n name, pos int) error {
	polymorphic := len(objects) > 1
	if strings.EqualFold(n.text, "Type") && polymorphic {
		b.leaf = leaf{name: "Type", typeName: true}
		return nil
	}
	for _, o := range objects {
		if f, ok := o.Field(n.text); ok && (!polymorphic || polymorphicFields[strings.ToLower(f.Name)]) {
			b.leaf.name = f.Name
			b.leaf.fields = append(b.leaf.fields, placedField{o, f})
		}
	}
	if len(b.leaf.fields) == 0 {
		entity := objects[0].Name
		if polymorphic {
			entity = "Name"
		}
		return s.fail(pos, codeField, "No such column '"+n.text+"' on entity '"+entity+"'."+hintColumn)
	}
	return nil
}

// field is the field of the leaf; of a polymorphic parent, the first one.
func (b boundPath) field() *Field {
	if len(b.leaf.fields) == 0 {
		return nil
	}
	return b.leaf.fields[0].field
}

// dotted is the canonical spelling of the path.
func (b boundPath) dotted() string {
	var parts []string
	for _, h := range b.hops {
		parts = append(parts, h.relationship)
	}
	return strings.Join(append(parts, b.leaf.name), ".")
}

// at is a row with the object it is of, inside one run.
type at struct {
	source Source
	object *Object
	row    Row
	group  *group // the group that HAVING looks at
}

// climb follows the hops to the parent row; false if some parent is missing.
func (c at) climb(hops []hop) (at, bool) {
	for _, h := range hops {
		next, ok := c.parent(h)
		if !ok {
			return c, false
		}
		c = next
	}
	return c, true
}

func (c at) parent(h hop) (at, bool) {
	f := fieldOf(h.from, c.object)
	if f == nil {
		return c, false
	}
	id := c.row.Get(f).Str()
	if id == "" {
		return c, false
	}
	for _, o := range h.targets {
		if row, ok := c.source.Lookup(o, id); ok {
			return at{source: c.source, object: o, row: row}, true
		}
	}
	return c, false
}

func (c at) leafValue(l leaf) Value {
	if l.typeName {
		return Text(c.object.Name)
	}
	if f := fieldOf(l.fields, c.object); f != nil {
		return c.row.Get(f)
	}
	return Null()
}

// value follows the whole path; a missing parent gives null.
func (b boundPath) value(c at) Value {
	if len(b.hops) == 0 && len(b.leaf.fields) == 1 {
		return c.row.Get(b.leaf.fields[0].field)
	}
	parent, ok := c.climb(b.hops)
	if !ok {
		return Null()
	}
	return parent.leafValue(b.leaf)
}
