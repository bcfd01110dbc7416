package salesforce

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// creates are n creates of accounts that carry a key.
func creates(n int) []core.Op {
	ops := make([]core.Op, n)
	for i := range ops {
		ops[i] = core.Op{Key: fmt.Sprintf("op-%d", i), Kind: core.OpCreate, Target: core.Ref{Object: core.Account},
			Fields: map[string]string{"Name": fmt.Sprintf("Acme %d", i)}, UniqueField: "Key__c", UniqueValue: fmt.Sprintf("hs-%d", i)}
	}
	return ops
}

// updates are n updates of the accounts 1…n.
func updates(n int) []core.Op {
	ops := make([]core.Op, n)
	for i := range ops {
		ops[i] = core.Op{Key: fmt.Sprintf("op-%d", i), Kind: core.OpUpdate, Target: core.Ref{Object: core.Account, ID: accountID(i + 1)},
			Fields: map[string]string{"Name": fmt.Sprintf("Acme %d", i)}}
	}
	return ops
}

// sent are the records of a collections request.
func sent(t *testing.T, body string) []map[string]any {
	return decodeJSON[struct{ Records []map[string]any }](t, body).Records
}

// saves answers a collections call with a success for each record, except where
// bad says otherwise.
func saves(t *testing.T, w *wire, route string, bad func(rec map[string]any) string) {
	n := 0
	w.on(route, func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var results []string
		for _, rec := range sent(t, string(body)) {
			if e := bad(rec); e != "" {
				results = append(results, e)
				continue
			}
			n++
			id, _ := rec["id"].(string)
			results = append(results, fmt.Sprintf(`{"id":%q,"success":true,"errors":[]}`, orElse(id, accountID(n))))
		}
		answerJSON(rw, 200, "["+strings.Join(results, ",")+"]")
	})
}

func none(map[string]any) string { return "" }

func TestCreateSendsTypedFieldsKeyAndHeaders(t *testing.T) {
	w := newWire(t).describable()
	saves(t, w, "POST /composite/sobjects", none)
	ops := creates(1)
	ops[0].Fields = map[string]string{"Name": "A", "AnnualRevenue": "1234567890123.45", "Active__c": "true", "ParentId": ""}
	out, err := client(t, w).Write(context.Background(), ops)
	if err != nil || out[0].Status != core.Applied || out[0].ID != accountID(1) {
		t.Fatalf("outcome %+v, %v", out, err)
	}
	body := w.bodies[len(w.bodies)-1]
	for _, part := range []string{`"AnnualRevenue":1234567890123.45`, `"Active__c":true`, `"ParentId":null`, `"Key__c":"hs-0"`, `"allOrNone":false`} {
		if !strings.Contains(body, part) {
			t.Errorf("body %s lacks %s", body, part)
		}
	}
	h := w.headers[len(w.headers)-1]
	want := map[string]string{"Sforce-Call-Options": "client=tandem-test", "Sforce-Mru": "updateMru=false", "Sforce-Auto-Assign": "FALSE", "Authorization": "Bearer 00Dxx!token"}
	for name, v := range want {
		if h.Get(name) != v {
			t.Errorf("%s is %q, want %q", name, h.Get(name), v)
		}
	}
}

func TestAssignmentRulesRunOnlyForCreatesThatAsk(t *testing.T) {
	w := newWire(t).describable()
	saves(t, w, "POST /composite/sobjects", none)
	saves(t, w, "PATCH /composite/sobjects", none)
	c := client(t, w)
	for _, ops := range [][]core.Op{creates(1), updates(1)} {
		ops[0].Assign = true
		if _, err := c.Write(context.Background(), ops); err != nil {
			t.Fatal(err)
		}
	}
	n := len(w.headers)
	if got := []string{w.headers[n-2].Get("Sforce-Auto-Assign"), w.headers[n-1].Get("Sforce-Auto-Assign")}; !cmp.Equal(got, []string{"TRUE", "FALSE"}) {
		t.Errorf("Sforce-Auto-Assign of a create and an update: %v", got)
	}
}

