package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"sync"
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
)

// Fault is an error in the program itself: a panic, kept from ending the process, which
// serves other records and other connections.
type Fault struct {
	Value any
	Stack string
}

// Error names the fault; its stack is for the log.
func (f *Fault) Error() string { return fmt.Sprintf("Tandem failed: %v", f.Value) }

// guarded runs fn and returns its panic as a Fault.
func guarded(fn func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &Fault{Value: v, Stack: string(debug.Stack())}
		}
	}()
	return fn()
}

// faultPause is how long a record rests on which the program failed: only another version
// of the program, or of the record, is likely to fare better.
const faultPause = time.Hour

// suspects are records of batches that the program failed on, with the end of the time in
// which each is looked at alone.
type suspects struct {
	mu    sync.Mutex
	until map[core.Ref]time.Time
}

// add suspects the records of entries.
func (s *suspects) add(entries []core.Dirty, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.until == nil {
		s.until = map[core.Ref]time.Time{}
	}
	for _, d := range entries {
		s.until[d.Ref] = until
	}
}

// apart splits entries into those that go together and those that go alone.
func (s *suspects) apart(entries []core.Dirty, now time.Time) (together, alone []core.Dirty) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.until, func(_ core.Ref, until time.Time) bool { return until.Before(now) })
	for _, d := range entries {
		if _, suspect := s.until[d.Ref]; suspect {
			alone = append(alone, d)
		} else {
			together = append(together, d)
		}
	}
	return together, alone
}

// process walks one batch through the stages. Where the program fails on it, its records
// are looked at one by one for a while, and the one that it fails on is put off with an
// issue. What was sent before has an intent, which the next look settles as it does after
// a crash.
func (e *Engine) process(ctx context.Context, c *Conn, p core.Pair, entries []core.Dirty) error {
	together, alone := c.suspects.apart(entries, e.Now())
	var fault *Fault
	if len(together) > 0 {
		err := guarded(func() error { return e.walk(ctx, c, p, together) })
		if !errors.As(err, &fault) && err != nil {
			return err
		}
		if fault != nil {
			e.tellFault(c, "batch", len(together), fault)
			c.suspects.add(together, e.Now().Add(faultPause))
			alone = append(alone, together...)
		}
	}
	for i := range alone {
		err := guarded(func() error { return e.walk(ctx, c, p, alone[i:i+1]) })
		if errors.As(err, &fault) {
			err = e.putOffFaulty(ctx, c, alone[i], fault)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// putOffFaulty puts off the one record on which the program failed.
func (e *Engine) putOffFaulty(ctx context.Context, c *Conn, d core.Dirty, fault *Fault) error {
	e.tellFault(c, "record", d.Ref.String(), fault)
	c.suspects.add([]core.Dirty{d}, e.Now().Add(2*faultPause))
	issue := core.Issue{Pair: d.Pair, Ref: d.Ref, Category: core.CategoryOther, Code: "program_fault", Rule: "LIM-23",
		Message: d.Ref.Label() + " is not synced: " + fault.Error(),
		Mend:    "report it with the lines of the log that say program fault; it is tried again every hour, or by tandem retry after an upgrade"}
	return e.Update(ctx, func(tx *store.Tx) error {
		if err := tx.Postpone(c.ID, d, e.Now().Add(faultPause)); err != nil {
			return err
		}
		return tx.IssueOpen(c.ID, issue)
	})
}

// tellFault logs a fault with what was being worked on.
func (e *Engine) tellFault(c *Conn, on string, what any, fault *Fault) {
	e.Log.Error("program fault", "connection", c.Settings.Name, on, what, "fault", fault.Value, "stack", fault.Stack)
}
