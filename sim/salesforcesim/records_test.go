package salesforcesim

import (
	"strings"
	"testing"
	"time"
)

func TestRecordLifeCycle(t *testing.T) {
	w := newWire(t)
	res := w.api("POST", "/sobjects/Account", `{"name":"  Acme  ","BillingCity":"Berlin","AnnualRevenue":1000,"NumberOfEmployees":5,"Phone":""}`).want(201)
	id := res.object()["id"].(string)
	res.same(`{"id":"` + id + `","success":true,"errors":[]}`)
	if loc := res.header.Get("Location"); loc != "/services/data/v65.0/sobjects/Account/"+id {
		t.Fatalf("location %q", loc)
	}
	w.api("GET", "/sobjects/Account/"+id+"?fields=Name,BillingAddress,AnnualRevenue,NumberOfEmployees,Phone,CreatedDate,IsDeleted", "").want(200).same(
		`{"attributes":{"type":"Account","url":"/services/data/v65.0/sobjects/Account/` + id + `"},"Name":"Acme","BillingAddress":{"city":"Berlin","country":null,"geocodeAccuracy":null,"latitude":null,"longitude":null,"postalCode":null,"state":null,"street":null},` +
			`"AnnualRevenue":1000.0,"NumberOfEmployees":5,"Phone":null,"CreatedDate":"2026-03-02T10:00:00.000+0000","IsDeleted":false}`)
	w.clock.move(90 * time.Second)
	if body := w.api("PATCH", "/sobjects/Account/"+id[:15], `{"Name":"Acme 2","BillingCity":null}`).want(204).body; len(body) != 0 {
		t.Fatalf("patch body %s", body)
	}
	got := w.api("GET", "/sobjects/Account/"+id+"?fields=Name,BillingAddress,LastModifiedDate,SystemModstamp", "").want(200).object()
	if got["Name"] != "Acme 2" || got["BillingAddress"] != nil || got["SystemModstamp"] != "2026-03-02T10:01:30.000+0000" {
		t.Fatalf("after patch: %v", got)
	}
	w.api("DELETE", "/sobjects/Account/"+id, "").want(204)
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		body := ""
		if method == "PATCH" {
			body = "{}"
		}
		if c := w.api(method, "/sobjects/Account/"+id, body).want(404).code(); c != "ENTITY_IS_DELETED" {
			t.Errorf("%s of a deleted record: %s", method, c)
		}
	}
}

// An update stamps the record even if it changes no value.
func TestUpdateWithEqualValuesStamps(t *testing.T) {
	w := newWire(t)
	id := w.create("Account", `{"Name":"A"}`)
	w.clock.move(time.Minute)
	w.api("PATCH", "/sobjects/Account/"+id, `{"Name":"A"}`).want(204)
	if got := w.org.As("admin").Get("Account", id)["SystemModstamp"]; got != w.clock.now() {
		t.Fatalf("stamp %v", got)
	}
}

func TestRecordedRefusals(t *testing.T) {
	w := newWire(t)
	id := w.create("Account", `{"Name":"A"}`)
	w.api("DELETE", "/sobjects/Account/"+id, "").want(204)
	w.api("DELETE", "/sobjects/Account/"+id, "").want(404).same(recorded(t, "crm_delete_not-found.json"))
	w.api("POST", "/sobjects/Account", `{"Name":"x","AccountNumer":"1"}`).want(400).same(recorded(t, "unknown-field.json"))
	w.api("POST", "/sobjects/Account", `{"Name":"x","MasterRecordId":"001000000000001"}`).want(400).same(recorded(t, "invalid-field-upsert.json"))
	w.api("POST", "/composite/sobjects", `{"records":[]}`).want(400).same(recorded(t, "batch_create_contacts_err-bad-request.json"))
}

