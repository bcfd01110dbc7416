package salesforcesim

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestQueryShapes(t *testing.T) {
	w := newWire(t)
	a := w.create("Account", `{"Name":"Acme","AnnualRevenue":1.5}`)
	c := w.create("Contact", `{"FirstName":"Jo","LastName":"Ba","AccountId":"`+a+`"}`)
	url := func(o, id string) string {
		return `{"type":"` + o + `","url":"/services/data/v65.0/sobjects/` + o + `/` + id + `"}`
	}
	w.api("GET", "/query?q=select+id,NAME,Account.name,ReportsTo.Name+from+contact", "").want(200).same(`{"totalSize":1,"done":true,"records":[{"attributes":` + url("Contact", c) +
		`,"Id":"` + c + `","Name":"Jo Ba","Account":{"attributes":` + url("Account", a) + `,"Name":"Acme"},"ReportsTo":null}]}`)
	w.api("GET", "/query?q=SELECT+Name,AnnualRevenue,(SELECT+LastName+FROM+Contacts),(SELECT+Id+FROM+Opportunities)+FROM+Account", "").want(200).same(`{"totalSize":1,"done":true,"records":[{"attributes":` + url("Account", a) +
		`,"Name":"Acme","AnnualRevenue":2.0,"Contacts":{"totalSize":1,"done":true,"records":[{"attributes":` + url("Contact", c) + `,"LastName":"Ba"}]},"Opportunities":null}]}`)
	w.api("GET", "/query?q=SELECT+COUNT()+FROM+Account", "").want(200).same(`{"totalSize":1,"done":true,"records":[]}`)
	w.api("GET", "/query?q=SELECT+Industry,COUNT(Id)+FROM+Account+GROUP+BY+Industry", "").want(200).same(`{"totalSize":1,"done":true,"records":[{"attributes":{"type":"AggregateResult"},"Industry":null,"expr0":1}]}`)
}

func TestQueryPages(t *testing.T) {
	w := newWire(t)
	for range 3 {
		w.api("POST", "/composite/sobjects", `{"records":`+rowsJSON(200, `{"attributes":{"type":"Account"},"Name":"A"}`)+`}`).want(200)
	}
	small := w.with("Sforce-Query-Options", "batchSize=250")
	got := small.api("GET", "/query?q=SELECT+Id+FROM+Account", "").want(200).object()
	seen := map[any]bool{}
	pages := 0
	for {
		pages++
		for _, r := range got["records"].([]any) {
			seen[r.(map[string]any)["Id"]] = true
		}
		if got["totalSize"] != 600.0 {
			t.Fatalf("total %v", got["totalSize"])
		}
		next, more := got["nextRecordsUrl"].(string)
		if got["done"] == more {
			t.Fatalf("done %v, next %q", got["done"], next)
		}
		if !more {
			break
		}
		if !strings.HasPrefix(next, "/services/data/v65.0/query/01g") {
			t.Fatal(next)
		}
		got = small.raw("GET", next, "", "").want(200).object()
	}
	if len(seen) != 600 || pages != 3 {
		t.Fatalf("%d rows on %d pages", len(seen), pages)
	}
	next := small.api("GET", "/query?q=SELECT+Id+FROM+Account", "").object()["nextRecordsUrl"].(string)
	w.org.Advance(49 * time.Hour)
	w.token = w.integrationToken()
	if c := w.raw("GET", next, "", "").want(400).code(); c != "INVALID_QUERY_LOCATOR" {
		t.Error(c)
	}
}

func TestQueryAllSeesTheBin(t *testing.T) {
	w := newWire(t)
	id := w.create("Account", `{"Name":"A"}`)
	w.api("DELETE", "/sobjects/Account/"+id, "").want(204)
	if n := len(w.query("SELECT Id FROM Account")); n != 0 {
		t.Errorf("query sees %d", n)
	}
	got := w.api("GET", "/queryAll?q=SELECT+Id,IsDeleted+FROM+Account+WHERE+IsDeleted=true", "").want(200).object()
	if got["totalSize"] != 1.0 {
		t.Fatal(got)
	}
	w.clock.move(16 * 24 * time.Hour)
	w.token = w.integrationToken()
	if got := w.api("GET", "/queryAll?q=SELECT+Id+FROM+Account", "").object(); got["totalSize"] != 0.0 {
		t.Fatal("the bin keeps records for ever", got)
	}
}

