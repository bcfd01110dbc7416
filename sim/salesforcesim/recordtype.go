package salesforcesim

import (
	"strings"

	"tandem/sim/salesforcesim/soql"
)

// masterRecordType stands for "no record type".
const masterRecordType = "012000000000000AAA"

func (t *tx) checkRecordType(after *record) rowErrors {
	ob := t.o.objects[strings.ToLower(after.named("SobjectType").Str())]
	if ob == nil || ob.setup {
		return refuse("INVALID_TYPE", "Record types are not supported for "+after.named("SobjectType").Str(), "SobjectType")
	}
	after.put(after.object.field("SobjectType"), soql.Text(ob.name))
	return t.checkProcess(ob, after)
}

// applyRecordType gives an object its RecordTypeId column with its first
// record type: before that, orgs do not show the column at all.
func (o *Org) applyRecordType(c change) {
	if c.after == nil {
		return
	}
	ob := o.objects[strings.ToLower(c.after.named("SobjectType").Str())]
	if ob.field("RecordTypeId") == nil {
		f := ref("RecordTypeId", "Record Type ID", "RecordType", "", "RecordType").fixed()
		ob.addAfter(recordTypePlace(ob), &f)
	}
	o.touchSchema(ob)
}

// recordTypePlace is the column that RecordTypeId follows.
func recordTypePlace(ob *object) string {
	for _, name := range []string{"Type", "Salutation", "AccountId"} {
		if ob.field(name) != nil {
			return name
		}
	}
	return "IsDeleted"
}

// recordTypes lists an object's record types in order of creation.
func (o *Org) recordTypes(ob *object) []*record {
	var out []*record
	for _, r := range o.objects["recordtype"].records.rows {
		if r != nil && r.named("SobjectType").Str() == ob.name {
			out = append(out, r)
		}
	}
	return out
}
