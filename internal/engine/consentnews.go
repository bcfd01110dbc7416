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
	edited, refs := map[string][]*item{}, []core.Ref{}
	for _, it := range b.items {
		if it.unlinkedLive(it.from) && it.reasons.Has(core.ReasonEdit) && !it.reasons.Has(core.ReasonField) {
			address := conn.EmailOf(it.recs[it.from])
			edited[address], refs = append(edited[address], it), append(refs, it.recs[it.from].Ref)
		}
	}
	delete(edited, "")
	if len(edited) == 0 {
		return nil
	}
	return e.View(ctx, func(tx *store.Tx) error {
		stored, err := tx.Consents(b.conn.ID, room.SortedKeys(edited))
		if err != nil {
			return err
		}
		ticks, err := tx.Ticks(b.conn.ID, refs)
		for address, items := range edited {
			for _, it := range items {
				if b.saysOptOut(it.recs[it.from], stored[address], ticks[it.recs[it.from].Ref].Seen) {
					it.reasons = it.reasons&^core.ReasonEdit | core.ReasonConsent
				}
			}
		}
		return err
	})
}

// saysOptOut reports that this version of a record is about its opt-out: one that is news,
// one that was met at the time of the version, or our own tick: all that Tandem ever writes
// to a record of Salesforce without a link is that box. Where the box was seen ticked at an
// earlier version, this one is about something else. At the first sight of a ticked box
// nothing tells a tick from another edit: that is no edit, and explain says so.
func (b *batch) saysOptOut(rec *core.Record, stored core.Consent, seen time.Time) bool {
	shown := rec.Values[conn.OptOutField[rec.Ref.Side]] == "true"
	met := func(at time.Time) bool {
		return !at.IsZero() && rec.Stamp.Add(b.conn.Offsets[core.HubSpot]-b.conn.Offsets[rec.Ref.Side]).Sub(at).Abs() < propertyLag
	}
	ours := rec.Ref.Side == core.Salesforce && rec.ModifiedBy != "" && rec.ModifiedBy == b.conn.Accounts[core.Salesforce].UserID
	switch {
	case ours && shown && stored.State == core.OptedOut:
		return true
	case shown && !seen.IsZero():
		return !rec.Stamp.After(seen)
	}
	switch stored.State {
	case core.OptedOut:
		return !shown || met(stored.Since) || met(stored.Known)
	case core.Resubscribed:
		return shown || met(stored.Back)
	}
	return shown
}
