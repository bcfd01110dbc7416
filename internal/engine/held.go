package engine

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// heldEvery is how often a serving connection looks whether what a pair lacked is there.
const heldEvery = time.Minute

// holdBack leaves out what a side lacks the objects or fields for, or what has links of other
// objects, and says so.
func (e *Engine) holdBack(ctx context.Context, c *Conn) error {
	if err := e.View(ctx, c.readLinked); err != nil {
		return err
	}
	c.HoldBack()
	for _, p := range c.Holdable() {
		if err := c.HeldBack(p); err != nil {
			e.Log.Warn("held back", "connection", c.Settings.Name, "object", c.HeldWord(p), "cause", err)
		}
	}
	return nil
}

// readLinked reads a link of each pair that the settings declare: all of them are of the
// same objects.
func (c *Conn) readLinked(tx *store.Tx) error {
	c.Linked = map[core.Pair]*core.Link{}
	for _, d := range c.Pairs {
		for _, state := range []core.LinkState{core.LinkParked, core.LinkActive} {
			if !d.Custom {
				continue
			}
			links, err := tx.Links(c.ID, d.Name, state, 0, 1)
			if err != nil {
				return err
			}
			for _, l := range links {
				c.Linked[d.Name] = l
			}
		}
	}
	return nil
}

// heldRows are what is held back as the store keeps it: since when tells the row that
// stood there before.
func heldRows(c *Conn, before map[core.Pair]store.Held, now time.Time) map[core.Pair]store.Held {
	out := map[core.Pair]store.Held{}
	for p, lack := range c.Held {
		at := now
		if was, ok := before[p]; ok {
			at = was.At
		}
		out[p] = store.Held{At: at, Message: lack.Message, Mend: lack.Mend}
	}
	return out
}

// heldErrors are the rows as they are known to a connection that is open.
func heldErrors(rows map[core.Pair]store.Held) map[core.Pair]*room.Error {
	out := map[core.Pair]*room.Error{}
	for p, h := range rows {
		out[p] = &room.Error{Code: room.CodeSchema, Message: h.Message, Mend: h.Mend}
	}
	return out
}

// watchHeld ends the serving, to be opened anew, once what a pair lacked is there. It
// asks about the objects of such pairs alone.
func (e *Engine) watchHeld(ctx context.Context, c *Conn) error {
	for _, p := range c.Holdable() {
		if c.Held[p] == nil {
			continue
		}
		for _, side := range core.Sides {
			now, err := c.DescribeEach(ctx, side, c.HeldObjects(p, side))
			if err != nil {
				return err
			}
			for _, o := range c.HeldObjects(p, side) {
				if was, is := c.Schemas[side][o], now[o]; !reflect.DeepEqual(byName(was.Fields), byName(is.Fields)) {
					return schemaChanged(side)
				}
			}
		}
	}
	return nil
}

// heldWords say of each pair that is held back what holds it, in the order of the pairs.
func heldWords(c *Conn, held map[core.Pair]store.Held) (out []string) {
	for _, p := range c.Holdable() {
		if h, ok := held[p]; ok {
			out = append(out, fmt.Sprintf("%s do not sync: %s (%s)", c.HeldWord(p), h.Message, h.Mend))
		}
	}
	return slices.Clip(out)
}
