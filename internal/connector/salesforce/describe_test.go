package salesforce

import (
	"encoding/json"
	"testing"
)

// TestFieldOfTellsTheDefault of a field, as describe has it: of a picklist the choice that is
// marked, else the value; a formula makes one that nobody knows beforehand, and an unticked
// box is none.
func TestFieldOfTellsTheDefault(t *testing.T) {
	for in, want := range map[string]struct {
		value   string
		formula bool
	}{
		`{"type":"picklist","picklistValues":[{"value":"A","active":true},{"value":"B","active":true,"defaultValue":true}]}`: {"B", false},
		`{"type":"picklist","picklistValues":[{"value":"A","active":false,"defaultValue":true}]}`:                            {"", false},
		`{"type":"string","defaultValue":"Web","defaultValueFormula":null}`:                                                  {"Web", false},
		`{"type":"double","defaultValue":1250000}`:                                                                           {"1250000", false},
		`{"type":"date","defaultValue":null,"defaultValueFormula":"TODAY()"}`:                                                {"", true},
		`{"type":"boolean","defaultValue":false}`:                                                                            {"", false},
		`{"type":"boolean","defaultValue":true}`:                                                                             {"true", false},
		`{"type":"string"}`:                                                                                                  {"", false},
	} {
		var f describeField
		if err := json.Unmarshal([]byte(in), &f); err != nil {
			t.Fatal(err)
		}
		if got := fieldOf(f); got.Default != want.value || got.Computed != want.formula {
			t.Errorf("%s has default %q, by a formula %v", in, got.Default, got.Computed)
		}
	}
}
