package salesforcesim

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"tandem/sim/salesforcesim/soql"
)

// metadataMap is the Metadata column of a Tooling record.
type metadataMap map[string]any

func metadataOf(r *record) metadataMap {
	m := metadataMap{}
	if raw := r.named("Metadata").Str(); raw != "" {
		// The column was rendered by coerce, so it parses.
		_ = json.Unmarshal([]byte(raw), &m)
	}
	return m
}

func (m metadataMap) text(key string) string {
	s, _ := m[key].(string)
	return s
}

func (m metadataMap) truth(key string) bool {
	b, _ := m[key].(bool)
	return b
}

func (m metadataMap) number(key string) int {
	n, _ := m[key].(float64)
	return int(n)
}

// fieldTypes maps Metadata types to describe types.
var fieldTypes = map[string]string{
	"Text": "string", "TextArea": "textarea", "LongTextArea": "textarea", "Html": "textarea", "Email": "email", "Phone": "phone", "Url": "url",
	"Number": "double", "Currency": "currency", "Percent": "percent", "Checkbox": "boolean", "Date": "date", "DateTime": "datetime",
	"Time": "time", "Location": "location", "EncryptedText": "encryptedstring", "Hierarchy": "reference",
	"Picklist": "picklist", "MultiselectPicklist": "multipicklist", "Lookup": "reference", "MasterDetail": "reference", "AutoNumber": "string", "Summary": "double",
}

var fixedLengths = map[string]int{"TextArea": 255, "Email": 80, "Phone": 40, "Url": 255, "Picklist": 255, "MultiselectPicklist": 4099, "Lookup": 18, "Hierarchy": 18, "MasterDetail": 18, "AutoNumber": 30}

var developerName = regexp.MustCompile(`^[A-Za-z]([A-Za-z0-9]|_[A-Za-z0-9])*__c$`)

// checkCustomField validates FullName ("Account.Level__c") and Metadata.
func (t *tx) checkCustomField(before, after *record) rowErrors {
	objectName, name, _ := strings.Cut(after.named("FullName").Str(), ".")
	homes := t.o.homesOf(objectName)
	var ob *object
	if len(homes) > 0 {
		ob = homes[0]
	}
	switch {
	case ob == nil || ob.setup && ob.name != "User" || strings.EqualFold(objectName, "Task") || strings.EqualFold(objectName, "Event"):
		return refuse("INVALID_CROSS_REFERENCE_KEY", "Entity Enumeration Or ID: bad value for restricted picklist field: "+objectName, "FullName")
	case !developerName.MatchString(name) || len(name) > 43:
		return refuse("INVALID_INPUT", "The field name "+name+" can only contain underscores and alphanumeric characters, begins with a letter and ends in __c", "FullName")
	case before == nil && ob.field(name) != nil:
		return refuse("DUPLICATE_DEVELOPER_NAME", "There is already a field named "+strings.TrimSuffix(name, "__c")+" on "+ob.label+".", "DeveloperName")
	}
	if errs := checkConversion(before, after); errs != nil {
		return errs
	}
	f, errs := fieldFromMetadata(ob, name, metadataOf(after))
	if errs != nil {
		return errs
	}
	after.put(after.object.field("DeveloperName"), soql.Text(strings.TrimSuffix(name, "__c")))
	after.put(after.object.field("TableEnumOrId"), soql.Text(tableOf(objectName, ob)))
	after.put(after.object.field("Length"), soql.Number(float64(f.length)))
	after.put(after.object.field("InlineHelpText"), soql.Text(f.help))
	return nil
}

// unconvertible types of a custom field are neither changed nor chosen later.
var unconvertible = map[string]bool{"Location": true, "EncryptedText": true, "Time": true}

func checkConversion(before, after *record) rowErrors {
	if before == nil {
		return nil
	}
	was, is := metadataOf(before).text("type"), metadataOf(after).text("type")
	if was != is && (unconvertible[was] || unconvertible[is]) {
		return refuse("FIELD_INTEGRITY_EXCEPTION", "Cannot change the field type from "+was+" to "+is, "type")
	}
	return nil
}

