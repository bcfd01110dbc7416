package soql

import (
	"fmt"
	"slices"
	"testing"
)

func TestSelectShapesRecords(t *testing.T) {
	o := sample()
	tests := []struct {
		query string
		want  []string
	}{
		{"select NAME, id from account where name = 'acme'", []string{"Acme," + id("001", 1)}},
		{"SELECT Owner.Name, Name, owner.EMAIL FROM Account WHERE Name = 'acme'", []string{"Owner:(User Ann Lee,ann@x.example),Acme"}},
		{"SELECT Name, Parent.Owner.Name, Parent.Name FROM Account WHERE Name LIKE 'acme%'",
			[]string{"Acme,Parent:null", "acme south,Parent:(Account Owner:(User Ann Lee),Acme)"}},
		{"SELECT Account.Name FROM Account WHERE Account.Name = 'acme'", []string{"Acme"}},
		{"SELECT a.Name, o.Name FROM Account a, a.Owner o WHERE o.Name LIKE 'bob%'", []string{"acme south,Owner:(User Bob Ray)"}},
		{"SELECT c.LastName FROM Contact AS c WHERE c.Account.Name = 'Acme' ORDER BY c.LastName", []string{"Abe", "O'Neil"}},
		{"SELECT toLabel(Industry), FORMAT(AnnualRevenue) shown FROM Account WHERE Name = 'acme'", []string{"Banking,100"}},
		{"SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName) FROM Account",
			[]string{"Acme,Contacts:Abe|O'Neil", "acme south,Contacts:", "Zed 100%,Contacts:Zoe", "no_industry,Contacts:"}},
		{"SELECT Name, (SELECT LastName FROM Account.Contacts) FROM Account WHERE Name LIKE 'z%'", []string{"Zed 100%,Contacts:Zoe"}},
		{"SELECT Name, (SELECT LastName FROM a.Contacts) FROM Account a WHERE a.Name LIKE 'z%'", []string{"Zed 100%,Contacts:Zoe"}},
		{"SELECT Name, (SELECT Name, (SELECT LastName FROM Contacts) FROM ChildAccounts WHERE Industry = 'banking' LIMIT 1) FROM Account WHERE Name = 'acme'",
			[]string{"Acme,ChildAccounts:acme south,Contacts:"}},
		{"SELECT What.Name, What.Type FROM Task", []string{"What:(Account Acme,Account)", "What:(Contact null,Contact)", "What:null"}},
		{"SELECT Subject, TYPEOF What WHEN Account THEN Industry, Owner.Name WHEN Contact THEN LastName END FROM Task",
			[]string{"Call,What:(Account Banking,Owner:(User Ann Lee))", "Mail,What:(Contact O'Neil)", "None,What:null"}},
		{"SELECT TYPEOF What WHEN Account THEN Name END FROM Task WHERE Subject = 'Mail'", []string{"What:null"}},
		{"SELECT TYPEOF Queue WHEN User THEN Email ELSE Id, Name END FROM Task WHERE Subject != 'None'",
			[]string{"Queue:(Group " + id("00G", 1) + ",Support)", "Queue:(User ann@x.example)"}},
		{"SELECT Subject FROM Task WHERE What.Type IN ('Account')", []string{"Call"}},
		{"SELECT Subject FROM Task WHERE Queue.Type = 'User'", []string{"Mail"}},
		{"SELECT FIELDS(CUSTOM) FROM Account WHERE Name = 'acme' LIMIT 1", []string{"2026-11-18,Red;Blue,aB"}},
		{"SELECT Name FROM Account USING SCOPE mine", []string{"acme south"}},
		{"SELECT Name FROM Account USING SCOPE everything WHERE Industry = 'Energy' WITH SECURITY_ENFORCED LIMIT 1 FOR VIEW", []string{"Zed 100%"}},
		{"SELECT Name FROM Account WHERE Industry = 'Energy' WITH USER_MODE FOR VIEW FOR REFERENCE", []string{"Zed 100%"}},
	}
	for _, tt := range tests {
		wantRows(t, o, tt.query, tt.want...)
	}
}

func TestCompoundAndTimeValuesPassThrough(t *testing.T) {
	o := sample()
	o.rows["Account"][0].values["BillingAddress"] = Raw(`{"city":"Oslo"}`)
	o.rows["Account"][0].values["Industry"] = TimeOfDay("10:30:00.000Z")
	for r := range plan(t, o, "SELECT BillingAddress, Industry, IsDeleted FROM Account LIMIT 1").Records(o) {
		if v := r.Cells[0].Value; v.Kind() != KindRaw || v.Str() != `{"city":"Oslo"}` {
			t.Errorf("address %v", v)
		}
		if v := r.Cells[1].Value; v.Kind() != KindTime || v.Str() != "10:30:00.000Z" {
			t.Errorf("time %v", v)
		}
	}
}

