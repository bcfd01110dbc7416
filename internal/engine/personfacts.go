package engine

import (
	"context"
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// strangerFacts are what is known of a person without a partner.
func (b *batch) strangerFacts(it *item) policy.PersonFacts {
	rec := it.recs[it.from]
	f := policy.PersonFacts{Scope: b.stranger(it), Ref: rec.Ref, Email: conn.EmailOf(rec),
		FromSalesforce: b.conn.Settings.Contacts.FromSalesforce, Listed: policy.Listed{Segment: policy.Member}, Parent: b.parentOf(it)}
	f.OptedOut = b.conn.everywhere() && rec.Values[conn.OptOutField[it.from]] == "true"
	if it.from == core.HubSpot {
		f.Listed, f.Creates = b.listed(rec), b.conn.BecomesOf(rec)
	}
	return f
}

// pairFacts are what is known of a linked pair: the stricter answer of the filters of
// both directions counts, and the inclusion list's about the HubSpot contact. That a link
// of the two ended is no hindrance to one that was found since, as when somebody who was
// deleted is restored.
func (b *batch) pairFacts(it *item) policy.PersonFacts {
	hs := it.recs[core.HubSpot]
	f := policy.PersonFacts{Scope: b.scope(it, core.Salesforce), Ref: hs.Ref, Email: conn.EmailOf(hs),
		FromSalesforce: b.conn.Settings.Contacts.FromSalesforce, Listed: b.listed(hs)}
	f.Parted = f.Parted && it.newLink == nil
	if m, note := b.filter(hs); m != policy.Member {
		f.Filter, f.FilterNote = m, note
	}
	return f
}

// parentOf is the state of a new person's account or company. One without a link is
// awaited while it is still to be decided: at the first look, which asks for that, and
// as long as it waits itself.
func (b *batch) parentOf(it *item) policy.Parent {
	parent := b.parentRef(it.recs[it.from])
	switch {
	case parent.IsZero():
	case b.linkedParent(parent) != nil:
		return policy.ParentLinked
	case b.undecided[parent], it.tries() == 0 && !b.dry && !b.planned:
		return policy.ParentPending
	}
	return policy.NoParent
}

// barred reports that nothing may pass to a side: contacts.from_salesforce is nothing
// (SET-2), or a direction of tickets or of a custom object is. What a person asks for passes all the same.
func (b *batch) barred(it *item, side core.Side) bool {
	switch {
	case b.pair == core.ActivityPair:
		return b.barredActivity(it, side)
	case b.carried():
		return it.recs[side] != nil && b.conn.Settings.Pair(b.pair).From[side.Other()] == policy.DoNothing && !it.reasons.Has(core.ReasonPerson)
	}
	return b.pair == core.ContactPair && side == core.HubSpot && it.recs[side] != nil &&
		b.conn.Settings.Contacts.FromSalesforce == policy.DoNothing && !it.reasons.Has(core.ReasonPerson)
}

// fillAddress gives a new person the address that the two are known by, mapped or not.
func (b *batch) fillAddress(it *item, side core.Side, fields map[string]string) {
	if name := conn.AddressField[side]; b.pair == core.ContactPair && fields[name] == "" {
		if email := conn.EmailOf(it.recs[side.Other()]); email != "" {
			fields[name] = email
		}
	}
}

// elderOf is another person of Salesforce with the same address who keeps a record without a
// partner from getting one: of several only one has a partner (DEDUP-1, IMP-3), always the
// same one (LIM-6), which is who has one already, and else who comes first. One whose partner
// is gone stays without (AMB-13), and keeps nobody else from having one, nor does one that
// the filter leaves out. It is nil for none, and for records of HubSpot, where an address
// stands once.
func (b *batch) elderOf(rec *core.Record) *core.Record {
	if rec.Ref.Side != core.Salesforce || conn.EmailOf(rec) == "" {
		return nil
	}
	var all []policy.PersonCandidate
	for _, r := range b.folk.named(conn.EmailOf(rec)) {
		other := b.folk.recs[r]
		switch {
		case r.Side != core.Salesforce || b.leavesOut(other):
		case b.folk.taken(r):
			return other
		case r == rec.Ref || b.folk.links[r] == nil && !b.filteredOut(other):
			all = append(all, personCandidate(other))
		}
	}
	first, d := policy.LinkPerson(conn.EmailOf(rec), all)
	if d.Outcome != policy.Link || first.Ref == rec.Ref {
		return nil
	}
	return b.folk.recs[first.Ref]
}

// unlessTaken is the answer to whether a partner is made for a person of Salesforce, where
// somebody else who has the address may keep it from that.
func (b *batch) unlessTaken(it *item, d core.Decision) core.Decision {
	if d.Outcome != policy.Create {
		return d
	}
	if holder := b.folk.furtherHolder(it.recs[it.from]); holder != nil && b.folk.taken(holder.Ref) {
		return policy.AddressInUse(holder.Ref, "the e-mail address is a further one of a HubSpot contact that is linked with another record")
	}
	if elder := b.elderOf(it.recs[it.from]); elder != nil {
		return policy.AddressInUse(elder.Ref, "another record with the same e-mail address comes first")
	}
	return d
}

// leaveToElder says so of a person, and asks for a look at who comes first for the same
// reasons: an import names its own, and a retry is about this one.
func (b *batch) leaveToElder(it *item, d core.Decision) {
	rec := it.recs[it.from]
	elder := b.elderOf(rec)
	it.say(Blocked, d)
	i := b.inUse(rec, elder.Ref)
	i.Message += " as well, which comes first"
	if l := b.folk.links[elder.Ref]; l != nil {
		i.Candidates, i.Message = append(i.Candidates, l.Partner(core.Salesforce)), i.Message+" and is linked with "+l.Partner(core.Salesforce).Label()
	} else if why := it.reasons &^ (core.ReasonSweep | core.ReasonImport | core.ReasonRetry | core.ReasonSchema); why != 0 {
		it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, []core.Ref{elder.Ref}, why, it.run, b.at)...)
	} else {
		i.Mend = "import " + elder.Ref.Label() + " as well, or give one of the two another address"
	}
	it.raise(i)
}

