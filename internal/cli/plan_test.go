package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// A plan says how much more there is than it shows, and its application which
// record was not written and why.
func TestI13_ApplyNamesWhatItRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if out := r.must(0, "plan", "company"); !strings.Contains(out, "19 more to create companies; --out FILE or --json shows all") {
		t.Errorf("the plan does not say what it leaves out:\n%s", out)
	}
	first, _, _ := strings.Cut(r.must(0, "plan", "company", "--json"), "\n")
	id := lastJSON[core.Op](t, first).Source.ID
	if err := r.sims.portal.As("").Update("companies", id, map[string]string{"name": "Changed since"}); err != nil {
		t.Fatal(err)
	}
	code, out, _ := r.run("apply", "1")
	if code != exitNot || !strings.Contains(out, "29 applied, 1 refused") || !strings.Contains(out, "refused  HubSpot company "+id+": changed since the plan was made; a sync would now write: create") {
		t.Errorf("apply ends with %d and says:\n%s", code, out)
	}
	if again := lastJSON[engine.Applied](t, r.must(0, "apply", "1", "--json")); len(again.Left) != 0 || again.Before == nil || again.Before.IsZero() {
		t.Errorf("nothing is left to apply, but it says %+v", again)
	}
	if out := r.must(0, "apply", "1"); !strings.Contains(out, "applied already at "+time.Now().Format("2006-01-02")) {
		t.Errorf("applied again it says:\n%s", out)
	}
	if out := r.must(0, "plan", "company"); strings.Contains(out, "Nothing would be written") && strings.Contains(out, " update ") {
		t.Errorf("nothing would be written, but the rules tell of updates:\n%s", out)
	}
}

// Who would end up with two companies of one website learns it from the plan.
func TestAMB3_APlanWarnsOfTwins(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	there, err := r.sims.portal.As("").Create("companies", map[string]string{"name": "Dupco Inc", "domain": "dupco.example"})
	if err != nil {
		t.Fatal(err)
	}
	id, err := r.sims.org.As("admin").Create("Account", map[string]any{"Name": "Dupco", "Website": "https://www.dupco.example/en"})
	if err != nil {
		t.Fatal(err)
	}
	advice := "tandem links link company " + id + " " + there
	if out := r.must(0, "plan", "company"); !strings.Contains(out, "HubSpot would get 1 company with a website that another one has there, such as dupco.example") || !strings.Contains(out, advice) {
		t.Errorf("the plan does not warn of twins:\n%s", out)
	}
	if out := r.must(0, "plan", "company"); !strings.Contains(out, "Dupco of Salesforce and Dupco Inc of HubSpot") {
		t.Errorf("the plan does not name the two:\n%s", out)
	}
	second, err := r.sims.org.As("admin").Create("Account", map[string]any{"Name": "Dupco Two", "Website": "dupco.example"})
	if err != nil {
		t.Fatal(err)
	}
	if out := r.must(0, "plan", "company"); strings.Contains(out, "link company "+second) && strings.Contains(out, "link company "+id) {
		t.Errorf("two accounts have the website, and the plan proposes both:\n%s", out)
	}
	if err := r.sims.org.As("admin").Delete("Account", second); err != nil {
		t.Fatal(err)
	}
	r.must(0, strings.Fields(strings.TrimPrefix(advice, "tandem "))...)
	if out := r.must(0, "plan", "company"); strings.Contains(out, "dupco.example") {
		t.Errorf("the two are linked, but the plan says:\n%s", out)
	}
}

// TestLIFE2_APlanShowsTheStages that roles on opportunities ask for, of who is linked and of
// who would be made.
func TestLIFE2_APlanShowsTheStages(t *testing.T) {
	t.Parallel()
	r := newPeopleRig(t)
	roles, err := r.sims.org.As("admin").Query("SELECT ContactId FROM OpportunityContactRole WHERE Opportunity.IsClosed = false ORDER BY Id")
	if err != nil || len(roles) < 2 {
		t.Fatal(roles, err)
	}
	people := [2]string{roles[0]["ContactId"].(string), roles[1]["ContactId"].(string)}
	list := filepath.Join(r.dir, "people.txt")
	for i, ids := range []string{people[0], people[0] + "\n" + people[1]} {
		if err := os.WriteFile(list, []byte(ids+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			r.must(0, "import", "contact", "--ids", list)
			r.edit(func(f *config.File) { f.Connections[0].Lifecycle.AutomaticTransitions = true })
		}
	}
	contains(t, r.must(0, "plan", "contact", "--ids", list), `lifecyclestage "lead" → "opportunity"`, `lifecyclestage="opportunity"`, "LIFE-2")
}
