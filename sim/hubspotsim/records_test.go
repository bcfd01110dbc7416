package hubspotsim

import (
	"strings"
	"testing"
	"time"
)

const companies, contacts = "/crm/v3/objects/companies", "/crm/v3/objects/contacts"

func TestValuesAreCheckedAndNormalised(t *testing.T) {
	cases := []struct {
		name, object, property, value string
		want                          string // stored value
		code                          string // error code instead
	}{
		{"e-mail in lower case", "contacts", "email", " Ann.Lee@X.Example ", "ann.lee@x.example", ""},
		{"e-mail that Salesforce takes", "contacts", "email", "b.levy@expressl&t.net", "", "INVALID_EMAIL"},
		{"e-mail without domain", "contacts", "email", "ann", "", "INVALID_EMAIL"},
		{"domain from address", "companies", "domain", "HTTPS://www.Acme.Example:443/a?b", "acme.example", ""},
		{"decimal", "companies", "annualrevenue", "3600.50", "3600.5", ""},
		{"decimal zeros", "companies", "annualrevenue", "3600.0", "3600", ""},
		{"minus zero", "companies", "annualrevenue", "-0.00", "0", ""},
		{"leading zeros", "companies", "numberofemployees", "007", "7", ""},
		{"exponent", "companies", "annualrevenue", "1e6", "1000000", ""},
		{"no number", "companies", "annualrevenue", "many", "", "INVALID_INTEGER"},
		{"option", "companies", "industry", "BANKING", "BANKING", ""},
		{"option in other case", "companies", "industry", "Banking", "", "INVALID_OPTION"},
		{"several options", "contacts", "hs_buying_role", "CHAMPION;END_USER;CHAMPION", "CHAMPION;END_USER", ""},
		{"bool", "companies", "is_public", "TRUE", "true", ""},
		{"no bool", "companies", "is_public", "yes", "", "INVALID_OPTION"},
		{"stamp in ms", "companies", "closedate", "1759320000000", "2025-10-01T12:00:00Z", ""},
		{"stamp", "companies", "closedate", "2025-10-01T14:00:00.5+02:00", "2025-10-01T12:00:00.500Z", ""},
		{"no stamp", "companies", "closedate", "soon", "", "INVALID_LONG"},
		{"owner", "companies", "hubspot_owner_id", "41629780", "41629780", ""},
		{"user id for owner", "companies", "hubspot_owner_id", "1296620", "", "INVALID_OPTION"},
		{"line ends", "companies", "description", "a\r\nb\rc", "a\nb\nc", ""},
		{"control characters", "companies", "name", "a\x00b\x1bc", "abc", ""},
		{"read only", "companies", "hs_lastmodifieddate", "1", "", "READ_ONLY_VALUE"},
		{"calculated", "companies", "num_associated_contacts", "1", "", "READ_ONLY_VALUE"},
		{"unknown", "companies", "nonsense", "1", "", "PROPERTY_DOESNT_EXIST"},
		{"too long", "companies", "description", strings.Repeat("x", 65537), "", "INVALID_LENGTH"},
		{"emoji", "companies", "name", "Zoë 👩‍👩‍👧", "Zoë 👩‍👩‍👧", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, Options{})
			body := map[string]string{c.property: c.value}
			if c.object == "companies" && c.property != "name" && c.property != "domain" {
				body["name"] = "N"
			}
			got := r.call("POST", "/crm/v3/objects/"+c.object, map[string]any{"properties": body})
			if c.code != "" {
				if got.status != 400 || got.str("errors", "0", "code") != c.code || got.str("category") != "VALIDATION_ERROR" {
					t.Fatalf("status %d, want code %s: %s", got.status, c.code, got.raw)
				}
				return
			}
			if got.str("properties", c.property) != c.want {
				t.Fatalf("stored %q, want %q", got.str("properties", c.property), c.want)
			}
		})
	}
}

