package salesforcesim

import (
	"strings"
	"testing"
	"time"
)

// newPersonWire is an org with person accounts, and the id of their record type.
func newPersonWire(t *testing.T) (w *wire, personType string) {
	w = newWire(t, func(o *Options) { o.PersonAccounts = true })
	ok(t, w.org.SelectEntities("Account", "Contact"))
	rows := w.query("SELECT Id FROM RecordType WHERE SobjectType = 'Account' AND IsPersonType = true")
	if len(rows) != 1 {
		t.Fatal(rows)
	}
	return w, rows[0]["Id"].(string)
}

// one reads columns of the only record that a condition finds.
func (w *wire) one(columns, object, where string) map[string]any {
	w.t.Helper()
	rows := w.query("SELECT " + columns + " FROM " + object + " WHERE " + where)
	if len(rows) != 1 {
		w.t.Fatalf("%d rows of %s where %s", len(rows), object, where)
	}
	delete(rows[0], "attributes")
	return rows[0]
}

// Without person accounts an org shows nothing of them.
func TestPersonAccountsAreOffAtFirst(t *testing.T) {
	w := newWire(t)
	for _, q := range []string{"SELECT IsPersonAccount FROM Account", "SELECT IsPersonAccount FROM Contact", "SELECT IsPersonType FROM RecordType", "SELECT LastName FROM Account"} {
		if got := w.api("GET", "/query?q="+strings.ReplaceAll(q, " ", "+"), "").want(400).code(); got != "INVALID_FIELD" {
			t.Errorf("%s: %s", q, got)
		}
	}
	w.api("POST", "/sobjects/Lead", `{"LastName":"L"}`).want(400)
	id := w.create("Account", `{"Name":"Old"}`)
	w.asAdmin().sim("person-accounts", `{}`).want(200)
	got := w.one("Name, IsPersonAccount, PersonEmail, LastName", "Account", "Id = '"+id+"'")
	if s := compactValue(t, got); s != `{"IsPersonAccount":false,"LastName":null,"Name":"Old","PersonEmail":null}` {
		t.Error(s)
	}
}

func TestPersonAccountHasAContactBehindIt(t *testing.T) {
	w, kind := newPersonWire(t)
	id := w.create("Account", `{"FirstName":"Martha","LastName":"Brown","PersonEmail":"m@brown.example","Phone":"1","PersonMailingCity":"Bonn","RecordTypeId":"`+kind+`"}`)
	a := w.one("Name, IsPersonAccount, PersonContactId, PersonEmail, RecordType.IsPersonType", "Account", "PersonEmail = 'm@brown.example'")
	contact, _ := a["PersonContactId"].(string)
	if a["Name"] != "Martha Brown" || a["IsPersonAccount"] != true || len(contact) != 18 || contact[:3] != "003" {
		t.Fatal(a)
	}
	c := w.one("Id, Name, AccountId, IsPersonAccount, Email, Phone, MailingCity, OwnerId, Account.Name", "Contact", "IsPersonAccount = true")
	if c["Id"] != contact || c["AccountId"] != id || c["Name"] != "Martha Brown" || c["Email"] != "m@brown.example" || c["Phone"] != "1" || c["MailingCity"] != "Bonn" || c["OwnerId"] != w.org.integrationID {
		t.Fatal(c)
	}
	alone := w.create("Account", `{"LastName":"Fry"}`) // the record type follows from the last name
	if a := w.one("Name, RecordTypeId", "Account", "Id = '"+alone+"'"); a["Name"] != "Fry" || a["RecordTypeId"] != kind {
		t.Error(a)
	}
	if n := len(w.query("SELECT Id FROM Contact")); n != 2 {
		t.Errorf("%d contacts", n)
	}
}

