package salesforcesim

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// recordedAnswers are the checks of the real answers that were recorded, by
// file name without extension: the same request is made here, and the answer
// has the same shape, codes and texts; ids and times differ.
var recordedAnswers = map[string]func(*testing.T, *wire, string){
	"batch_create_contacts_err-bad-request":          asks("POST", "/composite/sobjects", `{"records":[]}`, 400),
	"batch_create_contacts_partial-but-allOrNone":    asks("POST", "/composite/sobjects", `{"allOrNone":true,"records":[{"attributes":{"type":"Contact"}},{"attributes":{"type":"Contact"},"LastName":"A"}]}`, 200),
	"batch_create_contacts_payload":                  sendsContacts("POST", "batch_create_contacts_success.json"),
	"batch_create_contacts_success":                  collectionSucceeds,
	"batch_update_contacts_err-each-no-ids":          asks("PATCH", "/composite/sobjects", `{"records":[{"attributes":{"type":"Contact"},"LastName":"A"},{"attributes":{"type":"Contact"},"LastName":"B"}]}`, 200),
	"batch_update_contacts_partial-but-allOrNone":    updatesPartly,
	"batch_update_contacts_payload":                  sendsContacts("PATCH", "batch_update_contacts_success.json"),
	"batch_update_contacts_success":                  collectionSucceeds,
	"bulk_delete_launch-job-opportunity":             bulkJob("Open"),
	"bulk_delete_update-job-opportunity":             bulkJob("UploadComplete"),
	"bulk_info_complete-failure":                     bulkJob("Failed"),
	"bulk_info_in-progress":                          bulkJob("InProgress"),
	"bulk_info_partial-failure":                      bulkPartly,
	"bulk_info_success":                              bulkJob("JobComplete"),
	"bulk_read-launch-job-account":                   bulkQuery,
	"bulk_write_launch-job-opportunity":              bulkJob("Open"),
	"bulk_write_update-job-opportunity":              bulkJob("UploadComplete"),
	"create-ok":                                      asks("POST", "/sobjects/Account", `{"Name":"A"}`, 201),
	"crm_delete_not-found":                           deletesTwice,
	"invalid-field-upsert":                           asks("POST", "/sobjects/Account", `{"Name":"x","MasterRecordId":"001000000000001"}`, 400),
	"metadata_read_accounts-sampled":                 describes,
	"metadata_read_custom-object-with-custom-fields": describes,
	"metadata_read_organization-sampled":             describes,
	"read-list-contacts":                             lists,
	"read-list-leads":                                lists,
	"read-opportunity-with-account":                  lists,
	"read-opportunity-with-contacts":                 listsRoles,
	"success-with-errors":                            rowOfError,
	"unknown-field":                                  asks("POST", "/sobjects/Account", `{"Name":"x","AccountNumer":"1"}`, 400),
	"unknown-object":                                 asks("GET", "/query?q=SELECT+Id,Name,BillingCity,IsDeleted+FROM+Accout", "", 400),
}

// recordedObjects is the custom object of the recorded describe.
var recordedObjects = []CustomObject{{Name: "TestObject15__c", Label: "Test Object 15", Plural: "Test Objects 15", NameLabel: "Test Object Name", Fields: []FieldSpec{
	{Name: "MailBox__c", Type: "Email"}, {Name: "Birthday__c", Type: "Text", Length: 30, Required: true},
	{Name: "Interests__c", Type: "MultiselectPicklist", Required: true, Restricted: true, VisibleLines: 10, Values: []string{"*art", "swimming", "travel"}}}}}

func TestRecordedAnswers(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(sharedDir(), "recorded", "salesforce", "*"))
	if err != nil || len(files) == 0 {
		t.Skipf("skipped: %s is not there; set TANDEM_DATA to the data folder", filepath.Join(sharedDir(), "recorded"))
	}
	for _, file := range files {
		name := filepath.Base(file)
		if strings.HasPrefix(name, "subscription_") {
			continue // events: sim/clients/salesforce decodes them with the vendor's schema
		}
		t.Run(name, func(t *testing.T) {
			check := recordedAnswers[strings.TrimSuffix(name, filepath.Ext(name))]
			if check == nil {
				t.Fatal("no request is known that gives this answer")
			}
			w := newWire(t, func(o *Options) { o.Objects = recordedObjects })
			ok(t, w.org.AddField(FieldSpec{Object: "Opportunity", Name: "external_id__c", Type: "Text", Length: 40, ExternalID: true, Unique: true}))
			check(t, w, name)
		})
	}
}

