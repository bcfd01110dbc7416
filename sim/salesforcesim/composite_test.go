package salesforcesim

import (
	"strings"
	"testing"
)

func sub(method, path, ref, body string) string {
	if body != "" {
		body = `,"body":` + body
	}
	return `{"method":"` + method + `","url":"/services/data/v65.0` + path + `","referenceId":"` + ref + `"` + body + `}`
}

func TestCompositeReferences(t *testing.T) {
	w := newWire(t)
	res := w.api("POST", "/composite", `{"compositeRequest":[`+
		sub("POST", "/sobjects/Account", "acc", `{"Name":"A"}`)+`,`+
		sub("POST", "/sobjects/Contact", "con", `{"LastName":"L","AccountId":"@{acc.id}"}`)+`,`+
		sub("GET", "/query?q=SELECT+Id,Name+FROM+Account", "q", "")+`,`+
		sub("GET", "/sobjects/Account/@{q.records[0].Id}?fields=Name", "got", "")+`]}`).want(200).object()
	list := res["compositeResponse"].([]any)
	at := func(i int) map[string]any { return list[i].(map[string]any) }
	if at(0)["httpStatusCode"] != 201.0 || at(0)["httpHeaders"].(map[string]any)["Location"] == nil || at(1)["httpStatusCode"] != 201.0 || at(3)["body"].(map[string]any)["Name"] != "A" {
		t.Fatal(res)
	}
	id := at(0)["body"].(map[string]any)["id"].(string)
	if got := w.query("SELECT AccountId FROM Contact")[0]["AccountId"]; got != id {
		t.Fatal(got)
	}
}

func TestCompositeAllOrNone(t *testing.T) {
	w := newWire(t)
	body := `"compositeRequest":[` + sub("POST", "/sobjects/Account", "a", `{"Name":"A"}`) + `,` + sub("POST", "/sobjects/Contact", "b", `{}`) + `,` + sub("POST", "/sobjects/Account", "c", `{"Name":"C"}`) + `]}`
	halted := `[{"message":"The transaction was rolled back since another operation in the same transaction failed.","errorCode":"PROCESSING_HALTED"}]`
	w.api("POST", "/composite", `{"allOrNone":true,`+body).want(200).same(`{"compositeResponse":[` +
		`{"body":` + halted + `,"httpHeaders":{},"httpStatusCode":400,"referenceId":"a"},` +
		`{"body":[{"message":"Required fields are missing: [LastName]","errorCode":"REQUIRED_FIELD_MISSING","fields":["LastName"]}],"httpHeaders":{},"httpStatusCode":400,"referenceId":"b"},` +
		`{"body":` + halted + `,"httpHeaders":{},"httpStatusCode":400,"referenceId":"c"}]}`)
	if n := len(w.query("SELECT Id FROM Account")); n != 0 || len(w.org.Ledger()) != 0 {
		t.Fatalf("%d accounts after roll-back, ledger %v", n, w.org.Ledger())
	}
	w.api("POST", "/composite", `{"allOrNone":false,`+body).want(200)
	if n := len(w.query("SELECT Id FROM Account")); n != 2 {
		t.Fatalf("%d accounts", n)
	}
}

func TestCompositeAllOrNoneReachesIntoCollections(t *testing.T) {
	rows := `{"allOrNone":%s,"records":[{"attributes":{"type":"Account"},"Name":"A"},{"attributes":{"type":"Account"}}]}`
	for _, c := range []struct {
		outer, inner string
		accounts     int
		others       float64
		firstRow     bool
	}{{"true", "false", 0, 400, true}, {"true", "true", 0, 400, false}, {"false", "true", 1, 201, false}, {"false", "false", 2, 201, true}} {
		w := newWire(t)
		body := `{"allOrNone":` + c.outer + `,"compositeRequest":[` + sub("POST", "/composite/sobjects", "many", strings.Replace(rows, "%s", c.inner, 1)) + `,` + sub("POST", "/sobjects/Account", "one", `{"Name":"B"}`) + `]}`
		list := w.api("POST", "/composite", body).want(200).object()["compositeResponse"].([]any)
		many, one := list[0].(map[string]any), list[1].(map[string]any)
		first := many["body"].([]any)[0].(map[string]any)
		if many["httpStatusCode"] != 200.0 || first["success"] != c.firstRow || one["httpStatusCode"] != c.others {
			t.Errorf("outer %s, inner %s: %v", c.outer, c.inner, list)
		}
		if n := len(w.query("SELECT Id FROM Account")); n != c.accounts {
			t.Errorf("outer %s, inner %s: %d accounts, want %d", c.outer, c.inner, n, c.accounts)
		}
	}
}

