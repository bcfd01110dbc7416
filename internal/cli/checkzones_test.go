package cli

import (
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/sim/salesforcesim"
)

// TestAMB15_CheckTellsOfDaysThatHubSpotShowsInAnotherZone: the simulated org lies in Los
// Angeles and the portal in New York.
func TestAMB15_CheckTellsOfDaysThatHubSpotShowsInAnotherZone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if err := r.sims.org.AddField(salesforcesim.FieldSpec{Object: "Account", Name: "Renewal", Label: "Renewal", Type: "Date"}); err != nil {
		t.Fatal(err)
	}
	said := func(zone string) finding {
		r.edit(func(f *config.File) { f.Connections[0].TimeZone = zone })
		_, _, found := r.checked()
		return found["days of companies"]
	}
	if got := said(""); got.State != "" {
		t.Errorf("without a day that meets a moment: %+v", got)
	}
	r.edit(func(f *config.File) {
		all := f.Connections[0].Mappings["company"]
		f.Connections[0].Mappings["company"] = append(all, config.Mapping{HubSpot: "closedate", Salesforce: "Renewal__c"})
	})
	if got := said(""); got.State != yellow || !strings.Contains(got.Found, "closedate hold days that begin in America/Los_Angeles") || !strings.Contains(got.Mend, "time_zone: US/Eastern") || got.Rule != "AMB-15" {
		t.Errorf("found %+v", got)
	}
	for _, zone := range []string{"US/Eastern", "America/New_York", "America/Toronto"} {
		if got := said(zone); got.State != "" {
			t.Errorf("with %s: %+v", zone, got)
		}
	}
}

// TestAMB15_CheckTellsOfTheCloseDateOfDeals, which is a day in Salesforce and a moment in
// HubSpot.
func TestAMB15_CheckTellsOfTheCloseDateOfDeals(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.edit(func(f *config.File) {
		c := &f.Connections[0]
		c.Deals.Sync = true
		c.Mappings["deal"] = []config.Mapping{{HubSpot: "dealname", Salesforce: "Name"}, {HubSpot: "closedate", Salesforce: "CloseDate"}}
	})
	if _, _, found := r.checked(); found["days of deals"].State != yellow || !strings.Contains(found["days of deals"].Found, "closedate") {
		t.Errorf("found %+v", found["days of deals"])
	}
}