func TestWriteSplitsAtTwoHundred(t *testing.T) {
	for _, n := range []int{1, 199, 200, 201, 450} {
		w := newWire(t).describable()
		saves(t, w, "POST /composite/sobjects", none)
		out, err := client(t, w).Write(context.Background(), creates(n))
		if err != nil || len(out) != n {
			t.Fatalf("%d ops: %d outcomes, %v", n, len(out), err)
		}
		for i, o := range out {
			if o.Key != fmt.Sprintf("op-%d", i) || o.Status != core.Applied || o.ID != accountID(i+1) {
				t.Fatalf("%d ops: outcome %d is %+v", n, i, o)
			}
		}
		if got, want := w.count("POST /composite/sobjects"), (n+199)/200; got != want {
			t.Errorf("%d ops: %d calls, want %d", n, got, want)
		}
	}
}

// The org refuses an id that comes twice in one call.
func TestWriteKeepsOneIDACall(t *testing.T) {
	w := newWire(t).describable()
	saves(t, w, "PATCH /composite/sobjects", none)
	ops := updates(3)
	ops[2].Target.ID = ops[0].Target.ID
	out, err := client(t, w).Write(context.Background(), ops)
	if err != nil || out[2].Status != core.Applied || w.count("PATCH /composite/sobjects") != 2 {
		t.Errorf("%d calls, outcomes %+v, %v; want two calls", w.count("PATCH /composite/sobjects"), out, err)
	}
}

func TestRowErrorsConcernTheirRowAlone(t *testing.T) {
	const holderID15 = "001000000000077"
	errorsByName := map[string]string{
		"Acme 1": `{"success":false,"errors":[{"statusCode":"STRING_TOO_LONG","message":"too long","fields":["Name"]}]}`,
		"Acme 2": `{"success":false,"errors":[{"statusCode":"UNABLE_TO_LOCK_ROW","message":"unable to obtain exclusive access","fields":[]}]}`,
		"Acme 3": `{"success":false,"errors":[{"statusCode":"DUPLICATE_VALUE","message":"duplicate value found: Key__c duplicates value on record with id: ` + holderID15 + `","fields":["Key__c"]}]}`,
		"Acme 4": `{"success":false,"errors":[{"statusCode":"ENTITY_IS_DELETED","message":"entity is deleted","fields":[]}]}`,
		"Acme 5": `{"success":false,"errors":[{"statusCode":"INVALID_CROSS_REFERENCE_KEY","message":"invalid cross reference id","fields":[]}]}`,
		"Acme 6": `{"success":false,"errors":[{"statusCode":"INVALID_CROSS_REFERENCE_KEY","message":"Owner ID: invalid","fields":["OwnerId"]}]}`,
		"Acme 7": `{"success":true,"id":"` + accountID(99) + `","errors":[]}`,
	}
	w := newWire(t).describable()
	saves(t, w, "PATCH /composite/sobjects", func(rec map[string]any) string { return errorsByName[rec["Name"].(string)] })
	out, err := client(t, w).Write(context.Background(), updates(8))
	if err != nil {
		t.Fatal(err)
	}
	type short struct {
		Status   core.Status
		Class    core.Class
		Existing string
	}
	want := []short{{core.Applied, "", ""}, {core.Rejected, core.ClassRejected, ""}, {core.Rejected, core.ClassTransient, ""},
		{core.Rejected, core.ClassDuplicate, ID18(holderID15)}, {core.Stale, core.ClassGone, ""}, {core.Stale, core.ClassGone, ""},
		{core.Rejected, core.ClassRejected, ""}, {core.Unknown, core.ClassTransient, ""}}
	for i, o := range out {
		if got := (short{o.Status, o.Class, o.Existing}); got != want[i] {
			t.Errorf("row %d: %+v, want %+v", i, got, want[i])
		}
	}
	if out[2].RetryAt.IsZero() {
		t.Error("a lock has no time to try again at")
	}
}