func TestPersonAccountsInDescribe(t *testing.T) {
	w, _ := newPersonWire(t)
	ok(t, w.org.AddField(FieldSpec{Object: "Contact", Name: "Level", Type: "Text", Length: 10}))
	fields := map[string]map[string]any{}
	for _, raw := range w.api("GET", "/sobjects/Account/describe", "").want(200).object()["fields"].([]any) {
		f := raw.(map[string]any)
		fields[f["name"].(string)] = f
	}
	for name, want := range map[string]string{
		"IsPersonAccount": "boolean false", "PersonContactId": "reference false", "LastName": "string true", "PersonEmail": "email true", "PersonBirthdate": "date true",
		"PersonMailingAddress": "address false", "PersonOtherStreet": "textarea true", "PersonTitle": "string true", "Level__pc": "string true",
	} {
		f := fields[name]
		if f == nil || strs(f["type"])+" "+strs(f["createable"]) != want {
			t.Errorf("%s: %v", name, f)
		}
	}
	if f := fields["LastName"]; f["compoundFieldName"] != "Name" || f["nillable"] != true || fields["PersonTitle"]["length"] != float64(80) {
		t.Error(f, fields["PersonTitle"]["length"])
	}
	id := w.create("Account", `{"LastName":"L","Level__pc":"gold"}`)
	c := w.one("Level__c", "Contact", "AccountId = '"+id+"'")
	if c["Level__c"] != "gold" {
		t.Error(c)
	}
	ok(t, w.org.SetRight(Right{Object: "Contact", Field: "Email"}))
	w.api("GET", "/query?q=SELECT+PersonEmail+FROM+Account", "").want(400) // the contact's field-level security
}

func TestPersonAccountsRefuse(t *testing.T) {
	w, kind := newPersonWire(t)
	business := w.create("Account", `{"Name":"B"}`)
	person := w.create("Account", `{"LastName":"P"}`)
	behind := strs(w.one("PersonContactId", "Account", "Id = '"+person+"'")["PersonContactId"])
	ok(t, w.org.AddRecordType(RecordTypeSpec{Object: "Contact", Name: "Guest"}))
	guest := strs(w.one("Id", "RecordType", "SobjectType = 'Contact' AND Name = 'Guest'")["Id"])
	loose := w.create("Contact", `{"LastName":"L","AccountId":"`+business+`"}`)
	for _, c := range []struct{ method, path, body, code string }{
		{"POST", "Account", `{"Name":"N","RecordTypeId":"` + kind + `"}`, "INVALID_FIELD_FOR_INSERT_UPDATE"},
		{"POST", "Account", `{"FirstName":"N","RecordTypeId":"` + kind + `"}`, "REQUIRED_FIELD_MISSING"},
		{"POST", "Account", `{"Name":"N","PersonEmail":"a@b.example"}`, "INVALID_FIELD_FOR_INSERT_UPDATE"},
		{"POST", "Account", `{"LastName":"N","PersonTitle":"` + strings.Repeat("x", 81) + `"}`, "STRING_TOO_LONG"},
		{"PATCH", "Account/" + business, `{"PersonTitle":"x"}`, "INVALID_FIELD_FOR_INSERT_UPDATE"},
		{"PATCH", "Account/" + person, `{"Name":"x"}`, "INVALID_FIELD_FOR_INSERT_UPDATE"},
		{"PATCH", "Account/" + business, `{"RecordTypeId":"` + kind + `","Phone":"1"}`, "INVALID_FIELD_FOR_INSERT_UPDATE"},
		{"POST", "Contact", `{"LastName":"N","AccountId":"` + person + `"}`, "FIELD_INTEGRITY_EXCEPTION"},
		{"PATCH", "Contact/" + loose, `{"AccountId":"` + person + `"}`, "FIELD_INTEGRITY_EXCEPTION"},
		{"PATCH", "Contact/" + behind, `{"AccountId":null}`, "FIELD_INTEGRITY_EXCEPTION"},
		{"DELETE", "Contact/" + behind, "", "INVALID_PERSON_ACCOUNT_OPERATION"},
	} {
		if got := w.api(c.method, "/sobjects/"+c.path, c.body).want(400).code(); got != c.code {
			t.Errorf("%s %s %s: %s", c.method, c.path, c.body, got)
		}
	}
	if got := w.api("PATCH", "/sobjects/Contact/"+behind, `{"RecordTypeId":"`+guest+`"}`).want(403).code(); got != "INSUFFICIENT_ACCESS_OR_READONLY" {
		t.Errorf("a record type for the contact of a person: %s", got)
	}
	w.api("PATCH", "/sobjects/Account/"+business, `{"PersonTitle":null,"Phone":"2"}`).want(204)
}

