package soql

import (
	"strings"
	"testing"
)

func TestWhereSelectsRows(t *testing.T) {
	o := sample()
	acme, south, zed, none := "Acme", "acme south", "Zed 100%", "no_industry"
	tests := []struct {
		where string
		want  []string
	}{
		{"Name = 'ACME'", []string{acme}},
		{"name != 'acme'", []string{south, zed, none}},
		{"Name <> 'acme'", []string{south, zed, none}},
		{"Industry = null", []string{none}},
		{"Industry != null", []string{acme, south, zed}},
		{"Industry != 'Banking'", []string{zed, none}},
		{"Industry = ''", []string{none}},
		{"AnnualRevenue > 100", []string{south}},
		{"AnnualRevenue >= 100", []string{acme, south}},
		{"AnnualRevenue < 100.5", []string{acme, none}},
		{"AnnualRevenue <= -1", nil},
		{"Name LIKE 'acme%'", []string{acme, south}},
		{"Name LIKE '%SOUTH'", []string{south}},
		{"Name LIKE 'a_me'", []string{acme}},
		{`Name LIKE '%100\%'`, []string{zed}},
		{`Name LIKE 'no\_%'`, []string{none}},
		{`Name LIKE 'ac\_e'`, nil},
		{"Name IN ('acme','ZED 100%')", []string{acme, zed}},
		{"Industry NOT IN ('banking')", []string{zed, none}},
		{"Industry IN ('energy', null)", []string{zed, none}},
		{"AnnualRevenue IN (7, 100)", []string{acme, none}},
		{"Key__c = 'AB'", []string{south}},
		{"Key__c IN ('aB', 'xx')", []string{acme}},
		{"Tags__c INCLUDES ('Red')", []string{acme}},
		{"Tags__c INCLUDES ('red;blue', 'green')", []string{acme}},
		{"Tags__c EXCLUDES ('Red')", []string{south, zed, none}},
		{"IsDeleted = false", []string{acme, south, zed, none}},
		{"IsDeleted = null", []string{acme, south, zed, none}},
		{"IsDeleted != null", nil},
		{"Industry = 'Banking' AND AnnualRevenue > 200", []string{south}},
		{"(Industry = 'Energy' OR AnnualRevenue = 7) AND Name != 'x'", []string{zed, none}},
		{"NOT Industry = 'Banking'", []string{zed, none}},
		{"Name LIKE 'a%' AND (NOT Name LIKE '%south')", []string{acme}},
		{"Owner.Name = 'ann lee'", []string{acme, zed}},
		{"Owner.Email = null", []string{south, none}},
		{"Parent.Owner.Name LIKE 'Ann%'", []string{south}},
		{"Id = '001000000000003'", []string{zed}},
		{"Id > '" + id("001", 2) + "'", []string{zed, none}},
		{"OwnerId IN ('" + id("005", 2) + "')", []string{south}},
		{"Id IN (SELECT AccountId FROM Contact WHERE LastName LIKE 'z%')", []string{zed}},
		{"Id NOT IN (SELECT AccountId FROM Contact)", []string{south, none}},
		{"OwnerId IN (SELECT Id FROM User WHERE Email != null)", []string{acme, zed}},
		{"SystemModstamp = TODAY", []string{acme}},
		{"SystemModstamp != TODAY", []string{south, zed, none}},
		{"SystemModstamp = YESTERDAY", []string{south}},
		{"SystemModstamp = LAST_N_DAYS:41", []string{acme, south, zed}},
		{"SystemModstamp > LAST_MONTH", []string{acme, south}},
		{"SystemModstamp < THIS_YEAR", []string{none}},
		{"SystemModstamp >= 2026-11-18T15:30:00Z", []string{acme}},
		{"SystemModstamp >= 2026-11-18T10:30:00-05:00", []string{acme}},
		{"SystemModstamp > 2026-11-18T15:30:00.000+0000", nil},
		{"Since__c = 2026-10-31", []string{south}},
		{"Since__c = TODAY", []string{acme}},
		{"Since__c < THIS_MONTH", []string{south}},
		{"Since__c IN (2026-10-31, 2026-11-18)", []string{acme, south}},
		{"CALENDAR_YEAR(SystemModstamp) = 2025", []string{none}},
		{"DAY_ONLY(SystemModstamp) = 2026-11-18", []string{acme}},
		{"DAY_ONLY(convertTimezone(SystemModstamp)) = 2026-11-17", []string{south}},
	}
	for _, tt := range tests {
		wantRows(t, o, "SELECT Name FROM Account WHERE "+tt.where, tt.want...)
	}
}

func TestIdsCompareWithAnEmptyText(t *testing.T) {
	o := sample()
	everything := []string{"Acme", "acme south", "Zed 100%", "no_industry"}
	for where, want := range map[string][]string{"Id > ''": everything, "Id >= ''": everything, "Id < ''": nil, "Id <= ''": nil, "Id != ''": everything, "Id = ''": nil} {
		wantRows(t, o, "SELECT Name FROM Account WHERE "+where, want...)
	}
}

func TestTextEscapesReachTheFilter(t *testing.T) {
	o := newOrg()
	for _, n := range []string{"O'Neil", `back\slash`, "tab\there", `under_score`, "sn\u00f8", "\u0130stanbul", "\uf8ff private"} {
		o.add("Contact", "003", map[string]any{"LastName": n})
	}
	tests := []struct{ literal, want string }{
		{`= 'O\'Neil'`, "O'Neil"},
		{`= 'back\\slash'`, `back\slash`},
		{`LIKE 'back\\sl%'`, `back\slash`},
		{`= 'tab\there'`, "tab\there"},
		{`LIKE 'back\u005Csl%'`, `back\slash`},
		{`= 'back\u005cslash'`, `back\slash`},
		{"= '\uf8ff private'", "\uf8ff private"},
		{"LIKE '\uf8ff%'", "\uf8ff private"},
		{`= 'under\_score'`, "under_score"},
		{`= 'SN\u00D8'`, "sn\u00f8"},
	}
	for _, tt := range tests {
		wantRows(t, o, "SELECT LastName FROM Contact WHERE LastName "+tt.literal, tt.want)
	}
}

func TestMixingAndWithOrNeedsParentheses(t *testing.T) {
	o := sample()
	for text, token := range map[string]string{
		"Name = 'a' AND Name = 'b' OR Name = 'c'": "OR",
		"Name = 'a' OR Name = 'b' AND Name = 'c'": "AND",
		"Name = 'a' AND NOT Name = 'b'":           "NOT",
	} {
		e := refusal(t, o, "SELECT Id FROM Account WHERE "+text)
		if e.Code != codeMalformed || !strings.HasSuffix(e.Message, "unexpected token: '"+token+"'") {
			t.Errorf("%s: %v", text, e)
		}
	}
}
