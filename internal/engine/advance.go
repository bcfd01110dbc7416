package engine

import (
	"context"
	"maps"
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/capture"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/mapping"
	"tandem/internal/store"
)

// advance settles a batch in one transaction, from outcomes and observations,
// never from what was planned: links, bases, issues, journal, intents and the
// dirty entries at the generation they were claimed. What is known by now is stored also where
// the sync ends.
func (e *Engine) advance(ctx context.Context, b *batch) error {
	for _, it := range b.items {
		e.judge(b, it)
	}
	e.tellSwapped(ctx, b)
	var all settling
	ctx, cancel := outlasting(ctx)
	defer cancel()
	err := e.Update(ctx, func(tx *store.Tx) error {
		all = settling{chain: map[core.Ref]int{}}
		w, err := b.lookAgain(tx)
		if err != nil {
			return err
		}
		if err := b.settleErased(tx); err != nil {
			return err
		}
		if err := b.settleConsent(tx); err != nil {
			return err
		}
		if err := b.savePersonLinks(tx, w); err != nil {
			return err
		}
		if err := b.saveLinks(tx, w); err != nil {
			return err
		}
		if err := b.settleOwn(tx, w); err != nil {
			return err
		}
		for _, it := range b.items {
			if err := e.settleItem(tx, b, it, &all); err != nil {
				return err
			}
			all.journal = append(all.journal, b.journal(it)...)
		}
		if err := e.tellRun(tx, b.conn, all.journal); err != nil {
			return err
		}
		if err := b.noteUnsynced(tx); err != nil {
			return err
		}
		return all.store(tx, b.conn.ID)
	})
	if err == nil {
		b.conn.chains.settle(b.looked(), all.chain)
	}
	return err
}

// settling gathers what the items of a batch settle, so that each table is
// written once.
type settling struct {
	intents []string
	marks   []core.Dirty
	settled []core.Dirty
	journal []told
	chain   map[core.Ref]int // the records marked, with how many had each other looked at before
}

func (s *settling) store(tx *store.Tx, conn int64) error {
	if err := tx.IntentsSettle(conn, s.intents); err != nil {
		return err
	}
	if _, err := tx.Settle(conn, s.settled); err != nil {
		return err
	}
	if err := tx.Mark(conn, s.marks); err != nil {
		return err
	}
	late, err := lateEntries(tx, conn, s.journal)
	if err != nil {
		return err
	}
	news, err := onlyNews(tx, conn, append(s.journal, late...))
	if err != nil {
		return err
	}
	return tx.JournalAppend(conn, news)
}

// triesUnseen is how often something passing may fail before a person sees it.
const triesUnseen = 3

// judge turns outcomes into the base, issues and follow-ups of an item.
func (e *Engine) judge(b *batch, it *item) {
	for _, op := range it.sent() {
		o, ok := it.outcomes[op.Key]
		if !ok {
			continue
		}
		switch {
		case o.Status == core.Applied:
			b.count(op)
			b.markOtherRow(it, op)
			b.markMade(it, op)
			b.markSum(it, op)
			b.markReleasedFor(it, op)
		case o.Status == core.Unknown:
			it.unknown = e.Now()
			it.later(e.Now().Add(room.Backoff(it.tries() + 1)))
		case o.Status == core.Stale && conn.IsPersonAccount(it.recs[core.Salesforce]):
			it.again(e.Now()) // a write of its other row stamps this one too
		case o.Status == core.Stale || o.Class == core.ClassGone:
			it.later(e.Now().Add(room.Backoff(it.tries())))
		case o.Class == core.ClassTransient || o.Class == core.ClassQuota:
			it.late = true
			it.later(room.Latest(o.RetryAt, e.Now().Add(room.Backoff(it.tries()))))
			if it.tries() >= triesUnseen && o.Class == core.ClassTransient {
				e.recordIssue(b, it, op, o)
			}
		default:
			if o.Class == core.ClassSchema {
				b.conn.doubtSchema()
			}
			e.recordIssue(b, it, op, o)
		}
	}
	b.holdDeletion(it)
	if it.undo != nil {
		b.advanceUndo(it)
		b.advanceConsent(it)
		return
	}
	b.advanceRelation(it)
	b.advanceRoles(it)
	b.advanceAbout(it)
	b.advanceLookups(it)
	b.advanceBase(it)
	b.noteGiven(it)
	b.noteTaken(it)
	b.advanceMoney(it)
	b.advanceConsent(it)
	b.advanceStages(it)
	b.passStageDown(it)
	b.advanceCampaigns(it)
	if len(it.issues) > 0 && it.postpone.IsZero() {
		e.scheduleRetry(b, it)
	}
}

