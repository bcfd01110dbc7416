package salesforcesim

import (
	"strings"
	"testing"
)

// offered gives the values of a picklist under each record type, by name.
func offered(t *testing.T, w *wire, object, picklist string) map[string]string {
	t.Helper()
	d := w.api("GET", "/sobjects/"+object+"/describe/layouts/", "").want(200).object()
	if d["layouts"] != nil || strs(d["recordTypeSelectorRequired"]) != "[true]" {
		t.Errorf("layouts %v, selector %v", d["layouts"], d["recordTypeSelectorRequired"])
	}
	out := map[string]string{}
	for _, m := range d["recordTypeMappings"].([]any) {
		mapping := m.(map[string]any)
		for _, p := range mapping["picklistsForRecordType"].([]any) {
			list := p.(map[string]any)
			if list["picklistName"] != picklist {
				continue
			}
			var values []string
			for _, v := range list["picklistValues"].([]any) {
				values = append(values, strs(v.(map[string]any)["value"]))
			}
			out[strs(mapping["name"])] = strings.Join(values, "|")
		}
	}
	return out
}

func TestSalesProcessesOfRecordTypes(t *testing.T) {
	w := newWire(t)
	ok(t, w.org.AddBusinessProcess(BusinessProcess{Object: "Opportunity", Name: "Renewals", Values: []string{"Qualification", "Closed Won", "Closed Lost"}}))
	ok(t, w.org.AddRecordType(RecordTypeSpec{Object: "Opportunity", Name: "Renewal", Process: "Renewals"}))
	ok(t, w.org.AddRecordType(RecordTypeSpec{Object: "Opportunity", Name: "New Business"}))
	got := offered(t, w, "Opportunity", "StageName")
	if got["Renewal"] != "Qualification|Closed Won|Closed Lost" || got["New Business"] != stages || got["Master"] != stages {
		t.Errorf("%v", got)
	}
	if types := offered(t, w, "Opportunity", "Type"); types["Renewal"] == "" || types["Renewal"] != types["Master"] {
		t.Errorf("a process reaches another picklist: %v", types)
	}
	rows := w.query("SELECT Name, BusinessProcess.Name, BusinessProcess.TableEnumOrId, BusinessProcess.IsActive FROM RecordType WHERE SobjectType='Opportunity' AND BusinessProcess.Name='Renewals'")
	if len(rows) != 1 || rows[0]["Name"] != "Renewal" {
		t.Fatalf("%v", rows)
	}
	if p := rows[0]["BusinessProcess"].(map[string]any); p["TableEnumOrId"] != "Opportunity" || p["IsActive"] != true {
		t.Errorf("%v", p)
	}
	if n := len(w.query("SELECT Id FROM OpportunityStage WHERE IsActive=true")); n != len(builtInStages) {
		t.Errorf("%d stages: no process takes any out of OpportunityStage", n)
	}
}

// StageName is no restricted picklist (Object Reference, "Opportunity"), so the
// API takes a stage that the process of the record type does not offer.
func TestAStageOutsideTheProcessIsTaken(t *testing.T) {
	w := newWire(t)
	ok(t, w.org.AddBusinessProcess(BusinessProcess{Object: "Opportunity", Name: "Renewals", Values: []string{"Qualification"}}))
	ok(t, w.org.AddRecordType(RecordTypeSpec{Object: "Opportunity", Name: "Renewal", Process: "Renewals"}))
	typ := strs(w.query("SELECT Id FROM RecordType WHERE Name='Renewal'")[0]["Id"])
	id := w.create("Opportunity", `{"Name":"O","StageName":"Negotiation/Review","CloseDate":"2026-04-01","RecordTypeId":"`+typ+`"}`)
	row := w.query("SELECT StageName, Probability, RecordType.Name FROM Opportunity WHERE Id='" + id + "'")[0]
	if row["StageName"] != "Negotiation/Review" || strs(row["Probability"]) != "90" {
		t.Errorf("%v", row)
	}
	for _, f := range w.api("GET", "/sobjects/Opportunity/describe", "").want(200).object()["fields"].([]any) {
		f := f.(map[string]any)
		if f["name"] == "StageName" && (f["restrictedPicklist"] != false || len(f["picklistValues"].([]any)) != len(builtInStages)) {
			t.Errorf("describe: restricted %v, %d values", f["restrictedPicklist"], len(f["picklistValues"].([]any)))
		}
	}
}