func TestDateTakesOnlyMidnight(t *testing.T) {
	r := newRig(t, Options{})
	r.want(201, "POST", "/crm/v3/properties/companies", map[string]any{"name": "since", "label": "Since", "type": "date", "fieldType": "date", "groupName": "companyinformation"})
	id := r.create("companies", "name", "N", "since", "1759276800000")
	if got := r.want(200, "GET", companies+"/"+id+"?properties=since", nil); got.str("properties", "since") != "2025-10-01" {
		t.Fatal(got.raw)
	}
	got := r.want(400, "PATCH", companies+"/"+id, props("since", "1759276800001"))
	if got.str("errors", "0", "code") != "INVALID_DATE" {
		t.Fatal(got.raw)
	}
}

func TestBlankClearsAndLeadingSemicolonAppends(t *testing.T) {
	r := newRig(t, Options{})
	id := r.create("contacts", "email", "a@x.example", "hs_buying_role", "CHAMPION", "city", "Rome")
	r.want(200, "PATCH", contacts+"/"+id, props("hs_buying_role", ";OTHER", "city", ""))
	got := r.want(200, "GET", contacts+"/"+id+"?properties=hs_buying_role,city,nonsense", nil)
	if got.str("properties", "hs_buying_role") != "CHAMPION;OTHER" || got.at("properties", "city") != nil {
		t.Fatal(got.raw)
	}
	if _, there := got.body["properties"].(map[string]any)["nonsense"]; there {
		t.Fatal("an unknown property must be dropped on read: " + got.raw)
	}
	if _, there := got.body["properties"].(map[string]any)["city"]; !there {
		t.Fatal("an empty property that was asked for must show as null: " + got.raw)
	}
}

func TestRequiredProperties(t *testing.T) {
	r := newRig(t, Options{})
	for object, status := range map[string]int{"companies": 400, "contacts": 201, "deals": 400, "tickets": 400, "notes": 400} {
		if got := r.call("POST", "/crm/v3/objects/"+object, props()); got.status != status {
			t.Errorf("%s: %d, want %d: %s", object, got.status, status, got.raw)
		}
	}
}

func TestAddressesOfContactsAreUnique(t *testing.T) {
	r := newRig(t, Options{})
	first := r.create("contacts", "email", "a@x.example")
	second := r.create("contacts", "email", "b@x.example")
	got := r.want(409, "POST", contacts, props("email", "A@x.example"))
	if got.str("message") != "Contact already exists. Existing ID: "+first || got.str("category") != "CONFLICT" {
		t.Fatal(got.raw)
	}
	r.want(409, "PATCH", contacts+"/"+second, props("email", "a@x.example"))
	r.want(200, "PATCH", contacts+"/"+first, props("email", "A@X.example"))
	if err := r.p.As("ada").Update("contacts", second, map[string]string{"hs_additional_emails": "c@x.example;d@x.example"}); err != nil {
		t.Fatal(err)
	}
	r.want(409, "POST", contacts, props("email", "d@x.example"))
	got = r.want(200, "GET", contacts+"/d@x.example?idProperty=email", nil)
	if got.str("id") != second {
		t.Fatal("a further address must lead to its contact: " + got.raw)
	}
	r.want(204, "DELETE", contacts+"/"+second, nil)
	third := r.create("contacts", "email", "b@x.example")
	if third == second {
		t.Fatal("an archived contact that is created again gets a new id")
	}
}

func TestUniquePropertyConflictsInBothReadings(t *testing.T) {
	r := newRig(t, Options{})
	r.uniqueKey("companies", "sf_key")
	first := r.create("companies", "name", "A", "sf_key", "001A")
	got := r.want(409, "POST", companies, props("name", "B", "sf_key", "001a"))
	if got.str("message") != "Company already exists. Existing ID: "+first {
		t.Fatal(got.raw)
	}
	validation := "validation"
	if err := r.p.Configure(Settings{UniqueConflict: &validation}); err != nil {
		t.Fatal(err)
	}
	got = r.want(400, "POST", companies, props("name", "B", "sf_key", "001A"))
	if got.str("errors", "0", "code") != "CONFLICTING_UNIQUE_VALUE" {
		t.Fatal(got.raw)
	}
	if got := r.want(200, "GET", companies+"/001A?idProperty=sf_key", nil); got.str("id") != first {
		t.Fatal(got.raw)
	}
}

