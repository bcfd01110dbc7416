package jackson

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestProblemsAreWordedAsTheVendorDoes(t *testing.T) {
	for body, want := range map[string]string{
		`{"inputs":{}}`:          "line 1, column 11: Cannot deserialize value of type `java.util.ArrayList` from Object value (token `JsonToken.START_OBJECT`)",
		`{"inputs":"x"}`:         "line 1, column 13: Cannot deserialize value of type `java.util.ArrayList` from String value (token `JsonToken.VALUE_STRING`)",
		"{\"limit\":\n\"many\"}": "line 2, column 6: Cannot deserialize value of type `long` from String value (token `JsonToken.VALUE_STRING`)",
		`{"limit":1.5}`:          "line 1, column 12: Cannot deserialize value of type `long` from Integer value (token `JsonToken.VALUE_NUMBER_INT`)",
		`{"on":7}`:               "line 1, column 7: Cannot deserialize value of type `boolean` from Integer value (token `JsonToken.VALUE_NUMBER_INT`)",
		`[1]`:                    "line 1, column 1: Cannot deserialize value of type `java.util.LinkedHashMap` from Array value (token `JsonToken.START_ARRAY`)",
		`{"inputs":[}`:           "line 1, column 12: Unexpected character ('}' (code 125)): expected a valid value",
		"{\n\"inputs\":[":        "line 2, column 10: Unexpected end-of-input: expected close marker",
		`nope`:                   "line 1, column 2: Unexpected character ('o' (code 111)): expected a valid value",
	} {
		var v struct {
			Inputs []any `json:"inputs"`
			Limit  int   `json:"limit"`
			On     bool  `json:"on"`
		}
		problem, at := Problem([]byte(body), json.Unmarshal([]byte(body), &v))
		got := Message([]byte(body), problem, at)
		if got != "Invalid input JSON on "+want {
			t.Errorf("%s:\n got %s\nwant Invalid input JSON on %s", body, got, want)
		}
		if strings.Contains(got, "json:") || strings.Contains(got, "Go ") {
			t.Errorf("%s: Go's own words: %s", body, got)
		}
	}
}
