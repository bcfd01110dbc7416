package pubsub

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
)

// eventSchema is the Avro schema of one entity's events at one time. Its id is a digest of its text, so that it never
// changes meaning and a changed field list gives a new one.
type eventSchema struct {
	id     string
	text   string
	fields []schemaField // without the header; Avro index = slice index + header
	places map[string]place
	header bool // a change event, which begins with ChangeEventHeader
}

// schemaField is one top-level field; parts is set for compound ones.
type schemaField struct {
	name  string
	prim  string // Avro primitive, or the record's name for compound fields
	parts []schemaPart
	// switchable: the value is a text, or the record of its parts (the name of an
	// account).
	switchable bool
	required   bool // not nullable (CreatedDate and CreatedById of platform events)
}

type schemaPart struct {
	name string // Street
	prim string
	api  string // BillingStreet; empty if the org has no such field
}

// place is where an API name is found: the top-level field, and the part within it or -1.
type place struct{ top, part int }

// avroIndex is the position of a top-level field in the schema, where the header has 0.
func (s *eventSchema) avroIndex(top int) int {
	if s.header {
		return top + 1
	}
	return top
}

// omitted fields exist on records but never in change events (Change Data Capture guide, "Change Event Fields").
var omitted = map[string]bool{"Id": true, "IsDeleted": true, "SystemModstamp": true, "LastActivityDate": true,
	"LastViewedDate": true, "LastReferencedDate": true, "PhotoUrl": true, "MasterRecordId": true}

// standardOrder is the order of an entity's fields in its change event schema, as real orgs give it; fields not listed follow,
// standard before custom.
var standardOrder = map[string]string{
	"Account": "Name Type RecordTypeId ParentId BillingAddress ShippingAddress Phone Fax AccountNumber Website Sic Industry " +
		"AnnualRevenue NumberOfEmployees Ownership TickerSymbol Description Rating Site OwnerId CreatedDate CreatedById " +
		"LastModifiedDate LastModifiedById PersonContactId PersonMailingAddress PersonOtherAddress PersonMobilePhone " +
		"PersonHomePhone PersonOtherPhone PersonAssistantPhone PersonEmail PersonTitle PersonDepartment PersonAssistantName " +
		"PersonLeadSource PersonBirthdate PersonHasOptedOutOfEmail PersonHasOptedOutOfFax PersonDoNotCall PersonLastCURequestDate " +
		"PersonLastCUUpdateDate PersonEmailBouncedReason PersonEmailBouncedDate PersonIndividualId Jigsaw JigsawCompanyId CleanStatus AccountSource DunsNumber Tradestyle " +
		"NaicsCode NaicsDesc YearStarted SicDesc DandbCompanyId OperatingHoursId",
	"Contact": "AccountId IsPersonAccount RecordTypeId Name OtherAddress MailingAddress Phone Fax MobilePhone HomePhone OtherPhone " +
		"AssistantPhone ReportsToId Email Title Department AssistantName LeadSource Birthdate Description OwnerId " +
		"HasOptedOutOfEmail HasOptedOutOfFax DoNotCall CreatedDate CreatedById LastModifiedDate LastModifiedById " +
		"LastCURequestDate LastCUUpdateDate EmailBouncedReason EmailBouncedDate Jigsaw JigsawContactId CleanStatus IndividualId " +
		"Pronouns GenderIdentity ContactSource BuyerAttributes",
}

// arrange gives the leaf fields of a change event in schema order, the parts of one compound next to each other.
func arrange(e Entity) []Field {
	var fields []Field
	for _, f := range e.Fields {
		if !omitted[f.Name] && !isCompound(e, f) {
			fields = append(fields, f)
		}
	}
	first := map[string]int{}
	for i, f := range fields {
		if _, ok := first[f.top()]; !ok {
			first[f.top()] = i
		}
	}
	rank := func(f Field) int {
		if i := slices.Index(strings.Fields(standardOrder[e.Name]), f.top()); i >= 0 {
			return i - 1_000_000
		}
		if strings.HasSuffix(f.top(), "__c") || strings.HasSuffix(f.top(), "__pc") {
			return first[f.top()] + 1_000_000
		}
		return first[f.top()]
	}
	slices.SortStableFunc(fields, func(a, b Field) int { return rank(a) - rank(b) })
	return fields
}

// top is the name of the top-level field that a field belongs to.
func (f Field) top() string {
	if f.Compound != "" {
		return f.Compound
	}
	return f.Name
}