// uniqueKey adds a property that must be unique.
func (r *rig) uniqueKey(object, name string) {
	r.t.Helper()
	group := map[string]string{"companies": "companyinformation", "contacts": "contactinformation"}[object]
	r.want(201, "POST", "/crm/v3/properties/"+object, map[string]any{"name": name, "label": name, "type": "string", "fieldType": "text",
		"groupName": group, "hasUniqueValue": true})
}

func TestCompaniesAreNotUniqueByDomain(t *testing.T) {
	r := newRig(t, Options{})
	one, two := r.create("companies", "domain", "x.example"), r.create("companies", "domain", "x.example")
	if one == two {
		t.Fatal("two companies expected")
	}
	got := r.want(400, "POST", companies+"/batch/read", map[string]any{"idProperty": "domain", "inputs": []any{map[string]string{"id": "x.example"}}})
	if !strings.Contains(got.str("message"), "non-unique 0-2 property domain") {
		t.Fatal(got.raw)
	}
}

func TestLifecycleStageOnlyMovesForward(t *testing.T) {
	r := newRig(t, Options{})
	id := r.create("contacts", "email", "a@x.example")
	stage := func() string {
		return r.want(200, "GET", contacts+"/"+id+"?properties=lifecyclestage", nil).str("properties", "lifecyclestage")
	}
	if stage() != "lead" {
		t.Fatal("a new contact is a lead")
	}
	r.want(200, "PATCH", contacts+"/"+id, props("lifecyclestage", "customer"))
	r.want(200, "PATCH", contacts+"/"+id, props("lifecyclestage", "opportunity"))
	if stage() != "customer" {
		t.Fatalf("a step back must be ignored, got %s", stage())
	}
	r.want(200, "PATCH", contacts+"/"+id, props("lifecyclestage", ""))
	r.want(200, "PATCH", contacts+"/"+id, props("lifecyclestage", "opportunity"))
	if stage() != "opportunity" {
		t.Fatalf("a cleared stage can be set to any, got %q", stage())
	}
	got := r.want(200, "GET", contacts+"/"+id+"?properties=hs_lifecyclestage_customer_date", nil)
	if got.str("properties", "hs_lifecyclestage_customer_date") == "" {
		t.Fatal("the stage's date is missing: " + got.raw)
	}
}

func TestStampsMoveWithWrites(t *testing.T) {
	r := newRig(t, Options{})
	id := r.create("companies", "name", "A")
	stamp := func() string { return r.want(200, "GET", companies+"/"+id, nil).str("updatedAt") }
	first := stamp()
	r.clock.add(time.Millisecond)
	r.want(200, "PATCH", companies+"/"+id, props("name", "A"))
	if stamp() != first {
		t.Fatal("a write without a change moves no stamp")
	}
	r.want(200, "PATCH", companies+"/"+id, props("name", "B"))
	if stamp() == first {
		t.Fatal("a change moves the stamp")
	}
	on := true
	if err := r.p.Configure(Settings{NoopBumps: &on}); err != nil {
		t.Fatal(err)
	}
	second := stamp()
	r.clock.add(time.Millisecond)
	r.want(200, "PATCH", companies+"/"+id, props("name", "B"))
	if stamp() == second {
		t.Fatal("with NoopBumps every write moves the stamp")
	}
}

func TestJavaInstantsDropAFullSecondsFraction(t *testing.T) {
	if got := formatMS(1759320000000); got != "2025-10-01T12:00:00Z" {
		t.Fatal(got)
	}
	if got := formatMS(1759320000010); got != "2025-10-01T12:00:00.010Z" {
		t.Fatal(got)
	}
}

