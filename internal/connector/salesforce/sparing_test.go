package salesforce

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"tandem/internal/connector"
	"tandem/internal/core"
)

var quoted = regexp.MustCompile(`IN \(([^)]*)\)`)

// holders answers a query with as many rows as its values have.
func holders(w *wire, has map[string]int) {
	w.on("GET /query", func(rw http.ResponseWriter, r *http.Request) {
		var rows []string
		for _, v := range strings.Split(quoted.FindStringSubmatch(r.URL.Query().Get("q"))[1], ",") {
			for n := range has[v] {
				if len(rows) < pageRows {
					rows = append(rows, fmt.Sprintf(`{"Id":%q,"Name":%q}`, accountID(len(v)*10000+n), v))
				}
			}
		}
		answerJSON(rw, 200, fmt.Sprintf(`{"totalSize":%d,"done":true,"records":[%s]}`, len(rows), strings.Join(rows, ",")))
	})
}

func TestFindSparinglyLeavesOutWhatVeryManyShare(t *testing.T) {
	w := newWire(t)
	holders(w, map[string]int{"'smith'": 9000, "'quist'": 2, "'dean'": 1, "2020-01-02": 3, "'no day'": 7, "'10117'": 5})
	c := client(t, w)
	plain := false
	find := func(values ...string) (names map[string]int, calls int) {
		before := w.count("GET /query")
		got, err := c.FindSparingly(t.Context(), connector.Query{Object: core.Account, By: "Name", Values: values, Fields: []string{"Name"}, Plain: plain})
		if err != nil {
			t.Fatal(err)
		}
		names = map[string]int{}
		for _, r := range got {
			names[r.Values["Name"]]++
		}
		return names, w.count("GET /query") - before
	}
	many := []string{"smith", "quist", "dean", "a", "b", "c", "d", "e"}
	if names, calls := find(many...); names["'quist'"] != 2 || names["'dean'"] != 1 || names["'smith'"] != 0 || calls > 7 {
		t.Errorf("%v in %d calls", names, calls)
	}
	if names, calls := find("quist", "dean"); len(names) != 2 || calls != 1 {
		t.Errorf("rare values: %v in %d calls", names, calls)
	}
	if names, _ := find("10117"); names["'10117'"] != 5 {
		t.Errorf("a text of digits: %v", names)
	}
	plain = true
	if names, _ := find("2020-01-02", "no day"); names["2020-01-02"] != 3 || len(names) != 1 {
		t.Errorf("a day: %v", names)
	}
}

// TestPlainValuesGoWithoutQuotes, and what is neither a number nor a day is not asked:
// nothing that somebody typed reaches a statement unquoted.
func TestPlainValuesGoWithoutQuotes(t *testing.T) {
	w := newWire(t)
	holders(w, map[string]int{"7": 1, "2020-01-02": 2, "-3.5": 1})
	c := client(t, w)
	read := func(values ...string) int {
		got, err := c.Read(t.Context(), connector.Query{Object: core.Account, By: "Number__c", Values: values, Fields: []string{"Name"}, Plain: true})
		if err != nil {
			t.Fatal(err)
		}
		return len(got)
	}
	if n := read("7", "2020-01-02", "-3.5", "x) OR Name != (y", "2020-01-02T00:00", "1e9"); n != 4 {
		t.Errorf("%d records", n)
	}
	if strings.Contains(w.asked[len(w.asked)-1], "OR") {
		t.Errorf("asked %s", w.asked[len(w.asked)-1])
	}
	before := w.count("GET /query")
	if n := read("nobody's"); n != 0 || w.count("GET /query") != before {
		t.Errorf("%d records for what is no number", n)
	}
}