var (
	recordID   = regexp.MustCompile(`\b[0-9a-zA-Z]{3}[0-9a-zA-Z]{12}([0-9A-Z]{3})?\b`)
	recordTime = regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:.]+(\+0000|Z)`)
	recordAPI  = regexp.MustCompile(`/v\d\d\.0/|/v\d\d\.0"|"apiVersion"\s*:\s*\d\d\.0`)
)

// alike replaces what differs between orgs: ids, times and the API version.
func alike(t *testing.T, body []byte) any {
	t.Helper()
	text := recordTime.ReplaceAllString(string(body), "<time>")
	text = recordAPI.ReplaceAllStringFunc(text, func(m string) string { return regexp.MustCompile(`\d\d\.0`).ReplaceAllString(m, "65.0") })
	text = recordID.ReplaceAllStringFunc(text, func(m string) string {
		if strings.ContainsAny(m, "0123456789") && strings.ToLower(m) != m {
			return "<id>"
		}
		return m
	})
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

// like compares an answer with the recorded one.
func (r reply) like(name string) {
	r.t.Helper()
	got, want := compactValue(r.t, alike(r.t, r.body)), compactValue(r.t, alike(r.t, []byte(recorded(r.t, name))))
	if got != want {
		r.t.Errorf("%s\n got %s\nwant %s", name, got, want)
	}
}

func asks(method, path, body string, status int) func(*testing.T, *wire, string) {
	return func(_ *testing.T, w *wire, name string) { w.api(method, path, body).want(status).like(name) }
}

func (w *wire) contacts(n int) (ids []string) {
	for range n {
		ids = append(ids, w.create("Contact", `{"LastName":"A"}`))
	}
	return ids
}

// sendsContacts makes the recorded request and expects the recorded success.
func sendsContacts(method, answer string) func(*testing.T, *wire, string) {
	return func(t *testing.T, w *wire, name string) {
		body := recorded(t, name)
		for _, id := range regexp.MustCompile(`003\w{15}`).FindAllString(body, -1) {
			body = strings.ReplaceAll(body, id, w.contacts(1)[0])
		}
		w.api(method, "/composite/sobjects", body).want(200).like(answer)
		if got := w.query("SELECT LastName FROM Contact WHERE FirstName IN ('Siena', 'Markus') ORDER BY LastName"); len(got) != 2 || got[1]["LastName"] != "Dyer" {
			t.Errorf("the records are %v", got)
		}
	}
}

func collectionSucceeds(t *testing.T, w *wire, name string) {
	method := map[bool]string{true: "PATCH", false: "POST"}[strings.Contains(name, "update")]
	sendsContacts(method, name)(t, w, strings.Replace(name, "success", "payload", 1))
}

func updatesPartly(_ *testing.T, w *wire, name string) {
	ids := w.contacts(2)
	w.api("PATCH", "/composite/sobjects", `{"allOrNone":true,"records":[{"attributes":{"type":"Contact"},"id":"`+ids[0]+`","LastName":"B"},`+
		`{"attributes":{"type":"Contact"},"id":"`+ids[1]+`","unknownField_LastName":"B"}]}`).want(200).like(name)
}

func deletesTwice(_ *testing.T, w *wire, name string) {
	id := w.create("Account", `{"Name":"A"}`)
	w.api("DELETE", "/sobjects/Account/"+id, "").want(204)
	w.api("DELETE", "/sobjects/Account/"+id, "").want(404).like(name)
}

// rowOfError compares how one failed row of a collection looks. The recorded
// row is the single answer of an older resource and names the id.
func rowOfError(t *testing.T, w *wire, name string) {
	var want map[string]any
	mustJSON(t, recorded(t, name), &want)
	id, _ := want["id"].(string)
	malformed := want["errors"].([]any)[0].(map[string]any)["message"].(string)
	malformed = malformed[strings.LastIndexByte(malformed, ' ')+1:]
	got := w.api("PATCH", "/composite/sobjects", `{"records":[{"attributes":{"type":"Account"},"id":"`+malformed+`","Name":"x"}]}`).want(200).list()[0]
	if compactValue(t, got["errors"]) != compactValue(t, want["errors"]) || got["success"] != false || id == "" {
		t.Errorf("got %v, want %v", got, want)
	}
}

// bulkJob brings a job of the recorded kind into a state, and compares the
// members and those values that no run changes.
func bulkJob(state string) func(*testing.T, *wire, string) {
	return func(t *testing.T, w *wire, name string) {
		var want map[string]any
		mustJSON(t, recorded(t, name), &want)
		spec, header := `{"object":"Opportunity","operation":"`+want["operation"].(string)+`","lineEnding":"LF"}`, "Id\n"
		if want["operation"] == "upsert" {
			spec, header = strings.Replace(spec, "}", `,"externalIdFieldName":"external_id__c"}`, 1), "Name,StageName,CloseDate,external_id__c\nA,Prospecting,2026-01-01,e1\n"
		}
		if state == "Failed" {
			header = strings.Replace(header, "StageName", "Nope", 1)
		}
		got := w.runJob(spec, header, state)
		sameKeys(t, name, got)
		for _, key := range []string{"operation", "object", "state", "concurrencyMode", "contentType", "lineEnding", "columnDelimiter", "jobType", "externalIdFieldName", "retries", "numberRecordsFailed"} {
			if got[key] != want[key] {
				t.Errorf("%s is %v, want %v", key, got[key], want[key])
			}
		}
		if message, _ := want["errorMessage"].(string); message != "" && !strings.HasPrefix(got["errorMessage"].(string), message[:strings.Index(message, ":")]) {
			t.Errorf("errorMessage %v, want one like %s", got["errorMessage"], message)
		}
	}
}

// runJob takes an ingest job to a state and gives the answer that tells of it.
func (w *wire) runJob(spec, csv, state string) map[string]any {
	w.t.Helper()
	made := w.api("POST", "/jobs/ingest", spec).want(200).object()
	id := made["id"].(string)
	if state == "Open" {
		return made
	}
	w.raw("PUT", "/services/data/v65.0/jobs/ingest/"+id+"/batches", csv, "text/csv").want(201)
	uploaded := w.api("PATCH", "/jobs/ingest/"+id, `{"state":"UploadComplete"}`).want(200).object()
	for range 20 {
		if uploaded["state"] == state {
			return uploaded
		}
		w.clock.move(500e6)
		uploaded = w.api("GET", "/jobs/ingest/"+id, "").want(200).object()
	}
	w.t.Fatalf("the job is %v and never %s", uploaded["state"], state)
	return nil
}

func bulkPartly(t *testing.T, w *wire, name string) {
	spec := `{"object":"Opportunity","operation":"upsert","externalIdFieldName":"external_id__c"}`
	table := strings.TrimSpace(recorded(t, "bulk_info_partial-failure.csv"))
	header, failed, _ := strings.Cut(table, "\n")
	_, columns, _ := strings.Cut(header, `"sf__Error",`)
	cells := failed[strings.Index(failed, ` --",`)+len(` --",`):]
	id, info := w.ingest(spec, columns+"\n"+cells+"\n\"B\",\"Prospecting\",\"e2\",\"2026-01-01\"\n")
	if strings.HasSuffix(name, ".json") {
		sameKeys(t, name, info)
		return
	}
	if got := strings.ReplaceAll(strings.TrimSpace(w.results(id, "failedResults")), `"`, ""); got != strings.ReplaceAll(table, `"`, "") {
		t.Errorf("\n got %s\nwant %s", got, table)
	}
}

func bulkQuery(_ *testing.T, w *wire, name string) {
	w.api("POST", "/jobs/query", `{"operation":"query","query":"SELECT Id FROM Account"}`).want(200).like(name)
}

// describes compares the describe of an object: its members, and those of the
// recorded fields with all their values.
func describes(t *testing.T, w *wire, name string) {
	var body struct {
		CompositeResponse []struct{ Body map[string]any }
	}
	mustJSON(t, recorded(t, name), &body)
	want := body.CompositeResponse[0].Body
	object := want["name"].(string)
	got := w.api("GET", "/sobjects/"+object+"/describe", "").want(200).object()
	if a, b := strings.Join(sortedKeys(got), " "), strings.Join(sortedKeys(want), " "); a != b {
		t.Errorf("describe\n got %s\nwant %s", a, b)
	}
	for _, raw := range want["fields"].([]any) {
		theirs := raw.(map[string]any)
		mine := fieldOf(got, theirs["name"])
		if mine == nil {
			t.Errorf("no field %v", theirs["name"])
		}
		for _, key := range slices.Sorted(maps.Keys(theirs)) {
			if mine != nil && compactValue(t, mine[key]) != compactValue(t, theirs[key]) {
				t.Errorf("%v.%s: got %v, want %v", theirs["name"], key, mine[key], theirs[key])
			}
		}
	}
}

func fieldOf(describe map[string]any, name any) map[string]any {
	for _, f := range describe["fields"].([]any) {
		if m := f.(map[string]any); m["name"] == name {
			return m
		}
	}
	return nil
}

// lists makes records with the recorded values and reads them with the
// recorded columns; what the org computes is not written.
func lists(t *testing.T, w *wire, name string) {
	var want struct{ Records []map[string]any }
	mustJSON(t, recorded(t, name), &want)
	object := want.Records[0]["attributes"].(map[string]any)["type"].(string)
	account := w.create("Account", `{"Name":"Parent"}`)
	var columns []string
	for _, r := range want.Records {
		w.create(object, compactValue(t, w.writable(r, object, account)))
		for _, c := range sortedKeys(r) {
			if c != "attributes" && !slices.Contains(columns, c) {
				columns = append(columns, c)
			}
		}
	}
	for i, got := range w.query("SELECT " + strings.Join(columns, ",") + " FROM " + object + " ORDER BY Id") {
		if a, b := compactValue(t, alike(t, []byte(compactValue(t, got)))), compactValue(t, alike(t, []byte(compactValue(t, want.Records[i])))); a != b {
			t.Errorf("record %d\n got %s\nwant %s", i, a, b)
		}
	}
}

// writable is a recorded record as a create takes it.
func (w *wire) writable(r map[string]any, object, account string) map[string]any {
	out := map[string]any{"LastName": "L", "Company": "C"}
	if object == "Opportunity" {
		out = map[string]any{"CloseDate": "2026-01-01"}
	}
	if object == "Contact" {
		delete(out, "Company")
	}
	for k, v := range r {
		switch {
		case k == "AccountId" && v != nil:
			out[k] = account
		case k == "Address":
			for part, text := range v.(map[string]any) {
				if part != "geocodeAccuracy" {
					out[strings.ToUpper(part[:1])+part[1:]] = text
				}
			}
		case k != "attributes" && k != "Id":
			out[k] = v
		}
	}
	return out
}

func listsRoles(t *testing.T, w *wire, name string) {
	opportunity := w.create("Opportunity", `{"Name":"Test Opportunity","Amount":50000,"StageName":"Prospecting","CloseDate":"2026-01-01"}`)
	for _, role := range []string{"Decision Maker", "Influencer"} {
		w.create("OpportunityContactRole", `{"OpportunityId":"`+opportunity+`","ContactId":"`+w.contacts(1)[0]+`","Role":"`+role+`"}`)
	}
	w.raw("GET", "/services/data/v65.0/query?q=SELECT+Id,Name,Amount,StageName,(SELECT+Id,ContactId,Role+FROM+OpportunityContactRoles)+FROM+Opportunity", "", "").want(200).like(name)
}

func TestAlikeKeepsWhatMatters(t *testing.T) {
	a, b := alike(t, []byte(`{"id":"001ak00000OQTieAAH","v":"/services/data/v60.0/x","at":"2024-09-09T20:41:31.000+0000"}`)), alike(t, []byte(`{"id":"001bb00000OQTieAAH","v":"/services/data/v65.0/x","at":"2026-09-09T20:41:31.000+0000"}`))
	if compactValue(t, a) != compactValue(t, b) {
		t.Errorf("%v and %v differ", a, b)
	}
	if c := alike(t, []byte(`{"id":"nothing","v":"/services/data/v60.0/y"}`)); compactValue(t, c) == compactValue(t, a) {
		t.Error("everything is alike")
	}
}
