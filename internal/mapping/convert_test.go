package mapping

import (
	"strings"
	"testing"
	"time"

	"tandem/internal/core"
)

const (
	sfSide = core.Salesforce
	hsSide = core.HubSpot
)

func TestCanonicalForms(t *testing.T) {
	text := textPair(t, 255)
	number := pair(t, sfDef("N", "double"), hsDef("n", "number", "number"))
	check := pair(t, sfDef("B", "boolean"), hsDef("b", "bool", "booleancheckbox"))
	date := pair(t, sfDef("D", "date"), hsDef("d", "date", "date"))
	moment := pair(t, sfDef("T", "datetime"), hsDef("t", "datetime", "date"))
	many := pair(t, sfDef("M", "multipicklist"), hsDef("m", "enumeration", "checkbox"))
	ref := pair(t, sfDef("R", "reference"), hsDef("r", "string", "text"))
	domain := pair(t, sfDef("Website", "url"), hsDef("domain", "string", "text"))
	rows := []struct {
		name     string
		f        *Field
		side     core.Side
		in, want string
	}{
		{"D7 line breaks", text, sfSide, "a\r\nb\rc", "a\nb\nc"},
		{"D7 blanks at the end", text, hsSide, "a b \t\n", "a b"},
		{"D7 only blanks", text, hsSide, "   ", ""},
		{"D5 a non-breaking space stays", text, hsSide, "a\u00a0", "a\u00a0"},
		{"D8 text stays text", text, sfSide, "null", "null"},
		{"D9 number forms", number, hsSide, "3600.0", "3600"},
		{"D9 number forms", number, sfSide, "1.0E7", "10000000"},
		{"D9 minus zero", number, sfSide, "-0", "0"},
		{"D9 18 digits", number, sfSide, "123456789012345678.5", "123456789012345678.5"},
		{"D27 a local number stays as it is", number, hsSide, "1.234,50", "1.234,50"},
		{"blank number", number, hsSide, "", ""},
		{"D15 checkbox", check, hsSide, "Yes", "true"},
		{"D15 checkbox", check, hsSide, "FALSE", "false"},
		{"D15 a checkbox never set is unticked", check, hsSide, "", "false"},
		{"D15 nonsense stays", check, hsSide, "perhaps", "perhaps"},
		{"date", date, hsSide, "2026-03-01", "2026-03-01"},
		{"CONV-1 a date as epoch", date, hsSide, "1772323200000", "2026-03-01"},
		{"D11 leap day", date, sfSide, "2024-02-29", "2024-02-29"},
		{"D11 no leap day stays", date, sfSide, "2023-02-29", "2023-02-29"},
		{"D14 milliseconds", moment, hsSide, "2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05Z"},
		{"Salesforce offset", moment, sfSide, "2026-01-02T03:04:05.000+0000", "2026-01-02T03:04:05Z"},
		{"another offset", moment, sfSide, "2026-01-02T01:04:05.000-0200", "2026-01-02T03:04:05Z"},
		{"epoch", moment, hsSide, "1767323045678", "2026-01-02T03:04:05Z"},
		{"D12 before the epoch", moment, hsSide, "-1000", "1969-12-31T23:59:59Z"},
		{"D12 a leap second stays as it is", moment, sfSide, "2016-12-31T23:59:60Z", "2016-12-31T23:59:60Z"},
		{"MAP-17 a set", many, sfSide, "b;a;b;;c", "a;b;c"},
		{"MAP-17 an order to append is no value", many, hsSide, ";a; b", "a;b"},
		{"R6 ids have 18 characters", ref, hsSide, "0015f00002JUXA8", "0015f00002JUXA8AAP"},
		{"a broken id stays", ref, hsSide, "0015f00002JUXA8AAX", "0015f00002JUXA8AAX"},
		{"D19 URL", domain, sfSide, "https://www.Example.org/about?x=1#y", "example.org"},
		{"D19 bare", domain, hsSide, "EXAMPLE.org.", "example.org"},
		{"D19 port and user", domain, sfSide, "http://me@example.org:8080", "example.org"},
		{"D19 international", domain, sfSide, "http://www.bücher.example", "xn--bcher-kva.example"},
		{"no domain stays as it is", domain, sfSide, "n/a", "n/a"},
		{"one word is no domain", domain, sfSide, "localhost", "localhost"},
		{"an address is no domain", domain, sfSide, "10.0.0.1", "10.0.0.1"},
	}
	for _, row := range rows {
		if got := row.f.Canon(row.side, row.in); got != row.want {
			t.Errorf("%s: %q on %s is %q, want %q", row.name, row.in, row.side, got, row.want)
		}
	}
}

