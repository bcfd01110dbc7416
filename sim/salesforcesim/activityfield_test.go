package salesforcesim

import (
	"strings"
	"testing"
)

// Custom fields of tasks and events are defined on Activity, and both have each of them. A
// value of a unique one is had once.
func TestCustomFieldsOfActivitiesAreDefinedOnActivity(t *testing.T) {
	w := newWire(t)
	define := func(object string) string {
		return `{"FullName":"` + object + `.Key__c","Metadata":{"type":"Text","length":64,"label":"Key","externalId":true,"unique":true}}`
	}
	for _, object := range []string{"Task", "Event"} {
		if body := string(w.api("POST", "/tooling/sobjects/CustomField", define(object)).want(400).body); !strings.Contains(body, "bad value for restricted picklist field: "+object) {
			t.Errorf("a field defined on %s: %s", object, body)
		}
	}
	w.api("POST", "/tooling/sobjects/CustomField", define("Activity")).want(201)
	set := w.query("SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId='" + w.org.integrationID + "' AND PermissionSet.IsOwnedByProfile=false")[0]["PermissionSetId"].(string)
	for _, object := range []string{"Task", "Event"} {
		w.create("FieldPermissions", `{"ParentId":"`+set+`","SobjectType":"`+object+`","Field":"`+object+`.Key__c","PermissionsRead":true,"PermissionsEdit":true}`)
	}
	id := w.create("Task", `{"Subject":"Call","Key__c":"call-1"}`)
	if c := w.api("POST", "/sobjects/Task", `{"Subject":"Again","Key__c":"CALL-1"}`).want(400).code(); c != "DUPLICATE_VALUE" {
		t.Error(c)
	}
	w.api("PATCH", "/sobjects/Task/Key__c/call-1", `{"Subject":"Called"}`).want(200)
	if rows := w.query("SELECT Id FROM Task WHERE Subject='Called'"); len(rows) != 1 || rows[0]["Id"] != id {
		t.Errorf("the upsert by the key wrote %v", rows)
	}
	w.create("Event", `{"Subject":"Meet","StartDateTime":"2026-03-02T20:00:00Z","DurationInMinutes":30,"Key__c":"meeting-1"}`)
}

// A year after they are over, activities are archived: only queryAll shows them, and they
// are not changed any more.
func TestActivitiesAreArchived(t *testing.T) {
	w := newWire(t)
	done := w.create("Task", `{"Subject":"Done","Status":"Completed","ActivityDate":"2025-03-01"}`)
	w.create("Task", `{"Subject":"Open","ActivityDate":"2025-03-01"}`)
	w.create("Task", `{"Subject":"Lately","Status":"Completed","ActivityDate":"2025-03-04"}`)
	w.create("Task", `{"Subject":"New","Status":"Completed"}`)
	if n := w.org.ArchiveActivities(); n != 1 {
		t.Fatalf("%d archived, want the one that is over for a year", n)
	}
	if rows := w.query("SELECT Subject FROM Task"); len(rows) != 3 {
		t.Errorf("a query shows %v", rows)
	}
	all := w.api("GET", "/queryAll?q=SELECT+Id,IsArchived,IsDeleted+FROM+Task+WHERE+IsArchived=true", "").want(200).object()["records"].([]any)
	if len(all) != 1 || all[0].(map[string]any)["Id"] != done || all[0].(map[string]any)["IsDeleted"] != false {
		t.Errorf("queryAll shows %v", all)
	}
	if c := w.api("PATCH", "/sobjects/Task/"+done, `{"Subject":"Changed"}`).want(400).code(); c != "ENTITY_IS_ARCHIVED" {
		t.Error(c)
	}
}
