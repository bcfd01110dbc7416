package salesforcesim

import (
	"slices"
	"strings"

	"tandem/sim/salesforcesim/soql"
)

// processFields are the picklists of which a business process offers a part, by
// object (Object Reference, "Business Process").
var processFields = map[string]string{"Opportunity": "StageName", "Lead": "Status", "Case": "Status"}

// BusinessProcess is a sales, lead or support process as an administrator would
// set it up: what the API shows of it are its name and, by the record types that
// have it, the picklist values of describe/layouts.
type BusinessProcess struct {
	Object string   `json:"object"` // Opportunity, Lead or Case
	Name   string   `json:"name"`
	Values []string `json:"values"` // of StageName or Status; all when empty
}

// AddBusinessProcess adds a business process.
func (o *Org) AddBusinessProcess(p BusinessProcess) error {
	return o.inTransaction(func(t *tx) rowErrors {
		ob := o.objects[strings.ToLower(p.Object)]
		if ob == nil || processFields[ob.name] == "" {
			return refuse("INVALID_TYPE", p.Object+" has no business processes")
		}
		f := ob.field(processFields[ob.name])
		for _, v := range p.Values {
			if f.pickNamed(v) != v {
				return refuse("INVALID_INPUT", v+" is no value of "+ob.name+"."+f.name)
			}
		}
		id := ""
		errs := t.rawInsert("BusinessProcess", map[string]any{"Name": p.Name, "TableEnumOrId": ob.name}, &id)
		if len(errs) == 0 && len(p.Values) > 0 {
			o.processes[id] = slices.Clone(p.Values)
		}
		return errs
	})
}

// processNamed finds the process of an object by id or name.
func (o *Org) processNamed(ob *object, name string) *record {
	for _, r := range o.objects["businessprocess"].records.rows {
		if r != nil && r.named("TableEnumOrId").Str() == ob.name && (r.id == name || r.named("Name").Str() == name) {
			return r
		}
	}
	return nil
}

// giveProcess names the process of a record type that an administrator adds. One
// that has to have a process and names none gets one of its own with all values.
func (t *tx) giveProcess(s RecordTypeSpec, raw map[string]any) rowErrors {
	ob := t.o.objects[strings.ToLower(s.Object)]
	switch {
	case ob == nil:
		return nil
	case s.Process != "":
		have := t.o.processNamed(ob, s.Process)
		if have == nil {
			return refuse("INVALID_CROSS_REFERENCE_KEY", ob.name+" has no business process "+s.Process, "BusinessProcessId")
		}
		raw["BusinessProcessId"] = have.id
	case needsProcess(ob):
		id := ""
		errs := t.rawInsert("BusinessProcess", map[string]any{"Name": s.Name, "TableEnumOrId": ob.name}, &id)
		raw["BusinessProcessId"] = id
		return errs
	}
	return nil
}

// needsProcess: record types of these objects name a process (Object Reference,
// "RecordType").
func needsProcess(ob *object) bool { return ob.name == "Opportunity" || ob.name == "Lead" }

// checkProcess holds a record type to a process of its own object.
func (t *tx) checkProcess(ob *object, after *record) rowErrors {
	id := after.named("BusinessProcessId")
	if id.IsNull() {
		if needsProcess(ob) {
			return refuse("REQUIRED_FIELD_MISSING", "Required fields are missing: [BusinessProcessId]", "BusinessProcessId")
		}
		return nil
	}
	if p := t.o.find(id.Str()); p != nil && p.named("TableEnumOrId").Str() != ob.name {
		return refuse("FIELD_INTEGRITY_EXCEPTION", "the business process belongs to "+p.named("TableEnumOrId").Str()+", not to "+ob.name, "BusinessProcessId")
	}
	return nil
}

// offers reports whether records of a record type are offered a picklist value.
// Nothing refuses the others: StageName and Status are no restricted picklists.
func (o *Org) offers(recordType *record, f *field, p pick) bool {
	if p.inactive || recordType == nil || processFields[f.object.name] != f.name {
		return !p.inactive
	}
	values, limited := o.processes[recordType.named("BusinessProcessId").Str()]
	return !limited || slices.Contains(values, p.value)
}

// businessProcessFields declares the columns of BusinessProcess.
func businessProcessFields() []field {
	return []field{
		text("Name", "Name", 80).must().naming(), text("NamespacePrefix", "Namespace Prefix", 15).readonly(), text("Description", "Description", 255),
		sized(choice("TableEnumOrId", "Entity Enumeration Or ID", "Case|Lead|Opportunity|Solution").closed().must().createOnly(), 40),
		withDefault(flag("IsActive", "Active").fixed(), soql.Bool(true)),
	}
}