// A write of either row stamps both, and each tells what it shows of it.
func TestChangesOfAPersonAreTwoEvents(t *testing.T) {
	w, _ := newPersonWire(t)
	id := w.create("Account", `{"FirstName":"Martha","LastName":"Brown","Phone":"1"}`)
	w.clock.move(time.Hour)
	w.api("PATCH", "/sobjects/Account/"+id, `{"Industry":"Energy"}`).want(204)
	both := func(object, where string) any { return w.one("SystemModstamp", object, where)["SystemModstamp"] }
	if a, c := both("Account", "Id = '"+id+"'"), both("Contact", "AccountId = '"+id+"'"); a != c {
		t.Errorf("stamps %v and %v", a, c)
	}
	behind := strs(w.one("PersonContactId", "Account", "Id = '"+id+"'")["PersonContactId"])
	w.api("PATCH", "/sobjects/Contact/"+behind, `{"LastName":"Green","Email":"m@green.example"}`).want(204)
	if a := w.one("Name, PersonEmail", "Account", "Id = '"+id+"'"); a["Name"] != "Martha Green" || a["PersonEmail"] != "m@green.example" {
		t.Error(a)
	}
	w.api("DELETE", "/sobjects/Account/"+id, "").want(204)
	ok(t, w.org.As("admin").Undelete("Account", id))
	l := w.listen(w.org.Events().Conn())
	var got []string
	for range 10 {
		h, b := l.next()
		delete(b, "LastModifiedDate")
		line := strs(h["entityName"]) + " " + strs(h["changeType"])
		if h["changeType"] == "UPDATE" {
			line += " " + compactValue(t, b)
		} else if name, _ := b["Name"].(map[string]any); name != nil {
			line += " " + strs(name["LastName"])
		}
		got = append(got, line)
	}
	want := []string{"Account CREATE Brown", "Contact CREATE Brown", `Account UPDATE {"Industry":"Energy"}`, `Contact UPDATE {}`,
		`Contact UPDATE {"Email":"m@green.example","Name":{"FirstName":null,"LastName":"Green","Salutation":null}}`,
		`Account UPDATE {"Name":{"FirstName":null,"LastName":"Green","Salutation":null},"PersonEmail":"m@green.example"}`}
	for i, line := range want {
		if got[i] != line {
			t.Errorf("event %d: %s, want %s", i, got[i], line)
		}
	}
	if rest := strings.Join(got[6:], ", "); strings.Count(rest, "UNDELETE Green") != 2 || strings.Count(rest, " DELETE") != 2 {
		t.Error(rest)
	}
}

// Where contacts are not selected, changes of what is theirs do not show.
func TestPersonEventsWithoutContacts(t *testing.T) {
	w := newWire(t, func(o *Options) { o.PersonAccounts = true })
	ok(t, w.org.SelectEntities("Account"))
	id := w.create("Account", `{"LastName":"Brown","PersonTitle":"CEO"}`)
	w.api("PATCH", "/sobjects/Account/"+id, `{"PersonTitle":"CTO","Fax":"1"}`).want(204)
	l := w.listen(w.org.Events().Conn())
	if _, b := l.next(); b["PersonTitle"] != "CEO" {
		t.Error(b)
	}
	if _, b := l.next(); b["PersonTitle"] != nil || b["Fax"] != "1" {
		t.Error(b)
	}
}

func TestPersonAndBusinessByRecordType(t *testing.T) {
	w, kind := newPersonWire(t)
	id := w.create("Account", `{"Name":"B"}`)
	turn := func(to string, status int) reply {
		return w.api("PATCH", "/sobjects/Account/"+id, `{"RecordTypeId":"`+to+`"}`).want(status)
	}
	turn(kind, 400) // nobody to stand behind it
	c := w.create("Contact", `{"FirstName":"A","LastName":"L","Email":"a@l.example","AccountId":"`+id+`"}`)
	turn(kind, 204)
	a := w.one("Name, PersonEmail, PersonContactId, IsPersonAccount", "Account", "Id = '"+id+"'")
	if a["Name"] != "A L" || a["PersonEmail"] != "a@l.example" || a["PersonContactId"] != c || a["IsPersonAccount"] != true {
		t.Fatal(a)
	}
	business := strs(w.one("Id", "RecordType", "DeveloperName = 'Business_Account'")["Id"])
	turn(business, 204)
	a = w.one("Name, PersonEmail, PersonContactId, IsPersonAccount, LastName", "Account", "Id = '"+id+"'")
	if a["Name"] != "A L" || a["PersonEmail"] != nil || a["PersonContactId"] != nil || a["IsPersonAccount"] != false || a["LastName"] != nil {
		t.Error(a)
	}
	if got := w.one("AccountId, IsPersonAccount, Email", "Contact", "Id = '"+c+"'"); got["AccountId"] != id || got["IsPersonAccount"] != false || got["Email"] != "a@l.example" {
		t.Error(got)
	}
	w.api("DELETE", "/sobjects/Contact/"+c, "").want(204)
}

