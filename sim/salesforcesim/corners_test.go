package salesforcesim

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

func TestWhatAPathMayName(t *testing.T) {
	w := newWire(t)
	id := w.create("Account", `{"Name":"A"}`)
	wrongSum := id[:17] + string(base62[(strings.IndexByte(base62, id[17])+1)%36+10])
	for _, c := range []struct {
		method, path, body string
		status             int
		code               string
	}{
		{"GET", "/sobjects/Account/" + wrongSum, "", 400, "MALFORMED_ID"},
		{"PATCH", "/sobjects/Account/" + wrongSum, `{"Name":"B"}`, 400, "MALFORMED_ID"},
		{"DELETE", "/sobjects/Account/" + w.org.adminID, "", 400, "MALFORMED_ID"},
		{"GET", "/sobjects/Account/001zz00000zzzzz", "", 404, "NOT_FOUND"},
		{"GET", "/sobjects/Account/no-id", "", 404, "NOT_FOUND"},
		{"GET", "/sobjects/Account/Nothing__c/1", "", 404, "NOT_FOUND"},
		{"POST", "/sobjects/Account/" + id, `{"Name":"B"}`, 405, "METHOD_NOT_ALLOWED"},
		{"PUT", "/sobjects/Account/" + id, `{"Name":"B"}`, 405, "METHOD_NOT_ALLOWED"},
		{"POST", "/sobjects/Account/Id", `{"Name":"B","Id":"` + id + `"}`, 400, "INVALID_FIELD"},
		{"POST", "/query?q=SELECT+Id+FROM+Account", `{}`, 405, "METHOD_NOT_ALLOWED"},
		{"DELETE", "/limits", "", 405, "METHOD_NOT_ALLOWED"},
	} {
		if res := w.api(c.method, c.path, c.body); res.status != c.status || res.code() != c.code {
			t.Errorf("%s %s: %d %s", c.method, c.path, res.status, res.body)
		}
	}
	made := w.api("POST", "/sobjects/Account/Id", `{"Name":"By the word"}`).want(201)
	if got := w.query("SELECT Name FROM Account WHERE Id = '" + made.object()["id"].(string) + "'"); len(got) != 1 {
		t.Error(got)
	}
	if got := w.api("PATCH", "/sobjects/Account", `{}`).want(405).list()[0]["message"]; got != "HTTP Method 'PATCH' not allowed. Allowed are HEAD,GET,POST" {
		t.Error(got)
	}
	if res := w.api("HEAD", "/sobjects/Account/"+id, "").want(200); len(res.body) != 0 || res.header.Get("ETag") == "" {
		t.Error(string(res.body), res.header)
	}
}

func TestVersionsAndHeadersThatAreRefused(t *testing.T) {
	w := newWire(t)
	for version, status := range map[string]int{"v31.0": 200, "v30.0": 410, "v20.0": 410, "v19.0": 404, "v69.0": 404, "65.0": 404, "vX": 404} {
		if res := w.raw("GET", "/services/data/"+version+"/limits", "", ""); res.status != status {
			t.Errorf("%s: %d %s", version, res.status, res.body)
		}
	}
	if c := w.raw("GET", "/services/data/v30.0/limits", "", "").code(); c != "UNSUPPORTED_API_VERSION" {
		t.Error(c)
	}
	for value, code := range map[string]string{"Basic abc": "INVALID_AUTH_HEADER", "nonsense": "INVALID_AUTH_HEADER", "Bearer": "INVALID_AUTH_HEADER", "Bearer wrong": "INVALID_SESSION_ID"} {
		if got := w.with("Authorization", value).api("GET", "/limits", "").want(401).code(); got != code {
			t.Errorf("%s: %s", value, got)
		}
	}
	w.api("GET", "/query?q="+strings.Repeat("x", maxURI), "").want(414)
	w.with("X-Long", strings.Repeat("x", maxURI)).api("GET", "/limits", "").want(431)
	w.raw("PATCH", "/services/data/v65.0/sobjects/Account/001zz00000zzzzz", "<a/>", "application/xml").want(415)
}

