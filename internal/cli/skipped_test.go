package cli

import (
	"strings"
	"testing"

	"tandem/internal/config"
)

// TestIMP1_AnImportSaysWhomARuleLeftOut, with the rule and how many: being in step with what
// syncs says nothing of them.
func TestIMP1_AnImportSaysWhomARuleLeftOut(t *testing.T) {
	t.Parallel()
	r := newDealsRig(t)
	for _, name := range []string{"Big", "Small", "Tiny"} {
		r.person("Opportunity", map[string]any{"Name": name, "StageName": "Prospecting", "CloseDate": "2031-05-01", "Amount": len(name)})
	}
	r.edit(func(f *config.File) { f.Connections[0].Deals.Filter.FromSalesforce = `Name == "Big"` })
	r.must(0, "import", "company")
	res := lastJSON[bulkResult](t, r.must(0, "import", "deal", "--from", "salesforce", "--when", `CloseDate == "2031-05-01"`, "--json"))
	var n int
	for why, count := range res.Skipped {
		if !strings.HasPrefix(why, "LIM-11: ") {
			t.Errorf("%d were left out by %q", count, why)
		}
		n += count
	}
	if n != 2 { // the big one is new, and has come by itself
		t.Errorf("%d of %d records were left out, want 2", n, res.Records)
	}
	out := r.must(0, "import", "deal", "--from", "salesforce", "--when", `CloseDate == "2031-05-01"`)
	if !strings.Contains(out, "A rule left out 2 records of it: 2 by LIM-11: ") {
		t.Errorf("the import says %s", out)
	}
}