// fieldFromMetadata builds the field that a definition describes.
func fieldFromMetadata(ob *object, name string, m metadataMap) (*field, rowErrors) {
	kind := m.text("type")
	f := &field{name: name, label: m.text("label"), typ: fieldTypes[kind], help: m.text("inlineHelpText"), custom: true, createable: true, updateable: true,
		permissionable: !m.truth("required"), required: m.truth("required"), externalID: m.truth("externalId"), unique: m.truth("unique"),
		caseSensitive: m.truth("caseSensitive"), length: m.number("length"), precision: m.number("precision"), scale: m.number("scale")}
	if f.typ == "" {
		return nil, refuse("INVALID_INPUT", "Field type "+kind+" is not known", "type")
	}
	if f.label == "" {
		f.label = strings.ReplaceAll(strings.TrimSuffix(name, "__c"), "_", " ")
	}
	if n, ok := fixedLengths[kind]; ok {
		f.length = n
	}
	if (f.externalID || f.unique) && f.typ != "string" && f.typ != "double" && f.typ != "email" {
		return nil, refuse("INVALID_INPUT", "A field of type "+kind+" cannot be an external ID or unique", "externalId")
	}
	if kind == "Text" && m.text("formula") == "" && (f.length < 1 || f.length > 255) {
		return nil, refuse("INVALID_INPUT", "Must specify 'length' between 1 and 255 for a CustomField of type Text", "length")
	}
	f.withOptions(m)
	if errs := f.withKind(ob, kind, m); errs != nil {
		return nil, errs
	}
	return f, f.withFormula(ob, m)
}

// withKind takes over what makes a Metadata type more than its describe type.
func (f *field) withKind(ob *object, kind string, m metadataMap) rowErrors {
	switch kind {
	case "Location":
		f.asLocation(m)
	case "Html":
		f.html = true
	case "EncryptedText":
		return f.asEncrypted(m)
	case "Hierarchy":
		if ob.name != "User" {
			return refuse("INVALID_INPUT", "A hierarchical relationship is a field of users only", "type")
		}
		f.refTo = []string{"User"}
	case "Lookup":
		return f.withConstraint(ob, m)
	case "MasterDetail":
		f.required, f.permissionable, f.cascade, f.updateable = true, false, true, m.truth("reparentableMasterDetail")
	case "AutoNumber":
		f.createable, f.updateable, f.defaulted = false, false, true
		f.numbering = &numbering{format: orElse(m.text("displayFormat"), "{0}")}
	case "Summary":
		f.createable, f.updateable, f.compute = false, false, summaryFrom(m).of
	}
	return nil
}

// withConstraint takes over what becomes of a look-up when its parent is deleted
// (Metadata API Developer Guide, "CustomField"). A required one cannot be cleared.
func (f *field) withConstraint(ob *object, m metadataMap) rowErrors {
	kind := m.text("deleteConstraint")
	switch {
	case kind == "Cascade" && ob.custom:
		f.cascade = true
	case kind == "Restrict", kind == "" && f.required:
		f.restricts = true
	case kind == "" || kind == "SetNull" && !f.required:
		f.cleared, f.restored = true, true
	default:
		return refuse("INVALID_INPUT", "The delete constraint "+kind+" does not go with this field", "deleteConstraint")
	}
	return nil
}

// withOptions takes over what only some types have.
func (f *field) withOptions(m metadataMap) {
	switch f.typ {
	case "boolean":
		f.def, f.defaulted = soql.Bool(fmt.Sprint(m["defaultValue"]) == "true"), true
	case "double", "currency", "percent":
		if f.precision == 0 {
			f.precision = 18
		}
	case "picklist", "multipicklist":
		f.readValueSet(m)
		f.visibleLines = m.number("visibleLines")
	case "reference":
		f.refTo = []string{m.text("referenceTo")}
		f.relation = strings.TrimSuffix(f.name, "__c") + "__r"
		if c := m.text("relationshipName"); c != "" {
			f.childRelation = c + "__r"
		}
	case "textarea":
		if f.length == 0 {
			f.length = 32768
		}
	}
}

