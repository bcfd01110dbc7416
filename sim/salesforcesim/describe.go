package salesforcesim

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"time"
)

// describeGlobal answers /sobjects.
func (o *Org) describeGlobal(c *call, tooling bool) *answer {
	var out *answer
	c.read(func(a *access) {
		list := []any{}
		changed := int64(0)
		all := maps.Clone(o.objects)
		maps.Copy(all, o.events)
		for _, key := range sortedKeys(all) {
			ob := all[key]
			changed = max(changed, ob.changed)
			if ob.tooling == tooling && a.may(ob, mayRead) {
				list = append(list, c.objectEntry(a, ob))
			}
		}
		out = c.unlessFresh(changed, func() *answer {
			return marshalled(http.StatusOK, map[string]any{"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": list})
		})
	})
	return out
}

// unlessFresh answers 304 when nothing changed since If-Modified-Since.
func (c *call) unlessFresh(changed int64, full func() *answer) *answer {
	since, err := http.ParseTime(c.header.Get("If-Modified-Since"))
	modified := map[string]string{"Last-Modified": time.Unix(changed, 0).UTC().Format(http.TimeFormat)}
	if err == nil && changed <= since.Unix() {
		return &answer{status: http.StatusNotModified, header: modified}
	}
	a := full()
	a.header = modified
	return a
}

// objectEntry is what both describes say of an object as a whole.
func (c *call) objectEntry(a *access, ob *object) map[string]any {
	base := c.base(ob) + "/sobjects/" + ob.name
	return map[string]any{
		"activateable": false, "associateEntityType": nil, "associateParentEntity": nil, "createable": ob.createable && a.may(ob, mayCreate),
		"custom": ob.custom, "customSetting": false, "deepCloneable": false, "deletable": ob.deletable && a.may(ob, mayDelete),
		"deprecatedAndHidden": false, "feedEnabled": ob.layoutable, "hasSubtypes": false, "isInterface": false, "isSubtype": false,
		"keyPrefix": ob.prefix, "label": ob.label, "labelPlural": ob.plural, "layoutable": ob.layoutable, "mergeable": ob.mergeable,
		"mruEnabled": ob.layoutable, "name": ob.name, "queryable": !ob.event, "replicateable": ob.replicateable, "retrieveable": !ob.event,
		"searchable": ob.searchable, "triggerable": ob.triggerable, "undeletable": ob.undeletable, "updateable": ob.updateable && a.may(ob, mayEdit),
		"urls": map[string]string{"sobject": base, "describe": base + "/describe", "rowTemplate": base + "/{ID}"},
	}
}

func (o *Org) basicInfo(c *call, ob *object) *answer {
	var out *answer
	c.read(func(a *access) {
		out = marshalled(http.StatusOK, map[string]any{"objectDescribe": c.objectEntry(a, ob), "recentItems": json.RawMessage(o.appendRecent(c, a, ob, maxRecent))})
	})
	return out
}

// describe answers /sobjects/X/describe; what field-level security hides is
// simply not there.
func (o *Org) describe(c *call, ob *object) *answer {
	var out *answer
	c.read(func(a *access) {
		out = c.unlessFresh(ob.changed, func() *answer { return o.described(c, a, ob) })
	})
	return out
}

// described is the description of an object, spelled out once for as long as the rules
// stand: clients ask for it at every start.
func (o *Org) described(c *call, a *access, ob *object) *answer {
	where := c.base(ob) + "/" + ob.name
	kept, known := a.described.Load(where)
	if !known {
		kept = marshalled(http.StatusOK, o.describeBody(c, a, ob)).body
		a.described.Store(where, kept)
	}
	return jsonAnswer(http.StatusOK, kept.([]byte))
}