func TestCreateRefusals(t *testing.T) {
	w := newWire(t)
	account := w.create("Account", `{"Name":"A"}`)
	inactive := must[string](t)(w.org.AddUser(UserSpec{LastName: "Gone", Email: "gone@example.com", Inactive: true}))
	long := strings.Repeat("x", 256)
	for _, c := range []struct{ object, body, code, message, field string }{
		{"Account", `{"Phone":"1"}`, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", "Name"},
		{"Account", `{"Name":"   "}`, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", "Name"},
		{"Contact", `{"FirstName":"x"}`, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", "LastName"},
		{"Lead", `{}`, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName, Company]", "LastName"},
		{"Account", `{"Name":"` + long + `"}`, "STRING_TOO_LONG", "Account Name: data value too large: " + long + " (max length=255)", "Name"},
		{"Contact", `{"LastName":"x","Email":"not an address"}`, "INVALID_EMAIL_ADDRESS", "Email: invalid email address: not an address", "Email"},
		{"Account", `{"Name":"x","CleanStatus":"Odd"}`, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Clean Status: bad value for restricted picklist field: Odd", "CleanStatus"},
		{"Account", `{"Name":"x","CreatedDate":"2026-01-01T00:00:00Z"}`, "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: CreatedDate. Please check the security settings of this field and verify that it is read/write for your profile or permission set.", "CreatedDate"},
		{"Contact", `{"LastName":"x","Name":"y"}`, "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: Name. Please check the security settings of this field and verify that it is read/write for your profile or permission set.", "Name"},
		{"Account", `{"Id":"` + account + `","Name":"x"}`, "INVALID_FIELD", "The Id field should not be specified in the sobject data.", ""},
		{"Contact", `{"LastName":"x","AccountId":"` + w.org.adminID + `"}`, "FIELD_INTEGRITY_EXCEPTION", "Account ID: id value of incorrect type: " + w.org.adminID, "AccountId"},
		{"Contact", `{"LastName":"x","AccountId":"` + strings.ToUpper(account) + `"}`, "MALFORMED_ID", "Account ID: id value of incorrect type: " + strings.ToUpper(account), "AccountId"},
		{"Contact", `{"LastName":"x","AccountId":"001zz00000zzzzz"}`, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", "AccountId"},
		{"Account", `{"Name":"x","OwnerId":"` + inactive + `"}`, "INACTIVE_OWNER_OR_USER", "operation performed with inactive user [" + inactive[:15] + "] as owner of account", ""},
		{"Opportunity", `{"Name":"x","StageName":"Prospecting","CloseDate":"foo"}`, "JSON_PARSER_ERROR", "Cannot deserialize instance of date from VALUE_STRING value foo or request may be missing a required field at [line:1, column:2]", ""},
		{"Contact", `{"LastName":"x","Birthdate":"0970-01-01"}`, "FIELD_INTEGRITY_EXCEPTION", "Birthdate: invalid date: Mon Jan 01 00:00:00 GMT 0970", "Birthdate"},
		{"Account", `{"Name":"x","NumberOfEmployees":123456789}`, "NUMBER_OUTSIDE_VALID_RANGE", "Employees: value outside of valid range on numeric field: 123456789", "NumberOfEmployees"},
		{"Account", `{"Name":"x","Phone":123}`, "JSON_PARSER_ERROR", "Cannot deserialize instance of phone from VALUE_NUMBER_INT value 123 or request may be missing a required field at [line:1, column:2]", ""},
	} {
		got := w.api("POST", "/sobjects/"+c.object, c.body).want(400).list()[0]
		field := ""
		if l, _ := got["fields"].([]any); len(l) > 0 {
			field = l[0].(string)
		}
		if got["errorCode"] != c.code || got["message"] != c.message || field != c.field {
			t.Errorf("%s\n got %v", c.body, got)
		}
	}
}

func TestHierarchyLoopIsRefused(t *testing.T) {
	w := newWire(t)
	a := w.create("Account", `{"Name":"A"}`)
	b := w.create("Account", `{"Name":"B","ParentId":"`+a+`"}`)
	if c := w.api("PATCH", "/sobjects/Account/"+a, `{"ParentId":"`+b+`"}`).want(400).code(); c != "CIRCULAR_DEPENDENCY" {
		t.Fatal(c)
	}
	if c := w.api("PATCH", "/sobjects/Account/"+a, `{"ParentId":"`+a+`"}`).want(400).code(); c != "CIRCULAR_DEPENDENCY" {
		t.Fatal(c)
	}
}

func TestMissingRecords(t *testing.T) {
	w := newWire(t)
	for path, code := range map[string]string{
		"/sobjects/Account/001zz00000zzzzz": "NOT_FOUND", "/sobjects/Nothing": "NOT_FOUND", "/sobjects/Account/" + w.org.adminID: "MALFORMED_ID", "/sobjects/Account/abc": "NOT_FOUND",
	} {
		if got := w.api("GET", path, "").code(); got != code {
			t.Errorf("%s: %s, want %s", path, got, code)
		}
	}
}

func (w *wire) keyField(object string, unique bool) {
	w.t.Helper()
	ok(w.t, w.org.AddField(FieldSpec{Object: object, Name: "Ext__c", Type: "Text", Length: 40, ExternalID: true, Unique: unique}))
}

func TestUpsertByExternalID(t *testing.T) {
	w := newWire(t)
	w.keyField("Account", false)
	res := w.api("PATCH", "/sobjects/Account/Ext__c/k%2F1", `{"Name":"A"}`).want(201)
	id := res.object()["id"].(string)
	res.same(`{"id":"` + id + `","success":true,"errors":[],"created":true}`)
	w.api("PATCH", "/sobjects/Account/Ext__c/K%2F1", `{"Name":"B"}`).want(200).same(`{"id":"` + id + `","success":true,"errors":[],"created":false}`)
	w.raw("PATCH", "/services/data/v45.0/sobjects/Account/Ext__c/k%2F1", `{"Name":"B"}`, "application/json").want(204)
	second := w.create("Account", `{"Name":"C","Ext__c":"k/1"}`)
	w.api("PATCH", "/sobjects/Account/Ext__c/k%2F1", `{"Name":"B"}`).want(300).same(`["/services/data/v65.0/sobjects/Account/` + id + `","/services/data/v65.0/sobjects/Account/` + second + `"]`)
	w.api("PATCH", "/sobjects/Account/Ext__c/x", `{"Name":"B","Ext__c":"x"}`).want(400)
	got := w.api("PATCH", "/sobjects/Account/Namez/x", `{"Name":"B"}`).want(404).list()[0]
	if got["message"] != "Provided external ID field does not exist or is not accessible: Namez" {
		t.Error(got)
	}
	w.api("PATCH", "/sobjects/Account/Ext__c/new?updateOnly=true", `{"Name":"B"}`).want(404)
	if n := len(w.query("SELECT Id FROM Account")); n != 2 {
		t.Errorf("%d accounts", n)
	}
}

func TestUniqueKeyRefusesASecondRecord(t *testing.T) {
	w := newWire(t)
	w.keyField("Account", true)
	id := w.create("Account", `{"Name":"A","Ext__c":"Key"}`)
	got := w.api("POST", "/sobjects/Account", `{"Name":"B","Ext__c":"kEY"}`).want(400).list()[0]
	if got["errorCode"] != "DUPLICATE_VALUE" || got["message"] != "duplicate value found: Ext__c duplicates value on record with id: "+id[:15] {
		t.Fatal(got)
	}
	w.api("PATCH", "/sobjects/Account/"+id, `{"Ext__c":"key"}`).want(204)
	w.api("DELETE", "/sobjects/Account/"+id, "").want(204)
	w.create("Account", `{"Name":"B","Ext__c":"key"}`)
	if err := w.org.As("admin").Undelete("Account", id); err == nil || !strings.Contains(err.Error(), "DUPLICATE_VALUE") {
		t.Fatalf("undelete beside a successor: %v", err)
	}
}

func TestParentByExternalID(t *testing.T) {
	w := newWire(t)
	w.keyField("Account", true)
	id := w.create("Account", `{"Name":"A","Ext__c":"A-1"}`)
	contact := w.create("Contact", `{"LastName":"L","Account":{"Ext__c":"a-1"}}`)
	if got := w.org.As("admin").Get("Contact", contact)["AccountId"]; got != id {
		t.Fatal(got)
	}
	got := w.api("POST", "/sobjects/Contact", `{"LastName":"L","Account":{"Ext__c":"none"}}`).want(400).list()[0]
	if got["message"] != "Foreign key external ID: none not found for field Ext__c in entity Account" {
		t.Fatal(got)
	}
}

func TestConditionalHeaders(t *testing.T) {
	w := newWire(t)
	id := w.create("Account", `{"Name":"A"}`)
	w.clock.move(time.Hour)
	w.with("If-Modified-Since", "Mon, 02 Mar 2026 10:00:00 GMT").api("GET", "/sobjects/Account/"+id, "").want(304)
	w.with("If-Modified-Since", "Mon, 02 Mar 2026 09:59:59 GMT").api("GET", "/sobjects/Account/"+id, "").want(200)
	w.with("If-Unmodified-Since", "Mon, 02 Mar 2026 09:00:00 GMT").api("PATCH", "/sobjects/Account/"+id, `{"Name":"B"}`).want(412)
	w.with("If-Unmodified-Since", "Mon, 02 Mar 2026 10:00:00 GMT").api("PATCH", "/sobjects/Account/"+id, `{"Name":"B"}`).want(204)
}

func TestTolerantPaths(t *testing.T) {
	w := newWire(t)
	w.raw("GET", "//services/data/v66.0//limits/", "", "").want(200)
	w.raw("GET", "/services/data/v31.0/limits", "", "").want(200)
	w.raw("GET", "/services/data/v68.0/limits", "", "").want(200)
	w.raw("GET", "/services/data/v99.0/limits", "", "").want(404)
	w.raw("GET", "/services/data/", "", "").want(200)
	if h := w.api("GET", "/limits", "").header.Get("Sforce-Limit-Info"); h != "api-usage=4/100000" {
		t.Errorf("limit info %q", h)
	}
}

func TestDailyLimit(t *testing.T) {
	w := newWire(t, func(o *Options) { o.Limits, o.DailyAPICalls = true, 2 })
	w.api("GET", "/limits", "").want(200)
	w.api("GET", "/limits", "").want(200)
	w.api("GET", "/limits", "").want(403).same(`[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]`)
	if s := w.org.Stats(); s.RejectedByLimit != 1 {
		t.Error(s)
	}
	w.org.Advance(25 * time.Hour)
	w.token = w.integrationToken()
	w.api("GET", "/limits", "").want(200)
}

func TestAssignmentRule(t *testing.T) {
	w := newWire(t)
	owner := must[string](t)(w.org.AddUser(UserSpec{LastName: "Owner", Email: "o@example.com"}))
	ok(t, w.org.SetAssignmentRule(AssignmentRule{Object: "Lead", Owner: owner}))
	for header, want := range map[string]string{"": owner, "TRUE": owner, "FALSE": w.org.integrationID} {
		c := w
		if header != "" {
			c = w.with("Sforce-Auto-Assign", header)
		}
		id := c.create("Lead", `{"LastName":"L","Company":"C"}`)
		if got := w.org.As("admin").Get("Lead", id)["OwnerId"]; got != want {
			t.Errorf("Sforce-Auto-Assign %q: owner %v", header, got)
		}
	}
}

func TestDuplicateRules(t *testing.T) {
	w := newWire(t)
	id := w.create("Account", `{"Name":"Acme"}`)
	ok(t, w.org.AddDuplicateRule(DuplicateRule{Object: "Account", Fields: []string{"Name"}, Action: "alert"}))
	got := w.api("POST", "/sobjects/Account", `{"Name":"acme"}`).want(400).list()[0]
	detail := got["duplicateResut"].(map[string]any)
	match := detail["matchResults"].([]any)[0].(map[string]any)["matchRecords"].([]any)[0].(map[string]any)["record"].(map[string]any)
	if got["errorCode"] != "DUPLICATES_DETECTED" || detail["allowSave"] != true || detail["duplicateRule"] != "Standard_Account_Duplicate_Rule" || match["Id"] != id {
		t.Fatalf("%v", got)
	}
	w.api("POST", "/composite/sobjects", `{"records":[{"attributes":{"type":"Account"},"Name":"acme"}]}`).want(200).same(
		`[{"success":false,"errors":[{"statusCode":"DUPLICATES_DETECTED","message":"Use one of these records?","fields":[]}]}]`)
	forced := w.with("Sforce-Duplicate-Rule-Header", "allowSave=true; includeRecordDetails=true")
	forced.api("POST", "/sobjects/Account", `{"Name":"ACME"}`).want(201)
	ok(t, w.org.AddDuplicateRule(DuplicateRule{Object: "Account", Fields: []string{"Name"}, Action: "block"}))
	forced.api("POST", "/sobjects/Account", `{"Name":"Acme"}`).want(400)
	w.api("PATCH", "/sobjects/Account/"+id, `{"Phone":"1"}`).want(204)
}