// sent are the item's ops in the order they were meant.
func (it *item) sent() []*core.Op {
	var out []*core.Op
	for _, side := range core.Sides {
		if it.ops[side] != nil {
			out = append(out, it.ops[side])
		}
	}
	for i := range it.extra {
		out = append(out, &it.extra[i])
	}
	return out
}

func (it *item) tries() int {
	n := 0
	for _, d := range it.entries {
		n = max(n, d.Tries)
	}
	return n
}

// advanceBase moves the base of an item's link to what was observed: fields that
// agreed as read, and fields whose write was applied and seen as stored. What an
// automation of Salesforce made of our value goes back to HubSpot, once (TRIG-10), and
// what it made of another one that was just passing follows; HubSpot's own form of a value
// stays HubSpot's.
func (b *batch) advanceBase(it *item) {
	l := it.activeLink()
	if l == nil || it.results == nil {
		return
	}
	l.Base = core.Advance(l.Base, core.Agreements(it.inputs, it.results))
	after := b.stored(it)
	var seen []core.Observed
	for i, f := range b.mapping(it).Synced() {
		for _, side := range core.Sides {
			if it.results[i].Write[side] && it.wrote(side, f.Names[side]) && after[side] != nil {
				seen = append(seen, core.Observed{Key: f.Key, Values: b.agreed(it, after, side, i, f)})
			}
		}
	}
	l.Base = core.Advance(l.Base, seen)
	b.agreeFilled(it, l, after)
	b.agreeApart(it, l, after)
	for _, side := range core.Sides {
		b.advanceStamp(it, l, side)
	}
}

func (b *batch) advanceStamp(it *item, l *core.Link, side core.Side) {
	if rec := it.recs[side]; rec != nil {
		l.Stamps[side] = rec.Stamp
	}
	if !it.stamps[side].IsZero() {
		l.Stamps[side] = it.stamps[side]
	}
	op := it.ops[side]
	if op == nil || op.Kind != core.OpUpdate || it.outcomes[op.Key].Status != core.Applied {
		return
	}
	if _, stamped := op.Fields[b.conn.KeyField(side, l.Refs[core.Salesforce].Object)]; stamped {
		l.Keyed[side] = true
	}
}

// stored are the canonical values of each side after the writes, nil for a side
// whose values were written but not yet observed.
func (b *batch) stored(it *item) (out [2][]string) {
	for _, side := range core.Sides {
		rec := it.recs[side]
		if rec == nil {
			rec = &core.Record{Ref: core.Ref{Side: side}, Values: map[string]string{}}
		}
		if it.written[side] != nil {
			values := maps.Clone(rec.Values)
			maps.Copy(values, it.written[side])
			rec = &core.Record{Ref: rec.Ref, Values: values}
		} else if op := it.ops[side]; op != nil && it.outcomes[op.Key].Status == core.Applied {
			if it.outcomes[op.Key].Values == nil {
				continue
			}
			values := maps.Clone(rec.Values)
			maps.Copy(values, it.outcomes[op.Key].Values)
			rec = &core.Record{Ref: rec.Ref, Values: values}
		}
		out[side], _ = b.mapping(it).Canon(side, *rec)
	}
	return out
}

