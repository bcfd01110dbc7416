package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// PlanView is a stored plan as a person reads it.
type PlanView struct {
	store.Plan
	Meta   PlanMeta
	Counts PlanCounts
	// Outdated is why the plan is not applied any more; blank where it can be.
	Outdated string
}

// Whole reports a plan of an import of everything, from both sides.
func (m PlanMeta) Whole() bool {
	return !m.Due && !m.Linked && len(m.Refs) == 0 && m.Pick.blank() && len(m.Sides) != 1
}

// PlannedItem is what a plan means to do about one record, and what became of it.
type PlannedItem struct {
	store.PlanItem
	Ops []core.Op
}

// PlanView reads a plan of a connection.
func (e *Engine) PlanView(ctx context.Context, c *Conn, id int64) (v PlanView, err error) {
	err = e.View(ctx, func(tx *store.Tx) (err error) { v, err = planOf(tx, c, id); return err })
	return v, err
}

// PlanViews are up to limit plans of a connection, the newest first.
func (e *Engine) PlanViews(ctx context.Context, c *Conn, limit int) (out []PlanView, err error) {
	err = e.View(ctx, func(tx *store.Tx) error {
		out = nil
		all, err := tx.Plans(c.ID, limit)
		if err != nil {
			return err
		}
		settings, _, err := tx.SettingsLatest(c.ID)
		if err != nil {
			return err
		}
		for _, p := range all {
			v, err := viewOf(p, settings.Version)
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

func planOf(tx *store.Tx, c *Conn, id int64) (v PlanView, err error) {
	p, err := tx.Plan(id)
	if store.CodeOf(err) == store.NotFound || err == nil && p.Conn != c.ID {
		return v, &room.Error{Code: room.CodeNotFound, Message: fmt.Sprintf("there is no plan %d of connection %s", id, c.Settings.Name), Mend: "make one"}
	}
	if err != nil {
		return v, err
	}
	settings, _, err := tx.SettingsLatest(c.ID)
	if err != nil {
		return v, err
	}
	return viewOf(p, settings.Version)
}

func viewOf(p store.Plan, settings int64) (PlanView, error) {
	v := PlanView{Plan: p}
	if err := json.Unmarshal(p.Meta, &v.Meta); err != nil {
		return v, fmt.Errorf("read plan %d: %w", p.ID, err)
	}
	if err := json.Unmarshal(p.Counts, &v.Counts); err != nil {
		return v, fmt.Errorf("read the counts of plan %d: %w", p.ID, err)
	}
	switch {
	case p.State != store.PlanReady:
	case v.Meta.Shows():
		v.Outdated = settingsShown
	case v.Counts.Items == 0 && len(v.Counts.Ops) > 0:
		v.Outdated = "it was made by an earlier release"
	case v.Meta.Settings != settings:
		v.Outdated = fmt.Sprintf("it was made by version %d of the settings, and version %d counts by now", v.Meta.Settings, settings)
	}
	return v, nil
}

// PlanItems reads up to limit items of a part of a plan by their numbers, behind one.
func (e *Engine) PlanItems(ctx context.Context, plan int64, part PlanPart, after int64, limit int) (out []PlannedItem, err error) {
	err = e.View(ctx, func(tx *store.Tx) error {
		out = nil
		page, err := part.page(tx, plan, after, limit)
		if err != nil {
			return err
		}
		for _, item := range page {
			one := PlannedItem{PlanItem: item}
			if err := json.Unmarshal(item.Ops, &one.Ops); err != nil {
				return fmt.Errorf("read item %d of plan %d: %w", item.Seq, plan, err)
			}
			out = append(out, one)
		}
		return nil
	})
	return out, err
}

// settingsShown is why a plan of a draft is not applied.
const settingsShown = "it shows what settings would do that do not count"

func notApplied(plan int64, why, mend string) *room.Error {
	return &room.Error{Code: room.CodeUsage, Message: fmt.Sprintf("plan %d is not applied: %s", plan, why), Mend: mend}
}

// MayApply refuses to apply a part of a plan that is not there, not ready or outdated, and
// notes that it is about to be.
func (e *Engine) MayApply(tx *store.Tx, c *Conn, id int64, part PlanPart) error {
	v, err := planOf(tx, c, id)
	if err != nil {
		return err
	}
	no := func(why, mend string) error { return notApplied(id, why, mend) }
	switch {
	case v.Outdated != "":
		return no(v.Outdated, "make the plan again")
	case v.State == store.PlanApplied:
		return no("all of it was applied already", "a new plan shows what is left")
	case v.State == store.PlanBuilding, v.State == store.PlanAbandoned:
		return no("it was not finished", "make the plan again")
	}
	left, err := part.pending(tx, id, 0, 1)
	if store.CodeOf(err) == store.NotFound || err == nil && len(left) == 0 {
		return no("nothing of what was chosen is left to do", "choose records that still wait")
	}
	if err != nil {
		return err
	}
	return planStands(tx, id, store.PlanApplying, "")
}
