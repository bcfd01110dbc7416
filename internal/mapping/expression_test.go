package mapping

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tandem/internal/core"
)

func accountDefs() []FieldDef {
	return []FieldDef{sfDef("Name", "string"), sfDef("Industry", "picklist"), sfDef("Employees", "int"), sfDef("Active__c", "boolean"),
		sfDef("Tags__c", "multipicklist"), sfDef("Since__c", "date"), hsDef("type", "enumeration", "select"), sfDef("Where", "location")}
}

func TestLIM11_Predicates(t *testing.T) {
	values := map[string]string{"Name": "Acme", "Industry": "Banking", "Employees": "250", "Active__c": "true", "Tags__c": "b;a", "Since__c": "2024-05-01", "type": "PARTNER"}
	rows := []struct {
		text string
		want bool
	}{
		{`Employees > 100 && Industry in ["Banking", "Insurance"]`, true},
		{`Employees >= 251`, false},
		{`Active__c`, true},
		{`not Active__c`, false},
		{`"a" in Tags__c`, true},
		{`"c" in Tags__c`, false},
		{`Name startsWith "Ac"`, true},
		{`Name matches "^Z"`, false},
		{`Since__c >= "2024-01-01"`, true},
		{`type == "PARTNER"`, true},
		{`(Employees ?? 0) / 0 > 1`, true},
	}
	for _, row := range rows {
		p, err := CompilePredicate(row.text, accountDefs())
		if err != nil {
			t.Errorf("%s: %v", row.text, err)
			continue
		}
		if got, err := p.Match(values); err != nil || got != row.want {
			t.Errorf("%s is %v, %v, want %v", row.text, got, err, row.want)
		}
	}
}

func TestPredicatesAreRefusedWhenSaved(t *testing.T) {
	for _, text := range []string{"", "Name", "Employees + 1", `Unknown__c == "x"`, `Name > 5`, `Employees == "many"`, "Name ==", `now().Year() > 2000`, "Where == 1",
		`value == "x"`, strings.Repeat("true && ", 600) + "true"} {
		if _, err := CompilePredicate(text, accountDefs()); err == nil {
			t.Errorf("%.60q was accepted", text)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("the message has several lines: %v", err)
		}
	}
}

func TestPredicateFailsVisibly(t *testing.T) {
	p, err := CompilePredicate(`Employees > 5 && Name != ""`, accountDefs())
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Fields(); !slices.Equal(got, []string{"Employees", "Name"}) {
		t.Errorf("fields are %v", got)
	}
	if _, err := p.Match(map[string]string{"Employees": "7"}); err == nil || !strings.Contains(err.Error(), "Name") {
		t.Errorf("a field that was not answered: %v", err)
	}
	if _, err := p.Match(map[string]string{"Employees": "", "Name": "x"}); err == nil {
		t.Error("a comparison with a blank number has an answer")
	}
	blank, err := CompilePredicate(`(Employees ?? 0) > 5`, accountDefs())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := blank.Match(map[string]string{"Employees": ""}); got || err != nil {
		t.Errorf("?? does not help: %v, %v", got, err)
	}
}

func TestExpressionsStopAtTheirBudget(t *testing.T) {
	doubling := "let a0 = Name; "
	for i := range 40 {
		doubling += fmt.Sprintf("let a%d = a%d + a%d; ", i+1, i, i)
	}
	bombs := []string{`len(map(1..10000000, #)) > 1`, `let a = 1..1500; all(a, all(a, all(a, true)))`, `len(repeat(Name, 100000)) > 1`,
		doubling + "len(a40) > 1", `len(join(map(1..1900, Name), Name)) > 1`, `len(replace(Name, "", Name)) > 1`, `len(reduce(1..40, #acc + #acc, "x")) > 1`}
	long := strings.Repeat("x", 65536)
	for _, text := range bombs {
		p, err := CompilePredicate(text, accountDefs())
		if err != nil {
			continue
		}
		if got, err := p.Match(map[string]string{"Name": long}); err == nil {
			t.Errorf("%.60s ran to its end: %v", text, got)
		}
	}
	for _, text := range []string{`join(Tags__c, ",") == "a,b"`, `replace(Name, "x", "y") == "y"`, `Name + "z" == "xz"`, `Employees + 1 == 8`, `any(Tags__c, # == "a")`} {
		p, err := CompilePredicate(text, accountDefs())
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := p.Match(map[string]string{"Name": "x", "Tags__c": "b;a", "Employees": "7"}); !got || err != nil {
			t.Errorf("%s is %v, %v", text, got, err)
		}
	}
}