// sideRow is one value on its way to a side.
type sideRow struct {
	name     string
	f        *Field
	side     core.Side
	in, want string
	code     string // of the issue
	refused  bool
}

func checkToSide(t *testing.T, rows []sideRow) {
	t.Helper()
	for _, row := range rows {
		got, issue := row.f.ToSide(row.side, row.in)
		code, refused := "", false
		if issue != nil {
			code, refused = issue.Code, issue.Refused
			if issue.Message == "" || issue.Mend == "" || issue.Category == "" || issue.Rule == "" || issue.Field != row.f.Names[row.side] || issue.Side != row.side {
				t.Errorf("%s: the issue is incomplete: %+v", row.name, issue)
			}
		}
		if got != row.want || code != row.code || refused != row.refused {
			t.Errorf("%s: %.60q is %.60q with issue %q (refused %v), want %.60q with %q (%v)", row.name, row.in, got, code, refused, row.want, row.code, row.refused)
		}
	}
}

func TestTextToSide(t *testing.T) {
	short, name := sfDef("City", "string"), sfDef("Name", "string")
	short.Length, name.Required, name.Length = 5, true, 255
	city, named := pair(t, short, hsDef("city", "string", "text")), pair(t, name, hsDef("name", "string", "text"))
	checkToSide(t, []sideRow{
		{"fits", city, sfSide, "Paris", "Paris", "", false},
		{"D6 characters, not bytes", city, sfSide, "Zürič", "Zürič", "", false},
		{"D6 too long is refused, never cut", city, sfSide, "Berlin", "", "too_long", true},
		{"the other side takes it", city, hsSide, "Berlin", "Berlin", "", false},
		{"D6 HubSpot's limit", named, hsSide, strings.Repeat("ß", 65536), strings.Repeat("ß", 65536), "", false},
		{"D6 above HubSpot's limit", named, hsSide, strings.Repeat("ß", 65537), "", "too_long", true},
		{"clear", city, sfSide, "", "", "", false},
		{"S8 a required field cannot be cleared", named, sfSide, "", "", "required_missing", true},
		{"the other side can", named, hsSide, "", "", "", false},
		{"D3 control characters go, visibly", named, hsSide, "a\x00b\x07c\uffff", "abc", "adapted", false},
		{"D3 nothing remains", named, sfSide, "\x00\x01", "", "wrong_format", true},
		{"D2 broken UTF-8 is replaced, visibly", named, sfSide, "a\xffb", "a\ufffdb", "adapted", false},
		{"D3 tab and line break stay", named, hsSide, "a\tb\nc", "a\tb\nc", "", false},
	})
}

