package notify

import (
	"math/rand/v2"
	"time"
)

// Faults are what goes wrong with events: shares from 0 to 1, and counts for the
// next events. Webhooks and journal count them each for itself.
type Faults struct {
	Drop, Duplicate         float64
	DropNext, DuplicateNext int
	// HoldNext events are told only after Hold, behind later ones; until the faults
	// end where Hold is not positive.
	HoldNext int
	Hold     time.Duration
	Shuffle  bool // the order of the events gathered together
}

// add puts further faults on top of those that are on.
func (f *Faults) add(more Faults) {
	f.Drop, f.Duplicate = max(f.Drop, more.Drop), max(f.Duplicate, more.Duplicate)
	f.DropNext += more.DropNext
	f.DuplicateNext += more.DuplicateNext
	if more.HoldNext > 0 {
		f.HoldNext, f.Hold = f.HoldNext+more.HoldNext, more.Hold
	}
	f.Shuffle = f.Shuffle || more.Shuffle
}

// copies is how often the next event is told: once, but for faults.
func (f *Faults) copies(rng *rand.Rand) int {
	switch {
	case f.DropNext > 0:
		f.DropNext--
		return 0
	case f.DuplicateNext > 0:
		f.DuplicateNext--
		return 2
	case f.Drop > 0 && rng.Float64() < f.Drop:
		return 0
	case f.Duplicate > 0 && rng.Float64() < f.Duplicate:
		return 2
	}
	return 1
}

// held says whether the next event waits, and for how long.
func (f *Faults) held() (wait time.Duration, yes bool) {
	if f.HoldNext == 0 {
		return 0, false
	}
	f.HoldNext--
	if f.Hold <= 0 {
		return untilMended, true
	}
	return f.Hold, true
}

// untilMended is longer than any test or rehearsal.
const untilMended = 100 * 365 * 24 * time.Hour

// SetFaults replaces the faults; the zero Faults ends them, and tells what was
// held back.
func (w *Webhooks) SetFaults(f Faults) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = f
	if f.HoldNext > 0 {
		return
	}
	for _, a := range w.apps {
		for _, b := range a.waiting {
			if b.held {
				b.due = w.opts.Now()
			}
		}
	}
	w.wake()
}

// AddFaults puts further faults on top of those that are on.
func (w *Webhooks) AddFaults(f Faults) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults.add(f)
}

// holdBack keeps an event as a delivery of its own for later.
func (w *Webhooks) holdBack(a *app, e event, wait time.Duration) {
	a.waiting = append(a.waiting, &batch{events: []event{e}, due: w.opts.Now().Add(wait), held: true})
	w.wake()
}

// SetFaults replaces the faults; the zero Faults ends them, and tells what was
// held back.
func (j *Journal) SetFaults(f Faults) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.faults = f
	if f.HoldNext > 0 {
		return
	}
	for _, r := range j.readers {
		for i := range r.held {
			r.held[i].due = j.opts.Now()
		}
	}
}

// AddFaults puts further faults on top of those that are on.
func (j *Journal) AddFaults(f Faults) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.faults.add(f)
}

// Forget drops every entry so far, as if its retention were over: a reader's
// offset is then unknown.
func (j *Journal) Forget() {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, r := range j.readers {
		j.publish(r, j.opts.Now())
		r.entries, r.pending = nil, nil
	}
}

// heldEvent waits for its time in the journal.
type heldEvent struct {
	raw []byte
	due time.Time
}

// release takes events out of hold whose time has come.
func (r *reader) release(now time.Time) (due [][]byte) {
	kept := r.held[:0]
	for _, h := range r.held {
		if h.due.After(now) {
			kept = append(kept, h)
			continue
		}
		due = append(due, h.raw)
	}
	r.held = kept
	return due
}
