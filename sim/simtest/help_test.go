package simtest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
	"tandem/sim/salesforcesim"
)

// inBoth runs a test in both profiles: what the original does holds in each.
func inBoth(t *testing.T, test func(t *testing.T, profile Option)) {
	t.Helper()
	for _, p := range []config.Profile{config.Classic, config.Tandem} {
		t.Run(string(p), func(t *testing.T) {
			test(t, Settings(func(c *config.Connection) { c.Profile = p }))
		})
	}
}

// someInClassic are the first n cases in the classic profile, and all in tandem: where a table
// of many goes one way through the code, a few show that the profile has no say in it.
func someInClassic[T any](t *testing.T, n int, cases []T) []T {
	if strings.HasSuffix(t.Name(), "/"+string(config.Classic)) {
		return cases[:n]
	}
	return cases
}

// portalCall sends a request as a person who administers the portal.
func (w *World) portalCall(method, path string, body any) map[string]any {
	w.T.Helper()
	raw, err := json.Marshal(body)
	w.must(err)
	r := httptest.NewRequest(method, path, bytes.NewReader(raw))
	r.Header.Set("Authorization", "Bearer "+w.Portal.Info().AdminToken)
	r.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	w.Portal.ServeHTTP(rec, r)
	if rec.Code >= http.StatusBadRequest {
		w.T.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
	var out map[string]any
	_ = json.Unmarshal(rec.Body.Bytes(), &out)
	return out
}

// property adds a company property.
func (w *World) property(name, kind, field string, options ...string) {
	w.T.Helper()
	var opts []map[string]any
	for _, o := range options {
		opts = append(opts, map[string]any{"label": o, "value": o})
	}
	body := map[string]any{"name": name, "label": name, "type": kind, "fieldType": field, "groupName": "companyinformation"}
	if opts != nil {
		body["options"] = opts
	}
	w.portalCall(http.MethodPost, "/crm/v3/properties/companies", body)
}

// list makes an active list of contacts with the given filters, all of which must hold.
func (w *World) list(name string, filters ...map[string]any) string {
	w.T.Helper()
	return w.listOf(core.Contacts, name, filters...)
}

// listTypes are the ids of HubSpot's object types in the lists API.
var listTypes = map[core.Object]string{core.Contacts: "0-1", core.Companies: "0-2", core.Tickets: "0-5"}

// listType is the object type by which the lists API knows an object; a custom object is
// called by it.
func listType(o core.Object) string { return cmp.Or(listTypes[o], string(o)) }

// listOf makes an active list of records of an object.
func (w *World) listOf(object core.Object, name string, filters ...map[string]any) string {
	w.T.Helper()
	out := w.portalCall(http.MethodPost, "/crm/v3/lists", map[string]any{"name": name, "objectTypeId": listType(object), "processingType": "DYNAMIC", "filterBranch": allOf(filters)})
	id, _ := out["list"].(map[string]any)["listId"].(string)
	return id
}

// allOf is the filter tree of a list for which every filter must hold.
func allOf(filters []map[string]any) map[string]any {
	return map[string]any{"filterBranchType": "OR", "filters": []any{}, "filterBranches": []any{
		map[string]any{"filterBranchType": "AND", "filterBranches": []any{}, "filters": filters}}}
}

// propertyIs is the list filter "property is equal to value".
func propertyIs(property, value string) map[string]any {
	return map[string]any{"filterType": "PROPERTY", "property": property, "operation": map[string]any{
		"operationType": "MULTISTRING", "operator": "IS_EQUAL_TO", "values": []string{value}, "includeObjectsWithNoValueSet": false}}
}

// openIssues are the open issues of the connection.
func (w *World) openIssues() []core.Issue {
	w.T.Helper()
	var out []core.Issue
	w.must(w.Store.View(w.T.Context(), func(tx *store.Tx) (err error) {
		out, err = tx.Issues(w.Conn.ID, store.IssueFilter{Limit: 10000})
		return err
	}))
	return out
}

// wantIssue fails unless exactly one issue is open, and it has the category, the
// code and the field given.
func (w *World) wantIssue(category core.Category, code, field string) core.Issue {
	w.T.Helper()
	got := w.openIssues()
	if len(got) != 1 || got[0].Category != category || got[0].Code != code || got[0].Field != field {
		w.T.Fatalf("issues %+v, want one: %s %s on %q", got, category, code, field)
	}
	return got[0]
}

func (w *World) wantNoIssues() {
	w.T.Helper()
	if got := w.openIssues(); len(got) != 0 {
		w.T.Errorf("%d issues are open: %+v", len(got), got)
	}
}

// companyCount counts the live companies of the portal.
func (w *World) companyCount() int {
	w.T.Helper()
	out := w.portalCall(http.MethodPost, "/crm/v3/objects/companies/search", map[string]any{"limit": 1})
	return int(out["total"].(float64))
}

// ours counts the writes that the integration made on each side since a mark.
func (w *World) ours(since time.Time) (n [2]int) {
	for _, e := range w.Org.Ledger() {
		if e.Client == w.client() && !e.Time.Before(since) && e.Object == "Account" {
			n[core.Salesforce]++
		}
	}
	seen := map[int64]bool{}
	for _, e := range w.Portal.Ledger() {
		if strings.Contains(e.Source, "INTEGRATION") && !e.Time.Before(since) && !seen[e.Seq] {
			seen[e.Seq] = true
			n[core.HubSpot]++
		}
	}
	return n
}

func (w *World) client() string { return "tandem-acme" }

// linked makes a pair that is in step: an account and its company.
func (w *World) linked(name string, more ...string) (account, company string) {
	w.T.Helper()
	account = w.account(name, more...)
	w.Sync()
	if company = w.partner(account); company == "" {
		w.T.Fatalf("%s was not linked: %+v", name, w.Explain(account))
	}
	w.Advance(3 * time.Second)
	return account, company
}

// wantValues compares a pair's field on both sides.
func (w *World) wantValues(account, field, sf, company, property, hs string) {
	w.T.Helper()
	if got := w.accountValue(account, field); got != sf {
		w.T.Errorf("account %s is %q, want %q", field, got, sf)
	}
	if got := w.companyValue(company, property); got != hs {
		w.T.Errorf("company %s is %q, want %q", property, got, hs)
	}
}

// conflicts are the entries of the conflict log.
func (w *World) conflicts() []store.Entry {
	w.T.Helper()
	var out []store.Entry
	w.must(w.Store.View(w.T.Context(), func(tx *store.Tx) (err error) {
		out, err = tx.Conflicts(w.Conn.ID, 0, 1000)
		return err
	}))
	return out
}

// linkRule is the rule under which a record's partner was made or found.
func (w *World) linkRule(id string) string {
	w.T.Helper()
	x := w.Explain(id)
	if x.Link == nil {
		return ""
	}
	return x.Link.Rule
}

// wantCode fails unless err is the engine's refusal with the code.
func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	var e *engine.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("error %v, want code %s", err, code)
	}
	if e.Mend == "" {
		t.Errorf("%q says no mend", e.Message)
	}
}

func hide(ids ...string) salesforcesim.Hidden { return salesforcesim.Hidden{Hide: ids} }
func show(ids ...string) salesforcesim.Hidden { return salesforcesim.Hidden{Show: ids} }

func salesUser() salesforcesim.UserSpec {
	return salesforcesim.UserSpec{Username: "sam@org.example", FirstName: "Sam", LastName: "Seller", Email: "sam.seller@portal.example"}
}

// byLink is the other id of a record's active link, from the store alone.
func (w *World) byLink(id string) (partner string) {
	w.T.Helper()
	ref := core.Ref{Side: core.HubSpot, Object: core.Companies, ID: id}
	if len(id) == 18 {
		ref = core.Ref{Side: core.Salesforce, Object: core.Account, ID: id}
	}
	w.must(w.Store.View(w.T.Context(), func(tx *store.Tx) error {
		links, err := tx.LinksOf(w.Conn.ID, []core.Ref{ref})
		if l := links[ref]; l != nil && l.State == core.LinkActive {
			partner = l.Partner(ref.Side).ID
		}
		return err
	}))
	return partner
}
