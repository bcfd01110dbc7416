package engine

import (
	"context"
	"slices"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// loadErased finds out which records that a side does not show were erased on
// request.
func (e *Engine) loadErased(ctx context.Context, b *batch) error {
	var refs []core.Ref
	for _, it := range b.items {
		for _, r := range it.wanted() {
			if !it.live(r.Side) {
				refs = append(refs, r)
			}
		}
	}
	if len(refs) == 0 {
		return nil
	}
	return e.View(ctx, func(tx *store.Tx) (err error) {
		b.erased, err = erasedAt(tx, b.conn.ID, refs)
		return err
	})
}

// erasedAt gives since when each of the refs is erased.
func erasedAt(tx *store.Tx, conn int64, refs []core.Ref) (map[core.Ref]time.Time, error) {
	graves := make([]store.Grave, len(refs))
	for i, r := range refs {
		graves[i] = store.RecordGrave(r)
	}
	closed, err := tx.Tombstones(conn, graves...)
	out := map[core.Ref]time.Time{}
	for i, r := range refs {
		if at, ok := closed[graves[i]]; ok {
			out[r] = at
		}
	}
	return out, err
}

// erasedOf is the record of the item that was erased on request, zero for none.
func (b *batch) erasedOf(it *item) core.Ref {
	for _, r := range it.wanted() {
		if !b.erased[r].IsZero() {
			return r
		}
	}
	return core.Ref{}
}

// decideErased keeps what is left of a pair parked, until that goes as well.
func (b *batch) decideErased(it *item, erased core.Ref) {
	f := policy.DeletedFacts{Side: erased.Side, Evidence: policy.PrivacyDeletion}
	if it.link != nil {
		f.Partner = it.link.Partner(erased.Side)
	}
	d := policy.Deleted(f)
	d.Facts["erased"] = room.StampText(b.erased[erased])
	if it.link == nil || it.link.State == core.LinkClosed {
		d.Outcome = policy.None
		it.say(OutOfScope, d)
		return
	}
	l := *it.link
	l.State, l.Base = core.LinkParked, nil
	it.relink = &l
	if it.surelyGone(erased.Side.Other()) || !b.erased[f.Partner].IsZero() {
		l.State = core.LinkClosed
		it.say(OutOfScope, d)
		return
	}
	it.say(Blocked, d)
	it.raise(core.Issue{Pair: b.pair, Ref: f.Partner, Category: core.CategoryOther, Code: partnerErased, Rule: d.Rule,
		Message: b.label(erased) + ", the partner of this record, was erased on request at " + room.StampText(b.erased[erased]),
		Mend:    "erase this record as well where the request extends to it; or unlink it with tandem links unlink to keep it apart"})
}

// partnerErased is the code of the issue that tells of an erasure.
const partnerErased = "partner_erased"

// toldErased reports an open issue that tells of the erasure of one of the item's records.
func (b *batch) toldErased(it *item) bool {
	return slices.ContainsFunc(it.refs(), func(r core.Ref) bool {
		return slices.ContainsFunc(b.issues[r], func(i core.Issue) bool { return i.Code == partnerErased })
	})
}

// settleErased repeats the erasure once the batch that was under way meanwhile is
// surely over, and closes the grave of the address that only the partner still
// shows: nobody is matched by it again. Who was linked with the erased one before has
// the issues closed and the history emptied with it, and is looked at again; what
// comes after that is theirs, so that a partner that is told of is no reason to erase
// once more.
func (b *batch) settleErased(tx *store.Tx) error {
	for _, it := range b.items {
		erased := b.erasedOf(it)
		if erased.IsZero() || !it.reasons.Has(core.ReasonDelete) || b.toldErased(it) {
			continue
		}
		at := b.erased[erased]
		refs, err := tx.Erase(b.conn.ID, erased, at)
		if err != nil {
			return err
		}
		others := slices.DeleteFunc(refs, func(r core.Ref) bool { return slices.Contains(it.refs(), r) })
		it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, others, core.ReasonRetry, 0, b.at)...)
		rec := it.recs[erased.Side.Other()]
		if rec == nil || b.pair != core.ContactPair || conn.EmailOf(rec) == "" {
			continue
		}
		if err := tx.TombstonePut(b.conn.ID, at, store.AddressGrave(conn.EmailOf(rec))); err != nil {
			return err
		}
		if err := tx.ConsentErase(b.conn.ID, conn.EmailOf(rec)); err != nil {
			return err
		}
	}
	return nil
}

// barErased takes out the addresses of people who were erased on request.
func (e *Engine) barErased(ctx context.Context, b *batch, emails []string) ([]string, error) {
	graves := make([]store.Grave, len(emails))
	for i, email := range emails {
		graves[i] = store.AddressGrave(email)
	}
	err := e.View(ctx, func(tx *store.Tx) (err error) {
		closed, err := tx.Tombstones(b.conn.ID, graves...)
		for i, email := range emails {
			if at, ok := closed[graves[i]]; ok {
				b.folk.erased[email] = at
			}
		}
		return err
	})
	return slices.DeleteFunc(emails, func(email string) bool { return !b.folk.erased[email].IsZero() }), err
}

// decideBarred says of a person without a partner that the address was erased on
// request; false where it was not.
func (b *batch) decideBarred(it *item) bool {
	rec := it.recs[it.from]
	if rec == nil || b.folk.erased[conn.EmailOf(rec)].IsZero() {
		return false
	}
	erased := b.folk.erased[conn.EmailOf(rec)]
	d := core.Decision{Rule: "AMB-13", Outcome: policy.None, Facts: map[string]string{
		"because": "the person behind this e-mail address was erased on request; nobody is matched or made by it", "erased": room.StampText(erased)}}
	it.say(OutOfScope, d)
	if b.conn.SyncsPeople() && rec.Created.After(erased) { // made since: the person may have come back
		it.raise(core.Issue{Pair: b.pair, Category: core.CategoryOther, Code: "address_erased", Rule: d.Rule, Mend: policy.Mend(d),
			Message: rec.Ref.Label() + " has an e-mail address that was erased on request at " + d.Facts["erased"] + ", and was made since; nobody is matched or made by that address"})
	}
	return true
}

// erasedHistory tells of the erasure of records, which outlives the journal.
func erasedHistory(tx *store.Tx, conn int64, refs []core.Ref) ([]HistoryView, error) {
	erased, err := erasedAt(tx, conn, refs)
	var out []HistoryView
	for _, r := range refs {
		if at, ok := erased[r]; ok {
			out = append(out, HistoryView{At: at, Ref: r.String(), Entry: Entry{Verdict: OutOfScope,
				Note: "privacy deletion: the record was erased on request, and what was kept of it and its partner is redacted"}})
			delete(erased, r)
		}
	}
	return out, err
}
