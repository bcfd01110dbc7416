package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A resync takes all, a file of ids, or the associations alone, and tells of each record.
func TestTRIG9_LIM2_AResyncTakesWhatIsNamed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	l := r.links(2)
	ids, list := filepath.Join(r.dir, "ids.txt"), filepath.Join(r.dir, "list.csv")
	if err := os.WriteFile(ids, []byte(l[0].Salesforce+"\n"+l[1].HubSpot+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := lastJSON[bulkResult](t, r.must(0, "resync", "company", "--ids", ids, "--export", list, "--json"))
	if rows, err := os.ReadFile(list); err != nil || strings.Count(string(rows), ",done,") != 2 || got.Records < 2 {
		t.Errorf("%+v, %v:\n%s", got, err, rows)
	}
	if got := lastJSON[bulkResult](t, r.must(0, "resync", "contact", "--associations", "--json")); got.Run == 0 {
		t.Errorf("the associations' run is %+v", got)
	}
	r.must(0, "backfill", "company", "--from", "salesforce")
	for _, wrong := range [][]string{{"resync", "company"}, {"resync", "company", "--all", "--ids", ids}, {"resync", "company", l[0].Salesforce, "--all"},
		{"backfill", "company", "--from", "salesforce", "--to", "hubspot"}} {
		r.must(exitUsage, wrong...)
	}
	if code, _, errs := r.run("resync", "company", "--list", "No such list"); code == 0 || !strings.Contains(errs, "No such list") {
		t.Errorf("a list that is not there: %d %s", code, errs)
	}
	if code, _, errs := r.run("resync", "company", "--associations"); code == 0 || !strings.Contains(errs, "do not sync") {
		t.Errorf("associations of companies: %d %s", code, errs)
	}
}
