package soql

import (
	"strings"
	"testing"
)

// The excerpts of the first three are recorded answers of real orgs.
func TestErrorsShowThePlaceAsSalesforceDoes(t *testing.T) {
	o := sample()
	tests := []struct{ query, code, message string }{
		{"SELECT Id,Name,BillingCity,IsDeleted FROM Accout", codeType,
			"\nName,BillingCity,IsDeleted FROM Accout\n                                ^\nERROR at Row:1:Column:43\n" +
				"sObject type 'Accout' is not supported." + hintObject},
		{"select Id, Since__c,OwnerId,Key__c,SF_date__c, ConvertedContactId from Account", codeField,
			"\nselect Id, Since__c,OwnerId,Key__c,SF_date__c, ConvertedContactId from\n                                   ^\n" +
				"ERROR at Row:1:Column:36\nNo such column 'SF_date__c' on entity 'Account'." + hintColumn},
		{"SELECT Id, X FROM Account", codeField,
			"\nSELECT Id, X FROM Account\n           ^\nERROR at Row:1:Column:12\nNo such column 'X' on entity 'Account'." + hintColumn},
		{"SELECT Id FROM Account WHERE Owner.Foo = 1", codeField,
			"\nSELECT Id FROM Account WHERE Owner.Foo = 1\n                             ^\nERROR at Row:1:Column:30\n" +
				"No such column 'Foo' on entity 'User'." + hintColumn},
		{"SELECT Id FROM Account WHERE", codeMalformed,
			"\nSELECT Id FROM Account WHERE\n                            ^\nERROR at Row:1:Column:29\nunexpected token: '<EOF>'"},
		{"SELECT Id\nFROM Account\nWHERE Foo = 1", codeField,
			"\nSELECT Id\nFROM Account\nWHERE Foo = 1\n                             ^\nERROR at Row:3:Column:7\nNo such column 'Foo' on entity 'Account'." + hintColumn},
	}
	for _, tt := range tests {
		e := refusal(t, o, tt.query)
		if e.Code != tt.code || e.Message != tt.message {
			t.Errorf("%q\n got %s %q\nwant %s %q", tt.query, e.Code, e.Message, tt.code, tt.message)
		}
	}
}

