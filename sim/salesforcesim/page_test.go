package salesforcesim

import (
	"html"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// browser calls the pages without a token.
func (w *wire) browser() *wire {
	next := *w
	next.token = ""
	return &next
}

func (w *wire) page(path string) string {
	w.t.Helper()
	return string(w.raw("GET", path, "", "").want(200).body)
}

func TestPagesCreateEditSearchDelete(t *testing.T) {
	w := newWire(t)
	b := w.browser()
	to := b.post("/Account/new", url.Values{"Name": {`<b>"A" & B`}, "BillingCity": {"Bonn"}, "Phone": {""}}).want(303).header.Get("Location")
	id := strings.TrimSuffix(strings.TrimPrefix(to, "/Account/"), "?m=Created.")
	if got := w.org.As("admin").Get("Account", id); got["Name"] != `<b>"A" & B` || got["Phone"] != nil {
		t.Fatal(to, got)
	}
	if list := b.page("/?q=bonn"); !strings.Contains(list, html.EscapeString(`<b>"A" & B`)) || strings.Contains(list, "<b>") {
		t.Error("list", list)
	}
	if strings.Contains(b.page("/Account?q=berlin"), id) {
		t.Error("search finds what does not match")
	}
	form := b.page("/Account/" + id)
	if !strings.Contains(form, `name="BillingCity" value="Bonn"`) || strings.Contains(form, `name="CreatedDate"`) || !strings.Contains(form, "Created Date") {
		t.Error(form)
	}
	start := len(w.org.Ledger())
	b.post("/Account/"+id, url.Values{"Name": {`<b>"A" & B`}, "BillingCity": {""}, "Phone": {"1"}}).want(303)
	changed := w.org.Ledger()[start:]
	if len(changed) != 2 || changed[0].Field != "BillingCity" && changed[1].Field != "BillingCity" || changed[0].Client != "" || changed[0].Who != w.org.Info().AdminUsername {
		t.Error(changed)
	}
	if bad := b.post("/Account/"+id, url.Values{"Name": {""}, "Phone": {"2"}}).want(422); !strings.Contains(string(bad.body), "Required fields are missing") || !strings.Contains(string(bad.body), `name="Phone" value="2"`) {
		t.Error("a refused form loses its values or its reason")
	}
	b.post("/Account/"+id+"/delete", nil).want(303)
	b.raw("GET", "/Account/"+id, "", "").want(404)
	b.raw("GET", "/Secret", "", "").want(404)
	if many := b.page("/Opportunity"); !strings.Contains(many, "<h1>Opportunities</h1>") || strings.Contains(many, "Opportunitys") {
		t.Error("the plural of Opportunity", many)
	}
}

func TestPagesMergeAndConvert(t *testing.T) {
	w := newWire(t)
	a, c := w.create("Account", `{"Name":"A"}`), w.create("Account", `{"Name":"C"}`)
	w.browser().post("/Account/"+a+"/merge", url.Values{"loser": {c}}).want(303)
	if w.accounts() != 1 {
		t.Error("not merged")
	}
	lead := w.create("Lead", `{"LastName":"L","Company":"K"}`)
	to := w.browser().post("/Lead/"+lead+"/convert", url.Values{"account": {a}}).want(303).header.Get("Location")
	if got := w.org.As("admin").Get("Lead", lead); got["ConvertedAccountId"] != a || !strings.Contains(to, got["ConvertedContactId"].(string)) || got["ConvertedOpportunityId"] != nil {
		t.Error(to, got)
	}
}

func TestPagesRefuseStrangers(t *testing.T) {
	w := newWire(t)
	r := httptest.NewRequest("POST", "/Account/new", strings.NewReader("Name=A"))
	r.Header.Set("Content-Type", form)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.RemoteAddr = "127.0.0.1:1"
	rec := httptest.NewRecorder()
	w.org.ServeHTTP(rec, r)
	if rec.Code != 403 || w.accounts() != 0 {
		t.Errorf("another site's form: %d", rec.Code)
	}
	r = httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "192.0.2.1:5000"
	rec = httptest.NewRecorder()
	w.org.ServeHTTP(rec, r)
	if rec.Code != 403 {
		t.Errorf("another machine: %d", rec.Code)
	}
}
