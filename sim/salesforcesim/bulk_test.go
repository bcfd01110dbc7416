package salesforcesim

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

func (w *wire) job(kind, spec string) string {
	w.t.Helper()
	return w.api("POST", "/jobs/"+kind, spec).want(200).object()["id"].(string)
}

// ingest uploads CSV and lets the clock finish the job.
func (w *wire) ingest(spec, csv string) (id string, info map[string]any) {
	w.t.Helper()
	id = w.job("ingest", spec)
	w.raw("PUT", "/services/data/v65.0/jobs/ingest/"+id+"/batches", csv, "text/csv").want(201)
	w.api("PATCH", "/jobs/ingest/"+id, `{"state":"UploadComplete"}`).want(200)
	w.clock.move(5 * time.Second)
	return id, w.api("GET", "/jobs/ingest/"+id, "").want(200).object()
}

func (w *wire) results(id, what string) string {
	w.t.Helper()
	return string(w.api("GET", "/jobs/ingest/"+id+"/"+what, "").want(200).body)
}

// keysOf compares the members of a recorded answer with ours.
func sameKeys(t *testing.T, name string, got map[string]any) {
	t.Helper()
	var want map[string]any
	if err := json.Unmarshal([]byte(recorded(t, name)), &want); err != nil {
		t.Fatal(err)
	}
	a, b := strings.Join(sortedKeys(got), " "), strings.Join(sortedKeys(want), " ")
	if a != b {
		t.Errorf("%s\n got %s\nwant %s", name, a, b)
	}
}

func TestBulkJobRecordedShapes(t *testing.T) {
	w := newWire(t)
	w.keyField("Opportunity", true)
	res := w.api("POST", "/jobs/ingest", `{"object":"opportunity","operation":"upsert","externalIdFieldName":"ext__c","lineEnding":"LF"}`).want(200)
	id := res.object()["id"].(string)
	sameKeys(t, "bulk_write_launch-job-opportunity.json", res.object())
	if !strings.Contains(string(res.body), `"apiVersion":65.0`) || !strings.Contains(string(res.body), `"contentUrl":"services/data/v65.0/jobs/ingest/`+id+`/batches"`) {
		t.Fatal(string(res.body))
	}
	w.raw("PUT", "/services/data/v65.0/jobs/ingest/"+id+"/batches", "Name\n", "text/csv").want(201)
	sameKeys(t, "bulk_write_update-job-opportunity.json", w.api("PATCH", "/jobs/ingest/"+id, `{"state":"UploadComplete"}`).want(200).object())
	query := w.api("POST", "/jobs/query", `{"operation":"query","query":"SELECT Id FROM Account"}`).want(200)
	sameKeys(t, "bulk_read-launch-job-account.json", query.object())
}

func TestBulkPartialFailureAsRecorded(t *testing.T) {
	w := newWire(t)
	w.keyField("Opportunity", true)
	header := "Name,StageName,Ext__c,CloseDate"
	bad := `Noemi Miller,GENERATED,external-id-3,2003-04-987654321987654321`
	id, info := w.ingest(`{"object":"Opportunity","operation":"upsert","externalIdFieldName":"Ext__c"}`, header+"\n"+bad+"\nB,Prospecting,e2,2026-01-01\n")
	sameKeys(t, "bulk_info_partial-failure.json", info)
	if info["state"] != "JobComplete" || info["numberRecordsFailed"] != 1.0 || info["numberRecordsProcessed"] != 2.0 {
		t.Fatal(info)
	}
	want := `"sf__Id","sf__Error",` + header + "\n" + `"","INVALID_FIELD:Failed to deserialize field at col 3. Due to, '2003-04-987654321987654321' is not a valid value for the type xsd:date:CloseDate --",` + bad + "\n"
	if got := w.results(id, "failedResults"); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	made := w.query("SELECT Id FROM Opportunity")[0]["Id"].(string)
	if got, want := w.results(id, "successfulResults/"), `"sf__Id","sf__Created",`+header+"\n\""+made+`","true",B,Prospecting,e2,2026-01-01`+"\n"; got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if got := w.results(id, "unprocessedrecords"); got != header+"\n" {
		t.Error(got)
	}
}

