package salesforcesim

import (
	"fmt"
	"strings"

	"tandem/sim/salesforcesim/soql"
)

// Door edits records in process as one user would in the browser: with that
// user's rights, through every rule, seen by the ledger and by subscribers
// as a person's change.
type Door struct {
	org  *Org
	by   actor
	fail error
}

// lightning is the origin that change events show for edits in the browser.
const lightning = "com/salesforce/api/soap/65.0;client=SfdcInternalAPI/"

// As opens a door for a user, named by user name, id, "admin" or
// "integration". If there is none, the door's methods say so.
func (o *Org) As(user string) Door {
	o.mu.RLock()
	defer o.mu.RUnlock()
	u := o.userNamed(user)
	if u == nil {
		return Door{org: o, fail: fmt.Errorf("open door: the org has no user %q", user)}
	}
	return Door{org: o, by: actor{userID: u.id, origin: lightning, noAssign: true, allowAlert: true}}
}

// do runs one piece of work in a transaction of its own.
func (d Door) do(objectName string, work func(*tx, *object) rowErrors) error {
	if d.fail != nil {
		return d.fail
	}
	var errs rowErrors
	ob := d.org.objects[strings.ToLower(objectName)]
	if ob == nil {
		return fmt.Errorf("find object %q: this org has none of that name", objectName)
	}
	d.org.transact(d.by, func(t *tx) {
		errs = t.each(func() rowErrors { return work(t, ob) })
	})
	return errs.asError()
}

// Create makes a record and gives its id.
func (d Door) Create(objectName string, fields map[string]any) (string, error) {
	var id string
	err := d.do(objectName, func(t *tx, ob *object) rowErrors {
		sets, errs := t.parse(ob, fields, true)
		if len(errs) == 0 {
			id, errs = t.insert(ob, sets)
		}
		return errs
	})
	return id, err
}

// Update changes fields; nil clears one.
func (d Door) Update(objectName, id string, fields map[string]any) error {
	return d.do(objectName, func(t *tx, ob *object) rowErrors {
		sets, errs := t.parse(ob, fields, false)
		if len(errs) == 0 {
			errs = t.update(ob, id, sets)
		}
		return errs
	})
}

// Delete moves a record and what depends on it to the recycle bin.
func (d Door) Delete(objectName, id string) error {
	return d.do(objectName, func(t *tx, ob *object) rowErrors { return t.remove(ob, id) })
}

// Undelete takes a record out of the recycle bin with what went in with it.
func (d Door) Undelete(objectName, id string) error {
	return d.do(objectName, func(t *tx, ob *object) rowErrors { return t.restore(ob, id) })
}

// Empty takes a record out of the recycle bin for good.
func (d Door) Empty(objectName, id string) error {
	return d.do(objectName, func(t *tx, ob *object) rowErrors { return t.empty(ob, id) })
}

// Merge folds one or two losers into a master.
func (d Door) Merge(objectName, master string, losers ...string) error {
	return d.MergeWith(objectName, master, nil, losers...)
}

// MergeWith merges and sets fields of the master, as the merge page does with
// the values a person picked.
func (d Door) MergeWith(objectName, master string, fields map[string]any, losers ...string) error {
	return d.do(objectName, func(t *tx, ob *object) rowErrors { return t.merge(ob, master, fields, losers) })
}

// ConvertLead converts a lead.
func (d Door) ConvertLead(lead string, how Convert) (Converted, error) {
	var out Converted
	err := d.do("Lead", func(t *tx, ob *object) rowErrors {
		var errs rowErrors
		out, errs = t.convert(lead, how)
		return errs
	})
	return out, err
}

// Get gives the fields of a live record that the user may see, nil for those
// without a value; it is nil when there is no such record.
func (d Door) Get(objectName, id string) map[string]any {
	if d.fail != nil {
		return nil
	}
	d.org.mu.RLock()
	defer d.org.mu.RUnlock()
	ob, a := d.org.objects[strings.ToLower(objectName)], d.org.accessOf(d.by.userID)
	if ob == nil {
		return nil
	}
	r, errs := d.org.locate(a, ob, id)
	if errs != nil {
		return nil
	}
	out := map[string]any{}
	for _, f := range ob.fields {
		if a.seesField(f) {
			out[f.name] = plainValue(d.org.value(r, f), f.typ)
		}
	}
	return out
}

// Query runs SOQL, without the recycle bin. Parents are nested maps and
// children lists of maps.
func (d Door) Query(text string) ([]map[string]any, error) {
	if d.fail != nil {
		return nil, d.fail
	}
	d.org.mu.RLock()
	defer d.org.mu.RUnlock()
	a := d.org.accessOf(d.by.userID)
	plan, errs := d.org.planQuery(a, text, false)
	if len(errs) > 0 {
		return nil, fmt.Errorf("run query: %w", errs)
	}
	src := d.org.source(a, false)
	if plan.CountOnly() {
		return []map[string]any{{"count": plan.Count(src)}}, nil
	}
	var out []map[string]any
	for rec := range plan.Records(src) {
		out = append(out, plainRecord(rec))
	}
	return out, nil
}

func plainRecord(rec *soql.Record) map[string]any {
	out := map[string]any{}
	for _, c := range rec.Cells {
		switch {
		case c.Kind == soql.ColumnParent && c.Parent != nil:
			out[c.Name] = plainRecord(c.Parent)
		case c.Kind == soql.ColumnChildren && len(c.Children) > 0:
			var children []map[string]any
			for _, child := range c.Children {
				children = append(children, plainRecord(child))
			}
			out[c.Name] = children
		default:
			out[c.Name] = plainValue(c.Value, c.Type)
		}
	}
	return out
}