func TestQueryRefusals(t *testing.T) {
	w := newWire(t)
	for q, code := range map[string]string{"SELECT+Nope+FROM+Account": "INVALID_FIELD", "SELECT+Id+FROM+Accout": "INVALID_TYPE", "SELECT+FROM": "MALFORMED_QUERY", "": "MALFORMED_QUERY"} {
		if got := w.api("GET", "/query?q="+q, "").want(400).code(); got != code {
			t.Errorf("%s: %s, want %s", q, got, code)
		}
	}
	w.api("GET", "/query?q="+strings.Repeat("x", 17000), "").want(414)
}

// Every way in which the store can find rows gives the rows that a full scan
// gives.
func TestIndexesAgreeWithScans(t *testing.T) {
	w := newWire(t)
	w.keyField("Contact", true)
	a := w.create("Account", `{"Name":"A"}`)
	var ids []string
	for i := range 30 {
		w.clock.move(time.Second)
		ids = append(ids, w.create("Contact", fmt.Sprintf(`{"LastName":"L%d","Email":"M%d@example.com","Ext__c":"K%d","AccountId":%q}`, i%3, i%5, i, a)))
	}
	w.clock.move(time.Second)
	w.api("PATCH", "/sobjects/Contact/"+ids[3], `{"Email":"other@example.com","AccountId":null,"Ext__c":null}`).want(204)
	w.api("DELETE", "/sobjects/Contact/"+ids[4], "").want(204)
	for where, want := range map[string]int{
		"Email='m0@EXAMPLE.com'": 6, "Email='m3@example.com'": 5, "Email IN ('m4@example.com','other@example.com')": 6, "AccountId='" + a + "'": 28, "Ext__c='k7'": 1, "Ext__c='k3'": 0,
		"Id IN ('" + ids[1] + "','" + ids[4] + "','" + ids[1] + "')": 1, "SystemModstamp>=2026-03-02T10:00:21Z": 11, "SystemModstamp<2026-03-02T10:00:04Z": 3,
		"SystemModstamp>2026-03-02T10:00:30Z": 1,
	} {
		if got := len(w.query(strings.ReplaceAll("SELECT Id FROM Contact WHERE "+where, "+", "%2B"))); got != want {
			t.Errorf("%s: %d rows, want %d", where, got, want)
		}
	}
}

func TestUpdatedAndDeleted(t *testing.T) {
	w := newWire(t)
	a, b := w.create("Account", `{"Name":"A"}`), w.create("Account", `{"Name":"B"}`)
	w.clock.move(10 * time.Minute)
	w.api("DELETE", "/sobjects/Account/"+b, "").want(204)
	w.clock.move(10 * time.Minute)
	span := "?start=2026-03-02T10:00:00%2B00:00&end=2026-03-02T11:00:00Z"
	w.api("GET", "/sobjects/Account/updated/"+span, "").want(200).same(`{"ids":["` + a + `"],"latestDateCovered":"2026-03-02T10:20:00.000+0000"}`)
	w.api("GET", "/sobjects/Account/deleted/"+span, "").want(200).same(`{"deletedRecords":[{"id":"` + b + `","deletedDate":"2026-03-02T10:10:00.000+0000"}],"earliestDateAvailable":"2026-02-15T10:20:00.000+0000","latestDateCovered":"2026-03-02T10:20:00.000+0000"}`)
	w.api("GET", "/sobjects/Account/deleted/?start=2026-03-02T10:00:00Z&end=2026-03-02T10:10:00Z", "").want(200)
	for _, bad := range []string{"?start=2026-03-02T11:00:00Z&end=2026-03-02T10:00:00Z", "?start=2026-03-02T10:00:00Z&end=2026-03-02T10:01:59Z", "?start=2026-02-01T10:00:00Z&end=2026-03-02T10:00:00Z", "?start=x&end=y"} {
		if c := w.api("GET", "/sobjects/Account/deleted/"+bad, "").want(400).code(); c != "INVALID_REPLICATION_DATE" {
			t.Errorf("%s: %s", bad, c)
		}
	}
	ok(t, w.org.As("admin").Undelete("Account", b))
	if got := w.api("GET", "/sobjects/Account/deleted/"+span, "").object()["deletedRecords"].([]any); len(got) != 0 {
		t.Errorf("restored record listed: %v", got)
	}
}

