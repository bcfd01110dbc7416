package hubspotsim

import (
	"strings"
	"testing"
)

// Every family of paths has its own versions; another one is the edge's 404.
func TestVersionsOfEachFamily(t *testing.T) {
	r := newRig(t, Options{})
	contact := r.create("contacts", "email", "a@x.example")
	dates := []string{"2025-09", "2026-03", "2026-09", "2026-09-beta", "2027-03-beta"}
	for _, c := range []struct {
		path   string   // with @ for the version
		served []string // numbered versions
		dated  bool
	}{
		{"/crm/@/objects/contacts", []string{"v3"}, false},
		{"/crm/objects/@/contacts", []string{"v3"}, true},
		{"/objects/@/contacts", nil, false},
		{"/crm/@/objects/contacts/" + contact + "/associations/companies", []string{"v3", "v4"}, false},
		{"/crm/objects/@/contacts/" + contact + "/associations/companies", []string{"v3"}, true},
		{"/crm/@/associations/contacts/companies/labels", []string{"v4"}, false},
		{"/crm/associations/@/contacts/companies/labels", []string{"v4"}, true},
		{"/crm/@/associations/contacts/companies/types", []string{"v3"}, false},
		{"/crm/@/properties/contacts", []string{"v3"}, false},
		{"/crm/properties/@/contacts", nil, true},
		{"/crm/property-validations/@/0-1", nil, true},
		{"/crm/@/owners", []string{"v3"}, false},
		{"/crm/owners/@", nil, true},
		{"/crm/@/pipelines/deals", []string{"v3"}, false},
		{"/crm/pipelines/@/deals", nil, true},
		{"/crm-object-schemas/@/schemas", []string{"v3"}, true},
		{"/crm/@/schemas", []string{"v3"}, false},
		{"/crm/schemas/@", nil, false},
		{"/crm/@/lists", []string{"v3"}, false},
		{"/crm/lists/@", nil, true},
		{"/crm/@/imports", []string{"v3"}, false},
		{"/account-info/@/details", []string{"v3"}, true},
		{"/communication-preferences/@/definitions", []string{"v3", "v4"}, true},
		{"/communication-preferences/@/statuses/a@x.example?channel=EMAIL", []string{"v4"}, true},
		{"/communication-preferences/@/status/email/a@x.example", []string{"v3"}, false},
	} {
		want := map[string]bool{}
		for _, v := range c.served {
			want[v] = true
		}
		for _, v := range dates {
			want[v] = c.dated
		}
		for _, v := range append([]string{"v1", "v2", "v3", "v4", "v9", "2024-03", "2025-03", "2026-06", "2028-03"}, dates...) {
			got := r.call("GET", strings.Replace(c.path, "@", v, 1), nil)
			if found := got.status != 404; found != want[v] {
				t.Errorf("%s in %s: status %d, served should be %v", c.path, v, got.status, want[v])
			}
			if got.status == 404 && !strings.Contains(got.raw, "404") {
				t.Errorf("%s in %s: %s", c.path, v, got.raw)
			}
		}
	}
}

func TestVersionsOfTokens(t *testing.T) {
	r := newRig(t, Options{})
	for path, status := range map[string]int{"/oauth/v1/token": 400, "/oauth/v2/token": 404, "/oauth/v3/token": 400, "/oauth/2026-03/token": 400,
		"/oauth/v1/token/introspect": 404, "/oauth/v3/token/introspect": 400, "/oauth/v3/private-apps/get/access-token-info": 404,
		"/webhooks-journal/subscriptions/2026-03": 401, "/webhooks-journal/subscriptions/v3": 404, "/webhooks-journal/journal/2025-09/earliest": 404,
		"/webhooks/v4/7/settings": 404, "/webhooks/2026-09/7/settings": 404} {
		if got := r.form(path, "grant_type", "nothing"); got.status != status {
			t.Errorf("%s: %d, want %d\n%s", path, got.status, status, got.raw)
		}
	}
}
