package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
)

// reconciling sets whether removals are looked for, whatever the profile says.
func reconciling(yes bool) func(*config.Connection) {
	return func(c *config.Connection) { c.Campaigns.Reconcile = &yes }
}

// TestLIM27_ASweepComparesMemberships that nothing announced: one that ended while nobody looked
// for removals, and that no poll reaches back to.
func TestLIM27_ASweepComparesMemberships(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact), withCampaigns(), Settings(reconciling(false)))
		fair, mail := w.campaign("Fair"), w.campaign("Mailing")
		sf, hs := w.colleague("", "Ada")
		_, other := w.colleague("", "Bo")
		member := w.joins(fair, sf)
		w.joins(mail, sf)
		w.again()
		w.wantListed(hs, fair, mail)
		w.wantStill(t) // nothing asks for another look
		w.must(w.Org.As(admin).Delete("CampaignMember", member))
		w.again()
		w.Advance(2 * time.Hour)
		w.again()
		w.sweepAll()
		w.again()
		w.wantListed(hs, fair, mail)
		w.Restart(reconciling(true))
		w.sweepAll()
		w.again()
		w.wantListed(hs, mail)
		w.wantListed(other)
		w.wantHistory(hs, "LIM-27")
		w.wantStill(t)
	})
}

// campaignNames are what the list of campaigns in HubSpot calls them, by their ids.
func (w *World) campaignNames() map[string]string {
	w.T.Helper()
	out := map[string]string{}
	for _, o := range w.portalCall("GET", "/crm/v3/properties/contacts/"+conn.CampaignsProperty, nil)["options"].([]any) {
		one := o.(map[string]any)
		out[one["value"].(string)] = one["label"].(string)
	}
	return out
}

// TestCAMP1_TheListFollowsTheNamesOfCampaigns: two that swap their names, and one that takes a
// third one's, which labels cannot share. Nobody's list is written for it.
func TestCAMP1_TheListFollowsTheNamesOfCampaigns(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact), withCampaigns())
		a, b, c := w.campaign("Spring"), w.campaign("Autumn"), w.campaign("Fair")
		sf, hs := w.colleague("", "Ada")
		for _, id := range []string{a, b, c} {
			w.joins(id, sf)
		}
		w.again()
		w.wantListed(hs, a, b, c)
		for id, name := range map[string]string{a: "Autumn", b: "Spring", c: "Spring"} {
			w.change(core.Campaign, id, "Name", name)
		}
		w.sweepAll()
		w.again()
		got := w.campaignNames()
		if names := []string{got[b], got[c]}; got[a] != "Autumn" || names[0] == names[1] || names[0] != "Spring" && names[0] != "Spring ("+b+")" || names[1] != "Spring" && names[1] != "Spring ("+c+")" {
			t.Errorf("the campaigns are called %v", got)
		}
		w.wantListed(hs, a, b, c)
		w.sweepAll()
		if again := w.campaignNames(); again[a] != got[a] || again[b] != got[b] || again[c] != got[c] {
			t.Errorf("a second sweep calls them %v", again)
		}
		w.wantStill(t)
		w.wantNoIssues()
	})
}
