package hubspot

import (
	"slices"
	"testing"

	"tandem/sim/hubspotsim"
)

func TestImportsUpsertAndTieRecords(t *testing.T) {
	w := serve(t, hubspotsim.Options{})
	var found struct{ Old, Fresh, Company, Source, History string }
	w.run("imports.mjs", &found)
	w.want("contacts", found.Old, "lastname", "After")
	w.want("contacts", found.Old, "hs_lead_status", "NEW")
	w.want("companies", found.Company, "domain", "x.example")
	people := w.person.Associated("companies", found.Company, "contacts")
	slices.Sort(people)
	if want := []string{found.Old, found.Fresh}; !slices.Equal(people, want) {
		t.Errorf("contacts of the company: %v, want %v: an import goes by the domain", people, want)
	}
	if found.Source != "IMPORT" || found.History != "IMPORT" {
		t.Errorf("source %q, history %q: want IMPORT", found.Source, found.History)
	}
}
