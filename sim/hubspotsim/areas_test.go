package hubspotsim

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestOwnersByArchivedEmailAndUserID(t *testing.T) {
	r := newRig(t, Options{})
	got := r.want(200, "GET", "/crm/v3/owners", nil)
	if n := len(got.at("results").([]any)); n != 3 {
		t.Fatalf("%d active owners", n)
	}
	gone := r.want(200, "GET", "/crm/v3/owners?archived=true", nil)
	if gone.at("results", "0", "userId") != nil || gone.at("results", "0", "userIdIncludingInactive") == nil {
		t.Fatal(gone.raw)
	}
	if got := r.want(200, "GET", "/crm/v3/owners?email=SAM.seller@portal.example", nil); got.str("results", "0", "id") != "41629780" {
		t.Fatal(got.raw)
	}
	if got := r.want(200, "GET", "/crm/owners/2026-03/1296620?idProperty=userId", nil); got.str("id") != "41629780" {
		t.Fatal(got.raw)
	}
	page := r.want(200, "GET", "/crm/v3/owners?limit=2", nil)
	rest := r.want(200, "GET", "/crm/v3/owners?limit=2&after="+page.str("paging", "next", "after"), nil)
	if len(rest.at("results").([]any)) != 1 || rest.at("paging") != nil {
		t.Fatal(rest.raw)
	}
}

func TestPropertyDefinitions(t *testing.T) {
	r := newRig(t, Options{})
	const path = "/crm/v3/properties/companies"
	def := map[string]any{"name": "tier_code", "label": "Tier", "type": "enumeration", "fieldType": "select", "groupName": "companyinformation",
		"options": []any{map[string]any{"label": "One", "value": "1"}}}
	r.want(201, "POST", path, def)
	if got := r.want(409, "POST", path, def); got.str("subCategory") != "Properties.PROPERTY_WITH_NAME_EXISTS" || got.str("category") != "OBJECT_ALREADY_EXISTS" {
		t.Fatal(got.raw)
	}
	id := r.create("companies", "name", "A", "tier_code", "1")
	r.want(200, "PATCH", path+"/tier_code", map[string]any{"options": []any{map[string]any{"label": "Two", "value": "2"}}})
	r.want(400, "PATCH", companies+"/"+id, props("tier_code", "1"))
	r.want(200, "PATCH", companies+"/"+id, props("tier_code", "2"))
	r.want(204, "DELETE", path+"/tier_code", nil)
	r.want(404, "GET", path+"/tier_code", nil)
	r.want(200, "GET", path+"/tier_code?archived=true", nil)
	r.want(400, "PATCH", companies+"/"+id, props("tier_code", "2"))
	if got := r.want(200, "GET", companies+"/"+id+"?properties=tier_code", nil); strings.Contains(got.raw, "tier_code") {
		t.Fatal("an archived property is dropped on read: " + got.raw)
	}
	def["type"], def["fieldType"] = "string", "text"
	r.want(201, "POST", path, def)
	if got := r.want(200, "GET", companies+"/"+id+"?properties=tier_code", nil); got.at("properties", "tier_code") != nil {
		t.Fatal("values do not come back under a new property: " + got.raw)
	}
}

func TestPropertyDefinitionsThatAreRefused(t *testing.T) {
	r := newRig(t, Options{})
	base := func() map[string]any {
		return map[string]any{"name": "x", "label": "X", "type": "string", "fieldType": "text", "groupName": "companyinformation"}
	}
	for key, value := range map[string]any{"name": "hs_mine", "groupName": "nowhere", "fieldType": "date", "type": "colour", "label": nil} {
		def := base()
		def[key] = value
		if got := r.call("POST", "/crm/v3/properties/companies", def); got.status != 400 {
			t.Errorf("%s = %v: %d", key, value, got.status)
		}
	}
	for i := range 11 {
		def := base()
		def["name"], def["hasUniqueValue"] = fmt.Sprintf("key%c", 'a'+i), true
		if got := r.call("POST", "/crm/v3/properties/companies", def); (got.status == 201) != (i < 10) {
			t.Errorf("unique property %d: %d", i+1, got.status)
		}
	}
	r.want(400, "DELETE", "/crm/v3/properties/companies/name", nil)
}

