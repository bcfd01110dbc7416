package salesforcesim

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func ptr[T any](v T) *T { return &v }

// What kind of org this is can be said from outside the process.
func TestSettingsFromOutside(t *testing.T) {
	w := newWire(t)
	organization := func() map[string]any {
		return w.query("SELECT OrganizationType, IsSandbox FROM Organization")[0]
	}
	w.sim("settings", `{"edition":"Unlimited Edition","sandbox":true}`).want(200)
	if got := organization(); got["OrganizationType"] != "Unlimited Edition" || got["IsSandbox"] != true {
		t.Error(got)
	}
	w.sim("settings", `{"edition":"Group Edition"}`).want(200)
	if c := w.api("GET", "/limits", "").want(403).code(); c != "API_DISABLED_FOR_ORG" {
		t.Error(c)
	}
	w.sim("settings", `{"edition":"Professional Edition"}`).want(200)
	if got := organization(); got["OrganizationType"] != "Professional Edition" || got["IsSandbox"] != true {
		t.Error(got)
	}
	w.sim("settings", `{"limits":true,"daily_api_calls":1}`).want(200)
	if c := w.api("GET", "/limits", "").want(403).code(); c != "REQUEST_LIMIT_EXCEEDED" {
		t.Error(c)
	}
	w.sim("settings", `{"limits":false,"access_token_ttl":"1m"}`).want(200)
	w.api("GET", "/limits", "").want(200)
	w.clock.move(2 * time.Minute)
	w.api("GET", "/limits", "").want(401)
}

func TestUnknownKeysAreRefusedByName(t *testing.T) {
	w := newWire(t)
	for _, c := range []struct{ what, body, says string }{
		{"settings", `{"editoin":"x"}`, `unknown key \"editoin\"; known are edition, sandbox`},
		{"settings", `{"edition":"Best Edition"}`, `edition \"Best Edition\" is none of Team Edition`},
		{"settings", `{"latency":"quick"}`, `latency \"quick\" is no duration`},
		{"settings", `{"sandbox":"yes"}`, `sandbox cannot be a string`},
		{"faults", `{"do":"delay","dealy":"1s"}`, `unknown key \"dealy\"; known are match, do`},
		{"faults", `{"do":"delay","match":{"pth":"x"}}`, `unknown key \"pth\"`},
		{"faults", `{"do":"slow_body"}`, `slow_body needs a delay`},
		{"clock", `{"advnce":"1h"}`, `unknown key \"advnce\"; known are advance`},
		{"expire-sessions", `{"who":"all"}`, `unknown key \"who\"`},
		{"user", `{"last_name":"X","email":"x@example.com","type":"Robot"}`, `no user type Robot`},
		{"object", `{"name":"9"}`, `\"9\" is no API name`},
		{"faults", ``, `it is empty`}, {"faults", `{`, `it is no JSON`}, {"faults", `{} {}`, `more than one`},
	} {
		if got := string(w.sim(c.what, c.body).want(400).body); !strings.Contains(got, c.says) {
			t.Errorf("%s %s: %s", c.what, c.body, got)
		}
	}
	w.sim("expire-sessions", ``).want(200)
}

func TestUsersOfAnyTypeFromOutside(t *testing.T) {
	w := newWire(t)
	w.sim("user", `{"last_name":"Partner","email":"p@example.com","type":"powerpartner","role":"Sales"}`).want(200)
	w.sim("user", `{"last_name":"Other","email":"o@example.com","role":"sales"}`).want(200)
	got := w.query("SELECT UserType, UserRole.Name, Profile.Name FROM User WHERE Username = 'p@example.com'")[0]
	if got["UserType"] != "PowerPartner" || got["UserRole"].(map[string]any)["Name"] != "Sales" || got["Profile"].(map[string]any)["Name"] != "Standard User" {
		t.Error(got)
	}
	if roles := w.query("SELECT Id, (SELECT Username FROM Users ORDER BY Username) FROM UserRole"); len(roles) != 1 || len(roles[0]["Users"].(map[string]any)["records"].([]any)) != 2 {
		t.Error(roles)
	}
}

// A custom object that is added to a running org is one like those from its
// first day: served, described, queried, announced.
func TestCustomObjectsOfARunningOrg(t *testing.T) {
	w := newWire(t, func(o *Options) { o.Objects = []CustomObject{{Name: "First"}} })
	w.sim("object", `{"name":"Site","auto_number":"S-{000}","fields":[{"name":"Account","type":"Lookup","referenceTo":"Account","relationshipName":"Sites"},{"name":"Size","type":"Number"}]}`).want(200)
	w.sim("object", `{"name":"Site__c"}`).want(400)
	account := w.create("Account", `{"Name":"A"}`)
	id := w.create("Site__c", `{"Account__c":"`+account+`","Size__c":3}`)
	if id[:3] != "a01" {
		t.Error(id)
	}
	got := w.query("SELECT Name, (SELECT Name, Size__c FROM Sites__r) FROM Account")[0]
	if rows := got["Sites__r"].(map[string]any)["records"].([]any); rows[0].(map[string]any)["Name"] != "S-001" || rows[0].(map[string]any)["Size__c"] != 3.0 {
		t.Error(got)
	}
	ok(t, w.org.SelectEntities("Site__c"))
	if d := w.api("GET", "/sobjects/Site__c/describe", "").want(200).object(); d["custom"] != true || d["createable"] != true || d["keyPrefix"] != "a01" {
		t.Error(d["keyPrefix"])
	}
}

// Whoever reads is not disturbed by objects and settings that come meanwhile.
func TestSetupWhileOthersRead(t *testing.T) {
	w := newWire(t)
	w.create("Account", `{"Name":"A"}`)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 20 {
			if err := w.org.AddObject(CustomObject{Name: fmt.Sprintf("Extra%d", i)}); err != nil {
				t.Error(err)
			}
			if err := w.org.Configure(Settings{Sandbox: ptr(i%2 == 0)}); err != nil {
				t.Error(err)
			}
		}
	}()
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		w.api("GET", "/sobjects", "").want(200)
		w.query("SELECT Id, Owner.Name FROM Account")
		w.api("GET", "/sobjects/Extra3__c/describe", "")
	}
	w.api("GET", "/sobjects/Extra19__c/describe", "").want(200)
}
