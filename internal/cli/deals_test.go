package cli

import (
	"slices"
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/internal/engine"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// newDealsRig is a rig whose people and deals sync as well, with the fields that this
// needs and the mappings that init proposed.
func newDealsRig(t *testing.T) *rig {
	t.Helper()
	r := newPeopleRig(t)
	r.edit(func(f *config.File) { f.Connections[0].Deals.Sync = true })
	r.must(0, "init", "--fields", "--yes")
	return r
}

// TestINST3_CheckFindsWhatDealsNeed: rights on opportunities, on contact roles and on the
// pipelines.
func TestINST3_CheckFindsWhatDealsNeed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		take  func(r *rig) error
		what  string
		state string
		mend  string
	}{
		{"everything there", func(*rig) error { return nil }, "pipelines", green, ""},
		{"opportunities hidden", func(r *rig) error { return r.sims.org.SetRight(salesforcesim.Right{Object: "Opportunity"}) }, "Opportunity", red, "permission set"},
		{"deals not written", func(r *rig) error {
			return r.sims.portal.Configure(hubspotsim.Settings{RemoveScopes: []string{"crm.objects.deals.write"}})
		}, "deals", red, "crm.objects.deals"},
		{"a mapped field hidden", func(r *rig) error {
			return r.sims.org.SetRight(salesforcesim.Right{Object: "Opportunity", Field: "Amount"})
		}, "Opportunity.Amount", red, "field access"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newDealsRig(t)
			if err := tt.take(r); err != nil {
				t.Fatal(err)
			}
			_, _, found := r.checked()
			if f := found[tt.what]; f.State != tt.state || !strings.Contains(f.Mend, tt.mend) {
				t.Errorf("%s: %+v", tt.what, f)
			}
		})
	}
}

// TestDEAL2_EveryVerbSpeaksOfDeals: they are planned, imported, explained, listed and kept
// in the history by the names of both sides, and refused while they do not sync.
func TestDEAL2_EveryVerbSpeaksOfDeals(t *testing.T) {
	t.Parallel()
	r := newDealsRig(t)
	id := r.person("Opportunity", map[string]any{"Name": "Big one", "StageName": "Prospecting", "CloseDate": "2031-05-01", "Amount": 12})
	r.must(0, "import", "company")
	planned := lastJSON[struct{ Counts map[string]int }](t, r.must(0, "plan", "deal", "--json"))
	res := lastJSON[bulkResult](t, r.must(0, "import", "deal", "--from", "salesforce", "--json"))
	if n := res.Objects["deals"].Created; n != int64(planned.Counts["create deals"]) {
		t.Errorf("import ended with %+v, planned were %v", res.Objects, planned.Counts)
	}
	x := lastJSON[engine.Explanation](t, r.must(0, "explain", "opportunity", id, "--json"))
	if x.Link == nil || x.Verdict != engine.InSync || !slices.ContainsFunc(x.Fields, func(f engine.FieldView) bool { return f.HubSpot == "dealstage" && f.InSync }) {
		t.Fatalf("explained as %s: %+v", x.Verdict, x)
	}
	for _, args := range [][]string{{"history", "deal", x.Link.HubSpot}, {"links", "list", "deal"}} {
		if out := r.must(0, args...); !strings.Contains(out, id) {
			t.Errorf("%v says nothing of %s:\n%s", args, id, out)
		}
	}
	if out := r.must(0, "status", "--json"); !strings.Contains(out, `"deal"`) {
		t.Errorf("status tells no deals: %s", out)
	}
	r.edit(func(f *config.File) { f.Connections[0].Deals.Sync = false })
	if code, _, errs := r.run("import", "deal"); code == 0 || !strings.Contains(errs, "DEAL-2") {
		t.Errorf("import while deals are off: exit %d, %s", code, errs)
	}
}