func TestBusinessProcessesOverTheAPI(t *testing.T) {
	w := newWire(t)
	id := w.create("BusinessProcess", `{"Name":"Direct","TableEnumOrId":"Opportunity"}`)
	if id[:3] != "019" {
		t.Error(id)
	}
	recordType := func(object, process string) reply {
		return w.api("POST", "/sobjects/RecordType", `{"Name":"T","DeveloperName":"T_`+object+`","SobjectType":"`+object+`"`+process+`}`)
	}
	named := `,"BusinessProcessId":"` + id + `"`
	for object, code := range map[string]string{"Opportunity": "REQUIRED_FIELD_MISSING", "Lead": "REQUIRED_FIELD_MISSING"} {
		if got := recordType(object, "").want(400).code(); got != code {
			t.Errorf("%s without a process: %s", object, got)
		}
	}
	if got := recordType("Lead", named).want(400).code(); got != "FIELD_INTEGRITY_EXCEPTION" {
		t.Errorf("the process of another object: %s", got)
	}
	recordType("Account", "").want(201)
	recordType("Opportunity", named).want(201)
	if got := offered(t, w, "Opportunity", "StageName")["T"]; got != stages {
		t.Errorf("a process made over the API offers %s", got)
	}
	for _, c := range []struct{ method, path, body, code string }{
		{"POST", "/sobjects/BusinessProcess", `{"Name":"X","TableEnumOrId":"Account"}`, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"},
		{"POST", "/sobjects/BusinessProcess", `{"TableEnumOrId":"Lead"}`, "REQUIRED_FIELD_MISSING"},
		{"PATCH", "/sobjects/BusinessProcess/" + id, `{"TableEnumOrId":"Lead"}`, "INVALID_FIELD_FOR_INSERT_UPDATE"},
		{"DELETE", "/sobjects/BusinessProcess/" + id, "", "INSUFFICIENT_ACCESS_OR_READONLY"},
	} {
		if got := w.api(c.method, c.path, c.body).code(); got != c.code {
			t.Errorf("%s %s: %s, want %s", c.method, c.body, got, c.code)
		}
	}
	w.api("PATCH", "/sobjects/BusinessProcess/"+id, `{"IsActive":false,"Description":"old"}`).want(204)
	if got := w.org.As("admin").Get("BusinessProcess", id); got["IsActive"] != false || got["Description"] != "old" {
		t.Errorf("%v", got)
	}
}

// Lead and case statuses follow processes as stages do; layouts of an object
// without record types are not simulated.
func TestProcessesOfLeadsAndCases(t *testing.T) {
	w := newWire(t)
	for object, value := range map[string]string{"Lead": "Working - Contacted", "Case": "Escalated"} {
		w.api("GET", "/sobjects/"+object+"/describe/layouts", "").want(404)
		ok(t, w.org.AddBusinessProcess(BusinessProcess{Object: object, Name: "Short", Values: []string{value}}))
		ok(t, w.org.AddRecordType(RecordTypeSpec{Object: object, Name: "Short " + object, Process: "Short"}))
		if got := offered(t, w, object, "Status")["Short "+object]; got != value {
			t.Errorf("%s: %s", object, got)
		}
	}
	for _, p := range []BusinessProcess{{Object: "Account", Name: "X"}, {Object: "Lead", Name: "X", Values: []string{"Qualification"}}, {Object: "Lead"}} {
		if w.org.AddBusinessProcess(p) == nil {
			t.Errorf("%+v is taken", p)
		}
	}
	if w.org.AddRecordType(RecordTypeSpec{Object: "Lead", Name: "Y", Process: "Nobody's"}) == nil {
		t.Error("an unknown process is taken")
	}
}