func TestFieldsExpandInDescribeOrder(t *testing.T) {
	o := sample()
	all := plan(t, o, "SELECT FIELDS(ALL) FROM Contact LIMIT 200").Header()
	want := []string{"Id", "IsDeleted", "SystemModstamp", "CreatedDate", "OwnerId", "FirstName", "LastName", "Email", "AccountId"}
	if !slices.Equal(all, want) {
		t.Errorf("fields %v", all)
	}
	if standard := plan(t, o, "SELECT FIELDS(STANDARD) FROM Account").Header(); slices.Contains(standard, "Key__c") || !slices.Contains(standard, "Industry") {
		t.Errorf("standard fields %v", standard)
	}
}

func TestOrderLimitOffset(t *testing.T) {
	o := sample()
	tests := []struct {
		rest string
		want []string
	}{
		{"ORDER BY Name", []string{"Acme", "acme south", "no_industry", "Zed 100%"}},
		{"ORDER BY Name DESC", []string{"Zed 100%", "no_industry", "acme south", "Acme"}},
		{"ORDER BY Industry, Name DESC", []string{"no_industry", "acme south", "Acme", "Zed 100%"}},
		{"ORDER BY Industry ASC NULLS LAST, Name ASC", []string{"Acme", "acme south", "Zed 100%", "no_industry"}},
		{"ORDER BY AnnualRevenue DESC", []string{"Zed 100%", "acme south", "Acme", "no_industry"}},
		{"ORDER BY AnnualRevenue DESC NULLS LAST", []string{"acme south", "Acme", "no_industry", "Zed 100%"}},
		{"ORDER BY Owner.Name DESC NULLS LAST, Name", []string{"acme south", "Acme", "Zed 100%", "no_industry"}},
		{"ORDER BY Industry", []string{"no_industry", "Acme", "acme south", "Zed 100%"}}, // ties keep the order of the scan
		{"ORDER BY Name LIMIT 2", []string{"Acme", "acme south"}},
		{"ORDER BY Name LIMIT 2 OFFSET 1", []string{"acme south", "no_industry"}},
		{"ORDER BY Name OFFSET 3", []string{"Zed 100%"}},
		{"LIMIT 1", []string{"Acme"}},
		{"LIMIT 0", nil},
		{"OFFSET 9", nil},
	}
	for _, tt := range tests {
		wantRows(t, o, "SELECT Name FROM Account "+tt.rest, tt.want...)
	}
}

func TestTopRowsAreKeptAmongMany(t *testing.T) {
	o := newOrg()
	for i := range 1000 {
		o.add("Account", "001", map[string]any{"Name": fmt.Sprintf("n%03d", (i*7919)%1000)})
	}
	wantRows(t, o, "SELECT Name FROM Account ORDER BY Name DESC LIMIT 3 OFFSET 2", "n997", "n996", "n995")
}

func TestStreamStopsAtTheLimitWithoutReadingOn(t *testing.T) {
	o := newOrg()
	for range 1000 {
		o.add("Account", "001", map[string]any{"Name": "x"})
	}
	run(t, o, "SELECT Id FROM Account LIMIT 5")
	if o.scanned != 5 {
		t.Errorf("%d rows read for 5", o.scanned)
	}
	o.scanned = 0
	for range plan(t, o, "SELECT Id FROM Account").Records(o) {
		break
	}
	if o.scanned != 1 {
		t.Errorf("%d rows read for one record", o.scanned)
	}
}

func TestAggregates(t *testing.T) {
	o := sample()
	tests := []struct {
		query string
		want  []string
	}{
		{"SELECT COUNT(Id) FROM Account", []string{"4"}},
		{"SELECT COUNT(Industry), COUNT_DISTINCT(Industry), SUM(AnnualRevenue), AVG(AnnualRevenue), MIN(AnnualRevenue), MAX(Name) FROM Account",
			[]string{"3,2,407.5,135.83333333333334,7,Zed 100%"}},
		{"SELECT Industry, COUNT(Id) n FROM Account GROUP BY Industry ORDER BY COUNT(Id) DESC, Industry", []string{"Banking,2", "null,1", "Energy,1"}},
		{"SELECT Industry FROM Account GROUP BY Industry HAVING COUNT(Id) > 1", []string{"Banking"}},
		{"SELECT Industry FROM Account GROUP BY Industry HAVING Industry LIKE 'E%' OR MAX(AnnualRevenue) = 7 ORDER BY Industry", []string{"null", "Energy"}},
		{"SELECT Owner.Name, SUM(AnnualRevenue) FROM Account WHERE OwnerId != null GROUP BY Owner.Name ORDER BY Owner.Name", []string{"Ann Lee,100", "Bob Ray,300.5"}},
		{"SELECT CALENDAR_YEAR(SystemModstamp), COUNT(Id) FROM Account GROUP BY CALENDAR_YEAR(SystemModstamp) ORDER BY CALENDAR_YEAR(SystemModstamp)", []string{"2025,1", "2026,3"}},
		{"SELECT SUM(AnnualRevenue) FROM Account WHERE Name = 'none'", []string{"null"}},
		{"SELECT Industry FROM Account WHERE Name = 'none' GROUP BY Industry", nil},
		{"SELECT Industry, COUNT(Id) FROM Account GROUP BY Industry ORDER BY Industry LIMIT 1 OFFSET 1", []string{"Banking,2"}},
		{"SELECT Industry, GROUPING(Industry), COUNT(Id) FROM Account WHERE Industry != null GROUP BY ROLLUP(Industry) ORDER BY GROUPING(Industry), Industry",
			[]string{"Banking,0,2", "Energy,0,1", "null,1,3"}},
		{"SELECT COUNT(Id) FROM Account WHERE Industry != null GROUP BY CUBE(Industry, Owner.Name) ORDER BY GROUPING(Industry), GROUPING(Owner.Name), COUNT(Id)",
			[]string{"1", "1", "1", "1", "2", "1", "2", "3"}},
		{"SELECT MIN(SystemModstamp) FROM Account", []string{"2025-11-18T15:30:00.000+0000"}},
		{"SELECT FORMAT(MAX(AnnualRevenue)) top FROM Account", []string{"300.5"}},
	}
	for _, tt := range tests {
		wantRows(t, o, tt.query, tt.want...)
	}
}