func TestConditionsOnAccounts(t *testing.T) {
	w := newWire(t)
	id, contact := w.create("Account", `{"Name":"A"}`), w.create("Contact", `{"LastName":"C"}`)
	path := "/sobjects/Account/" + id
	res := w.api("GET", path, "").want(200)
	tag := res.header.Get("ETag")
	if tag == "" || res.header.Get("Last-Modified") != "Mon, 02 Mar 2026 10:00:00 GMT" {
		t.Fatal(res.header)
	}
	for _, c := range []struct {
		method, header, value string
		status                int
	}{
		{"GET", "If-None-Match", tag, 304}, {"GET", "If-None-Match", `"other", ` + tag, 304}, {"GET", "If-None-Match", `"other"`, 200}, {"GET", "If-Match", tag, 200},
		{"GET", "If-Match", `"other"`, 412}, {"GET", "If-Match", "*", 200}, {"GET", "If-Unmodified-Since", "Mon, 02 Mar 2026 09:00:00 GMT", 412}, {"GET", "If-Match", "no tag", 412},
		{"PATCH", "If-Match", `"other"`, 412}, {"PATCH", "If-None-Match", tag, 412}, {"PATCH", "If-Match", "no tag", 400}, {"PATCH", "If-Unmodified-Since", "yesterday", 400},
		{"PATCH", "If-Match", tag, 204},
	} {
		body := map[string]string{"PATCH": `{"Name":"B"}`}[c.method]
		if res := w.with(c.header, c.value).api(c.method, path, body); res.status != c.status {
			t.Errorf("%s %s: %s answers %d %s", c.method, c.header, c.value, res.status, res.body)
		}
	}
	w.with("If-Match", tag).api("PATCH", path, `{"Name":"C"}`).want(412) // somebody was quicker
	if got := w.api("GET", path, "").header.Get("ETag"); got == tag {
		t.Error("a changed record has the same tag")
	}
	if h := w.with("If-Match", `"other"`).api("GET", "/sobjects/Contact/"+contact, "").want(200).header; h.Get("ETag") != "" || h.Get("Last-Modified") == "" {
		t.Error("contacts have tags: ", h)
	}
	w.with("If-Match", `"other"`).api("DELETE", path, "").want(204)
}

func TestFlagsOfDescribeAreHonoured(t *testing.T) {
	w := newWire(t)
	window := "/?start=" + url.QueryEscape("2026-03-02T09:00:00+00:00") + "&end=" + url.QueryEscape("2026-03-02T10:30:00+00:00")
	entries, _ := w.api("GET", "/sobjects", "").object()["sobjects"].([]any)
	seen := 0
	for _, raw := range entries {
		e := raw.(map[string]any)
		name := e["name"].(string)
		res := w.api("GET", "/sobjects/"+name+"/updated"+window, "")
		if e["replicateable"] == true && res.status != 200 || e["replicateable"] == false && res.status == 200 {
			t.Errorf("%s: replicateable %v, updated answers %d %s", name, e["replicateable"], res.status, res.body)
		}
		err := w.org.As("admin").Undelete(name, "001zz00000zzzzz")
		if refused := err != nil && strings.Contains(err.Error(), "INVALID_TYPE_FOR_OPERATION"); refused == (e["undeletable"] == true) {
			t.Errorf("%s: undeletable %v, undelete says %v", name, e["undeletable"], err)
		}
		seen++
	}
	if seen < 20 {
		t.Error(seen)
	}
}

