package engine

import (
	"cmp"
	"context"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// carried reports that the batch is of records whose partner is told by the id that one
// of the two carries: deals, tickets, custom objects.
func (b *batch) carried() bool { return b.conn.Pairs.Def(b.pair).Carried }

// readCarried completes a batch of such records: the partners of those that carry an id,
// and the links of the records they belong to.
func (e *Engine) readCarried(ctx context.Context, b *batch) error {
	named := func(rec *core.Record) []core.Ref { return append(b.parentsIn(rec), b.namedIn(rec)...) }
	if err := e.readStoredMatches(ctx, b, named); err != nil {
		return err
	}
	switch b.pair {
	case core.DealPair:
		if err := e.readRoles(ctx, b); err != nil {
			return err
		}
	case core.LineItemPair:
		if err := cmp.Or(e.readPricing(ctx, b), e.readLineCurrencies(ctx, b)); err != nil {
			return err
		}
	}
	if err := e.readMembers(ctx, b); err != nil {
		return err
	}
	return e.readRecency(ctx, b)
}

// readStoredMatches reads the partners of records that are found by their stored ids alone,
// and the links of those that such records name.
func (e *Engine) readStoredMatches(ctx context.Context, b *batch, named func(*core.Record) []core.Ref) error {
	b.folk = newPeople()
	if err := e.readMatches(ctx, b); err != nil {
		return err
	}
	var refs []core.Ref
	for _, it := range b.items {
		for _, side := range core.Sides {
			if it.live(side) {
				refs = append(refs, named(it.recs[side])...)
			}
		}
	}
	return e.loadParentLinks(ctx, b, refs)
}

// parentsIn are the accounts or companies that a record names.
func (b *batch) parentsIn(rec *core.Record) (out []core.Ref) {
	if id, _ := rec.Get(conn.RelationKey); id != "" && rec.Ref.Side == core.Salesforce {
		out = append(out, accountRef(id))
	}
	for _, rel := range rec.Related[core.Companies] {
		out = append(out, companyRef(rel.ID))
	}
	return out
}

// loadParentLinks loads the links of accounts and companies, and which of them wait to
// be looked at themselves.
func (e *Engine) loadParentLinks(ctx context.Context, b *batch, refs []core.Ref) error {
	return e.View(ctx, func(tx *store.Tx) (err error) {
		if b.parents, err = tx.LinksOf(b.conn.ID, refs); err != nil {
			return err
		}
		waiting, err := tx.DirtyOf(b.conn.ID, refs)
		b.undecided = map[core.Ref]bool{}
		for r := range waiting {
			b.undecided[r] = true
		}
		return err
	})
}

// unfollowed is the decision about a record whose pair is off as a whole.
func (b *batch) unfollowed(it *item) core.Decision {
	return policy.CreateRecord(it.from, policy.RecordFacts{Scope: policy.Scope{Pair: b.pair, Plural: b.conn.Pairs.Plural(b.pair),
		Custom: b.conn.Pairs.Def(b.pair).Custom, Paused: b.conn.Settings.Paused, Reasons: it.reasons}})
}

// decideCarried decides about a record that is found by its stored id alone, and keeps
// what it belongs to in step.
func (b *batch) decideCarried(it *item) {
	b.decideRecord(it)
	if b.pair == core.DealPair {
		b.relateDeal(it)
	} else if l := it.activeLink(); l != nil && it.results != nil && it.live(core.Salesforce) && it.live(core.HubSpot) {
		b.lookUp(it, l)
	}
}

// relateDeal keeps the account and the primary company of a deal in step, and its people.
func (b *batch) relateDeal(it *item) {
	l := it.activeLink()
	if l == nil || it.results == nil {
		return
	}
	if !it.live(core.Salesforce) || !it.live(core.HubSpot) {
		if b.relateNew(it); it.relation == nil && !b.parentRef(it.recs[it.from]).IsZero() && !b.dry {
			_, d := b.waitForAccount(it)
			it.decisions = append(it.decisions, d)
		}
		b.rolesLater(it)
		return
	}
	verdict := it.verdict
	b.relateRoles(it, l)
	b.salesNews(it)
	v, d := b.relate(it, l)
	if verdict != InSync {
		v = verdict
	}
	if b.dry && v == InSync && len(it.sent()) > 0 {
		v = Pending
	}
	it.say(v, d)
}

// rolesLater asks for another look at a deal that is about to be made, where people are
// to be associated with it: they can be once it stands.
func (b *batch) rolesLater(it *item) {
	rec := it.recs[it.from]
	if b.roles == nil || it.from == core.Salesforce && len(b.roles.rows[rec.Ref.ID]) == 0 || it.from == core.HubSpot && len(rec.Related[core.Contacts]) == 0 {
		return
	}
	it.onceMade = true
}

// recordFacts are what is known of such a record, of a linked one by what both sides show:
// the stricter answer counts.
func (b *batch) recordFacts(it *item, s policy.Scope, sides ...core.Side) policy.RecordFacts {
	f := policy.RecordFacts{Scope: s, Way: b.conn.Settings.Pair(b.pair).From[sides[0]], Pipeline: policy.Member, Parent: b.parentState(it), Listed: policy.Listed{Segment: policy.Member}}
	for _, side := range sides {
		rec := it.recs[side]
		if rec == nil {
			continue
		}
		if m, note := b.filter(rec); m != policy.Member {
			f.Filter, f.FilterNote = m, note
		}
		if m, place := b.conn.InPipeline(rec); m != policy.Member || f.Place == "" {
			f.Pipeline, f.Place = m, place
		}
		if side == core.HubSpot && it.live(side) {
			f.Listed = b.listed(rec)
		}
	}
	return f
}

// parentState is the state of the records that one without a partner belongs to: the account
// or company of a deal, or what a lookup names. They are awaited while they wait to be
// looked at themselves.
func (b *batch) parentState(it *item) policy.Parent {
	rec := it.recs[it.from]
	if rec == nil {
		return policy.NoParent
	}
	if slices.ContainsFunc(b.namedIn(rec), func(r core.Ref) bool { return b.linkedParent(r) == nil && b.undecided[r] }) {
		return policy.ParentPending
	}
	switch parent := b.parentRef(rec); {
	case parent.IsZero():
	case b.linkedParent(parent) != nil:
		return policy.ParentLinked
	case b.undecided[parent]:
		return policy.ParentPending
	}
	return policy.NoParent
}

// mayCreateRecord asks policy whether a partner is made for such a record. One whose
// pipeline HubSpot refused to make says so.
func (b *batch) mayCreateRecord(it *item) core.Decision {
	b.raiseRefusedPipeline(it)
	return policy.CreateRecord(it.from, b.recordFacts(it, b.stranger(it), it.from))
}

// wakeChildren asks for another look at the records that belong to those that the batch
// has linked: they wait for it, or stand without it, and nobody else tells them (DEAL-1,
// DEAL-9), and at the line items of deals whose currency changed. Where their reading fails the retry of their issue, or the next sweep, does.
func (e *Engine) wakeChildren(ctx context.Context, b *batch) error {
	linked := b.newlyLinked()
	b.wakeLines(linked)
	if len(linked) == 0 {
		return nil
	}
	refs, err := e.lookersOf(ctx, b, linked)
	if err == nil && b.conn.SyncsDeals() {
		var deals []core.Ref
		deals, err = e.dealsOf(ctx, b, linked)
		refs = append(refs, deals...)
	}
	if err != nil {
		if ctx.Err() == nil {
			e.Log.Warn("the records that belong to newly linked ones could not be listed; they are tried again by themselves", "connection", b.conn.Settings.Name, "cause", err)
		}
		return ctx.Err()
	}
	return e.Update(ctx, func(tx *store.Tx) error {
		known, err := knownDeals(tx, b.conn, refs)
		if err != nil {
			return err
		}
		return tx.Mark(b.conn.ID, room.DirtyOf(b.conn.Pairs, known, core.ReasonParent, 0, b.at))
	})
}

// newlyLinked are the ids by object of the records that the batch linked, or that took over
// the partner of another one, but for those that it made, to which nothing belongs yet.
func (b *batch) newlyLinked() map[core.Object][]string {
	links := slices.Clone(b.personLinks)
	for _, it := range b.items {
		if it.newLink != nil {
			links = append(links, it.newLink)
		}
		if it.relink != nil && it.relink.State == core.LinkActive {
			links = append(links, it.relink)
		}
	}
	out := map[core.Object][]string{}
	for _, l := range links {
		for side, r := range l.Refs {
			if r.ID != "" && r.Object != core.Lead && !b.madeHere(core.Side(side))[r.ID] {
				out[r.Object] = append(out[r.Object], r.ID)
			}
		}
	}
	return out
}

// dealsOf reads the deals and opportunities of accounts, companies and contacts.
func (e *Engine) dealsOf(ctx context.Context, b *batch, of map[core.Object][]string) (out []core.Ref, err error) {
	sf, hs := b.conn.Sides[core.Salesforce], b.conn.Sides[core.HubSpot]
	if ids := of[core.Account]; len(ids) > 0 {
		recs, err := sf.Read(ctx, connector.Query{Object: core.Opportunity, By: conn.RelationKey, Values: ids, Fields: []string{conn.RelationKey}})
		if err != nil {
			return nil, err
		}
		for i := range recs {
			out = append(out, recs[i].Ref)
		}
	}
	if _, on := b.conn.roles(); on && len(of[core.Contact]) > 0 {
		rows, err := sf.Read(ctx, roleQuery(roleContact, of[core.Contact]))
		if err != nil {
			return nil, err
		}
		for i := range rows {
			id, _ := rows[i].Get(roleDeal)
			out = append(out, core.Ref{Side: core.Salesforce, Object: core.Opportunity, ID: core.ID18(id)})
		}
	}
	for _, object := range []core.Object{core.Companies, core.Contacts} {
		if len(of[object]) == 0 {
			continue
		}
		recs, err := hs.Read(ctx, connector.Query{Object: object, Values: of[object], Related: []core.Object{core.Deals}})
		if err != nil {
			return nil, err
		}
		for i := range recs {
			for _, rel := range recs[i].Related[core.Deals] {
				out = append(out, core.Ref{Side: core.HubSpot, Object: core.Deals, ID: rel.ID})
			}
		}
	}
	return out, nil
}

// madeHere are the records of a side that this batch made.
func (b *batch) madeHere(side core.Side) map[string]bool {
	out := map[string]bool{}
	for _, it := range b.items {
		if op := it.ops[side]; op != nil && op.Kind == core.OpCreate {
			out[it.writtenID(side)] = true
		}
	}
	return out
}

// knownDeals are those that are linked or wait: the others stay away until something
// else brings them.
func knownDeals(tx *store.Tx, c *Conn, refs []core.Ref) (known []core.Ref, err error) {
	links, err := tx.LinksOf(c.ID, refs)
	if err != nil {
		return nil, err
	}
	waiting, err := tx.DirtyOf(c.ID, refs)
	for _, r := range refs {
		_, waits := waiting[r]
		if l := links[r]; waits || l != nil && l.State == core.LinkActive {
			known = append(known, r)
		}
	}
	return known, err
}