// When the whole call is refused because of one record, the others still go.
func TestBadRecordNeverFailsTheBatch(t *testing.T) {
	w := newWire(t).describable()
	const deserialise = `[{"message":"Cannot deserialize instance of date from VALUE_STRING value foo","errorCode":"JSON_PARSER_ERROR"}]`
	ok := func(rec map[string]any) string { return "" }
	saves(t, w, "POST /composite/sobjects", ok)
	accept := w.answers["POST /composite/sobjects"]
	w.on("POST /composite/sobjects", func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if strings.Contains(string(body), `"Acme 17"`) || strings.Contains(string(body), `"Acme 120"`) {
			answerJSON(rw, 400, deserialise)
			return
		}
		accept(rw, r)
	})
	out, err := client(t, w).Write(context.Background(), creates(200))
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range out {
		bad := i == 17 || i == 120
		if (o.Status == core.Applied) == bad || bad && o.Code != "JSON_PARSER_ERROR" {
			t.Errorf("op %d: %+v", i, o)
		}
	}
	if n := w.count("POST /composite/sobjects"); n > 35 {
		t.Errorf("finding two bad records took %d calls", n)
	}
}

// With every record bad the search ends, and none is blamed for good that was
// not tried by itself.
func TestSearchForBadRecordsIsBounded(t *testing.T) {
	w := newWire(t).describable()
	w.body("POST /composite/sobjects", 400, `[{"message":"Cannot deserialize","errorCode":"JSON_PARSER_ERROR"}]`)
	out, err := client(t, w).Write(context.Background(), creates(200))
	if err != nil {
		t.Fatal(err)
	}
	if n := w.count("POST /composite/sobjects"); n > 2*maxParts {
		t.Errorf("%d calls", n)
	}
	for i, o := range out {
		if o.Status != core.Rejected || o.Class != core.ClassRejected && (o.Class != core.ClassTransient || o.RetryAt.IsZero()) {
			t.Errorf("op %d: %+v", i, o)
		}
	}
}

// brokenBody ends in the middle of an answer.
type brokenBody struct{ io.Reader }

func (b brokenBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (brokenBody) Close() error { return nil }

// Whatever leaves open if a write was executed is Unknown; whatever surely was
// not executed is an error while nothing was sent.
func TestAmbiguousWrites(t *testing.T) {
	whole := `[{"id":"` + accountID(1) + `","success":true,"errors":[]},{"id":"` + accountID(2) + `","success":true,"errors":[]}]`
	answer := func(status int, typ string, body io.ReadCloser) func(*http.Request) (*http.Response, error) {
		return func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {typ}}, Body: body, Request: r}, nil
		}
	}
	text := func(s string) io.ReadCloser { return io.NopCloser(strings.NewReader(s)) }
	fails := func(err error) func(*http.Request) (*http.Response, error) {
		return func(*http.Request) (*http.Response, error) { return nil, err }
	}
	cases := []struct {
		name   string
		answer func(*http.Request) (*http.Response, error)
		status core.Status // blank: an error before anything was sent
		code   string
	}{
		{"body cut", answer(200, typeJSON, brokenBody{strings.NewReader(whole[:40])}), core.Unknown, connector.CodeNetwork},
		{"body cut without a trace", answer(200, typeJSON, text(whole[:40])), core.Unknown, connector.CodeNotJSON},
		{"one result missing", answer(200, typeJSON, text(`[{"id":"`+accountID(1)+`","success":true,"errors":[]}]`)), core.Unknown, connector.CodeNotJSON},
		{"page instead", answer(200, "text/html", text("<html>maintenance</html>")), core.Unknown, connector.CodeNotJSON},
		{"gateway", answer(502, "text/html", text("<html>bad gateway</html>")), core.Unknown, connector.CodeNotJSON},
		{"server error", answer(500, typeJSON, text(`[{"errorCode":"UNKNOWN_EXCEPTION","message":"x"}]`)), core.Unknown, "UNKNOWN_EXCEPTION"},
		{"reset", fails(&net.OpError{Op: "read", Err: errors.New("connection reset by peer")}), core.Unknown, connector.CodeNetwork},
		{"refused connection", fails(&net.OpError{Op: "dial", Err: errors.New("connection refused")}), "", connector.CodeNetwork},
		{"no such host", fails(&net.DNSError{Name: "x", Err: "no such host"}), "", connector.CodeNetwork},
		{"budget", fails(&connector.Error{Class: core.ClassQuota, Code: connector.CodeBudget, Message: "used up"}), "", connector.CodeBudget},
		{"org limit", answer(403, typeJSON, text(`[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]`)), "", "REQUEST_LIMIT_EXCEEDED"},
		{"object gone", answer(400, typeJSON, text(`[{"errorCode":"INVALID_TYPE","message":"sObject type 'Account' is not supported"}]`)), "", "INVALID_TYPE"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			w := newWire(t).describable()
			c := client(t, w, func(cfg *Config) {
				base := cfg.Transport
				cfg.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
					if strings.HasSuffix(r.URL.Path, "/composite/sobjects") {
						return tc.answer(r)
					}
					return base.RoundTrip(r)
				})
			})
			out, err := c.Write(context.Background(), creates(2))
			if tc.status == "" {
				wantCode(t, err, tc.code)
				return
			}
			if err != nil || len(out) != 2 {
				t.Fatalf("outcomes %+v, %v", out, err)
			}
			for _, o := range out {
				if o.Status != tc.status || o.Code != tc.code || o.Class != core.ClassTransient {
					t.Errorf("outcome %+v, want %s %s", o, tc.status, tc.code)
				}
			}
		})
	}
}

