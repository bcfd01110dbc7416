package hubspotsim

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeClock is a base clock that tests move by hand.
type fakeClock struct {
	mu sync.Mutex
	at time.Time
}

func (c *fakeClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *fakeClock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// rig is a portal with a clock and a way to call it in process.
type rig struct {
	t     *testing.T
	p     *Portal
	clock *fakeClock
	token string
}

func newRig(t *testing.T, o Options) *rig {
	t.Helper()
	c := &fakeClock{at: time.Date(2026, 10, 1, 12, 0, 0, 123e6, time.UTC)}
	o.Now = c.now
	if o.Seed == 0 {
		o.Seed = 1
	}
	p := New(o)
	t.Cleanup(p.Close)
	return &rig{t: t, p: p, clock: c, token: p.Info().IntegrationToken}
}

// pass moves the clock and lets the portal do what is due.
func (r *rig) pass(d time.Duration) {
	r.clock.add(d)
	r.p.tick()
}

// response is a decoded answer.
type response struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

func (r *rig) call(method, path string, body any) response {
	r.t.Helper()
	return r.send(r.request(method, path, body))
}

func (r *rig) request(method, path string, body any) *http.Request {
	r.t.Helper()
	text, ok := body.(string)
	if !ok && body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			r.t.Fatal(err)
		}
		text = string(b)
	}
	req := httptest.NewRequest(method, path, strings.NewReader(text))
	req.Header.Set("Authorization", "Bearer "+r.token)
	req.Header.Set("Content-Type", "application/json")
	return req
}

func (r *rig) send(req *http.Request) response {
	r.t.Helper()
	rec := httptest.NewRecorder()
	r.p.ServeHTTP(rec, req)
	out := response{status: rec.Code, header: rec.Header(), raw: rec.Body.String()}
	if strings.HasPrefix(rec.Header().Get("Content-Type"), "application/json") && out.raw != "" {
		if err := json.Unmarshal([]byte(out.raw), &out.body); err != nil && rec.Code < 300 {
			r.t.Fatalf("%s %s: answer is not JSON: %v\n%s", req.Method, req.URL, err, out.raw)
		}
	}
	return out
}

// want fails unless the status is as told.
func (r *rig) want(status int, method, path string, body any) response {
	r.t.Helper()
	got := r.call(method, path, body)
	if got.status != status {
		r.t.Fatalf("%s %s: status %d, want %d\n%s", method, path, got.status, status, got.raw)
	}
	return got
}

func props(kv ...string) map[string]any {
	m := map[string]string{}
	for i := 0; i < len(kv); i += 2 {
		m[kv[i]] = kv[i+1]
	}
	return map[string]any{"properties": m}
}

func (a response) str(keys ...string) string {
	s, _ := a.at(keys...).(string)
	return s
}

// at walks into the body; a number is an index.
func (a response) at(keys ...string) any {
	var v any = a.body
	for _, k := range keys {
		switch x := v.(type) {
		case map[string]any:
			v = x[k]
		case []any:
			i := int(k[0] - '0')
			if i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func (r *rig) create(objectType string, kv ...string) string {
	r.t.Helper()
	return r.want(http.StatusCreated, "POST", "/crm/v3/objects/"+objectType, props(kv...)).str("id")
}

const time5 = 5 * time.Second

// knownEmail is a list filter that takes every contact with an address.
var knownEmail = json.RawMessage(`{"filterBranchType":"OR","filters":[],"filterBranches":[{"filterBranchType":"AND","filterBranches":[],
"filters":[{"filterType":"PROPERTY","property":"email","operation":{"operationType":"ALL_PROPERTY","operator":"IS_KNOWN"}}]}]}`)

// drop takes a scope from the integration.
func (r *rig) drop(scopes ...string) {
	r.t.Helper()
	if err := r.p.Configure(Settings{RemoveScopes: scopes}); err != nil {
		r.t.Fatal(err)
	}
}