func TestBulkUnknownColumnFailsTheJob(t *testing.T) {
	w := newWire(t)
	_, info := w.ingest(`{"object":"Account","operation":"insert"}`, "Name,StageName_invalid\nA,b\n")
	if info["state"] != "Failed" || info["errorMessage"] != "InvalidBatch : Field name not found : StageName_invalid" || len(w.query("SELECT Id FROM Account")) != 0 {
		t.Fatal(info)
	}
	_, info = w.ingest(`{"object":"Account","operation":"update"}`, "Name\nA\n")
	if info["state"] != "Failed" {
		t.Fatal(info)
	}
}

func TestBulkStatesFollowTheClock(t *testing.T) {
	w := newWire(t, func(o *Options) { o.BulkDelay = time.Hour })
	id := w.job("ingest", `{"object":"Account","operation":"insert","lineEnding":"CRLF"}`)
	if c := w.api("PATCH", "/jobs/ingest/"+id, `{"state":"Open"}`).want(400).code(); c != "INVALIDJOBSTATE" {
		t.Error(c)
	}
	put := func() reply {
		return w.raw("PUT", "/services/data/v65.0/jobs/ingest/"+id+"/batches", "\ufeffName\r\nA\r\n", "text/csv; charset=UTF-8")
	}
	put().want(201)
	put().want(400)
	w.api("PATCH", "/jobs/ingest/"+id, `{"state":"UploadComplete"}`).want(200)
	w.clock.move(59 * time.Minute)
	if got := w.api("GET", "/jobs/ingest/"+id, "").object()["state"]; got != "UploadComplete" {
		t.Error(got)
	}
	w.clock.move(time.Minute)
	if got := w.api("GET", "/jobs/ingest/"+id, "").object()["state"]; got != "InProgress" || w.accounts() != 0 {
		t.Error(got)
	}
	w.clock.move(time.Hour)
	if got := w.api("GET", "/jobs/ingest/"+id, "").object()["state"]; got != "JobComplete" {
		t.Error(got)
	}
	if got := w.query("SELECT Name FROM Account"); len(got) != 1 || got[0]["Name"] != "A" {
		t.Error(got)
	}
	w.api("DELETE", "/jobs/ingest/"+id, "").want(204)
	w.api("GET", "/jobs/ingest/"+id, "").want(404)
	aborted := w.job("ingest", `{"object":"Account","operation":"insert"}`)
	w.api("PATCH", "/jobs/ingest/"+aborted, `{"state":"Aborted"}`).want(200)
	w.api("PATCH", "/jobs/ingest/"+aborted, `{"state":"UploadComplete"}`).want(400)
}

func TestBulkCells(t *testing.T) {
	w := newWire(t)
	w.keyField("Account", true)
	id := w.create("Account", `{"Name":"A","Phone":"1","Fax":"2","Ext__c":"P"}`)
	_, info := w.ingest(`{"object":"Account","operation":"update","columnDelimiter":"SEMICOLON","lineEnding":"CRLF"}`, "id;NAME;Phone;Fax;Description\r\n"+id+";;#N/A;;\"line 1\nsays \"\"x\"\"\"\r\n")
	if info["numberRecordsFailed"] != 0.0 {
		t.Fatal(info)
	}
	got := w.org.As("admin").Get("Account", id)
	if got["Name"] != "A" || got["Phone"] != nil || got["Fax"] != "2" || got["Description"] != "line 1\nsays \"x\"" {
		t.Fatal(got)
	}
	_, info = w.ingest(`{"object":"Contact","operation":"insert"}`, "LastName,Account.Ext__c\nL,p\n")
	if info["numberRecordsFailed"] != 0.0 || w.query("SELECT AccountId FROM Contact")[0]["AccountId"] != id {
		t.Fatal(info)
	}
	job, info := w.ingest(`{"object":"Account","operation":"delete"}`, "Id\n"+id+"\n"+id+"\n")
	if info["numberRecordsFailed"] != 1.0 || !strings.Contains(w.results(job, "failedResults"), "ENTITY_IS_DELETED:entity is deleted: --") {
		t.Fatal(info, w.results(job, "failedResults"))
	}
	_, info = w.ingest(`{"object":"Account","operation":"insert"}`, "Name\n")
	if info["state"] != "JobComplete" || info["numberRecordsProcessed"] != 0.0 {
		t.Fatal(info)
	}
	job, _ = w.ingest(`{"object":"Account","operation":"insert"}`, "Name,Phone\n#N/A,1\n")
	if got := w.results(job, "failedResults"); !strings.Contains(got, `"REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"`) {
		t.Error(got)
	}
}