func TestPersonsMerge(t *testing.T) {
	w, _ := newPersonWire(t)
	door := w.org.As("admin")
	a, b := w.create("Account", `{"LastName":"A"}`), w.create("Account", `{"LastName":"B"}`)
	behind := func(id string) string {
		return strs(w.one("PersonContactId", "Account", "Id = '"+id+"'")["PersonContactId"])
	}
	winner, loser := behind(a), behind(b)
	task := w.create("Task", `{"Subject":"S","WhoId":"`+loser+`"}`)
	if err := door.Merge("Account", w.create("Account", `{"Name":"N"}`), b); err == nil {
		t.Error("a business took a person")
	}
	if err := door.Merge("Contact", winner, loser); err == nil {
		t.Error("the contacts of persons were merged apart")
	}
	ok(t, door.Merge("Account", a, b))
	if got := w.one("WhoId, AccountId", "Task", "Id = '"+task+"'"); got["WhoId"] != winner || got["AccountId"] != a {
		t.Error(got)
	}
	res := w.api("GET", "/queryAll?q=SELECT+Id,MasterRecordId+FROM+Contact+WHERE+IsDeleted=true", "").want(200)
	if s := string(res.body); !strings.Contains(s, loser) || !strings.Contains(s, `"MasterRecordId":"`+winner+`"`) {
		t.Error(s)
	}
	if c := door.Get("Contact", winner); c == nil || c["AccountId"] != a {
		t.Error(c)
	}
}

// CON-11: a lead converts to a person where its company is blank, and only then.
func TestCON11_LeadWithoutCompanyBecomesAPerson(t *testing.T) {
	w, _ := newPersonWire(t)
	door := w.org.As("admin")
	lead := w.create("Lead", `{"FirstName":"Ann","LastName":"Lee","Email":"a@lee.example","Phone":"1","City":"Ulm","Title":"CFO"}`)
	if _, err := door.ConvertLead(lead, Convert{AccountID: w.create("Account", `{"Name":"B"}`)}); err == nil {
		t.Error("it went into a business account")
	}
	made := must[Converted](t)(door.ConvertLead(lead, Convert{}))
	a := w.one("Name, IsPersonAccount, PersonContactId, PersonEmail, PersonTitle, Phone, BillingCity", "Account", "Id = '"+made.AccountID+"'")
	if a["Name"] != "Ann Lee" || a["IsPersonAccount"] != true || a["PersonContactId"] != made.ContactID || a["PersonEmail"] != "a@lee.example" || a["PersonTitle"] != "CFO" || a["Phone"] != "1" || a["BillingCity"] != "Ulm" {
		t.Error(a)
	}
	if got := w.one("ConvertedAccountId, ConvertedContactId", "Lead", "Id = '"+lead+"'"); got["ConvertedAccountId"] != made.AccountID || got["ConvertedContactId"] != made.ContactID {
		t.Error(got)
	}
	second := w.create("Lead", `{"LastName":"Roe","Company":"Roe Ltd"}`)
	if _, err := door.ConvertLead(second, Convert{AccountID: made.AccountID}); err == nil {
		t.Error("a lead with a company went into a person")
	}
	made = must[Converted](t)(door.ConvertLead(second, Convert{}))
	if a := w.one("Name, IsPersonAccount", "Account", "Id = '"+made.AccountID+"'"); a["Name"] != "Roe Ltd" || a["IsPersonAccount"] != false {
		t.Error(a)
	}
	long := w.create("Lead", `{"LastName":"Doe","Title":"`+strings.Repeat("x", 81)+`"}`)
	if _, err := door.ConvertLead(long, Convert{}); err == nil || !strings.Contains(err.Error(), "STRING_TOO_LONG") {
		t.Error(err)
	}
}
