package cli

import (
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/sim/salesforcesim"
)

// newCampaignsRig is a rig whose people sync, with lifecycle stages and campaigns.
func newCampaignsRig(t *testing.T) *rig {
	t.Helper()
	r := newPeopleRig(t)
	r.edit(func(f *config.File) {
		f.Connections[0].Campaigns.Sync = true
		f.Connections[0].Lifecycle.AutomaticTransitions = true
	})
	r.must(0, "init", "--fields", "--yes")
	return r
}

// TestINST3_CheckFindsWhatCampaignsAndStagesNeed: rights on campaigns, their members,
// opportunities and contact roles, though deals do not sync.
func TestINST3_CheckFindsWhatCampaignsAndStagesNeed(t *testing.T) {
	t.Parallel()
	checksLacks(t, newCampaignsRig, []lack{
		{"everything there", func(*rig) error { return nil }, green, "CampaignMember", ""},
		{"campaigns hidden", func(r *rig) error { return r.sims.org.SetRight(salesforcesim.Right{Object: "Campaign"}) }, red, "Campaign", "permission set"},
		{"opportunities hidden", func(r *rig) error { return r.sims.org.SetRight(salesforcesim.Right{Object: "Opportunity"}) }, red, "Opportunity", "permission set"},
	})
}

// TestCAMP3_ImportTakesACampaign by its id, once it is active, and a plan shows the same.
func TestCAMP3_ImportTakesACampaign(t *testing.T) {
	t.Parallel()
	r := newCampaignsRig(t)
	fair := r.person("Campaign", map[string]any{"Name": "Fair"})
	lead := r.person("Lead", map[string]any{"LastName": "Member", "Company": "Co", "Email": "member@fair.example"})
	r.person("CampaignMember", map[string]any{"CampaignId": fair, "LeadId": lead})
	if code, _, errs := r.run("import", "contact", "--campaign", fair); code == 0 || !strings.Contains(errs, "CAMP-3") {
		t.Errorf("an inactive campaign: exit %d, %s", code, errs)
	}
	if err := r.sims.org.As("admin").Update("Campaign", fair, map[string]any{"IsActive": true}); err != nil {
		t.Fatal(err)
	}
	planned := lastJSON[struct{ Counts map[string]int }](t, r.must(0, "plan", "contact", "--campaign", fair, "--json"))
	if planned.Counts["create contacts"] != 1 {
		t.Errorf("planned were %v", planned.Counts)
	}
	res := lastJSON[bulkResult](t, r.must(0, "import", "contact", "--campaign", fair, "--json"))
	if res.Records != 1 || res.Objects["contacts"].Created != 1 {
		t.Errorf("import ended with %+v", res)
	}
	if out := r.must(0, "history", "contact", lead); !strings.Contains(out, "salesforcecampaignids") {
		t.Errorf("history tells of no campaign: %s", out)
	}
}