func TestHistoryIsNewestFirstAndCapped(t *testing.T) {
	r := newRig(t, Options{})
	id := r.create("companies", "name", "n0")
	for i := range 30 {
		r.clock.add(time.Second)
		r.want(200, "PATCH", companies+"/"+id, props("name", "n"+string(rune('A'+i))))
	}
	if err := r.p.As("ada").Update("companies", id, map[string]string{"name": "by hand"}); err != nil {
		t.Fatal(err)
	}
	got := r.want(200, "GET", companies+"/"+id+"?propertiesWithHistory=name", nil)
	list, _ := got.at("propertiesWithHistory", "name").([]any)
	if len(list) != historyKept {
		t.Fatalf("%d versions kept, want %d", len(list), historyKept)
	}
	newest, before := list[0].(map[string]any), list[1].(map[string]any)
	if newest["value"] != "by hand" || newest["sourceType"] != "CRM_UI" || before["sourceType"] != "INTEGRATION" {
		t.Fatalf("history: %v, %v", newest, before)
	}
	if before["sourceId"] != r.p.integration().sourceID {
		t.Fatalf("history must name the app: %v", before)
	}
}

// TestHistoryOfARollUpNamesThePortal: what the portal counts is a version of its own, with the
// modified stamp that it moves, and no person's edit is one of it.
func TestHistoryOfARollUpNamesThePortal(t *testing.T) {
	r := newRig(t, Options{})
	contact, company := r.create("contacts", "email", "a@x.example"), r.create("companies", "name", "A")
	r.tie(contact, company)
	r.pass(2 * rollupDelay)
	read := func() (rollUp map[string]any, stamp string) {
		got := r.want(200, "GET", companies+"/"+company+"?properties=hs_lastmodifieddate&propertiesWithHistory=num_associated_contacts", nil)
		rollUp, _ = got.at("propertiesWithHistory", "num_associated_contacts", "0").(map[string]any)
		return rollUp, got.str("properties", "hs_lastmodifieddate")
	}
	counted, stamp := read()
	if counted["value"] != "1" || counted["sourceType"] != "CALCULATED" || counted["timestamp"] != stamp {
		t.Fatalf("history %v, stamp %s", counted, stamp)
	}
	r.pass(time.Minute)
	if err := r.p.As("ada").Update("companies", company, map[string]string{"name": "by hand"}); err != nil {
		t.Fatal(err)
	}
	if after, moved := read(); moved == stamp || after["sourceType"] != "CALCULATED" || after["timestamp"] != counted["timestamp"] {
		t.Fatalf("after an edit: history %v, stamp %s", after, moved)
	}
}

func TestArchiveRestoreAndTheBin(t *testing.T) {
	r := newRig(t, Options{})
	id := r.create("companies", "name", "A")
	r.want(204, "DELETE", companies+"/"+id, nil)
	r.want(204, "DELETE", companies+"/"+id, nil)
	r.want(204, "DELETE", companies+"/999", nil)
	r.want(404, "GET", companies+"/"+id, nil)
	r.want(404, "PATCH", companies+"/"+id, props("name", "B"))
	got := r.want(200, "GET", companies+"/"+id+"?archived=true", nil)
	if got.at("archived") != true || got.str("archivedAt") == "" {
		t.Fatal(got.raw)
	}
	if got := r.want(200, "GET", companies+"?archived=true", nil); got.str("results", "0", "id") != id {
		t.Fatal(got.raw)
	}
	if err := r.p.As("ada").Restore("companies", id); err != nil {
		t.Fatal(err)
	}
	r.want(200, "GET", companies+"/"+id, nil)
	r.want(204, "DELETE", companies+"/"+id, nil)
	r.p.Advance(91 * day)
	r.want(404, "GET", companies+"/"+id+"?archived=true", nil)
	if err := r.p.As("ada").Restore("companies", id); err == nil {
		t.Fatal("after 90 days nothing can be restored")
	}
}