func (f *field) readValueSet(m metadataMap) {
	set, _ := m["valueSet"].(map[string]any)
	f.controller = metadataMap(set).text("controllingField")
	f.restricted = metadataMap(set).truth("restricted")
	definition, _ := set["valueSetDefinition"].(map[string]any)
	values, _ := definition["value"].([]any)
	for _, raw := range values {
		v, _ := raw.(map[string]any)
		one := metadataMap(v)
		name := one.text("valueName")
		if name == "" {
			name = one.text("fullName")
		}
		active, given := one["isActive"].(bool)
		f.picks = append(f.picks, pick{value: name, byDefault: one.truth("default"), inactive: given && !active, validFor: controlling(set, name)})
		if one.truth("default") {
			f.def, f.defaulted = soql.Text(name), true
		}
	}
}

// controlling lists the values of the controlling field that a value goes with.
func controlling(set map[string]any, name string) (values []string) {
	settings, _ := set["valueSettings"].([]any)
	for _, raw := range settings {
		one, _ := raw.(map[string]any)
		if metadataMap(one).text("valueName") != name {
			continue
		}
		list, _ := one["controllingFieldValue"].([]any)
		for _, v := range list {
			if s, ok := v.(string); ok {
				values = append(values, s)
			}
		}
	}
	return values
}

func (f *field) withFormula(ob *object, m metadataMap) rowErrors {
	text := m.text("formula")
	if text == "" {
		return nil
	}
	parsed, err := parseFormula(text)
	if err != nil {
		return refuse("FIELD_INTEGRITY_EXCEPTION", "Error: Syntax error. "+err.Error()+" on "+ob.name, "formula")
	}
	f.formula, f.createable, f.updateable, f.defaulted = parsed, false, false, false
	if f.typ == "string" {
		f.length = 1300
	}
	return nil
}

// applyCustomField adds, changes or drops the column.
func (o *Org) applyCustomField(c change) {
	r := c.after
	if r == nil {
		r = c.before
	}
	objectName, name, _ := strings.Cut(r.named("FullName").Str(), ".")
	for _, ob := range o.homesOf(objectName) {
		o.applyFieldTo(ob, name, c.after, r)
	}
}

// applyFieldTo is applyCustomField for one object; next is nil where the column goes.
func (o *Org) applyFieldTo(ob *object, name string, next, r *record) {
	have := ob.field(name)
	switch {
	case next == nil:
		if have != nil {
			ob.dropField(have)
		}
	case have == nil:
		f, _ := fieldFromMetadata(ob, name, metadataOf(r))
		f.id = r.id
		if f.typ == "location" {
			ob.addLocation(f)
		} else {
			ob.add(f)
		}
		tieChild(o.objects, f)
	default:
		o.alterField(have, r)
	}
	if ob.name == "Contact" && metadataOf(r).text("type") != "Location" {
		o.mirrorCustomField(name)
	}
	o.touchSchema(ob)
}

// alterField replaces a field's definition in place. Values that do not fit
// a new type are lost, as a type change loses them in the real org.
func (o *Org) alterField(f *field, r *record) {
	next, _ := fieldFromMetadata(f.object, f.name, metadataOf(r))
	if next.numbering != nil && f.numbering != nil {
		next.numbering.last = f.numbering.last
	}
	converted := next.typ != f.typ
	ob, idx, id := f.object, f.idx, f.id
	*f = *next
	f.object, f.idx, f.id = ob, idx, id
	if f.typ == "location" {
		ob.changeLocation(f)
	}
	f.indexed = f.wantsIndex()
	ob.reindexField(f)
	if converted {
		o.convertValues(f)
	}
	ob.records.buildIndex(f)
}

func (o *Org) convertValues(f *field) {
	for _, r := range f.object.records.rows {
		if r == nil {
			continue
		}
		old := r.at(f)
		if old.IsNull() {
			continue
		}
		v, errs := f.coerce(plainText(old))
		if len(errs) > 0 {
			v = value{}
		}
		next := r.with([]assignment{{f, v}})
		f.object.records.rows[r.slot] = next
	}
}
