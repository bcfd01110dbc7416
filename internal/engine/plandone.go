package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// appliedBefore is when a plan was done; nil where it was not.
func (e *Engine) appliedBefore(ctx context.Context, id int64) (at *time.Time, err error) {
	err = e.View(ctx, func(tx *store.Tx) error {
		p, err := tx.Plan(id)
		if err != nil || p.State != store.PlanApplied {
			return err
		}
		var m PlanMeta
		err = json.Unmarshal(p.Meta, &m)
		at = &m.Applied
		return err
	})
	return at, err
}

// planDone keeps when a plan was done. The applying of the first import's is a yes.
func (e *Engine) planDone(tx *store.Tx, c *Conn, id int64, run int64) error {
	r, err := tx.Run(run)
	if err != nil {
		return err
	}
	r.State, r.Ended = store.RunDone, e.Now()
	if err := tx.RunSave(r); err != nil {
		return err
	}
	p, err := tx.Plan(id)
	if err != nil {
		return err
	}
	var m PlanMeta
	if err := json.Unmarshal(p.Meta, &m); err != nil {
		return fmt.Errorf("read plan %d: %w", id, err)
	}
	m.Applied = e.Now()
	p.Meta, p.State = room.MustJSON(m), store.PlanApplied
	if err := tx.PlanSave(p); err != nil {
		return err
	}
	return appliedFirst(tx, c, id)
}
