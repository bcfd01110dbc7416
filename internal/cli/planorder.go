package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"tandem/internal/engine"
	"tandem/internal/store"
)

// What somebody orders who does not wait for its end. A stored command stands for it until
// it is done, so that it outlasts the page that asked and the process that began.
const (
	makePlanVerb  = "make plan"
	applyPartVerb = "apply part"
	lookVerb      = "look"
)

// ordered reports a verb that nobody waits for: a command of it is never too old.
func ordered(verb string) bool {
	return verb == makePlanVerb || verb == applyPartVerb || verb == lookVerb
}

// orderedPlan names the plan that was ordered.
type orderedPlan struct {
	Plan int64 `json:"plan"`
}

// doBeginPlan orders a plan and gives its number.
func doBeginPlan(ctx context.Context, c *wired, rq request) (any, error) {
	if !rq.Due {
		if err := c.mayBring(rq.Pair); err != nil {
			return nil, err
		}
	}
	meta := engine.PlanMeta{Connection: rq.Connection, Pair: rq.Pair, Due: rq.Due, Sides: rq.Sides}
	return c.orderPlan(ctx, rq, meta)
}

// doBeginPreview orders a plan that shows what other mappings would alter.
func doBeginPreview(ctx context.Context, c *wired, rq request) (any, error) {
	meta, err := engine.PreviewMeta(c.conn.Wanted, engine.PlanDraft{List: rq.List, Base: rq.Base, Settings: rq.Settings})
	if err != nil {
		return nil, err
	}
	if err := c.mayBring(meta.Pair); err != nil {
		return nil, err
	}
	meta.Connection, meta.Enough = rq.Connection, rq.Enough
	return c.orderPlan(ctx, rq, meta)
}

// orderPlan begins a plan and orders that it is made.
func (c *wired) orderPlan(ctx context.Context, rq request, meta engine.PlanMeta) (out orderedPlan, err error) {
	err = c.engine.Update(ctx, func(tx *store.Tx) (err error) {
		if err := stillBase(tx, rq); err != nil {
			return err
		}
		out.Plan, err = c.engine.BeginPlan(tx, c.conn, meta)
		if err != nil {
			return err
		}
		return order(tx, makePlanVerb, request{Connection: rq.Connection, By: rq.By, Plan: out.Plan})
	})
	return out, err
}

func order(tx *store.Tx, verb string, rq request) error {
	args, err := json.Marshal(rq)
	if err == nil {
		_, err = tx.CommandPut(verb, args)
	}
	return err
}

// doMakePlan makes a plan that was ordered. One that cannot be made says why.
func doMakePlan(ctx context.Context, w *world, rq request) (any, error) {
	_, err := patiently(func(ctx context.Context, c *wired, rq request) (any, error) {
		return c.engine.MakePlan(ctx, c.conn, rq.Plan, nil)
	})(ctx, w, rq)
	if err == nil || ctx.Err() != nil {
		return nil, err
	}
	return inStore(func(ctx context.Context, c *wired, rq request) (any, error) {
		return nil, c.engine.AbandonPlan(ctx, rq.Plan, err.Error())
	})(ctx, w, rq)
}

// doBeginApply orders that a part of a plan is applied.
func doBeginApply(ctx context.Context, c *wired, rq request) (any, error) {
	return nil, c.engine.Update(ctx, func(tx *store.Tx) error {
		if err := notOrdered(tx, rq.Plan); err != nil {
			return err
		}
		if err := c.engine.MayApply(tx, c.conn, rq.Plan, rq.Part); err != nil {
			return err
		}
		return order(tx, applyPartVerb, request{Connection: rq.Connection, By: rq.By, Plan: rq.Plan, Part: rq.Part})
	})
}

// notOrdered refuses to apply a plan twice at a time.
func notOrdered(tx *store.Tx, plan int64) error {
	open, err := tx.CommandsOpen()
	if err != nil {
		return err
	}
	for _, c := range open {
		var rq request
		if c.Verb == applyPartVerb && json.Unmarshal(c.Args, &rq) == nil && rq.Plan == plan {
			return refused(fmt.Sprintf("plan %d is being applied", plan), "wait for its end; what is left then can be applied after it")
		}
	}
	return nil
}
