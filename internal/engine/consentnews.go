package engine

import (
	"context"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// knowOptOuts finds the edits of people without a partner that brought an opt-out and
// nothing else that anybody knows of: consent is no mapped field (OPT-1), so saying goodbye
// on one side makes nobody on the other (TRIG-2, TRIG-3). Where the opt-out passes for
// pairs that sync alone, it is one of the original's mapped fields.
func (e *Engine) knowOptOuts(ctx context.Context, b *batch) error {
	if !b.conn.SyncsPeople() || !b.conn.everywhere() {
		return nil
	}
	edited := map[string]*item{}
	for _, it := range b.items {
		if it.unlinkedLive(it.from) && it.newLink == nil && it.reasons.Has(core.ReasonEdit) && !it.reasons.Has(core.ReasonField) {
			edited[conn.EmailOf(it.recs[it.from])] = it
		}
	}
	delete(edited, "")
	if len(edited) == 0 {
		return nil
	}
	return e.View(ctx, func(tx *store.Tx) error {
		stored, err := tx.Consents(b.conn.ID, room.SortedKeys(edited))
		for address, it := range edited {
			if b.saysOptOut(it.recs[it.from], stored[address]) {
				it.reasons = it.reasons&^core.ReasonEdit | core.ReasonConsent
			}
		}
		return err
	})
}

// saysOptOut reports that this version of a record is about its opt-out: one that is news,
// or that was met at the time of the version.
func (b *batch) saysOptOut(rec *core.Record, stored core.Consent) bool {
	shown := rec.Values[conn.OptOutField[rec.Ref.Side]] == "true"
	met := func(at time.Time) bool {
		return !at.IsZero() && rec.Stamp.Add(b.conn.Offsets[core.HubSpot]-b.conn.Offsets[rec.Ref.Side]).Sub(at).Abs() < propertyLag
	}
	switch stored.State {
	case core.OptedOut:
		return !shown || met(stored.Since) || met(stored.Known)
	case core.Resubscribed:
		return shown || met(stored.Back)
	}
	return shown
}
