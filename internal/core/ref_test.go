package core

import (
	"encoding/json"
	"testing"
)

// Programs read the names of sides; numbers and byte lists that a store may hold
// are understood.
func TestASideIsNamedInJSON(t *testing.T) {
	text, err := json.Marshal(map[string]any{"ref": Ref{HubSpot, Companies, "7"}, "sides": Sides[:]})
	if err != nil || string(text) != `{"ref":{"side":"hubspot","object":"companies","id":"7"},"sides":["salesforce","hubspot"]}` {
		t.Errorf("%s, %v", text, err)
	}
	for _, in := range []string{`{"side":"hubspot","object":"companies","id":"7"}`, `{"Side":1,"Object":"companies","ID":"7"}`} {
		var r Ref
		if err := json.Unmarshal([]byte(in), &r); err != nil || r != (Ref{HubSpot, Companies, "7"}) {
			t.Errorf("%s is read as %v, %v", in, r, err)
		}
	}
	var sides []Side
	if err := json.Unmarshal([]byte(`"AAE="`), &sides); err != nil || len(sides) != 2 || sides[1] != HubSpot {
		t.Errorf("stored sides are read as %v, %v", sides, err)
	}
	if err := json.Unmarshal([]byte(`["both"]`), &sides); err == nil {
		t.Error("a side of another name is read")
	}
}