// What was applied stays told when a later call finds the side closed.
func TestRefusalAfterTheFirstCallIsInTheOutcomes(t *testing.T) {
	w := newWire(t).describable()
	saves(t, w, "POST /composite/sobjects", none)
	accept, calls := w.answers["POST /composite/sobjects"], 0
	w.on("POST /composite/sobjects", func(rw http.ResponseWriter, r *http.Request) {
		if calls++; calls > 1 {
			answerJSON(rw, 403, `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]`)
			return
		}
		accept(rw, r)
	})
	out, err := client(t, w).Write(context.Background(), creates(250))
	if err != nil {
		t.Fatal(err)
	}
	if out[199].Status != core.Applied || out[200].Status != core.Rejected || out[200].Class != core.ClassQuota || out[249].RetryAt.IsZero() {
		t.Errorf("outcomes 199 %+v, 200 %+v", out[199], out[200])
	}
}

func TestCancelledWriteIsUnknownWhereItWasUnderWay(t *testing.T) {
	w := newWire(t).describable()
	ctx, cancel := context.WithCancel(context.Background())
	c := client(t, w, func(cfg *Config) {
		base := cfg.Transport
		cfg.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/composite/sobjects") {
				cancel()
				return nil, r.Context().Err()
			}
			return base.RoundTrip(r)
		})
	})
	out, err := c.Write(ctx, creates(250))
	if err != nil {
		t.Fatal(err)
	}
	if out[0].Status != core.Unknown || out[249].Status != core.Rejected || out[249].Class != core.ClassTransient {
		t.Errorf("outcomes %+v and %+v", out[0], out[249])
	}
}

