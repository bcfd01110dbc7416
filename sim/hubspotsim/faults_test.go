package hubspotsim

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// try sends a request that may be aborted.
func (r *rig) try(method, path string, body any) (got response, aborted bool) {
	defer func() {
		if x := recover(); x != nil {
			if x != http.ErrAbortHandler {
				panic(x)
			}
			aborted = true
		}
	}()
	return r.call(method, path, body), false
}

func (r *rig) post(control string, body any) response {
	r.t.Helper()
	req := r.request("POST", "/_sim/"+control, body)
	req.Header.Set("Authorization", "Bearer "+r.p.Info().AdminToken)
	return r.send(req)
}

func TestFaultsBreakWhatTheySay(t *testing.T) {
	type outcome struct {
		status  int
		aborted bool
		written int
	}
	cases := map[string]struct {
		fault map[string]any
		want  outcome
	}{
		"status":       {map[string]any{"do": "status", "status": 503, "body": "x"}, outcome{503, false, 0}},
		"status_after": {map[string]any{"do": "status_after", "status": 500}, outcome{500, false, 1}},
		"html":         {map[string]any{"do": "html"}, outcome{200, false, 0}},
		"html_after":   {map[string]any{"do": "html_after"}, outcome{200, false, 1}},
		"reset":        {map[string]any{"do": "reset"}, outcome{0, true, 0}},
		"reset_after":  {map[string]any{"do": "reset_after"}, outcome{0, true, 1}},
		"truncate":     {map[string]any{"do": "truncate"}, outcome{0, true, 1}},
		"repeat":       {map[string]any{"do": "repeat"}, outcome{201, false, 2}},
		"expire_token": {map[string]any{"do": "expire_token"}, outcome{401, false, 0}},
		"rate_limit":   {map[string]any{"do": "rate_limit", "policy": "DAILY", "header": map[string]string{"Retry-After": "5"}}, outcome{429, false, 0}},
		"other method": {map[string]any{"do": "status", "match": map[string]string{"method": "GET"}}, outcome{201, false, 1}},
		"other path":   {map[string]any{"do": "status", "match": map[string]string{"path": "contacts$"}}, outcome{201, false, 1}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Options{})
			if got := r.post("faults", c.fault); got.status != 200 {
				t.Fatal(got.raw)
			}
			got, aborted := r.try("POST", companies, props("name", "A"))
			if have := (outcome{got.status, aborted, r.count("companies")}); have != c.want {
				t.Fatalf("got %+v, want %+v", have, c.want)
			}
		})
	}
}

func TestFaultsCountTimesAndEvery(t *testing.T) {
	r := newRig(t, Options{})
	r.post("faults", map[string]any{"do": "status", "status": 503, "times": 2, "every": 2})
	var got []string
	for range 6 {
		got = append(got, fmt.Sprint(r.call("GET", companies, nil).status))
	}
	if s := strings.Join(got, " "); s != "200 503 200 503 200 200" {
		t.Fatal(s)
	}
	r.post("faults", map[string]any{"do": "status"})
	r.post("faults", map[string]any{"clear": true})
	r.want(200, "GET", companies, nil)
	if got := r.post("faults", map[string]any{"do": "explode"}); got.status != 400 {
		t.Fatal(got.status)
	}
}

func TestTimeoutAfterWritesAndNeverAnswers(t *testing.T) {
	for do, written := range map[string]int{"timeout_before": 0, "timeout_after": 1} {
		r := newRig(t, Options{})
		if err := r.p.Break(Fault{Do: do, Times: 1}); err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(r.p)
		ctx, cancel := context.WithCancel(t.Context())
		req := r.request("POST", companies, props("name", "A"))
		out, err := http.NewRequestWithContext(ctx, "POST", server.URL+companies, req.Body)
		if err != nil {
			t.Fatal(err)
		}
		out.Header = req.Header
		answer := make(chan error, 1)
		go func() { _, err := server.Client().Do(out); answer <- err }()
		look := time.NewTicker(50 * time.Millisecond)
		for left := 200; left > 0; left-- { // until it is written, and once where it never is
			select {
			case err := <-answer:
				t.Fatalf("%s: an answer came: %v", do, err)
			case <-look.C:
			}
			if r.count("companies") == written {
				break
			}
		}
		look.Stop()
		cancel()
		<-answer
		server.Close()
		if n := r.count("companies"); n != written {
			t.Errorf("%s: %d written, want %d", do, n, written)
		}
	}
}