func TestCompressedRequestMayBeEmpty(t *testing.T) {
	w := newWire(t)
	id := w.create("Account", `{"Name":"A"}`)
	w.with("Content-Encoding", "gzip").api("DELETE", "/sobjects/Account/"+id, "").want(204)
}

func TestCompositeFailedReferenceAndLimits(t *testing.T) {
	w := newWire(t)
	res := w.api("POST", "/composite", `{"compositeRequest":[`+sub("POST", "/sobjects/Account", "a", `{}`)+`,`+sub("POST", "/sobjects/Contact", "b", `{"LastName":"L","AccountId":"@{a.id}"}`)+`]}`).want(200)
	if !strings.Contains(string(res.body), "No value for a.id found in a.") || strings.Count(string(res.body), "PROCESSING_HALTED") != 1 {
		t.Fatal(string(res.body))
	}
	many := strings.TrimSuffix(strings.Repeat(sub("GET", "/limits", "x", "")+",", 26), ",")
	w.api("POST", "/composite", `{"compositeRequest":[`+many+`]}`).want(400)
	w.api("POST", "/composite", `{"compositeRequest":[`+sub("GET", "/limits", "bad-ref", "")+`]}`).want(400)
}

func TestBatch(t *testing.T) {
	w := newWire(t)
	id := w.create("Account", `{"Name":"A"}`)
	req := `"batchRequests":[{"method":"GET","url":"v65.0/sobjects/Nope"},{"method":"PATCH","url":"v65.0/sobjects/Account/` + id + `","richInput":{"Name":"B"}}]}`
	w.api("POST", "/composite/batch", `{`+req).want(200).same(`{"hasErrors":true,"results":[{"statusCode":404,"result":[{"message":"The requested resource does not exist","errorCode":"NOT_FOUND"}]},{"statusCode":204,"result":null}]}`)
	w.api("POST", "/composite/batch", `{"haltOnError":true,`+req).want(200).same(`{"hasErrors":true,"results":[{"statusCode":404,"result":[{"message":"The requested resource does not exist","errorCode":"NOT_FOUND"}]},` +
		`{"statusCode":412,"result":[{"message":"Batch processing halted per request","errorCode":"BATCH_PROCESSING_HALTED"}]}]}`)
}

func TestTree(t *testing.T) {
	w := newWire(t)
	tree := func(email string) string {
		return `{"records":[{"attributes":{"type":"Account","referenceId":"r1"},"name":"A","Contacts":{"records":[{"attributes":{"type":"Contact","referenceId":"r2"},"LastName":"L","Email":"` + email + `"}]}}]}`
	}
	w.api("POST", "/composite/tree/Account", tree("123")).want(400).same(`{"hasErrors":true,"results":[{"referenceId":"r2","errors":[{"statusCode":"INVALID_EMAIL_ADDRESS","message":"Email: invalid email address: 123","fields":["Email"]}]}]}`)
	if n := len(w.query("SELECT Id FROM Account")); n != 0 {
		t.Fatalf("%d accounts after a failed tree", n)
	}
	res := w.api("POST", "/composite/tree/Account", tree("a@b.co")).want(201).object()
	first := res["results"].([]any)[0].(map[string]any)
	if res["hasErrors"] != false || first["referenceId"] != "r1" || w.query("SELECT AccountId FROM Contact")[0]["AccountId"] != first["id"] {
		t.Fatal(res)
	}
}

func TestGraphsStandAlone(t *testing.T) {
	w := newWire(t)
	res := w.api("POST", "/composite/graph", `{"graphs":[{"graphId":"1","compositeRequest":[`+sub("POST", "/sobjects/Account", "a", `{"Name":"A"}`)+`]},`+
		`{"graphId":"2","compositeRequest":[`+sub("POST", "/sobjects/Account", "a", `{"Name":"B"}`)+`,`+sub("POST", "/sobjects/Contact", "b", `{"FirstName":"x","AccountId":"@{a.id}"}`)+`]}]}`).want(200).object()
	graphs := res["graphs"].([]any)
	if graphs[0].(map[string]any)["isSuccessful"] != true || graphs[1].(map[string]any)["isSuccessful"] != false {
		t.Fatal(res)
	}
	if got := w.query("SELECT Name FROM Account"); len(got) != 1 || got[0]["Name"] != "A" {
		t.Fatal(got)
	}
}
