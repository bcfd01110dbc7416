package salesforcesim

import (
	"strings"
	"testing"
)

const levelField = `{"FullName":"Account.Level__c","Metadata":{"type":"Text","length":20,"label":"Level","externalId":true,"unique":true}}`

// A field made through the API is there for nobody until field permissions
// say so.
func TestNewFieldIsInvisibleUntilGranted(t *testing.T) {
	w := newWire(t)
	w.api("POST", "/tooling/sobjects/CustomField", levelField).want(201)
	describes := func() bool {
		return strings.Contains(string(w.api("GET", "/sobjects/Account/describe", "").want(200).body), `"Level__c"`)
	}
	if describes() {
		t.Fatal("describe shows the field")
	}
	for _, c := range []struct{ method, path, body, code string }{
		{"GET", "/query?q=SELECT+Level__c+FROM+Account", "", "INVALID_FIELD"},
		{"POST", "/sobjects/Account", `{"Name":"A","Level__c":"1"}`, "INVALID_FIELD"},
		{"PATCH", "/sobjects/Account/Level__c/1", `{"Name":"A"}`, "NOT_FOUND"},
	} {
		if got := w.api(c.method, c.path, c.body).code(); got != c.code {
			t.Errorf("%s %s: %s", c.method, c.path, got)
		}
	}
	set := w.query("SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId='" + w.org.integrationID + "' AND PermissionSet.IsOwnedByProfile=false")[0]["PermissionSetId"].(string)
	perm := `{"ParentId":"` + set + `","SobjectType":"Account","Field":"Account.Level__c","PermissionsRead":true,"PermissionsEdit":false}`
	id := w.create("FieldPermissions", perm)
	if c := w.api("POST", "/sobjects/FieldPermissions", perm).want(400).code(); c != "DUPLICATE_VALUE" {
		t.Error(c)
	}
	if !describes() {
		t.Fatal("describe hides a granted field")
	}
	if c := w.api("POST", "/sobjects/Account", `{"Name":"A","Level__c":"1"}`).want(400).code(); c != "INVALID_FIELD_FOR_INSERT_UPDATE" {
		t.Error(c)
	}
	w.api("PATCH", "/sobjects/FieldPermissions/"+id, `{"PermissionsEdit":true}`).want(204)
	w.api("POST", "/sobjects/Account", `{"Name":"A","Level__c":"1"}`).want(201)
	if got := w.asAdmin().api("GET", "/query?q=SELECT+Level__c+FROM+Account", "").code(); got != "INVALID_FIELD" {
		t.Errorf("the administrator sees it too: %s", got)
	}
}

func TestCustomFieldLifeCycle(t *testing.T) {
	w := newWire(t)
	ok(t, w.org.AddField(FieldSpec{Object: "Account", Name: "Tier", Type: "Picklist", Values: []string{"Gold", "*Silver"}, Restricted: true}))
	id := w.create("Account", `{"Name":"A"}`)
	if got := w.org.As("admin").Get("Account", id)["Tier__c"]; got != "Silver" {
		t.Errorf("default %v", got)
	}
	w.api("PATCH", "/sobjects/Account/"+id, `{"Tier__c":"gold"}`).want(204)
	if c := w.api("PATCH", "/sobjects/Account/"+id, `{"Tier__c":"Tin"}`).want(400).code(); c != "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST" {
		t.Error(c)
	}
	meta := w.raw("GET", "/services/data/v65.0/tooling/query?q=SELECT+Id,DeveloperName,TableEnumOrId+FROM+CustomField", "", "").want(200).object()["records"].([]any)[0].(map[string]any)
	if meta["DeveloperName"] != "Tier" || meta["TableEnumOrId"] != "Account" {
		t.Fatal(meta)
	}
	path := "/tooling/sobjects/CustomField/" + meta["Id"].(string)
	w.api("PATCH", path, `{"FullName":"Account.Tier__c","Metadata":{"type":"Text","length":10,"label":"Tier"}}`).want(204)
	w.api("PATCH", "/sobjects/Account/"+id, `{"Tier__c":"anything"}`).want(204)
	if c := w.api("POST", "/tooling/sobjects/CustomField", `{"FullName":"Account.tier__c","Metadata":{"type":"Text","length":10}}`).want(400).code(); c != "DUPLICATE_DEVELOPER_NAME" {
		t.Error(c)
	}
	w.api("DELETE", path, "").want(204)
	if c := w.api("GET", "/query?q=SELECT+Tier__c+FROM+Account", "").want(400).code(); c != "INVALID_FIELD" {
		t.Error(c)
	}
	for _, bad := range []string{`{"FullName":"Nope.A__c","Metadata":{"type":"Text","length":1}}`, `{"FullName":"Account.A","Metadata":{"type":"Text","length":1}}`, `{"FullName":"Account.A__c","Metadata":{"type":"Text"}}`, `{"FullName":"Account.A__c","Metadata":{"type":"Sonnet"}}`} {
		w.api("POST", "/tooling/sobjects/CustomField", bad).want(400)
	}
}

