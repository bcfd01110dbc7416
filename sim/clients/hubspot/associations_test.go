package hubspot

import (
	"slices"
	"testing"

	"tandem/sim/hubspotsim"
)

func TestAssociationsOfBothVersionsAndTheirLabels(t *testing.T) {
	w := serve(t, hubspotsim.Options{})
	var found struct{ Contact, One, Two, Three, Deal, Loose, Counted string }
	w.run("associations.mjs", &found)
	if got := w.person.Associated("contacts", found.Contact, "companies"); !slices.Equal(got, []string{found.Two}) {
		t.Errorf("companies of the contact: %v", got)
	}
	w.want("contacts", found.Contact, "associatedcompanyid", found.Two)
	if got := w.person.Associated("contacts", found.Contact, "deals"); !slices.Equal(got, []string{found.Deal}) {
		t.Errorf("deals of the contact: %v", got)
	}
	if got := w.person.Associated("contacts", found.Loose, "companies"); got != nil {
		t.Errorf("companies of the loose contact: %v", got)
	}
	if found.Counted != "1" {
		t.Errorf("num_associated_contacts %q, want 1", found.Counted)
	}
}
