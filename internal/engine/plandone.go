package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// planMeta reads what a plan was made for.
func planMeta(tx *store.Tx, id int64) (p store.Plan, m PlanMeta, err error) {
	if p, err = tx.Plan(id); err != nil {
		return p, m, err
	}
	if err := json.Unmarshal(p.Meta, &m); err != nil {
		return p, m, fmt.Errorf("read plan %d: %w", id, err)
	}
	return p, m, nil
}

// appliedBefore is when a plan was done; nil where it was not.
func (e *Engine) appliedBefore(ctx context.Context, id int64) (at *time.Time, err error) {
	err = e.View(ctx, func(tx *store.Tx) error {
		p, m, err := planMeta(tx, id)
		if err == nil && p.State == store.PlanApplied {
			at = &m.Applied
		}
		return err
	})
	return at, err
}

// planStands stores a state of a plan, with the reason why it is not done.
func planStands(tx *store.Tx, id int64, state store.PlanState, problem string) error {
	p, m, err := planMeta(tx, id)
	if err != nil {
		return err
	}
	m.Problem = problem
	p.Meta, p.State = room.MustJSON(m), state
	return tx.PlanSave(p)
}

// StopPlan keeps why a plan is applied no further; it can be tried again.
func (e *Engine) StopPlan(ctx context.Context, id int64, why string) error {
	return e.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Plan(id)
		if err != nil || p.State != store.PlanApplying {
			return err
		}
		return planStands(tx, id, store.PlanReady, why)
	})
}

// AbandonPlan keeps why a plan could not be made; nothing of it can be applied.
func (e *Engine) AbandonPlan(ctx context.Context, id int64, why string) error {
	return e.Update(ctx, func(tx *store.Tx) error { return planStands(tx, id, store.PlanAbandoned, why) })
}

// planDone ends a run that applied a plan or a part of it. A plan of which nothing is left
// is done, and keeps since when. The applying of the first import's is a yes.
func (e *Engine) planDone(tx *store.Tx, c *Conn, id int64, run int64) error {
	r, err := tx.Run(run)
	if err != nil {
		return err
	}
	r.State, r.Ended = store.RunDone, e.Now()
	if err := tx.RunSave(r); err != nil {
		return err
	}
	left, err := PlanPart{}.pending(tx, id, 0, 1)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return planStands(tx, id, store.PlanReady, "")
	}
	p, m, err := planMeta(tx, id)
	if err != nil {
		return err
	}
	m.Applied, m.Problem = e.Now(), ""
	p.Meta, p.State = room.MustJSON(m), store.PlanApplied
	if err := tx.PlanSave(p); err != nil {
		return err
	}
	return appliedFirst(tx, c, id)
}
