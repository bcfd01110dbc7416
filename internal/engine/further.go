package engine

import (
	"context"
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/mapping"
)

// A HubSpot contact has further addresses beside its first one (hs_additional_emails), by
// merges above all. They are its own, and no other contact can have one of them.

// further reports that an address is a further one of a HubSpot contact.
func further(hs *core.Record, email string) bool {
	return email != "" && hs != nil && slices.Contains(conn.FurtherEmails(hs), email)
}

// keepAddresses leaves each side its own first address where the two meet for the first
// time and Salesforce's is a further one of the HubSpot contact: nothing tells which the
// person uses now, and both are known. What is edited from then on passes by the rule.
func (b *batch) keepAddresses(it *item, f *mapping.Field, in *core.FieldInput, r *core.FieldResult) {
	ofPerson := b.pair == core.ContactPair && f.Names[core.Salesforce] == conn.AddressField[core.Salesforce] && f.Names[core.HubSpot] == conn.AddressField[core.HubSpot]
	if !ofPerson || r.Case != core.FirstMeetingDiffer || !further(it.recs[core.HubSpot], core.FoldAddress(in.Now[core.Salesforce])) {
		return
	}
	*r = core.FieldResult{Key: r.Key, Case: core.Apart, Rule: ruleKnownAddress, InSync: true}
}

// ruleKnownAddress is the rule by which somebody who has the address is the person, also
// where it is one of several.
const ruleKnownAddress = "CON-4"

// furtherHolder is the HubSpot contact that has the address of a person of Salesforce as a
// further one; nil for none.
func (p *people) furtherHolder(rec *core.Record) *core.Record {
	if rec.Ref.Side != core.Salesforce {
		return nil
	}
	for _, r := range p.roll().byFurther[conn.EmailOf(rec)] {
		return p.recs[r] // an address is one contact's
	}
	return nil
}

// leaveToHolder says of a person that a HubSpot contact, which is linked with somebody else,
// has the address as a further one, and what can be done. The contact is looked at: its
// further addresses say what the person's is, and an opt-out of theirs is told by nobody else.
func (b *batch) leaveToHolder(it *item, d core.Decision, holder core.Ref) {
	rec, partner := it.recs[it.from], b.folk.links[holder].Partner(holder.Side)
	d.Facts["linked_with"] = partner.String()
	it.say(Blocked, d)
	i := b.inUse(rec, holder)
	i.Candidates, i.Message = append(i.Candidates, partner), i.Message+" as a further one, which is linked with "+partner.Label()
	join := "merge " + rec.Ref.Label() + " and " + partner.Label() + " in Salesforce"
	if rec.Ref.Object != partner.Object {
		join = "convert the lead into the contact in Salesforce"
	}
	i.Mend = "where the two are one person, " + join + "; otherwise take the address from the further ones of " + holder.Label() + ", or give " + rec.Ref.Label() + " another"
	it.raise(i)
	it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, []core.Ref{holder}, core.ReasonSweep, 0, b.at)...)
}

// readHolders reads the HubSpot contacts that open issues of a batch name as those who have
// the address of somebody without a partner: HubSpot may find a contact by its first
// address alone.
func (e *Engine) readHolders(ctx context.Context, b *batch) error {
	var ids []string
	for _, it := range b.items {
		if !it.unlinkedLive(core.Salesforce) {
			continue
		}
		for _, i := range b.issues[it.recs[core.Salesforce].Ref] {
			for _, c := range i.Candidates {
				if i.Code == codeAddressInUse && c.Side == core.HubSpot {
					ids = append(ids, c.ID)
				}
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	if err := e.readHubSpotPersons(ctx, b, "", ids); err != nil {
		return err
	}
	return e.loadPersonLinks(ctx, b)
}

// codeAddressInUse is the issue of an address that belongs to somebody else (DEDUP-9).
const codeAddressInUse = "email_already_in_use"
