package hubspotsim

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
)

// recorded reads a real answer of the vendor. Recordings stand beside the data folder.
func recorded(t *testing.T, name string) any {
	t.Helper()
	data := os.Getenv("TANDEM_DATA")
	if data == "" {
		data = filepath.Join("..", "..", "..", "shared", "data")
	}
	b, err := os.ReadFile(filepath.Join(data, "..", "recorded", "hubspot", name))
	if err != nil {
		t.Skipf("recorded answers are not here (set TANDEM_DATA): %v", err)
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// shape lists the paths of a JSON value with the kind of what stands there.
// Under "properties" and in contexts only the kinds of values count.
func shape(v any, path string, out map[string]string) {
	switch x := v.(type) {
	case map[string]any:
		for k, e := range x {
			if strings.HasSuffix(path, ".properties") || strings.HasSuffix(path, ".additionalProperties") {
				k = "*"
			}
			shape(e, path+"."+k, out)
		}
	case []any:
		for _, e := range x {
			shape(e, path+"[]", out)
		}
		if len(x) == 0 {
			out[path+"[]"] += ""
		}
	case nil:
		if out[path] == "" {
			out[path] = "null"
		}
	default:
		out[path] = fmt.Sprintf("%T", x)
	}
}

// compareShapes tells what stands in one answer only. Lists that are empty on
// one side, and paths told to be optional, do not count.
func compareShapes(want, got any, optional ...string) []string {
	a, b := map[string]string{}, map[string]string{}
	shape(want, "", a)
	shape(got, "", b)
	skip := func(path string) bool {
		for _, o := range optional {
			if strings.HasPrefix(path, o) {
				return true
			}
		}
		return false
	}
	var out []string
	for path, kind := range a {
		have, ok := b[path]
		if !ok && !skip(path) {
			out = append(out, "missing "+path)
		}
		if ok && have != kind && have != "null" && kind != "null" {
			out = append(out, fmt.Sprintf("%s is %s, recorded %s", path, have, kind))
		}
	}
	for path := range b {
		if _, ok := a[path]; !ok && !skip(path) {
			out = append(out, "surplus "+path)
		}
	}
	sort.Strings(out)
	return out
}

func TestShapesEqualRecordedAnswers(t *testing.T) {
	person := func(first, email string) map[string]any {
		return props("firstname", first, "lastname", "X", "email", email)
	}
	badNames := map[string]any{"inputs": []any{props("first000name", "a", "last000name", "b"), props("first000name", "a", "last000name", "b")}}
	const contacts = "/crm/v3/objects/contacts"
	cases := []struct {
		file     string
		status   int
		do       func(r *rig) response
		optional []string
	}{
		{"batch_create_contacts_success.json", 201, func(r *rig) response {
			return r.call("POST", contacts+"/batch/create", map[string]any{"inputs": []any{person("A", "a@x.example"), person("B", "b@x.example")}})
		}, nil},
		{"batch_create_contacts_err-conflict.json", 409, func(r *rig) response {
			r.create("contacts", "email", "a@x.example")
			return r.call("POST", contacts+"/batch/create", map[string]any{"inputs": []any{person("A", "a@x.example")}})
		}, nil},
		{"batch_create_contacts_err-many-invalid-properties.json", 400, func(r *rig) response {
			return r.call("POST", contacts+"/batch/create", badNames)
		}, nil},
		{"batch_create_contacts_err-partial-success.json", 207, func(r *rig) response {
			r.create("contacts", "email", "a@x.example")
			a, b := person("A", "a@x.example"), person("B", "b@x.example")
			a["objectWriteTraceId"], b["objectWriteTraceId"] = "0", "1"
			return r.call("POST", contacts+"/batch/create", map[string]any{"inputs": []any{a, b}})
		}, []string{".results[].objectWriteTraceId"}},
		{"batch_update_contacts_err-duplicate-ids.json", 400, func(r *rig) response {
			one := map[string]any{"id": "123456", "properties": map[string]string{"firstname": "A"}}
			return r.call("POST", contacts+"/batch/update", map[string]any{"inputs": []any{one, one}})
		}, nil},
		{"batch_update_contacts_err-partial-success.json", 207, func(r *rig) response {
			known := map[string]any{"id": r.create("contacts", "email", "a@x.example"), "properties": map[string]string{"firstname": "S"}}
			other := map[string]any{"id": "unknownIdentifier888", "properties": map[string]string{"firstname": "S"}}
			return r.call("POST", contacts+"/batch/update", map[string]any{"inputs": []any{known, other}})
		}, nil},
		{"batch_update_contacts_success.json", 200, func(r *rig) response {
			known := map[string]any{"id": r.create("contacts", "email", "a@x.example"), "properties": map[string]string{"firstname": "S"}}
			return r.call("POST", contacts+"/batch/update", map[string]any{"inputs": []any{known}})
		}, nil},
		{"custom_create_2-response-create-property-group.json", 201, func(r *rig) response {
			return r.call("POST", "/crm/v3/properties/contacts/groups", map[string]string{"name": "integrationcreatedproperties", "label": "I"})
		}, nil},
		{"custom_create_4-response-batch-create-properties.json", 201, createRecordedProperties, nil},
		{"custom_update_5-response-update-property-age.json", 200, func(r *rig) response {
			createRecordedProperties(r)
			return r.call("PATCH", "/crm/v3/properties/contacts/age__c", map[string]string{"description": "How old are you?"})
		}, []string{".createdUserId", ".updatedUserId"}},
		{"custom_update_7-response-update-property-interests.json", 200, func(r *rig) response {
			createRecordedProperties(r)
			return r.call("PATCH", "/crm/v3/properties/contacts/interests__c", recorded(r.t, "custom_update_6-payload-update-property-interests.json"))
		}, []string{".createdUserId", ".updatedUserId"}},
		{"metadata-contacts-external-pipelines.json", 200, func(r *rig) response { return r.call("GET", "/crm/v3/pipelines/contacts", nil) }, nil},
		{"metadata-deals-external-pipelines.json", 200, func(r *rig) response { return r.call("GET", "/crm/v3/pipelines/deals", nil) }, nil},
		{"metadata-contacts-properties-sampled.json", 200, func(r *rig) response {
			createRecordedProperties(r)
			return r.call("GET", "/crm/v3/properties/contacts", nil)
		}, []string{".results[].modificationMetadata.readOnlyOptions", ".results[].createdUserId", ".results[].updatedUserId", ".results[].showCurrencySymbol"}},
		{"metadata-err-schemas-scope.json", 403, func(r *rig) response {
			r.drop("crm.schemas.custom.read")
			return r.call("GET", "/crm-object-schemas/v3/schemas", nil)
		}, nil},
		{"post-auth_account-info.json", 200, func(r *rig) response { return r.call("GET", "/account-info/v3/details", nil) }, nil},
		{"read-lists-1-first-page.json", 200, searchLists, nil},
		{"read-via-search_contacts-response.json", 200, func(r *rig) response {
			r.create("contacts", "email", "a@x.example")
			r.pass(time5)
			return r.call("POST", contacts+"/search", map[string]any{"limit": "200"})
		}, nil},
		{"search_contacts_1-first-page.json", 200, func(r *rig) response {
			r.create("contacts", "email", "a@x.example")
			r.create("contacts", "email", "b@x.example")
			r.pass(time5)
			return r.call("POST", contacts+"/search", map[string]any{"limit": 1})
		}, nil},
		{"read_objects-api_contacts-batch.json", 200, func(r *rig) response {
			id := r.create("contacts", "email", "a@x.example", "firstname", "A")
			return r.call("POST", contacts+"/batch/read", map[string]any{"inputs": []any{map[string]string{"id": id}}})
		}, nil},
		{"read_objects-api_contacts-response.json", 200, func(r *rig) response {
			for _, email := range []string{"a@x.example", "b@x.example", "c@x.example"} {
				r.create("contacts", "email", email)
			}
			return r.call("GET", contacts+"?limit=2", nil)
		}, []string{".results[].url"}},
		{"search_contacts_contacts-to-companies.json", 200, readAssociations, nil},
		{"search_error-invalid-object.json", 400, func(r *rig) response { return r.call("GET", "/crm/v3/objects/butterflies", nil) }, nil},
	}
	for _, c := range cases {
		t.Run(c.file, func(t *testing.T) {
			want := recorded(t, c.file)
			r := newRig(t, Options{})
			got := c.do(r)
			if got.status != c.status && !(c.status == 200 && got.status == 207) {
				t.Fatalf("status %d, want %d\n%s", got.status, c.status, got.raw)
			}
			for _, problem := range compareShapes(want, any(got.body), c.optional...) {
				t.Error(problem)
			}
			if t.Failed() {
				t.Log(got.raw)
			}
		})
	}
}

func createRecordedProperties(r *rig) response {
	r.want(201, "POST", "/crm/v3/properties/contacts/groups", map[string]string{"name": "integrationcreatedproperties", "label": "I"})
	return r.call("POST", "/crm/v3/properties/contacts/batch/create", recorded(r.t, "custom_create_3-payload-batch-create-properties.json"))
}

func searchLists(r *rig) response {
	r.create("contacts", "email", "a@x.example")
	r.want(200, "POST", "/crm/v3/lists", map[string]any{"name": "All", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": knownEmail})
	r.want(200, "POST", "/crm/v3/lists", map[string]any{"name": "Some", "objectTypeId": "0-1", "processingType": "MANUAL"})
	r.pass(time5)
	return r.call("POST", "/crm/v3/lists/search", map[string]any{"count": 1})
}

func readAssociations(r *rig) response {
	company := r.create("companies", "name", "C")
	tied, loose := r.create("contacts", "email", "a@x.example"), r.create("contacts", "email", "b@x.example")
	r.want(200, "PUT", "/crm/v4/objects/contacts/"+tied+"/associations/default/companies/"+company, nil)
	return r.call("POST", "/crm/v4/associations/contacts/companies/batch/read",
		map[string]any{"inputs": []any{map[string]string{"id": tied}, map[string]string{"id": loose}}})
}