func (o *Org) describeBody(c *call, a *access, ob *object) map[string]any {
	body := c.objectEntry(a, ob)
	fields := []any{}
	for _, f := range ob.fields {
		if a.seesField(f) {
			fields = append(fields, o.describeField(a, f))
		}
	}
	children := []any{}
	for _, f := range ob.children {
		if a.may(f.object, mayRead) && a.seesField(f) {
			children = append(children, map[string]any{"cascadeDelete": f.cascade, "childSObject": f.object.name, "deprecatedAndHidden": false, "field": f.name,
				"junctionIdListNames": []any{}, "junctionReferenceTo": []any{}, "relationshipName": f.childRelation, "restrictedDelete": f.restricts})
		}
	}
	for k, v := range map[string]any{
		"actionOverrides": []any{}, "childRelationships": children, "compactLayoutable": ob.layoutable, "defaultImplementation": nil, "extendedBy": nil,
		"extendsInterfaces": nil, "fields": fields, "implementedBy": nil, "implementsInterfaces": nil, "listviewable": nil, "lookupLayoutable": nil,
		"namedLayoutInfos": []any{}, "networkScopeFieldName": nil, "recordTypeInfos": o.recordTypeInfos(c, ob), "searchLayoutable": ob.layoutable,
		"sobjectDescribeOption": "FULL", "supportedScopes": []any{scopeEntry("All", ob, "everything"), scopeEntry("My", ob, "mine")},
	} {
		body[k] = v
	}
	return body
}

func scopeEntry(whose string, ob *object, name string) map[string]string {
	return map[string]string{"label": whose + " " + strings.ToLower(ob.plural), "name": name}
}

func (o *Org) recordTypeInfos(c *call, ob *object) []map[string]any {
	types := o.recordTypes(ob)
	info := func(name, developer, id string, master, active bool) map[string]any {
		return map[string]any{"active": active, "available": active, "defaultRecordTypeMapping": master && len(types) == 0 || !master && len(types) > 0 && types[0].id == id,
			"developerName": developer, "master": master, "name": name, "recordTypeId": id,
			"urls": map[string]string{"layout": c.base(ob) + "/sobjects/" + ob.name + "/describe/layouts/" + id}}
	}
	out := []map[string]any{}
	for _, r := range types {
		out = append(out, info(r.named("Name").Str(), r.named("DeveloperName").Str(), r.id, false, r.named("IsActive").Bool()))
	}
	return append(out, info("Master", "Master", masterRecordType, true, true))
}

func (o *Org) describeField(a *access, f *field) map[string]any {
	writable := (f.compute == nil || f.once) && f.formula == nil && f.sys == sysNone && a.editsField(f)
	numeric := f.typ == "double" || f.typ == "currency" || f.typ == "percent"
	maskChar, maskType := f.describeMask()
	d := map[string]any{
		"aggregatable": f.typ != "textarea" && !f.opaque() && f.typ != "boolean" && f.typ != "multipicklist", "aiPredictionField": false, "autoNumber": f.numbering != nil,
		"byteLength": f.byteLength(), "calculated": f.formula != nil, "calculatedFormula": nil, "cascadeDelete": f.cascade, "caseSensitive": f.caseSensitive,
		"compoundFieldName": orNull(f.compoundName()), "controllerName": orNull(f.controller), "createable": f.createable && writable && f.object.createable, "custom": f.custom,
		"defaultValue": f.defaultValue(), "defaultValueFormula": nil, "defaultedOnCreate": f.defaulted || f.typ == "boolean" && !f.preference(), "dependentPicklist": f.controller != "",
		"deprecatedAndHidden": false, "digits": 0, "displayLocationInDecimal": f.decimal || strings.HasSuffix(f.name, "itude") && !f.object.setup, "encrypted": false, "externalId": f.externalID,
		"extraTypeInfo": f.extraType(), "filterable": !f.opaque(), "filteredLookupInfo": nil,
		"formulaTreatNullNumberAsZero": false, "groupable": f.groupable(), "highScaleNumber": false,
		"htmlFormatted": f.html, "idLookup": f.idLookup(), "inlineHelpText": orNull(f.help), "label": f.label, "length": f.length, "mask": maskChar, "maskType": maskType,
		"name": f.name, "nameField": f.nameField, "namePointing": len(f.refTo) > 1, "nillable": f.nillable(), "permissionable": f.permissionable && !f.object.setup,
		"picklistValues": f.picklistValues(), "polymorphicForeignKey": len(f.refTo) > 1, "precision": 0, "queryByDistance": f.typ == "location", "referenceTargetField": nil,
		"referenceTo": emptyIfNil(f.refTo), "relationshipName": orNull(f.relation), "relationshipOrder": nil, "restrictedDelete": false,
		"restrictedPicklist": f.restricted, "scale": 0, "searchPrefilterable": f.typ == "reference" && f.sys == sysNone, "soapType": soapTypes[f.typ],
		"sortable": !f.opaque() && f.typ != "multipicklist" && !f.preference(), "type": f.typ, "unique": f.unique, "updateable": f.updateable && writable,
		"writeRequiresMasterRead": false,
	}
	if d["soapType"] == "" {
		d["soapType"] = "xsd:string"
	}
	if f.formula != nil {
		d["calculatedFormula"] = f.formula.text
	}
	if numeric {
		d["precision"], d["scale"] = f.precision, f.scale
	}
	if f.typ == "multipicklist" {
		d["precision"] = f.visibleLines
	}
	if f.typ == "int" {
		d["digits"] = f.precision
	}
	return d
}