func TestAggregateColumnsAreNamedAsSalesforceDoes(t *testing.T) {
	o := sample()
	p := plan(t, o, "SELECT Owner.Name, COUNT(Id), MAX(AnnualRevenue) top, SUM(AnnualRevenue) FROM Account GROUP BY Owner.Name")
	if got := p.Header(); !slices.Equal(got, []string{"Name", "expr0", "top", "expr1"}) {
		t.Errorf("columns %v", got)
	}
	for r := range p.Records(o) {
		if r.Object != nil || r.ID != "" || r.Cells[1].Type != "int" || r.Cells[2].Type != "currency" || r.Cells[3].Type != "double" {
			t.Errorf("record %+v", r)
		}
		break
	}
	if !p.Aggregate() || p.CountOnly() {
		t.Error("kind of plan")
	}
}

func TestCountOnly(t *testing.T) {
	o := sample()
	p := plan(t, o, "SELECT COUNT() FROM Account WHERE Industry = 'Banking'")
	if !p.CountOnly() || p.Count(o) != 2 {
		t.Errorf("count %d", p.Count(o))
	}
	for range p.Records(o) {
		t.Error("a record")
	}
	if n := plan(t, o, "SELECT COUNT() FROM Account LIMIT 3").Count(o); n != 3 {
		t.Errorf("limited count %d", n)
	}
	if n := plan(t, o, "SELECT Industry, COUNT(Id) FROM Account GROUP BY Industry").Count(o); n != 3 {
		t.Errorf("groups %d", n)
	}
}

func TestIDsAndRecordPageAResult(t *testing.T) {
	o := sample()
	p := plan(t, o, "SELECT Name, Owner.Name FROM Account ORDER BY Name DESC")
	ids := slices.Collect(p.IDs(o))
	if len(ids) != 4 || ids[0] != id("001", 3) {
		t.Fatalf("ids %v", ids)
	}
	r, ok := p.Record(o, ids[0])
	if !ok || show(r) != "Zed 100%,Owner:(User Ann Lee)" {
		t.Errorf("record %v", r)
	}
	if _, ok := p.Record(o, id("001", 99)); ok {
		t.Error("a record of no row")
	}
}

func TestBulkColumns(t *testing.T) {
	o := sample()
	p := plan(t, o, "SELECT Name, Owner.Name, Parent.Owner.Name, Owner.Email, Id FROM Account WHERE Name LIKE 'acme%'")
	if got := p.Header(); !slices.Equal(got, []string{"Name", "Owner.Name", "Parent.Owner.Name", "Owner.Email", "Id"}) {
		t.Errorf("header %v", got)
	}
	var lines []string
	for r := range p.Records(o) {
		lines = append(lines, fmt.Sprint(p.Flat(nil, r)))
	}
	if want := []string{"[Acme Ann Lee null ann@x.example " + id("001", 1) + "]", "[acme south Bob Ray Ann Lee null " + id("001", 2) + "]"}; !slices.Equal(lines, want) {
		t.Errorf("lines %q", lines)
	}
	for query, want := range map[string]string{
		"SELECT Id FROM Account":                                  "",
		"SELECT Id FROM Account OFFSET 1":                         "OFFSET",
		"SELECT COUNT(Id) FROM Account":                           "aggregate",
		"SELECT COUNT() FROM Account":                             "aggregate",
		"SELECT Id, (SELECT Id FROM Contacts) FROM Account":       "sub-select",
		"SELECT TYPEOF What WHEN Account THEN Name END FROM Task": "TYPEOF",
		"SELECT BillingAddress FROM Account":                      "compound field",
		"SELECT FIELDS(STANDARD) FROM Account":                    "FIELDS()",
	} {
		if got := plan(t, o, query).BulkRefusal(); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}
