package hubspot

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// TestFindSparinglyLeavesOutWhatVeryManyShare: values are asked in ever smaller parts
// until their records fit a page, and given up where all of them are common.
func TestFindSparinglyLeavesOutWhatVeryManyShare(t *testing.T) {
	holders := map[string]int{"smith": 1000, "quist": 2, "dean": 1, "jones": 5000}
	c, s := scripted(t, func(q seen) *http.Response {
		var body wireFind
		if err := json.Unmarshal([]byte(q.body), &body); err != nil {
			t.Fatal(err)
		}
		var rows []string
		total := 0
		for _, v := range body.Groups[0].Filters[0].Values {
			for n := range holders[v] {
				if total++; len(rows) < searchSize {
					rows = append(rows, recordJSON(fmt.Sprint(len(v)*10000+n), `{"lastname":"`+v+`"}`, false))
				}
			}
		}
		return respond(200, fmt.Sprintf(`{"total":%d,"results":[%s]}`, total, strings.Join(rows, ",")))
	})
	find := func(values ...string) (names map[string]int, calls int) {
		before := len(s.calls)
		got, err := c.FindSparingly(t.Context(), connector.Query{Object: core.Contacts, By: "lastname", Values: values})
		if err != nil {
			t.Fatal(err)
		}
		names = map[string]int{}
		for _, r := range got {
			names[r.Values["lastname"]]++
		}
		return names, len(s.calls) - before
	}
	many := []string{"Smith", "Quist", "Dean", "a", "b", "c", "d", "e"}
	if names, calls := find(many...); names["quist"] != 2 || names["dean"] != 1 || names["smith"] != 0 || calls > 7 {
		t.Errorf("%v in %d calls", names, calls)
	}
	if names, calls := find("Quist", "Dean"); len(names) != 2 || calls != 1 {
		t.Errorf("rare values: %v in %d calls", names, calls)
	}
	if names, calls := find("Smith", "Jones"); len(names) != 0 || calls != 1 {
		t.Errorf("common values: %v in %d calls", names, calls)
	}
}
