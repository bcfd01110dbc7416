package salesforcesim

import (
	"strings"
	"testing"
)

// A reference to a record that the caller does not see is refused, on every way
// of writing; an administrator may set it.
func TestReferencesToHiddenRecordsAreRefused(t *testing.T) {
	w := newWire(t)
	hidden := w.create("Account", `{"Name":"Hidden"}`)
	contact := w.create("Contact", `{"LastName":"C"}`)
	w.sim("sharing", `{"hide":["`+hidden+`"]}`).want(200)
	const code = "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
	for name, res := range map[string]reply{
		"create": w.api("POST", "/sobjects/Contact", `{"LastName":"L","AccountId":"`+hidden+`"}`),
		"update": w.api("PATCH", "/sobjects/Contact/"+contact, `{"AccountId":"`+hidden+`"}`),
		"rows":   w.api("PATCH", "/composite/sobjects", `{"records":[{"attributes":{"type":"Contact"},"id":"`+contact+`","AccountId":"`+hidden+`"}]}`),
	} {
		if body := string(res.body); !strings.Contains(body, code) || !strings.Contains(body, "insufficient access rights on cross-reference id: "+hidden[:15]) {
			t.Errorf("%s: %d %s", name, res.status, body)
		}
	}
	w.asAdmin().api("PATCH", "/sobjects/Contact/"+contact, `{"AccountId":"`+hidden+`"}`).want(204)
	w.api("PATCH", "/sobjects/Contact/"+contact, `{"Phone":"1","AccountId":"`+hidden+`"}`).want(204) // nothing new is referred to
	w.sim("sharing", `{"show":["`+hidden+`"]}`).want(200)
	w.api("POST", "/sobjects/Contact", `{"LastName":"L","AccountId":"`+hidden+`"}`).want(201)
}

func TestRecordsForReadingOnly(t *testing.T) {
	w := newWire(t)
	id := w.create("Account", `{"Name":"Theirs"}`)
	deal := w.create("Opportunity", `{"Name":"D","StageName":"Prospecting","CloseDate":"2026-05-01"}`)
	contact := w.create("Contact", `{"LastName":"C"}`)
	w.sim("sharing", `{"read_only":["`+id+`","`+deal+`"]}`).want(200)
	w.api("GET", "/sobjects/Account/"+id, "").want(200)
	for _, res := range []reply{w.api("PATCH", "/sobjects/Account/"+id, `{"Name":"Mine"}`), w.api("DELETE", "/sobjects/Account/"+id, "")} {
		if c := res.want(403).code(); c != "INSUFFICIENT_ACCESS_OR_READONLY" {
			t.Error(c)
		}
	}
	w.api("PATCH", "/sobjects/Contact/"+contact, `{"AccountId":"`+id+`"}`).want(204) // to point there takes only reading
	res := w.api("POST", "/sobjects/OpportunityContactRole", `{"OpportunityId":"`+deal+`","ContactId":"`+contact+`"}`)
	if c := res.want(400).code(); c != "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY" {
		t.Error("a detail of a record for reading only: " + c)
	}
	w.asAdmin().api("PATCH", "/sobjects/Account/"+id, `{"Name":"Ours"}`).want(204)
	w.sim("sharing", `{"show":["`+id+`"]}`).want(200)
	w.api("PATCH", "/sobjects/Account/"+id, `{"Name":"Mine"}`).want(204)
	w.sim("sharing", `{"hide":["001zz00000zzzzz"]}`).want(400)
}

func TestOwners(t *testing.T) {
	w := newWire(t)
	left := must[string](t)(w.org.AddUser(UserSpec{LastName: "Left", Email: "left@example.com", Inactive: true}))
	blind := must[string](t)(w.org.AddUser(UserSpec{LastName: "Blind", Email: "blind@example.com", Profile: "Minimum Access - API Only Integrations"}))
	id := w.create("Account", `{"Name":"A"}`)
	for body, want := range map[string]string{
		`{"OwnerId":null}`:                 "INVALID_CROSS_REFERENCE_KEY Owner ID: owner cannot be blank",
		`{"OwnerId":"` + left + `"}`:       "INACTIVE_OWNER_OR_USER operation performed with inactive user [" + left[:15] + "] as owner of account",
		`{"OwnerId":"` + blind + `"}`:      "TRANSFER_REQUIRES_READ The new owner must have read permission",
		`{"OwnerId":"005zz00000zzzzzAAA"}`: "",
	} {
		got := w.api("PATCH", "/sobjects/Account/"+id, body).want(400).list()[0]
		if s, _ := got["errorCode"].(string); want != "" && s+" "+got["message"].(string) != want {
			t.Errorf("%s: %v", body, got)
		}
	}
	if owner := w.create("Account", `{"Name":"B","OwnerId":null}`); w.org.find(owner).named("OwnerId").Str() != w.org.integrationID {
		t.Error("a new record without an owner is not its creator's")
	}
}
