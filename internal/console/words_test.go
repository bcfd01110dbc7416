package console

import (
	"testing"

	"tandem/internal/core"
)

// TestWhatIsWrittenIsCalledAlikeEverywhere: by what it is called, and with its side.
func TestWhatIsWrittenIsCalledAlikeEverywhere(t *testing.T) {
	words := written(core.StandardPairs)
	for key, want := range map[string]string{
		"create Account":             "create accounts in Salesforce",
		"update Opportunity":         "update opportunities in Salesforce",
		"create companies":           "create companies in HubSpot",
		"archive line_items":         "archive line items in HubSpot",
		"close_link":                 "close link",
		"update something_of_nobody": "update something_of_nobody",
	} {
		if got := words(key); got != want {
			t.Errorf("%s is called %q, want %q", key, got, want)
		}
	}
}
