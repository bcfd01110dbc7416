package mapping

import (
	"slices"
	"strings"
	"testing"

	"tandem/internal/core"
)

func TestMAP2_Types(t *testing.T) {
	sfTypes := []string{"picklist", "reference", "multipicklist", "boolean", "double", "int", "string", "textarea", "date", "datetime"}
	rows := []struct {
		label           string
		typ, fieldType  string
		ok              []string
		format          []string // same family, other format
		withoutMismatch bool
	}{
		{"Dropdown select", "enumeration", "select", []string{"picklist", "reference"}, []string{"multipicklist"}, false},
		{"Radio select", "enumeration", "radio", []string{"picklist", "reference"}, []string{"multipicklist"}, false},
		{"Multiple checkboxes", "enumeration", "checkbox", []string{"multipicklist"}, []string{"picklist", "reference"}, false},
		{"Single checkbox", "bool", "booleancheckbox", []string{"boolean"}, nil, false},
		{"Single checkbox as enumeration", "enumeration", "booleancheckbox", []string{"boolean"}, nil, false},
		{"Number", "number", "number", []string{"double", "int"}, nil, false},
		{"Single-line text", "string", "text", []string{"string", "textarea", "reference"}, nil, false},
		{"Multi-line text", "string", "textarea", []string{"textarea"}, []string{"string"}, false},
		{"Date picker", "date", "date", []string{"date", "datetime"}, nil, false},
		{"Date and time picker", "datetime", "date", []string{"date", "datetime"}, nil, false},
		{"Rich text", "string", "html", []string{"textarea"}, []string{"string"}, false},
		{"File", "string", "file", nil, nil, false},
		{"JSON", "json", "text", nil, nil, false},
	}
	for _, row := range rows {
		for _, sfType := range sfTypes {
			sf, hs := sfDef("F", sfType), hsDef("f", row.typ, row.fieldType)
			kind, message := pairKind(&sf, &hs)
			want := "Mismatched Types"
			switch {
			case slices.Contains(row.ok, sfType):
				want = ""
			case slices.Contains(row.format, sfType):
				want = "Field Format Mismatch"
			}
			if message != want || (kind == "") != (want != "") {
				t.Errorf("%s with %s: kind %q, message %q, want message %q", row.label, sfType, kind, message, want)
			}
		}
	}
}

func TestMAP2_MoreSalesforceTypes(t *testing.T) {
	rows := []struct {
		sfType, hsType, fieldType string
		want                      Kind
	}{
		{"currency", "number", "number", Number}, {"percent", "number", "number", Number}, {"long", "number", "number", Number},
		{"email", "string", "text", Text}, {"phone", "string", "phonenumber", Text}, {"phone", "phone_number", "phonenumber", Text},
		{"url", "string", "text", Text}, {"combobox", "enumeration", "select", Choice}, {"encryptedstring", "string", "text", Text},
		{"address", "string", "text", ""}, {"location", "string", "text", ""}, {"base64", "string", "text", ""}, {"time", "datetime", "date", ""}, {"time", "string", "text", Clock}, {"time", "string", "textarea", ""},
	}
	for _, row := range rows {
		sf, hs := sfDef("F", row.sfType), hsDef("f", row.hsType, row.fieldType)
		if got, _ := pairKind(&sf, &hs); got != row.want {
			t.Errorf("%s with %s/%s is %q, want %q", row.sfType, row.hsType, row.fieldType, got, row.want)
		}
	}
}