func TestTypedToSide(t *testing.T) {
	money := sfDef("Revenue", "currency")
	money.Precision, money.Scale = 10, 2
	revenue := pair(t, money, hsDef("revenue", "number", "number"))
	staff := pair(t, sfDef("Staff", "int"), hsDef("staff", "number", "number"))
	big := pair(t, sfDef("Big", "long"), hsDef("big", "number", "number"))
	date := pair(t, sfDef("D", "date"), hsDef("d", "date", "date"))
	moment := pair(t, sfDef("T", "datetime"), hsDef("t", "datetime", "date"))
	check := pair(t, sfDef("B", "boolean"), hsDef("b", "bool", "booleancheckbox"))
	ref := pair(t, sfDef("R", "reference"), hsDef("r", "string", "text"))
	domain := pair(t, sfDef("Website", "url"), hsDef("domain", "string", "text"))
	checkToSide(t, []sideRow{
		{"ERR-9 a text that is no number", revenue, sfSide, "much", "", "wrong_format", true},
		{"D27 a local number is refused", revenue, sfSide, "1.234,50", "", "wrong_format", true},
		{"D9 rounded once, visibly", revenue, sfSide, "12.345", "12.34", "adapted", false},
		{"D9 half to even", revenue, sfSide, "12.355", "12.36", "adapted", false},
		{"fits exactly", revenue, sfSide, "12345678.9", "12345678.9", "", false},
		{"too many digits", revenue, sfSide, "123456789", "", "out_of_range", true},
		{"rounding may overflow", revenue, sfSide, "99999999.999", "", "out_of_range", true},
		{"HubSpot keeps all digits", revenue, hsSide, "12.345", "12.345", "", false},
		{"whole numbers", staff, sfSide, "7", "7", "", false},
		{"a part of a person", staff, sfSide, "7.5", "8", "adapted", false},
		{"largest int", staff, sfSide, "2147483647", "2147483647", "", false},
		{"smallest int", staff, sfSide, "-2147483648", "-2147483648", "", false},
		{"above int", staff, sfSide, "2147483648", "", "out_of_range", true},
		{"D24 long", big, sfSide, "9007199254740993", "9007199254740993", "", false},
		{"above long", big, sfSide, "9223372036854775808", "", "out_of_range", true},
		{"date", date, sfSide, "1700-01-01", "1700-01-01", "", false},
		{"D11 before 1700", date, sfSide, "1699-12-31", "", "out_of_range", true},
		{"D11 after 4000", date, sfSide, "4001-01-01", "", "out_of_range", true},
		{"D11 HubSpot takes it", date, hsSide, "0970-05-05", "0970-05-05", "", false},
		{"D11 no day", date, sfSide, "2023-02-29", "", "wrong_format", true},
		{"moment", moment, sfSide, "2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z", "", false},
		{"D11 moment out of range", moment, sfSide, "1600-01-02T03:04:05Z", "", "out_of_range", true},
		{"D12 no such moment", moment, hsSide, "2016-12-31T23:59:60Z", "", "wrong_format", true},
		{"checkbox", check, sfSide, "true", "true", "", false},
		{"D15 nonsense", check, sfSide, "perhaps", "", "wrong_format", true},
		{"id", ref, sfSide, "0015f00002JUXA8AAP", "0015f00002JUXA8AAP", "", false},
		{"no id", ref, sfSide, "Acme", "", "wrong_format", true},
		{"any text as an id in HubSpot text", ref, hsSide, "0015f00002JUXA8AAP", "0015f00002JUXA8AAP", "", false},
		{"domain", domain, hsSide, "example.org", "example.org", "", false},
		{"no domain", domain, hsSide, "n/a", "", "wrong_format", true},
	})
}

func TestCONV1_DatesAndMomentsMeetInAZone(t *testing.T) {
	for _, offset := range []int{-12, 0, 14} {
		zone := time.FixedZone("test", offset*3600)
		f := pair(t, sfDef("T", "datetime"), hsDef("d", "date", "date"), func(m *FieldMap) { m.Zone = zone })
		midnight := time.Date(2026, 3, 1, 0, 0, 0, 0, zone).UTC().Format(momentLayout)
		if got, issue := f.ToSide(sfSide, "2026-03-01"); got != midnight || issue != nil {
			t.Errorf("UTC%+d: the day is written as %s, want %s", offset, got, midnight)
		}
		last := time.Date(2026, 3, 1, 23, 59, 59, 0, zone).UTC().Format(momentLayout)
		if got := f.Canon(sfSide, last); got != "2026-03-01" {
			t.Errorf("UTC%+d: the last second of the day is read as %s", offset, got)
		}
		if got := f.Canon(hsSide, "1772323200000"); got != "2026-03-01" {
			t.Errorf("UTC%+d: HubSpot's date shifts to %s", offset, got)
		}
	}
}

func TestLIM22_Choices(t *testing.T) {
	sf, hs := sfDef("Industry", "picklist"), hsDef("industry", "enumeration", "select")
	sf.Options = append(options("Tech", "Software", "Banking", "X"), Option{Value: "Old"})
	sf.Restricted = true
	hs.Options = append(options("TECH", "Banking", "X", "Y"), Option{Value: "HIDDEN"})
	values := map[string]string{"Tech": "TECH", "Software": "TECH", "X": "Y"}
	f := pair(t, sf, hs, func(m *FieldMap) { m.Values = values })
	rows := []struct {
		name     string
		side     core.Side // of the source
		in, want string    // want blank: refused
	}{
		{"mapped", sfSide, "Tech", "TECH"},
		{"several for one", sfSide, "Software", "TECH"},
		{"the first one comes back", hsSide, "TECH", "Tech"},
		{"equal values need no map", sfSide, "Banking", "Banking"},
		{"equal values need no map", hsSide, "Banking", "Banking"},
		{"D28 case matters", hsSide, "banking", ""},
		{"D28 look-alikes are not equal", hsSide, "B\u0430nking", ""},
		{"S1 an inactive Salesforce value", hsSide, "Old", ""},
		{"an unknown Salesforce value", sfSide, "New", ""},
		{"a value whose name means something else there", hsSide, "X", ""},
		{"the mapped one does not", hsSide, "Y", "X"},
	}
	for _, row := range rows {
		got, issue := f.ToSide(row.side.Other(), f.Canon(row.side, row.in))
		if got != row.want || (issue != nil) != (row.want == "") {
			t.Errorf("%s: %q of %s becomes %q, %+v", row.name, row.in, row.side, got, issue)
		}
		if issue != nil && (issue.Category != core.CategoryPicklist || issue.Rule != "ERR-7" || !issue.Refused) {
			t.Errorf("%s: %+v", row.name, issue)
		}
	}
	if got := f.Canon(sfSide, "Software"); got != f.Canon(hsSide, "TECH") {
		t.Errorf("two Salesforce values for one HubSpot value are a difference: %s", got)
	}
}