func TestRestoreRefusesATakenAddress(t *testing.T) {
	r := newRig(t, Options{})
	id := r.create("contacts", "email", "a@x.example")
	r.want(204, "DELETE", contacts+"/"+id, nil)
	r.create("contacts", "email", "a@x.example")
	if err := r.p.As("ada").Restore("contacts", id); err == nil {
		t.Fatal("two contacts would have one address")
	}
}

func TestPrivacyDeletionLeavesNothing(t *testing.T) {
	r := newRig(t, Options{})
	id := r.create("contacts", "email", "a@x.example", "firstname", "Ann")
	r.want(204, "POST", contacts+"/gdpr-delete", map[string]string{"objectId": "a@x.example", "idProperty": "email"})
	r.want(404, "GET", contacts+"/"+id+"?archived=true", nil)
	if got := r.want(400, "POST", contacts, props("email", "A@x.example")); got.str("errors", "0", "code") != "INVALID_EMAIL" {
		t.Fatal("the address must be on the block list: " + got.raw)
	}
	for _, e := range r.p.Ledger() {
		if strings.Contains(e.Before+e.After, "Ann") || strings.Contains(e.Before+e.After, "a@x.example") {
			t.Fatalf("the ledger still knows the person: %+v", e)
		}
	}
}

func TestPagingByID(t *testing.T) {
	r := newRig(t, Options{})
	var want []string
	for range 7 {
		want = append(want, r.create("companies", "name", "A"))
	}
	var got []string
	after := ""
	for range 10 {
		page := r.want(200, "GET", companies+"?limit=3&after="+after, nil)
		for _, row := range page.at("results").([]any) {
			got = append(got, row.(map[string]any)["id"].(string))
		}
		if after = page.str("paging", "next", "after"); after == "" {
			break
		}
	}
	if strings.Join(got, ",") != strings.Join(want, ",") {
		t.Fatalf("got %v, want %v", got, want)
	}
	r.want(400, "GET", companies+"?limit=101", nil)
	r.want(400, "GET", companies+"?limit=51&propertiesWithHistory=name", nil)
	r.want(200, "GET", companies+"?limit=50&propertiesWithHistory=name", nil)
}

func TestEverySpellingOfATypeAndAPath(t *testing.T) {
	r := newRig(t, Options{})
	id := r.create("companies", "name", "A")
	for _, path := range []string{"/crm/v3/objects/company/", "/crm/v3/objects/0-2/", "/crm/objects/v3/COMPANY/", "/crm/objects/2026-03/companies/", "/crm/objects/2026-09/0-2/"} {
		if got := r.want(200, "GET", path+id, nil); got.str("id") != id {
			t.Errorf("%s: %s", path, got.raw)
		}
	}
	if got := r.want(404, "GET", companies+"/abc", nil); got.str("category") != "OBJECT_NOT_FOUND" {
		t.Error(got.raw)
	}
	if got := r.want(404, "GET", companies+"/12", nil); got.str("message") != "resource not found" || got.str("category") != "" {
		t.Error(got.raw)
	}
}

func TestDealStagesBelongToPipelines(t *testing.T) {
	r := newRig(t, Options{})
	r.want(400, "POST", deals, props("dealname", "D", "dealstage", "nonsense"))
	id := r.create("deals", "dealname", "D", "dealstage", "appointmentscheduled", "amount", "10")
	got := r.want(200, "GET", deals+"/"+id+"?properties=pipeline,hs_is_closed,hs_deal_stage_probability", nil)
	if got.str("properties", "pipeline") != "default" || got.str("properties", "hs_is_closed") != "false" || got.str("properties", "hs_deal_stage_probability") != "0.2" {
		t.Fatal(got.raw)
	}
	r.want(200, "PATCH", deals+"/"+id, props("dealstage", "closedwon"))
	got = r.want(200, "GET", deals+"/"+id+"?properties=hs_is_closed_won,closedate", nil)
	if got.str("properties", "hs_is_closed_won") != "true" || got.str("properties", "closedate") == "" {
		t.Fatal(got.raw)
	}
}
