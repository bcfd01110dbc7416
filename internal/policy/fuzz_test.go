package policy

import (
	"testing"

	"tandem/internal/fuzzseed"
)

// FuzzListFilter demands that no filter tree of a list stops its reader, and that one
// that is read can be evaluated on anything.
func FuzzListFilter(f *testing.F) {
	fuzzseed.Add(f,
		`{"filterBranchType":"OR","filterBranches":[{"filterBranchType":"AND","filters":[{"filterType":"PROPERTY","property":"city","operation":{"operationType":"MULTISTRING","operator":"IS_EQUAL_TO","values":["Bonn"]}}]}]}`,
		`{"filterBranchType":"AND","filters":[{"filterType":"PROPERTY","property":"n","operation":{"operationType":"NUMBER","operator":"IS_BETWEEN","lowerBound":1,"upperBound":2}}]}`,
		`{"filterBranchType":"NOT_ALL","filters":[{"filterType":"PROPERTY","property":"x","operation":{"operationType":"ALL_PROPERTY","operator":"IS_KNOWN"}}]}`)
	f.Fuzz(func(t *testing.T, tree string) {
		l, err := ParseListFilter([]byte(tree))
		if err != nil {
			return
		}
		for _, value := range []string{"", "Bonn", "1.5", "\xff"} {
			l.Eval(func(string) (string, bool) { return value, value != "\xff" })
		}
	})
}
