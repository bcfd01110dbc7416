package salesforcesim

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// sim posts to /_sim as the administrator.
func (w *wire) sim(what, body string) reply {
	w.t.Helper()
	return w.asAdmin().raw("POST", "/_sim/"+what, body, "application/json")
}

func (w *wire) accounts() int { return len(w.query("SELECT Id FROM Account")) }

// broken makes a call whose connection breaks, and gives what came through.
func (w *wire) broken(method, path, body string) (rec *httptest.ResponseRecorder) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := httptest.NewRequestWithContext(ctx, method, "/services/data/v65.0"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+w.token)
	rec = httptest.NewRecorder()
	time.AfterFunc(20*time.Millisecond, cancel)
	defer func() {
		if got := recover(); got != http.ErrAbortHandler {
			w.t.Errorf("the connection did not break: %v", got)
		}
	}()
	w.org.ServeHTTP(rec, r)
	return rec
}

func TestTimeoutsBeforeAndAfterTheWork(t *testing.T) {
	w := newWire(t)
	w.sim("faults", `{"match":{"method":"POST","path":"/sobjects/"},"do":"timeout_before","times":1}`).want(200)
	w.broken("POST", "/sobjects/Account", `{"Name":"A"}`)
	if n := w.accounts(); n != 0 {
		t.Errorf("%d accounts after a lost request", n)
	}
	w.sim("faults", `{"match":{"object":"Account"},"do":"timeout_after","times":1}`).want(200)
	if rec := w.broken("POST", "/sobjects/Account", `{"Name":"A"}`); rec != nil && rec.Body.Len() > 0 {
		t.Error("an answer came through")
	}
	if n := w.accounts(); n != 1 {
		t.Errorf("%d accounts after a lost answer", n)
	}
}

func TestResetBreaksTheAnswer(t *testing.T) {
	w := newWire(t)
	ok(t, w.org.AddFault(Fault{Do: "reset", Match: Match{Path: "/limits$"}, Times: 1}))
	rec := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/services/data/v65.0/limits", nil)
	r.Header.Set("Authorization", "Bearer "+w.token)
	func() {
		defer func() { _ = recover() }()
		w.org.ServeHTTP(rec, r)
	}()
	if rec.Body.Len() == 0 || json.Valid(rec.Body.Bytes()) {
		t.Errorf("body %q", rec.Body)
	}
}

func TestStatusHTMLAndCounts(t *testing.T) {
	w := newWire(t)
	w.sim("faults", `{"match":{"path":"/limits"},"do":"status","status":503,"header":{"Retry-After":"7"},"every":2,"times":2}`).want(200)
	var got []int
	for range 6 {
		res := w.api("GET", "/limits", "")
		got = append(got, res.status)
		if res.status == 503 && (res.header.Get("Retry-After") != "7" || res.code() != "SERVER_UNAVAILABLE") {
			t.Error(res.header, string(res.body))
		}
	}
	if compactValue(t, got) != "[200,503,200,503,200,200]" {
		t.Error(got)
	}
	w.sim("faults", `{"do":"html","match":{"path":"/query"},"until":"2026-03-02T10:30:00Z"}`).want(200)
	if res := w.api("GET", "/query?q=SELECT+Id+FROM+Account", "").want(200); res.header.Get("Content-Type") != "text/html;charset=UTF-8" {
		t.Error(res.header)
	}
	w.clock.move(time.Hour)
	w.api("GET", "/query?q=SELECT+Id+FROM+Account", "").want(200).object()
	ok(t, w.org.AddFault(Fault{Do: "status_after", Match: Match{Method: "POST", Object: "account"}, Status: 500, Body: "boom"}))
	w.api("POST", "/sobjects/Account", `{"Name":"A"}`).want(500)
	if w.accounts() != 1 {
		t.Error("status_after did not do the work")
	}
	w.asAdmin().raw("DELETE", "/_sim/faults", "", "").want(204)
	w.api("POST", "/sobjects/Account", `{"Name":"A"}`).want(201)
}

func TestRowFaultsAndExpiry(t *testing.T) {
	w := newWire(t)
	ok(t, w.org.AddFault(Fault{Do: "row_error", Match: Match{Object: "Account"}, Times: 3}))
	res := w.api("POST", "/composite/sobjects", `{"records":`+rowsJSON(5, `{"attributes":{"type":"Account"},"Name":"A"}`)+`}`).want(200)
	if n := strings.Count(string(res.body), "UNABLE_TO_LOCK_ROW"); n != 3 || w.accounts() != 2 {
		t.Errorf("%d rows locked, %d saved", n, w.accounts())
	}
	ok(t, w.org.AddFault(Fault{Do: "expire_token", Times: 1}))
	w.api("GET", "/limits", "").want(401)
	if err := w.org.AddFault(Fault{Do: "explode"}); err == nil || !strings.Contains(err.Error(), "timeout_before") {
		t.Error(err)
	}
}

