package cli

import (
	"maps"
	"slices"
	"strings"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// describeForetold says what passes after a plan was applied, since the sides give new records
// values by themselves.
func (a *app) describeForetold(p planned) {
	for _, f := range p.Foretold {
		a.printf("\n%s\n", f.Words())
	}
	if a.makesInHubSpot(p.Counts) {
		a.printf("\nWhat HubSpot gives new records by itself, and what workflows and automation of either side add, is not foretold: in mapped fields it passes with the next sync.\n")
	}
}

// makesInHubSpot reports that a plan makes records in HubSpot.
func (a *app) makesInHubSpot(counts map[string]int) bool {
	for what := range counts {
		object, creates := strings.CutPrefix(what, string(core.OpCreate)+" ")
		if _, of := a.known().Of(core.HubSpot, core.Object(object)); creates && of {
			return true
		}
	}
	return false
}

// describeOverrides says which settings an import does not heed.
func (a *app) describeOverrides(n map[string]int) {
	for _, key := range slices.Sorted(maps.Keys(n)) {
		a.printf("\n%s.\n", engine.OverrideWords(key, n[key]))
	}
}
