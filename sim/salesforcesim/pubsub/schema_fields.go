package pubsub

import "strings"

// schemaBuilder adds an entity's fields to a schema one after the other.
type schemaBuilder struct {
	schema  *eventSchema
	entity  Entity
	out     []avroField
	defined map[string]bool // record names already written out; Avro wants only the name from then on
}

// addSystem adds the two fields that every platform event carries, which are never null.
func (b *schemaBuilder) addSystem() {
	b.place("CreatedDate", schemaField{name: "CreatedDate", prim: "long", required: true})
	b.place("CreatedById", schemaField{name: "CreatedById", prim: "string", required: true})
	b.out = append(b.out, avroField{Name: "CreatedDate", Type: "long", Doc: "CreatedDate:DateTime"},
		avroField{Name: "CreatedById", Type: "string", Doc: "CreatedBy:EntityId"})
}

func (b *schemaBuilder) place(api string, f schemaField) {
	b.schema.places[api] = place{top: len(b.schema.fields), part: -1}
	b.schema.fields = append(b.schema.fields, f)
}

func (b *schemaBuilder) addAll(fields []Field) {
	for _, f := range fields {
		if _, done := b.schema.places[f.Name]; done {
			continue
		}
		if f.Compound != "" {
			b.addCompound(f)
			continue
		}
		b.addPlain(f)
	}
}

func (b *schemaBuilder) addPlain(f Field) {
	sf := schemaField{name: f.Name, prim: primitiveOf(f.Type)}
	out := avroField{Name: f.Name, Type: []any{"null", sf.prim}, Doc: docTag(f), Default: avroNull}
	if f.Name == "Name" && b.entity.Name == "Account" {
		sf.parts, sf.switchable = b.nameParts(), true
		out.Type = []any{"null", "string", b.record("Switchable_PersonName", sf.parts)}
		out.Doc = "Data:Switchable_PersonName"
	}
	b.place(f.Name, sf)
	b.out = append(b.out, out)
}

// nameParts gives the parts of an account's name, which only person accounts use.
func (b *schemaBuilder) nameParts() []schemaPart {
	parts := personNameParts(nil)
	for i, p := range parts {
		for _, f := range b.entity.Fields {
			if f.Compound == "Name" && f.Name == p.name {
				parts[i].api = f.Name
				b.schema.places[f.Name] = place{top: len(b.schema.fields), part: i}
			}
		}
	}
	return parts
}

// addCompound adds the compound that f is a part of, with all its parts.
func (b *schemaBuilder) addCompound(f Field) {
	record, parts := compoundParts(b.entity, f.Compound)
	top := len(b.schema.fields)
	b.schema.places[f.Compound] = place{top: top, part: -1}
	for _, part := range b.entity.Fields {
		if part.Compound != f.Compound {
			continue
		}
		for i := range parts {
			if parts[i].name == partName(part) {
				parts[i].api = part.Name
				b.schema.places[part.Name] = place{top: top, part: i}
			}
		}
	}
	b.schema.fields = append(b.schema.fields, schemaField{name: f.Compound, prim: record, parts: parts})
	doc := "Data:" + record
	if f.ID != "" {
		doc += ":" + f.ID
	}
	b.out = append(b.out, avroField{Name: f.Compound, Type: []any{"null", b.record(record, parts)}, Doc: doc, Default: avroNull})
}

// record is the record type the first time, its name afterwards.
func (b *schemaBuilder) record(name string, parts []schemaPart) any {
	if b.defined[name] {
		return name
	}
	b.defined[name] = true
	r := avroRecord{Type: "record", Name: name}
	for _, p := range parts {
		r.Fields = append(r.Fields, avroField{Name: p.name, Type: []any{"null", p.prim}, Default: avroNull})
	}
	return r
}

// partName is a part's name inside its compound: Street of BillingStreet, FirstName of FirstName, Latitude of Place__Latitude__s.
func partName(f Field) string {
	if base, ok := strings.CutSuffix(f.Compound, "__c"); ok {
		return strings.TrimSuffix(strings.TrimPrefix(f.Name, base+"__"), "__s")
	}
	if base, ok := strings.CutSuffix(f.Compound, "Address"); ok {
		return strings.TrimPrefix(f.Name, base)
	}
	return f.Name
}

// compoundParts gives the record type of a compound and all its parts, whether or not the org has a field for each: all
// compounds of an event share one record type.
func compoundParts(e Entity, compound string) (record string, parts []schemaPart) {
	has := map[string]bool{}
	for _, f := range e.Fields {
		if f.Compound != "" {
			has[partName(f)] = true
		}
	}
	switch {
	case compound == "Name":
		return "PersonName", personNameParts(has)
	case strings.HasSuffix(compound, "__c"):
		return "Location", []schemaPart{{name: "Latitude", prim: "double"}, {name: "Longitude", prim: "double"}}
	}
	for _, n := range strings.Fields("Street City State PostalCode Country") {
		parts = append(parts, schemaPart{name: n, prim: "string"})
	}
	if has["StateCode"] || has["CountryCode"] {
		parts = append(parts, schemaPart{name: "StateCode", prim: "string"}, schemaPart{name: "CountryCode", prim: "string"})
	}
	return "Address", append(parts, schemaPart{name: "Latitude", prim: "double"}, schemaPart{name: "Longitude", prim: "double"},
		schemaPart{name: "GeocodeAccuracy", prim: "string"})
}

func personNameParts(has map[string]bool) []schemaPart {
	var parts []schemaPart
	for _, n := range strings.Fields("Salutation FirstName LastName MiddleName InformalName Suffix") {
		if has[n] || n == "Salutation" || n == "FirstName" || n == "LastName" {
			parts = append(parts, schemaPart{name: n, prim: "string"})
		}
	}
	return parts
}

// primitiveOf maps a describe type to Avro: dates of every kind are milliseconds since the epoch.
func primitiveOf(typ string) string {
	switch typ {
	case "boolean":
		return "boolean"
	case "int":
		return "int"
	case "long", "date", "datetime", "time":
		return "long"
	case "double", "currency", "percent":
		return "double"
	}
	return "string"
}

var docTags = map[string]string{"phone": "Data:Phone", "url": "Data:Url", "email": "Data:Email", "textarea": "Data:StringPlusClob",
	"picklist": "Data:DynamicEnum", "combobox": "Data:DynamicEnum", "multipicklist": "Data:MultiEnum", "boolean": "Data:Boolean",
	"int": "Data:Integer", "double": "Data:Double", "currency": "Data:Currency", "percent": "Data:Percent",
	"datetime": "Data:DateTime", "date": "Data:DateOnly", "time": "Data:TimeOnly", "encryptedstring": "Data:EncryptedText", "reference": "ForeignKey:EntityId"}

// docTag is the schema's doc of a field: its kind and, for a custom field, the field's id.
func docTag(f Field) string {
	tag, ok := docTags[f.Type]
	switch {
	case f.Name == "CreatedDate":
		tag = "CreatedDate:DateTime"
	case f.Name == "CleanStatus":
		tag = "Data:StaticEnum"
	case f.Name == "JigsawCompanyId", f.Name == "JigsawContactId":
		tag = "ExternalForeignKey:ExternalId"
	case !ok:
		tag = "Data:Text"
	}
	if f.ID != "" {
		tag += ":" + f.ID
	}
	return tag
}
