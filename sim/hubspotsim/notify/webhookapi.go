package notify

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// webhookRoots are the spellings of the management API's root; the app id follows.
var webhookRoots = []string{"/webhooks/v3/", "/webhooks/2025-09/", "/webhooks/2026-03/", "/app-webhooks/2026-09/"}

type subscriptionJSON struct {
	ID           string `json:"id"`
	EventType    string `json:"eventType"`
	PropertyName string `json:"propertyName,omitempty"`
	ObjectTypeID string `json:"objectTypeId,omitempty"`
	Active       bool   `json:"active"`
	CreatedAt    string `json:"createdAt"`
	UpdatedAt    string `json:"updatedAt"`
}

type throttlingJSON struct {
	MaxConcurrentRequests int `json:"maxConcurrentRequests"`
}

type settingsJSON struct {
	TargetURL  string         `json:"targetUrl"`
	Throttling throttlingJSON `json:"throttling"`
	CreatedAt  string         `json:"createdAt,omitempty"`
	UpdatedAt  string         `json:"updatedAt,omitempty"`
}

type batchJSON struct {
	Status      string       `json:"status"`
	Results     any          `json:"results"`
	NumErrors   int          `json:"numErrors,omitempty"`
	Errors      []*wireError `json:"errors,omitempty"`
	StartedAt   string       `json:"startedAt"`
	CompletedAt string       `json:"completedAt"`
}

// ServeHTTP serves the management API: settings and subscriptions under
// /webhooks/v3/{appId}/, /webhooks/2026-03/{appId}/ and /app-webhooks/2026-09/{appId}/.
func (w *Webhooks) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.route(r).write(rw, w.ids.uuid())
}

func (w *Webhooks) route(r *http.Request) answer {
	parts, ok := webhookPath(r.URL.Path)
	if !ok {
		return failed(notFound("resource not found"))
	}
	appID, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return failed(badRequest("app id %q is not a number", parts[0]))
	}
	if denied := w.authorize(r, appID); denied != nil {
		return failed(denied)
	}
	switch rest := strings.Join(parts[1:], "/"); {
	case rest == "settings":
		return w.serveSettings(r, appID)
	case rest == "subscriptions":
		return w.serveSubscriptions(r, appID)
	case rest == "subscriptions/batch/update" && r.Method == http.MethodPost:
		return w.batchUpdate(r, appID)
	case len(parts) == 3 && parts[1] == "subscriptions":
		return w.serveSubscription(r, appID, parts[2])
	}
	return failed(notFound("resource not found"))
}

// webhookPath gives the path below the root: the app id, then the resource.
func webhookPath(path string) ([]string, bool) {
	for _, root := range webhookRoots {
		if rest, ok := strings.CutPrefix(path, root); ok {
			return strings.Split(strings.Trim(rest, "/"), "/"), true
		}
	}
	return nil, false
}

func (w *Webhooks) authorize(r *http.Request, appID int64) *wireError {
	status := 0
	if w.opts.Authorize != nil {
		status = w.opts.Authorize(r, appID)
	}
	switch status {
	case 0:
		return nil
	case http.StatusForbidden:
		return missingScopes("developers-read", "developers-write")
	}
	return unauthorized()
}

