package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tandem/internal/api"
	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/connector/hubspot"
	"tandem/internal/console"
	"tandem/internal/core"
	"tandem/internal/metrics"
	"tandem/internal/store"
)

const webhookRoot = "/webhooks/hubspot/"

// handler answers what the daemon serves: the console, and beside it what programs ask.
func (w *world) handler(c *console.Console) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(rw http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(rw, "ok\n") })
	mux.HandleFunc("GET /readyz", w.serveReady)
	mux.Handle("GET /metrics", w.metrics())
	mux.Handle(api.Root+"/", api.Handler(c.Desk, buildVersion()["version"]))
	mux.HandleFunc("GET /status", w.serveStatus)
	mux.HandleFunc("POST "+webhookRoot+"{connection}", w.serveWebhook)
	mux.Handle("/", c.Handler())
	return mux
}

// readyFor is for how long a probe waits for the store.
const readyFor = 3 * time.Second

// serveReady answers 200 while the store answers: without it nothing is taken in and nothing
// is written. A side that does not answer is no reason to send requests elsewhere.
func (w *world) serveReady(rw http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyFor)
	defer cancel()
	err := w.store.View(ctx, func(tx *store.Tx) error { _, err := tx.Connections(); return err })
	if err != nil {
		http.Error(rw, "the store does not answer", http.StatusServiceUnavailable)
		return
	}
	_, _ = io.WriteString(rw, "ok\n")
}

func (w *world) metrics() http.Handler {
	return metrics.Handler(metrics.Source{Now: w.app.now, Version: buildVersion()["version"], Status: w.status, Connections: w.connectionNames})
}

func (w *world) serveStatus(rw http.ResponseWriter, r *http.Request) {
	out := []statusView{}
	for _, c := range w.file().Connections {
		s, err := w.status(r.Context(), c.Name)
		if err != nil {
			p := problemOf(err)
			http.Error(rw, p.Message, http.StatusInternalServerError)
			return
		}
		out = append(out, viewOf(s))
	}
	rw.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(rw).Encode(map[string]any{"connections": out}) // a browser that went away sees nothing
}

// serveWebhook answers 2xx only after the events are stored: HubSpot delivers
// again what was not answered so.
func (w *world) serveWebhook(rw http.ResponseWriter, r *http.Request) {
	c, take := w.hook(r.Context(), r.PathValue("connection"))
	if c == nil || c.conn.Webhooks() == nil {
		http.Error(rw, "no such webhook", http.StatusNotFound)
		return
	}
	hook := c.conn.Webhooks()
	check := hubspot.Webhook{ClientSecret: hook.ClientSecret.Reveal(), PortalID: c.conn.Accounts[core.HubSpot].ID, AppID: hook.AppID, AllowV1: hook.AllowV1,
		Objects: c.conn.Settings.FollowedObjects(core.HubSpot)}
	if err := check.Glance(r.Header, w.app.now()); err != nil {
		http.Error(rw, "refused", deliveryStatus(err))
		return
	}
	d := delivery{held: &w.delivered}
	defer d.free()
	body, err := d.take(rw, r)
	if err != nil {
		http.Error(rw, "the delivery was not read", unreadStatus(err))
		return
	}
	events, err := check.Parse(r.Method, publicAddress(hook, r), r.Header, body, w.app.now())
	if err != nil {
		http.Error(rw, "refused", deliveryStatus(err))
		return
	}
	if err := take(r.Context(), events); err != nil {
		w.app.log().Error("store webhooks", "connection", r.PathValue("connection"), "cause", err)
		http.Error(rw, "not stored; deliver again", http.StatusServiceUnavailable)
		return
	}
	rw.WriteHeader(http.StatusNoContent)
}

// publicAddress is the address that HubSpot called and signed. public_url may
// name the whole address or what stands in front of our path.
func publicAddress(hook *config.Webhooks, r *http.Request) string {
	public := strings.TrimRight(hook.PublicURL, "/")
	if u, err := url.Parse(public); err == nil && strings.HasSuffix(u.Path, r.URL.Path) {
		if r.URL.RawQuery != "" {
			public += "?" + r.URL.RawQuery
		}
		return public
	}
	return public + r.URL.RequestURI()
}

func deliveryStatus(err error) int {
	var e *connector.Error
	if errors.As(err, &e) && e.Code == hubspot.CodeSignature {
		return http.StatusUnauthorized
	}
	return http.StatusBadRequest
}
