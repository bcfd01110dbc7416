package hubspotsim

import (
	"html/template"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// submit sends a form as a browser does.
func (r *rig) submit(path string, kv ...string) response {
	r.t.Helper()
	q := url.Values{}
	for i := 0; i < len(kv); i += 2 {
		q.Set(kv[i], kv[i+1])
	}
	req := httptest.NewRequest("POST", path, strings.NewReader(q.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r.send(req)
}

func TestPageLetsAPersonWork(t *testing.T) {
	r := newRig(t, Options{})
	if got := r.call("GET", "/", nil); got.status != http.StatusFound {
		t.Fatal(got.status)
	}
	made := r.submit("/records/companies/new", "name", "<b>Acme</b>", "domain", "acme.example", "city", "")
	path := made.header.Get("Location")
	id := path[strings.LastIndex(path, "/")+1:]
	page := r.call("GET", path, nil)
	if page.status != 200 || strings.Contains(page.raw, "<b>Acme") || !strings.Contains(page.raw, template.HTMLEscapeString("<b>Acme</b>")) {
		t.Fatal(page.raw)
	}
	r.submit(path, "name", "Acme", "domain", "acme.example", "description", "one\r\ntwo")
	got, _ := r.p.As("ada").Get("companies", id)
	if got["name"] != "Acme" || got["description"] != "one\ntwo" || got["hs_object_source"] != "CRM_UI" {
		t.Fatalf("%v", got)
	}
	if n := len(r.p.Ledger()); n != 7 {
		t.Fatalf("only changed fields are written: %d ledger rows, want 7", n)
	}
	list := r.call("GET", "/records/companies?q=acme", nil)
	if !strings.Contains(list.raw, id) || strings.Contains(r.call("GET", "/records/companies?q=nonsense", nil).raw, id) {
		t.Fatal(list.raw)
	}
}

func TestPageButtons(t *testing.T) {
	r := newRig(t, Options{ConsentLag: -1})
	a, b := r.create("companies", "name", "A"), r.create("companies", "name", "B")
	contact := r.create("contacts", "email", "a@x.example")
	r.submit("/records/contacts/"+contact+"/associate", "other", a)
	r.submit("/records/contacts/"+contact+"/associate", "other", b)
	r.submit("/records/contacts/"+contact+"/primary", "other", b)
	if got := r.links("contacts", contact, "companies"); got != a+":279 "+b+":279+1" {
		t.Fatal(got)
	}
	r.submit("/records/contacts/"+contact+"/dissociate", "other", a)
	if got := r.links("contacts", contact, "companies"); got != b+":279+1" {
		t.Fatal(got)
	}
	r.submit("/records/companies/" + a + "/archive")
	if bin := r.call("GET", "/records/companies?archived=true", nil); !strings.Contains(bin.raw, a) || strings.Contains(bin.raw, b) {
		t.Fatal(bin.raw)
	}
	r.submit("/records/companies/" + a + "/restore")
	to := r.submit("/records/companies/"+a+"/merge", "other", b).header.Get("Location")
	if merged := r.call("GET", "/records/companies/"+b, nil).header.Get("Location"); merged != to {
		t.Fatalf("the page of an absorbed record leads to %s, want %s", merged, to)
	}
	refused := r.submit("/records/companies/"+a+"/merge", "other", "77").header.Get("Location")
	if !strings.Contains(refused, "problem=") || !strings.Contains(r.call("GET", to+"?problem=oops", nil).raw, `role="alert">oops`) {
		t.Fatal(refused)
	}
	r.submit("/records/contacts/" + contact + "/optout")
	if got, _ := r.p.As("ada").Get("contacts", contact); got["hs_email_optout"] != "true" {
		t.Fatal("opt-out")
	}
	r.submit("/records/contacts/" + contact + "/erase")
	if got := r.call("GET", "/records/contacts/"+contact, nil); got.status != 404 {
		t.Fatal(got.status)
	}
}

func TestFormsFromOtherSitesAreRefused(t *testing.T) {
	r := newRig(t, Options{})
	id := r.create("companies", "name", "A")
	req := httptest.NewRequest("POST", "/records/companies/"+id+"/archive", nil)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if got := r.send(req); got.status != http.StatusForbidden || r.count("companies") != 1 {
		t.Fatal(got.status)
	}
}