// world is a small schema on both sides.
func world() (sf, hs []FieldDef) {
	formula := sfDef("Score__c", "double")
	formula.Calculated, formula.Creatable, formula.Updatable = true, false, false
	calculated := hsDef("num_associated_contacts", "number", "calculation_equation")
	calculated.Calculated, calculated.Creatable, calculated.Updatable = true, false, false
	owner := sfDef("OwnerId", "reference")
	owner.References = []string{"User"}
	hsOwner := hsDef("hubspot_owner_id", "enumeration", "select")
	hsOwner.References = []string{"OWNER"}
	user := hsDef("account_manager", "enumeration", "select")
	user.References = []string{"OWNER"}
	hidden := sfDef("Hidden__c", "string")
	hidden.Creatable, hidden.Updatable = false, false
	readOnly := hsDef("hs_read_only", "string", "text")
	readOnly.Creatable, readOnly.Updatable = false, false
	sf = []FieldDef{sfDef("Name", "string"), sfDef("Phone", "phone"), sfDef("Employees", "int"), sfDef("Other__c", "double"), sfDef("Parent__c", "reference"),
		sfDef("HasOptedOutOfEmail", "boolean"), formula, owner, hidden}
	hs = []FieldDef{hsDef("name", "string", "text"), hsDef("phone", "string", "phonenumber"), hsDef("employees", "number", "number"),
		hsDef("hs_email_optout", "bool", "booleancheckbox"), hsDef("salesforcelastsynctime", "datetime", "date"), hsDef("optout", "bool", "booleancheckbox"),
		hsDef("parent_name", "string", "text"), calculated, hsOwner, user, readOnly}
	return sf, hs
}

func TestCompileProblems(t *testing.T) {
	rows := []struct {
		name     string
		m        FieldMap
		rule     string // requirement of the problem, blank for none
		severity Severity
		words    string
	}{
		{"works", FieldMap{Salesforce: "Phone", HubSpot: "phone"}, "", "", ""},
		{"MAP-1 the field is mapped twice", FieldMap{Salesforce: "Name", HubSpot: "phone"}, "MAP-1", Error, "another mapping"},
		{"MAP-1 the property is mapped twice", FieldMap{Salesforce: "Phone", HubSpot: "name"}, "MAP-1", Error, "another mapping"},
		{"MAP-2", FieldMap{Salesforce: "Employees", HubSpot: "phone"}, "MAP-2", Error, "Mismatched Types"},
		{"MAP-3", FieldMap{Salesforce: "Phone", HubSpot: "account_manager"}, "MAP-3", Error, "HubSpot user"},
		{"MAP-8", FieldMap{Salesforce: "OwnerId", HubSpot: "hubspot_owner_id"}, "MAP-8", Warning, "two-way"},
		{"MAP-15 formula", FieldMap{Salesforce: "Score__c", HubSpot: "employees", Rule: core.TwoWay}, "MAP-15", Warning, "Salesforce is always used"},
		{"MAP-15 calculated property", FieldMap{Salesforce: "Other__c", HubSpot: "num_associated_contacts"}, "MAP-15", Warning, "to Salesforce only"},
		{"MAP-15 neither side", FieldMap{Salesforce: "Score__c", HubSpot: "num_associated_contacts"}, "MAP-15", Error, "neither side"},
		{"OPT-1 Salesforce", FieldMap{Salesforce: "HasOptedOutOfEmail", HubSpot: "optout"}, "OPT-1", Error, "consent"},
		{"OPT-1 HubSpot", FieldMap{Salesforce: "Phone", HubSpot: "hs_email_optout"}, "OPT-1", Error, "consent"},
		{"PROP-12", FieldMap{Salesforce: "Phone", HubSpot: "salesforcelastsynctime"}, "PROP-12", Error, "sync itself"},
		{"ERR-8 Salesforce field missing", FieldMap{Salesforce: "Gone__c", HubSpot: "phone"}, "ERR-8", Error, `"Gone__c"`},
		{"ERR-8 HubSpot property missing", FieldMap{Salesforce: "Phone", HubSpot: "gone"}, "ERR-8", Error, `"gone"`},
		{"bad expression", FieldMap{Salesforce: "Phone", HubSpot: "phone", Transform: [2]string{core.HubSpot: "nonsense("}}, "ERR-8", Error, "does not compile"},
		{"MAP-15 a transform alone is one-way", FieldMap{Salesforce: "Phone", HubSpot: "phone", Transform: [2]string{core.HubSpot: "upper(value)"}}, "MAP-15", Warning, "Salesforce is always used"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			sf, hs := world()
			first := FieldMap{Salesforce: "Name", HubSpot: "name"}
			m, problems := Compile(core.CompanyPair, []FieldMap{first, row.m}, sf, hs)
			working := 2
			if row.severity == Error {
				working = 1
			}
			if len(m.Synced()) != working || m.Synced()[0].Names[core.Salesforce] != "Name" {
				t.Fatalf("%d mappings work, want %d: %+v", len(m.Synced()), working, problems)
			}
			if row.rule == "" {
				if len(problems) > 0 {
					t.Fatalf("problems: %+v", problems)
				}
				return
			}
			if len(problems) != 1 || problems[0].Rule != row.rule || problems[0].Severity != row.severity || !strings.Contains(problems[0].Message, row.words) || problems[0].Mend == "" {
				t.Fatalf("problems: %+v", problems)
			}
		})
	}
}