// Where transactions run long anywhere on the instance, an answer is complete up to
// their beginning only, and says so.
func TestLatestDateCoveredStaysBehind(t *testing.T) {
	w := newWire(t)
	w.create("Account", `{"Name":"A"}`)
	w.clock.move(20 * time.Minute)
	w.sim("settings", `{"replication_lag":"15m"}`).want(200)
	for what, rows := range map[string]string{"updated": "ids", "deleted": "deletedRecords"} {
		got := w.api("GET", "/sobjects/Account/"+what+"/?start=2026-03-02T10:00:00Z&end=2026-03-02T11:00:00Z", "").want(200).object()
		if got["latestDateCovered"] != "2026-03-02T10:05:00.000+0000" || got[rows] == nil {
			t.Errorf("%s: %v", what, got)
		}
	}
	early := w.api("GET", "/sobjects/Account/updated/?start=2026-03-02T10:00:00Z&end=2026-03-02T10:04:00Z", "").want(200).object()
	if early["latestDateCovered"] != "2026-03-02T10:04:00.000+0000" {
		t.Error("beyond the end of the window:", early)
	}
}

// A window that has not begun is empty, or refused: both readings of the documents.
func TestWindowsInTheFuture(t *testing.T) {
	w := newWire(t)
	later := "/?start=2026-03-02T12:00:00Z&end=2026-03-02T13:00:00Z"
	if got := w.api("GET", "/sobjects/Account/updated"+later, "").want(200).object(); got["latestDateCovered"] != "2026-03-02T10:00:00.000+0000" || len(got["ids"].([]any)) != 0 {
		t.Error(got)
	}
	w.sim("settings", `{"refuse_future_windows":true}`).want(200)
	for _, what := range []string{"updated", "deleted"} {
		if c := w.api("GET", "/sobjects/Account/"+what+later, "").want(400).code(); c != "INVALID_REPLICATION_DATE" {
			t.Errorf("%s: %s", what, c)
		}
		w.api("GET", "/sobjects/Account/"+what+"/?start=2026-03-02T09:00:00Z&end=2026-03-02T13:00:00Z", "").want(200)
	}
}

func TestRecordCountAndLimits(t *testing.T) {
	w := newWire(t)
	w.create("Account", `{"Name":"A"}`)
	w.api("GET", "/limits/recordCount?sObjects=Account,Contact", "").want(200).same(`{"sObjects":[{"count":1,"name":"Account"},{"count":0,"name":"Contact"}]}`)
	daily := w.api("GET", "/limits", "").want(200).object()["DailyApiRequests"].(map[string]any)
	if daily["Max"] != 100000.0 || daily["Remaining"] != 99997.0 {
		t.Error(daily)
	}
}

func TestColumnsOfAQuery(t *testing.T) {
	w := newWire(t)
	ask := func(soql string) string {
		res := w.raw("GET", "/services/data/v65.0/query?columns=true&q="+strings.ReplaceAll(soql, " ", "+"), "", "").want(200).object()
		var out []string
		for _, c := range res["columnMetadata"].([]any) {
			m := c.(map[string]any)
			out = append(out, m["columnName"].(string)+"/"+m["displayName"].(string)+"/"+strconv.Itoa(len(m["joinColumns"].([]any))))
		}
		return strings.Join(out, " ")
	}
	for soql, want := range map[string]string{
		"SELECT Id, Owner.Name, (SELECT Id, LastName FROM Contacts) FROM Account":       "Id/Id/0 Owner/Owner/1 Contacts/Contacts/2",
		"SELECT Industry, COUNT(Id), MAX(CreatedDate) m FROM Account GROUP BY Industry": "Industry/Industry/0 expr0/COUNT(Id)/0 m/MAX(CreatedDate)/0",
	} {
		if got := ask(soql); got != want {
			t.Errorf("%s: %s, want %s", soql, got, want)
		}
	}
}
