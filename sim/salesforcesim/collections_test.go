package salesforcesim

import (
	"fmt"
	"strings"
	"testing"
)

func rowsJSON(n int, row string) string {
	return "[" + strings.TrimSuffix(strings.Repeat(row+",", n), ",") + "]"
}

func TestCollectionsRecordedShapes(t *testing.T) {
	w := newWire(t)
	good, bad := `{"attributes":{"type":"Contact"},"LastName":"A"}`, `{"attributes":{"type":"Contact"},"FirstName":"A"}`
	w.api("POST", "/composite/sobjects", `{"allOrNone":true,"records":[`+bad+`,`+good+`]}`).want(200).same(recorded(t, "batch_create_contacts_partial-but-allOrNone.json"))
	w.api("PATCH", "/composite/sobjects", `{"records":[`+good+`,`+good+`]}`).want(200).same(recorded(t, "batch_update_contacts_err-each-no-ids.json"))
	id := w.create("Contact", `{"LastName":"A"}`)
	w.api("PATCH", "/composite/sobjects", `{"allOrNone":true,"records":[{"attributes":{"type":"Contact"},"id":"`+id+`","LastName":"B"},{"attributes":{"type":"Contact"},"id":"`+id+`","unknownField_LastName":"B"}]}`).
		want(200)
	other := w.create("Contact", `{"LastName":"A"}`)
	w.api("PATCH", "/composite/sobjects", `{"allOrNone":true,"records":[{"attributes":{"type":"Contact"},"id":"`+id+`","LastName":"B"},{"attributes":{"type":"Contact"},"id":"`+other+`","unknownField_LastName":"B"}]}`).
		want(200).same(recorded(t, "batch_update_contacts_partial-but-allOrNone.json"))
	if got := w.org.As("admin").Get("Contact", id)["LastName"]; got != "A" {
		t.Errorf("rolled back update left %v", got)
	}
	if n := len(w.query("SELECT Id FROM Contact")); n != 2 {
		t.Errorf("%d contacts", n)
	}
}

func TestCollectionsPartialSuccess(t *testing.T) {
	w := newWire(t)
	res := w.api("POST", "/composite/sobjects", `{"allOrNone":false,"records":[{"attributes":{"type":"Account"},"Name":"A"},{"attributes":{"type":"Account"}},{"attributes":{"type":"Contact"},"LastName":"C"}]}`).want(200).list()
	if res[0]["success"] != true || res[1]["success"] != false || res[2]["success"] != true || res[1]["id"] != nil {
		t.Fatal(res)
	}
	keys := map[any]bool{}
	for _, e := range w.org.Ledger() {
		keys[e.Tx] = true
	}
	if len(keys) != 1 {
		t.Errorf("one call made %d transactions", len(keys))
	}
	var a = res[0]["id"].(string)
	w.api("DELETE", "/composite/sobjects?ids="+a+",001zz00000zzzzz", "").want(200)
	w.api("DELETE", "/composite/sobjects?ids="+a, "").want(200).same(`[{"id":"` + a + `","success":false,"errors":[{"statusCode":"ENTITY_IS_DELETED","message":"entity is deleted","fields":[]}]}]`)
}

func TestCollectionsLimits(t *testing.T) {
	w := newWire(t)
	row := `{"attributes":{"type":"Account"},"Name":"A"}`
	w.api("POST", "/composite/sobjects", `{"records":`+rowsJSON(200, row)+`}`).want(200)
	if c := w.api("POST", "/composite/sobjects", `{"records":`+rowsJSON(201, row)+`}`).want(400).code(); c != "EXCEEDED_MAX_SIZE_REQUEST" {
		t.Error(c)
	}
	mixed := row + `,{"attributes":{"type":"Contact"},"LastName":"A"}`
	w.api("POST", "/composite/sobjects", `{"records":`+rowsJSON(5, mixed)+`}`).want(200)
	if c := w.api("POST", "/composite/sobjects", `{"records":`+rowsJSON(6, mixed)+`}`).want(400).code(); c != "INVALID_INPUT" {
		t.Error(c)
	}
}

// A value that does not even parse fails the whole request, not its row.
func TestUnparsableValueFailsTheCollection(t *testing.T) {
	w := newWire(t)
	body := `{"records":[{"attributes":{"type":"Contact"},"LastName":"A"},{"attributes":{"type":"Contact"},"LastName":"B","Birthdate":"soon"}]}`
	if c := w.api("POST", "/composite/sobjects", body).want(400).code(); c != "JSON_PARSER_ERROR" {
		t.Error(c)
	}
	if n := len(w.query("SELECT Id FROM Contact")); n != 0 {
		t.Errorf("%d contacts", n)
	}
}

func TestCollectionsUpsert(t *testing.T) {
	w := newWire(t)
	w.keyField("Account", true)
	row := func(key, name string) string {
		return fmt.Sprintf(`{"attributes":{"type":"Account"},"Ext__c":%q,"Name":%q}`, key, name)
	}
	id := w.create("Account", `{"Name":"A","Ext__c":"a"}`)
	res := w.api("PATCH", "/composite/sobjects/Account/Ext__c", `{"records":[`+row("a", "A2")+`,`+row("b", "B")+`,`+row("B", "B again")+`,`+row("e", "E")+`]}`).want(200).list()
	if res[0]["id"] != id || res[0]["created"] != false || res[3]["created"] != true {
		t.Fatal(res)
	}
	for _, r := range res[1:3] {
		if text := compactValue(t, r["errors"]); r["success"] != false || r["created"] != false || !strings.Contains(text, "DUPLICATE_VALUE") || !strings.Contains(text, "Duplicate external id specified: ") {
			t.Error(r)
		}
	}
	if n := len(w.query("SELECT Id FROM Account WHERE Ext__c = 'b'")); n != 0 {
		t.Errorf("%d rows of a key that came twice were written", n)
	}
	res = w.api("PATCH", "/composite/sobjects/Account/Ext__c", `{"allOrNone":true,"records":[`+row("c", "C")+`,`+row("d", "")+`]}`).want(200).list()
	if res[0]["success"] != false || res[0]["created"] != true || res[1]["created"] != true {
		t.Fatal(res)
	}
}

func TestCollectionsRetrieve(t *testing.T) {
	w := newWire(t)
	a, b := w.create("Account", `{"Name":"A"}`), w.create("Account", `{"Name":"B"}`)
	ok(t, w.org.SetHidden(Hidden{Hide: []string{b}}))
	missing, _ := canonicalID("001zz00000zzzzz")
	body := `{"ids":["` + missing + `","` + b + `","` + a + `"],"fields":["Name","id"]}`
	want := `[null,null,{"attributes":{"type":"Account","url":"/services/data/v65.0/sobjects/Account/` + a + `"},"Name":"A","Id":"` + a + `"}]`
	w.api("POST", "/composite/sobjects/Account", body).want(200).same(want)
	w.api("GET", "/composite/sobjects/Account?ids="+missing+","+b+","+a+"&fields=Name,id", "").want(200).same(want)
	if c := w.api("POST", "/composite/sobjects/Account", `{"ids":["`+a+`"],"fields":["Nam"]}`).want(400).code(); c != "INVALID_FIELD" {
		t.Error(c)
	}
}