func (w *Webhooks) serveSettings(r *http.Request, appID int64) answer {
	var in settingsJSON
	if r.Method == http.MethodPut {
		if err := readSettings(r, &in); err != nil {
			return failed(err)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	a, known := w.app(appID)
	if !known {
		return failed(notFound("app %d is not known", appID))
	}
	switch r.Method {
	case http.MethodGet:
		if a.TargetURL == "" {
			return failed(notFound("app %d has no webhook settings", appID))
		}
		return ok(a.settings())
	case http.MethodPut:
		a.TargetURL, a.MaxConcurrent = in.TargetURL, in.Throttling.MaxConcurrentRequests
		a.updatedAt = w.opts.Now()
		return ok(a.settings())
	case http.MethodDelete:
		a.TargetURL, a.updatedAt = "", w.opts.Now()
		return noContent
	}
	return answer{code: http.StatusMethodNotAllowed}
}

func readSettings(r *http.Request, in *settingsJSON) *wireError {
	if err := readJSON(r, in); err != nil {
		return err
	}
	target, err := url.Parse(in.TargetURL)
	if err != nil || target.Host == "" || target.Scheme != "https" && target.Scheme != "http" {
		return badRequest("targetUrl %q is not an absolute URL", in.TargetURL)
	}
	if n := in.Throttling.MaxConcurrentRequests; n <= 5 || n > maxConcurrent {
		return badRequest("maxConcurrentRequests must be more than 5 and at most %d", maxConcurrent)
	}
	return nil
}

func (a *app) settings() settingsJSON {
	n := a.MaxConcurrent
	if n <= 0 {
		n = maxConcurrent
	}
	return settingsJSON{TargetURL: a.TargetURL, Throttling: throttlingJSON{n},
		CreatedAt: stamp(a.createdAt), UpdatedAt: stamp(a.updatedAt)}
}

func (w *Webhooks) serveSubscriptions(r *http.Request, appID int64) answer {
	switch r.Method {
	case http.MethodGet:
		return w.listSubscriptions(appID)
	case http.MethodPost:
		return w.createSubscription(r, appID)
	}
	return answer{code: http.StatusMethodNotAllowed}
}

func (w *Webhooks) listSubscriptions(appID int64) answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	a, known := w.app(appID)
	if !known {
		return failed(notFound("app %d is not known", appID))
	}
	results := make([]subscriptionJSON, 0, len(a.subscriptions))
	for _, s := range a.subscriptions {
		results = append(results, s.json())
	}
	return ok(map[string]any{"results": results})
}

func (w *Webhooks) createSubscription(r *http.Request, appID int64) answer {
	var in Subscription
	var body struct {
		EventType, PropertyName, ObjectTypeID string
		Active                                bool
	}
	if err := readJSON(r, &body); err != nil {
		return failed(err)
	}
	if body.PropertyName == AnyProperty {
		return failed(badRequest("property %q does not exist", AnyProperty))
	}
	in.EventType, in.PropertyName, in.ObjectTypeID, in.Active = body.EventType, body.PropertyName, body.ObjectTypeID, body.Active
	s, err := w.Subscribe(appID, in)
	switch {
	case err == nil:
		return answer{code: http.StatusCreated, body: s.json()}
	case errors.Is(err, ErrNoApp):
		return failed(notFound("%v", err))
	case errors.Is(err, ErrSubscribed):
		return failed(&wireError{code: http.StatusConflict, Message: err.Error(), Category: "CONFLICT"})
	}
	return failed(badRequest("%v", err))
}

func (s *Subscription) json() subscriptionJSON {
	return subscriptionJSON{ID: strconv.FormatInt(s.ID, 10), EventType: s.EventType, PropertyName: s.PropertyName,
		ObjectTypeID: s.ObjectTypeID, Active: s.Active, CreatedAt: stamp(s.CreatedAt), UpdatedAt: stamp(s.UpdatedAt)}
}

func (w *Webhooks) serveSubscription(r *http.Request, appID int64, id string) answer {
	var in struct{ Active *bool }
	if r.Method == http.MethodPatch {
		if err := readJSON(r, &in); err != nil {
			return failed(err)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	a, i := w.subscription(appID, id)
	if i < 0 {
		return failed(notFound("subscription %s is not known", id))
	}
	switch r.Method {
	case http.MethodGet:
		return ok(a.subscriptions[i].json())
	case http.MethodPatch:
		if in.Active != nil {
			w.activate(a.subscriptions[i], *in.Active)
		}
		return ok(a.subscriptions[i].json())
	case http.MethodDelete:
		a.subscriptions = slices.Delete(a.subscriptions, i, i+1)
		return noContent
	}
	return answer{code: http.StatusMethodNotAllowed}
}

func (w *Webhooks) activate(s *Subscription, active bool) {
	s.Active, s.UpdatedAt = active, w.opts.Now()
}

// subscription finds one of an app's subscriptions; the index is negative when there is none.
func (w *Webhooks) subscription(appID int64, id string) (*app, int) {
	a, known := w.app(appID)
	if !known {
		return nil, -1
	}
	return a, slices.IndexFunc(a.subscriptions, func(s *Subscription) bool { return strconv.FormatInt(s.ID, 10) == id })
}

func (w *Webhooks) batchUpdate(r *http.Request, appID int64) answer {
	var in struct {
		Inputs []struct {
			ID     int64
			Active bool
		}
	}
	if err := readJSON(r, &in); err != nil {
		return failed(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	now := stamp(w.opts.Now())
	out := batchJSON{Status: "COMPLETE", StartedAt: now, CompletedAt: now}
	results := []subscriptionJSON{}
	for _, input := range in.Inputs {
		id := strconv.FormatInt(input.ID, 10)
		a, i := w.subscription(appID, id)
		if i < 0 {
			out.Errors = append(out.Errors, &wireError{Status: "error", Message: "subscription is not known",
				Category: "OBJECT_NOT_FOUND", Context: map[string][]string{"ids": {id}}})
			continue
		}
		w.activate(a.subscriptions[i], input.Active)
		results = append(results, a.subscriptions[i].json())
	}
	out.Results, out.NumErrors = results, len(out.Errors)
	if out.NumErrors > 0 {
		return answer{code: http.StatusMultiStatus, body: out}
	}
	return ok(out)
}
