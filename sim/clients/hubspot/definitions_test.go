package hubspot

import (
	"testing"

	"tandem/sim/hubspotsim"
)

func TestAdministratorsDefinePropertiesPipelinesAndObjects(t *testing.T) {
	w := serve(t, hubspotsim.Options{})
	var found struct{ Company, Deal, Stage, Tied string }
	w.run("definitions.mjs", &found)
	w.want("companies", found.Company, "rank", "gold")
	w.want("deals", found.Deal, "dealstage", found.Stage)
	w.want("deals", found.Deal, "hs_is_closed_won", "true")
	if _, err := w.person.Create("deals", map[string]string{"dealname": "E", "dealstage": found.Stage}); err == nil {
		t.Error("a stage of another pipeline was taken")
	}
}

func TestCustomObjectsAreRefusedBelowEnterprise(t *testing.T) {
	w := serve(t, hubspotsim.Options{Tier: "professional"})
	var refused struct {
		Category string
		Scopes   []string
	}
	w.run("tier.mjs", &refused)
	if refused.Category != "MISSING_SCOPES" || len(refused.Scopes) != 1 {
		t.Errorf("answer %+v", refused)
	}
}
