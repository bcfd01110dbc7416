package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tandem/internal/core"
)

func TestIMP1_AListOfIDsIsReadInAnyFormPeopleHaveIt(t *testing.T) {
	lead, contact := core.Ref{Side: core.Salesforce, Object: core.Lead, ID: "00Q000000000001EAA"}, core.Ref{Side: core.Salesforce, Object: core.Contact, ID: "003000000000001AAA"}
	person := core.Ref{Side: core.HubSpot, Object: core.Contacts, ID: "12345"}
	for name, text := range map[string]string{
		"one a line":        "00Q000000000001\n003000000000001AAA\n12345\n",
		"without an end":    "00Q000000000001EAA\r\n003000000000001\r\n\r\n12345",
		"twice":             "00Q000000000001\n00Q000000000001EAA\n003000000000001\n12345\n",
		"with a heading":    "Record ID\n00Q000000000001\n003000000000001\n12345\n",
		"a report":          "\"Name\",\"Contact ID\"\n\"Adams, Ada\",\"00Q000000000001\"\n\"Bob\",003000000000001\nCy,12345\n",
		"of a spreadsheet":  "\ufeffId,Name\n00Q000000000001,Ada\n003000000000001,Bob\n12345,Cy\n",
		"without a heading": "00Q000000000001,Ada\n003000000000001,Bob\n 12345 ,Cy\n",
	} {
		got, err := parseIDs(core.StandardPairs, core.ContactPair, strings.NewReader(text))
		if err != nil || !slices.Equal(got, []core.Ref{lead, contact, person}) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestIMP1_WrongIDsAreNamedWithTheirLine(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"no id":             {"00Q000000000001\nAda\n", `line 2: "Ada" is no id of a contact or lead`},
		"another object":    {"00Q000000000001\n001000000000001\n", `line 2: "001000000000001" is no id of a contact or lead`},
		"lost its case":     {"00Q000000000001\n00qA00000000001AAA\n", `line 2: "00qA00000000001AAA" is no id`},
		"blank cell":        {"Id,Name\n00Q000000000001,Ada\n,Bob\n", `line 3: "" is no id`},
		"short row":         {"Name,Id\nAda,00Q000000000001\nBob\n", `line 3: "" is no id`},
		"no column of ids":  {"Name,City\nAda,Aarhus\n", `line 1: "Name" is no id of a contact or lead; line 2: "Ada" is no id`},
		"of all the first":  {"Id\n" + strings.Repeat("x\n", 12), "line 6: \"x\" is no id of a contact or lead; and 7 more"},
		"a leading zero":    {"00Q000000000001\n0123\n", `line 2: "0123" is no id`},
		"a number too long": {"00Q000000000001\n123456789012345678901\n", "line 2:"},
	} {
		if _, err := parseIDs(core.StandardPairs, core.ContactPair, strings.NewReader(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
	if got, err := parseIDs(core.StandardPairs, core.CompanyPair, strings.NewReader("001000000000001\n77\n")); err != nil || len(got) != 2 || got[0].Object != core.Account || got[1].Object != core.Companies {
		t.Errorf("companies: %v, %v", got, err)
	}
}

// A list brings in what it names and nothing else, tells how each record ended, and
// leaves the question of the first import open.
func TestIMP1_LIM30_AnImportOfAListBringsInWhatItNames(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "sync", "--once")
	var ids []string
	accounts, err := r.sims.org.As("admin").Query("SELECT Id FROM Account ORDER BY Name LIMIT 3")
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range accounts {
		ids = append(ids, rec["Id"].(string))
	}
	list, result := filepath.Join(r.dir, "ids.csv"), filepath.Join(r.dir, "result.csv")
	if err := os.WriteFile(list, []byte("Name,Account ID\nOne,"+ids[0]+"\nTwo,"+ids[1]+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	res := lastJSON[bulkResult](t, r.must(0, "import", "company", "--ids", list, "--export", result, "--json"))
	if res.Records != 2 {
		t.Errorf("%d records were looked at, want 2", res.Records)
	}
	var linked []string
	for _, l := range r.links(100) {
		linked = append(linked, l.Salesforce)
	}
	if len(linked) != 2 || !slices.Contains(linked, ids[0]) || !slices.Contains(linked, ids[1]) || slices.Contains(linked, ids[2]) {
		t.Errorf("linked are %v, want %v", linked, ids[:2])
	}
	told, err := os.ReadFile(result)
	if err != nil || strings.Count(string(told), ",done,") != 2 {
		t.Errorf("the list of results is\n%s%v", told, err)
	}
	if s := lastJSON[statusView](t, r.must(0, "status", "--json")); s.First == nil {
		t.Error("an import of two records answered the question of the first import")
	}
	wrote := r.ours()
	r.must(0, "import", "company", "--ids", list)
	if n := r.ours() - wrote; n != 0 {
		t.Errorf("the same list again writes %d times", n)
	}
	if code, _, errs := r.run("import", "contact", "--ids", list); code != exitUsage || !strings.Contains(errs, "line 2:") {
		t.Errorf("accounts for contacts: exit %d, %s", code, errs)
	}
}
