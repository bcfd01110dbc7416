package cli

import (
	"strings"
	"testing"
)

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
