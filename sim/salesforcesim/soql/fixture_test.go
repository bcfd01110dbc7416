package soql

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// org is a small store: rows by object, in the order of insertion.
type org struct {
	objects map[string]*Object
	rows    map[string][]*row
	byID    map[string]*row
	probes  []Probe // of the last scan of each kind, for tests of hints
	scanned int
}

type row struct {
	id     string
	object string
	values map[string]Value
}

func (r *row) ID() string             { return r.id }
func (r *row) Get(field *Field) Value { return r.values[field.Name] }

func (o *org) Object(name string) (*Object, bool) {
	for n, obj := range o.objects {
		if strings.EqualFold(n, name) {
			return obj, true
		}
	}
	return nil, false
}

func (o *org) Scan(object *Object, probes []Probe, yield func(Row) bool) {
	o.probes = append(o.probes, probes...)
	for _, r := range o.rows[object.Name] {
		o.scanned++
		if !yield(r) {
			return
		}
	}
}

func (o *org) Lookup(object *Object, id string) (Row, bool) {
	r, ok := o.byID[id]
	return r, ok && r.object == object.Name
}

// id makes a valid 18-character id.
func id(prefix string, n int) string {
	full, _ := fullID(fmt.Sprintf("%s%012d", prefix, n))
	return full
}

func (o *org) add(object, prefix string, values map[string]any) string {
	n := len(o.rows[object]) + 1
	r := &row{id: id(prefix, n), object: object, values: map[string]Value{"Id": Text(id(prefix, n))}}
	for k, v := range values {
		f, ok := o.objects[object].Field(k)
		if !ok {
			panic("no field " + k)
		}
		r.values[k] = toValue(f, v)
	}
	o.rows[object] = append(o.rows[object], r)
	o.byID[r.id] = r
	return r.id
}

func toValue(f *Field, v any) Value {
	switch v := v.(type) {
	case string:
		if f.Type == "date" {
			return Date(v)
		}
		return Text(v)
	case int:
		return Number(float64(v))
	case float64:
		return Number(v)
	case bool:
		return Bool(v)
	case time.Time:
		return DateTime(v)
	}
	return Null()
}

var (
	testNow  = time.Date(2026, 11, 18, 15, 30, 0, 0, time.UTC) // a Wednesday
	testZone = time.FixedZone("five west", -5*3600)
)

func system() []Field {
	return []Field{
		{Name: "Id", Type: "id"}, {Name: "IsDeleted", Type: "boolean"}, {Name: "SystemModstamp", Type: "datetime"},
		{Name: "CreatedDate", Type: "datetime"},
		{Name: "OwnerId", Type: "reference", Relationship: "Owner", ReferenceTo: []string{"User"}},
	}
}

func newOrg() *org {
	o := &org{objects: map[string]*Object{}, rows: map[string][]*row{}, byID: map[string]*row{}}
	define := func(name string, children []Child, fields ...Field) {
		o.objects[name] = NewObject(name, append(system(), fields...), children)
	}
	define("Account", []Child{{"Contacts", "Contact", "AccountId"}, {"ChildAccounts", "Account", "ParentId"}},
		Field{Name: "Name", Type: "string"}, Field{Name: "Industry", Type: "picklist"},
		Field{Name: "AnnualRevenue", Type: "currency"}, Field{Name: "NumberOfEmployees", Type: "int"},
		Field{Name: "Description", Type: "textarea", NoFilter: true, NoSort: true, NoGroup: true},
		Field{Name: "BillingAddress", Type: "address"},
		Field{Name: "Since__c", Type: "date", Custom: true}, Field{Name: "Tags__c", Type: "multipicklist", Custom: true},
		Field{Name: "Key__c", Type: "string", Custom: true, CaseSensitive: true},
		Field{Name: "ParentId", Type: "reference", Relationship: "Parent", ReferenceTo: []string{"Account"}})
	define("Contact", nil, Field{Name: "FirstName", Type: "string"}, Field{Name: "LastName", Type: "string"},
		Field{Name: "Email", Type: "email"},
		Field{Name: "AccountId", Type: "reference", Relationship: "Account", ReferenceTo: []string{"Account"}})
	define("User", nil, Field{Name: "Name", Type: "string"}, Field{Name: "Email", Type: "email"})
	define("Group", nil, Field{Name: "Name", Type: "string"})
	define("Task", nil, Field{Name: "Subject", Type: "string"},
		Field{Name: "WhatId", Type: "reference", Relationship: "What", ReferenceTo: []string{"Account", "Contact"}},
		Field{Name: "QueueId", Type: "reference", Relationship: "Queue", ReferenceTo: []string{"Group", "User"}})
	return o
}

