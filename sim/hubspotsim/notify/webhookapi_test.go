package notify

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

// step is one request and what must come of it.
type step struct {
	method, path, body string
	status             int
	contains           string
}

func (s step) run(t *testing.T, h http.Handler, header ...string) string {
	t.Helper()
	r := httptest.NewRequest(s.method, "http://api.local"+s.path, strings.NewReader(s.body))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	body := w.Body.String()
	if w.Code != s.status || !strings.Contains(body, s.contains) {
		t.Errorf("%s %s %s: %d %s, want %d …%s…", s.method, s.path, s.body, w.Code, body, s.status, s.contains)
	}
	if w.Code >= 400 && w.Code != http.StatusMethodNotAllowed && !strings.HasPrefix(s.path, downloadPath) {
		checkError(t, s, w)
	}
	return body
}

var uuid4 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// checkError holds every error to HubSpot's shape.
func checkError(t *testing.T, s step, w *httptest.ResponseRecorder) {
	t.Helper()
	var e struct{ Status, Message, CorrelationID string }
	err := json.Unmarshal(w.Body.Bytes(), &e)
	if err != nil || e.Status != "error" || e.Message == "" || !uuid4.MatchString(e.CorrelationID) ||
		e.CorrelationID != w.Header().Get("X-HubSpot-Correlation-Id") {
		t.Errorf("%s %s: error body %s", s.method, s.path, w.Body)
	}
}

func newManaged() *Webhooks {
	noon := time.Date(2026, 5, 13, 12, 0, 0, 0, time.UTC)
	w := NewWebhooks(WebhookOptions{Now: func() time.Time { return noon }, Rand: rand.New(rand.NewPCG(1, 2)),
		Authorize: func(r *http.Request, appID int64) int {
			switch r.URL.Query().Get("hapikey") {
			case "developer":
				return 0
			case "reader":
				return http.StatusForbidden
			}
			return http.StatusUnauthorized
		}})
	w.SetApp(App{ID: 7, ClientSecret: "secret"})
	return w
}

func TestManagementAPI(t *testing.T) {
	w := newManaged()
	defer w.Close()
	const key = "?hapikey=developer"
	const settings = "/webhooks/v3/7/settings"
	const subs = "/webhooks/v3/7/subscriptions"
	for _, s := range []step{
		{"GET", settings, "", 401, "INVALID_AUTHENTICATION"},
		{"GET", settings + "?hapikey=reader", "", 403, "MISSING_SCOPES"},
		{"GET", settings + key, "", 404, "no webhook settings"},
		{"PUT", settings + key, `{"targetUrl":"hooks","throttling":{"maxConcurrentRequests":10}}`, 400, "not an absolute URL"},
		{"PUT", settings + key, `{"targetUrl":"https://e.example/h","throttling":{"maxConcurrentRequests":5}}`, 400, "more than 5"},
		{"PUT", settings + key, `{`, 400, "Invalid input JSON"},
		{"PUT", settings + key, `{"targetUrl":"https://e.example/h","throttling":{"maxConcurrentRequests":8}}`, 200,
			`{"targetUrl":"https://e.example/h","throttling":{"maxConcurrentRequests":8},"createdAt":"2026-05-13T12:00:00.000Z","updatedAt":"2026-05-13T12:00:00.000Z"}`},
		{"GET", "/app-webhooks/2026-09/7/settings" + key, "", 200, `"maxConcurrentRequests":8`},
		{"DELETE", "/webhooks/2026-03/7/settings" + key, "", 204, ""},
		{"GET", settings + key, "", 404, "no webhook settings"},
		{"PATCH", settings + key, "", 405, ""},

		{"POST", subs + key, `{"eventType":"contact.creation"}`, 201,
			`{"id":"1","eventType":"contact.creation","active":false,"createdAt":"2026-05-13T12:00:00.000Z","updatedAt":"2026-05-13T12:00:00.000Z"}`},
		{"POST", subs + key, `{"eventType":"contact.creation","active":true}`, 409, "CONFLICT"},
		{"POST", subs + key, `{"eventType":"contact.propertyChange","propertyName":"email","active":true}`, 201, `"propertyName":"email","active":true`},
		{"POST", subs + key, `{"eventType":"contact.propertyChange","propertyName":"phone"}`, 201, `"id":"3"`},
		{"POST", subs + key, `{"eventType":"contact.propertyChange"}`, 400, "propertyName is required"},
		{"POST", subs + key, `{"eventType":"contact.creation","propertyName":"email"}`, 400, "propertyName is required"},
		{"POST", subs + key, `{"eventType":"contact.propertyChange","propertyName":"*"}`, 400, "does not exist"},
		{"POST", subs + key, `{"eventType":"company.propertyChange","propertyName":"hs_lastmodifieddate"}`, 400, "no propertyChange events"},
		{"POST", subs + key, `{"eventType":"contact.explosion"}`, 400, "not known"},
		{"POST", subs + key, `{"eventType":"product.associationChange"}`, 400, "not known"},
		{"POST", subs + key, `{"eventType":"object.creation"}`, 400, "objectTypeId is required"},
		{"POST", subs + key, `{"eventType":"object.creation","objectTypeId":"0-46"}`, 201, `"objectTypeId":"0-46"`},
		{"GET", subs + key, "", 200, `"id":"4"`},
		{"GET", subs + "/2" + key, "", 200, `"propertyName":"email"`},
		{"PATCH", subs + "/1" + key, `{"active":true}`, 200, `"active":true`},
		{"PATCH", subs + "/1" + key, `{}`, 200, `"active":true`},
		{"POST", subs + "/batch/update" + key, `{"inputs":[{"id":1,"active":false},{"id":3,"active":true}]}`, 200, `"status":"COMPLETE"`},
		{"GET", subs + "/1" + key, "", 200, `"active":false`},
		{"GET", subs + "/3" + key, "", 200, `"active":true`},
		{"POST", subs + "/batch/update" + key, `{"inputs":[{"id":99,"active":false},{"id":3,"active":false}]}`, 207, `"numErrors":1`},
		{"GET", subs + "/3" + key, "", 200, `"active":false`},
		{"DELETE", subs + "/3" + key, "", 204, ""},
		{"GET", subs + "/3" + key, "", 404, "not known"},
		{"DELETE", subs + key, "", 405, ""},

		{"GET", "/webhooks/v3/8/subscriptions" + key, "", 404, "app 8 is not known"},
		{"POST", "/webhooks/v3/8/subscriptions" + key, `{"eventType":"contact.creation"}`, 404, "app is not known"},
		{"GET", "/webhooks/v3/x/subscriptions" + key, "", 400, "not a number"},
		{"GET", "/webhooks/v3/7/nothing" + key, "", 404, "resource not found"},
		{"GET", "/webhooks/v9/7/settings" + key, "", 404, "resource not found"},
	} {
		s.run(t, w)
	}
}

func TestSubscriptionsAreLimited(t *testing.T) {
	w := newManaged()
	defer w.Close()
	for i := range maxSubscriptions {
		if _, err := w.Subscribe(7, Subscription{EventType: "object.creation", ObjectTypeID: strings.Repeat("x", i+1)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Subscribe(7, Subscription{EventType: "contact.creation"}); err != ErrTooMany {
		t.Errorf("subscription 1001: %v", err)
	}
}
