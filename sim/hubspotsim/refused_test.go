package hubspotsim

import (
	"strings"
	"testing"
	"time"
)

func TestAnUpdateOfNothingIsRefused(t *testing.T) {
	r := newRig(t, Options{})
	id := r.create("contacts", "email", "a@x.example")
	for _, body := range []string{`{"properties":{}}`, `{}`} {
		got := r.want(400, "PATCH", contacts+"/"+id, body)
		if got.str("category") != "VALIDATION_ERROR" || got.str("message") != "No properties found to update, please provide at least one." || got.str("context", "properties", "0") != "{}" {
			t.Error(got.raw)
		}
	}
}

func TestOptionLabelsAreUnique(t *testing.T) {
	r := newRig(t, Options{})
	option := func(label, value string) map[string]any { return map[string]any{"label": label, "value": value} }
	body := map[string]any{"name": "size", "label": "Size", "type": "enumeration", "fieldType": "select", "groupName": "contactinformation"}
	body["options"] = []any{option("A", "a"), option("A", "b")}
	got := r.want(400, "POST", "/crm/v3/properties/contacts", body)
	if got.str("category") != "VALIDATION_ERROR" || !strings.HasPrefix(got.str("message"), "Property option labels must be unique. For the property 'size' of object type '0-1'") || !strings.Contains(got.str("message"), "A") {
		t.Error(got.raw)
	}
	body["options"] = []any{option("A", "a"), option("a", "b")}
	r.want(201, "POST", "/crm/v3/properties/contacts", body)
	r.want(400, "PATCH", "/crm/v3/properties/contacts/size", map[string]any{"options": []any{option("A", "a"), option("A", "c")}})
	if n := len(r.want(200, "GET", "/crm/v3/properties/contacts/size", nil).at("options").([]any)); n != 2 {
		t.Errorf("%d options after a refused change", n)
	}
}

func TestAnUpsertNeedsItsKey(t *testing.T) {
	r := newRig(t, Options{})
	r.want(201, "POST", "/crm/v3/properties/contacts", map[string]any{"name": "own_key", "label": "Key", "type": "string", "fieldType": "text", "groupName": "contactinformation", "hasUniqueValue": true})
	for _, key := range []string{"", "  "} {
		in := props("lastname", "y")
		in["id"], in["idProperty"], in["objectWriteTraceId"] = key, "own_key", "t"
		r.want(400, "POST", contacts+"/batch/upsert", inputs(in))
	}
	if r.count("contacts") != 0 {
		t.Error("a record without its key was made")
	}
}

func TestCursorsOfOthersAreRefused(t *testing.T) {
	r := newRig(t, Options{})
	ids := []string{r.create("contacts", "email", "a@x.example"), r.create("contacts", "email", "b@x.example")}
	r.pass(time.Minute)
	for _, after := range []string{"x", "1.5", "-1"} {
		r.want(400, "POST", contacts+"/search", map[string]any{"after": after, "limit": 1})
	}
	r.want(200, "POST", contacts+"/search", map[string]any{"after": 1, "limit": 1})
	list := r.want(200, "POST", "/crm/v3/lists", map[string]any{"name": "L", "objectTypeId": "0-1", "processingType": "MANUAL"}).str("list", "listId")
	r.want(200, "PUT", "/crm/v3/lists/"+list+"/memberships/add", ids)
	first := r.want(200, "GET", "/crm/v3/lists/"+list+"/memberships?limit=1", nil)
	r.want(200, "GET", "/crm/v3/lists/"+list+"/memberships?limit=1&after="+first.str("paging", "next", "after"), nil)
	for _, after := range []string{"zzz", "1", ids[0]} {
		r.want(400, "GET", "/crm/v3/lists/"+list+"/memberships?after="+after, nil)
	}
}

func TestLeadsBelongToAContact(t *testing.T) {
	r := newRig(t, Options{})
	const leads = "/crm/v3/objects/leads"
	r.want(400, "POST", leads, props("hs_lead_name", "x"))
	id := r.create("contacts", "email", "a@x.example")
	in := props("hs_lead_name", "x")
	in["associations"] = []any{map[string]any{"to": map[string]any{"id": id}, "types": []any{map[string]any{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 578}}}}
	r.want(201, "POST", leads, in)
}

func TestAContactNeedsANameWhereThePortalSaysSo(t *testing.T) {
	r := newRig(t, Options{})
	r.want(201, "POST", contacts, props("phone", "1"))
	r.configure(Settings{ContactsNeedNames: yes})
	r.want(400, "POST", contacts, props("phone", "1"))
	r.want(400, "POST", contacts, `{}`)
	for _, name := range []string{"email", "firstname", "lastname"} {
		r.want(201, "POST", contacts, props(name, "a@x.example"))
	}
	r.want(200, "PATCH", contacts+"/"+r.create("contacts", "lastname", "x"), props("phone", "1"))
}

func TestCurrenciesAreThoseOfTheAccount(t *testing.T) {
	r := newRig(t, Options{})
	deal := func(code string) map[string]any {
		return props("dealname", "D", "dealstage", "contractsent", "deal_currency_code", code)
	}
	r.want(201, "POST", deals, deal("USD"))
	if got := r.want(400, "POST", deals, deal("EUR")); !strings.Contains(got.raw, "INVALID_OPTION") {
		t.Error(got.raw)
	}
	r.configure(Settings{Currencies: []string{"EUR", "JPY"}})
	r.want(201, "POST", deals, deal("EUR"))
	if got := r.want(200, "GET", "/account-info/v3/details", nil); got.str("additionalCurrencies", "1") != "JPY" {
		t.Error(got.raw)
	}
	if got := r.want(200, "GET", "/crm/v3/properties/deals/deal_currency_code", nil); len(got.at("options").([]any)) != 3 {
		t.Error(got.raw)
	}
}
