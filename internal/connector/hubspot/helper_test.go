package hubspot

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// seen is one request that a script answered.
type seen struct {
	method, path, query string
	header              http.Header
	body                string
}

func (s seen) decode(t *testing.T, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(s.body), into); err != nil {
		t.Fatalf("body of %s %s: %v", s.method, s.path, err)
	}
}

// script answers requests in process and keeps them.
type script struct {
	mu     sync.Mutex
	calls  []seen
	answer func(seen) *http.Response
	err    error
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	call := seen{r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Clone(), string(body)}
	s.mu.Lock()
	s.calls = append(s.calls, call)
	s.mu.Unlock()
	if s.err != nil {
		return nil, s.err
	}
	resp := s.answer(call)
	if resp.Header.Get("Date") == "" {
		resp.Header.Set("Date", testNow.Format(http.TimeFormat))
	}
	resp.Request = r
	return resp, nil
}

func (s *script) paths() []string {
	var out []string
	for _, c := range s.calls {
		out = append(out, c.method+" "+c.path)
	}
	return out
}

var testNow = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

func respond(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body))}
}

// scripted is a client with a static token whose portal is the function.
func scripted(t *testing.T, answer func(seen) *http.Response) (*Client, *script) {
	t.Helper()
	s := &script{answer: answer}
	c, err := New(Config{StaticToken: "pat-secret", Transport: s, Now: func() time.Time { return testNow }, PortalID: "77"})
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

// recorded is a real answer; the folder stands beside the data.
func recorded(t *testing.T, name string) string {
	t.Helper()
	data := os.Getenv("TANDEM_DATA")
	if data == "" {
		data = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	text, err := os.ReadFile(filepath.Join(data, "..", "recorded", "hubspot", name))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("recorded answer %s is not on this machine (set TANDEM_DATA)", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func wantError(t *testing.T, err error) *connector.Error {
	t.Helper()
	var e *connector.Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %v, want a *connector.Error", err)
	}
	if strings.Contains(e.Error(), "secret") {
		t.Errorf("error tells a secret: %v", e)
	}
	return e
}

func ids(records []core.Record) []string {
	var out []string
	for _, r := range records {
		out = append(out, r.Ref.ID)
	}
	return out
}

func compact(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

func splitItems(t *testing.T, items ...string) []json.RawMessage {
	t.Helper()
	out := make([]json.RawMessage, 0, len(items))
	for _, i := range items {
		out = append(out, json.RawMessage(i))
	}
	return out
}
