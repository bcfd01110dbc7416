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
	checksLacks(t, newDealsRig, []lack{
		{"everything there", func(*rig) error { return nil }, green, "pipelines of deals", ""},
		{"opportunities hidden", func(r *rig) error { return r.sims.org.SetRight(salesforcesim.Right{Object: "Opportunity"}) }, red, "Opportunity", "permission set"},
		{"deals not written", func(r *rig) error {
			return r.sims.portal.Configure(hubspotsim.Settings{RemoveScopes: []string{"crm.objects.deals.write"}})
		}, red, "deals", "crm.objects.deals"},
		{"a mapped field hidden", func(r *rig) error {
			return r.sims.org.SetRight(salesforcesim.Right{Object: "Opportunity", Field: "Amount"})
		}, red, "Opportunity.Amount", "field access"},
		{"a currency that is not mapped", func(r *rig) error {
			return r.sims.org.EnableCurrencies(salesforcesim.Currencies{List: []salesforcesim.Currency{{Code: "USD"}, {Code: "EUR", Rate: 0.9}}})
		}, yellow, "currency of deals", "CurrencyIsoCode"},
	})
}

// TestDEAL3_CheckShowsHowStagesOfOwnPipelinesArePaired before anything is written, with what is
// left over.
func TestDEAL3_CheckShowsHowStagesOfOwnPipelinesArePaired(t *testing.T) {
	t.Parallel()
	own := func(line string, stages map[string]string) func(r *rig) error {
		return func(r *rig) error {
			r.edit(func(f *config.File) {
				f.Connections[0].Deals.Pipelines = []config.DealPipeline{{Pipeline: line, Stages: stages}}
			})
			return nil
		}
	}
	checksLacks(t, newDealsRig, []lack{
		{"paired", own("Sales Pipeline", map[string]string{"Prospecting": "qualifiedtobuy"}), green, "pipeline Sales Pipeline", ""},
		{"stages left over", own("Sales Pipeline", nil), yellow, "stages of pipeline Sales Pipeline", "deals.pipelines[].stages"},
		{"open for won", own("default", map[string]string{"Prospecting": "closedwon"}), yellow, "ends of pipeline default", "won with won"},
		{"no such pipeline", own("Nowhere", nil), red, "pipeline Nowhere", "correct the name"},
		{"no such record type", func(r *rig) error {
			r.edit(func(f *config.File) {
				f.Connections[0].Deals.Pipelines = []config.DealPipeline{{RecordType: "Renewal", Pipeline: "default"}}
			})
			return nil
		}, red, "deals.pipelines", "record_type"},
	})
}

// TestDEAL2_EveryVerbSpeaksOfDeals: they are planned, imported, explained, listed and kept
// in the history by the names of both sides, and refused while they do not sync.
func TestDEAL2_EveryVerbSpeaksOfDeals(t *testing.T) {
	t.Parallel()
	r := newDealsRig(t)
	id := r.person("Opportunity", map[string]any{"Name": "Big one", "StageName": "Prospecting", "CloseDate": "2031-05-01", "Amount": 12})
	if out := r.must(0, "plan", "deal"); !strings.Contains(out, "HubSpot lacks 1 pipeline: Salesforce - Default. The next sync makes them") {
		t.Errorf("before the first sync a plan says %s", out)
	}
	r.must(0, "import", "company")
	if out := r.must(0, "plan", "deal"); strings.Contains(out, "lacks") {
		t.Errorf("after it a plan says %s", out)
	}
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