func TestMAP15_EffectiveRules(t *testing.T) {
	rows := []struct {
		name       string
		sf, hs     string
		rule, want core.Rule
	}{
		{"formula", "Score__c", "employees", core.PreferSalesforce, core.AlwaysSalesforce},
		{"calculated property", "Other__c", "num_associated_contacts", core.AlwaysSalesforce, core.HubSpotOnly},
		{"owner", "OwnerId", "hubspot_owner_id", core.AlwaysSalesforce, core.TwoWay},
		{"read-only property", "Phone", "hs_read_only", core.TwoWay, core.HubSpotOnly},
		{"a field that this user may not write keeps its rule", "Hidden__c", "phone", core.TwoWay, core.TwoWay},
	}
	for _, row := range rows {
		sf, hs := world()
		m, _ := Compile(core.CompanyPair, []FieldMap{{Salesforce: row.sf, HubSpot: row.hs, Rule: row.rule}}, sf, hs)
		if f := m.Synced()[0]; f.Rule != row.want {
			t.Errorf("%s: the rule is %s, want %s", row.name, f.Rule, row.want)
		}
	}
	sf, hs := world()
	m, _ := Compile(core.CompanyPair, []FieldMap{{Salesforce: "Hidden__c", HubSpot: "phone", Rule: core.TwoWay}}, sf, hs)
	if f := m.Synced()[0]; f.Writable(core.Salesforce, true) || f.Writable(core.Salesforce, false) || !f.Writable(core.HubSpot, false) {
		t.Error("Writable does not follow the schema")
	}
}

func TestMAP7_UnsyncedFieldsAreNotReadButStayTaken(t *testing.T) {
	sf, hs := world()
	m, problems := Compile(core.CompanyPair, []FieldMap{
		{Salesforce: "Phone", HubSpot: "phone", Rule: core.DontSync},
		{Salesforce: "Name", HubSpot: "name"},
		{Salesforce: "Phone", HubSpot: "parent_name"},
	}, sf, hs)
	if len(m.Synced()) != 1 || m.Field(core.Salesforce, "Phone") != nil || m.Field(core.HubSpot, "name") == nil {
		t.Errorf("synced: %+v", m.Synced())
	}
	if got := m.Fields(core.Salesforce); !slices.Equal(got, []string{"Name"}) {
		t.Errorf("reads %v", got)
	}
	if len(problems) != 1 || problems[0].Rule != "MAP-1" {
		t.Errorf("problems: %+v", problems)
	}
}

func TestFieldsToRead(t *testing.T) {
	sf, hs := world()
	m, problems := Compile(core.CompanyPair, []FieldMap{
		{Salesforce: "Parent__c", HubSpot: "parent_name", Reference: "name", Rule: core.AlwaysSalesforce},
		{Salesforce: "Name", HubSpot: "name", Rule: core.AlwaysSalesforce, Transform: [2]string{core.HubSpot: `value + " " + Phone`}},
	}, sf, hs)
	if len(problems) > 0 {
		t.Fatalf("problems: %+v", problems)
	}
	if got, want := m.Fields(core.Salesforce), []string{"Name", "Parent__r.Name", "Phone"}; !slices.Equal(got, want) {
		t.Errorf("reads %v, want %v", got, want)
	}
	if got, want := m.Fields(core.HubSpot), []string{"name", "parent_name"}; !slices.Equal(got, want) {
		t.Errorf("reads %v, want %v", got, want)
	}
}

