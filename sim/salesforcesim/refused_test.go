package salesforcesim

import (
	"fmt"
	"strings"
	"testing"
)

func TestSubrequestsNameTheirResourceFromTheRoot(t *testing.T) {
	w := newWire(t)
	for url, want := range map[string]float64{
		"/services/data/v65.0/sobjects/Account": 201, "v65.0/sobjects/Account": 404, "services/data/v65.0/sobjects/Account": 404, "/services/data/v65.0/limits": 400,
	} {
		body := fmt.Sprintf(`{"compositeRequest":[{"method":"POST","url":%q,"referenceId":"a","body":{"Name":"x"}}]}`, url)
		got := w.api("POST", "/composite", body).want(200).object()["compositeResponse"].([]any)[0].(map[string]any)
		if got["httpStatusCode"] != want {
			t.Errorf("%s: %v", url, got)
		}
	}
	if n := w.accounts(); n != 1 {
		t.Errorf("%d accounts", n)
	}
	body := `{"compositeRequest":[{"method":"GET","url":"/services/data/v65.0/sobjects/Account/@{b.id}","referenceId":"a"}]}`
	if got := string(w.api("POST", "/composite", body).want(200).body); !strings.Contains(got, "No value for b.id found in b.") {
		t.Error(got)
	}
}

// chain is a graph whose nodes each hang on the one before.
func chain(id string, n int) string {
	var nodes []string
	for i := range n {
		parent := ""
		if i > 0 {
			parent = fmt.Sprintf(`,"ParentId":"@{q%d.id}"`, i-1)
		}
		nodes = append(nodes, fmt.Sprintf(`{"method":"POST","url":"/services/data/v65.0/sobjects/Account","referenceId":"q%d","body":{"Name":"x"%s}}`, i, parent))
	}
	return fmt.Sprintf(`{"graphId":%q,"compositeRequest":[%s]}`, id, strings.Join(nodes, ","))
}

