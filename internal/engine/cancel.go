package engine

import (
	"context"
	"fmt"

	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// CancelRun ends a run that has not ended, on a person's word. Records that it named
// and that nobody has worked on are forgotten, but for those that something else
// named as well; it returns how many. What the run has written stays.
func (e *Engine) CancelRun(ctx context.Context, c *Conn, id int64) (forgotten int64, err error) {
	defer c.pulseNow()
	err = e.Update(ctx, func(tx *store.Tx) error {
		r, err := tx.Run(id)
		if store.CodeOf(err) == store.NotFound || err == nil && r.Conn != c.ID {
			return &room.Error{Code: room.CodeNotFound, Message: fmt.Sprintf("there is no run %d of connection %s", id, c.Settings.Name), Mend: "tandem status lists the runs"}
		}
		if err != nil {
			return err
		}
		if r.State != store.RunQueued && r.State != store.RunRunning {
			return &room.Error{Code: room.CodeUsage, Message: fmt.Sprintf("run %d (%s) has ended: %s", id, RunWords(c.Pairs, r), StateWords(r.State)), Mend: "only what has not ended can be cancelled"}
		}
		if !Lists(r.Kind) {
			return &room.Error{Code: room.CodeUsage, Message: fmt.Sprintf("run %d (%s) lists nothing that could be forgotten", id, RunWords(c.Pairs, r)), Mend: "tandem pause stops a connection"}
		}
		r.State, r.Ended = store.RunCancelled, e.Now()
		if err := tx.RunSave(r); err != nil {
			return err
		}
		if forgotten, err = tx.RunForget(id); err != nil {
			return err
		}
		return e.audit(tx, "cancel", id)
	})
	return forgotten, err
}

// Listed reports that an open run has listed all that it names, so that its total
// grows no more.
func Listed(pairs core.PairSet, r store.Run) bool {
	if !Lists(r.Kind) {
		return true
	}
	steps, err := stepsOf(pairs, r)
	at, _ := parseCheckpoint(r.Checkpoint)
	return err == nil && at >= len(steps)
}

// wanted leaves out the entries of runs that a person ended since they were
// claimed.
func (e *Engine) wanted(ctx context.Context, entries []core.Dirty) (kept []core.Dirty, err error) {
	ended := map[int64]bool{0: false}
	err = e.View(ctx, func(tx *store.Tx) error {
		kept = nil
		for _, d := range entries {
			if _, known := ended[d.Run]; !known {
				r, err := tx.Run(d.Run)
				if err != nil && store.CodeOf(err) != store.NotFound {
					return err
				}
				ended[d.Run] = r.State == store.RunCancelled
			}
			if !ended[d.Run] {
				kept = append(kept, d)
			}
		}
		return nil
	})
	return kept, err
}