func TestMissingSetupRights(t *testing.T) {
	w := newWire(t)
	ok(t, w.org.SetRight(Right{System: permCustomize, Edit: false}))
	w.api("POST", "/tooling/sobjects/CustomField", levelField).want(400)
	ok(t, w.org.SetRight(Right{System: permAPI, Edit: false}))
	ok(t, w.org.SetRight(Right{Set: "Minimum Access - API Only Integrations", System: permAPI, Edit: false}))
	w.api("GET", "/limits", "").want(401)
}

func TestObjectAndFieldRights(t *testing.T) {
	w := newWire(t)
	id := w.create("Account", `{"Name":"A","Industry":"Banking","BillingCity":"X"}`)
	ok(t, w.org.SetRight(Right{Object: "Account", Field: "Industry", Read: true}))
	got := w.api("PATCH", "/sobjects/Account/"+id, `{"Industry":"Energy"}`).want(400)
	if got.code() != "INVALID_FIELD_FOR_INSERT_UPDATE" {
		t.Error(got.code())
	}
	ok(t, w.org.SetRight(Right{Object: "Account", Field: "Industry"}))
	ok(t, w.org.SetRight(Right{Object: "Account", Field: "BillingAddress"}))
	body := string(w.api("GET", "/sobjects/Account/"+id, "").want(200).body)
	if strings.Contains(body, "Industry") || strings.Contains(body, "BillingCity") || !strings.Contains(body, "ShippingCity") {
		t.Error("hidden fields show:", body)
	}
	ok(t, w.org.SetRight(Right{Object: "Account", Read: true}))
	if c := w.api("DELETE", "/sobjects/Account/"+id, "").want(403).code(); c != "INSUFFICIENT_ACCESS_OR_READONLY" {
		t.Error(c)
	}
	ok(t, w.org.SetRight(Right{Object: "Account"}))
	if c := w.api("GET", "/query?q=SELECT+Id+FROM+Account", "").want(400).code(); c != "INVALID_TYPE" {
		t.Error(c)
	}
	w.api("GET", "/sobjects/Account/"+id, "").want(404)
}

func TestSharingHidesRecords(t *testing.T) {
	w := newWire(t)
	id := w.create("Account", `{"Name":"A"}`)
	ok(t, w.org.SetHidden(Hidden{Hide: []string{id}}))
	if len(w.query("SELECT Id FROM Account")) != 0 {
		t.Error("query shows a hidden record")
	}
	w.api("GET", "/sobjects/Account/"+id, "").want(404)
	w.asAdmin().api("GET", "/sobjects/Account/"+id, "").want(200)
	ok(t, w.org.SetHidden(Hidden{Show: []string{id}}))
	w.api("GET", "/sobjects/Account/"+id, "").want(200)
}

func member(event string) string {
	return `{"FullName":"ChangeEvents_` + event + `","Metadata":{"eventChannel":"ChangeEvents","selectedEntity":"` + event + `"}}`
}