// groupable: numbers with decimals, moments, long texts, choices of several and
// formulas cannot be grouped by.
func (f *field) groupable() bool {
	switch f.typ {
	case "double", "currency", "percent", "datetime", "time", "multipicklist":
		return false
	}
	return !f.opaque() && f.formula == nil && !f.preference()
}

var soapTypes = map[string]string{
	"id": "tns:ID", "reference": "tns:ID", "boolean": "xsd:boolean", "int": "xsd:int", "double": "xsd:double", "currency": "xsd:double",
	"percent": "xsd:double", "date": "xsd:date", "time": "xsd:time", "location": "urn:location", "datetime": "xsd:dateTime", "address": "urn:address", "complexvalue": "tns:CustomField",
}

// byteLength is three bytes a character for text and the plain length of ids.
func (f *field) byteLength() int {
	switch {
	case f.typ == "id" || f.typ == "reference":
		return 18
	case f.typ == "multipicklist":
		return f.length
	case f.text():
		return 3 * f.length
	}
	return 0
}

// compoundName is the compound a field shows as part of; an account's name
// calls itself one, because person accounts share the column.
func (f *field) compoundName() string {
	if f.nameField && f.object.name == "Account" {
		return f.name
	}
	return f.compound
}

func (f *field) extraType() any {
	switch {
	case f.name == "Name" && f.object.name == "Account":
		return "switchablepersonname"
	case f.name == "Name" && f.compute != nil, f.compound == "Name":
		return "personname"
	case f.name == "PhotoUrl":
		return "imageurl"
	case f.html:
		return "richtextarea"
	case f.typ == "textarea" && f.long():
		return "plaintextarea"
	case f.typ == "textarea":
		return "plaintextarea"
	}
	return nil
}

// preference reports a switch of the whole org, which is kept as a bit of a
// number and can only be filtered by.
func (f *field) preference() bool { return f.object.setup && strings.HasPrefix(f.name, "Preferences") }

func (f *field) defaultValue() any {
	if f.typ == "boolean" && f.def.IsNull() && !f.preference() {
		return false
	}
	return plainValue(f.def, f.typ)
}

func (f *field) picklistValues() []any {
	out := []any{}
	for _, p := range f.picks {
		out = append(out, map[string]any{"active": !p.inactive, "defaultValue": p.byDefault, "label": orElse(p.label, p.value), "validFor": f.validFor(p), "value": p.value})
	}
	return out
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func emptyIfNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
