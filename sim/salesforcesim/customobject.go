package salesforcesim

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"tandem/sim/salesforcesim/soql"
)

// CustomObject is an object as an administrator would define it, with the
// fields that it has from its first day.
type CustomObject struct {
	Name       string      `json:"name"` // with or without __c
	Label      string      `json:"label"`
	Plural     string      `json:"plural"`
	NameLabel  string      `json:"name_label"`
	AutoNumber string      `json:"auto_number"` // display format of the name, "INV-{0000}"; a name that people give when empty
	Fields     []FieldSpec `json:"fields"`      // Object says nothing here
	Activities bool        `json:"activities"`  // tasks and events may be related to its records ("Allow Activities")
}

// customName is the API name.
func (c CustomObject) customName() string { return strings.TrimSuffix(c.Name, "__c") + "__c" }

// build makes the nth custom object of an org, without its fields.
func (c CustomObject) build(n int) *object {
	name := c.customName()
	label := orElse(c.Label, strings.ReplaceAll(strings.TrimSuffix(name, "__c"), "_", " "))
	naming := withDefault(text("Name", orElse(c.NameLabel, label+" Name"), 80).naming(), soql.Null())
	if c.AutoNumber != "" {
		naming = numbered(naming.readonly(), c.AutoNumber)
	}
	spec := objectSpec{name: name, label: label, plural: orElse(c.Plural, label+"s"), prefix: fmt.Sprintf("a%c%c", base62[n/len(base62)%len(base62)], base62[n%len(base62)]), kind: "data", cdc: true,
		fields: []field{owner("Group", "User"), naming}}
	ob := spec.build()
	ob.custom, ob.searchable = true, false
	ob.field("Id").label = "Record ID"
	return ob
}

// addObjects builds the custom objects of a new org.
func (o *Org) addObjects(list []CustomObject) {
	for i, c := range list {
		ob := c.build(i)
		o.objects[strings.ToLower(ob.name)] = ob
		o.allowActivities(c, ob)
	}
}

// allowActivities lets tasks and events be related to the records of an object, where its
// definition says so.
func (o *Org) allowActivities(c CustomObject, ob *object) {
	for _, name := range activityObjects {
		if what := o.objects[strings.ToLower(name)].field("WhatId"); c.Activities {
			what.refTo = append(slices.Clone(what.refTo), ob.name)
			ob.children = append(ob.children, what)
		}
	}
}

// AddObject adds a custom object to a running org, with its fields. Everybody
// who has rights on data has all rights on it.
func (o *Org) AddObject(c CustomObject) error {
	if !developerName.MatchString(c.customName()) {
		return fmt.Errorf("add object: %q is no API name", c.Name)
	}
	if err := o.putObject(c); err != nil {
		return err
	}
	for _, f := range c.Fields {
		f.Object = c.customName()
		if err := o.AddField(f); err != nil {
			return fmt.Errorf("add object %s: %w", c.customName(), err)
		}
	}
	return nil
}

func (o *Org) putObject(c CustomObject) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.objects[strings.ToLower(c.customName())] != nil {
		return fmt.Errorf("add object: the org has %s already", c.customName())
	}
	n := 0
	for _, ob := range o.objects {
		if ob.custom {
			n++
		}
	}
	ob := c.build(n)
	o.objects[strings.ToLower(ob.name)], o.byPrefix[ob.prefix] = ob, ob
	for _, f := range ob.fields {
		tieChild(o.objects, f)
	}
	o.allowActivities(c, ob)
	for _, set := range o.dataSets() {
		o.grantObject(set, ob)
	}
	o.touchSchema(ob)
	return nil
}

// addObjectFields adds the fields of custom objects, once permissions stand.
// It panics on a mistake in the definition, as the options of an org are code.
func (o *Org) addObjectFields(list []CustomObject) {
	for _, c := range list {
		for _, f := range c.Fields {
			f.Object = c.customName()
			if err := o.AddField(f); err != nil {
				panic(fmt.Sprintf("salesforcesim: add field %s of %s: %v", f.Name, f.Object, err))
			}
		}
	}
}

// numbered makes a field number its records itself.
func numbered(f field, format string) field {
	f.numbering = &numbering{format: format}
	f.defaulted, f.unique = true, false
	return f
}

// numbering is the counter of an auto-number field. Numbers that a failed
// write took are not given again.
type numbering struct {
	format string // "INV-{0000}"
	last   int
}

// next gives the next number in the field's format.
func (n *numbering) next() string {
	n.last++
	before, rest, ok := strings.Cut(n.format, "{")
	digits, after, closed := strings.Cut(rest, "}")
	if !ok || !closed {
		return n.format + fmt.Sprint(n.last)
	}
	return fmt.Sprintf("%s%0*d%s", before, len(digits), n.last, after)
}

// summary is a roll-up of the records of a child object.
type summary struct {
	operation string // count, sum, min, max
	object    string // of the children, in lower case
	parent    string // field of the child that leads here
	field     string // field of the child that is summed up
}

// summaryFrom reads the definition of a roll-up field.
func summaryFrom(m metadataMap) *summary {
	object, parent, _ := strings.Cut(m.text("summaryForeignKey"), ".")
	_, field, _ := strings.Cut(m.text("summarizedField"), ".")
	return &summary{operation: m.text("summaryOperation"), object: strings.ToLower(object), parent: parent, field: field}
}

// of computes the roll-up of a record.
func (s *summary) of(o *Org, r *record) value {
	child := o.objects[s.object]
	if child == nil || child.field(s.parent) == nil {
		return soql.Null()
	}
	n, total, low, high := 0, 0.0, math.Inf(1), math.Inf(-1)
	for _, row := range child.records.withValue(child.field(s.parent), strings.ToLower(r.id)) {
		if row.deleted {
			continue
		}
		if s.operation == "count" {
			n++
			continue
		}
		f := child.field(s.field)
		if f == nil || row.at(f).IsNull() {
			continue
		}
		v := row.at(f).Num()
		n, total, low, high = n+1, total+v, math.Min(low, v), math.Max(high, v)
	}
	return s.result(n, total, low, high)
}

func (s *summary) result(n int, total, low, high float64) value {
	switch {
	case s.operation == "count":
		return soql.Number(float64(n))
	case s.operation == "sum":
		return soql.Number(total)
	case n == 0:
		return soql.Null()
	case s.operation == "min":
		return soql.Number(low)
	}
	return soql.Number(high)
}
