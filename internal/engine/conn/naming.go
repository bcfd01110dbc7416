package conn

import (
	"tandem/internal/core"
	"tandem/internal/mapping"
)

// nameFields are the fields by which a person knows a record of the pairs that every
// connection has, the most telling one first.
var nameFields = []string{"Name", "name", "dealname", mapping.SubjectField, "subject",
	mapping.ActivityTitle[core.Tasks], mapping.ActivityTitle[core.Calls], mapping.ActivityTitle[core.Emails], mapping.ActivityTitle[core.Meetings],
	"domain", "Email", "email"}

// NameFields are the fields by which a person knows a record of an object.
func (c *Known) NameFields(side core.Side, object core.Object) []string {
	if unique := c.Schemas[side][object].UniqueName; c.defOf(side, object).Custom && unique != "" {
		return append([]string{unique}, nameFields...)
	}
	return nameFields
}

// NameOf is what a person calls a record, blank where no field that was read tells.
func (c *Known) NameOf(rec *core.Record) string {
	return firstOf(rec, c.NameFields(rec.Ref.Side, rec.Ref.Object))
}

// NameIn is what a person calls a record, as far as its values alone tell.
func NameIn(rec *core.Record) string { return firstOf(rec, nameFields) }

func firstOf(rec *core.Record, fields []string) string {
	for _, f := range fields {
		if v, _ := rec.Get(f); v != "" {
			return v
		}
	}
	return ""
}