// filteredOut reports a record that the settings keep from being made on the other side.
func (b *batch) filteredOut(rec *core.Record) bool {
	in, _ := b.filter(rec)
	return in == policy.NotMember
}

// freshContacts are the ids of the Salesforce contacts of a batch of people that have no
// link: they may have been converted from leads.
func (b *batch) freshContacts() (ids []string) {
	if b.pair != core.ContactPair || !b.conn.SyncsPeople() {
		return nil
	}
	for _, it := range b.items {
		if it.unlinkedLive(core.Salesforce) && it.recs[core.Salesforce].Ref.Object == core.Contact {
			ids = append(ids, it.recs[core.Salesforce].Ref.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// sortLeads keeps the leads that were converted, for loadHeirs, and gives those whom
// an address asked for brought: a converted lead is nobody's namesake otherwise.
func (b *batch) sortLeads(recs []core.Record, emails []string) []core.Record {
	return slices.DeleteFunc(recs, func(rec core.Record) bool {
		converted := rec.Ref.Object == core.Lead && conn.ConvertedTo(&rec) != ""
		if converted {
			b.converted = append(b.converted, rec)
		}
		return converted && !slices.Contains(emails, conn.EmailOf(&rec))
	})
}

// loadHeirs finds the contacts that are to take over the link of the lead they were
// converted from, and not to get a partner of their own (CON-5).
func (e *Engine) loadHeirs(ctx context.Context, b *batch) error {
	leads := b.converted
	if len(leads) == 0 {
		return nil
	}
	refs := make([]core.Ref, len(leads))
	for i := range leads {
		refs[i] = leads[i].Ref
	}
	return e.View(ctx, func(tx *store.Tx) error {
		links, err := tx.LinksOf(b.conn.ID, refs)
		b.heirs = map[core.Ref]core.Ref{}
		for i := range leads {
			contact := core.Ref{Side: core.Salesforce, Object: core.Contact, ID: conn.ConvertedTo(&leads[i])}
			l := links[leads[i].Ref]
			if l != nil && l.State != core.LinkClosed && (l.Refs[core.Salesforce] == leads[i].Ref || l.Refs[core.Salesforce] == contact) { // or it has just taken over
				b.heirs[contact] = leads[i].Ref
			}
		}
		return err
	})
}

// decideConverting puts off a contact that is to take over the link of the lead it was
// converted from, and leaves a lead that was converted without ever having a partner
// to its contact (CON-5).
func (b *batch) decideConverting(it *item) bool {
	rec := it.recs[it.from]
	if rec == nil || !b.conn.SyncsPeople() {
		return false
	}
	if lead := b.heirs[rec.Ref]; !lead.IsZero() {
		it.say(Pending, core.Decision{Rule: "CON-5", Outcome: policy.Wait, Facts: map[string]string{"because": "the contact takes over the partner of " + lead.Label()}})
		it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, []core.Ref{lead}, core.ReasonDelete, it.run, b.at)...)
		return true
	}
	to := conn.ConvertedTo(rec)
	if to == "" {
		return false
	}
	it.say(OutOfScope, core.Decision{Rule: "CON-5", Outcome: policy.None, Facts: map[string]string{"because": "the lead was converted and can never be written again; its contact goes on"}})
	contact := core.Ref{Side: core.Salesforce, Object: core.Contact, ID: to}
	it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, []core.Ref{contact}, it.reasons&^core.ReasonSweep, it.run, b.at)...)
	return true
}
