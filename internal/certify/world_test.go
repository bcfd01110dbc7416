package certify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/certify"
	"tandem/internal/connector/hubspot"
	"tandem/internal/connector/salesforce"
	"tandem/internal/core"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// world is an org and a portal in this process, with what a customer's would
// hold, and doors to them.
type world struct {
	t       *testing.T
	org     *salesforcesim.Org
	portal  *hubspotsim.Portal
	offset  atomic.Int64
	plants  [2]*plant // what alters the answers of each side
	options certify.Options
	file    string // the list of leftovers
	// writes are the records that the ledgers know before a run.
	before [2]int
}

var epoch = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func (w *world) now() time.Time { return epoch.Add(time.Duration(w.offset.Load())) }

func (w *world) advance(d time.Duration) {
	w.offset.Add(int64(d))
	w.portal.Advance(0) // does what falls due by that
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// values are what a customer's org and portal hold and no report may tell.
var values = []string{"Zyxwer Handels GmbH", "jane.roe@zyxwer-secret.example", "Röhrenweg 7", "Roe-Zyxwer", "+49 555 0199", "Zyxwer List", "ZYXWER_SECRET_CODE"}

func newWorld(t *testing.T) *world {
	t.Helper()
	t.Parallel() // nothing is shared
	w := &world{t: t, file: filepath.Join(t.TempDir(), "leftovers.json")}
	w.org = salesforcesim.New(salesforcesim.Options{Seed: 3, Now: w.now, Limits: true})
	w.portal = hubspotsim.New(hubspotsim.Options{Seed: 3, Now: w.now, Limits: true})
	t.Cleanup(w.portal.Close)
	w.fill()
	w.connect()
	w.journal()
	w.before = [2]int{len(w.org.Ledger()), len(w.portal.Ledger())}
	return w
}

// fill gives both sides records, a list, and the key fields that a prepared
// connection has.
func (w *world) fill() {
	w.portal.LoadSample(3)
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	w.t.Cleanup(hook.Close)
	w.portal.Subscribe(hook.URL, w.portal.Info().ClientSecret, w.portal.Info().AppID)
	w.must(w.org.SelectEntities("Account", "Contact"))
	w.must(w.org.AddField(salesforcesim.FieldSpec{Object: "Account", Name: "Key", Label: "Key", Type: "Text", Length: 64, ExternalID: true, Unique: true}))
	for i := range 230 {
		_, err := w.org.As("admin").Create("Account", map[string]any{"Name": fmt.Sprintf("%s %d", values[0], i), "BillingStreet": values[2], "Phone": values[4]})
		w.must(err)
	}
	gone, err := w.org.As("admin").Create("Account", map[string]any{"Name": values[0]})
	w.must(err)
	w.must(w.org.As("admin").Delete("Account", gone))
	id, err := w.portal.As("jane").Create("contacts", map[string]string{"email": values[1], "lastname": values[3], "company": values[0], "jobtitle": values[6]})
	w.must(err)
	w.admin("POST", "/crm/v3/properties/contacts", map[string]any{"name": "own_key", "label": "Own key", "type": "string", "fieldType": "text", "groupName": "contactinformation", "hasUniqueValue": true})
	w.admin("POST", "/crm-object-schemas/v3/schemas", map[string]any{"name": "car", "labels": map[string]string{"singular": "Car", "plural": "Cars"}, "requiredProperties": []string{"model"},
		"primaryDisplayProperty": "model", "properties": []any{map[string]any{"name": "model", "label": "Model", "type": "string", "fieldType": "text"}}})
	made := w.admin("POST", "/crm/v3/lists", map[string]any{"name": values[5], "objectTypeId": "0-1", "processingType": "MANUAL"})
	list, _ := made["list"].(map[string]any)
	w.admin("PUT", "/crm/v3/lists/"+fmt.Sprint(list["listId"])+"/memberships/add", []string{id})
	w.advance(time.Minute)
}

// journal subscribes the app to changes and makes one.
func (w *world) journal() {
	portal, _ := strconv.Atoi(w.portal.Info().PortalID)
	body, _ := json.Marshal(map[string]any{"subscriptionType": "OBJECT", "portalId": portal, "objectTypeId": "0-1", "actions": []string{"CREATE"}})
	req := httptest.NewRequest(http.MethodPost, "/webhooks-journal/subscriptions/2026-03", bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.RequestURI = ""
	resp, err := w.options.Doors[core.HubSpot](req)
	w.must(err)
	if resp.StatusCode >= 300 {
		w.t.Fatalf("subscribe: %d", resp.StatusCode)
	}
	_, err = w.portal.As("jane").Create("contacts", map[string]string{"lastname": values[3]})
	w.must(err)
	w.advance(time.Minute)
}

// admin calls the portal as a person.
func (w *world) admin(method, path string, body any) map[string]any {
	w.t.Helper()
	text, _ := json.Marshal(body)
	req := httptest.NewRequest(method, path, bytes.NewReader(text))
	req.Header.Set("Authorization", "Bearer "+w.portal.Info().AdminToken)
	req.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	w.portal.ServeHTTP(rec, req)
	if rec.Code >= 300 {
		w.t.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
	var out map[string]any
	_ = json.Unmarshal(rec.Body.Bytes(), &out)
	return out
}

// connect makes the doors: the connectors' own, over the handlers.
func (w *world) connect() {
	grants := &certify.Grants{}
	info, portal := w.org.Info(), w.portal.Info()
	sf, err := salesforce.New(salesforce.Config{LoginURL: "http://127.0.0.1", ClientName: "tandem-certify", Now: w.now, Transport: grants.Transport(core.Salesforce, w.wire(core.Salesforce, w.org)),
		Auth: salesforce.Auth{ClientCredentials: &salesforce.ClientCredentials{ID: info.IntegrationClientID, Secret: info.IntegrationClientSecret}}})
	w.must(err)
	hs, err := hubspot.New(hubspot.Config{Now: w.now, Transport: grants.Transport(core.HubSpot, w.wire(core.HubSpot, w.portal)),
		OAuth:   &hubspot.OAuth{ClientID: portal.ClientID, ClientSecret: portal.ClientSecret, RefreshToken: portal.RefreshToken},
		Journal: &hubspot.Journal{ClientID: portal.JournalClientID, ClientSecret: portal.JournalClientSecret}})
	w.must(err)
	left, err := certify.OpenLeftovers(w.file)
	w.must(err)
	w.options = certify.Options{Doors: [2]certify.Door{sf.Raw, hs.Raw}, Grants: grants, Version: salesforce.DefaultAPIVersion, Journal: true, WebhookApp: strconv.Itoa(portal.AppID), DeveloperKey: portal.ClientSecret, Write: true, Bus: bus{w.org.Events().Conn(), w}, EventWithin: 2 * time.Second, Mark: "a1b2", Leftovers: left, Now: w.now,
		Wait: func(ctx context.Context, d time.Duration) error { w.advance(d); return ctx.Err() }}
}

// wire serves requests by a handler, with the world's plant in between.
func (w *world) wire(side core.Side, h http.Handler) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		in := r.Clone(r.Context())
		var body []byte
		if r.Body != nil {
			body, _ = io.ReadAll(r.Body)
		}
		in.Body, in.RequestURI, in.Host = io.NopCloser(bytes.NewReader(body)), r.URL.RequestURI(), r.URL.Host
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, in)
		resp := rec.Result()
		w.offset.Add(int64(150 * time.Millisecond)) // within the limits
		if p := w.plants[side]; p != nil {
			p.alter(w, side, r, string(body), resp)
		}
		return resp, nil
	})
}

