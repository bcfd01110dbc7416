package cli

import (
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/sim/hubspotsim"
)

// TestCO1_CheckNamesTheObjectThatIsMissing in HubSpot, or hidden from the app, and says what to
// do; once it is there nothing is said.
func TestCO1_CheckNamesTheObjectThatIsMissing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.site()
	named := func(hubspot string) finding {
		r.edit(func(f *config.File) {
			f.Connections[0].CustomObjects = []config.CustomObject{{Name: "site", Salesforce: "Site__c", HubSpot: hubspot, Sync: true}}
			f.Connections[0].Mappings["site"] = []config.Mapping{{HubSpot: "title", Salesforce: "Name"}}
		})
		_, _, found := r.checked()
		for _, f := range found {
			if f.Rule == "CO-1" {
				return f
			}
		}
		return finding{}
	}
	for _, gone := range []string{"2-999999", id} {
		if gone == id {
			if err := r.sims.portal.Configure(hubspotsim.Settings{RemoveScopes: []string{"crm.objects.custom.read", "crm.objects.custom.write", "crm.schemas.custom.read"}}); err != nil {
				t.Fatal(err)
			}
		}
		f := named(gone)
		if f.State != red || !strings.Contains(f.What+f.Found, gone) && !strings.Contains(f.What, "site") || !strings.Contains(f.Mend, "make the custom object in HubSpot") || !strings.Contains(f.Mend, "crm.schemas.custom.read") {
			t.Errorf("of the object %s check says %+v", gone, f)
		}
	}
	if err := r.sims.portal.Configure(hubspotsim.Settings{AddScopes: []string{"crm.objects.custom.read", "crm.objects.custom.write", "crm.schemas.custom.read"}}); err != nil {
		t.Fatal(err)
	}
	if f := named(id); f.What != "" {
		t.Errorf("of an object that is there check says %+v", f)
	}
}

// TestCO1_VerbsKnowTheObjectsOfTheSettingsInForce applies a custom object beside the
// settings file: every verb that takes an object knows it from then on.
func TestCO1_VerbsKnowTheObjectsOfTheSettingsInForce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "sync", "--once")
	if _, _, errs := r.run("issues", "site"); !strings.Contains(errs, "unknown object site") {
		t.Errorf("before it is applied issues says %q", errs)
	}
	r.apply(0, r.must(0, "settings", "export")+"custom_objects:\n  - {name: site, salesforce: Site__c, hubspot: 2-30000014, sync: true}\n")
	for _, verb := range [][]string{{"issues", "site"}, {"history", "site", "30"}, {"explain", "site", "30"}, {"links", "list", "site"}, {"links", "review", "site"}, {"plan", "site"}, {"import", "site"}, {"resync", "site", "30"}, {"backfill", "site", "Name", "--from", "salesforce"}} {
		if _, out, errs := r.run(verb...); strings.Contains(errs, "unknown object") {
			t.Errorf("%s: %s%s", strings.Join(verb, " "), out, errs)
		}
	}
}