func TestFiveEntitiesWithoutTheAddOn(t *testing.T) {
	w := newWire(t)
	var last string
	for _, e := range []string{"AccountChangeEvent", "ContactChangeEvent", "LeadChangeEvent", "OpportunityChangeEvent", "TaskChangeEvent"} {
		last = w.api("POST", "/tooling/sobjects/PlatformEventChannelMember", member(e)).want(201).object()["id"].(string)
	}
	if c := w.api("POST", "/tooling/sobjects/PlatformEventChannelMember", member("UserChangeEvent")).want(400).code(); c != "LIMIT_EXCEEDED" {
		t.Error(c)
	}
	got := w.raw("GET", "/services/data/v65.0/tooling/query/?q=SELECT+Id,EventChannel,SelectedEntity+FROM+PlatformEventChannelMember", "", "").want(200).object()
	if got["totalSize"] != 5.0 {
		t.Fatal(got)
	}
	w.api("DELETE", "/tooling/sobjects/PlatformEventChannelMember/"+last, "").want(204)
	w.api("POST", "/tooling/sobjects/PlatformEventChannelMember", member("UserChangeEvent")).want(201)
	w.api("POST", "/tooling/sobjects/PlatformEventChannelMember", member("UserChangeEvent")).want(400)
	w.api("POST", "/tooling/sobjects/PlatformEventChannelMember", member("NopeChangeEvent")).want(400)
}

func TestRecordTypesBringTheirColumn(t *testing.T) {
	w := newWire(t)
	if c := w.api("GET", "/query?q=SELECT+RecordTypeId+FROM+Account", "").code(); c != "INVALID_FIELD" {
		t.Fatal(c)
	}
	ok(t, w.org.AddRecordType(RecordTypeSpec{Object: "Account", Name: "Key Account"}))
	rt := w.query("SELECT Id, DeveloperName FROM RecordType WHERE SobjectType='Account'")[0]
	id := w.create("Account", `{"Name":"A","RecordTypeId":"`+rt["Id"].(string)+`"}`)
	if got := w.query("SELECT RecordType.DeveloperName FROM Account WHERE Id='" + id + "'")[0]["RecordType"].(map[string]any)["DeveloperName"]; got != "Key_Account" {
		t.Fatal(got)
	}
	var names []string
	for _, f := range w.org.objects["account"].fields[:7] {
		names = append(names, f.name)
	}
	if got := strings.Join(names, " "); got != "Id IsDeleted MasterRecordId Name Type RecordTypeId ParentId" {
		t.Error(got)
	}
}

func TestDescribeRecordedShape(t *testing.T) {
	w := newWire(t)
	var recordedBody struct {
		CompositeResponse []struct{ Body map[string]any }
	}
	mustJSON(t, recorded(t, "metadata_read_accounts-sampled.json"), &recordedBody)
	want := recordedBody.CompositeResponse[0].Body
	got := w.api("GET", "/sobjects/Account/describe", "").want(200).object()
	if a, b := strings.Join(sortedKeys(got), " "), strings.Join(sortedKeys(want), " "); a != b {
		t.Errorf("describe\n got %s\nwant %s", a, b)
	}
	ours := map[any]map[string]any{}
	for _, f := range got["fields"].([]any) {
		ours[f.(map[string]any)["name"]] = f.(map[string]any)
	}
	for _, raw := range want["fields"].([]any) {
		theirs := raw.(map[string]any)
		mine := ours[theirs["name"]]
		if mine == nil {
			t.Errorf("no field %v", theirs["name"])
			continue
		}
		for key, v := range theirs {
			if compactValue(t, mine[key]) != compactValue(t, v) {
				t.Errorf("%v.%s: got %v, want %v", theirs["name"], key, mine[key], v)
			}
		}
	}
}

func TestDescribeFreshness(t *testing.T) {
	w := newWire(t)
	res := w.api("GET", "/sobjects/Account/describe", "").want(200)
	since := w.with("If-Modified-Since", "Mon, 02 Mar 2026 11:00:00 GMT")
	since.api("GET", "/sobjects/Account/describe", "").want(304)
	since.api("GET", "/sobjects", "").want(304)
	w.org.Advance(2 * 3600e9)
	w.keyField("Account", true)
	w.token = w.integrationToken()
	since.token = w.token
	after := since.api("GET", "/sobjects/Account/describe", "").want(200)
	since.api("GET", "/sobjects/Contact/describe", "").want(304)
	if res.header.Get("Last-Modified") == after.header.Get("Last-Modified") {
		t.Error("Last-Modified stands still")
	}
}