func TestGraphsHaveTheirLimits(t *testing.T) {
	w := newWire(t)
	ask := func(graphs ...string) reply {
		return w.api("POST", "/composite/graph", `{"graphs":[`+strings.Join(graphs, ",")+`]}`)
	}
	ask(chain("a", 15), chain("b", 1)).want(200)
	for name, graphs := range map[string][]string{
		"too deep": {chain("a", 16)}, "one id twice": {chain("a", 1), chain("a", 1)}, "an id that begins otherwise": {chain("-a", 1)}, "a long id": {chain(strings.Repeat("a", 40), 1)},
	} {
		if got := ask(graphs...); got.status != 400 {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	var broken []string
	for i := range 14 {
		broken = append(broken, strings.Replace(chain(fmt.Sprint("g", i), 1), `"Name":"x"`, `"Site":"x"`, 1))
	}
	before := w.accounts()
	if got := string(ask(append(broken, chain("last", 1))...).want(200).body); !strings.Contains(got, "PROCESSING_HALTED") || w.accounts() != before {
		t.Errorf("%d accounts more: %s", w.accounts()-before, got)
	}
}

func TestParentsOfSeveralKindsCallThemselvesName(t *testing.T) {
	w := newWire(t)
	account, contact := w.create("Account", `{"Name":"A"}`), w.create("Contact", `{"LastName":"C"}`)
	w.create("Task", `{"Subject":"T","WhoId":"`+contact+`","WhatId":"`+account+`"}`)
	row := w.query("SELECT Who.Name, Owner.Name FROM Task")[0]
	for relation, want := range map[string]string{"Who": "Name", "Owner": "Name"} {
		parent := row[relation].(map[string]any)
		attributes := parent["attributes"].(map[string]any)
		if attributes["type"] != want || parent["Name"] == nil {
			t.Errorf("%s: %v", relation, parent)
		}
	}
	if url := row["Who"].(map[string]any)["attributes"].(map[string]any)["url"]; url != "/services/data/v65.0/sobjects/Contact/"+contact {
		t.Error(url)
	}
	if got := w.query("SELECT Owner.Name FROM Account")[0]["Owner"].(map[string]any)["attributes"].(map[string]any)["type"]; got != "User" {
		t.Errorf("an owner that can only be a user calls itself %v", got)
	}
	if got := w.query("SELECT TYPEOF What WHEN Account THEN Name END FROM Task")[0]["What"].(map[string]any)["attributes"].(map[string]any)["type"]; got != "Account" {
		t.Errorf("chosen by TYPEOF it calls itself %v", got)
	}
}

func TestForecastCategoryMayBeWritten(t *testing.T) {
	w := newWire(t)
	id := w.create("Opportunity", `{"Name":"O","StageName":"Prospecting","CloseDate":"2026-04-01","Amount":100.01,"Probability":33}`)
	check := func(name, category string) {
		t.Helper()
		if got := w.one("ForecastCategoryName, ForecastCategory", "Opportunity", "Id = '"+id+"'"); got["ForecastCategoryName"] != name || got["ForecastCategory"] != category {
			t.Error(got)
		}
	}
	check("Pipeline", "Pipeline")
	w.api("PATCH", "/sobjects/Opportunity/"+id, `{"ForecastCategoryName":"Commit"}`).want(204)
	check("Commit", "Forecast")
	w.api("PATCH", "/sobjects/Opportunity/"+id, `{"NextStep":"x"}`).want(204)
	check("Commit", "Forecast")
	w.api("PATCH", "/sobjects/Opportunity/"+id, `{"StageName":"Proposal/Price Quote"}`).want(204)
	check("Best Case", "BestCase")
	if c := w.api("PATCH", "/sobjects/Opportunity/"+id, `{"ForecastCategoryName":"Sure"}`).want(400).code(); c != "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST" {
		t.Error(c)
	}
	if got := w.one("ExpectedRevenue", "Opportunity", "Id = '"+id+"'")["ExpectedRevenue"]; got != 75.01 {
		t.Errorf("expected revenue %v", got)
	}
	for _, f := range w.api("GET", "/sobjects/Opportunity/describe", "").want(200).object()["fields"].([]any) {
		m := f.(map[string]any)
		if m["name"] == "ForecastCategoryName" && (m["createable"] != true || m["updateable"] != true || m["defaultedOnCreate"] != true || m["restrictedPicklist"] != true) {
			t.Error(m)
		}
		if m["name"] == "Probability" && m["defaultedOnCreate"] != true {
			t.Error(m)
		}
	}
}

func TestEventsAddUpAndEnd(t *testing.T) {
	w := newWire(t)
	for body, want := range map[string]int{
		`"StartDateTime":"2026-03-02T10:00:00Z","DurationInMinutes":60,"EndDateTime":"2026-03-02T11:00:00Z"`: 201,
		`"StartDateTime":"2026-03-02T10:00:00Z","DurationInMinutes":60,"EndDateTime":"2026-03-02T12:00:00Z"`: 400,
		`"StartDateTime":"2026-03-02T10:00:00Z","EndDateTime":"2026-03-16T10:00:00Z"`:                        201,
		`"StartDateTime":"2026-03-02T10:00:00Z","EndDateTime":"2026-03-20T10:00:00Z"`:                        400,
	} {
		if got := w.api("POST", "/sobjects/Event", `{"Subject":"E",`+body+`}`); got.status != want {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
}

func TestAParentIsNamedByOneKey(t *testing.T) {
	w := newWire(t)
	w.keyField("Account", true)
	w.create("Account", `{"Name":"A","Ext__c":"k"}`)
	w.create("Contact", `{"LastName":"C","Account":{"attributes":{"type":"Account"},"Ext__c":"k"}}`)
	got := w.api("POST", "/sobjects/Contact", `{"LastName":"C","Account":{"Ext__c":"k","Name":"zzz"}}`).want(400)
	if got.code() != "INVALID_FIELD" || !strings.Contains(string(got.body), "More than 1 field provided in an external foreign key reference in entity: Account") {
		t.Error(string(got.body))
	}
}

func TestABulkDeleteTakesIdsOnly(t *testing.T) {
	w := newWire(t)
	id := w.create("Account", `{"Name":"A"}`)
	job := w.job("ingest", `{"object":"Account","operation":"delete"}`)
	w.raw("PUT", "/services/data/v65.0/jobs/ingest/"+job+"/batches", "Id,Name\n"+id+",A\n", "text/csv").want(201)
	w.api("PATCH", "/jobs/ingest/"+job, `{"state":"UploadComplete"}`).want(200)
	w.org.Advance(60e9)
	if got := w.api("GET", "/jobs/ingest/"+job, "").want(200).object(); got["state"] != "Failed" || !strings.Contains(fmt.Sprint(got["errorMessage"]), "must contain only ids") {
		t.Error(got)
	}
	if w.accounts() != 1 {
		t.Error("the account is gone")
	}
}

func TestActivitiesAreNotSemiJoined(t *testing.T) {
	w := newWire(t)
	res := w.api("GET", "/query?q="+strings.ReplaceAll("SELECT Id FROM Account WHERE Id IN (SELECT WhatId FROM Task)", " ", "+"), "").want(400)
	if res.code() != "MALFORMED_QUERY" || !strings.Contains(string(res.body), "Entity 'Task' is not supported for semi join inner selects") {
		t.Error(string(res.body))
	}
	if c := w.api("GET", "/query?q=SELECT+MAX(Description)+FROM+Account", "").want(400).code(); c != "MALFORMED_QUERY" {
		t.Error(c)
	}
}
