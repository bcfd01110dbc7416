package hubspot

import (
	"slices"
	"strings"
	"testing"

	"tandem/sim/hubspotsim"
)

func TestContactsConflictMergeAndVanish(t *testing.T) {
	w := serve(t, hubspotsim.Options{})
	var found struct {
		Survivor, Secret, Company string
		Absorbed, Twins, Contacts []string
	}
	w.run("contacts.mjs", &found)
	w.want("contacts", found.Survivor, "email", "a@x.example")
	w.want("contacts", found.Survivor, "hs_additional_emails", "b@x.example;c@x.example")
	w.want("contacts", found.Survivor, "lifecyclestage", "customer")
	w.want("contacts", found.Survivor, "hs_merged_object_ids", strings.Join(found.Absorbed, ";"))
	w.want("companies", found.Company, "domain", "one.example")
	w.gone("contacts", found.Secret)
	if !slices.Equal(found.Contacts, []string{found.Survivor}) {
		t.Errorf("contacts in the list: %v, want the survivor %s only", found.Contacts, found.Survivor)
	}
	for _, e := range w.portal.Ledger() {
		if strings.Contains(e.Before+e.After, "Secret") {
			t.Errorf("the ledger still knows an erased value: %+v", e)
		}
	}
}
