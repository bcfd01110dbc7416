package hubspot

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

func TestNewRefusesWhatCannotWork(t *testing.T) {
	now := time.Now
	for name, cfg := range map[string]Config{
		"no clock":         {StaticToken: "t"},
		"no credentials":   {Now: now},
		"two credentials":  {Now: now, StaticToken: "t", OAuth: &OAuth{}},
		"plain http":       {Now: now, StaticToken: "t", BaseURL: "http://api.hubapi.com"},
		"user in the URL":  {Now: now, StaticToken: "t", BaseURL: "https://u:p@api.hubapi.com"},
		"query in the URL": {Now: now, StaticToken: "t", BaseURL: "https://api.hubapi.com/?x=1"},
		"no host":          {Now: now, StaticToken: "t", BaseURL: "api.hubapi.com"},
		"like loopback":    {Now: now, StaticToken: "t", BaseURL: "http://127.example.com"},
		"other scheme":     {Now: now, StaticToken: "t", BaseURL: "ftp://api.hubapi.com"},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := New(Config{Now: now, StaticToken: "t", BaseURL: "http://127.0.0.1:8080/"}); err != nil {
		t.Errorf("loopback: %v", err)
	}
}

func TestWhatIsNotJSONIsNeverAnEmptyResult(t *testing.T) {
	for name, body := range map[string]string{"page": "<html>log in</html>", "empty": "", "half": `{"results":[{"id":"1"`, "words": "OK"} {
		t.Run(name, func(t *testing.T) {
			c, _ := scripted(t, func(seen) *http.Response { return respond(200, body) })
			_, err := c.Read(t.Context(), connector.Query{Object: core.Companies, Values: []string{"1"}})
			e := wantError(t, err)
			if e.Class != core.ClassTransient || e.Code != connector.CodeNotJSON {
				t.Errorf("read: %+v", e)
			}
			err = c.Scan(t.Context(), connector.Scan{Object: core.Companies, Until: testNow}, func(connector.Page) error { t.Error("a page was given"); return nil })
			if e := wantError(t, err); e.Code != connector.CodeNotJSON {
				t.Errorf("scan: %+v", e)
			}
			got, err := c.Write(t.Context(), []core.Op{{Key: "k", Kind: core.OpCreate, Target: ref(core.Companies, "")}})
			if err != nil || got[0].Status != core.Unknown {
				t.Errorf("write: %+v, %v", got, err)
			}
		})
	}
}

func TestAByteOrderMarkIsSkipped(t *testing.T) {
	c, _ := scripted(t, func(seen) *http.Response {
		return respond(200, "\xef\xbb\xbf"+`{"results":[{"id":"1","properties":{}}]}`)
	})
	got, err := c.Read(t.Context(), connector.Query{Object: core.Companies, Values: []string{"1"}})
	if err != nil || got[0].Presence != core.Live {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRedirectsAreNotFollowedAndGetNoToken(t *testing.T) {
	for _, status := range []int{301, 302, 307, 308} {
		c, s := scripted(t, func(seen) *http.Response {
			r := respond(status, "")
			r.Header.Set("Location", "https://evil.example/steal")
			return r
		})
		e := wantError(t, ping(c, t.Context()))
		if e.Class != core.ClassRejected || e.Code != connector.CodeForeignHost || len(s.calls) != 1 {
			t.Errorf("%d: %+v, %d calls", status, e, len(s.calls))
		}
	}
}

func TestFailuresKnowWhetherAnythingWasSent(t *testing.T) {
	for name, tc := range map[string]struct {
		err  error
		sent bool
	}{
		"refused":   {&net.OpError{Op: "dial", Err: errors.New("connection refused")}, false},
		"no host":   {&net.DNSError{Err: "no such host", Name: "api"}, false},
		"reset":     {&net.OpError{Op: "read", Err: errors.New("connection reset by peer")}, true},
		"timeout":   {context.DeadlineExceeded, true},
		"our queue": {&connector.Error{Side: core.HubSpot, Class: core.ClassQuota, Code: connector.CodeBudget}, false},
	} {
		t.Run(name, func(t *testing.T) {
			c, s := scripted(t, nil)
			s.err = tc.err
			ops := []core.Op{{Key: "k", Kind: core.OpUpdate, Target: ref(core.Companies, "1"), Fields: map[string]string{"name": "x"}}}
			got, err := c.Write(t.Context(), ops)
			if tc.sent && (err != nil || got[0].Status != core.Unknown || got[0].Key != "k") {
				t.Errorf("outcome %+v, %v", got, err)
			}
			if !tc.sent && (err == nil || wantError(t, err).Sent) {
				t.Errorf("outcome %+v, error %v", got, err)
			}
		})
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestAnEndlessAnswerIsCutOff(t *testing.T) {
	if _, err := readBody(endless{}); wantError(t, err).Code != connector.CodeTooLarge {
		t.Error(err)
	}
	if _, err := readBody(io.LimitReader(endless{}, maxBody)); err != nil {
		t.Error(err)
	}
}

func TestPathSegmentsCannotLeaveTheirPlace(t *testing.T) {
	c, s := scripted(t, func(seen) *http.Response { return respond(200, `{"list":{"listId":1,"objectTypeId":"0-1"}}`) })
	if _, err := c.List(t.Context(), core.Contacts, "../owners?x=1#y z/ü"); err != nil {
		t.Fatal(err)
	}
	if got := s.calls[0]; got.path != "/crm/v3/lists/object-type-id/0-1/name/../owners?x=1#y z/ü" || got.query != "includeFilters=true" {
		t.Errorf("asked %s ? %s", got.path, got.query)
	}
	req, err := buildRequest(t.Context(), c.base, request{method: "GET", path: pathOf("/a", "x/../y")}, "")
	if err != nil || !strings.HasSuffix(req.URL.String(), "/a/x%2F..%2Fy") {
		t.Errorf("%v, %v", req.URL, err)
	}
}

func TestClassifyNamesBuckets(t *testing.T) {
	for _, tc := range []struct{ method, path, token, want string }{
		{"POST", "/crm/v3/objects/contacts/search", "x", "search"},
		{"POST", "/crm/v3/objects/contacts/batch/read", "x", "general"},
		{"POST", "/crm/v4/associations/contacts/companies/batch/read", "x", "associations"},
		{"GET", journalEntries + "/latest", "x", "journal"},
		{"POST", tokenPath, "", "general"},
		{"GET", "/files/entry.json", "", ""},
		{"POST", "/crm/v3/lists/search", "x", "general"},
	} {
		req, _ := http.NewRequest(tc.method, "https://api.hubapi.com"+tc.path, nil)
		if tc.token != "" {
			req.Header.Set("Authorization", "Bearer "+tc.token)
		}
		if got := string(Classify(req)); got != tc.want {
			t.Errorf("%s %s: %q, want %q", tc.method, tc.path, got, tc.want)
		}
	}
}
