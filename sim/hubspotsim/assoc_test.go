package hubspotsim

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// links gives the associations of a record as "id:types".
func (r *rig) links(from, id, to string) string {
	r.t.Helper()
	got := r.want(200, "GET", "/crm/v4/objects/"+from+"/"+id+"/associations/"+to, nil)
	var out []string
	for _, row := range got.at("results").([]any) {
		x := row.(map[string]any)
		var types []string
		for _, ty := range x["associationTypes"].([]any) {
			types = append(types, fmt.Sprint(ty.(map[string]any)["typeId"]))
		}
		out = append(out, fmt.Sprintf("%.0f:%s", x["toObjectId"], strings.Join(types, "+")))
	}
	return strings.Join(out, " ")
}

func typed(typeID int) []any {
	return []any{map[string]any{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": typeID}}
}

func (r *rig) tie(contact, company string) {
	r.t.Helper()
	r.want(200, "PUT", "/crm/v4/objects/contacts/"+contact+"/associations/default/companies/"+company, nil)
}

func TestFirstCompanyBecomesPrimary(t *testing.T) {
	r := newRig(t, Options{})
	contact, a, b := r.create("contacts", "email", "a@x.example"), r.create("companies", "name", "A"), r.create("companies", "name", "B")
	r.tie(contact, a)
	r.tie(contact, b)
	if got, want := r.links("contacts", contact, "companies"), a+":279+1 "+b+":279"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	if got, want := r.links("companies", a, "contacts"), contact+":280+2"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	if got, _ := r.p.As("ada").Get("contacts", contact); got["associatedcompanyid"] != a {
		t.Fatal("associatedcompanyid must mirror the primary company, got " + got["associatedcompanyid"])
	}
}

func TestOnlyOnePrimaryTheFormerStaysUnlabeled(t *testing.T) {
	r := newRig(t, Options{})
	contact, a, b := r.create("contacts", "email", "a@x.example"), r.create("companies", "name", "A"), r.create("companies", "name", "B")
	r.tie(contact, a)
	got := r.want(201, "PUT", "/crm/v4/objects/contacts/"+contact+"/associations/companies/"+b, typed(1))
	if got.str("labels", "0") != "Primary" || got.at("fromObjectId") == nil || got.str("fromObjectTypeId") != "0-1" {
		t.Fatal(got.raw)
	}
	if got, want := r.links("contacts", contact, "companies"), a+":279 "+b+":279+1"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	r.want(201, "POST", "/crm/v4/associations/companies/contacts/batch/create", map[string]any{"inputs": []any{
		map[string]any{"from": map[string]string{"id": a}, "to": map[string]string{"id": contact}, "types": typed(2)}}})
	if got, want := r.links("contacts", contact, "companies"), a+":279+1 "+b+":279"; got != want {
		t.Fatalf("primary set from the company: got %s, want %s", got, want)
	}
}

func TestCreateWithAssociations(t *testing.T) {
	r := newRig(t, Options{})
	company := r.create("companies", "name", "A")
	body := props("email", "a@x.example")
	body["associations"] = []any{map[string]any{"to": map[string]any{"id": company}, "types": typed(279)}}
	id := r.want(201, "POST", contacts, body).str("id")
	if got := r.links("contacts", id, "companies"); got != company+":279+1" {
		t.Fatal(got)
	}
	body = props("email", "b@x.example")
	body["associations"] = []any{map[string]any{"to": map[string]any{"id": company}, "types": typed(280)}}
	if got := r.want(400, "POST", contacts, body); got.str("message") != "One or more associations are invalid" {
		t.Fatal(got.raw)
	}
	if r.count("contacts") != 1 {
		t.Fatal("a bad association must refuse the create")
	}
}

func TestDissociateAndLabelArchive(t *testing.T) {
	r := newRig(t, Options{})
	contact, a := r.create("contacts", "email", "a@x.example"), r.create("companies", "name", "A")
	pair := map[string]any{"from": map[string]string{"id": contact}, "to": map[string]string{"id": a}, "types": typed(1)}
	r.tie(contact, a)
	r.want(204, "POST", "/crm/v4/associations/contacts/companies/batch/labels/archive", map[string]any{"inputs": []any{pair}})
	if got := r.links("contacts", contact, "companies"); got != a+":279" {
		t.Fatal(got)
	}
	pair["types"] = typed(279)
	r.want(200, "POST", "/crm/associations/2026-03/contacts/companies/batch/labels/archive", map[string]any{"inputs": []any{pair}})
	if got := r.links("contacts", contact, "companies"); got != "" {
		t.Fatal("without the unlabeled type nothing is left: " + got)
	}
	r.tie(contact, a)
	r.want(204, "DELETE", "/crm/v4/objects/contacts/"+contact+"/associations/companies/"+a, nil)
	if got := r.links("companies", a, "contacts"); got != "" {
		t.Fatal(got)
	}
}

func TestAssociationReadsPageAndCountFailures(t *testing.T) {
	r := newRig(t, Options{})
	company := r.create("companies", "name", "A")
	for i := range 501 {
		who, err := r.p.As("ada").Create("contacts", map[string]string{"lastname": fmt.Sprint(i)}, Association{ToType: "companies", ToID: company})
		if err != nil || who == "" {
			t.Fatal(err)
		}
	}
	read := func(after string) response {
		return r.want(207, "POST", "/crm/v4/associations/companies/contacts/batch/read", map[string]any{"inputs": []any{
			map[string]string{"id": company, "after": after}, map[string]string{"id": "5"}, map[string]string{"id": "6"}, map[string]string{"id": "x"}}})
	}
	got := read("")
	if n := len(got.at("results", "0", "to").([]any)); n != 500 || got.str("results", "0", "from", "id") != company {
		t.Fatalf("%d associations on the first page", n)
	}
	if got.at("numErrors") != 3.0 || len(got.at("errors").([]any)) != 2 {
		t.Fatalf("numErrors %v, errors %v", got.at("numErrors"), got.at("errors"))
	}
	rest := read(got.str("results", "0", "paging", "next", "after"))
	if n := len(rest.at("results", "0", "to").([]any)); n != 1 {
		t.Fatalf("%d associations on the second page", n)
	}
}

func TestRollUpsMoveTheStampLater(t *testing.T) {
	r := newRig(t, Options{})
	contact, a := r.create("contacts", "email", "a@x.example"), r.create("companies", "name", "A")
	stamp := func() string { return r.want(200, "GET", companies+"/"+a, nil).str("updatedAt") }
	before, writes := stamp(), len(r.p.Ledger())
	r.tie(contact, a)
	if stamp() != before {
		t.Fatal("the stamp must not move at once")
	}
	writes = len(r.p.Ledger()) - writes
	r.pass(1100 * time.Millisecond)
	if stamp() == before {
		t.Fatal("the recalculation must move the stamp")
	}
	if n := r.want(200, "GET", companies+"/"+a+"?properties=num_associated_contacts", nil).str("properties", "num_associated_contacts"); n != "1" {
		t.Fatal("num_associated_contacts " + n)
	}
	if writes != 2 {
		t.Fatalf("ledger rows of an association with a primary: %d, want 2", writes)
	}
}

func TestArchivedRecordsLoseTheirAssociationsUntilRestored(t *testing.T) {
	r := newRig(t, Options{})
	contact, a, b := r.create("contacts", "email", "a@x.example"), r.create("companies", "name", "A"), r.create("companies", "name", "B")
	r.tie(contact, a)
	r.want(204, "DELETE", companies+"/"+a, nil)
	if got := r.links("contacts", contact, "companies"); got != "" {
		t.Fatal(got)
	}
	r.tie(contact, b)
	if got := r.links("contacts", contact, "companies"); got != b+":279+1" {
		t.Fatal(got)
	}
	if err := r.p.As("ada").Restore("companies", a); err != nil {
		t.Fatal(err)
	}
	if got, want := r.links("contacts", contact, "companies"), a+":279 "+b+":279+1"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
}

func TestCustomLabelsCollideInNumberButNotInCategory(t *testing.T) {
	r := newRig(t, Options{})
	got := r.want(200, "POST", "/crm/v4/associations/contacts/companies/labels", map[string]string{"label": "Advisor", "name": "advisor", "inverseLabel": "Advised"})
	if len(got.at("results").([]any)) != 2 || got.at("results", "0", "typeId") != 1.0 || got.str("results", "0", "category") != "USER_DEFINED" {
		t.Fatal(got.raw)
	}
	contact, a, b := r.create("contacts", "email", "a@x.example"), r.create("companies", "name", "A"), r.create("companies", "name", "B")
	r.tie(contact, a)
	r.want(201, "PUT", "/crm/v4/objects/contacts/"+contact+"/associations/companies/"+b, []any{map[string]any{"associationCategory": "USER_DEFINED", "associationTypeId": 1}})
	if got, _ := r.p.As("ada").Get("contacts", contact); got["associatedcompanyid"] != a {
		t.Fatal("a custom label with the number 1 is not the primary")
	}
	if list := r.want(200, "GET", "/crm/associations/v4/contacts/companies/labels", nil); !strings.Contains(list.raw, "Advisor") {
		t.Fatal(list.raw)
	}
	r.want(204, "DELETE", "/crm/v4/associations/contacts/companies/labels/1", nil)
	if got := r.links("contacts", contact, "companies"); got != a+":279+1 "+b+":279" {
		t.Fatal(got)
	}
}

func TestSelfAndWrongDirectionAreRefused(t *testing.T) {
	r := newRig(t, Options{})
	a, b := r.create("companies", "name", "A"), r.create("companies", "name", "B")
	got := r.want(400, "PUT", "/crm/v4/objects/companies/"+a+"/associations/default/companies/"+a, nil)
	if got.str("message") != "Object "+a+" cannot be associated to itself ("+a+")" {
		t.Fatal(got.raw)
	}
	r.want(400, "PUT", "/crm/v4/objects/companies/"+a+"/associations/companies/"+b, typed(279))
	r.want(201, "PUT", "/crm/v4/objects/companies/"+a+"/associations/companies/"+b, typed(parentToChild))
	if got, _ := r.p.As("ada").Get("companies", b); got["hs_parent_company_id"] != a {
		t.Fatalf("parent of B: %q, want %s", got["hs_parent_company_id"], a)
	}
}

func TestAssociationsParameterOfReads(t *testing.T) {
	r := newRig(t, Options{})
	contact, a := r.create("contacts", "email", "a@x.example"), r.create("companies", "name", "A")
	r.tie(contact, a)
	got := r.want(200, "GET", contacts+"/"+contact+"?associations=companies", nil)
	if got.str("associations", "companies", "results", "0", "type") != "contact_to_company_unlabeled" ||
		got.str("associations", "companies", "results", "1", "type") != "contact_to_company" {
		t.Fatal(got.raw)
	}
	v3 := r.want(200, "GET", "/crm/v3/objects/contacts/"+contact+"/associations/companies", nil)
	if v3.str("results", "0", "id") != a {
		t.Fatal(v3.raw)
	}
	r.want(200, "POST", "/crm/v3/associations/contacts/companies/batch/read", map[string]any{"inputs": []any{map[string]string{"id": contact}}})
}
