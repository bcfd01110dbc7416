package salesforcesim

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		ok(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

func TestLoadRealExports(t *testing.T) {
	for name, want := range map[string]map[string]int{
		"salesforce-dev-org":             {"Account": 18, "Contact": 25, "Lead": 22, "Opportunity": 36},
		"salesforce-data-cloud-workshop": {"Account": 22, "Contact": 102, "Lead": 60, "Opportunity": 50, "Task": 75},
	} {
		dir := dataDir(t, name)
		o := New(Options{Seed: 1})
		report := must[LoadReport](t)(o.Load(dir))
		for object, n := range want {
			if report.Records[object] != n || o.Stats().Records[object] != int64(n) {
				t.Errorf("%s: %s %d, want %d", name, object, report.Records[object], n)
			}
		}
		if len(o.Ledger()) != 0 {
			t.Errorf("%s: loading shows in the ledger", name)
		}
	}
}

func TestLoadKeepsIDsStampsAndTies(t *testing.T) {
	dir := dataDir(t, "salesforce-dev-org")
	o := New(Options{Seed: 1})
	must[LoadReport](t)(o.Load(dir))
	door := o.As("admin")
	converted := must[[]map[string]any](t)(door.Query("SELECT Name, ConvertedAccountId, ConvertedContact.Name, LastModifiedDate FROM Lead WHERE IsConverted = true ORDER BY Name"))
	if len(converted) != 5 || converted[0]["Name"] != "Bertha Boxer" || converted[0]["ConvertedAccountId"] != "001bm00001ZM1LyAAL" || converted[0]["LastModifiedDate"] != time.Date(2026, 2, 24, 2, 18, 0, 0, time.UTC) {
		t.Fatal(converted)
	}
	if got := must[[]map[string]any](t)(door.Query("SELECT Id FROM Contact WHERE Email = 'b.levy@expressl&t.net'")); len(got) != 1 {
		t.Fatal(got)
	}
	if got := must[[]map[string]any](t)(door.Query(`SELECT Id FROM Lead WHERE Name = 'Liz D\'Cruz' OR Name = 'Liz D’Cruz'`)); len(got) > 1 {
		t.Fatal(got)
	}
}

func TestLoadForms(t *testing.T) {
	o := New(Options{Seed: 1})
	report := must[LoadReport](t)(o.Load(folder(t, map[string]string{
		"Account.csv": "\ufeffId,Name,IsDeleted,Level__c,BillingAddress,PhotoUrl,Description,OwnerId,CreatedDate,SystemModstamp,My label\r\n" +
			"001Ec00000GGw3h,\"A, \"\"Inc\"\"\",,gold,\"{\"\"city\"\":\"\"x\"\"}\",/p,\"two\nlines\",005Ec000004oBPNIA2,2024-01-22T14:49:34.000+0000,2024-01-23T00:00:00.000Z,q\r\n" +
			"001Ec00000GGw3kIAD,Gone,TRUE,,,,,,,,\r\n",
		"Contact.csv": "Id,LastName,AccountId,Email\n003Ec00000Cz30U,L,001Ec00000GGw3hIAD,\n",
		"Group.csv":   "Name,Type\nQ,Queue\n", "Asset.csv": "Id\n1\n",
	})))
	door := o.As("admin")
	got := door.Get("Account", "001Ec00000GGw3hIAD")
	if got["Name"] != `A, "Inc"` || got["Level__c"] != "gold" || got["Description"] != "two\nlines" || got["CreatedDate"] != time.Date(2024, 1, 22, 14, 49, 34, 0, time.UTC) ||
		got["SystemModstamp"] != time.Date(2024, 1, 23, 0, 0, 0, 0, time.UTC) || got["BillingCity"] != nil || got["OwnerId"] != "005Ec000004oBPNIA2" {
		t.Fatal(got)
	}
	if door.Get("Contact", "003Ec00000Cz30UIAR")["AccountId"] != "001Ec00000GGw3hIAD" {
		t.Error("15-character ids do not meet 18-character ones")
	}
	owner := door.Get("User", "005Ec000004oBPNIA2")
	if owner == nil || owner["IsActive"] != true {
		t.Error(owner)
	}
	if door.Get("Account", "001Ec00000GGw3kIAD") != nil {
		t.Error("a deleted row is alive")
	}
	notes := strings.Join(report.Notes, "\n")
	for _, part := range []string{"Asset.csv left out", `"My label"`, "005Ec000004oBPNIA2 made up"} {
		if !strings.Contains(notes, part) {
			t.Errorf("no note of %s in %s", part, notes)
		}
	}
}

func TestLoadRefusesNamingThePlace(t *testing.T) {
	good := "Id,Name\n001Ec00000GGw3hIAD,A\n"
	for name, c := range map[string]struct{ file, text, want string }{
		"unknown column":  {"Account.csv", "Id,Name,Colour\n", "load Account.csv, row 1 (line 1), column Colour: Account has no field of that name"},
		"missing parent":  {"Contact.csv", "LastName,AccountId\n\"x\ny\",001Ec00000GGw3hIAD\nb,001Ec00000GGw3kIAD\n", "load Contact.csv, row 3 (line 4), column AccountId: 001Ec00000GGw3kIAD leads to no row"},
		"wrong kind":      {"Contact.csv", "LastName,AccountId\na,005Ec000004oBPNIA2\n", "column AccountId: 005Ec000004oBPNIA2 is not an id of Account"},
		"folded id":       {"Contact.csv", "Id,LastName\n003EC00000CZ30UIAR,L\n", "row 2 (line 2), column Id: Contact ID: id value of incorrect type: 003EC00000CZ30UIAR (its last three characters do not fit the others"},
		"semicolons":      {"Contact.csv", "LastName;Email\nL;a@b.example\n", "load Contact.csv, row 1 (line 1): its columns are separated by semicolons"},
		"duplicate id":    {"Contact.csv", "Id,LastName\n003Ec00000Cz30U,L\n003Ec00000Cz30UIAR,M\n", "row 3 (line 3), column Id: the id 003Ec00000Cz30UIAR is there already"},
		"bad date":        {"Contact.csv", "LastName,Birthdate\nL,someday\n", "column Birthdate: Cannot deserialize"},
		"no name":         {"Contact.csv", "LastName\n\n\"\"\n", "column LastName: the cell is empty"},
		"ragged":          {"Contact.csv", "LastName,Email\nL\n", "it has 1 cells, the header has 2"},
		"quotes":          {"Contact.csv", "LastName\n\"L\"x\n", "load Contact.csv, row 2 (line 2)"},
		"column twice":    {"Contact.csv", "LastName,lastname\n", "column lastname: the column appears twice"},
		"too long":        {"Contact.csv", "LastName\n" + strings.Repeat("x", 81) + "\n", "(max length=80)"},
		"not text":        {"Contact.csv", "LastName\n\xff\xfe\n", "it is not UTF-8"},
		"empty file":      {"Contact.csv", "", "load Contact.csv: it is empty"},
		"owner of a kind": {"Contact.csv", "LastName,OwnerId\nL,00GEc000004oBPN\n", "column OwnerId: 00GEc000004oBPN"},
	} {
		o := New(Options{Seed: 1})
		_, err := o.Load(folder(t, map[string]string{"Account.csv": good, c.file: c.text}))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant %s", name, err, c.want)
		}
		if n := o.Stats().Records["Account"]; n != 0 {
			t.Errorf("%s: %d accounts stayed behind", name, n)
		}
		if users := o.Stats().Records["User"]; users != 3 {
			t.Errorf("%s: %d users", name, users)
		}
	}
}

