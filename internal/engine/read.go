package engine

import (
	"context"
	"maps"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// read fetches everything a batch needs to be decided: links, open issues, both
// sides' records and, where identity depends on them, the people.
func (e *Engine) read(ctx context.Context, c *Conn, p core.Pair, entries []core.Dirty) (*batch, error) {
	return e.readInto(ctx, &batch{conn: c, pair: p, at: e.Now()}, entries, nil)
}

// readDue is read for entries that were claimed: others are due behind them.
func (e *Engine) readDue(ctx context.Context, c *Conn, p core.Pair, entries []core.Dirty) (*batch, error) {
	return e.readInto(ctx, &batch{conn: c, pair: p, at: e.Now(), due: true}, entries, nil)
}

// readAs is read, as if the only entry's record had a link that is not stored.
func (e *Engine) readAs(ctx context.Context, c *Conn, p core.Pair, entries []core.Dirty, supposed *core.Link) (*batch, error) {
	return e.readInto(ctx, &batch{conn: c, pair: p, at: e.Now()}, entries, supposed)
}

func (e *Engine) readInto(ctx context.Context, b *batch, entries []core.Dirty, supposed *core.Link) (*batch, error) {
	c, p := b.conn, b.pair
	err := e.View(ctx, func(tx *store.Tx) error { return b.load(tx, entries) })
	if err != nil {
		return nil, err
	}
	if supposed != nil {
		b.suppose(supposed)
	}
	if !c.Follows(p) {
		return b, nil
	}
	ctx = connector.WithPriority(ctx, room.PriorityOf(b.reasons()))
	if err := e.readRecords(ctx, b); err != nil {
		return nil, err
	}
	e.renewOwners(ctx, b)
	if err := e.loadKeysLeft(ctx, b); err != nil {
		return nil, err
	}
	if err := e.loadAbsorbed(ctx, b); err != nil {
		return nil, err
	}
	if err := e.loadClaims(ctx, b); err != nil {
		return nil, err
	}
	if err := e.loadCascades(ctx, b); err != nil {
		return nil, err
	}
	if err := e.loadErased(ctx, b); err != nil {
		return nil, err
	}
	if err := e.settleUnknown(ctx, b); err != nil {
		return nil, err
	}
	switch {
	case p == core.ContactPair:
		return b, e.readPerson(ctx, b)
	case b.carried():
		return b, e.readCarried(ctx, b)
	case p == core.ActivityPair:
		return b, e.readActivities(ctx, b)
	}
	if err := e.readPeople(ctx, b); err != nil {
		return nil, err
	}
	if err := e.readMoved(ctx, b); err != nil {
		return nil, err
	}
	if err := e.readMatches(ctx, b); err != nil {
		return nil, err
	}
	if err := e.readMembers(ctx, b); err != nil {
		return nil, err
	}
	if err := e.readStagesBelow(ctx, b); err != nil {
		return nil, err
	}
	return b, e.readRecency(ctx, b)
}

// load groups the entries into items: both sides of one open link are one item.
func (b *batch) load(tx *store.Tx, entries []core.Dirty) (err error) {
	refs := room.DirtyRefs(entries)
	if b.links, err = tx.LinksOf(b.conn.ID, refs); err != nil {
		return err
	}
	b.takeUp(entries)
	byLink := map[int64]*item{}
	for _, d := range entries {
		l := b.links[d.Ref]
		if l != nil && l.State == core.LinkClosed && l.Refs[d.Ref.Side] != d.Ref {
			l = nil // an alias of a closed link says nothing about this record
		}
		joined := l != nil && l.State != core.LinkClosed // the two of a closed link go their own ways
		it := (*item)(nil)
		if joined {
			it = byLink[l.ID]
		}
		if it == nil {
			it = &item{link: l, from: d.Ref.Side, outcomes: map[string]core.Outcome{}}
			b.items = append(b.items, it)
			if joined {
				byLink[l.ID] = it
			}
		}
		it.entries, it.reasons = append(it.entries, d), it.reasons|d.Reasons
		it.run = max(it.run, d.Run)
	}
	if err := b.partEnded(tx); err != nil {
		return err
	}
	for _, it := range b.items {
		refs = append(refs, it.refs()...)
	}
	slices.SortFunc(refs, core.Ref.Compare)
	refs = slices.Compact(refs)
	b.issues, err = tx.IssuesOf(b.conn.ID, refs)
	return err
}

// readRecords reads every record of the batch once per side and object, and
// looks into the recycle bin for those that were not answered.
func (e *Engine) readRecords(ctx context.Context, b *batch) error {
	want := map[core.Ref]bool{}
	for _, it := range b.items {
		for _, r := range it.wanted() {
			want[r] = true
		}
	}
	early, err := e.readAhead(ctx, b)
	if err != nil {
		return err
	}
	maps.DeleteFunc(want, func(r core.Ref, _ bool) bool { return early[r] != nil })
	got, err := e.fetch(ctx, b, slices.Collect(maps.Keys(want)))
	if err != nil {
		return err
	}
	if maps.Copy(got, early); len(early) == 0 {
		b.readAt = e.Now()
	}
	for _, it := range b.items {
		for _, r := range it.wanted() {
			it.recs[r.Side] = got[r]
		}
	}
	return nil
}

// wanted are the refs whose records the item needs.
func (it *item) wanted() []core.Ref {
	if it.link != nil && it.link.State != core.LinkClosed {
		return it.link.Refs[:]
	}
	return []core.Ref{it.entries[0].Ref}
}

// fetch reads refs of any side and object, absent ones again with the recycle
// bin, since only positive evidence is a deletion.
func (e *Engine) fetch(ctx context.Context, b *batch, refs []core.Ref) (map[core.Ref]*core.Record, error) {
	out := map[core.Ref]*core.Record{}
	for _, g := range groupRefs(refs) {
		recs, err := e.fetchGroup(ctx, b, g, false)
		if err != nil {
			return nil, err
		}
		var absent []string
		for i, id := range g.ids {
			ref := core.Ref{Side: g.side, Object: g.object, ID: id}
			out[ref] = &recs[i]
			if recs[i].Presence == core.Absent {
				absent = append(absent, id)
			}
		}
		if len(absent) == 0 {
			continue
		}
		again, err := e.fetchGroup(ctx, b, refGroup{g.side, g.object, absent}, true)
		if err != nil {
			return nil, err
		}
		for i, id := range absent {
			out[core.Ref{Side: g.side, Object: g.object, ID: id}] = &again[i]
		}
	}
	return out, e.heedDeleteLog(ctx, b, out)
}

func (e *Engine) fetchGroup(ctx context.Context, b *batch, g refGroup, deleted bool) ([]core.Record, error) {
	q := connector.Query{Object: g.object, Values: g.ids, Fields: b.conn.ReadFields(g.side, g.object), Deleted: deleted}
	if !deleted {
		q.Related = b.relatedOf(g)
	}
	return b.conn.Sides[g.side].Read(ctx, q)
}

// relatedOf asks for associations only where a decision depends on them: people
// of companies that have no link or whose relations changed, companies of people.
func (b *batch) relatedOf(g refGroup) []core.Object {
	switch g.object {
	case core.Contacts:
		return []core.Object{core.Companies}
	case core.Deals:
		if _, on := b.conn.roles(); on {
			return []core.Object{core.Companies, core.Contacts}
		}
		return []core.Object{core.Companies}
	case core.Tasks, core.Calls, core.Emails, core.Meetings, core.Notes:
		return b.conn.AboutObjects()
	case core.Companies:
		for _, it := range b.items {
			if it.link == nil || it.link.State != core.LinkActive {
				return []core.Object{core.Contacts}
			}
		}
	}
	return b.lookupTargets(g)
}

type refGroup struct {
	side   core.Side
	object core.Object
	ids    []string
}

// groupRefs sorts refs into one group per side and object, ids sorted and unique.
func groupRefs(refs []core.Ref) []refGroup {
	refs = slices.Clone(refs)
	slices.SortFunc(refs, core.Ref.Compare)
	refs = slices.Compact(refs)
	var out []refGroup
	for _, r := range refs {
		if n := len(out); n == 0 || out[n-1].side != r.Side || out[n-1].object != r.Object {
			out = append(out, refGroup{side: r.Side, object: r.Object})
		}
		g := &out[len(out)-1]
		g.ids = append(g.ids, r.ID)
	}
	return out
}