// sample is the org that most tests query.
func sample() *org {
	o := newOrg()
	ann := o.add("User", "005", map[string]any{"Name": "Ann Lee", "Email": "ann@x.example"})
	bob := o.add("User", "005", map[string]any{"Name": "Bob Ray"})
	acme := o.add("Account", "001", map[string]any{"Name": "Acme", "Industry": "Banking", "AnnualRevenue": 100, "NumberOfEmployees": 5,
		"OwnerId": ann, "Since__c": "2026-11-18", "Tags__c": "Red;Blue", "Key__c": "aB", "SystemModstamp": testNow})
	o.add("Account", "001", map[string]any{"Name": "acme south", "Industry": "Banking", "AnnualRevenue": 300.5, "OwnerId": bob,
		"ParentId": acme, "Since__c": "2026-10-31", "Tags__c": "Blue", "Key__c": "AB", "SystemModstamp": testNow.Add(-20 * time.Hour)})
	zed := o.add("Account", "001", map[string]any{"Name": "Zed 100%", "Industry": "Energy", "OwnerId": ann,
		"SystemModstamp": testNow.AddDate(0, 0, -40)})
	o.add("Account", "001", map[string]any{"Name": "no_industry", "AnnualRevenue": 7, "SystemModstamp": testNow.AddDate(-1, 0, 0)})
	jo := o.add("Contact", "003", map[string]any{"FirstName": "Jo", "LastName": "O'Neil", "Email": "Jo@Acme.example", "AccountId": acme})
	o.add("Contact", "003", map[string]any{"LastName": "Solo"})
	o.add("Contact", "003", map[string]any{"LastName": "Zoe", "AccountId": zed})
	o.add("Contact", "003", map[string]any{"LastName": "Abe", "AccountId": acme})
	queue := o.add("Group", "00G", map[string]any{"Name": "Support"})
	o.add("Task", "00T", map[string]any{"Subject": "Call", "WhatId": acme, "QueueId": queue})
	o.add("Task", "00T", map[string]any{"Subject": "Mail", "WhatId": jo, "QueueId": ann})
	o.add("Task", "00T", map[string]any{"Subject": "None"})
	return o
}

func plan(t *testing.T, o *org, text string) *Plan {
	t.Helper()
	q, err := Parse(text)
	if err != nil {
		t.Fatalf("parse %s: %v", text, err)
	}
	p, err := q.Plan(o, Env{Now: testNow, Zone: testZone, FiscalStart: time.February, UserID: id("005", 2)})
	if err != nil {
		t.Fatalf("plan %s: %v", text, err)
	}
	return p
}

// run gives the records of a query as text: cells joined by commas, parents and children in parentheses.
func run(t *testing.T, o *org, text string) []string {
	t.Helper()
	var all []string
	for r := range plan(t, o, text).Records(o) {
		all = append(all, show(r))
	}
	return all
}

func show(r *Record) string {
	if r == nil {
		return "null"
	}
	var cells []string
	for _, c := range r.Cells {
		switch c.Kind {
		case ColumnParent:
			cells = append(cells, c.Name+":"+paren(r, c))
		case ColumnChildren:
			cells = append(cells, c.Name+":"+strings.Join(showAll(c.Children), "|"))
		default:
			cells = append(cells, c.Value.String())
		}
	}
	return strings.Join(cells, ",")
}

func paren(_ *Record, c Cell) string {
	if c.Parent == nil {
		return "null"
	}
	return "(" + c.Parent.Object.Name + " " + show(c.Parent) + ")"
}

func showAll(records []*Record) []string {
	all := []string{}
	for _, r := range records {
		all = append(all, show(r))
	}
	return all
}

// refusal is the error of a query that must not run.
func refusal(t *testing.T, o *org, text string) *Error {
	t.Helper()
	q, err := Parse(text)
	if err == nil {
		_, err = q.Plan(o, Env{Now: testNow, Zone: testZone})
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%s: error %v, want an *Error", text, err)
	}
	return e
}

func wantRows(t *testing.T, o *org, text string, want ...string) {
	t.Helper()
	if got := run(t, o, text); !slices.Equal(got, want) {
		t.Errorf("%s\n got %q\nwant %q", text, got, want)
	}
}
