package engine

import (
	"testing"
	"time"

	"tandem/internal/core"
)

// TestWhatWasReadAheadIsTakenOnceAndWhileItIsFresh: not for an entry that was marked again
// since, and not when the reading is as old as one that is repeated before a write.
func TestWhatWasReadAheadIsTakenOnceAndWhileItIsFresh(t *testing.T) {
	ref := core.Ref{Side: core.Salesforce, Object: core.Contact, ID: "003000000000001AAA"}
	read := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		generation int64
		age        time.Duration
		taken      bool
	}{
		"as it was read":  {7, aheadFor - time.Millisecond, true},
		"marked again":    {8, 0, false},
		"read long since": {7, aheadFor, false},
	} {
		t.Run(name, func(t *testing.T) {
			a := ahead{recs: map[core.Ref]early{ref: {rec: core.Record{Ref: ref}, generation: 7, at: read}}, given: map[core.Ref]int64{}}
			for _, taken := range []bool{c.taken, false} {
				got, missing := a.take([]core.Dirty{{Ref: ref, Generation: c.generation}}, read.Add(c.age))
				if (len(got) == 1) != taken || (len(missing) == 0) != taken {
					t.Errorf("%d taken, %d missing, want it taken: %v", len(got), len(missing), taken)
				}
			}
		})
	}
}
