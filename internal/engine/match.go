package engine

import (
	"context"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// readMatches asks policy which existing record an unlinked one is, and reads
// the partner it names, so that deciding needs no I/O.
func (e *Engine) readMatches(ctx context.Context, b *batch) error {
	if err := e.readStored(ctx, b); err != nil {
		return err
	}
	if err := e.readRivals(ctx, b); err != nil {
		return err
	}
	var err error
	if b.kin, err = e.readKin(ctx, b, b.pair, b.matchable()); err != nil {
		return err
	}
	cands, err := e.candidates(ctx, b)
	if err != nil {
		return err
	}
	var want []core.Ref
	for _, it := range b.items {
		if !it.unlinkedLive(it.from) || len(cands[it]) == 0 {
			continue
		}
		d := policy.MatchRecord(b.matchFacts(it, cands[it]))
		if d.Outcome == policy.Link && it.from == core.HubSpot {
			d = b.agree(it, d)
		}
		it.match = &d
	}
	if err := e.resembleCompanies(ctx, b); err != nil {
		return err
	}
	for _, it := range b.items {
		if it.match != nil && it.match.Outcome == policy.Link {
			want = append(want, it.match.Partner)
		}
	}
	got, err := e.fetch(ctx, b, want)
	if err != nil {
		return err
	}
	if err := e.heedPast(ctx, b, got); err != nil || len(want) == 0 {
		return err
	}
	if err := e.heedMerged(ctx, b, got); err != nil {
		return err
	}
	if err := b.join(got); err != nil {
		return err
	}
	if b.pair != core.CompanyPair {
		return nil
	}
	return e.readFamilies(ctx, b)
}

// heedMerged decides anew about records whose partner answers as the one that it was merged
// into, where that one is linked with another record: only the answer tells who it is now.
func (e *Engine) heedMerged(ctx context.Context, b *batch, got map[core.Ref]*core.Record) error {
	var survivors []core.Ref
	for asked, rec := range got {
		if rec.Ref != asked {
			survivors = append(survivors, rec.Ref)
		}
	}
	if len(survivors) == 0 {
		return nil
	}
	slices.SortFunc(survivors, core.Ref.Compare)
	return e.View(ctx, func(tx *store.Tx) error {
		links, err := tx.LinksOf(b.conn.ID, survivors)
		for _, it := range b.items {
			if it.match == nil || it.match.Outcome != policy.Link || got[it.match.Partner] == nil {
				continue
			}
			now := got[it.match.Partner].Ref
			if l := links[now]; now == it.match.Partner || l == nil || l.State == core.LinkClosed || l.Refs[it.from] == it.recs[it.from].Ref {
				continue
			}
			m := policy.MatchRecord(b.matchFacts(it, []policy.Candidate{{Ref: now, Key: it.match.Facts["key"], Linked: true}}))
			it.match = &m
		}
		return err
	})
}

// resembleCompanies looks for similar records of those that no key gave a partner.
func (e *Engine) resembleCompanies(ctx context.Context, b *batch) error {
	var recs []*core.Record
	matched := map[core.Ref]bool{}
	for _, it := range b.items {
		switch {
		case it.match != nil && it.match.Outcome == policy.Link:
			matched[it.match.Partner], matched[it.recs[it.from].Ref] = true, true
		case it.unlinkedLive(it.from) && !it.keptApart() && (it.match == nil || it.match.Outcome == policy.None):
			recs = append(recs, it.recs[it.from])
		}
	}
	found, err := e.resemble(ctx, b, b.pair, recs, func(r core.Ref) bool { return matched[r] })
	for _, it := range b.items {
		if it.recs[it.from] == nil {
			continue
		}
		if m, similar := found[it.recs[it.from].Ref]; similar && (it.match == nil || it.match.Outcome == policy.None) {
			it.match = &m
		}
	}
	return err
}

// readFamilies reads the people of the partners found: they may have been waiting
// for the link that is about to be made, and only it can wake them (ACC-13).
func (e *Engine) readFamilies(ctx context.Context, b *batch) error {
	var accounts, contacts []string
	for _, it := range b.items {
		if it.match == nil || it.match.Outcome != policy.Link || !it.live(it.from.Other()) {
			continue
		}
		partner := it.recs[it.from.Other()]
		if partner.Ref.Side == core.Salesforce {
			accounts = append(accounts, partner.Ref.ID)
		}
		for _, r := range partner.Related[core.Contacts] {
			contacts = append(contacts, r.ID)
		}
	}
	if err := e.readContactsOf(ctx, b, accounts); err != nil {
		return err
	}
	return e.readHubSpotPersons(ctx, b, "", contacts)
}

// candidates lists, per unlinked item, the records of the other side it may be,
// with those marked that are linked with something else.
func (e *Engine) candidates(ctx context.Context, b *batch) (map[*item][]policy.Candidate, error) {
	out := map[*item][]policy.Candidate{}
	var refs []core.Ref
	for _, it := range b.items {
		if !it.unlinkedLive(it.from) || it.keptApart() {
			continue
		}
		out[it] = slices.Concat(b.byStoredID(it), b.byPeople(it.recs[it.from]), b.byKeys(it.recs[it.from]))
		for _, cand := range slices.Concat(out[it], b.rivals(it)) {
			refs = append(refs, cand.Ref)
		}
	}
	if len(refs) == 0 {
		return nil, nil
	}
	if err := e.knowCandidates(ctx, b, refs, out); err != nil {
		return nil, err
	}
	for it, cands := range out {
		for i := range cands {
			l := b.rivalLinks[cands[i].Ref]
			if awaited := b.kin.links[cands[i].Ref]; awaited != nil && inherits(awaited, l) {
				l = awaited
			}
			out[it][i].Linked = l != nil && l.State != core.LinkClosed
			if out[it][i].Linked && l.Refs[it.from] == it.recs[it.from].Ref {
				it.moved = true // linked with this very record meanwhile
			}
		}
	}
	return out, nil
}

// knowCandidates loads the links of candidates, and leaves those out that a person
// found to be different.
func (e *Engine) knowCandidates(ctx context.Context, b *batch, refs []core.Ref, of map[*item][]policy.Candidate) error {
	for it := range of {
		refs = append(refs, it.recs[it.from].Ref)
	}
	slices.SortFunc(refs, core.Ref.Compare)
	err := e.View(ctx, func(tx *store.Tx) (err error) {
		if b.rivalLinks, err = tx.LinksOf(b.conn.ID, refs); err != nil {
			return err
		}
		b.apart, err = tx.ApartOf(b.conn.ID, refs)
		return err
	})
	for it := range of {
		of[it] = slices.DeleteFunc(of[it], func(c policy.Candidate) bool { return b.apart.has(it.recs[it.from].Ref, c.Ref) })
	}
	return err
}

// byKeys are the records that have a match key in common with this one.
func (b *batch) byKeys(rec *core.Record) (out []policy.Candidate) {
	for _, key := range keyedBy {
		out = append(out, b.kin.candidates(b.conn, key, rec)...)
	}
	return out
}

// matchable are the records of the batch for which a partner is looked for.
func (b *batch) matchable() (out []*core.Record) {
	for _, it := range b.items {
		if it.unlinkedLive(it.from) && !it.keptApart() {
			out = append(out, it.recs[it.from])
		}
	}
	return out
}

// keptApart reports that a person closed the record's link: only a person joins
// it again.
func (it *item) keptApart() bool {
	return it.link != nil && conn.Unlinked(it.link) && !it.asked()
}

// asked reports that a person wants the record to sync whatever was ended before: one asked
// for it, or imported it since the run that gave it a partner was undone.
func (it *item) asked() bool {
	return it.reasons.Has(core.ReasonPerson) || it.link != nil && conn.TakenUp(it.link)
}

// byStoredID is the record whose id this one already carries: in our key field,
// or in the property the original integration fills.
func (b *batch) byStoredID(it *item) []policy.Candidate {
	rec := it.recs[it.from]
	if found := b.carriers[rec.Ref.ID]; it.from == core.Salesforce && len(found) > 0 {
		out := make([]policy.Candidate, len(found))
		for i, r := range found {
			out[i] = policy.Candidate{Ref: r, Key: policy.KeyID}
		}
		return out
	}
	stored := b.conn.StoredRef(rec)
	if stored.IsZero() {
		stored = it.formerPartner()
	}
	if stored.IsZero() {
		return nil
	}
	return []policy.Candidate{{Ref: stored, Key: policy.KeyID}}
}

// formerPartner is whom a person parted the record from, where a person asks for it
// again: our keys were taken off both then.
func (it *item) formerPartner() core.Ref {
	if l := it.link; it.closed() && (conn.Unlinked(l) || conn.TakenUp(l)) && it.asked() {
		return l.Partner(it.from)
	}
	return core.Ref{}
}

// byPeople are the records that share a linked person with this one.
func (b *batch) byPeople(rec *core.Record) []policy.Candidate {
	if rec.Ref.Side == core.Salesforce {
		return b.companiesOf(rec.Ref.ID)
	}
	var ids []string
	for _, person := range b.folk.of(rec) {
		if sf := b.folk.recs[b.folk.partner[person.Ref]]; sf != nil && sf.Ref.Object == core.Contact && !conn.IsPersonAccount(sf) {
			if id, _ := sf.Get("AccountId"); id != "" {
				ids = append(ids, id)
			}
		}
	}
	return contactCandidates(core.Salesforce, core.Account, ids)
}

// companiesOf are the companies that share a linked person with an account.
func (b *batch) companiesOf(account string) []policy.Candidate {
	var ids []string
	for _, person := range b.folk.colleagues(account) {
		hs := b.folk.recs[b.folk.partner[person.Ref]]
		if hs == nil {
			continue
		}
		for _, rel := range hs.Related[core.Companies] {
			ids = append(ids, rel.ID)
		}
	}
	return contactCandidates(core.HubSpot, core.Companies, ids)
}

// readRivals reads the people of the accounts that companies may be: a company is
// linked only where the account would choose it as well.
func (e *Engine) readRivals(ctx context.Context, b *batch) error {
	var ids []string
	for _, it := range b.items {
		if it.unlinkedLive(core.HubSpot) {
			for _, cand := range b.byPeople(it.recs[core.HubSpot]) {
				ids = append(ids, cand.Ref.ID)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	q := connector.Query{Object: core.Contact, By: "AccountId", Values: slices.Compact(ids), Fields: b.conn.ReadFields(core.Salesforce, core.Contact)}
	if err := b.folk.add(b.conn.Sides[core.Salesforce].Read(ctx, q)); err != nil {
		return err
	}
	if err := e.linkedPersons(ctx, b); err != nil {
		return err
	}
	return e.matchPersons(ctx, b)
}

// rivals are all companies that the accounts a company may be could choose from.
func (b *batch) rivals(it *item) []policy.Candidate {
	if it.from != core.HubSpot {
		return nil
	}
	var out []policy.Candidate
	for _, cand := range b.byPeople(it.recs[core.HubSpot]) {
		out = append(out, b.companiesOf(cand.Ref.ID)...)
	}
	return out
}

// agree turns a company's choice of an account into a review where the account
// has several companies to choose from.
func (b *batch) agree(it *item, d policy.Match) policy.Match {
	facts := policy.MatchFacts{Ref: d.Partner, Keys: []string{d.Facts["key"]}, Candidates: b.storedOn(d.Partner.ID)}
	for _, cand := range b.companiesOf(d.Partner.ID) {
		l := b.rivalLinks[cand.Ref]
		facts.Candidates = append(facts.Candidates, policy.Candidate{Ref: cand.Ref, Key: cand.Key, Linked: l != nil && l.State != core.LinkClosed})
	}
	if back := policy.MatchRecord(facts); back.Outcome == policy.Review {
		it.rivals = d.Partner
		return back
	}
	return d
}

func contactCandidates(side core.Side, object core.Object, ids []string) []policy.Candidate {
	slices.Sort(ids)
	var out []policy.Candidate
	for _, id := range slices.Compact(ids) {
		out = append(out, policy.Candidate{Ref: core.Ref{Side: side, Object: object, ID: id}, Key: policy.KeyContacts})
	}
	return out
}

func (b *batch) matchFacts(it *item, cands []policy.Candidate) policy.MatchFacts {
	return policy.MatchFacts{Ref: it.recs[it.from].Ref, Keys: b.conn.Matching(b.pair).Match, Candidates: cands}
}

// join gives each matched item its partner's record. A partner that is an item
// of this batch itself is absorbed, so that the pair is decided once.
func (b *batch) join(got map[core.Ref]*core.Record) error {
	byRef := map[core.Ref]*item{}
	for _, it := range b.items {
		if it.unlinkedLive(it.from) {
			byRef[it.recs[it.from].Ref] = it
		}
	}
	gone := map[*item]bool{}
	for _, it := range b.items {
		if gone[it] || it.match == nil || it.match.Outcome != policy.Link {
			continue
		}
		partner := it.match.Partner
		rec, other := got[partner], byRef[partner]
		switch {
		case rec == nil || rec.Presence != core.Live:
			it.unmatch(rec)
		case !b.stillSame(it, rec):
			it.match = nil // a search index told an old value
		case other == nil:
			it.recs[partner.Side] = rec
		case !gone[other] && other.recs[it.from] == nil:
			it.absorb(other)
			it.recs[partner.Side], gone[other] = rec, true
		case !gone[other] && other.recs[it.from].Ref == it.recs[it.from].Ref:
			other.absorb(it) // a create of ours that the partner has just found
			gone[it] = true
		default:
			it.taken()
		}
	}
	b.items = slices.DeleteFunc(b.items, func(it *item) bool { return gone[it] })
	return nil
}

// stillSame reports that a partner that was found by a key has it yet.
func (b *batch) stillSame(it *item, partner *core.Record) bool {
	key := it.match.Facts["key"]
	return !slices.Contains(keyedBy, key) || b.conn.KeyOf(key, partner) == b.conn.KeyOf(key, it.recs[it.from])
}

// absorb takes over what waits for an item that is the same pair.
func (it *item) absorb(other *item) {
	it.entries, it.reasons = append(it.entries, other.entries...), it.reasons|other.reasons
	it.openKeys, it.run = append(it.openKeys, other.openKeys...), max(it.run, other.run)
	if other.ended.id > it.ended.id {
		it.ended = other.ended
	}
	it.lost, it.recalled = append(it.lost, other.lost...), append(it.recalled, other.recalled...)
	it.heldRoles, it.brought = append(it.heldRoles, other.heldRoles...), append(it.brought, other.brought...)
	if other.unknown.After(it.unknown) {
		it.unknown = other.unknown
	}
}

// unmatch gives up a match whose partner was not answered live. One that is
// deleted counts as if it were not there; one that is only not shown may be
// hidden, and a second one must not be made for it.
func (it *item) unmatch(rec *core.Record) {
	if rec != nil && rec.Presence == core.Absent && it.match.Facts["key"] == policy.KeyID {
		it.match.Outcome = policy.Wait
		it.match.Facts["because"] = "the record that is the same is not visible to the integration"
		it.hidden = it.match.Partner
		return
	}
	it.match = nil
}

// taken leaves a record whose partner another item of the batch has taken: what
// was found by a stored id is looked at again once that link stands, what was
// only similar is a record of its own.
func (it *item) taken() {
	if it.match.Facts["key"] != policy.KeyID {
		it.match = nil
		return
	}
	it.match.Outcome = policy.Wait
	it.match.Facts["because"] = "the record that is the same is just being linked"
}
