package salesforcesim

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestPlacePicklistsFollowEachOther(t *testing.T) {
	w := newWire(t, func(o *Options) { o.PlacePicklists = true })
	read := func(id string) string {
		got := w.one("BillingState, BillingStateCode, BillingCountry, BillingCountryCode", "Account", "Id = '"+id+"'")
		return strings.Join([]string{strs(got["BillingStateCode"]), strs(got["BillingState"]), strs(got["BillingCountryCode"]), strs(got["BillingCountry"])}, "|")
	}
	id := w.create("Account", `{"Name":"A","BillingCountry":"united states","BillingState":"Texas"}`)
	for _, c := range []struct {
		body string
		code string // of the refusal
		want string
	}{
		{`{"Phone":"1"}`, "", "TX|Texas|US|United States"},
		{`{"BillingStateCode":"NY"}`, "", "NY|New York|US|United States"},
		{`{"BillingState":"Ohio"}`, "", "OH|Ohio|US|United States"},
		{`{"BillingState":"Ontario"}`, "FIELD_INTEGRITY_EXCEPTION", "OH|Ohio|US|United States"},
		{`{"BillingStateCode":"ON"}`, "FIELD_INTEGRITY_EXCEPTION", "OH|Ohio|US|United States"},
		{`{"BillingCountryCode":"CA"}`, "FIELD_INTEGRITY_EXCEPTION", "OH|Ohio|US|United States"},
		{`{"BillingCountry":"Germania"}`, "FIELD_INTEGRITY_EXCEPTION", "OH|Ohio|US|United States"},
		{`{"BillingCountry":"Canada","BillingState":"Ontario"}`, "", "ON|Ontario|CA|Canada"},
		{`{"BillingCountry":"Germany","BillingCountryCode":"FR","BillingState":null}`, "FIELD_INTEGRITY_EXCEPTION", "ON|Ontario|CA|Canada"},
		{`{"BillingCountryCode":null}`, "", "<nil>|<nil>|<nil>|<nil>"},
		{`{"BillingStateCode":"TX"}`, "FIELD_INTEGRITY_EXCEPTION", "<nil>|<nil>|<nil>|<nil>"},
		{`{"BillingCountry":"Germany"}`, "", "<nil>|<nil>|DE|Germany"},
		{`{"BillingState":"Bayern"}`, "FIELD_INTEGRITY_EXCEPTION", "<nil>|<nil>|DE|Germany"},
	} {
		res := w.api("PATCH", "/sobjects/Account/"+id, c.body)
		if res.status == 400 != (c.code != "") || c.code != "" && res.code() != c.code {
			t.Errorf("%s: %d %s", c.body, res.status, res.body)
		}
		if got := read(id); got != c.want {
			t.Errorf("%s: %s, want %s", c.body, got, c.want)
		}
	}
	both := w.create("Account", `{"Name":"B","BillingCountry":"France","BillingCountryCode":"DE"}`)
	if got := read(both); got != "<nil>|<nil>|DE|Germany" {
		t.Error(got) // on a create the code leads
	}
	if got := w.one("BillingAddress", "Account", "Id = '"+both+"'")["BillingAddress"].(map[string]any); got["countryCode"] != "DE" || got["country"] != "Germany" {
		t.Error(got)
	}
	if off := newWire(t); off.api("POST", "/sobjects/Account", `{"Name":"A","BillingCountryCode":"DE"}`).want(400).code() != "INVALID_FIELD" {
		t.Error("codes without the lists")
	}
}

// validFor names, bit by bit from the left, the controlling values.
func TestDependentPicklistsInDescribe(t *testing.T) {
	w := newWire(t, func(o *Options) { o.PlacePicklists = true })
	meta := map[string]any{"type": "Picklist", "label": "Kind", "valueSet": map[string]any{"controllingField": "Rating",
		"valueSetDefinition": map[string]any{"value": []any{map[string]any{"fullName": "a"}, map[string]any{"fullName": "b"}}},
		"valueSettings": []any{map[string]any{"valueName": "a", "controllingFieldValue": []any{"Hot", "Cold"}},
			map[string]any{"valueName": "b", "controllingFieldValue": []any{"Warm"}}}}}
	w.asAdmin().api("POST", "/tooling/sobjects/CustomField", compactValue(t, map[string]any{"FullName": "Account.Kind__c", "Metadata": meta})).want(201)
	ok(t, w.org.SetRight(Right{Object: "Account", Field: "Kind__c", Read: true, Edit: true}))
	fields := map[string]map[string]any{}
	for _, raw := range w.api("GET", "/sobjects/Account/describe", "").want(200).object()["fields"].([]any) {
		f := raw.(map[string]any)
		fields[f["name"].(string)] = f
	}
	bits := func(field, value string) string {
		f := fields[field]
		for _, raw := range f["picklistValues"].([]any) {
			if p := raw.(map[string]any); p["value"] == value {
				b := must[[]byte](t)(base64.StdEncoding.DecodeString(strs(p["validFor"])))
				var out strings.Builder
				for i, c := range fields[strs(f["controllerName"])]["picklistValues"].([]any) {
					if b[i/8]&(0x80>>(i%8)) != 0 {
						out.WriteString(strs(c.(map[string]any)["value"]) + " ")
					}
				}
				return out.String()
			}
		}
		return "none"
	}
	for _, c := range [][3]string{{"Kind__c", "a", "Hot Cold "}, {"Kind__c", "b", "Warm "}, {"BillingStateCode", "TX", "US "}, {"ShippingStateCode", "WA", "AU "}} {
		if got := bits(c[0], c[1]); got != c[2] || fields[c[0]]["dependentPicklist"] != true {
			t.Errorf("%s %s: %q, want %q", c[0], c[1], got, c[2])
		}
	}
	if f := fields["Rating"]; f["dependentPicklist"] != false || f["controllerName"] != nil {
		t.Error(f)
	}
}

func TestPlacesOfPersons(t *testing.T) {
	w := newWire(t, func(o *Options) { o.PlacePicklists, o.PersonAccounts = true, true })
	id := w.create("Account", `{"LastName":"L","PersonMailingCountryCode":"US","PersonMailingState":"Texas"}`)
	if got := w.one("MailingStateCode, MailingCountry", "Contact", "AccountId = '"+id+"'"); got["MailingStateCode"] != "TX" || got["MailingCountry"] != "United States" {
		t.Error(got)
	}
	w = newWire(t, func(o *Options) { o.PersonAccounts = true })
	w.asAdmin().sim("place-picklists", `{}`).want(200)
	id = w.create("Account", `{"LastName":"L","PersonMailingCountryCode":"DE"}`)
	if got := w.one("MailingCountry, MailingCountryCode", "Contact", "AccountId = '"+id+"'"); got["MailingCountry"] != "Germany" || got["MailingCountryCode"] != "DE" {
		t.Error(got)
	}
}