func TestBulkMultipart(t *testing.T) {
	w := newWire(t)
	body := "--x\r\nContent-Disposition: form-data; name=\"job\"\r\nContent-Type: application/json\r\n\r\n{\"object\":\"Account\",\"operation\":\"insert\"}\r\n" +
		"--x\r\nContent-Disposition: form-data; name=\"content\"; filename=\"content\"\r\nContent-Type: text/csv\r\n\r\nName\nA\n\r\n--x--\r\n"
	id := w.raw("POST", "/services/data/v65.0/jobs/ingest", body, "multipart/form-data; boundary=x").want(200).object()["id"].(string)
	w.clock.move(5 * time.Second)
	if got := w.api("GET", "/jobs/ingest/"+id, "").object(); got["state"] != "JobComplete" || got["numberRecordsProcessed"] != 1.0 {
		t.Fatal(got)
	}
}

func TestBulkQueryPages(t *testing.T) {
	w := newWire(t)
	a := w.create("Account", `{"Name":"Parent, \"Inc\"","NumberOfEmployees":7,"AnnualRevenue":5}`)
	for i := range 5 {
		w.create("Contact", fmt.Sprintf(`{"LastName":"L%d","AccountId":%q}`, i, a))
	}
	w.api("POST", "/jobs/query", `{"operation":"query","query":"SELECT COUNT(Id) FROM Contact"}`).want(400)
	w.api("POST", "/jobs/query", `{"operation":"query","query":"SELECT Id, (SELECT Id FROM Contacts) FROM Account"}`).want(400)
	w.api("POST", "/jobs/ingest", `{"operation":"hardDelete","object":"Account"}`).want(400)
	id := w.job("query", `{"operation":"query","query":"SELECT LastName, Account.Name, Account.NumberOfEmployees, Account.AnnualRevenue, Email FROM Contact ORDER BY LastName"}`)
	if c := w.api("GET", "/jobs/query/"+id+"/results", "").want(400).code(); c != "INVALIDJOBSTATE" {
		t.Error(c)
	}
	w.clock.move(5 * time.Second)
	if got := w.api("GET", "/jobs/query/"+id, "").object(); got["state"] != "JobComplete" || got["numberRecordsProcessed"] != 5.0 {
		t.Fatal(got)
	}
	var rows []string
	locator := ""
	for pages := 0; locator != "null"; pages++ {
		res := w.api("GET", "/jobs/query/"+id+"/results?maxRecords=2&locator="+locator, "").want(200)
		lines := strings.Split(strings.TrimSpace(string(res.body)), "\n")
		if lines[0] != `"LastName","Account.Name","Account.NumberOfEmployees","Account.AnnualRevenue","Email"` || res.header.Get("Sforce-NumberOfRecords") != fmt.Sprint(len(lines)-1) || pages > 3 {
			t.Fatal(string(res.body), res.header)
		}
		rows = append(rows, lines[1:]...)
		locator = res.header.Get("Sforce-Locator")
	}
	if len(rows) != 5 || rows[0] != `"L0","Parent, ""Inc""","7","5.0",""` {
		t.Fatal(rows)
	}
	pages := w.api("GET", "/jobs/query/"+id+"/resultPages?maxRecords=2", "").want(200).object()
	if len(pages["resultPages"].([]any)) != 3 || pages["done"] != true {
		t.Error(pages)
	}
	w.raw("GET", "/services/data/v64.0/jobs/query/"+id+"/results", "", "").want(409)
}

// Rows of one batch with the same key fail, all of them.
func TestBulkUpsertWithAKeyTwice(t *testing.T) {
	w := newWire(t)
	w.keyField("Account", true)
	id, info := w.ingest(`{"object":"Account","operation":"upsert","externalIdFieldName":"Ext__c"}`, "Name,Ext__c\nA,a\nB,b\nA again,a\n")
	if info["numberRecordsProcessed"] != 3.0 || info["numberRecordsFailed"] != 2.0 || strings.Count(w.results(id, "failedResults"), "DUPLICATE_VALUE:Duplicate external id specified: a") != 2 {
		t.Error(info, w.results(id, "failedResults"))
	}
	if got := w.query("SELECT Name FROM Account"); len(got) != 1 || got[0]["Name"] != "B" {
		t.Error(got)
	}
}