func TestSampleIsSeededAndConnected(t *testing.T) {
	build := func(seed uint64) *Org {
		o := New(Options{Seed: 1, Now: newClock().now})
		o.LoadSample(seed)
		return o
	}
	count := func(o *Org, q string) any {
		return must[[]map[string]any](t)(o.As("admin").Query(q))[0]["count"]
	}
	a, b, c := build(1), build(1), build(2)
	dump := func(o *Org) string {
		return compactValue(t, must[[]map[string]any](t)(o.As("admin").Query("SELECT Name, Phone, (SELECT Name, Email FROM Contacts) FROM Account ORDER BY Name")))
	}
	if dump(a) != dump(b) || dump(a) == dump(c) {
		t.Error("the sample does not follow its seed")
	}
	if n := count(a, "SELECT COUNT() FROM Account"); n != sampleAccounts {
		t.Error(n)
	}
	if n := count(a, "SELECT COUNT() FROM Contact WHERE AccountId = null OR Email = null"); n != 0 {
		t.Errorf("%v contacts without account or e-mail", n)
	}
	if n := count(a, "SELECT COUNT() FROM Account WHERE Owner.IsActive = false OR CreatedDate > 2026-03-01T00:00:00Z"); n != 0 {
		t.Errorf("%v accounts of inactive owners or of today", n)
	}
	if len(a.Ledger()) != 0 && a.Ledger()[0].Object != "User" {
		t.Error(a.Ledger()[0])
	}
}

