package pace

import (
	"fmt"
	"slices"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// eldest is how often a lane serves its oldest turn whatever the priority, so
// that a steady stream of live changes never starves a backfill.
const eldest = 10

// turn is one call that waits for its turn, and then the slots it took.
type turn struct {
	priority connector.Priority
	seq      uint64
	lane     *lane
	slots    []*slot
	ready    chan struct{}
	err      error
}

// queue holds the waiting turns of a lane by priority, oldest first.
type queue struct {
	turns [connector.Backfill + 1][]*turn
	taken int
}

func (q *queue) push(w *turn) { q.turns[w.priority] = append(q.turns[w.priority], w) }

// head is the turn to serve next, nil when none waits.
func (q *queue) head() *turn {
	var head *turn
	for _, turns := range q.turns {
		if len(turns) == 0 {
			continue
		}
		if head == nil || (q.taken%eldest == eldest-1 && turns[0].seq < head.seq) {
			head = turns[0]
		}
	}
	return head
}

func (q *queue) remove(w *turn) bool {
	turns := q.turns[w.priority]
	i := slices.Index(turns, w)
	if i < 0 {
		return false
	}
	q.turns[w.priority] = slices.Delete(turns, i, i+1)
	return true
}

// lane is a bucket at work.
type lane struct {
	name   Bucket
	limit  Limit
	within *lane
	window window
	frozen time.Time // no call before, by the vendor's word
	queue  queue
}

// at is when the lane and those around it admit a call; not after now means now.
func (l *lane) at(now time.Time) time.Time {
	var at time.Time
	for ; l != nil; l = l.within {
		at = later(at, later(l.window.at(now), l.frozen))
	}
	return at
}

func (l *lane) freezeEnd() time.Time {
	var at time.Time
	for ; l != nil; l = l.within {
		at = later(at, l.frozen)
	}
	return at
}

// dispatch serves every turn that may go now and sets the timer for the next.
// Callers hold t.mu.
func (t *Transport) dispatch() {
	for {
		now := t.cfg.Now()
		next, wait := t.next(now)
		if next == nil {
			t.arm(now, wait)
			return
		}
		next.lane.queue.remove(next)
		if next.err == nil {
			t.grant(next, now)
		}
		close(next.ready)
	}
}

// next is the most urgent turn that may go or must be refused now; without one,
// the earliest time when that may change (zero: only by another call's end).
func (t *Transport) next(now time.Time) (best *turn, wait time.Time) {
	for _, name := range t.order {
		w := t.lanes[name].queue.head()
		if w == nil {
			continue
		}
		if w.err = t.refuse(w, now); w.err != nil {
			return w, time.Time{}
		}
		at, ok := t.admits(w, now)
		switch {
		case ok && (best == nil || urgent(w, best)):
			best = w
		case !ok && !at.IsZero() && (wait.IsZero() || at.Before(wait)):
			wait = at
		}
	}
	return best, wait
}

func urgent(a, b *turn) bool {
	if a.priority != b.priority {
		return a.priority < b.priority
	}
	return a.seq < b.seq
}

// refuse is the error for a call that must not wait here.
func (t *Transport) refuse(w *turn, now time.Time) error {
	if end := w.lane.freezeEnd(); end.Sub(now) > t.cfg.MaxWait {
		return &connector.Error{Side: t.cfg.Side, Class: core.ClassTransient, Code: connector.CodeBudget, RetryAt: end,
			Message: fmt.Sprintf("the account asked for a pause until %s", end.UTC().Format(time.RFC3339))}
	}
	if !w.lane.limit.OffBudget {
		if retry, spent := t.budget.spent(w.priority, now); spent {
			return t.overspent(retry)
		}
	}
	return nil
}

func (t *Transport) overspent(retry time.Time) error {
	return &connector.Error{Side: t.cfg.Side, Class: core.ClassQuota, Code: connector.CodeBudget, RetryAt: retry,
		Message: fmt.Sprintf("our share of %d calls in 24 hours is used up", t.budget.limit),
		Mend:    fmt.Sprintf("raise allocated_calls.%[1]s (or %[1]s.daily_api_calls in the settings file), or wait until %[2]s", t.cfg.Side, retry.UTC().Format(time.RFC3339))}
}

// admits says whether the call may go now, or else when to look again.
func (t *Transport) admits(w *turn, now time.Time) (at time.Time, ok bool) {
	if t.cfg.MaxConcurrent > 0 && t.open >= t.cfg.MaxConcurrent {
		return time.Time{}, false
	}
	at = later(w.lane.at(now), t.probing(now))
	return at, !at.After(now)
}

// probing holds everything but the first call back until the vendor answered
// once (or the guard is over): the answer tells the limit and what is left of
// it, which matters after a restart in the middle of a window.
func (t *Transport) probing(now time.Time) time.Time {
	if t.heard || t.open == 0 || len(t.cfg.Limits) == 0 {
		return time.Time{}
	}
	return t.first.Add(t.cfg.Guard)
}

func (t *Transport) grant(w *turn, now time.Time) {
	if t.first.IsZero() {
		t.first = now
	}
	t.open++
	w.lane.queue.taken++
	if !w.lane.limit.OffBudget {
		t.budget.add(now, 1)
	}
	for l := w.lane; l != nil; l = l.within {
		if s := l.window.take(now, t.cfg.Guard); s != nil {
			w.slots = append(w.slots, s)
		}
	}
}

// arm sets the timer that looks at the queues again.
func (t *Transport) arm(now, at time.Time) {
	if t.wake != nil {
		t.wake.Stop()
		t.wake = nil
	}
	if at.IsZero() {
		return
	}
	t.wake = time.AfterFunc(max(at.Sub(now), time.Millisecond), func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.dispatch()
	})
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func sortTimes(ts []time.Time) { slices.SortFunc(ts, time.Time.Compare) }