// isCompound tells a compound field itself, which its parts stand for. The name
// of an account is a value of its own unless the account is a person.
func isCompound(e Entity, f Field) bool {
	if e.Name == "Account" && f.Name == "Name" {
		return false
	}
	return f.Type == "address" || f.Type == "location" ||
		slices.ContainsFunc(e.Fields, func(part Field) bool { return part.Compound == f.Name && part.Name != f.Name })
}

// topicOfEntity is the channel that an entity has to itself.
func topicOfEntity(entity string) string {
	if isPlatformEvent(entity) {
		return "/event/" + entity
	}
	return "/data/" + eventName(entity)
}

func isPlatformEvent(name string) bool { return strings.HasSuffix(name, "__e") }

// eventName is the name of the entity's event: AccountChangeEvent, Foo__ChangeEvent for Foo__c, Order__e itself.
func eventName(entity string) string {
	if isPlatformEvent(entity) {
		return entity
	}
	if base, ok := strings.CutSuffix(entity, "__c"); ok {
		return base + "__ChangeEvent"
	}
	return entity + "ChangeEvent"
}

// entityOfEvent undoes eventName.
func entityOfEvent(event string) string {
	if base, ok := strings.CutSuffix(event, "__ChangeEvent"); ok {
		return base + "__c"
	}
	return strings.TrimSuffix(event, "ChangeEvent")
}

// newSchema builds the schema of an entity's events.
func newSchema(e Entity) *eventSchema {
	s := &eventSchema{header: !isPlatformEvent(e.Name), places: map[string]place{}}
	b := schemaBuilder{schema: s, entity: e, defined: map[string]bool{}}
	if s.header {
		b.out = append(b.out, avroField{Name: "ChangeEventHeader", Type: headerType, Doc: "Data:ComplexValueType"})
		b.addAll(arrange(e))
	} else {
		b.addSystem()
		b.addAll(e.Fields)
	}
	text, err := json.Marshal(avroRecord{Type: "record", Name: eventName(e.Name), Namespace: "com.sforce.eventbus", Fields: b.out})
	if err != nil {
		panic("render event schema: " + err.Error()) // strings, slices and structs only
	}
	sum := sha256.Sum256(text)
	s.text, s.id = string(text), base64.RawURLEncoding.EncodeToString(sum[:16])
	return s
}

type avroRecord struct {
	Type      string      `json:"type"`
	Name      string      `json:"name"`
	Namespace string      `json:"namespace,omitempty"`
	Fields    []avroField `json:"fields"`
}

type avroField struct {
	Name    string          `json:"name"`
	Type    any             `json:"type"`
	Doc     string          `json:"doc,omitempty"`
	Default json.RawMessage `json:"default,omitempty"`
}

type avroArray struct {
	Type  string `json:"type"`
	Items string `json:"items"`
}

type avroEnum struct {
	Type      string   `json:"type"`
	Name      string   `json:"name"`
	Namespace string   `json:"namespace"`
	Symbols   []string `json:"symbols"`
}

var avroNull = json.RawMessage("null")

// headerType is the record that begins every change event.
var headerType = avroRecord{Type: "record", Name: "ChangeEventHeader", Fields: []avroField{
	{Name: "entityName", Type: "string"},
	{Name: "recordIds", Type: avroArray{"array", "string"}},
	{Name: "changeType", Type: avroEnum{Type: "enum", Name: "ChangeType", Symbols: changeTypeNames}},
	{Name: "changeOrigin", Type: "string"},
	{Name: "transactionKey", Type: "string"},
	{Name: "sequenceNumber", Type: "int"},
	{Name: "commitTimestamp", Type: "long"},
	{Name: "commitNumber", Type: "long"},
	{Name: "commitUser", Type: "string"},
	{Name: "nulledFields", Type: avroArray{"array", "string"}},
	{Name: "diffFields", Type: avroArray{"array", "string"}},
	{Name: "changedFields", Type: avroArray{"array", "string"}},
}}

var changeTypeNames = []string{"CREATE", "UPDATE", "DELETE", "UNDELETE", "GAP_CREATE", "GAP_UPDATE", "GAP_DELETE",
	"GAP_UNDELETE", "GAP_OVERFLOW", "SNAPSHOT"}

// Schema gives the Avro schema of an entity's events as it is now, with its id;
// false where the org has no such entity.
func (b *Bus) Schema(entity string) (id, text string, ok bool) {
	e, ok := b.opt.Entity(entity)
	if !ok {
		return "", "", false
	}
	s := b.schemaOf(e)
	return s.id, s.text, true
}

// SchemaText gives the schema with an id, also one of an earlier definition.
func (b *Bus) SchemaText(id string) (string, bool) {
	s, ok := b.schemaByID(id)
	if !ok {
		return "", false
	}
	return s.text, true
}