func TestRefusals(t *testing.T) {
	o := sample()
	long := strings.Repeat("x", 4001)
	tests := []struct{ query, code, part string }{
		{"", codeMalformed, "unexpected token: '<EOF>'"},
		{"SELECT * FROM Account", codeMalformed, "unexpected token: '*'"},
		{"SELECT Id FROM Account WHERE Name IS NULL", codeMalformed, "unexpected token: 'IS'"},
		{"SELECT Id FROM Account LIMIT x", codeMalformed, "unexpected token: 'x'"},
		{"SELECT Id FROM Account LIMIT -1", codeMalformed, "unexpected token: '-1'"},
		{"SELECT Id FROM Account WHERE Name = 'x", codeMalformed, "mismatched character '<EOF>' expecting '''"},
		{`SELECT Id FROM Account WHERE Name = "x"`, codeMalformed, `no viable alternative at character '"'`},
		{`SELECT Id FROM Account WHERE Name = 'a\d'`, codeMalformed, `Illegal character sequence '\d'`},
		{"SELECT Id FROM Account WHERE Name = :name", codeMalformed, "unexpected token: ':'"},
		{"SELECT Id FROM Account FOR UPDATE", codeMalformed, "unexpected token: 'UPDATE'"},
		{"SELECT Id FROM Account ALL ROWS", codeMalformed, "ALL ROWS not allowed in this context"},
		{"SELECT Id FROM Account OFFSET 2001", codeOutOfRange, "Maximum SOQL offset allowed is 2000"},
		{"SELECT Id, Id FROM Account", codeField, "duplicate field selected: Id"},
		{"SELECT Owner.Name, owner.name FROM Account", codeField, "duplicate field selected: Owner.Name"},
		{"SELECT Name n FROM Account", codeMalformed, "only aggregate expressions use field aliasing"},
		{"SELECT FIELDS(ALL) FROM Account", codeMalformed, "LIMIT of at most 200"},
		{"SELECT FIELDS(CUSTOM) FROM Account LIMIT 201", codeMalformed, "LIMIT of at most 200"},
		{"SELECT Boss.Name FROM Account", codeField, "Didn't understand relationship 'Boss' in field path."},
		{"SELECT (SELECT Id FROM Deals) FROM Account", codeType, "Didn't understand relationship 'Deals' in FROM part of query call."},
		{"SELECT (SELECT Id FROM Contact.Contacts) FROM Account", codeType, "Didn't understand relationship 'Contacts' in FROM part"},
		{"SELECT Id FROM Account WHERE COUNT(Id) > 1", codeMalformed, "unexpected token: 'COUNT'"},
		{"SELECT SUM() FROM Account", codeMalformed, "unexpected token: ')'"},
		{"SELECT NOPE(Id) FROM Account", codeMalformed, "unknown function: NOPE"},
		{"SELECT CALENDAR_YEAR(Name), COUNT(Id) FROM Account GROUP BY CALENDAR_YEAR(Name)", codeField, "not a date or datetime field"},
		{"SELECT CALENDAR_YEAR(CreatedDate) FROM Account", codeMalformed, "only be selected together with GROUP BY"},
		{"SELECT (SELECT COUNT(Id) FROM Contacts) FROM Account", codeMalformed, "not allowed in a sub-select"},
		{"SELECT (SELECT Id FROM Contacts), (SELECT Id FROM Contacts) FROM Account", codeField, "duplicate field selected: Contacts"},
		{"SELECT TYPEOF What WHEN User THEN Id END FROM Task", codeType, "sObject type 'User' is not supported"},
		{"SELECT Id FROM Account ORDER BY Name NULLS", codeMalformed, "unexpected token: '<EOF>'"},
		{"SELECT Id FROM Account WHERE Name IN ()", codeMalformed, "unexpected token: ')'"},
		{"SELECT COUNT(Id) FROM Account GROUP BY CUBE(Name, Industry, OwnerId, ParentId)", codeMalformed, "at most 3 fields"},
		{"SELECT Id FROM Account.Contacts", codeMalformed, "unexpected token: '.'"},
		{"SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM x.Contact)", codeType, "sObject type 'Contact' is not supported"},
		{"SELECT Id FROM Account WHERE Name = 5", codeField, "'Name' must be of type string and should be enclosed in quotes"},
		{"SELECT Id FROM Account WHERE AnnualRevenue = '5'", codeField, "must be of type double and should not be enclosed in quotes"},
		{"SELECT Id FROM Account WHERE SystemModstamp > '2026-01-01'", codeField, "must be of type dateTime and should not be enclosed"},
		{"SELECT Id FROM Account WHERE SystemModstamp > 2026-01-01", codeField, "must be of type dateTime"},
		{"SELECT Id FROM Account WHERE Since__c > 2026-13-01", codeField, "must be of type date"},
		{"SELECT Id FROM Account WHERE Id = 'abc'", codeFilter, "invalid ID field: abc"},
		{"SELECT Id FROM Account WHERE Id = '001000000000001zzz'", codeFilter, "invalid ID field"},
		{"SELECT Id FROM Account WHERE Id LIKE '001%'", codeFilter, "invalid operator on id field"},
		{"SELECT Id FROM Account WHERE IsDeleted > true", codeFilter, "invalid operator on boolean field"},
		{"SELECT Id FROM Account WHERE Name INCLUDES ('a')", codeFilter, "invalid operator on text field"},
		{"SELECT Id FROM Account WHERE Description = 'x'", codeField, "field 'Description' can not be filtered in a query call"},
		{"SELECT Id FROM Account WHERE BillingAddress = 'x'", codeField, "can not be filtered"},
		{"SELECT Id FROM Account ORDER BY Description", codeField, "field 'Description' can not be sorted in a query call"},
		{"SELECT COUNT(Id) FROM Account GROUP BY Description", codeMalformed, "field 'Description' can not be grouped"},
		{"SELECT Name, COUNT(Id) FROM Account", codeMalformed, "Field must be grouped or aggregated: Name"},
		{"SELECT SUM(Name) FROM Account", codeMalformed, "does not support aggregate operator SUM"},
		{"SELECT Industry a, COUNT(Id) A FROM Account GROUP BY Industry", codeMalformed, "duplicate alias"},
		{"SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact) OR Name = 'x'", codeMalformed, "not allowed with the 'OR' operator"},
		{"SELECT Id FROM Account WHERE Id IN (SELECT LastName FROM Contact)", codeMalformed, "not an id or reference field"},
		{"SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact) AND Id IN (SELECT AccountId FROM Contact) AND Id IN (SELECT AccountId FROM Contact)",
			codeMalformed, "Maximum 2 semi join"},
		{"SELECT Parent.Parent.Parent.Parent.Parent.Parent.Name FROM Account", codeMalformed, "more than 5 levels"},
		{"SELECT TYPEOF Owner WHEN User THEN Name END FROM Account", codeMalformed, "polymorphic"},
		{"SELECT What.Industry FROM Task", codeField, "No such column 'Industry' on entity 'Name'"},
		{"SELECT Id FROM Account USING SCOPE nowhere", "INVALID_QUERY_SCOPE", "nowhere"},
		{"SELECT Id FROM Account WHERE Name = '" + long + "'", codeFilter, "4000"},
		{"SELECT Id FROM Account WHERE " + strings.Repeat("(", 200) + "Name='x'" + strings.Repeat(")", 200), "QUERY_TOO_COMPLICATED", "too complicated"},
	}
	for _, tt := range tests {
		if e := refusal(t, o, tt.query); e.Code != tt.code || !strings.Contains(e.Message, tt.part) {
			t.Errorf("%s\n got %s %q\nwant %s …%s…", tt.query, e.Code, e.Message, tt.code, tt.part)
		}
	}
}

func TestRefusalsOfWhatMayNotMeet(t *testing.T) {
	o := sample()
	for _, tt := range []struct{ query, code, part string }{
		{"SELECT Id FROM Account WHERE Id IN (SELECT Id FROM Account)", codeMalformed, "should not be on the same object type"},
		{"SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Id IN (SELECT OwnerId FROM Account))", codeMalformed, "Nesting of semi join"},
		{"SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact LIMIT 5)", codeMalformed, "Semi join sub-selects take no"},
		{"SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact ORDER BY LastName)", codeMalformed, "Semi join sub-selects take no"},
		{"SELECT COUNT() FROM Account ORDER BY Name", codeMalformed, "ORDER BY is not allowed together with COUNT()"},
		{"SELECT Id, (SELECT Id FROM Contacts LIMIT 1 OFFSET 1) FROM Account LIMIT 3", codeMalformed, "OFFSET in a sub-select"},
		{"SELECT Id FROM Account WHERE SystemModstamp > 1600-01-01T00:00:00Z", codeField, "Invalid datetime"},
		{"SELECT Id FROM Account WHERE Since__c > 1699-12-31", codeField, "Invalid date"},
	} {
		if e := refusal(t, o, tt.query); e.Code != tt.code || !strings.Contains(e.Message, tt.part) {
			t.Errorf("%q: %s %q", tt.query, e.Code, e.Message)
		}
	}
}
