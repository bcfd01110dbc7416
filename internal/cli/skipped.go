package cli

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tandem/internal/engine"
)

// reasonsShown is how many reasons are told of records that a run left out; the rest is a
// number.
const reasonsShown = 3

// skippedBy counts the records that a run left out, by the rule and its reason.
func (s *session) skippedBy(ctx context.Context, run int64) (map[string]int, error) {
	out := map[string]int{}
	err := engine.RunList{Store: s.store(), Run: run}.Each(ctx, func(r engine.RunRecord) error {
		if r.State == engine.RunRecordSkipped {
			out[r.Why]++
		}
		return nil
	})
	return out, err
}

// describeSkipped says how many records of a run a rule left out, and for what, the most
// frequent reason first: they are in step with nobody.
func (a *app) describeSkipped(run int64, by map[string]int) {
	if len(by) == 0 {
		return
	}
	why := slices.SortedFunc(maps.Keys(by), func(x, y string) int { return cmp.Or(by[y]-by[x], strings.Compare(x, y)) })
	n, rest := 0, 0
	var said []string
	for i, w := range why {
		n += by[w]
		if i < reasonsShown {
			said = append(said, fmt.Sprintf("%d by %s", by[w], w))
		} else {
			rest += by[w]
		}
	}
	if rest > 0 {
		said = append(said, fmt.Sprintf("%d for other reasons", rest))
	}
	a.printf("A rule left out %s of it: %s. tandem runs %d --export FILE lists which.\n", counted(n, [2]string{"record", "records"}), strings.Join(said, "; "), run)
}