func TestERR7_UnknownOptionsAreWarnedOf(t *testing.T) {
	sf, hs := sfDef("Rating", "picklist"), hsDef("rating", "enumeration", "select")
	sf.Options, sf.Restricted = options("Hot", "Warm", "Cold"), true
	hs.Options = options("HOT", "COLD", "FROZEN")
	m := FieldMap{Salesforce: "Rating", HubSpot: "rating", Rule: core.TwoWay, Values: map[string]string{"Hot": "HOT", "Cold": "COLD"}}
	_, problems := Compile(core.CompanyPair, []FieldMap{m}, []FieldDef{sf}, []FieldDef{hs})
	if len(problems) != 2 || problems[0].Rule != "ERR-7" || !strings.HasSuffix(problems[0].Message, ": Warm") || !strings.HasSuffix(problems[1].Message, ": FROZEN") {
		t.Fatalf("problems: %+v", problems)
	}
	m.Rule = core.AlwaysSalesforce
	_, problems = Compile(core.CompanyPair, []FieldMap{m}, []FieldDef{sf}, []FieldDef{hs})
	if len(problems) != 1 || !strings.HasSuffix(problems[0].Message, ": Warm") {
		t.Errorf("a one-way mapping warns of the other way: %+v", problems)
	}
	hs.Updatable = false
	_, problems = Compile(core.CompanyPair, []FieldMap{m}, []FieldDef{sf}, []FieldDef{hs})
	if len(problems) != 2 || problems[0].Rule != "MAP-15" || !strings.HasSuffix(problems[1].Message, ": FROZEN") {
		t.Errorf("a one-way mapping warns of the other way: %+v", problems)
	}
}

// What a side would take without knowing it, and a map that leads nowhere, are told
// before a record meets them.
func TestERR7_ValuesThatASideDoesNotListAreTold(t *testing.T) {
	sf, hs := sfDef("Industry", "picklist"), hsDef("industry", "enumeration", "select")
	sf.Options = []Option{{Value: "Media", Active: true}, {Value: "Banking", Active: true}}
	hs.Options = []Option{{Value: "BANKING", Active: true}, {Value: "MEDICAL_DEVICES", Active: true}}
	m := FieldMap{Salesforce: "Industry", HubSpot: "industry", Values: map[string]string{"Banking": "BANKING", "Media": "NOPE"}}
	told := func(rule core.Rule, restricted bool) (out []string) {
		sf.Restricted, m.Rule = restricted, rule
		_, problems := Compile(core.CompanyPair, []FieldMap{m}, []FieldDef{sf}, []FieldDef{hs})
		for _, p := range problems {
			out = append(out, p.Message)
		}
		return out
	}
	lost := "HubSpot does not know 1 of the Salesforce values: Media"
	raw := "Salesforce does not list 1 of the HubSpot values and stores them as they are: MEDICAL_DEVICES"
	wrong := `the value map turns "Media" into "NOPE", which HubSpot does not know`
	for _, tt := range []struct {
		rule       core.Rule
		restricted bool
		want       []string
	}{
		{core.PreferSalesforce, false, []string{lost, raw, wrong}},
		{core.AlwaysSalesforce, false, []string{lost, wrong}},
		{core.TwoWay, true, []string{lost, "Salesforce does not know 1 of the HubSpot values: MEDICAL_DEVICES", wrong}},
	} {
		if got := told(tt.rule, tt.restricted); !slices.Equal(got, tt.want) {
			t.Errorf("rule %s, restricted %v: %q, want %q", tt.rule, tt.restricted, got, tt.want)
		}
	}
}

// TestCONV2_FilesAreNotMapped: what holds a file or a link to one goes with nothing.
func TestCONV2_FilesAreNotMapped(t *testing.T) {
	sf := []FieldDef{sfDef("Body", "base64"), sfDef("Text__c", "textarea"), sfDef("Url__c", "url")}
	hs := []FieldDef{hsDef("attachment", "string", "file"), hsDef("words", "string", "text")}
	for _, m := range []FieldMap{{Salesforce: "Body", HubSpot: "attachment"}, {Salesforce: "Body", HubSpot: "words"}, {Salesforce: "Text__c", HubSpot: "attachment"}, {Salesforce: "Url__c", HubSpot: "attachment"}} {
		compiled, problems := Compile(core.CompanyPair, []FieldMap{m}, sf, hs)
		if len(compiled.Synced()) != 0 || len(problems) != 1 || problems[0].Rule != "MAP-2" || problems[0].Severity != Error {
			t.Errorf("%s with %s: %+v", m.Salesforce, m.HubSpot, problems)
		}
	}
}
