package cli

import (
	"strings"
	"testing"

	"tandem/internal/engine"
)

// TestDEAL3_DEAL9_StagesAndAssociationsAreNamed by explain, history, plans and conflicts:
// HubSpot's ids of stages say nothing to people, and an association has another end.
func TestDEAL3_DEAL9_StagesAndAssociationsAreNamed(t *testing.T) {
	t.Parallel()
	r := newDealsRig(t)
	r.must(0, "import", "company")
	person := r.person("Contact", map[string]any{"LastName": "Roleholder", "Email": "role@holder.example"})
	id := r.person("Opportunity", map[string]any{"Name": "Big one", "StageName": "Prospecting", "CloseDate": "2031-05-01"})
	gone := r.person("Opportunity", map[string]any{"Name": "Lost one", "StageName": "Closed Lost", "CloseDate": "2031-05-01"})
	r.person("OpportunityContactRole", map[string]any{"OpportunityId": id, "ContactId": person, "Role": "Decision Maker"})
	r.must(0, "sync", "--once")
	says := func(what string, args ...string) {
		t.Helper()
		if out := r.must(0, args...); !strings.Contains(out, what) {
			t.Errorf("%v says nothing of %q: %s", args, what, out)
		}
	}
	says("Prospecting (", "explain", "deal", id)
	says(`dealstage="Prospecting (`, "history", "deal", id)
	says("(Decision Maker)", "history", "deal", id)
	contact := lastJSON[engine.Explanation](t, r.must(0, "explain", "contact", person, "--json")).Link
	says("with HubSpot contact "+contact.HubSpot, "history", "deal", id)

	x := lastJSON[engine.Explanation](t, r.must(0, "explain", "deal", id, "--json"))
	deal, _ := r.sims.portal.As("").Get("deals", lastJSON[engine.Explanation](t, r.must(0, "explain", "deal", gone, "--json")).Link.HubSpot)
	lost := deal["dealstage"]
	if err := r.sims.portal.As("").Update("deals", x.Link.HubSpot, map[string]string{"dealstage": lost}); err != nil {
		t.Fatal(err)
	}
	if err := r.sims.org.As("admin").Update("Opportunity", id, map[string]any{"StageName": "Qualification"}); err != nil {
		t.Fatal(err)
	}
	says(`dealstage "Closed Lost (`+lost+`)" → "Qualification (`, "plan", "deal")
	r.must(0, "sync", "--once")
	says("Closed Lost ("+lost+")", "conflicts")
}