func (w *world) run() certify.Report {
	w.t.Helper()
	r, err := certify.Run(w.t.Context(), w.options)
	w.must(err)
	return r
}

// live are the records written since the world began that are still there,
// by the ledgers.
func (w *world) live() (out []string) {
	w.t.Helper()
	rows, err := w.org.As("admin").Query("SELECT Id FROM Account WHERE Name LIKE 'tandem-certify-%'")
	w.must(err)
	for _, r := range rows {
		out = append(out, fmt.Sprint("Account ", r["Id"]))
	}
	for _, e := range w.portal.Ledger()[w.before[core.HubSpot]:] {
		record := e.Object + " " + e.ID
		req := httptest.NewRequest(http.MethodGet, "/crm/v3/objects/"+e.Object+"/"+e.ID, nil)
		req.Header.Set("Authorization", "Bearer "+w.portal.Info().AdminToken)
		rec := httptest.NewRecorder()
		w.portal.ServeHTTP(rec, req)
		if rec.Code == http.StatusOK && !slices.Contains(out, record) {
			out = append(out, record)
		}
	}
	return out
}

// writes are the rows that the ledgers gained since the world began.
func (w *world) writes() int {
	return len(w.org.Ledger()) - w.before[core.Salesforce] + len(w.portal.Ledger()) - w.before[core.HubSpot]
}

func different(r certify.Report) (ids []string) {
	for _, c := range r.Checks {
		if c.Outcome == certify.Different {
			ids = append(ids, c.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

func text(t *testing.T, r certify.Report) string {
	t.Helper()
	body, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	var human strings.Builder
	r.Print(&human)
	return string(body) + human.String()
}