// agreed are the values that the two sides have of a field once it was written to a side. What
// became of either beside that is a change of its own, to pass on: what Salesforce made of our
// value in the save, and what the source has by now in place of the value that was sent.
func (b *batch) agreed(it *item, after [2][]string, side core.Side, i int, f *mapping.Field) (v [2]string) {
	v = b.pairValues(it, after, i)
	if sent := f.CanonSent(side, it.ops[side].Fields, it.written[side]); side == core.Salesforce && !core.Same(sent, v[side]) && f.Rule != core.HubSpotOnly {
		v[side] = sent
		b.passOn(it, side)
	}
	from := side.Other()
	if read := it.inputs[i].Now[from]; !core.Same(read, v[from]) {
		v[from] = read
		b.passOn(it, from)
	}
	return v
}

// passOn asks for another look at one of an item's records right away.
func (b *batch) passOn(it *item, side core.Side) {
	it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, []core.Ref{it.activeLink().Refs[side]}, core.ReasonRetry, 0, b.at)...)
}

func (b *batch) pairValues(it *item, after [2][]string, i int) (v [2]string) {
	for _, side := range core.Sides {
		v[side] = it.inputs[i].Now[side]
		if after[side] != nil {
			v[side] = after[side][i]
		}
	}
	return v
}

// wrote reports that the item's op on a side carried the field and was applied.
func (it *item) wrote(side core.Side, field string) bool {
	op := it.ops[side]
	if op == nil || it.outcomes[op.Key].Status != core.Applied {
		return false
	}
	_, carried := op.Fields[field]
	return carried
}

// settleOwn removes entries that only events of our own writes made: settling
// those writes knows what they would tell. A record has one creation, so the
// announcement of one we created is ours, whoever the feed says made it.
func (b *batch) settleOwn(tx *store.Tx, w capture.World) error {
	var own []core.Dirty
	for _, it := range b.items {
		l := it.activeLink()
		if l == nil || !it.postpone.IsZero() {
			continue
		}
		for side, r := range l.Refs {
			d, waits := w.Dirty[r]
			known := core.ReasonOwn
			if op := it.ops[side]; op != nil && op.Kind == core.OpCreate {
				known |= core.ReasonCreate
			}
			if waits && d.Reasons&^known == 0 {
				own = append(own, d)
			}
		}
	}
	_, err := tx.Settle(b.conn.ID, own)
	return err
}

// familyOf are the people of a newly linked pair: their account relation can be
// written now (ACC-13, AMB-20).
func (b *batch) familyOf(it *item) []core.Dirty {
	if b.folk == nil {
		return nil
	}
	var refs []core.Ref
	if rec := it.recs[core.Salesforce]; rec != nil {
		for _, p := range b.folk.ofAccount(rec.Ref.ID) {
			refs = append(refs, p.Ref)
		}
	}
	if rec := it.recs[core.HubSpot]; rec != nil {
		for _, p := range b.folk.of(rec) {
			if !slices.Contains(refs, b.folk.partner[p.Ref]) { // a pair is looked at once
				refs = append(refs, p.Ref)
			}
		}
	}
	return room.DirtyOf(b.conn.Pairs, refs, core.ReasonParent, 0, b.at)
}

// settleItem closes what is mended, opens what is not, and settles or postpones
// the item's entries.
func (e *Engine) settleItem(tx *store.Tx, b *batch, it *item, all *settling) error {
	if err := b.saveIssues(tx, it); err != nil {
		return err
	}
	done, err := b.saveIntents(tx, it)
	if err != nil {
		return err
	}
	all.intents = append(all.intents, done...)
	all.marks = append(all.marks, b.spaced(it, all.chain)...)
	if b.planned {
		return tx.Mark(b.conn.ID, b.triedAgain(it))
	}
	if !it.postpone.IsZero() {
		postpone := tx.Postpone
		if it.late {
			postpone = tx.PutOff
		}
		for _, d := range it.entries {
			if err := postpone(b.conn.ID, d, it.postpone); err != nil {
				return err
			}
		}
		return nil
	}
	all.settled = append(all.settled, it.entries...)
	return nil
}

