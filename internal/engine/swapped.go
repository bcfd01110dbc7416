package engine

import (
	"context"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/store"
)

// tellSwapped says of addresses in use that two people changed theirs with each other in
// Salesforce: neither can be written before the other. An address that is taken off a
// contact for a moment could be lost, or be taken for a later edit, so a person does it.
// Where the other person cannot be read, the issue stays as it is.
func (e *Engine) tellSwapped(ctx context.Context, b *batch) {
	if b.pair != core.ContactPair {
		return
	}
	for _, it := range b.items {
		for n := range it.issues {
			l, i := it.activeLink(), &it.issues[n]
			if l != nil && i.Code == codeEmailInUse && len(i.Candidates) == 1 && it.live(core.HubSpot) {
				e.nameSwapped(ctx, b, it.recs[core.HubSpot], l.Refs, i)
			}
		}
	}
}

// codeEmailInUse is the code of policy's answer to an address that another contact has.
const codeEmailInUse = "email_already_in_use"

// nameSwapped completes the issue i of two linked records, the one of HubSpot being rec.
func (e *Engine) nameSwapped(ctx context.Context, b *batch, rec *core.Record, refs [2]core.Ref, i *core.Issue) {
	holder, own := i.Candidates[0], refs[core.Salesforce]
	var links map[core.Ref]*core.Link
	err := e.View(ctx, func(tx *store.Tx) (err error) { links, err = tx.LinksOf(b.conn.ID, []core.Ref{holder}); return err })
	l := links[holder]
	if err != nil || l == nil || l.State != core.LinkActive {
		return
	}
	other := l.Refs[core.Salesforce]
	got, err := e.fetch(ctx, b, []core.Ref{other})
	if err != nil || got[other] == nil || conn.EmailOf(got[other]) == "" || conn.EmailOf(got[other]) != conn.EmailOf(rec) {
		return
	}
	i.Candidates = append(i.Candidates, other)
	i.Message = own.Label() + " and " + other.Label() + " have changed their e-mail addresses with each other, and HubSpot lets no two contacts have one: " +
		refs[core.HubSpot].Label() + " waits for " + holder.Label() + ", and that for it"
	i.Mend = "give " + own.Label() + " a third address in Salesforce for a moment, run tandem sync --once and tandem retry, and then give it the address that it is to have (DEDUP-9)"
}
