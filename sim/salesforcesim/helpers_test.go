package salesforcesim

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// testClock is a base clock that stands still until it is moved.
type testClock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *testClock { return &testClock{t: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)} }

func (c *testClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *testClock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// wire calls an org in process the way a REST client does.
type wire struct {
	t     *testing.T
	org   *Org
	clock *testClock
	token string
	head  map[string]string
}

func newWire(t *testing.T, opts ...func(*Options)) *wire {
	t.Helper()
	clock := newClock()
	opt := Options{Seed: 7, Now: clock.now}
	for _, f := range opts {
		f(&opt)
	}
	w := &wire{t: t, org: New(opt), clock: clock, head: map[string]string{}}
	w.token = w.integrationToken()
	return w
}

func (w *wire) integrationToken() string {
	info := w.org.Info()
	form := "grant_type=client_credentials&client_id=" + info.IntegrationClientID + "&client_secret=" + info.IntegrationClientSecret
	var got struct {
		AccessToken string `json:"access_token"`
	}
	res := w.raw("POST", "/services/oauth2/token", form, "application/x-www-form-urlencoded")
	if err := json.Unmarshal(res.body, &got); err != nil || got.AccessToken == "" {
		w.t.Fatalf("token: %s", res.body)
	}
	return got.AccessToken
}

type reply struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

func (w *wire) raw(method, target, body, typ string) reply {
	w.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:40000"
	if typ != "" {
		r.Header.Set("Content-Type", typ)
	}
	if w.token != "" {
		r.Header.Set("Authorization", "Bearer "+w.token)
	}
	for k, v := range w.head {
		r.Header.Set(k, v)
	}
	rec := httptest.NewRecorder()
	w.org.ServeHTTP(rec, r)
	return reply{w.t, rec.Code, rec.Header(), rec.Body.Bytes()}
}

// api calls below /services/data/v65.0 with a JSON body, or none for "".
func (w *wire) api(method, path, body string) reply {
	w.t.Helper()
	typ := ""
	if body != "" {
		typ = "application/json"
	}
	return w.raw(method, "/services/data/v65.0"+path, body, typ)
}

func (w *wire) with(k, v string) *wire {
	next := *w
	next.head = map[string]string{k: v}
	for k, v := range w.head {
		next.head[k] = v
	}
	return &next
}

func (w *wire) asAdmin() *wire {
	next := *w
	next.token = w.org.Info().AdminToken
	return &next
}

func (r reply) want(status int) reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	return r
}

func (r reply) object() map[string]any {
	r.t.Helper()
	var m map[string]any
	if err := json.Unmarshal(r.body, &m); err != nil {
		r.t.Fatalf("not an object: %s", r.body)
	}
	return m
}

func (r reply) list() []map[string]any {
	r.t.Helper()
	var l []map[string]any
	if err := json.Unmarshal(r.body, &l); err != nil {
		r.t.Fatalf("not a list: %s", r.body)
	}
	return l
}

// same compares the body with JSON text, ignoring layout.
func (r reply) same(want string) {
	r.t.Helper()
	if got, exp := compact(r.t, r.body), compact(r.t, []byte(want)); got != exp {
		r.t.Fatalf("body\n got %s\nwant %s", got, exp)
	}
}

func compact(t *testing.T, text []byte) string {
	t.Helper()
	var buf bytes.Buffer
	if err := json.Compact(&buf, text); err != nil {
		t.Fatalf("not JSON: %s", text)
	}
	return buf.String()
}

// code is the errorCode of the first error.
func (r reply) code() string {
	l := r.list()
	if len(l) == 0 {
		return ""
	}
	s, _ := l[0]["errorCode"].(string)
	return s
}

func (w *wire) query(soql string) []map[string]any {
	w.t.Helper()
	res := w.raw("GET", "/services/data/v65.0/query?q="+strings.ReplaceAll(strings.ReplaceAll(soql, "%", "%25"), " ", "+"), "", "").want(200)
	var out struct{ Records []map[string]any }
	if err := json.Unmarshal(res.body, &out); err != nil {
		w.t.Fatal(err)
	}
	return out.Records
}

func (w *wire) create(object, body string) string {
	w.t.Helper()
	id, _ := w.api("POST", "/sobjects/"+object, body).want(201).object()["id"].(string)
	return id
}

// must fails the test on an error.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// recorded reads a real answer of the vendor; it skips where the recordings
// are not at hand.
func recorded(t *testing.T, name string) string {
	t.Helper()
	return string(readShared(t, filepath.Join("recorded", "salesforce", name)))
}

func readShared(t *testing.T, rel string) []byte {
	t.Helper()
	f, err := os.Open(filepath.Join(sharedDir(), rel))
	if err != nil {
		t.Skipf("skipped: %s is not there; set TANDEM_DATA to the data folder", rel)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sharedDir is the folder that holds data/ and recorded/.
func sharedDir() string {
	if d := os.Getenv("TANDEM_DATA"); d != "" {
		return filepath.Dir(d)
	}
	return filepath.Join("..", "..", "..", "shared")
}

func dataDir(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(sharedDir(), "data", name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("skipped: %s is not there; set TANDEM_DATA to the data folder", dir)
	}
	return dir
}

func mustJSON(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}

func compactValue(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