func TestControlsNeedTheAdminToken(t *testing.T) {
	r := newRig(t, Options{})
	for _, control := range []string{"faults", "clock", "settings", "records"} {
		if got := r.call("POST", "/_sim/"+control, map[string]any{}); got.status != 401 {
			t.Errorf("%s: %d", control, got.status)
		}
	}
	if got := r.call("GET", "/_sim/nonsense", nil); got.status != 404 {
		t.Error(got.status)
	}
}

func TestClockMovesForEverybody(t *testing.T) {
	r := newRig(t, Options{})
	r.create("companies", "name", "A")
	if got := r.found(map[string]any{}); got != "" {
		t.Fatal("too early")
	}
	r.post("clock", map[string]string{"advance": "1h"})
	if got := r.found(map[string]any{}); got != "A" {
		t.Fatal("the index must have caught up")
	}
	if got := r.call("GET", companies, nil).header.Get("Date"); got != "Thu, 01 Oct 2026 13:00:00 GMT" {
		t.Fatal(got)
	}
}

func TestLedgerSaysWhoChangedWhat(t *testing.T) {
	r := newRig(t, Options{})
	id := r.create("companies", "name", "A")
	if err := r.p.As("sam").Update("companies", id, map[string]string{"name": "B"}); err != nil {
		t.Fatal(err)
	}
	rows := r.p.Ledger()
	last := rows[len(rows)-1]
	want := Entry{Seq: 2, Time: last.Time, Who: "sam", Client: "sam", Source: "CRM_UI", SourceID: "userId:1296620", Op: "update", Object: "companies",
		ID: id, Property: "name", Before: "A", After: "B"}
	if last != want {
		t.Fatalf("got %+v\nwant %+v", last, want)
	}
	lines := strings.Split(strings.TrimSpace(r.call("GET", "/_sim/ledger", nil).raw), "\n")
	if len(lines) != len(rows) || !strings.Contains(lines[0], `"op":"create"`) {
		t.Fatalf("%d lines, %d rows", len(lines), len(rows))
	}
	if rest := r.call("GET", "/_sim/ledger?from=1", nil).raw; strings.Count(rest, "\n") != 1 {
		t.Fatal(rest)
	}
}

func TestAnotherPortalBehindTheSameToken(t *testing.T) {
	r := newRig(t, Options{})
	r.post("settings", map[string]any{"portal_id": 99})
	if got := r.want(200, "GET", "/account-info/v3/details", nil); got.at("portalId") != 99.0 {
		t.Fatal(got.raw)
	}
}

