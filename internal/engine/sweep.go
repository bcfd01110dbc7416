package engine

import (
	"context"
	"slices"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/campaigns"
	"tandem/internal/engine/capture"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// QueueSweeps queues a sweep of every object of both sides, and a comparison of their
// associations: the truth that events and polls are measured against.
func (e *Engine) QueueSweeps(ctx context.Context, c *Conn) error {
	return e.Update(ctx, func(tx *store.Tx) error {
		for _, side := range core.Sides {
			if err := e.queueSweep(tx, c, side); err != nil {
				return err
			}
		}
		if err := tx.RunsForget(c.ID, runRelations); err != nil {
			return err
		}
		for _, p := range c.Pairs.Names() {
			if c.Switched[p].IsZero() {
				continue
			}
			if err := e.queueRelations(tx, c, p); err != nil {
				return err
			}
		}
		return nil
	})
}

// sweepLook is how often it is looked whether a sweep is due.
const sweepLook = 10 * time.Minute

// sweepWhenDue queues sweeps when the last ones, or the given moment, are a
// period old: a restart alone sweeps nothing.
func (e *Engine) sweepWhenDue(ctx context.Context, c *Conn, last time.Time) error {
	err := e.View(ctx, func(tx *store.Tx) error {
		r, _, err := tx.RunLast(c.ID, capture.SweepRun)
		last = room.Latest(last, r.Created)
		return err
	})
	if err != nil || e.Now().Sub(last) < c.SweepEvery() {
		return err
	}
	return e.QueueSweeps(ctx, c)
}

func (e *Engine) queueSweep(tx *store.Tx, c *Conn, side core.Side) error {
	for _, p := range c.Pairs.Names() {
		if c.Switched[p].IsZero() || !c.Follows(p) {
			continue
		}
		for _, o := range c.FollowedOf(p, side) {
			r := store.Run{Conn: c.ID, Kind: capture.SweepRun, Args: capture.SweepArgs{Side: side, Object: o}.JSON(), State: store.RunQueued, Created: e.Now()}
			if _, err := tx.RunCreate(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// sweep lists (id, version stamp) of every record of an object and makes dirty
// what differs from what was last seen. Records that are no longer listed are
// read one by one: only the reading can tell deleted from hidden. A sweep never
// counts as an edit (ACC-4), so where events were lost the changes are polled first.
// A side that lists nothing while records are linked is a brake, not a thousand deletes.
func (e *Engine) sweep(ctx context.Context, c *Conn, r *store.Run, s step, _ int, after string) error {
	if s.lost && after == "" {
		if err := capture.PollFrom(ctx, &e.Env, &c.Known, s.side, s.object, s.since); err != nil {
			return err
		}
	}
	pass, shown := r.ID, 0
	scan := connector.Scan{Object: s.object, After: after}
	ctx = connector.WithPriority(ctx, connector.Backfill)
	err := c.Sides[s.side].Scan(ctx, scan, func(p connector.Page) error {
		shown += len(p.Records)
		return e.listed(ctx, c, r, checkpoint(0, p.Next), sweepBacklog, func(tx *store.Tx) (int, error) {
			return len(p.Records), e.sweepPage(tx, c, pass, p.Records)
		})
	})
	if err != nil {
		return err
	}
	if shown+int(min(r.Total, 1)) == 0 {
		if err := e.guardEmptied(ctx, c, s); err != nil {
			return err
		}
	}
	if err := e.sweepMissing(ctx, c, s, pass); err != nil {
		return err
	}
	if s.object == core.Contact {
		if err := campaigns.Sweep(ctx, &e.Env, &c.Known); err != nil {
			return err
		}
	}
	if !s.lost {
		return nil
	}
	pair, _ := c.Pairs.Of(s.side, s.object) // what was lost may have told of associations
	return e.Update(ctx, func(tx *store.Tx) error { return e.queueRelations(tx, c, pair) })
}

func (e *Engine) sweepPage(tx *store.Tx, c *Conn, pass int64, recs []core.Record) error {
	refs := make([]core.Ref, len(recs))
	rows := make([]store.SeenRow, len(recs))
	for i, rec := range recs {
		refs[i], rows[i] = rec.Ref, store.SeenRow{Ref: rec.Ref, Seen: store.Seen{Stamp: rec.Stamp, Pass: pass}}
	}
	seen, err := tx.SeenOf(c.ID, refs)
	if err != nil {
		return err
	}
	var news []core.Ref
	for _, rec := range recs {
		if was, ok := seen[rec.Ref]; !ok || was.Deleted || !was.Stamp.Equal(rec.Stamp) {
			news = append(news, rec.Ref)
		}
	}
	if err := tx.SeenPut(c.ID, rows); err != nil {
		return err
	}
	return tx.Mark(c.ID, room.DirtyOf(c.Pairs, news, core.ReasonSweep, 0, e.Now()))
}

// sweepMissing looks again at linked records that the sweep did not list.
func (e *Engine) sweepMissing(ctx context.Context, c *Conn, s step, pass int64) error {
	for after := ""; ; {
		var rows []store.SeenRow
		err := e.Update(ctx, func(tx *store.Tx) (err error) {
			if rows, err = tx.SeenBefore(c.ID, s.side, s.object, pass, after, 1000); err != nil {
				return err
			}
			var refs []core.Ref
			for i := range rows {
				after = rows[i].Ref.ID
				if !rows[i].Deleted {
					refs = append(refs, rows[i].Ref)
				}
			}
			return tx.Mark(c.ID, room.DirtyOf(c.Pairs, refs, core.ReasonSweep, 0, e.Now()))
		})
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := e.keepUp(ctx, c, sweepBacklog); err != nil {
			return err
		}
	}
}

// calculated are the mapped fields of an object that nobody can write.
func (c *Conn) calculated(side core.Side, object core.Object) []string {
	var out []string
	for _, m := range c.MappingsOf(side, object) {
		for _, f := range m.Synced() {
			if f.Defs[side].Calculated {
				out = append(out, f.Names[side])
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (e *Engine) formulaPage(tx *store.Tx, c *Conn, recs []core.Record) error {
	refs := make([]core.Ref, len(recs))
	for i := range recs {
		refs[i] = recs[i].Ref
	}
	links, err := tx.LinksOf(c.ID, refs)
	if err != nil {
		return err
	}
	var changed []core.Ref
	for i := range recs {
		l := links[recs[i].Ref]
		if l != nil && l.State == core.LinkActive && !capture.EqualsBase(&c.Known, l, &recs[i]) {
			changed = append(changed, recs[i].Ref)
		}
	}
	return tx.Mark(c.ID, room.DirtyOf(c.Pairs, changed, core.ReasonEdit, 0, e.Now()))
}
