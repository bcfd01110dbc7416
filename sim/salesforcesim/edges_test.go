package salesforcesim

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestGzipBothWays(t *testing.T) {
	w := newWire(t)
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write([]byte(`{"Name":"Zipped"}`))
	ok(t, z.Close())
	w.with("Content-Encoding", "gzip").raw("POST", "/services/data/v65.0/sobjects/Account", zipped.String(), "application/json").want(201)
	res := w.with("Accept-Encoding", "gzip").api("GET", "/sobjects/Account/describe", "").want(200)
	if res.header.Get("Content-Encoding") != "gzip" {
		t.Fatal(res.header)
	}
	plain := must[[]byte](t)(io.ReadAll(must[*gzip.Reader](t)(gzip.NewReader(bytes.NewReader(res.body)))))
	if !bytes.Contains(plain, []byte(`"keyPrefix":"001"`)) {
		t.Error("not the describe")
	}
}

func TestTheDateHeaderIsTheOrgsClock(t *testing.T) {
	w := newWire(t)
	w.org.Advance(time.Hour)
	if got := w.raw("GET", "/services/data", "", "").header.Get("Date"); got != "Mon, 02 Mar 2026 11:00:00 GMT" {
		t.Error(got)
	}
}

// A composite that reads limits, or names itself, does not stop the org.
func TestCompositeDoesNotLockItselfOut(t *testing.T) {
	w := newWire(t)
	done := make(chan reply, 1)
	go func() {
		done <- w.api("POST", "/composite", `{"allOrNone":true,"compositeRequest":[`+sub("GET", "/limits", "a", "")+`,`+sub("GET", "/sobjects", "b", "")+`,`+
			sub("POST", "/composite", "c", `{"allOrNone":true,"compositeRequest":[`+sub("GET", "/limits", "d", "")+`]}`)+`]}`)
	}()
	select {
	case res := <-done:
		if !strings.Contains(string(res.body), "This resource cannot be a subrequest") {
			t.Error(string(res.body))
		}
	case <-time.After(5 * time.Minute):
		t.Fatal("the composite never answered")
	}
}

func TestLongCallsAreLimited(t *testing.T) {
	m, now := newMeter(), newClock().now()
	opt := Options{Limits: true, DailyAPICalls: 1000}
	var running []departure
	for range maxLongCalls {
		d, in := m.enter(now, opt)
		if !in {
			t.Fatal(d.why)
		}
		running = append(running, d)
	}
	if d, in := m.enter(now.Add(19*time.Second), opt); !in {
		t.Fatal(d.why)
	}
	if d, in := m.enter(now.Add(20*time.Second), opt); in || d.why != "ConcurrentPerOrgLongTxn Limit exceeded." {
		t.Fatal(in, d.why)
	}
	running[0].done()
	if d, in := m.enter(now.Add(20*time.Second), opt); !in {
		t.Fatal(d.why)
	}
}

func TestDescribeGlobal(t *testing.T) {
	w := newWire(t)
	got := w.api("GET", "/sobjects", "").want(200).object()
	if got["maxBatchSize"] != 200.0 || got["encoding"] != "UTF-8" {
		t.Error(got["maxBatchSize"])
	}
	names := map[any]map[string]any{}
	for _, raw := range got["sobjects"].([]any) {
		names[raw.(map[string]any)["name"]] = raw.(map[string]any)
	}
	if a := names["Account"]; a["keyPrefix"] != "001" || a["mergeable"] != true || a["replicateable"] != true || a["urls"].(map[string]any)["describe"] != "/services/data/v65.0/sobjects/Account/describe" {
		t.Error(a)
	}
	if names["CustomField"] != nil || names["Organization"]["createable"] != false {
		t.Error("tooling objects or read-only rights")
	}
}

func TestQueuesOwnLeadsOnly(t *testing.T) {
	w := newWire(t)
	leads := must[string](t)(w.org.AddQueue(Queue{Name: "New leads", Objects: []string{"Lead"}}))
	others := must[string](t)(w.org.AddQueue(Queue{Name: "Cases"}))
	id := w.create("Lead", `{"LastName":"L","Company":"C","OwnerId":"`+leads+`"}`)
	if c := w.api("PATCH", "/sobjects/Lead/"+id, `{"OwnerId":"`+others+`"}`).want(400).code(); c != "INVALID_CROSS_REFERENCE_KEY" {
		t.Error(c)
	}
	if c := w.api("POST", "/sobjects/Account", `{"Name":"A","OwnerId":"`+leads+`"}`).want(400).code(); c != "FIELD_INTEGRITY_EXCEPTION" {
		t.Error(c)
	}
	if _, err := w.org.As("admin").ConvertLead(id, Convert{}); err == nil {
		t.Error("converted a queue's lead without an owner")
	}
}

