package engine

import (
	"cmp"
	"context"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/policy"
)

// readStoredPersons reads the counterparts whose ids people without a partner carry:
// in our key fields, or in the properties of the original integration (PROP-1, PROP-2),
// and who has their addresses besides those that were asked for.
func (e *Engine) readStoredPersons(ctx context.Context, b *batch, asked []string) error {
	want, err := e.firmlyAsked(ctx, b)
	if err != nil {
		return err
	}
	carriers, err := e.personCarriers(ctx, b)
	if err != nil {
		return err
	}
	want = append(want, carriers...)
	for _, r := range b.folk.sorted() {
		if stored := b.conn.StoredRef(b.folk.recs[r]); !stored.IsZero() && !b.folk.taken(r) && b.folk.recs[stored] == nil {
			want = append(want, stored)
		}
	}
	for _, g := range groupRefs(want) {
		if _, visible := b.conn.Schemas[g.side][g.object]; !visible {
			continue
		}
		q := connector.Query{Object: g.object, Values: g.ids, Fields: b.conn.ReadFields(g.side, g.object)}
		if g.side == core.HubSpot {
			q.Related = []core.Object{core.Companies}
		}
		if err := b.folk.add(b.conn.Sides[g.side].Read(ctx, q)); err != nil {
			return err
		}
	}
	if len(want) == 0 {
		return nil
	}
	if more := b.addressesOf(want, asked); len(more) > 0 {
		return e.readNamesakes(ctx, b, more)
	}
	return e.loadPersonLinks(ctx, b)
}

// personCarriers are the HubSpot contacts that carry the id of a person of the batch who has
// no partner: the original integration wrote it there, whatever the address is now. Who was
// made since the switch has none of its ids, and an import lists the contacts that carry one
// before it lists people.
func (e *Engine) personCarriers(ctx context.Context, b *batch) (out []core.Ref, err error) {
	ids := map[core.Object][]string{}
	for _, it := range b.items {
		if rec := it.recs[core.Salesforce]; it.unlinkedLive(core.Salesforce) && b.mayBeCarried(it, rec) {
			ids[rec.Ref.Object] = append(ids[rec.Ref.Object], rec.Ref.ID)
		}
	}
	for _, of := range []core.Object{core.Contact, core.Lead} {
		recs, err := e.findCarrying(ctx, b, core.Contacts, conn.NativeID[of], ids[of])
		if err != nil {
			return nil, err
		}
		for i := range recs {
			if b.folk.recs[recs[i].Ref] == nil {
				out = append(out, recs[i].Ref)
			}
		}
	}
	return out, nil
}

// mayBeCarried reports a person of Salesforce whose partner is to be looked for by the id: one
// from before the switch for whom a partner may be made now.
func (b *batch) mayBeCarried(it *item, rec *core.Record) bool {
	asked := it.reasons == 0 || policy.BringsPerson(it.reasons) && !it.reasons.Has(core.ReasonImport)
	return asked && b.pair == core.ContactPair && !b.folk.taken(rec.Ref) && conn.ConvertedTo(rec) == "" && rec.Created.Before(b.conn.SwitchedOn(rec.Ref))
}

// addressesOf are the addresses of records that are none of those asked for by now.
func (b *batch) addressesOf(refs []core.Ref, asked []string) (out []string) {
	for _, r := range refs {
		if rec := b.folk.recs[r]; rec != nil && conn.EmailOf(rec) != "" && !slices.Contains(asked, conn.EmailOf(rec)) {
			out = append(out, conn.EmailOf(rec))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// proposeStored links people with the counterparts whose ids they carry, ahead of any
// address: a team that moves over is not matched anew. What the HubSpot contact says
// counts, since both the original integration and we write there last. An id that an
// address of somebody else contradicts is a person's to judge.
func (b *batch) proposeStored() {
	for _, side := range []core.Side{core.HubSpot, core.Salesforce} {
		for _, r := range b.folk.sorted() {
			if stored := b.conn.StoredRef(b.folk.recs[r]); r.Side == side && !stored.IsZero() {
				b.proposeOne(r, stored)
			}
		}
	}
}

func (b *batch) proposeOne(r, stored core.Ref) {
	other := b.folk.recs[stored]
	if other == nil || b.folk.taken(r) || b.folk.taken(stored) || b.doubted(r) || b.doubted(stored) {
		return
	}
	for _, rec := range []*core.Record{b.folk.recs[r], other} {
		if conn.ConvertedTo(rec) != "" || b.leavesOut(rec) || !b.folk.erased[conn.EmailOf(rec)].IsZero() {
			return
		}
	}
	rule := "PROP-2"
	if stored.Object == core.Lead || r.Object == core.Lead {
		rule = "PROP-1"
	}
	if b.folk.apart.has(r, stored) || b.contradicted(r, stored, rule) {
		return
	}
	b.propose(r, stored, cmp.Or(b.folk.met[coupleOf(r, stored)], rule))
}

// propose links two people, unless a person took them apart.
func (b *batch) propose(r, partner core.Ref, rule string) {
	if b.folk.apart.has(r, partner) || b.folk.parted(r, partner) && !b.asked(r, partner) {
		return
	}
	l := &core.Link{Pair: core.ContactPair, State: core.LinkActive, How: rule, Created: b.at}
	l.Refs[r.Side], l.Refs[partner.Side] = r, partner
	if b.mayMeetPersons(l) {
		b.personLinks = append(b.personLinks, l)
	} else {
		b.folk.held[r], b.folk.held[partner] = l, l
	}
	b.folk.links[r], b.folk.links[partner] = l, l
	b.folk.join(l)
}

// asked reports that a person asked for a look at one of the records.
func (b *batch) asked(refs ...core.Ref) bool {
	return slices.ContainsFunc(b.items, func(it *item) bool {
		return it.asked() && slices.ContainsFunc(it.refs(), func(r core.Ref) bool { return slices.Contains(refs, r) })
	})
}

// parted reports that a person ended the link of the two, and nobody has joined them
// since.
func (p *people) parted(a, b core.Ref) bool { return p.ended.has(a, b) }
