package mapping

import "testing"

// TestLIM22_TheWayBackPrefersTheSameWord has several Salesforce values stand for one
// HubSpot value; the one that says the same is written, wherever it stands in the
// picklist.
func TestLIM22_TheWayBackPrefersTheSameWord(t *testing.T) {
	sf := &FieldDef{Name: "Industry", Options: []Option{{Value: "Communications", Active: true}, {Value: "Telecommunications", Active: true}, {Value: "Media", Active: true}}}
	values := map[string]string{"Communications": "TELECOMMUNICATIONS", "Telecommunications": "TELECOMMUNICATIONS", "Media": "ONLINE_MEDIA", "Zeitung": "ONLINE_MEDIA"}
	c := newChoiceMap(values, sf)
	for hubspot, want := range map[string]string{"TELECOMMUNICATIONS": "Telecommunications", "ONLINE_MEDIA": "Media"} {
		if got, ok := c.salesforce(hubspot); !ok || got != want {
			t.Errorf("%s becomes %q, want %q", hubspot, got, want)
		}
	}
}
