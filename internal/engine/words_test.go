package engine

import (
	"strings"
	"testing"
	"time"
)

// "Now" is said of what waits to be looked at alone: status says of the rest that nothing is due.
func TestLIM29_ExplainSaysNowOnlyOfWhatIsDue(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(d time.Duration) *time.Time { moment := noon.Add(d); return &moment }
	for want, x := range map[string]Explanation{
		"A sync would now":                    {Pending: []string{"edit"}, Due: at(0)},
		"That sync would":                     {Pending: []string{"retry"}, Due: at(time.Minute)},
		"Once something has it looked at":     {},
		"Once the connection goes on, a sync": {Halt: &Halt{}},
	} {
		if got := x.Soon(noon); !strings.HasPrefix(got, want) {
			t.Errorf("explain says %q, want %q", got, want)
		}
	}
}
