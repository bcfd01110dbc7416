package cli

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tandem/internal/engine"
)

// exported are the lines of a list of results by the ids of their records; a record may
// have one.
func exported(t *testing.T, file string) map[string][]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, row := range rows[1:] {
		if out[row[2]] != nil {
			t.Errorf("%s has two lines: %v and %v", row[2], out[row[2]], row)
		}
		out[row[2]] = row
	}
	return out
}

// The list of results has a line for each record, and says of whom the rules left away
// why.
func TestIMP1_IMP3_TheListOfResultsSaysWhoWasSkipped(t *testing.T) {
	t.Parallel()
	r := newPeopleRig(t)
	r.must(0, "import", "company")
	jo := r.person("Lead", map[string]any{"LastName": "Jo", "Company": "Zeta", "Email": "info@zeta.example"})
	kim := r.person("Lead", map[string]any{"LastName": "Kim", "Company": "Zeta", "Email": "info@zeta.example"})
	dan := r.person("Lead", map[string]any{"LastName": "Dan", "Company": "Zeta"})
	list, result := filepath.Join(r.dir, "people.csv"), filepath.Join(r.dir, "result.csv")
	if err := os.WriteFile(list, []byte(strings.Join([]string{jo, kim, dan, "00Q000000000999EAA"}, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, _ = r.run("import", "contact", "--ids", list, "--export", result)
	got := exported(t, result)
	for id, want := range map[string][2]string{jo: {engine.RunRecordDone, ""}, dan: {engine.RunRecordSkipped, "IMP-3: "}, "00Q000000000999EAA": {engine.RunRecordSkipped, "ERR-6: "}} {
		if row := got[id]; len(row) != 5 || row[3] != want[0] || !strings.HasPrefix(row[4], want[1]) || (row[4] == "") != (want[1] == "") {
			t.Errorf("%s: %q, want %q", id, row, want)
		}
	}
	if row := got[kim]; len(row) != 5 || row[3] == engine.RunRecordDone || row[4] == "" {
		t.Errorf("the second person with an address: %q", row)
	}
}

// A pilot is looked at before: a plan takes the pickers of an import, and shows whom that
// import would write and nobody else.
func TestIMP1_I13_APilotIsPlannedBefore(t *testing.T) {
	t.Parallel()
	r := newPeopleRig(t)
	oslo := r.person("Lead", map[string]any{"LastName": "Brown", "Company": "Zeta", "Email": "bo@zeta.example", "City": "Oslo"})
	r.person("Lead", map[string]any{"LastName": "Rossi", "Company": "Zeta", "Email": "ro@zeta.example", "City": "Rome"})
	list := filepath.Join(r.dir, "people.csv")
	if err := os.WriteFile(list, []byte(oslo+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	wrote := r.ours()
	for _, args := range [][]string{{"plan", "lead", "--when", `City == "Oslo"`}, {"plan", "contact", "--ids", list}} {
		out := r.must(0, append(args, "--json")...)
		p := lastJSON[planned](t, out)
		if p.Counts["create contacts"] != 1 || p.Looked != 1 || !strings.Contains(out, "bo@zeta.example") || strings.Contains(out, "ro@zeta.example") {
			t.Errorf("%v: looked at %d, %v", args, p.Looked, p.Counts)
		}
	}
	if code, _, errs := r.run("plan", "contact", "--due", "--ids", list); code != exitUsage || !strings.Contains(errs, "--due") {
		t.Errorf("--due with --ids: exit %d, %s", code, errs)
	}
	if code, _, errs := r.run("plan", "lead", "--when", `Town == "Oslo"`); code != exitNot || !strings.Contains(errs, "Town") {
		t.Errorf("a field that is not there: exit %d, %s", code, errs)
	}
	if n := r.ours() - wrote; n != 0 {
		t.Errorf("planning wrote %d times", n)
	}
}

// A plan counts a write once that several records ask for, and tells which accounts come
// along.
func TestI13_APlanCountsAWriteOnce(t *testing.T) {
	t.Parallel()
	r := newPeopleRig(t)
	_, err := r.sims.portal.As("").Create("contacts", map[string]string{"email": "pat@zeta.example", "lastname": "Pat"})
	if err != nil {
		t.Fatal(err)
	}
	account := r.person("Account", map[string]any{"Name": "Zeta"})
	r.person("Contact", map[string]any{"LastName": "Pat", "Email": "pat@zeta.example", "AccountId": account, "HasOptedOutOfEmail": true})
	r.person("Lead", map[string]any{"LastName": "Pat", "Company": "Zeta", "Email": "PAT@zeta.example", "HasOptedOutOfEmail": true})
	p := lastJSON[planned](t, r.must(0, "plan", "contact", "--json"))
	if n := p.Counts["unsubscribe contacts"]; n != 1 || p.Along == 0 {
		t.Errorf("%v, %d along", p.Counts, p.Along)
	}
}
