package salesforce

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"tandem/internal/core"
)

// timeLayouts are how REST, Bulk and SOAP-flavoured answers write a datetime.
var timeLayouts = []string{"2006-01-02T15:04:05.000-0700", "2006-01-02T15:04:05.000Z07:00", time.RFC3339}

// parseTime reads a datetime of an answer; the zero time where there is none.
func parseTime(s string) time.Time {
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// text is a JSON value as Record.Values holds it: null is blank, numbers keep
// the digits that were sent.
func text(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || raw[0] == 'n' {
		return ""
	}
	var s string
	if raw[0] == '"' && json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

// flatten puts a row's values under their API names; the fields of a parent
// record get the path they were asked by, Owner.Name.
func flatten(r row, prefix string, into map[string]string) {
	for name, raw := range r {
		if name == "attributes" {
			continue
		}
		if parent, ok := parentRow(raw); ok {
			flatten(parent, prefix+name+".", into)
			continue
		}
		into[prefix+name] = text(raw)
	}
}

// parentRow tells a parent record, which has attributes, from a compound value
// such as an address, which has none.
func parentRow(raw json.RawMessage) (row, bool) {
	if raw = bytes.TrimSpace(raw); len(raw) == 0 || raw[0] != '{' {
		return nil, false
	}
	var r row
	if json.Unmarshal(raw, &r) != nil {
		return nil, false
	}
	_, ok := r["attributes"]
	return r, ok
}

// blankParents gives the asked paths below an empty parent their blank: the
// answer has only "Owner": null for Owner.Name.
func blankParents(fields []string, into map[string]string) {
	for _, f := range fields {
		head, _, dotted := strings.Cut(f, ".")
		if _, answered := into[f]; dotted && !answered {
			if v, ok := into[head]; ok && v == "" {
				into[f] = ""
			}
		}
	}
}

// record makes a Record of a row.
func record(object core.Object, r row, fields []string) core.Record {
	values := make(map[string]string, len(r))
	flatten(r, "", values)
	blankParents(fields, values)
	return recordOf(object, values)
}

// recordOf makes a Record of values by API name.
func recordOf(object core.Object, values map[string]string) core.Record {
	rec := core.Record{Ref: refTo(object, values["Id"]), Values: values, Stamp: parseTime(values["SystemModstamp"]),
		Created: parseTime(values["CreatedDate"]), ModifiedBy: values["LastModifiedById"]}
	if values["IsDeleted"] == "true" {
		rec.Presence, rec.MergedInto = core.Deleted, values["MasterRecordId"]
	}
	return rec
}

// refTo is the Ref of an id as the vendor wrote it, which is 18 characters
// except in a few old interfaces.
func refTo(object core.Object, id string) core.Ref {
	return core.Ref{Side: core.Salesforce, Object: object, ID: orElse(ID18(id), id)}
}

func absent(object core.Object, id string) core.Record {
	return core.Record{Ref: refTo(object, id), Presence: core.Absent}
}

// typed is a value as JSON wants it for the field's type. A number that is none
// goes as text, so that the org itself says what is wrong with it.
func typed(value, fieldType string) any {
	switch fieldType {
	case "boolean":
		return strings.EqualFold(value, "true")
	case "int", "long", "double", "currency", "percent":
		if value != "" && json.Valid([]byte(value)) && (value[0] == '-' || value[0] >= '0' && value[0] <= '9') {
			return json.Number(value)
		}
	}
	if value == "" {
		return nil
	}
	return value
}
