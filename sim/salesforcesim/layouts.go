package salesforcesim

import "net/http"

// layouts answers /sobjects/X/describe/layouts of an object with record types,
// for which the answer has no layouts: only which record types there are and the
// picklist values that each offers (REST API Developer Guide, "Get Layouts and
// Descriptions for an Object With Multiple Record Types"; SOAP API Developer
// Guide, "DescribeLayoutResult"). The layouts themselves are not simulated.
func (o *Org) layouts(c *call, ob *object) *answer {
	var out *answer
	c.read(func(a *access) {
		types := o.recordTypes(ob)
		if len(types) == 0 {
			out = refusal(notFound())
			return
		}
		mappings := []any{}
		for i, info := range o.recordTypeInfos(c, ob) {
			var recordType *record // nil is the master record type, which comes last
			if i < len(types) {
				recordType = types[i]
			}
			info["layoutId"], info["picklistsForRecordType"] = nil, o.recordTypePicklists(a, ob, recordType)
			mappings = append(mappings, info)
		}
		out = marshalled(http.StatusOK, map[string]any{"layouts": nil, "recordTypeMappings": mappings, "recordTypeSelectorRequired": []bool{true}})
	})
	return out
}

// recordTypePicklists lists the picklists of an object with the values offered
// under a record type.
func (o *Org) recordTypePicklists(a *access, ob *object, recordType *record) []any {
	out := []any{}
	for _, f := range ob.fields {
		if f.typ != "picklist" && f.typ != "multipicklist" || !a.seesField(f) {
			continue
		}
		values := []any{}
		for _, p := range f.picks {
			if o.offers(recordType, f, p) {
				values = append(values, map[string]any{"active": true, "defaultValue": p.byDefault, "label": orElse(p.label, p.value), "validFor": nil, "value": p.value})
			}
		}
		out = append(out, map[string]any{"picklistName": f.name, "picklistValues": values})
	}
	return out
}