func TestRelationPaths(t *testing.T) {
	w := newWire(t)
	parent := w.create("Account", `{"Name":"Parent"}`)
	account := w.create("Account", `{"Name":"A","ParentId":"`+parent+`"}`)
	contact := w.create("Contact", `{"LastName":"C","AccountId":"`+account+`"}`)
	w.create("Contact", `{"LastName":"D","AccountId":"`+account+`"}`)
	got := w.api("GET", "/sobjects/Account/"+account+"/Contacts?fields=LastName,Email", "").want(200).object()
	if rows := got["records"].([]any); got["totalSize"] != 2.0 || rows[1].(map[string]any)["LastName"] != "D" || len(rows[1].(map[string]any)) != 3 {
		t.Error(got)
	}
	if got := w.api("GET", "/sobjects/Account/"+account+"/Opportunities", "").want(200).object(); got["totalSize"] != 0.0 || got["done"] != true {
		t.Error(got)
	}
	if got := w.api("GET", "/sobjects/Contact/"+contact+"/Account/Parent?fields=Name", "").want(200).object(); got["Name"] != "Parent" {
		t.Error(got)
	}
	if got := w.api("GET", "/sobjects/Contact/"+contact+"/Account/Contacts", "").want(200).object(); got["totalSize"] != 2.0 {
		t.Error(got)
	}
	w.api("PATCH", "/sobjects/Contact/"+contact+"/Account", `{"Name":"Renamed"}`).want(204)
	if got := w.query("SELECT Name FROM Account WHERE Id = '" + account + "'")[0]["Name"]; got != "Renamed" {
		t.Error(got)
	}
	w.api("GET", "/sobjects/Contact/"+contact+"/ReportsTo", "").want(404)
	w.api("GET", "/sobjects/Contact/"+contact+"/Nothing", "").want(404)
	w.api("GET", "/sobjects/Contact/"+contact+"/Account/Parent/Parent", "").want(404)
	w.api("PATCH", "/sobjects/Account/"+account+"/Contacts", `{}`).want(405)
	w.api("GET", "/sobjects/Account/"+account+"/Contacts?fields=Nothing", "").want(400)
	w.api("DELETE", "/sobjects/Contact/"+contact+"/Account/Parent", "").want(204)
	w.api("GET", "/sobjects/Account/"+parent, "").want(404)
}

