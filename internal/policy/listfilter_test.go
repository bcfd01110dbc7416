package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// tree wraps one operation on a property as lists answer it.
func tree(property, operation string) string {
	return fmt.Sprintf(`{"filterBranchType":"OR","filters":[],"filterBranches":[{"filterBranchType":"AND","filterBranches":[],
		"filters":[{"filterType":"PROPERTY","property":%q,"operation":%s}]}]}`, property, operation)
}

func values(pairs ...string) Getter {
	return func(property string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == property {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

func TestINC6_Operations(t *testing.T) {
	rows := []struct{ operation, members, others string }{
		{`{"operationType":"MULTISTRING","operator":"IS_EQUAL_TO","values":["John","Jane"]}`, "john|JANE", "|Johnny"},
		{`{"operationType":"MULTISTRING","operator":"IS_NOT_EQUAL_TO","values":["John"]}`, "Jane", "john|"},
		{`{"operationType":"multistring","operator":"CONTAINS","values":["@x.com"],"includeObjectsWithNoValueSet":false}`, "a@X.com", "a@y.com|"},
		{`{"operationType":"MULTISTRING","operator":"DOES_NOT_CONTAIN","values":["x"],"includeObjectsWithNoValueSet":true}`, "abc|", "axe"},
		{`{"operationType":"STRING","operator":"STARTS_WITH","value":"Ac"}`, "Acme|acne", "Zac|"},
		{`{"operationType":"STRING","operator":"ENDS_WITH","value":"me"}`, "Acme", "mean"},
		{`{"operationType":"ENUMERATION","operator":"IS_ANY_OF","values":["lead","customer"]}`, "lead|x;customer", "subscriber|Lead|"},
		{`{"operationType":"ENUMERATION","operator":"IS_NONE_OF","values":["subscriber"]}`, "lead", "subscriber|lead;subscriber|"},
		{`{"operationType":"ENUMERATION","operator":"IS_NONE_OF","values":["subscriber"],"includeObjectsWithNoValueSet":true}`, "lead|", "subscriber"},
		{`{"operationType":"ENUMERATION","operator":"IS_EXACTLY","values":["a","b"]}`, "b;a", "a|a;b;c"},
		{`{"operationType":"ENUMERATION","operator":"IS_NOT_EXACTLY","values":["a"]}`, "a;b|b", "a"},
		{`{"operationType":"ENUMERATION","operator":"CONTAINS_ALL","values":["a","b"]}`, "a;b|c;b;a", "a"},
		{`{"operationType":"ENUMERATION","operator":"DOES_NOT_CONTAIN_ALL","values":["a","b"]}`, "a|c", "a;b;c"},
		{`{"operationType":"BOOL","operator":"IS_EQUAL_TO","value":true}`, "true", "false|"},
		{`{"operationType":"BOOL","operator":"IS_NOT_EQUAL_TO","value":true,"includeObjectsWithNoValueSet":true}`, "false|", "true"},
		{`{"operationType":"NUMBER","operator":"IS_GREATER_THAN","value":100}`, "100.01|1e3", "100|99|abc|"},
		{`{"operationType":"NUMBER","operator":"IS_GREATER_THAN_OR_EQUAL_TO","value":100}`, "100.0|101", "99|abc|"},
		{`{"operationType":"NUMBER","operator":"IS_LESS_THAN_OR_EQUAL_TO","value":"100"}`, "100|-5", "100.5|abc"},
		{`{"operationType":"NUMBER","operator":"IS_LESS_THAN","value":0}`, "-1", "0|1"},
		{`{"operationType":"NUMBER","operator":"IS_EQUAL_TO","value":3600}`, "3600.0|3600", "3601"},
		{`{"operationType":"NUMBER","operator":"IS_NOT_EQUAL_TO","value":5}`, "6|abc", "5.0|"},
		{`{"operationType":"number-ranged","operator":"IS_BETWEEN","lowerBound":0,"upperBound":10}`, "0|10|5.5", "-1|10.1"},
		{`{"operationType":"NUMBER_RANGED","operator":"IS_NOT_BETWEEN","lowerBound":0,"upperBound":10}`, "11", "10|"},
		{`{"operationType":"ALL_PROPERTY","operator":"IS_KNOWN"}`, "x", ""},
		{`{"operationType":"alltypes","operator":"IS_NOT_BLANK"}`, "x", ""},
		{`{"operationType":"ALL_PROPERTY","operator":"IS_UNKNOWN"}`, "", "x"},
		{`{"operationType":"alltypes","operator":"IS_BLANK"}`, "", "x"},
	}
	for _, row := range rows {
		l, err := ParseListFilter([]byte(tree("p", row.operation)))
		if err != nil {
			t.Errorf("%s: %v", row.operation, err)
			continue
		}
		for want, list := range map[Membership]string{Member: row.members, NotMember: row.others} {
			for v := range strings.SplitSeq(list, "|") {
				if got := l.Eval(values("p", v)); got != want {
					t.Errorf("%s on %q: member %s, want %s", row.operation, v, got, want)
				}
			}
		}
		if got := l.Eval(values()); got != UnknownMembership {
			t.Errorf("%s without an answer: member %s", row.operation, got)
		}
	}
}

func TestINC6_Branches(t *testing.T) {
	known := func(p string) string {
		return fmt.Sprintf(`{"filterType":"PROPERTY","property":%q,"operation":{"operationType":"ALL_PROPERTY","operator":"IS_KNOWN"}}`, p)
	}
	node := func(typ, filters, branches string) string {
		return fmt.Sprintf(`{"filterBranchType":%q,"filters":[%s],"filterBranches":[%s]}`, typ, filters, branches)
	}
	both := known("a") + "," + known("b")
	rows := []struct {
		name, tree string
		// by a and b: blank-blank, blank-set, set-blank, set-set
		want string
		// with b not answered: a blank, a set
		half string
	}{
		{"and", node("OR", "", node("AND", both, "")), "nnny", "nu"},
		{"or of ands", node("OR", "", node("AND", known("a"), "")+","+node("AND", known("b"), "")), "nyyy", "uy"},
		{"and with a sub-branch", node("OR", "", node("AND", known("a"), node("AND", known("b"), ""))), "nnny", "nu"},
		{"none of them", node("OR", "", node("AND", "", node("NOT_ANY", both, ""))), "ynnn", "un"},
		{"not all of them", node("OR", "", node("AND", "", node("NOT_ALL", both, ""))), "yyyn", "yu"},
		{"no branch is nobody", node("OR", "", ""), "nnnn", "nn"},
		{"no filter is everybody", node("OR", "", node("AND", "", "")), "yyyy", "yy"},
	}
	letters := map[Membership]string{Member: "y", NotMember: "n", UnknownMembership: "u"}
	for _, row := range rows {
		l, err := ParseListFilter([]byte(row.tree))
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		got, half := "", ""
		for _, a := range []string{"", "x"} {
			for _, b := range []string{"", "x"} {
				got += letters[l.Eval(values("a", a, "b", b))]
			}
			half += letters[l.Eval(values("a", a))]
		}
		if got != row.want || half != row.half {
			t.Errorf("%s: %s and %s, want %s and %s", row.name, got, half, row.want, row.half)
		}
	}
}

func TestListsThatOnlyHubSpotCanEvaluate(t *testing.T) {
	rows := map[string]string{
		"not JSON":         `{`,
		"events":           `{"filterBranchType":"OR","filterBranches":[{"filterBranchType":"UNIFIED_EVENTS","filters":[]}]}`,
		"associations":     `{"filterBranchType":"OR","filterBranches":[{"filterBranchType":"AND","filterBranches":[{"filterBranchType":"ASSOCIATION"}]}]}`,
		"another list":     `{"filterBranchType":"OR","filterBranches":[{"filterBranchType":"AND","filters":[{"filterType":"IN_LIST","listId":"5"}]}]}`,
		"no property":      tree("", `{"operationType":"ALL_PROPERTY","operator":"IS_KNOWN"}`),
		"history":          tree("p", `{"operationType":"STRING","operator":"HAS_EVER_BEEN_EQUAL_TO","value":"x"}`),
		"a point in time":  tree("p", `{"operationType":"TIME_POINT","operator":"IS_AFTER"}`),
		"a rolling range":  tree("p", `{"operationType":"TIME_RANGED","operator":"IS_BETWEEN"}`),
		"rolling days":     tree("p", `{"operationType":"datetime-rolling","operator":"IS_LESS_THAN_X_DAYS_AGO","numberOfDays":5}`),
		"two properties":   tree("p", `{"operationType":"string-comparative","operator":"IS_EQUAL_TO","comparisonPropertyName":"q"}`),
		"two, by number":   tree("p", `{"operationType":"NUMBER","operator":"IS_EQUAL_TO","comparisonPropertyName":"q","value":1}`),
		"no value":         tree("p", `{"operationType":"MULTISTRING","operator":"CONTAINS","values":[]}`),
		"a number missing": tree("p", `{"operationType":"NUMBER","operator":"IS_EQUAL_TO","value":"many"}`),
		"a bound missing":  tree("p", `{"operationType":"NUMBER_RANGED","operator":"IS_BETWEEN","lowerBound":1}`),
		"unknown operator": tree("p", `{"operationType":"NUMBER","operator":"IS_PRIME","value":1}`),
		"nested without end": strings.Repeat(`{"filterBranchType":"AND","filterBranches":[`, 30) +
			`{"filterBranchType":"AND"}` + strings.Repeat(`]}`, 30),
	}
	for name, text := range rows {
		_, err := ParseListFilter([]byte(text))
		var u *Unreadable
		if !errors.As(err, &u) || u.Reason == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestListFilterNamesItsProperties(t *testing.T) {
	text := `{"filterBranchType":"OR","filterBranches":[` +
		tree("b", `{"operationType":"ALL_PROPERTY","operator":"IS_KNOWN"}`) + `,` +
		tree("a", `{"operationType":"ALL_PROPERTY","operator":"IS_KNOWN"}`) + `,` + tree("b", `{"operationType":"ALL_PROPERTY","operator":"IS_UNKNOWN"}`) + `]}`
	l, err := ParseListFilter([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got := l.Properties(); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %v", got)
	}
}