func (b *batch) saveIssues(tx *store.Tx, it *item) error {
	b.stayInPlace(it)
	open := map[core.Ref]map[string]bool{}
	for i := range it.issues {
		issue := &it.issues[i]
		if open[issue.Ref] == nil {
			open[issue.Ref] = map[string]bool{}
		}
		open[issue.Ref][issue.Field] = true
		if err := tx.IssueOpen(b.conn.ID, *issue); err != nil {
			return err
		}
		b.conn.tally(b.pair).issues.Add(1)
	}
	linked, err := it.linkedElse(tx, b.conn.ID)
	if err != nil {
		return err
	}
	for _, r := range it.refs() {
		if linked[r] || b.standsFor(it, r) {
			continue
		}
		for _, was := range b.issues[r] {
			if !open[r][was.Field] && !it.keepsIssues() && !b.leavesOpen(it, was) {
				if err := tx.IssueClose(b.conn.ID, r, was.Field); err != nil {
					return err
				}
				if firm(was) {
					it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, was.Candidates, core.ReasonRetry, 0, b.at)...)
				}
			}
		}
	}
	return nil
}

// standsFor reports that another item of the batch is about a record that an item's closed
// link names: the issues of that record are the other's.
func (b *batch) standsFor(it *item, r core.Ref) bool {
	if it.link == nil || it.link.State != core.LinkClosed || it.ref() == r {
		return false
	}
	return slices.ContainsFunc(b.items, func(other *item) bool {
		return other != it && slices.ContainsFunc(other.entries, func(d core.Dirty) bool { return d.Ref == r })
	})
}

// linkedElse are the records that an item's closed link names and another open link has by
// now: their issues are that link's.
func (it *item) linkedElse(tx *store.Tx, connection int64) (map[core.Ref]bool, error) {
	if it.link == nil || it.link.State != core.LinkClosed {
		return nil, nil
	}
	links, err := tx.LinksOf(connection, it.link.Refs[:])
	out := map[core.Ref]bool{}
	for r, l := range links {
		out[r] = r != it.ref() && l.State != core.LinkClosed && l.Refs[r.Side] == r
	}
	return out, err
}

// keepsIssues says that nothing was learnt this time about whether the item is in step.
func (it *item) keepsIssues() bool { return !it.unknown.IsZero() || it.undo != nil }

// leavesOpen says of an open issue that nobody looked whether it is mended, since the records
// of its pair do not sync or are held back: it ends once they are looked at again, or with the
// link. Who a person is and whose account is looked at all the same.
func (b *batch) leavesOpen(it *item, was core.Issue) bool {
	looked := b.pair == core.ContactPair && (was.Category == core.CategoryAssociation || was.Category == core.CategoryDuplicate)
	return !b.conn.Syncs(b.pair) && !looked && (it.relink == nil || it.relink.State == core.LinkActive)
}

// saveIntents settles the intents of every key the item used, but those whose
// outcome is still open.
func (b *batch) saveIntents(tx *store.Tx, it *item) (keys []string, err error) {
	for _, op := range it.sent() {
		o, ok := it.outcomes[op.Key]
		if ok && o.Status == core.Unknown {
			if err := tx.IntentUnknown(b.conn.ID, op.Key, b.at); err != nil {
				return nil, err
			}
			continue
		}
		if it.unseen && o.Status == core.Applied && !b.conn.Sides[op.Target.Side].Caps().ReturnsRow {
			continue // sent, not observed: the next look takes what it finds of it as ours
		}
		for key := op.Key; ok; key = key[:len(key)-1] {
			keys = append(keys, key)
			if key[len(key)-1] != '+' {
				break
			}
		}
	}
	if it.unknown.IsZero() {
		keys = append(keys, it.openKeys...)
	}
	return keys, nil
}

func (b *batch) count(op *core.Op) {
	b.conn.tally(b.pair).opted(optOf(op.Kind, op.Target.Object, op.Fields))
	switch {
	case beside(op):
	case op.Kind == core.OpCreate:
		b.conn.tally(b.pair).created.Add(1)
	case op.Kind == core.OpUpdate && op.Rule != KeyRule:
		b.conn.tally(b.pair).updated.Add(1)
	case op.Kind == core.OpArchive:
		b.conn.tally(b.pair).deleted.Add(1)
	}
}
