package engine

import (
	"context"
	"strings"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/capture"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// feedKept is how long both sides keep what their feeds announce: 72 hours of
// change events, three days of the webhooks journal.
const feedKept = 72 * time.Hour

// guardCursor halts before a side is read whose feed stands behind what the side
// keeps, where no poll has read it since either. The gap is queued to be compared;
// who releases the brake starts that, for both sides where both were left alone.
func (e *Engine) guardCursor(ctx context.Context, c *Conn, side core.Side) error {
	brake, err := e.expired(ctx, c, side)
	if err != nil || brake == nil {
		return err
	}
	lost := []core.Side{side}
	other, err := e.expired(ctx, c, side.Other())
	if err != nil {
		return err
	}
	if other != nil {
		lost = append(lost, side.Other())
		brake.Reason += "; " + other.Reason
	}
	err = e.Update(ctx, func(tx *store.Tx) error {
		for _, side := range lost {
			if err := e.losePosition(tx, c, side); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.gate.Halt(ctx, &e.Env, brake)
}

// expired is the brake of a side whose feed can no longer tell what changed, nil
// where it can.
func (e *Engine) expired(ctx context.Context, c *Conn, side core.Side) (*core.Brake, error) {
	if !c.fast(side) {
		return nil, nil
	}
	last, err := e.lastRead(ctx, c, side)
	if err != nil || last.IsZero() {
		return nil, err
	}
	return core.CheckCursor(side, e.Now().Sub(last), feedKept, room.StampText(last)), nil
}

// lastRead is when a side whose feed has a position was read last, by its feed or
// by a poll; zero where the feed has none.
func (e *Engine) lastRead(ctx context.Context, c *Conn, side core.Side) (at time.Time, err error) {
	follows := false
	err = e.View(ctx, func(tx *store.Tx) error {
		all, err := tx.Cursors(c.ID)
		for _, cur := range all {
			if cur.Side == side && (cur.Name == capture.FeedCursor || strings.HasPrefix(cur.Name, capture.PollCursor(""))) {
				at, follows = room.Latest(at, cur.At), follows || cur.Name == capture.FeedCursor
			}
		}
		return err
	})
	if !follows {
		return time.Time{}, err
	}
	return at, err
}

// losePosition lets a feed begin from now, and queues a poll and a sweep of
// everything that the gap may hide.
func (e *Engine) losePosition(tx *store.Tx, c *Conn, side core.Side) error {
	for _, p := range c.Pairs.Names() {
		if !c.Follows(p) {
			continue
		}
		for _, o := range c.FollowedOf(p, side) {
			if err := capture.QueueLost(&e.Env, tx, &c.Known, capture.SweepArgs{Side: side, Object: o, Lost: true}); err != nil {
				return err
			}
		}
	}
	return tx.CursorClear(c.ID, side, capture.FeedCursor)
}

// tellRestored pulls the brake of every connection of a store that was put back
// from a backup.
func (e *Engine) tellRestored(ctx context.Context) error {
	return e.Update(ctx, func(tx *store.Tx) error {
		restored, err := tx.Restored()
		if err != nil || !restored {
			return err
		}
		rows, err := tx.Connections()
		if err != nil {
			return err
		}
		brake := core.StoreRestored()
		for _, row := range rows {
			if err := tx.BrakeSet(row.ID, store.Brake{Kind: string(brake.Kind), Reason: brake.Reason, At: e.Now(), Details: room.MustJSON(brake)}); err != nil {
				return err
			}
		}
		return tx.RestoredTold()
	})
}

// forgetPage is how many links forget their base in one transaction.
const forgetPage = 1000

// meetAfresh lets all linked pairs meet as at the first time: what a restored
// store holds as agreed is older than what stands on both sides, so that a value
// may look new that was replaced long ago.
func (e *Engine) meetAfresh(ctx context.Context, c *Conn) error {
	for _, p := range c.Pairs.Names() {
		for _, state := range []core.LinkState{core.LinkActive, core.LinkParked} {
			if err := e.forgetBases(ctx, c, p, state); err != nil {
				return err
			}
		}
	}
	return e.Update(ctx, func(tx *store.Tx) error {
		for _, p := range c.Pairs.Names() {
			if !c.Syncs(p) {
				continue
			}
			a := ImportArgs{Pair: p, Sides: core.Sides[:], Linked: true}
			if _, err := tx.RunCreate(store.Run{Conn: c.ID, Kind: runResync, Args: a.json(), State: store.RunQueued, Created: e.Now()}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (e *Engine) forgetBases(ctx context.Context, c *Conn, p core.Pair, state core.LinkState) error {
	for after := int64(0); ; {
		var page []*core.Link
		err := e.Update(ctx, func(tx *store.Tx) (err error) {
			if page, err = tx.Links(c.ID, p, state, after, forgetPage); err != nil {
				return err
			}
			for _, l := range page {
				l.Base, after = nil, l.ID
			}
			return tx.LinkSave(c.ID, page...)
		})
		if err != nil || len(page) < forgetPage {
			return err
		}
	}
}