func TestLatencyEndsWithTheCaller(t *testing.T) {
	w := newWire(t, func(o *Options) { o.Latency = time.Millisecond })
	ok(t, w.org.Configure(Settings{Latency: ptr("1h")}))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	rec := httptest.NewRecorder()
	w.org.ServeHTTP(rec, httptest.NewRequestWithContext(ctx, "GET", "/services/data/v65.0/limits", nil))
	if rec.Body.Len() != 0 {
		t.Error("answered a caller that had left")
	}
}

func TestSimInterface(t *testing.T) {
	w := newWire(t)
	for _, what := range []string{"clock", "faults", "permissions"} {
		w.raw("POST", "/_sim/"+what, `{}`, "application/json").want(401)
	}
	w.sim("clock", `{"advance":"1h"}`).want(200)
	if got := w.org.now(); !got.Equal(w.clock.now().Add(time.Hour)) {
		t.Error(got)
	}
	w.sim("clock", `{"advance":"-1h"}`).want(400)
	w.sim("nonsense", `{}`).want(404)
	w.sim("validation-rule", `{"object":"Account","name":"v","formula":"Phone = \"1\"","message":"no ones","extra":1}`).want(400)
	w.sim("validation-rule", `{"object":"Account","name":"v","formula":"Phone = \"1\"","message":"no ones","field":"Phone"}`).want(200)
	w.sim("field", `{"object":"Account","name":"Size__c","type":"Number"}`).want(200)
	got := w.api("POST", "/sobjects/Account", `{"Name":"A","Phone":"1"}`).want(400).list()[0]
	if got["errorCode"] != "FIELD_CUSTOM_VALIDATION_EXCEPTION" || got["message"] != "no ones" {
		t.Error(got)
	}
	w.sim("clear-rules", `{}`).want(200)
	id := w.with("Sforce-Call-Options", "client=c1").create("Account", `{"Name":"A","Phone":"1","Size__c":3}`)
	w.token = ""
	stats := w.raw("GET", "/_sim/stats", "", "").want(200).object()
	if stats["records"].(map[string]any)["Account"] != 1.0 || stats["by_client"].(map[string]any)["c1"] != 1.0 || stats["by_endpoint"].(map[string]any)["POST /sobjects/Account"] != 2.0 {
		t.Error(stats)
	}
	var lines []Entry
	for _, l := range strings.Split(strings.TrimSpace(string(w.raw("GET", "/_sim/ledger", "", "").want(200).body)), "\n") {
		var e Entry
		mustJSON(t, l, &e)
		if e.Object == "Account" {
			lines = append(lines, e)
		}
	}
	if lines[0].ID != id || lines[0].Field != "Name" || lines[0].After != "A" || lines[0].Client != "c1" || lines[0].Op != "create" || lines[0].Who != w.org.Info().IntegrationUsername {
		t.Fatal(lines)
	}
}

func TestLedgerOfUpdatesAndDeletes(t *testing.T) {
	w := newWire(t)
	id := w.create("Account", `{"Name":"A"}`)
	start := len(w.org.Ledger())
	w.api("PATCH", "/sobjects/Account/"+id, `{"Name":"B","Phone":"1"}`).want(204)
	w.api("DELETE", "/sobjects/Account/"+id, "").want(204)
	var got []string
	for _, e := range w.org.Ledger()[start:] {
		got = append(got, compactValue(t, []any{e.Op, e.Field, e.Before, e.After}))
	}
	if s := strings.Join(got, " "); s != `["update","Name","A","B"] ["update","Phone",null,"1"] ["delete","",null,null]` {
		t.Error(s)
	}
}

func TestLedgerCap(t *testing.T) {
	w := newWire(t, func(o *Options) { o.LedgerCap = 5 })
	for range 30 {
		w.create("Account", `{"Name":"A"}`)
	}
	ids := map[string]bool{}
	for _, e := range w.org.Ledger() {
		ids[e.ID] = true
	}
	if len(ids) != 5 || len(w.org.ledger) > 10 || w.org.Stats().LedgerDropped != 25 {
		t.Errorf("%d records, %d entries", len(ids), len(w.org.ledger))
	}
}

// timed notes when the head and each piece of an answer are sent.
type timed struct {
	*httptest.ResponseRecorder
	begun  time.Time
	head   time.Duration
	pieces []time.Duration
}