func TestTransforms(t *testing.T) {
	sf, hs := sfDef("Name", "string"), hsDef("name", "string", "text")
	oneWay := pair(t, sf, hs, func(m *FieldMap) { m.Transform[core.HubSpot] = `upper(value) + "!"` })
	rec := core.Record{Values: map[string]string{"Name": "acme"}}
	if got, ok := oneWay.FromRecord(sfSide, &rec); got != "ACME!" || !ok || oneWay.Rule != core.AlwaysSalesforce {
		t.Errorf("got %q with rule %s", got, oneWay.Rule)
	}
	if got, issue := oneWay.ToSide(hsSide, "ACME!"); got != "ACME!" || issue != nil {
		t.Errorf("got %q, %+v", got, issue)
	}
	mirror := pair(t, sf, hs, func(m *FieldMap) { m.Transform[core.Salesforce] = `lower(value)` })
	hsRec := core.Record{Values: map[string]string{"name": "ACME"}}
	if got, _ := mirror.FromRecord(hsSide, &hsRec); got != "acme" || mirror.Rule != core.HubSpotOnly {
		t.Errorf("got %q with rule %s", got, mirror.Rule)
	}
}

func TestD22_TransformsBothWays(t *testing.T) {
	percent := sfDef("Share__c", "percent")
	percent.Precision, percent.Scale = 5, 2
	f := pair(t, percent, hsDef("share", "number", "number"), func(m *FieldMap) {
		m.Transform = [2]string{core.Salesforce: "value * 100", core.HubSpot: "value / 100"}
	})
	if f.Rule != core.TwoWay {
		t.Fatalf("the rule is %s", f.Rule)
	}
	rec, hsRec := core.Record{Values: map[string]string{"Share__c": "50"}}, core.Record{Values: map[string]string{"share": "0.50"}}
	s, _ := f.FromRecord(sfSide, &rec)
	h, _ := f.FromRecord(hsSide, &hsRec)
	if s != "0.5" || h != "0.5" {
		t.Errorf("canonical values are %q and %q", s, h)
	}
	if got, issue := f.ToSide(sfSide, "0.25"); got != "25" || issue != nil {
		t.Errorf("got %q, %+v", got, issue)
	}
	if got, issue := f.ToSide(hsSide, "0.25"); got != "0.25" || issue != nil {
		t.Errorf("got %q, %+v", got, issue)
	}
}

func TestTransformFailuresAreIssues(t *testing.T) {
	sf, hs := []FieldDef{sfDef("N", "double"), sfDef("D", "double")}, []FieldDef{hsDef("n", "number", "number")}
	m, _ := Compile(core.CompanyPair, []FieldMap{{Salesforce: "N", HubSpot: "n", Transform: [2]string{core.HubSpot: "value / D"}}}, sf, hs)
	for _, values := range []map[string]string{{"N": "1", "D": "0"}, {"N": "1", "D": ""}, {"N": "1"}} {
		rec := core.Record{Values: values}
		if _, readable := m.Canon(sfSide, rec); readable[0] {
			t.Errorf("%v has a value", values)
		}
		issues := m.Unreadable(sfSide, rec)
		if len(issues) != 1 || issues[0].Code != "expression_failed" || issues[0].Category != core.CategoryMapping {
			t.Errorf("%v: %+v", values, issues)
		}
	}
	rec := core.Record{Values: map[string]string{"N": "1", "D": "4"}}
	if values, readable := m.Canon(sfSide, rec); values[0] != "0.25" || !readable[0] || len(m.Unreadable(sfSide, rec)) != 0 {
		t.Errorf("got %v, %v", values, readable)
	}
}