func TestParameterizedSearch(t *testing.T) {
	w := newWire(t)
	for i := range 4 {
		w.create("Account", fmt.Sprintf(`{"Name":"Acme %d","Phone":"%d"}`, i, i))
	}
	w.create("Contact", `{"LastName":"Acme","Email":"someone@acme.example"}`)
	w.create("Contact", `{"LastName":"Other"}`)
	names := func(res reply) string {
		var out []string
		for _, raw := range res.want(200).object()["searchRecords"].([]any) {
			r := raw.(map[string]any)
			out = append(out, fmt.Sprint(r["attributes"].(map[string]any)["type"], " ", r["Name"], " ", len(r)))
		}
		return strings.Join(out, ",")
	}
	for path, want := range map[string]string{
		"q=acme&sobject=Account&Account.fields=Name,Phone&Account.limit=1":                                "Account Acme 0 3",
		"q=acme&sobject=Account&Account.fields=Id,Name&Account.where=Phone>'1'&Account.orderBy=Name+DESC": "Account Acme 3 3,Account Acme 2 3",
		"q=acme&sobject=Account&Account.fields=Name&offset=1&defaultLimit=2":                              "Account Acme 1 2,Account Acme 2 2",
		"q=acme&sobject=Account&sobject=Contact&fields=Name&overallLimit=5&Account.limit=1":               "Account Acme 0 2,Contact Acme 2",
		"q=acme&in=NAME&sobject=Contact&fields=Name":                                                      "Contact Acme 2",
		"q=acme&overallLimit=1": "Account <nil> 2",
		"q=nobody":              "",
		"q=acme&sobject=Account&Account.fields=Name&Account.orderBy=Phone+DESC+NULLS_LAST&overallLimit=1": "Account Acme 3 2",
	} {
		if got := names(w.api("GET", "/parameterizedSearch/?"+path, "")); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	body := `{"q":"acme","fields":["Name"],"sobjects":[{"name":"Account","limit":2,"orderBy":"Name DESC"},{"name":"Contact","fields":["Id"]}],"overallLimit":3}`
	if got := names(w.api("POST", "/parameterizedSearch", body)); got != "Account Acme 3 2,Account Acme 2 2,Contact <nil> 2" {
		t.Error(got)
	}
	for path, code := range map[string]string{"": "MALFORMED_SEARCH", "q=a": "MALFORMED_SEARCH", "q=acme&in=FOO": "MALFORMED_SEARCH", "q=acme&overallLimit=x": "MALFORMED_SEARCH",
		"q=acme&offset=1": "MALFORMED_SEARCH", "q=acme&fields=Id": "MALFORMED_SEARCH", "q=acme&sobject=Nothing": "INVALID_TYPE", "q=acme&sobject=Account&Account.fields=No": "INVALID_FIELD"} {
		if got := w.api("GET", "/parameterizedSearch?"+path, "").want(400).code(); got != code {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestRecentlyViewed(t *testing.T) {
	w := newWire(t)
	a, b := w.create("Account", `{"Name":"A"}`), w.create("Contact", `{"LastName":"B"}`)
	w.api("GET", "/recent", "").want(200).same(`[]`)
	w.query("SELECT Id FROM Account FOR VIEW")
	w.query("SELECT Name FROM Contact FOR REFERENCE")
	w.query("SELECT Id FROM Account WHERE Id = '" + a + "' FOR VIEW")
	got := w.api("GET", "/recent?limit=5", "").want(200).list()
	if len(got) != 2 || got[0]["Id"] != a || got[0]["Name"] != "A" || got[1]["Id"] != b {
		t.Error(got)
	}
	if got := w.api("GET", "/recent/?limit=1", "").want(200).list(); len(got) != 1 {
		t.Error(got)
	}
	if got := w.api("GET", "/sobjects/Contact", "").want(200).object()["recentItems"].([]any); len(got) != 1 {
		t.Error(got)
	}
	ok(t, w.org.SetHidden(Hidden{Hide: []string{a}}))
	if got := w.api("GET", "/recent", "").want(200).list(); len(got) != 1 || got[0]["Id"] != b {
		t.Error("hidden records show:", got)
	}
	w.asAdmin().api("GET", "/recent", "").want(200).same(`[]`)
}

func TestSchemasOfEventsOverREST(t *testing.T) {
	w := newWire(t)
	w.sim("event", `{"name":"Ink","fields":[{"name":"Level__c","type":"Number"}]}`).want(200)
	compactForm := w.api("GET", "/sobjects/Ink__e/eventSchema?payloadFormat=COMPACT", "").want(200).object()
	id, _ := compactForm["uuid"].(string)
	if compactForm["type"] != "record" || compactForm["name"] != "Ink__e" || len(compactForm["fields"].([]any)) != 3 || id == "" {
		t.Error(compactForm)
	}
	if same := w.api("GET", "/event/eventSchema/"+id+"?payloadFormat=compact", "").want(200).object(); compactValue(t, same) != compactValue(t, compactForm) {
		t.Error(same)
	}
	wide := w.api("GET", "/sobjects/Ink__e/eventSchema", "").want(200).object()
	if wide["type"] != "expanded-record" || !strings.Contains(compactValue(t, wide), `"name":"replayId","type":"long"`) || !strings.Contains(compactValue(t, wide), `"name":"CreatedDate","type":"string"`) {
		t.Error(compactValue(t, wide))
	}
	if change := w.api("GET", "/sobjects/AccountChangeEvent/eventSchema?payloadFormat=COMPACT", "").want(200).object(); change["name"] != "AccountChangeEvent" {
		t.Error(change["name"])
	}
	w.api("GET", "/sobjects/Ink__e/eventSchema?payloadFormat=WIDE", "").want(400)
	w.api("GET", "/event/eventSchema/unknown", "").want(404)
	w.api("GET", "/sobjects/NothingChangeEvent/eventSchema", "").want(404)
	w.api("GET", "/sobjects/Account/eventSchema", "").want(404)
}

func TestUploadsThatAreNotAsTheJobSays(t *testing.T) {
	w := newWire(t)
	for _, c := range []struct{ job, csv, problem, unread string }{
		{`,"lineEnding":"LF"`, "Name\r\nA\r\n", "LineEnding is invalid on user data. Current LineEnding setting is LF", "Name\nA\n"},
		{`,"lineEnding":"CRLF"`, "Name\nA\nB\n", "LineEnding is invalid on user data. Current LineEnding setting is CRLF", "Name\nA\nB\n"},
		{``, "Name,Nothing__c\nA,1\nB,2\n", "InvalidBatch : Field name not found : Nothing__c", "Name,Nothing__c\nA,1\nB,2\n"},
		{`,"columnDelimiter":"PIPE"`, "Name,Phone\nA,1\n", "InvalidBatch : Field name not found : Name,Phone", "Name,Phone\nA,1\n"},
		{``, "Name,Phone\nA,1\nB\nC,3\n", "line 3 has 1 fields, the header has 2", "Name,Phone\nB\nC,3\n"},
		{``, "Name\nA\n\"B\n", "Failed to parse the CSV at line", "Name\n"},
	} {
		_, info := w.ingest(`{"object":"Account","operation":"insert"`+c.job+`}`, c.csv)
		problem, _ := info["errorMessage"].(string)
		unread := w.results(info["id"].(string), "unprocessedrecords/")
		if info["state"] != "Failed" || !strings.Contains(problem, c.problem) || !strings.HasPrefix(unread, c.unread) {
			t.Errorf("%q: %v %s, unprocessed %q", c.csv, info["state"], problem, unread)
		}
	}
	if _, info := w.ingest(`{"object":"Account","operation":"insert","lineEnding":"CRLF"}`, "Name,Description\r\nA,\"two\nlines\"\r\n"); info["state"] != "JobComplete" || info["numberRecordsFailed"] != 0.0 {
		t.Error(info)
	}
}

func TestContactOfAnOpportunity(t *testing.T) {
	w := newWire(t)
	one, two := w.create("Contact", `{"LastName":"One"}`), w.create("Contact", `{"LastName":"Two"}`)
	const deal = `{"Name":"D","StageName":"Prospecting","CloseDate":"2026-05-01"`
	id := w.create("Opportunity", deal+`,"ContactId":"`+one+`"}`)
	contact := func() any {
		return w.query("SELECT ContactId, Contact.LastName FROM Opportunity WHERE Id = '" + id + "'")[0]["ContactId"]
	}
	if rows := w.query("SELECT ContactId, IsPrimary FROM OpportunityContactRole"); len(rows) != 1 || rows[0]["ContactId"] != one || rows[0]["IsPrimary"] != true || contact() != one {
		t.Error(rows, contact())
	}
	w.create("OpportunityContactRole", `{"OpportunityId":"`+id+`","ContactId":"`+two+`","IsPrimary":true}`)
	if rows := w.query("SELECT Id FROM OpportunityContactRole WHERE IsPrimary = true"); len(rows) != 1 || contact() != two {
		t.Error(rows, contact())
	}
	if c := w.api("PATCH", "/sobjects/Opportunity/"+id, `{"ContactId":"`+one+`"}`).want(400).code(); c != "INVALID_FIELD_FOR_INSERT_UPDATE" {
		t.Error(c)
	}
	if other := w.create("Opportunity", deal+`}`); w.org.find(other) == nil || len(w.query("SELECT Id FROM OpportunityContactRole")) != 2 {
		t.Error("a role without a contact")
	}
}

func TestActivitiesOfLeadsAreRelatedToNothingElse(t *testing.T) {
	w := newWire(t)
	lead, account := w.create("Lead", `{"LastName":"L","Company":"C"}`), w.create("Account", `{"Name":"A"}`)
	task := w.create("Task", `{"Subject":"S","WhoId":"`+lead+`"}`)
	event := `{"Subject":"S","StartDateTime":"2026-03-02T10:00:00Z","DurationInMinutes":5`
	for _, res := range []reply{
		w.api("POST", "/sobjects/Task", `{"Subject":"S","WhoId":"`+lead+`","WhatId":"`+account+`"}`), w.api("PATCH", "/sobjects/Task/"+task, `{"WhatId":"`+account+`"}`),
		w.api("POST", "/sobjects/Event", event+`,"WhoId":"`+lead+`","WhatId":"`+account+`"}`),
	} {
		if c := res.want(400).code(); c != "FIELD_INTEGRITY_EXCEPTION" {
			t.Error(c)
		}
	}
	w.create("Event", event+`,"WhoId":"`+lead+`"}`)
	w.api("PATCH", "/sobjects/Task/"+task, `{"WhoId":null,"WhatId":"`+account+`"}`).want(204)
}

// The words of the parser are the vendor's, whatever is wrong.
func TestBodiesThatCannotBeReadAreToldInTheVendorsWords(t *testing.T) {
	w := newWire(t)
	for _, c := range []struct{ path, body, says string }{
		{"/sobjects/Account", `{"Name":x}`, "Unexpected character ('x' (code 120)) at [line:1, column:9]"},
		{"/sobjects/Account", "{\"Name\":\n\"A\",}", "Unexpected character ('}' (code 125)) at [line:2, column:5]"},
		{"/sobjects/Account", `{"Name":"A"`, "Unexpected end-of-input"},
		{"/sobjects/Account", `["A"]`, "Cannot deserialize instance of the request from START_ARRAY value array"},
		{"/composite/sobjects", `{"allOrNone":"maybe","records":[]}`, "Cannot deserialize instance of allOrNone from VALUE_STRING value string or request may be missing a required field at [line:1"},
		{"/composite", `{"compositeRequest":{}}`, "Cannot deserialize instance of compositeRequest from START_OBJECT"},
		{"/composite/batch", `7`, "Cannot deserialize instance of the request from VALUE_NUMBER_INT"},
		{"/composite/tree/Account", `{"records":[1]}`, "VALUE_NUMBER_INT"},
		{"/composite/graph", `{"graphs":"x"}`, "VALUE_STRING"},
		{"/jobs/ingest", `{"object":`, "Unexpected end-of-input"},
		{"/jobs/query", `nothing`, "Unexpected character"},
		{"/tooling/sobjects/CustomField", `{`, "Unexpected end-of-input"},
		{"/parameterizedSearch", `{"q":1}`, "VALUE_NUMBER_INT"},
	} {
		res := w.api("POST", c.path, c.body).want(400)
		text, _ := res.list()[0]["message"].(string)
		if res.code() != "JSON_PARSER_ERROR" || !strings.Contains(text, c.says) || strings.Contains(text, "json:") || strings.Contains(text, "Go ") || strings.Contains(text, "main.") {
			t.Errorf("%s %s: %s", c.path, c.body, res.body)
		}
	}
}

func TestTheConsentPageChecksItsRedirectAddress(t *testing.T) {
	w := newWire(t)
	w.sim("app", `{"id":"held","secret":"s","callbacks":["https://tandem.example/callback"]}`).want(200)
	w.sim("app", `{"id":"free","secret":"s"}`).want(200)
	for _, c := range []struct {
		app, back string
		status    int
	}{
		{"held", "https://tandem.example/callback", 200}, {"held", "https://tandem.example/callback/more", 400}, {"held", "https://evil.example/callback", 400},
		{"held", "http://127.0.0.1:9/callback", 400}, {"free", "http://127.0.0.1:9/callback", 200}, {"free", "https://tandem.example/callback", 400}, {"none", "http://127.0.0.1:9/", 400},
	} {
		res := w.raw("GET", "/services/oauth2/authorize?response_type=code&client_id="+c.app+"&redirect_uri="+url.QueryEscape(c.back), "", "")
		if res.status != c.status {
			t.Errorf("%s to %s: %d %s", c.app, c.back, res.status, res.body)
		}
	}
}