func TestDuplicateRuleTellsTheMatch(t *testing.T) {
	match := func(kind string, ids ...string) string {
		var recs []string
		for _, id := range ids {
			recs = append(recs, fmt.Sprintf(`{"record":{"attributes":{"type":%q},"Id":%q}}`, kind, id))
		}
		return fmt.Sprintf(`[{"duplicateResut":{"allowSave":true,"matchResults":[{"entityType":%q,"matchRecords":[%s]}]},"errorCode":"DUPLICATES_DETECTED","message":"Use one of these records?"}]`, kind, strings.Join(recs, ","))
	}
	cases := []struct {
		name, single string
		status       int
		want         core.Status
		existing     string
	}{
		{"one match", match("Account", accountID(7)), 400, core.Rejected, accountID(7)},
		{"correct spelling", strings.Replace(match("Account", accountID(7)), "duplicateResut", "duplicateResult", 1), 400, core.Rejected, accountID(7)},
		{"several matches", match("Account", accountID(7), accountID(8)), 400, core.Rejected, ""},
		{"match of another object", match("Lead", "00Q000000000007AAA"), 400, core.Rejected, ""},
		{"no match any more", `{"id":"` + accountID(9) + `","success":true,"errors":[]}`, 201, core.Applied, ""},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			w := newWire(t).describable()
			saves(t, w, "POST /composite/sobjects", func(rec map[string]any) string {
				return `{"success":false,"errors":[{"statusCode":"DUPLICATES_DETECTED","message":"Use one of these records?","fields":[]}]}`
			})
			w.body("POST /sobjects/Account", tc.status, tc.single)
			out, err := client(t, w).Write(context.Background(), creates(1))
			if err != nil || out[0].Status != tc.want || out[0].Existing != tc.existing {
				t.Errorf("outcome %+v, %v; want %s, existing %q", out, err, tc.want, tc.existing)
			}
			if n := w.count("POST /sobjects/Account"); n != 1 {
				t.Errorf("the record was sent %d times by itself, want once", n)
			}
			var rec map[string]any
			if err := json.Unmarshal([]byte(w.bodies[len(w.bodies)-1]), &rec); err != nil || rec["attributes"] != nil || rec["Key__c"] != "hs-0" {
				t.Errorf("the single record was %v, %v", rec, err)
			}
		})
	}
}

func TestArchiveDeletes(t *testing.T) {
	w := newWire(t)
	w.body("DELETE /composite/sobjects", 200, `[{"id":"`+accountID(1)+`","success":true,"errors":[]},{"id":"`+accountID(2)+`","success":false,"errors":[{"statusCode":"ENTITY_IS_DELETED","message":"entity is deleted","fields":[]}]}]`)
	ops := updates(2)
	for i := range ops {
		ops[i].Kind, ops[i].Fields = core.OpArchive, nil
	}
	out, err := client(t, w).Write(context.Background(), ops)
	if err != nil || out[0].Status != core.Applied || out[1].Status != core.Stale || out[1].Class != core.ClassGone {
		t.Fatalf("outcomes %+v, %v", out, err)
	}
	if want := "DELETE /composite/sobjects?ids=" + accountID(1) + "%2C" + accountID(2) + "&allOrNone=false"; w.asked[0] != want {
		t.Errorf("asked %s, want %s", w.asked[0], want)
	}
}

func TestAssociateIsUnsupported(t *testing.T) {
	w := newWire(t)
	out, err := client(t, w).Write(context.Background(), []core.Op{{Key: "k", Kind: core.OpAssociate}})
	if err != nil || out[0].Status != core.Rejected || out[0].Code != connector.CodeUnsupported || len(w.asked) > 0 {
		t.Errorf("outcome %+v, %v, asked %v", out, err, w.asked)
	}
}

func TestRecordedSaveResults(t *testing.T) {
	cases := []struct {
		file   string
		status []core.Status
		class  []core.Class
	}{
		{"batch_create_contacts_success.json", []core.Status{core.Applied, core.Applied}, []core.Class{"", ""}},
		{"batch_create_contacts_partial-but-allOrNone.json", []core.Status{core.Rejected, core.Rejected}, []core.Class{core.ClassRejected, core.ClassTransient}},
		{"batch_update_contacts_partial-but-allOrNone.json", []core.Status{core.Rejected, core.Rejected}, []core.Class{core.ClassTransient, core.ClassSchema}},
		{"batch_update_contacts_err-each-no-ids.json", []core.Status{core.Rejected, core.Rejected}, []core.Class{core.ClassRejected, core.ClassRejected}},
	}
	for _, tc := range cases {
		t.Run(tc.file, func(t *testing.T) {
			w := newWire(t).describable()
			w.body("POST /composite/sobjects", 200, string(recorded(t, tc.file)))
			out, err := client(t, w).Write(context.Background(), creates(2))
			if err != nil {
				t.Fatal(err)
			}
			for i, o := range out {
				if o.Status != tc.status[i] || o.Class != tc.class[i] {
					t.Errorf("outcome %d %+v, want %s %q", i, o, tc.status[i], tc.class[i])
				}
			}
		})
	}
}