func TestChoicesOfAnOpenPicklist(t *testing.T) {
	sf, hs := sfDef("Type", "picklist"), hsDef("type", "enumeration", "select")
	sf.Options, hs.Options = options("A"), append(options("A"), Option{Value: "HIDDEN"})
	f := pair(t, sf, hs)
	if got, issue := f.ToSide(sfSide, "HIDDEN"); got != "HIDDEN" || issue != nil {
		t.Errorf("a picklist that is not restricted refuses a value: %+v", issue)
	}
	if got, issue := f.ToSide(hsSide, "HIDDEN"); got != "HIDDEN" || issue != nil {
		t.Errorf("a hidden HubSpot option is valid and was refused: %+v", issue)
	}
	if _, issue := f.ToSide(hsSide, "B"); issue == nil {
		t.Error("HubSpot takes listed options only")
	}
}

func TestMAP17_MultipleChoices(t *testing.T) {
	sf, hs := sfDef("M", "multipicklist"), hsDef("m", "enumeration", "checkbox")
	sf.Options, sf.Restricted = options("One", "Two", "Three"), true
	hs.Options = options("1", "2", "Three")
	f := pair(t, sf, hs, func(m *FieldMap) { m.Values = map[string]string{"One": "1", "Two": "2"} })
	if got, issue := f.ToSide(hsSide, f.Canon(sfSide, "Two;Three;One")); got != "1;2;Three" || issue != nil {
		t.Errorf("got %q, %+v", got, issue)
	}
	if got, issue := f.ToSide(sfSide, f.Canon(hsSide, "Three;1;2")); got != "One;Three;Two" || issue != nil {
		t.Errorf("got %q, %+v", got, issue)
	}
	if f.Canon(sfSide, "Two;One") != f.Canon(hsSide, "1;2") {
		t.Error("D16: order is a difference")
	}
	if got, issue := f.ToSide(hsSide, f.Canon(sfSide, "One;Four")); got != "" || issue == nil || !issue.Refused {
		t.Errorf("ERR-7: a set with an unknown value became %q, %+v", got, issue)
	}
}

func TestMAP8_OwnersNeedAMatch(t *testing.T) {
	sf, hs := sfDef("OwnerId", "reference"), hsDef("hubspot_owner_id", "enumeration", "select")
	sf.References, hs.References = []string{"User"}, []string{"OWNER"}
	f := pair(t, sf, hs, func(m *FieldMap) { m.Values = map[string]string{"005A": "41"} })
	if got, issue := f.ToSide(hsSide, f.Canon(sfSide, "005A")); got != "41" || issue != nil {
		t.Errorf("got %q, %+v", got, issue)
	}
	if got, issue := f.ToSide(sfSide, f.Canon(hsSide, "41")); got != "005A" || issue != nil {
		t.Errorf("got %q, %+v", got, issue)
	}
	for side, owner := range map[core.Side]string{sfSide: "42", hsSide: "005B"} {
		if got, issue := f.ToSide(side, f.Canon(side.Other(), owner)); got != "" || issue == nil || !strings.HasPrefix(issue.Rule, "OWN-3") || issue.Told != (side == hsSide) || issue.Code != "owner_unmatched" {
			t.Errorf("an unknown owner became %q, %+v", got, issue)
		}
	}
}

