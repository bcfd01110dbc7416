package room

import (
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// Backoff doubles from one second to a quarter of an hour.
func Backoff(tries int) time.Duration {
	return min(time.Second<<min(tries, 10), 15*time.Minute)
}

// DirtyRefs are the records of entries, in their order.
func DirtyRefs(ds []core.Dirty) []core.Ref {
	out := make([]core.Ref, len(ds))
	for i, d := range ds {
		out[i] = d.Ref
	}
	return out
}

// DirtyOf makes refs dirty for one reason; without any there is nothing to look again
// for, and nobody is marked. Those of no pair are left out.
func DirtyOf(pairs core.PairSet, refs []core.Ref, why core.Reasons, run int64, at time.Time) []core.Dirty {
	if why == 0 {
		return nil
	}
	out := make([]core.Dirty, 0, len(refs))
	for _, r := range refs {
		pair, ok := pairs.Of(r.Side, r.Object)
		if !ok {
			continue
		}
		out = append(out, core.Dirty{Ref: r, Pair: pair, Reasons: why, NotBefore: at, Run: run})
	}
	return out
}

// PriorityOf is how urgent the calls are that records need for some reasons: what a
// person or an event waits for goes first.
func PriorityOf(r core.Reasons) connector.Priority {
	switch {
	case r.Has(core.ReasonEdit | core.ReasonCreate | core.ReasonDelete | core.ReasonPerson | core.ReasonParent | core.ReasonGap | core.ReasonOwn):
		return connector.Live
	case r.Has(core.ReasonRetry):
		return connector.Retry
	}
	return connector.Backfill
}
