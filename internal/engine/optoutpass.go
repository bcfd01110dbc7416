package engine

import (
	"context"
	"slices"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/capture"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// runOptOuts is the kind of the pass that has everybody looked at who is opted out on a side:
// what was said before people were switched on is announced by nobody.
const runOptOuts = "opt_outs"

// HearOptOuts queues a search for who is opted out, once after opt-outs of everybody were
// switched on (LIM-12): a sync that nobody serves sweeps a day later, and who opted out before
// is not to be mailed until then. Where sweeps have listed everybody since, it needs no search.
func (e *Engine) HearOptOuts(ctx context.Context, c *Conn) error {
	since := c.Switched[conn.PeopleEverywhere]
	if since.IsZero() {
		return nil
	}
	return e.Update(ctx, func(tx *store.Tx) error {
		searched, _, err := tx.RunLast(c.ID, runOptOuts)
		if err != nil || !searched.Created.Before(since) {
			return err
		}
		if swept, err := c.peopleSwept(tx, since); err != nil || swept {
			return err
		}
		_, err = e.queuePass(tx, c, runOptOuts, room.MustJSON(passArgs{Pair: core.ContactPair}))
		return err
	})
}

// peopleSwept reports that a sweep has been asked for of all people since a moment.
func (c *Conn) peopleSwept(tx *store.Tx, since time.Time) (bool, error) {
	for _, side := range core.Sides {
		for _, o := range c.FollowedOf(core.ContactPair, side) {
			r, _, err := tx.RunLastOf(c.ID, capture.SweepRun, capture.SweepArgs{Side: side, Object: o}.JSON())
			if err != nil || r.Created.Before(since) {
				return false, err
			}
		}
	}
	return true, nil
}

// optOutSteps are all objects of people.
func optOutSteps(pairs core.PairSet) (out []step) {
	for _, side := range core.Sides {
		for _, o := range pairs.Objects(core.ContactPair)[side] {
			out = append(out, step{side: side, object: o})
		}
	}
	return out
}

// showsOptOut reports that the integration sees who of an object is opted out.
func (c *Conn) showsOptOut(side core.Side, object core.Object) bool {
	return slices.ContainsFunc(c.Schemas[side][object].Fields, func(f connector.Field) bool { return f.Name == conn.OptOutField[side] })
}

// searchOptOuts makes everybody of an object due who is opted out, page by page.
func (e *Engine) searchOptOuts(ctx context.Context, c *Conn, r *store.Run, s step, at int, after string) error {
	if !c.showsOptOut(s.side, s.object) {
		return nil
	}
	scan := connector.Scan{Object: s.object, True: conn.OptOutField[s.side], After: after}
	return c.Sides[s.side].Scan(connector.WithPriority(ctx, connector.Backfill), scan, func(p connector.Page) error {
		refs := make([]core.Ref, len(p.Records))
		for i := range p.Records {
			refs[i] = p.Records[i].Ref
		}
		return e.listed(ctx, c, r, behind(at, p), sweepBacklog, func(tx *store.Tx) (int, error) {
			return len(refs), tx.Mark(c.ID, room.DirtyOf(c.Pairs, refs, core.ReasonSweep, 0, e.Now()))
		})
	})
}
