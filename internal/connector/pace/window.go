package pace

import "time"

// margin covers the granularity of the vendor's clock at the edge of a window.
const margin = 5 * time.Millisecond

// slot is one call in a window. It is free again when the vendor cannot count
// it any more.
type slot struct {
	free time.Time
	per  time.Duration
}

// answer moves the end of the slot forward: the call reached the vendor before
// its answer reached us.
func (s *slot) answer(now time.Time) {
	if free := now.Add(s.per + margin); free.Before(s.free) {
		s.free = free
	}
}

// window is an exact sliding log: at most calls slots are taken at any moment.
// A call arrives at the vendor between its sending and its answer, so a slot
// lasts until one interval after the answer (or after the guard when the answer
// is late); the next call in its place is sent later than that, so no interval
// of the vendor's own counting ever holds more than calls.
type window struct {
	calls int // 0: unlimited
	per   time.Duration
	slots []*slot
}

// at is the earliest time a call may be sent; the zero time means now.
func (w *window) at(now time.Time) time.Time {
	if w.calls == 0 {
		return time.Time{}
	}
	w.expire(now)
	excess := len(w.slots) - w.calls + 1
	if excess <= 0 {
		return time.Time{}
	}
	return nthFree(w.slots, excess)
}

func (w *window) expire(now time.Time) {
	kept := w.slots[:0]
	for _, s := range w.slots {
		if s.free.After(now) {
			kept = append(kept, s)
		}
	}
	clear(w.slots[len(kept):])
	w.slots = kept
}

// take books a call sent now.
func (w *window) take(now time.Time, guard time.Duration) *slot {
	if w.calls == 0 {
		return nil
	}
	s := &slot{free: now.Add(w.per + guard), per: w.per}
	w.slots = append(w.slots, s)
	return s
}

// foreign books calls that others made, as the vendor told.
func (w *window) foreign(n int, now time.Time) {
	for range n {
		w.slots = append(w.slots, &slot{free: now.Add(w.per), per: w.per})
	}
}

// nthFree is the n-th earliest end of the slots (n from 1).
func nthFree(slots []*slot, n int) time.Time {
	if n == 1 {
		return earliest(slots)
	}
	ends := make([]time.Time, 0, len(slots))
	for _, s := range slots {
		ends = append(ends, s.free)
	}
	sortTimes(ends)
	return ends[n-1]
}

func earliest(slots []*slot) time.Time {
	first := slots[0].free
	for _, s := range slots[1:] {
		if s.free.Before(first) {
			first = s.free
		}
	}
	return first
}
