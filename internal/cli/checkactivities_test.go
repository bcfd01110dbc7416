package cli

import (
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/sim/salesforcesim"
)

// TestINST3_ACT1_CheckKnowsTheObjectsOfActivities: it is content once the fields are there,
// and names a right or a mapped field that is missing.
func TestINST3_ACT1_CheckKnowsTheObjectsOfActivities(t *testing.T) {
	t.Parallel()
	r := newPeopleRig(t)
	r.edit(func(f *config.File) {
		a := &f.Connections[0].Activities
		a.Tasks.FromHubSpot, a.Tasks.FromSalesforce, a.Calls.FromHubSpot, a.Meetings.FromSalesforce = true, true, true, true
	})
	if code, _, found := r.checked(); code == 0 || !strings.Contains(found["Task.Tandem_Key_"+r.sims.portal.Info().PortalID+"__c"].Mend, "init --fields") {
		t.Errorf("check of missing fields ends with %d: %+v", code, found)
	}
	r.must(0, "init", "--fields", "--yes")
	if code, state, found := r.checked(); code != 0 || state == red {
		t.Errorf("check ends with %d, %s", code, state)
		for _, f := range found {
			if f.State == red {
				t.Errorf("%+v", f)
			}
		}
	}
	r.edit(func(f *config.File) {
		f.Connections[0].Mappings["call"] = []config.Mapping{{HubSpot: "hs_call_title", Salesforce: "Subject"}, {HubSpot: "hs_call_nothing", Salesforce: "Nothing__c"}}
	})
	if err := r.sims.org.SetRight(salesforcesim.Right{Object: "Event"}); err != nil {
		t.Fatal(err)
	}
	_, _, found := r.checked()
	for _, what := range []string{"Event", "calls.hs_call_nothing", "call Nothing__c"} {
		if found[what].State != red {
			t.Errorf("%s: %+v", what, found[what])
		}
	}
}