// Exports name roles by id, which nobody exports, and the contact of a deal,
// which the roles of contacts tell.
func TestLoadLeavesOutWhatOtherRecordsTell(t *testing.T) {
	w := newWire(t)
	must[LoadReport](t)(w.org.Load(folder(t, map[string]string{
		"User.csv":        "Id,Username,LastName,Email,UserRoleId\n005000000000001AAA,u@example.com,U,u@example.com,00E000000000001\n",
		"Opportunity.csv": "Id,Name,StageName,CloseDate,ContactId\n006000000000001AAA,D,Prospecting,2026-01-02,003000000000001AAA\n",
	})))
	if got := w.query("SELECT UserRoleId FROM User WHERE Username = 'u@example.com'"); len(got) != 1 || got[0]["UserRoleId"] != nil {
		t.Error(got)
	}
	if got := w.query("SELECT ContactId FROM Opportunity"); len(got) != 1 || got[0]["ContactId"] != nil {
		t.Error(got)
	}
}

// A column that is missing is named as missing, with what to write there.
func TestLoadNamesTheColumnThatIsMissing(t *testing.T) {
	for text, want := range map[string]string{
		"Id,LastName,Email\n005000000000001AAA,U,u@example.com\n":           "User.csv, column Username: the column is missing",
		"Id,Username,LastName,Email\n005000000000001AAA,,U,u@example.com\n": "User.csv, row 2 (line 2), column Username: the cell is empty",
	} {
		_, err := New(Options{Seed: 1}).Load(folder(t, map[string]string{"User.csv": text}))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "for example with the e-mail address") {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	_, err := New(Options{Seed: 1}).Load(folder(t, map[string]string{"Lead.csv": "Id,LastName\n00Q000000000001EAA,Gray\n"}))
	if err == nil || !strings.Contains(err.Error(), "Lead.csv, column Company: the column is missing") {
		t.Error(err)
	}
}

// Users of a file may own what people hand over to them.
func TestLoadedUsersMayOwnRecords(t *testing.T) {
	o := New(Options{Seed: 1})
	must[LoadReport](t)(o.Load(folder(t, map[string]string{
		"User.csv": "Id,Username,LastName,Email\n005000000000001AAA,jo@acme.example,Owner,jo@acme.example\n",
		"Lead.csv": "Id,LastName,Company,OwnerId\n00Q000000000001EAA,Gray,Co,005000000000001AAA\n",
	})))
	door := o.As("admin")
	id, err := door.Create("Lead", map[string]any{"LastName": "New", "Company": "Co"})
	ok(t, err)
	ok(t, door.Update("Lead", id, map[string]any{"OwnerId": "005000000000001AAA"}))
	if got := must[[]map[string]any](t)(door.Query("SELECT Id FROM Lead WHERE OwnerId = '005000000000001AAA'")); len(got) != 2 {
		t.Fatal(got)
	}
}

// The org that exported a stage has it, with the same chance.
func TestLoadBringsTheStagesOfOpportunities(t *testing.T) {
	o := New(Options{Seed: 1})
	must[LoadReport](t)(o.Load(folder(t, map[string]string{
		"Opportunity.csv": "Id,Name,StageName,CloseDate,Probability\n006000000000001AAA,One,Negotiation,2031-01-01,80\n006000000000002AAA,Two,Signed,2031-01-01,100\n006000000000003AAA,Three,Prospecting,2031-01-01,10\n",
	})))
	got := must[[]map[string]any](t)(o.As("admin").Query("SELECT MasterLabel, DefaultProbability, IsWon FROM OpportunityStage WHERE MasterLabel IN ('Negotiation', 'Signed') ORDER BY MasterLabel"))
	if len(got) != 2 || fmt.Sprint(got[0]["DefaultProbability"]) != "80" || got[0]["IsWon"] != false || got[1]["IsWon"] != true {
		t.Fatalf("%v", got)
	}
	if o.As("admin").Get("Opportunity", "006000000000002AAA")["IsWon"] != true {
		t.Error("what is signed is not won")
	}
}

// The org that exported a status of cases has it, and no case is closed by it.
func TestLoadBringsTheStatusesOfCases(t *testing.T) {
	o := New(Options{Seed: 1})
	must[LoadReport](t)(o.Load(folder(t, map[string]string{
		"Case.csv": "Id,Subject,Status\n500000000000001AAA,One,in_progress\n500000000000002AAA,Two,Closed\n500000000000003AAA,Three,in_progress\n",
	})))
	got := must[[]map[string]any](t)(o.As("admin").Query("SELECT MasterLabel, IsClosed FROM CaseStatus WHERE MasterLabel = 'in_progress'"))
	if len(got) != 1 || got[0]["IsClosed"] != false {
		t.Fatalf("%v", got)
	}
	made, err := o.As("admin").Create("Case", map[string]any{"Subject": "Four", "Status": "in_progress"})
	if err != nil || o.As("admin").Get("Case", made)["IsClosed"] != false {
		t.Error(made, err)
	}
}