// What changes the answer on its way leaves the work done.
func TestFaultsChangeTheAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		fault  map[string]any
		header string
		value  string
		body   string
	}{
		"header":      {map[string]any{"do": "header", "header": map[string]string{"Content-Encoding": "gzip"}}, "Content-Encoding", "gzip", `"archived":false`},
		"rewrite":     {map[string]any{"do": "rewrite", "find": `"archived":(false)`, "body": `"archived":"${1}"`}, "Content-Type", "application/json;charset=utf-8", `"archived":"false"`},
		"big_body":    {map[string]any{"do": "big_body", "size": 9}, "Content-Type", "application/json;charset=utf-8", "}         "},
		"bom":         {map[string]any{"do": "rewrite", "find": `^`, "body": "\ufeff"}, "Content-Type", "application/json;charset=utf-8", "\ufeff{"},
		"slow_body":   {map[string]any{"do": "slow_body", "delay": "1us"}, "Content-Type", "application/json;charset=utf-8", `"archived":false`},
		"delay_after": {map[string]any{"do": "delay_after", "delay": "1us"}, "Content-Type", "application/json;charset=utf-8", `"archived":false`},
		"rate_limit":  {map[string]any{"do": "rate_limit", "header": map[string]string{"Retry-After": "-1"}}, "Retry-After", "-1", "TEN_SECONDLY_ROLLING"},
	} {
		r := newRig(t, Options{})
		if got := r.post("faults", c.fault); got.status != 200 {
			t.Fatal(got.raw)
		}
		got := httptest.NewRecorder()
		r.p.ServeHTTP(got, r.request("POST", companies, props("name", "A")))
		if !strings.Contains(got.Body.String(), c.body) || got.Header().Get(c.header) != c.value {
			t.Errorf("%s: %s %s", name, got.Header(), got.Body)
		}
		if done := r.count("companies") == 1; done != (name != "rate_limit") {
			t.Errorf("%s: done %v", name, done)
		}
	}
}

// timed notes when each piece of an answer is sent.
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
	w.pieces = append(w.pieces, time.Since(w.begun))
	return w.ResponseRecorder.Write(b)
}

func TestSlowBodyTrickles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{})
		for range 40 {
			r.create("companies", "name", "A")
		}
		if got := r.post("faults", map[string]any{"do": "slow_body"}); got.status != 400 {
			t.Error("a slow body without a time: " + got.raw)
		}
		if err := r.p.Break(Fault{Do: "slow_body", Delay: "40s", Times: 1}); err != nil {
			t.Fatal(err)
		}
		out := &timed{ResponseRecorder: httptest.NewRecorder(), begun: time.Now()}
		r.p.ServeHTTP(out, r.request("GET", companies, nil))
		if n := len(out.pieces); out.head != 0 || n != tricklePieces || out.pieces[0] < time.Second || out.pieces[n-1].Round(time.Second) != 40*time.Second {
			t.Errorf("head after %s, pieces after %v", out.head, out.pieces)
		}
		if body := out.Body.Bytes(); !json.Valid(body) || out.Header().Get("Content-Length") != strconv.Itoa(len(body)) {
			t.Errorf("%v: %s", out.Header(), body)
		}
		ctx, leave := context.WithTimeout(t.Context(), 30*time.Second)
		defer leave()
		r.p.Mend()
		if err := r.p.Break(Fault{Do: "slow_body", Delay: "10m"}); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if recover() == nil {
				t.Error("a caller that left got its body")
			}
		}()
		r.p.ServeHTTP(httptest.NewRecorder(), r.request("GET", companies, nil).WithContext(ctx))
	})
}

func TestControlsNameUnknownKeys(t *testing.T) {
	r := newRig(t, Options{})
	for control, c := range map[string]struct{ body, want string }{
		"faults":    {`{"do":"status","tmies":1}`, `unknown key "tmies"`},
		"faults?1":  {`[{"do":"status"},{"do":"html","match":{"pth":"x"}}]`, `unknown key "pth"`},
		"faults?2":  {`{"do":"explode"}`, `unknown kind "explode"; there are status,`},
		"faults?3":  {`{"do":"status","times":"many"}`, "Cannot deserialize value of type `long`"},
		"settings":  {`{"merge_modes":"new_id"}`, `unknown key "merge_modes"`},
		"clock":     {`{"advanced":"1h"}`, `unknown key "advanced"`},
		"records":   {`{"do":"restore","object":"companies"}`, `unknown key "object"`},
		"records?1": {`{`, "Unexpected end-of-input"},
	} {
		got := r.post(control, c.body)
		if got.status != 400 || !strings.Contains(got.str("error"), c.want) {
			t.Errorf("%s %s: %d %s", control, c.body, got.status, got.raw)
		}
	}
}
