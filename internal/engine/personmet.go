package engine

import (
	"context"

	"tandem/internal/core"
	"tandem/internal/store"
)

// loadMeetings notes by which rule couples met whose first writes are under way, or were cut
// short: each of the two carries the other's id from these writes, and not from before.
func (e *Engine) loadMeetings(ctx context.Context, b *batch) error {
	couples := map[[2]core.Ref]bool{}
	for _, r := range b.folk.sorted() {
		if stored := b.conn.StoredRef(b.folk.recs[r]); !stored.IsZero() && !b.folk.taken(r) {
			couples[coupleOf(r, stored)] = true
		}
	}
	if len(couples) == 0 {
		return nil
	}
	b.folk.met = map[[2]core.Ref]string{}
	return e.View(ctx, func(tx *store.Tx) error {
		ends, err := tx.IntentEnds(b.conn.ID)
		some := false
		for _, in := range ends {
			some = some || couples[coupleOf(in.Target, in.Source)]
		}
		if err != nil || !some {
			return err
		}
		open, err := tx.IntentsOpen(b.conn.ID)
		for _, in := range open {
			if couple := coupleOf(in.Op.Target, in.Op.Source); in.Meets != "" && couples[couple] {
				b.folk.met[couple] = in.Meets
			}
		}
		return err
	})
}

// coupleOf are two records, by side.
func coupleOf(r, other core.Ref) (couple [2]core.Ref) {
	couple[r.Side], couple[other.Side] = r, other
	return couple
}
