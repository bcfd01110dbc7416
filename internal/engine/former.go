package engine

import (
	"maps"
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
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

// remember loads whom a person found to be different or took apart, by who they are now.
func (p *people) remember(tx *store.Tx, connection int64, refs []core.Ref, former map[core.Ref]core.Ref) error {
	old := room.Keys(former)
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
	return b.folk != nil && rec != nil && it.activeLink() == nil && b.folk.barred[rec.Ref]
}