func TestTheIntegrationsGroupIsNotPreset(t *testing.T) {
	r := newRig(t, Options{})
	for _, object := range []string{"contacts", "companies", "deals"} {
		got := r.want(200, "GET", "/crm/v3/properties/"+object+"/groups", nil)
		if strings.Contains(got.raw, "salesforceinformation") {
			t.Errorf("%s: %s", object, got.raw)
		}
	}
	r.want(201, "POST", "/crm/v3/properties/companies/groups", map[string]string{"name": "salesforceinformation", "label": "Salesforce Information"})
	for name, kind := range map[string][2]string{"salesforceaccountid": {"string", "text"}, "salesforcedeleted": {"bool", "booleancheckbox"}, "salesforcelastsynctime": {"datetime", "date"}} {
		r.want(201, "POST", "/crm/v3/properties/companies", map[string]any{"name": name, "label": name, "type": kind[0], "fieldType": kind[1], "groupName": "salesforceinformation"})
	}
}

func TestActiveListsFollowAfterALag(t *testing.T) {
	r := newRig(t, Options{})
	in := r.create("contacts", "email", "a@x.example")
	made := r.want(200, "POST", "/crm/v3/lists", map[string]any{"name": "Known", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": knownEmail})
	id := made.str("list", "listId")
	members := func() string {
		var out []string
		got := r.want(200, "GET", "/crm/v3/lists/"+id+"/memberships", nil)
		for _, m := range got.at("results").([]any) {
			out = append(out, m.(map[string]any)["recordId"].(string))
		}
		return strings.Join(out, ",")
	}
	if members() != "" {
		t.Fatal("evaluation takes a while")
	}
	r.pass(2 * time.Second)
	if members() != in {
		t.Fatal(members())
	}
	r.want(200, "PATCH", contacts+"/"+in, props("email", ""))
	if members() != in {
		t.Fatal("membership must still be the old one")
	}
	r.pass(2 * time.Second)
	if members() != "" {
		t.Fatal(members())
	}
	if got := r.want(200, "GET", "/crm/v3/lists/object-type-id/0-1/name/Known", nil); got.str("list", "listId") != id {
		t.Fatal(got.raw)
	}
	r.want(400, "PUT", "/crm/v3/lists/"+id+"/memberships/add", []string{in})
	r.want(404, "GET", "/crm/v3/lists/99", nil)
}

func TestManualListsAnswerWithTheVendorsSpelling(t *testing.T) {
	r := newRig(t, Options{})
	id := r.want(200, "POST", "/crm/v3/lists", map[string]any{"name": "Mine", "objectTypeId": "0-2", "processingType": "MANUAL"}).str("list", "listId")
	a := r.create("companies", "name", "A")
	got := r.want(200, "PUT", "/crm/v3/lists/"+id+"/memberships/add", []string{a, "17"})
	if got.str("recordsIdsAdded", "0") != a || got.str("recordIdsMissing", "0") != "17" {
		t.Fatal(got.raw)
	}
	if got := r.want(200, "GET", "/crm/v3/lists/records/0-2/"+a+"/memberships", nil); got.str("results", "0", "listId") != id {
		t.Fatal(got.raw)
	}
	r.want(400, "POST", "/crm/v3/lists", map[string]any{"name": "Mine", "objectTypeId": "0-2", "processingType": "MANUAL"})
	r.want(400, "POST", "/crm/v3/lists", map[string]any{"name": "Bad", "objectTypeId": "0-2", "processingType": "DYNAMIC",
		"filterBranch": json.RawMessage(`{"filterBranchType":"AND"}`)})
}

func TestCustomObjectsAreForEnterprise(t *testing.T) {
	body := map[string]any{"name": "car", "labels": map[string]string{"singular": "Car", "plural": "Cars"}, "requiredProperties": []string{"model"}, "primaryDisplayProperty": "model",
		"properties": []any{map[string]any{"name": "model", "label": "Model", "type": "string", "fieldType": "text"}}}
	newRig(t, Options{Tier: "professional"}).want(403, "POST", "/crm-object-schemas/v3/schemas", body)
	r := newRig(t, Options{})
	made := r.want(201, "POST", "/crm-object-schemas/v3/schemas", body)
	typeID := made.str("objectTypeId")
	r.want(400, "POST", "/crm/v3/objects/"+typeID, props())
	id := r.create("car", "model", "T")
	if got := r.want(200, "GET", "/crm/v3/objects/"+made.str("fullyQualifiedName")+"/"+id, nil); got.str("properties", "model") != "T" {
		t.Fatal(got.raw)
	}
	company := r.create("companies", "name", "A")
	r.want(200, "PUT", "/crm/v4/objects/"+typeID+"/"+id+"/associations/default/companies/"+company, nil)
	if got := r.links("companies", company, typeID); !strings.HasPrefix(got, id+":") {
		t.Fatal(got)
	}
}

func TestCompaniesFromAddresses(t *testing.T) {
	r := newRig(t, Options{AutoCompanies: true, IndexLag: -1})
	contact := r.create("contacts", "email", "ann@acme.example")
	r.create("contacts", "email", "bob@gmail.com")
	if r.count("companies") != 0 {
		t.Fatal("companies come some time later")
	}
	r.pass(2 * time.Second)
	second := r.create("contacts", "email", "bob@acme.example")
	r.pass(2 * time.Second)
	if r.count("companies") != 1 {
		t.Fatalf("%d companies", r.count("companies"))
	}
	got, _ := r.p.As("ada").Get("contacts", contact)
	company, _ := r.p.As("ada").Get("companies", got["associatedcompanyid"])
	if company["domain"] != "acme.example" || company["hs_object_source"] != "CONTACTS" || company["num_associated_contacts"] != "2" {
		t.Fatalf("%v", company)
	}
	if got, _ := r.p.As("ada").Get("contacts", second); got["associatedcompanyid"] != company["hs_object_id"] {
		t.Fatal("the second contact belongs to the same company")
	}
	for _, e := range r.p.Ledger() {
		if e.Object == "companies" && (e.Source != "CONTACTS" || e.Who != "portal") {
			t.Fatalf("the ledger must name the portal: %+v", e)
		}
	}
}

func TestNumbersSayHowTheyAreShown(t *testing.T) {
	r := newRig(t, Options{TimeZone: "Pacific/Auckland"})
	const path = "/crm/v3/properties/companies"
	def := map[string]any{"name": "discount", "label": "Discount", "type": "number", "fieldType": "number", "groupName": "companyinformation", "numberDisplayHint": "percentage"}
	if got := r.want(201, "POST", path, def); got.str("numberDisplayHint") != "percentage" {
		t.Error(got.raw)
	}
	if got := r.want(200, "PATCH", path+"/discount", map[string]any{"numberDisplayHint": "formatted"}); got.str("numberDisplayHint") != "formatted" {
		t.Error(got.raw)
	}
	r.want(400, "PATCH", path+"/discount", map[string]any{"numberDisplayHint": "loud"})
	if got := r.want(200, "PATCH", path+"/discount", map[string]any{"label": "Rebate"}); got.str("numberDisplayHint") != "formatted" {
		t.Error(got.raw)
	}
	if got := r.want(200, "GET", "/account-info/v3/details", nil); got.str("timeZone") != "Pacific/Auckland" {
		t.Error(got.raw)
	}
}