func (w *timed) WriteHeader(status int) {
	w.head = time.Since(w.begun)
	w.ResponseRecorder.WriteHeader(status)
}

func (w *timed) Write(b []byte) (int, error) {
	if len(b) > 0 {
		w.pieces = append(w.pieces, time.Since(w.begun))
	}
	return w.ResponseRecorder.Write(b)
}

// A slow body begins at once, takes its time, and is whole in the end.
func TestSlowBodyArrivesInPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire(t)
		w.sim("faults", `{"do":"slow_body","delay":"40s","match":{"path":"/limits$"},"times":1}`).want(200)
		r := httptest.NewRequest("GET", "/services/data/v65.0/limits", nil)
		r.Header.Set("Authorization", "Bearer "+w.token)
		out := &timed{ResponseRecorder: httptest.NewRecorder(), begun: time.Now()}
		w.org.ServeHTTP(out, r)
		if out.head != 0 || len(out.pieces) != tricklePieces || out.pieces[0] != 2*time.Second || out.pieces[tricklePieces-1] != 40*time.Second {
			t.Errorf("head after %s, pieces after %v", out.head, out.pieces)
		}
		if body := out.Body.Bytes(); !json.Valid(body) || out.Header().Get("Content-Length") != strconv.Itoa(len(body)) {
			t.Errorf("%s: %s", out.Header(), body)
		}
		w.api("GET", "/limits", "").want(200)
		ok(t, w.org.AddFault(Fault{Do: "slow_body", Delay: "1h", Times: 1}))
		if rec := w.broken("GET", "/limits", ""); rec.Body.Len() != 0 {
			t.Error("a caller that left got a body")
		}
	})
}

func TestRepeatedAndHiddenAnswers(t *testing.T) {
	w := newWire(t)
	w.sim("faults", `{"do":"repeat","match":{"method":"POST","object":"Account"},"times":1}`).want(200)
	w.create("Account", `{"Name":"Twice"}`)
	if n := w.accounts(); n != 2 {
		t.Errorf("%d accounts of a create that came twice", n)
	}
	w.sim("faults", `{"do":"html_after","match":{"method":"POST","object":"Account"},"times":1}`).want(200)
	if res := w.api("POST", "/sobjects/Account", `{"Name":"A"}`).want(200); !strings.Contains(string(res.body), "maintenance") || w.accounts() != 3 {
		t.Errorf("%s, %d accounts", res.body, w.accounts())
	}
}

func TestAnswersThatAreNotAsTheyShouldBe(t *testing.T) {
	w := newWire(t)
	w.sim("faults", `{"do":"header","header":{"Content-Encoding":"gzip"},"match":{"path":"/limits$"},"times":1}`).want(200)
	if res := w.api("GET", "/limits", "").want(200); res.header.Get("Content-Encoding") != "gzip" || !json.Valid(res.body) {
		t.Error(res.header)
	}
	w.sim("faults", `{"do":"rewrite","find":"\"(done)\":true","body":"\"${1}\":false","match":{"path":"/query"},"times":1}`).want(200)
	for range 5 {
		w.create("Account", compactValue(t, map[string]any{"Name": strings.Repeat("long ", 50), "Description": strings.Repeat("x", 1000)}))
	}
	res := w.with("Accept-Encoding", "gzip").api("GET", "/query?q=SELECT+Name,Description+FROM+Account", "").want(200)
	if got := res.object(); got["done"] != false || got["totalSize"] != 5.0 || res.header.Get("Content-Length") != strconv.Itoa(len(res.body)) {
		t.Error(got["done"], res.header)
	}
	w.sim("faults", `{"do":"big_body","size":1000000,"match":{"path":"/limits$"},"times":1}`).want(200)
	if res := w.api("GET", "/limits", "").want(200); len(res.body) < 1_000_000 || !json.Valid(res.body) || res.header.Get("Content-Length") != strconv.Itoa(len(res.body)) {
		t.Error(len(res.body), res.header)
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWire(t)
		ok(t, w.org.AddFault(Fault{Do: "delay_after", Delay: "1m", Match: Match{Method: "POST"}, Times: 1}))
		begun := time.Now()
		go func() {
			time.Sleep(30 * time.Second)
			if w.org.Stats().Records["Account"] != 1 {
				t.Error("the work waited with the answer")
			}
		}()
		if w.create("Account", `{"Name":"A"}`); time.Since(begun) != time.Minute {
			t.Error(time.Since(begun))
		}
	})
	for _, f := range []Fault{{Do: "delay_after"}, {Do: "rewrite", Find: "("}} {
		if w.org.AddFault(f) == nil {
			t.Error(f, "is taken")
		}
	}
}
