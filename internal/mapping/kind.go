package mapping

import (
	"slices"

	"tandem/internal/core"
)

// The two messages that the original shows for types that do not go together
// (MAP-2).
const (
	mismatchedTypes = "Mismatched Types"
	formatMismatch  = "Field Format Mismatch"
)

// family groups the types that hold the same sort of value, whatever its format.
type family string

const (
	familyText   family = "text"
	familyNumber family = "number"
	familyBool   family = "bool"
	familyTime   family = "time"
	familyClock  family = "clock"
	familyChoice family = "choice"
)

// shape is what a property looks like to MAP-2's table.
type shape struct {
	family family
	kind   Kind
	accept []string // Salesforce types that go with it
}

var (
	shapeLine = shape{familyText, Text, []string{"string", "textarea", "email", "phone", "url", "combobox", "encryptedstring", "id", "reference", "time"}}
	shapeText = shape{familyText, Text, []string{"textarea"}}
	shapeRich = shape{familyText, Text, []string{"textarea"}}
	shapeNum  = shape{familyNumber, Number, []string{"double", "int", "long", "currency", "percent"}}
	shapeBool = shape{familyBool, Bool, []string{"boolean"}}
	shapeDate = shape{familyTime, Date, []string{"date", "datetime"}}
	shapeTime = shape{familyTime, DateTime, []string{"datetime", "date"}}
	shapeOne  = shape{familyChoice, Choice, []string{"picklist", "combobox", "reference"}}
	shapeMany = shape{familyChoice, Choices, []string{"multipicklist"}}
)

// hubspotShapes are HubSpot's property types (properties guide, type and
// fieldType). Types that are not listed hold nothing that can be mapped.
var hubspotShapes = map[string]map[string]shape{
	"string":       {"": shapeLine, "textarea": shapeText, "html": shapeRich, "file": {}},
	"phone_number": {"": shapeLine},
	"number":       {"": shapeNum},
	"bool":         {"": shapeBool},
	"enumeration":  {"": shapeOne, "checkbox": shapeMany, "booleancheckbox": shapeBool},
	"date":         {"": shapeDate},
	"datetime":     {"": shapeTime},
}

// salesforceKinds are Salesforce's field types (describe, type).
var salesforceKinds = map[string]shape{
	"string": {familyText, Text, nil}, "textarea": {familyText, Text, nil}, "email": {familyText, Text, nil},
	"phone": {familyText, Text, nil}, "url": {familyText, Text, nil}, "combobox": {familyChoice, Choice, nil},
	"encryptedstring": {familyText, Text, nil}, "id": {familyText, Reference, nil},
	"int": {familyNumber, Number, nil}, "long": {familyNumber, Number, nil}, "double": {familyNumber, Number, nil},
	"currency": {familyNumber, Number, nil}, "percent": {familyNumber, Number, nil},
	"boolean": {familyBool, Bool, nil},
	"time":    {familyClock, Clock, nil},
	"date":    {familyTime, Date, nil}, "datetime": {familyTime, DateTime, nil},
	"picklist": {familyChoice, Choice, nil}, "multipicklist": {familyChoice, Choices, nil},
	"reference": {familyChoice, Reference, nil},
}

// hubspotShape finds the shape of a property; the family is blank where it has
// none.
func hubspotShape(d *FieldDef) shape {
	byField := hubspotShapes[d.Type]
	if s, ok := byField[d.FieldType]; ok {
		return s
	}
	return byField[""]
}

// ownKind is the kind of a field by itself, for expressions; blank where it
// holds nothing that can be mapped.
func ownKind(d *FieldDef) Kind {
	if s := hubspotShape(d); s.family != "" && salesforceKinds[d.Type].family == "" {
		return s.kind
	}
	if s, ok := salesforceKinds[d.Type]; ok {
		return s.kind
	}
	return hubspotShape(d).kind
}

// pairKind is the canonical kind of a Salesforce field mapped to a HubSpot
// property, or the message of MAP-2 that says why there is none.
func pairKind(sf, hs *FieldDef) (Kind, string) {
	s, h := salesforceKinds[sf.Type], hubspotShape(hs)
	switch {
	case isOwner(hs) && slices.Contains(sf.References, "User"):
		return Owner, ""
	case s.family == "" || h.family == "":
		return "", mismatchedTypes
	case !slices.Contains(h.accept, sf.Type):
		if s.family == h.family {
			return "", formatMismatch
		}
		return "", mismatchedTypes
	case hs.Name == "domain":
		return Domain, ""
	case hs.Name == "email" && sf.Type == "email":
		return Email, ""
	case sf.Type == "reference" || sf.Type == "id":
		return Reference, ""
	case s.kind == Date, s.kind == Clock:
		return s.kind, ""
	}
	return h.kind, ""
}

func isOwner(hs *FieldDef) bool { return slices.Contains(hs.References, "OWNER") }

// consent are the names by side that hold opt-out state, which is never a mapped
// field (OPT-1).
var consent = [2][]string{{"HasOptedOutOfEmail", "DoNotCall", "HasOptedOutOfFax"}, {"hs_email_optout"}}

// identity are the names by side that hold ids and marks of the sync itself; to
// write them would change what a record is, or count as a change (PROP-12).
var identity = [2][]string{
	{"Id", "IsDeleted", "MasterRecordId", "SystemModstamp"},
	{"hs_object_id", "salesforceaccountid", "salesforcecontactid", "salesforceleadid", "hs_salesforceopportunityid", "salesforcelastsynctime", "salesforcedeleted"},
}

func named(lists [2][]string, names [2]string) bool {
	return slices.Contains(lists[core.Salesforce], names[core.Salesforce]) || slices.Contains(lists[core.HubSpot], names[core.HubSpot])
}
