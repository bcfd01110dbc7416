package engine

import (
	"math"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// What changes on records that the settings hold back is looked at once and waits for
// nothing. When the settings let them pass, no side announces it again: they are compared.

// admits reports that other filters may let records pass which those before left out.
func admits(was, now config.Filter) bool {
	return was.FromSalesforce != "" && was.FromSalesforce != now.FromSalesforce || was.FromHubSpot != "" && was.FromHubSpot != now.FromHubSpot
}

// compareLinked has those linked records of a pair compared once that which takes.
func (e *Engine) compareLinked(tx *store.Tx, c *Conn, p core.Pair, which func(*core.Link) bool) error {
	for after := int64(0); ; {
		page, err := tx.Links(c.ID, p, core.LinkActive, after, forgetPage)
		if err != nil || len(page) == 0 {
			return err
		}
		var refs []core.Ref
		for _, l := range page {
			if after = l.ID; which(l) {
				refs = append(refs, l.Refs[core.Salesforce])
			}
		}
		if err := tx.Mark(c.ID, room.DirtyOf(c.Pairs, refs, core.ReasonSchema, 0, e.Now())); err != nil {
			return err
		}
	}
}

// compareAgreed has pairs of people that were in step before compared once: what was
// looked at while their fields did not pass is seen by nobody any more.
func (e *Engine) compareAgreed(tx *store.Tx, c *Conn) error {
	return e.compareLinked(tx, c, core.ContactPair, func(l *core.Link) bool {
		_, related := l.Base[conn.RelationKey]
		return len(l.Base) > 1 || len(l.Base) == 1 && !related
	})
}

// hearEverybody has all people looked at whom anybody has met before opt-outs passed for
// everybody, as while companies alone synced: what they said until now passes too (LIM-12).
func (e *Engine) hearEverybody(tx *store.Tx, c *Conn) error {
	for side, objects := range c.Pairs.Objects(core.ContactPair) {
		for _, o := range objects {
			if err := e.lookAtSeen(tx, c, core.Side(side), o); err != nil {
				return err
			}
		}
	}
	return nil
}

// lookAtSeen makes due every record of an object that was met and not found deleted.
func (e *Engine) lookAtSeen(tx *store.Tx, c *Conn, side core.Side, o core.Object) error {
	for after := ""; ; {
		rows, err := tx.SeenBefore(c.ID, side, o, math.MaxInt64, after, forgetPage)
		if err != nil || len(rows) == 0 {
			return err
		}
		refs := make([]core.Ref, len(rows))
		for i, row := range rows {
			after, refs[i] = row.Ref.ID, row.Ref
		}
		if err := tx.Mark(c.ID, room.DirtyOf(c.Pairs, refs, core.ReasonSweep, 0, e.Now())); err != nil {
			return err
		}
	}
}
