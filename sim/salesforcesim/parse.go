package salesforcesim

import (
	"strings"

	"tandem/sim/salesforcesim/soql"
)

// parse turns a JSON row into assignments. Columns are checked in the
// vendor's order: unknown ones first, then those that may not be written,
// then the values.
func (t *tx) parse(ob *object, raw map[string]any, create bool) ([]assignment, rowErrors) {
	keys := sortedKeys(raw)
	var sets []assignment
	var locked []string
	var wrong rowErrors
	for _, key := range keys {
		if strings.EqualFold(key, "attributes") {
			continue
		}
		f, v, errs := t.column(ob, key, raw[key])
		if f == nil {
			return nil, errs
		}
		if !t.writable(f, create) {
			locked = append(locked, f.name)
			continue
		}
		wrong = append(wrong, errs...)
		sets = append(sets, assignment{f, v})
	}
	if len(locked) > 0 {
		return nil, notWritable(locked)
	}
	return sets, wrong
}

func (t *tx) writable(f *field, create bool) bool {
	if create && !f.createable || !create && !f.updateable || f.compute != nil && !f.once || f.sys != sysNone {
		return false
	}
	return t.by.system || t.by.access.editsField(f)
}

// column resolves one key of a row: a field, or a parent named by its own
// external id.
func (t *tx) column(ob *object, key string, raw any) (*field, value, rowErrors) {
	if nested, ok := raw.(map[string]any); ok {
		if f := ob.byRelation[strings.ToLower(key)]; f != nil && t.sees(f) {
			v, errs := t.foreign(f, nested)
			return f, v, errs
		}
	}
	f := ob.field(key)
	if f != nil && f.sys == sysID {
		return nil, value{}, refuse("INVALID_FIELD", "The Id field should not be specified in the sobject data.")
	}
	if f == nil || !t.sees(f) {
		return nil, value{}, noColumn(key, ob.name)
	}
	v, errs := f.coerce(raw)
	return f, v, errs
}

func (t *tx) sees(f *field) bool { return t.by.system || t.by.access.seesField(f) }

// foreign finds the parent that {"Account":{"Ext__c":"A-1"}} means.
func (t *tx) foreign(f *field, nested map[string]any) (value, rowErrors) {
	target := t.foreignObject(f, nested)
	if keys := len(nested); target != nil && (keys > 2 || keys == 2 && nested["attributes"] == nil) {
		return value{}, refuse("INVALID_FIELD", "More than 1 field provided in an external foreign key reference in entity: "+target.name)
	}
	for _, key := range sortedKeys(nested) {
		if strings.EqualFold(key, "attributes") || target == nil {
			continue
		}
		by := target.field(key)
		if by == nil || !by.idLookup() {
			return value{}, refuse("INVALID_FIELD", "Field name provided, "+key+" is not an External ID or indexed field for "+target.name)
		}
		v, errs := by.coerce(nested[key])
		if len(errs) > 0 {
			return value{}, errs
		}
		rows := t.o.byKey(target, by, v)
		if len(rows) == 0 {
			return value{}, refuse("INVALID_FIELD", "Foreign key external ID: "+strings.ToLower(v.Str())+" not found for field "+by.name+" in entity "+target.name)
		}
		if len(rows) > 1 {
			return value{}, refuse("DUPLICATE_EXTERNAL_ID", "more than one record found for external id field: ["+rows[0].id+", "+rows[1].id+"]", by.name)
		}
		return soql.Text(rows[0].id), nil
	}
	return value{}, refuse("INVALID_FIELD", "The parent "+f.relation+" names no external ID field")
}

// foreignObject is the parent's object; a polymorphic parent names its type.
func (t *tx) foreignObject(f *field, nested map[string]any) *object {
	name := f.refTo[0]
	if attributes, ok := nested["attributes"].(map[string]any); ok {
		if s := metadataMap(attributes).text("type"); f.pointsAt(s) {
			name = s
		}
	}
	return t.o.objects[strings.ToLower(name)]
}

// byKey lists the live records that hold a value in a key field.
func (o *Org) byKey(ob *object, f *field, v value) []*record {
	if f.sys == sysID {
		if r := ob.records.find(v.Str()); r != nil && !r.deleted {
			return []*record{r}
		}
		return nil
	}
	var out []*record
	for _, r := range ob.records.keyRows(f, v) {
		if !r.deleted && (!f.caseSensitive || r.at(f) == v) {
			out = append(out, r)
		}
	}
	return out
}

// keyRows uses the index for text and looks at every row for number keys.
func (t *table) keyRows(f *field, v value) []*record {
	if v.Kind() == soql.KindText {
		return t.withValue(f, fold(v))
	}
	var out []*record
	for _, r := range t.rows {
		if r != nil && !v.IsNull() && r.at(f) == v {
			out = append(out, r)
		}
	}
	return out
}