func TestAMB8_ReferencesByIDAndByName(t *testing.T) {
	sf, hs := sfDef("ParentId", "reference"), hsDef("parent", "string", "text")
	byID, byName := pair(t, sf, hs), pair(t, sf, hs, func(m *FieldMap) { m.Reference = "name" })
	rec := core.Record{Values: map[string]string{"ParentId": "0015f00002JUXA8", "Parent.Name": "Acme  "}}
	if got, ok := byID.FromRecord(sfSide, &rec); got != "0015f00002JUXA8AAP" || !ok {
		t.Errorf("by id: %q", got)
	}
	if got, ok := byName.FromRecord(sfSide, &rec); got != "Acme" || !ok || byName.Rule != core.AlwaysSalesforce {
		t.Errorf("by name: %q with rule %s", got, byName.Rule)
	}
}

func TestCanonTellsBlankFromUnreadable(t *testing.T) {
	sf, hs := world()
	m, _ := Compile(core.CompanyPair, []FieldMap{{Salesforce: "Name", HubSpot: "name"}, {Salesforce: "Phone", HubSpot: "phone"}, {Salesforce: "Employees", HubSpot: "employees"}}, sf, hs)
	rec := core.Record{Values: map[string]string{"Name": "Acme", "Phone": ""}}
	values, readable := m.Canon(sfSide, rec)
	if strings.Join(values, "|") != "Acme||" || !readable[0] || !readable[1] || readable[2] {
		t.Errorf("got %q, %v", values, readable)
	}
	issues := m.Unreadable(sfSide, rec)
	if len(issues) != 1 || issues[0].Field != "Employees" || issues[0].Rule != "ERR-6" {
		t.Errorf("issues: %+v", issues)
	}
	rec.Presence = core.Absent
	if _, readable := m.Canon(sfSide, rec); readable[0] || len(m.Unreadable(sfSide, rec)) != 0 {
		t.Error("an absent record is read")
	}
}

func TestERR9_MissingRequiredFields(t *testing.T) {
	required := sfDef("LastName", "string")
	required.Required = true
	auto := sfDef("CaseNumber", "string")
	auto.Required, auto.Calculated = true, true
	defs := []FieldDef{sfDef("Phone", "phone"), required, auto}
	issues := Missing(sfSide, defs, map[string]string{"Phone": "", "LastName": ""})
	if len(issues) != 1 || issues[0].Field != "LastName" || issues[0].Rule != "ERR-9" {
		t.Errorf("issues: %+v", issues)
	}
	if issues := Missing(sfSide, defs, map[string]string{"LastName": "Ω"}); len(issues) != 0 {
		t.Errorf("issues: %+v", issues)
	}
}

func TestDomainOf(t *testing.T) {
	for in, want := range map[string]string{
		"someone@Example.COM": "example.com", "//cdn.example.com/x": "cdn.example.com", "https://www.lib.cas.cz/en/": "lib.cas.cz",
		"www.example.com": "example.com", "http://example.com?x=http://other.org": "example.com", "": "", "https://": "", "acme": "",
		"a b.com": "", "exa_mple.com": "", "https://[::1]/": "", "example..com": "",
	} {
		if got, ok := DomainOf(in); got != want || ok != (want != "") {
			t.Errorf("DomainOf(%q) = %q, %v", in, got, ok)
		}
	}
}

// Telephone numbers and addresses of pages pass as they were typed; only what Salesforce
// has no room for is refused.
func TestMAP2_PhonesAndURLsPassAsTyped(t *testing.T) {
	phone, url := sfDef("Phone", "phone"), sfDef("Website", "url")
	phone.Length, url.Length = 40, 255
	for _, f := range []*Field{pair(t, phone, hsDef("phone", "string", "phonenumber")), pair(t, phone, hsDef("phone", "phone_number", "phonenumber")), pair(t, url, hsDef("website", "string", "text"))} {
		for _, raw := range []string{"+1 (415) 555-0100 x12", "0049/30/1234567", "1-800-FLOWERS", "(03) 9999 1234, (03) 9999 1235", "call Bob", "HTTPS://www.Example.org/Über?q=1#x", "example.org."} {
			for _, from := range core.Sides {
				if got, issue := f.ToSide(from.Other(), f.Canon(from, raw)); got != raw || issue != nil {
					t.Errorf("%s of %s from %s becomes %q, %+v", f.Names[from], raw, from, got, issue)
				}
			}
		}
		if got, issue := f.ToSide(sfSide, strings.Repeat("1", f.Defs[sfSide].Length+1)); got != "" || issue == nil || issue.Code != "too_long" {
			t.Errorf("%s: %q is given, %+v", f.Names[sfSide], got, issue)
		}
	}
}
