package engine

import (
	"context"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/policy"
)

// namesOthers reports that the records of a pair name others by associations that move no
// stamp in HubSpot: activities whom and what they are about, others what their lookups say.
func (c *Conn) namesOthers(p core.Pair) bool {
	if p == core.ActivityPair {
		return len(c.namers(p)) > 0
	}
	d := c.Pairs.Def(p)
	return d.Carried && len(d.Lookups) > 0 && c.Settings.Pair(p).From[core.HubSpot] != policy.DoNothing
}

// namers are the objects of HubSpot of a pair from which what is named passes.
func (c *Conn) namers(p core.Pair) []core.Object {
	return slices.DeleteFunc(slices.Clone(c.Pairs.Objects(p)[core.HubSpot]), func(o core.Object) bool {
		return p == core.ActivityPair && !c.Settings.Activities.Of(o).From(core.HubSpot)
	})
}

// nameable are the objects of HubSpot that the records of a pair may name.
func (c *Conn) nameable(p core.Pair) (out []core.Object) {
	if p == core.ActivityPair {
		return c.AboutObjects()
	}
	for _, l := range c.Pairs.Def(p).Lookups {
		if to := c.Pairs.Objects(l.To)[core.HubSpot][0]; !slices.Contains(out, to) {
			out = append(out, to)
		}
	}
	return out
}

// otherNamed are the HubSpot records of links that name others than both sides agreed on.
// It takes a call for each thousand records of an object and each object that they may name.
func (e *Engine) otherNamed(ctx context.Context, c *Conn, p core.Pair, page []*core.Link) ([]core.Ref, error) {
	reads, ok := c.Sides[core.HubSpot].(connector.Relations)
	if !ok {
		return nil, nil
	}
	b := &batch{conn: c, pair: p}
	recs := map[int64]*core.Record{}
	var refs []core.Ref
	for _, from := range c.namers(p) {
		var of []*core.Link
		for _, l := range page {
			if l.Refs[core.HubSpot].Object == from {
				of = append(of, l)
			}
		}
		if err := readNamed(ctx, reads, c.nameable(p), from, of, recs); err != nil {
			return nil, err
		}
	}
	for _, l := range page {
		if rec := recs[l.ID]; rec != nil {
			refs = append(refs, b.namesIn(rec)...)
		}
	}
	if err := e.loadParentLinks(ctx, b, refs); err != nil {
		return nil, err
	}
	var due []core.Ref
	for _, l := range page {
		if rec := recs[l.ID]; rec != nil && !b.sameNamed(l, rec) {
			due = append(due, l.Refs[core.HubSpot])
		}
	}
	return due, nil
}

// readNamed reads what the records of an object are associated with.
func readNamed(ctx context.Context, reads connector.Relations, to []core.Object, from core.Object, links []*core.Link, recs map[int64]*core.Record) error {
	if len(links) == 0 {
		return nil
	}
	ids := make([]string, len(links))
	for i, l := range links {
		ids[i] = l.Refs[core.HubSpot].ID
		recs[l.ID] = &core.Record{Ref: l.Refs[core.HubSpot], Related: map[core.Object][]core.Relation{}}
	}
	for _, o := range to {
		got, err := reads.Relations(ctx, from, o, ids)
		if err != nil {
			return err
		}
		for _, l := range links {
			recs[l.ID].Related[o] = got[l.Refs[core.HubSpot].ID]
		}
	}
	return nil
}

// namesIn are the records of its own side that a record names.
func (b *batch) namesIn(rec *core.Record) []core.Ref {
	if b.pair == core.ActivityPair {
		return b.aboutRefs(rec)
	}
	return b.namedIn(rec)
}

// sameNamed reports that a HubSpot record names what both sides agreed on, or that nothing
// can be said of it: what has no partner yet is looked at again when it gets one.
func (b *batch) sameNamed(l *core.Link, rec *core.Record) bool {
	if b.pair == core.ActivityPair {
		return b.sameAbout(l, rec)
	}
	for _, lookup := range b.lookupsOf() {
		ids, waits := b.partnersBy(rec, lookup)
		was, _, _ := l.Base.Of(lookup.Field)
		switch at := was[core.HubSpot]; {
		case at == "" && len(ids) > 0, at != "" && !slices.ContainsFunc(ids, func(id string) bool { return core.Digest(id) == at }) && (len(ids) > 0 || !waits):
			return false
		}
	}
	return true
}

// sameAbout is sameNamed of an activity. What was taken away and not exchanged stays, and
// a task of a lead is about the lead alone.
func (b *batch) sameAbout(l *core.Link, rec *core.Record) bool {
	it := &item{recs: [2]*core.Record{core.HubSpot: rec}}
	who, _, _ := l.Base.Of(conn.WhoKey)
	for _, s := range b.slots() {
		there := b.aboutThere(it, s)
		if len(there) == 0 || s.field == conn.WhatKey && b.conn.AboutRef(who[core.Salesforce]).Object == core.Lead {
			continue
		}
		if !slices.ContainsFunc(there, func(r core.Ref) bool { return l.Base.Holds(core.HubSpot, s.field, r.ID) }) {
			return false
		}
	}
	return true
}
