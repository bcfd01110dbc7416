package engine

import (
	"context"
	"slices"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/store"
)

// bornWithin is how long after the contact the lead is stamped from which it was converted.
const bornWithin = 10 * time.Second

// bornFrom reports that the conversion of a lead surely made the contact, which was not there
// before: it has the lead's address. Another one was given to it since, or it was made just
// ahead of the conversion; nothing tells which, so that it counts as somebody who was there.
func bornFrom(contact, lead *core.Record) bool {
	return lead.Stamp.Sub(contact.Created).Abs() <= bornWithin && conn.EmailOf(contact) == conn.EmailOf(lead)
}

// loadConverted finds out which contacts that took the place of a lead were made of it: these
// are the lead under another id, and another address was given to them by somebody (OPT-7).
// Who was there before has an address of her own.
func (e *Engine) loadConverted(ctx context.Context, b *batch) error {
	contacts, ids := map[core.Ref]*core.Record{}, []string{}
	for _, it := range b.items {
		sf, hs := it.person(core.Salesforce), it.person(core.HubSpot)
		if sf == nil || hs == nil || sf.Ref.Object != core.Contact || conn.EmailOf(sf) == conn.EmailOf(hs) {
			continue
		}
		if _, entrant := b.meets(it); entrant {
			contacts[sf.Ref], ids = sf, append(ids, sf.Ref.ID)
		}
	}
	leads, err := e.leadsOf(ctx, b, ids)
	b.consents.converted = map[core.Ref]bool{}
	for i := range leads {
		contact := core.Ref{Side: core.Salesforce, Object: core.Contact, ID: conn.ConvertedTo(&leads[i])}
		if rec := contacts[contact]; rec != nil && bornFrom(rec, &leads[i]) {
			b.consents.converted[contact] = true
		}
	}
	return err
}

// leadsOf are the leads that were converted to contacts, as far as leads are visible.
func (e *Engine) leadsOf(ctx context.Context, b *batch, contacts []string) ([]core.Record, error) {
	_, visible := b.conn.Schemas[core.Salesforce][core.Lead]
	if len(contacts) == 0 || !visible {
		return nil, nil
	}
	slices.Sort(contacts)
	return b.conn.Sides[core.Salesforce].Read(ctx, connector.Query{Object: core.Lead, By: "ConvertedContactId", Values: contacts, Fields: b.conn.ReadFields(core.Salesforce, core.Lead)})
}

// inheritTicks gives the boxes of contacts that a conversion made the ticks of their leads:
// it copies the box, and who ticked that meant the address which the lead had then (OPT-7).
// A contact that was there before has a word of its own. The lead's tick goes to the
// contact once, so that a box which is cleared and ticked anew says something new.
func (e *Engine) inheritTicks(ctx context.Context, b *batch) error {
	fresh := b.unnoted()
	ids := make([]string, 0, len(fresh))
	for r := range fresh {
		ids = append(ids, r.ID)
	}
	leads, err := e.leadsOf(ctx, b, ids)
	if err != nil || len(leads) == 0 {
		return err
	}
	return e.View(ctx, func(tx *store.Tx) error { return b.takeTicks(tx, leads, fresh) })
}

// unnoted are the contacts with a ticked box of which nobody knows whose tick it is, and
// that are young enough to be of a lead that was followed; each is given once.
func (b *batch) unnoted() map[core.Ref]*core.Record {
	cs, out := b.consents, map[core.Ref]*core.Record{}
	for _, v := range cs.voices {
		for r, rec := range v.boxes {
			_, noted := cs.ticks[r]
			if noted || cs.looked[r] || v.gone[r] || r.Object != core.Contact || !ticked(rec) || rec.Created.Before(b.conn.SwitchedOn(r)) {
				continue
			}
			out[r] = rec
		}
	}
	for r := range out {
		cs.looked[r] = true
	}
	return out
}

func (b *batch) takeTicks(tx *store.Tx, leads []core.Record, contacts map[core.Ref]*core.Record) error {
	of := map[core.Ref]core.Ref{}
	for i := range leads {
		contact := core.Ref{Side: core.Salesforce, Object: core.Contact, ID: conn.ConvertedTo(&leads[i])}
		if rec := contacts[contact]; rec != nil && bornFrom(rec, &leads[i]) {
			of[leads[i].Ref] = contact
		}
	}
	if len(of) == 0 {
		return nil
	}
	refs := make([]core.Ref, 0, len(of))
	for lead := range of {
		refs = append(refs, lead)
	}
	ticks, err := tx.Ticks(b.conn.ID, refs)
	for lead, tick := range ticks {
		if tick.IsHandedOn() {
			continue
		}
		b.consents.inherited[of[lead]], b.consents.heirOf[of[lead]] = tick, lead
	}
	if err != nil {
		return err
	}
	return b.loadTicks(tx) // where another batch handed them on meanwhile, the contacts have them
}
