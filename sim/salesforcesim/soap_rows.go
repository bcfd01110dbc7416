package salesforcesim

import (
	"strconv"
	"strings"
)

// rows runs the calls that work on records, each row a transaction of its own
// as the calls promise without an AllOrNoneHeader; known is false for a call
// that this org does not have.
func (c *soapCall) rows() (out string, known bool) {
	work := map[string]struct {
		items string
		run   func(element) string
	}{
		"convertLead": {"leadConverts", c.convertLead}, "merge": {"", c.merge}, "create": {"sObjects", c.create},
		"update": {"sObjects", c.update}, "delete": {"ids", c.remove}, "undelete": {"ids", c.undelete}, "emptyRecycleBin": {"ids", c.empty},
	}[c.method.XMLName.Local]
	if work.run == nil {
		return "", false
	}
	var b strings.Builder
	items := c.method.all(work.items)
	if work.items == "" { // clients call a request for a merge by three names, and all are taken
		items = c.method.Children
	}
	for _, item := range items {
		b.WriteString("<result>" + work.run(item) + "</result>")
	}
	return b.String(), true
}

// row runs work on one record in a transaction.
func (c *soapCall) row(work func(*tx) rowErrors) (errs rowErrors) {
	c.o.transact(c.by, func(t *tx) { errs = t.each(func() rowErrors { return work(t) }) })
	return errs
}

// outcome is a result: errors, the record, success.
func outcome(id string, errs rowErrors) string {
	return failures(errs) + tag("id", id) + succeeded(errs)
}

func succeeded(errs rowErrors) string { return tag("success", strconv.FormatBool(len(errs) == 0)) }

func failures(errs rowErrors) string {
	var b strings.Builder
	for _, e := range errs {
		b.WriteString("<errors>")
		for _, f := range e.fields {
			b.WriteString(tag("fields", f))
		}
		b.WriteString(tag("message", e.message) + tag("statusCode", e.code) + "</errors>")
	}
	return b.String()
}

// record reads an sObject: its type, id and fields; fieldsToNull clear.
func (e element) record() (object, id string, fields map[string]any) {
	fields = map[string]any{}
	for _, f := range e.Children {
		value := strings.TrimSpace(f.Text)
		switch {
		case f.XMLName.Local == "type":
			object = value
		case strings.EqualFold(f.XMLName.Local, "id"):
			id = value
		case f.XMLName.Local == "fieldsToNull":
			fields[value] = nil
		case f.isNil():
			fields[f.XMLName.Local] = nil
		default:
			fields[f.XMLName.Local] = f.Text
		}
	}
	return object, id, fields
}

// typed reads a record for a write: SOAP carries every value as text.
func (c *soapCall) typed(e element) (*object, string, map[string]any, rowErrors) {
	name, id, fields := e.record()
	c.o.mu.RLock()
	defer c.o.mu.RUnlock()
	ob := c.o.objects[strings.ToLower(name)]
	if ob == nil || ob.tooling {
		return nil, id, nil, refuse("INVALID_TYPE", "sObject type '"+name+"' is not supported.")
	}
	for key, v := range fields {
		f, text := ob.field(key), ""
		if v != nil {
			text, _ = v.(string)
		}
		if f != nil && v != nil && !f.text() {
			fields[key] = untexted(f, text)
		}
	}
	return ob, id, fields, nil
}

// untexted is a text as JSON would carry the field's value.
func untexted(f *field, text string) any {
	switch f.typ {
	case "boolean":
		return text == "true" || text == "1"
	case "int", "double", "currency", "percent", "long":
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			return n
		}
	}
	return text
}

func (c *soapCall) create(e element) string {
	ob, _, fields, errs := c.typed(e)
	id := ""
	if errs == nil {
		errs = c.row(func(t *tx) rowErrors {
			sets, errs := t.parse(ob, fields, true)
			if len(errs) == 0 {
				id, errs = t.insert(ob, sets)
			}
			return errs
		})
	}
	if len(errs) > 0 {
		id = ""
	}
	return outcome(id, errs)
}

func (c *soapCall) update(e element) string {
	ob, id, fields, errs := c.typed(e)
	if errs == nil {
		errs = c.row(func(t *tx) rowErrors {
			sets, errs := t.parse(ob, fields, false)
			if len(errs) == 0 {
				errs = t.update(ob, id, sets)
			}
			return errs
		})
	}
	return outcome(id, errs)
}

// byID runs work on the record that an id element names, found by its prefix.
func (c *soapCall) byID(e element, work func(*tx, *object, string) rowErrors) string {
	given := strings.TrimSpace(e.Text)
	id, ok := canonicalID(given)
	malformed := refuse("MALFORMED_ID", "malformed id "+given)
	if !ok {
		return outcome("", malformed)
	}
	var known bool
	errs := c.row(func(t *tx) rowErrors {
		ob := t.o.byPrefix[id[:3]]
		if known = ob != nil; !known {
			return malformed
		}
		return work(t, ob, id)
	})
	if !known {
		id = ""
	}
	return outcome(id, errs)
}

func (c *soapCall) remove(e element) string {
	return c.byID(e, func(t *tx, ob *object, id string) rowErrors { return t.remove(ob, id) })
}

func (c *soapCall) undelete(e element) string {
	return c.byID(e, func(t *tx, ob *object, id string) rowErrors { return t.restore(ob, id) })
}

func (c *soapCall) empty(e element) string {
	return c.byID(e, func(t *tx, ob *object, id string) rowErrors { return t.empty(ob, id) })
}

func (c *soapCall) merge(e element) string {
	name, master, _ := e.child("masterRecord").record()
	ob, _, fields, errs := c.typed(e.child("masterRecord"))
	var losers []string
	for _, l := range e.all("recordToMergeIds") {
		id, _ := canonicalID(strings.TrimSpace(l.Text))
		losers = append(losers, id)
	}
	if id, ok := canonicalID(master); ok {
		master = id
	}
	if errs == nil {
		errs = c.row(func(t *tx) rowErrors { return t.merge(ob, master, fields, losers) })
	}
	out := outcome(master, errs)
	if len(errs) == 0 && name != "" {
		for _, id := range losers {
			out += tag("mergedRecordIds", id)
		}
	}
	return out
}

func (c *soapCall) convertLead(e element) string {
	how := Convert{AccountID: e.text("accountId"), ContactID: e.text("contactId"), NoOpportunity: e.text("doNotCreateOpportunity") == "true",
		OpportunityName: e.text("opportunityName"), Status: e.text("convertedStatus"), OwnerID: e.text("ownerId"), OverwriteLeadSource: e.text("overwriteLeadSource") == "true"}
	var made Converted
	lead := e.text("leadId")
	errs := c.row(func(t *tx) (errs rowErrors) {
		if how.Status == "" {
			return refuse("REQUIRED_FIELD_MISSING", "convertedStatus is required")
		}
		made, errs = t.convert(lead, how)
		return errs
	})
	if len(errs) > 0 {
		made = Converted{}
	}
	return tag("accountId", made.AccountID) + tag("contactId", made.ContactID) + tag("leadId", lead) + tag("opportunityId", made.OpportunityID) + failures(errs) + succeeded(errs)
}
