package engine

import (
	"context"
	"maps"
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// formerSelves are the records that people of a batch were before: those that were merged
// into a HubSpot contact, and the leads that a contact was converted from. What a person
// said of them holds for who they are now.
func (b *batch) formerSelves() map[core.Ref]core.Ref {
	out := map[core.Ref]core.Ref{}
	for r, rec := range b.folk.recs {
		for _, old := range aliasesOf(rec) {
			out[old] = r
		}
	}
	for i := range b.converted {
		out[b.converted[i].Ref] = core.Ref{Side: core.Salesforce, Object: core.Contact, ID: conn.ConvertedTo(&b.converted[i])}
	}
	return out
}

// past is what persons said of records, by who these are now.
type past struct {
	// apart are those of whom a person found that they are not the same.
	apart apart
	// ended are the couples whose link a person ended, and barred who of them a merge or a
	// conversion has given another id since.
	ended  apart
	barred map[core.Ref]bool
}

// remember loads whom a person found to be different or took apart, by who they are now.
func (p *past) remember(tx *store.Tx, connection int64, refs []core.Ref, former map[core.Ref]core.Ref) error {
	old := slices.Collect(maps.Keys(former))
	slices.SortFunc(old, core.Ref.Compare)
	links, err := tx.LinksOf(connection, slices.Concat(refs, old))
	if err != nil {
		return err
	}
	told, err := tx.ApartOf(connection, slices.Concat(refs, old))
	p.apart, p.ended, p.barred = apart{}, apart{}, map[core.Ref]bool{}
	for couple := range told {
		p.apart[nowOf(couple, former)] = true
	}
	for r, l := range links {
		if l.State != core.LinkClosed || !conn.Unlinked(l) || l.Refs[r.Side] != r {
			continue
		}
		p.ended[nowOf(l.Refs, former)] = true
		if now, moved := former[r]; moved {
			p.barred[now] = true
		}
	}
	maps.Copy(p.apart, told)
	return err
}

// heedPast takes back the matches of records whose former selves a person took apart or
// found to be different, with the partners that were read for them.
func (e *Engine) heedPast(ctx context.Context, b *batch, got map[core.Ref]*core.Record) error {
	former := map[core.Ref]core.Ref{}
	var refs []core.Ref
	note := func(rec *core.Record) {
		refs = append(refs, rec.Ref)
		for _, old := range aliasesOf(rec) {
			former[old] = rec.Ref
		}
	}
	for _, it := range b.items {
		if it.unlinkedLive(it.from) {
			note(it.recs[it.from])
		}
	}
	for _, rec := range got {
		note(rec)
	}
	losers, err := e.losersOf(ctx, b, slices.AppendSeq(slices.Clone(refs), maps.Keys(former)), got)
	if err != nil {
		return err
	}
	maps.Copy(former, losers)
	err = e.View(ctx, func(tx *store.Tx) error { return b.past.remember(tx, b.conn.ID, refs, former) })
	for _, it := range b.items {
		if it.match == nil || it.match.Outcome != policy.Link {
			continue
		}
		one, other := it.recs[it.from].Ref, it.match.Partner
		if b.past.apart.has(one, other) || (b.past.barred[one] || b.past.ended.has(one, other)) && !it.asked() {
			it.match = nil
		}
	}
	return err
}

// losersOf asks Salesforce who was merged into the records found as partners, by who they
// were, where a person kept anybody apart from the records that they were found for.
func (e *Engine) losersOf(ctx context.Context, b *batch, refs []core.Ref, got map[core.Ref]*core.Record) (map[core.Ref]core.Ref, error) {
	masters := map[core.Object][]string{}
	for r := range got {
		if r.Side == core.Salesforce {
			masters[r.Object] = append(masters[r.Object], r.ID)
		}
	}
	said := false
	err := e.View(ctx, func(tx *store.Tx) error {
		told, err := tx.ApartOf(b.conn.ID, refs)
		if err != nil {
			return err
		}
		links, err := tx.LinksOf(b.conn.ID, refs)
		said = len(told) > 0
		for _, l := range links {
			said = said || l.State == core.LinkClosed && conn.Unlinked(l)
		}
		return err
	})
	if err != nil || !said {
		return nil, err
	}
	absorbed, err := e.mergedInto(ctx, b, masters)
	out := map[core.Ref]core.Ref{}
	for master, losers := range absorbed {
		for _, r := range losers {
			out[r] = master
		}
	}
	return out, err
}

// nowOf are the two of a couple under the ids that they have now.
func nowOf(couple store.Couple, former map[core.Ref]core.Ref) store.Couple {
	for side, r := range couple {
		if now, moved := former[r]; moved {
			couple[side] = now
		}
	}
	return couple
}

// barredHeir reports that an unlinked item is whom somebody became whose link a person
// ended: nobody is made for it either.
func (b *batch) barredHeir(it *item) bool {
	rec := it.recs[it.from]
	return rec != nil && it.activeLink() == nil && (b.past.barred[rec.Ref] || b.folk != nil && b.folk.barred[rec.Ref])
}
