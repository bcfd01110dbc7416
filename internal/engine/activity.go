package engine

import (
	"context"
	"maps"
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/mapping"
	"tandem/internal/policy"
)

// readActivities completes a batch of activities: the partners of those that carry an id,
// and the links of the people, companies and deals they are about.
func (e *Engine) readActivities(ctx context.Context, b *batch) error {
	if err := e.readStoredMatches(ctx, b, b.aboutRefs); err != nil {
		return err
	}
	for _, l := range slices.Collect(maps.Values(b.parents)) { // found by either end
		b.parents[l.Refs[core.Salesforce]], b.parents[l.Refs[core.HubSpot]] = l, l
	}
	return e.readRecency(ctx, b)
}

// aboutRefs are the records that an activity names on its own side.
func (b *batch) aboutRefs(rec *core.Record) (out []core.Ref) {
	for _, s := range b.slots() {
		id, _ := rec.Get(s.field)
		if r := b.conn.AboutRef(id); rec.Ref.Side == core.Salesforce && !r.IsZero() {
			out = append(out, r)
		}
	}
	for _, o := range b.conn.AboutObjects() {
		for _, rel := range rec.Related[o] {
			out = append(out, core.Ref{Side: core.HubSpot, Object: o, ID: rel.ID})
		}
	}
	return out
}

// decideActivity decides as about any record that is found by its stored id, and keeps who
// and what it is about in step.
func (b *batch) decideActivity(it *item) {
	b.decideRecord(it)
	b.nameOrigin(it)
	l := it.activeLink()
	switch {
	case l == nil || it.results == nil:
	case it.live(core.Salesforce) && it.live(core.HubSpot):
		b.keepAbout(it, l)
	default:
		b.giveAbout(it)
	}
}

// nameOrigin says of a link whose create was cut short on which side the activity was
// first: the record that we made carries our mark.
func (b *batch) nameOrigin(it *item) {
	if it.newLink == nil || !it.live(core.Salesforce) || !it.live(core.HubSpot) {
		return
	}
	for _, side := range core.Sides {
		if valueOf(it.recs[side], b.conn.OriginField(side)) != "" {
			it.newLink.Origin = side.Other().String()
		}
	}
}

// madeOfHubSpot reports that the task of an item was made of an activity of HubSpot's, or
// is about to be.
func (b *batch) madeOfHubSpot(it *item) bool {
	switch sf := it.recs[core.Salesforce]; {
	case it.link != nil && it.link.State == core.LinkActive:
		return it.link.Origin == core.HubSpot.String()
	case sf != nil:
		return valueOf(sf, b.conn.OriginField(core.Salesforce)) != ""
	}
	return true
}

// activityFacts are what is known of an activity that is found on a side; of a linked one
// by what both sides show.
func (b *batch) activityFacts(it *item, s policy.Scope, from core.Side, sides ...core.Side) policy.ActivityFacts {
	of := b.object(it, core.HubSpot)
	f := policy.ActivityFacts{Scope: s, From: from, About: b.aboutState(it)}
	b.conn.ActivityScope(&f, of)
	f.SyncOn, f.SwitchedOn = f.On[from], b.conn.ActivitySwitchedOn(of, from)
	for _, side := range sides {
		rec := it.recs[side]
		if rec == nil {
			continue
		}
		if why := b.conn.StaysHere(rec); why != "" {
			f.Kept = why
		}
		if p := b.conn.FilterOf(rec, of); p != nil {
			if m, note := membership(p.Match(rec.Values)); m != policy.Member {
				f.Filter, f.FilterNote = m, note
			}
		}
	}
	return f
}

// mayCreateActivity asks policy whether an activity is made on the other side.
func (b *batch) mayCreateActivity(it *item) core.Decision {
	return policy.CreateActivity(b.activityFacts(it, b.stranger(it), it.from, it.from))
}

// mayUpdateActivity asks policy whether a linked activity syncs in some direction.
func (b *batch) mayUpdateActivity(it *item, parted bool) core.Decision {
	f := b.activityFacts(it, b.scope(it, core.Salesforce), core.Salesforce, core.Sides[:]...)
	f.SyncOn, f.Parted = f.On[core.Salesforce] || f.On[core.HubSpot], f.Parted && parted
	return policy.MayUpdateActivity(f)
}

// barredActivity reports that the type of an activity does not pass to a side.
func (b *batch) barredActivity(it *item, side core.Side) bool {
	return it.recs[side] != nil && !b.conn.Settings.Activities.Of(b.object(it, core.HubSpot)).From(side.Other())
}

// aboutState is what is known of the records that an activity without a partner is about:
// one that has a partner is enough, one that waits to be looked at may get one.
func (b *batch) aboutState(it *item) policy.Parent {
	state := policy.NoParent
	rec := it.recs[it.from]
	if rec == nil {
		return state
	}
	for _, r := range b.aboutRefs(rec) {
		switch {
		case b.undecided[r] && b.linkedParent(r) == nil:
			return policy.ParentPending
		case b.linkedParent(r) != nil:
			state = policy.ParentLinked
		}
	}
	return state
}

// fillActivity gives a new activity what its side demands and its partner does not say:
// when it was, and of a task of Salesforce what it was (AMB-11). A blank that is filled is
// no edit of anybody's.
func (b *batch) fillActivity(it *item, side core.Side, fields map[string]string) {
	if b.pair != core.ActivityPair {
		return
	}
	of, source := b.object(it, core.HubSpot), it.recs[side.Other()]
	fill := func(name, value string) {
		if fields[name] == "" && value != "" && len(b.conn.Present(side, b.object(it, side), []string{name})) > 0 {
			fields[name] = value
			it.filled = append(it.filled, name)
		}
	}
	if side == core.Salesforce {
		set := b.conn.Settings.Activities.Of(of)
		fill(mapping.SubjectField, mapping.SubjectOf(set.Subject, valueOf(source, mapping.ActivityTitle[of])))
		fill(mapping.SubtypeField, conn.SubtypeOf(of))
		fill(mapping.TypeOfTask, set.Type)
		fill(mapping.StatusField, set.Status)
		return
	}
	fill(mapping.MomentProperty, fields[mapping.MeetingStart])
	fill(mapping.MomentProperty, room.StampText(source.Created))
	switch of {
	case core.Emails:
		fill("hs_email_direction", "EMAIL")
		fill("hs_email_status", "SENT")
	case core.Calls:
		if valueOf(source, "IsClosed") == "true" {
			fill("hs_call_status", "COMPLETED")
		}
	}
}

// agreeFilled takes what was filled in at a create as agreed, so that the side that left
// it blank stays so.
func (b *batch) agreeFilled(it *item, l *core.Link, after [2][]string) {
	for i, f := range b.mapping(it).Synced() {
		for _, side := range core.Sides {
			if op := it.ops[side]; op != nil && op.Kind == core.OpCreate && slices.Contains(it.filled, f.Names[side]) && it.wrote(side, f.Names[side]) && after[side] != nil {
				l.Base = core.Advance(l.Base, []core.Observed{{Key: f.Key, Values: b.pairValues(it, after, i)}})
			}
		}
	}
}