func TestUsersCannotBeDeletedButDeactivated(t *testing.T) {
	w := newWire(t)
	id := must[string](t)(w.org.AddUser(UserSpec{LastName: "Leaver", Email: "l@example.com"}))
	if err := w.org.As("admin").Delete("User", id); err == nil {
		t.Error("deleted a user")
	}
	ok(t, w.org.As(id).Update("Account", must[string](t)(w.org.As(id).Create("Account", map[string]any{"Name": "mine"})), map[string]any{"Phone": "1"}))
	if w.org.Ledger()[len(w.org.Ledger())-1].Who != "l@example.com" {
		t.Error("the ledger names another user")
	}
	ok(t, w.org.As("admin").Update("User", id, map[string]any{"IsActive": false}))
	if c := w.api("POST", "/sobjects/Account", `{"Name":"A","OwnerId":"`+id+`"}`).want(400).code(); c != "INACTIVE_OWNER_OR_USER" {
		t.Error(c)
	}
	if _, err := w.org.As("nobody").Create("Account", nil); err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Error(err)
	}
}

// A person's name is one compound field in events.
func TestNamePartsInEvents(t *testing.T) {
	w := newEventWire(t)
	id := w.create("Contact", `{"FirstName":"Jo","LastName":"Ba","MailingCity":"Bonn"}`)
	w.api("PATCH", "/sobjects/Contact/"+id, `{"FirstName":"Joe"}`).want(204)
	l := w.listen(w.org.Events().Conn())
	_, b := l.next()
	name := b["Name"].(map[string]any)
	if name["FirstName"] != "Jo" || name["LastName"] != "Ba" || b["MailingAddress"].(map[string]any)["City"] != "Bonn" {
		t.Fatal(b)
	}
	h, b := l.next()
	if name := b["Name"].(map[string]any); name["FirstName"] != "Joe" || name["LastName"] != nil || !strings.Contains(strs(h["changedFields"]), "-0x") {
		t.Fatal(h, b)
	}
}

// A roll-back of a delete leaves no trace in the deletion log.
func TestRolledBackDeleteIsNotListed(t *testing.T) {
	w := newWire(t)
	a := w.create("Account", `{"Name":"A"}`)
	w.clock.move(time.Hour)
	w.api("DELETE", "/composite/sobjects?ids="+a+",001zz00000zzzzz&allOrNone=true", "").want(200)
	if len(w.org.bins) != 0 || w.accounts() != 1 {
		t.Error(w.org.bins, w.accounts())
	}
	w.api("DELETE", "/sobjects/Account/"+a, "").want(204)
	if len(w.org.bins) != 1 {
		t.Error(w.org.bins)
	}
}

func TestBodiesThatAreNoJSON(t *testing.T) {
	w := newWire(t)
	for body, code := range map[string]string{`{"Name":`: "JSON_PARSER_ERROR", `[1]`: "JSON_PARSER_ERROR", ``: "JSON_PARSER_ERROR"} {
		if got := w.raw("POST", "/services/data/v65.0/sobjects/Account", body, "application/json").want(400).code(); got != code {
			t.Errorf("%q: %s", body, got)
		}
	}
	w.raw("POST", "/services/data/v65.0/sobjects/Account", "Name=A", form).want(415)
	w.raw("PUT", "/services/data/v65.0/sobjects/Account", `{}`, "application/json").want(405)
	r := httptest.NewRequest("GET", "/services/data/v65.0/limits", nil)
	rec := httptest.NewRecorder()
	w.org.ServeHTTP(rec, r)
	if rec.Code != 401 {
		t.Error(rec.Code)
	}
}

// Whatever text goes in comes out, but for blanks at the ends, by every way
// of reading.
func TestNaughtyStringsSurvive(t *testing.T) {
	var list []string
	mustJSON(t, string(readShared(t, "data/dirty-naughty-strings/blns.json")), &list)
	w := newWire(t)
	for i, text := range list {
		id := w.create("Account", compactValue(t, map[string]any{"Name": "N", "Description": text, "NumberOfEmployees": i}))
		got := w.query("SELECT Description FROM Account WHERE Id='" + id + "'")[0]["Description"]
		var want any = strings.TrimSpace(text)
		if want == "" {
			want = nil
		}
		if got != want {
			t.Errorf("%q came back as %q", text, got)
		}
	}
	id := w.job("query", `{"operation":"query","query":"SELECT NumberOfEmployees, Description FROM Account ORDER BY NumberOfEmployees"}`)
	w.clock.move(5 * time.Second)
	rows := must[[][]string](t)(csv.NewReader(bytes.NewReader(w.api("GET", "/jobs/query/"+id+"/results", "").want(200).body)).ReadAll())
	if len(rows) != len(list)+1 {
		t.Fatalf("%d rows of %d", len(rows), len(list))
	}
	for i, text := range list {
		if want := strings.ReplaceAll(strings.TrimSpace(text), "\r\n", "\n"); rows[i+1][1] != want {
			t.Errorf("bulk: %q came back as %q", want, rows[i+1][1])
		}
	}
}
