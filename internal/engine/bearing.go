package engine

import (
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/owners"
	"tandem/internal/mapping"
	"tandem/internal/policy"
)

// bearing are the rules that bear on an item beside those that decided: an explanation
// tells them ahead of the decisions.
func (b *batch) bearing(it *item, x *Explanation) []core.Decision {
	s := policy.Standing{Pair: b.pair, From: it.from, Salesforce: b.object(it, core.Salesforce), Decided: it.decisions, Issues: slices.Concat(it.issues, x.Issues),
		Reasons: it.reasons, Persons: b.conn.Persons, Everywhere: b.conn.everywhere(), Lacks: b.fieldsLacking(it), Owner: b.ownerStanding(it)}
	for _, o := range x.Otherwise {
		s.Otherwise = append(s.Otherwise, o.Decision)
	}
	for _, c := range x.Consent {
		s.Consent = append(s.Consent, c.Rule)
	}
	if l := it.activeLink(); l != nil && it.live(core.Salesforce) && it.live(core.HubSpot) {
		s.Linked, s.How = true, l.How
	}
	b.goneStanding(it, &s)
	b.companionStanding(it, &s)
	return policy.Bearing(s)
}

// goneStanding adds who of a pair is gone, and what the settings say of that.
func (b *batch) goneStanding(it *item, s *policy.Standing) {
	for _, side := range core.Sides {
		rec := it.recs[side]
		if rec == nil || rec.Presence != core.Deleted && (it.link == nil || it.survivor(side).IsZero()) {
			continue
		}
		s.Gone[side], s.Deletion = true, "nothing"
		if it.link != nil {
			if set := b.deletion(it.link.Refs[side]); set != "" {
				s.Deletion = set
			}
		}
	}
}

// companionStanding adds what stands around a pair: the inclusion list, namesakes, and the
// account and company of a person.
func (b *batch) companionStanding(it *item, s *policy.Standing) {
	sf, hs := it.recs[core.Salesforce], it.recs[core.HubSpot]
	s.HasList = b.conn.Lists.Of(b.object(it, core.HubSpot)) != nil
	if sf != nil {
		s.Person, s.HasAccount = conn.IsPersonAccount(sf), valueOf(sf, conn.RelationKey) != ""
	}
	if it.live(core.HubSpot) {
		s.Outside = s.HasList && b.listed(hs).Segment == policy.NotMember
		s.HasCompany, s.Company = b.conn.Settings.Companies.Sync && len(hs.Related[core.Companies]) > 0, valueOf(hs, "company")
	}
	if b.pair != core.ContactPair || !it.live(core.Salesforce) || s.Linked {
		return
	}
	if elder := b.elderOf(sf); elder != nil {
		s.Namesake, s.Taken = elder.Ref.Label(), b.folk.taken(elder.Ref)
	}
}

// fieldsLacking are the mapped fields that the other one of leads and contacts has, and the
// item's record has not (MAP-9).
func (b *batch) fieldsLacking(it *item) (out []string) {
	if b.pair != core.ContactPair || b.mapping(it) == nil {
		return nil
	}
	mine := b.object(it, core.Salesforce)
	has := func(o core.Object, field string) bool {
		return slices.ContainsFunc(b.conn.Defs[core.Salesforce][o], func(d mapping.FieldDef) bool { return d.Name == field })
	}
	for _, m := range b.conn.Settings.Mappings[string(b.pair)] {
		for _, o := range b.conn.Pairs.Objects(b.pair)[core.Salesforce] {
			if !has(mine, m.Salesforce) && has(o, m.Salesforce) {
				out = append(out, m.Salesforce)
			}
		}
	}
	return out
}

// ownerStanding is how the owners of an item stand; nil where they are not mapped.
func (b *batch) ownerStanding(it *item) *policy.OwnerStanding {
	m := b.mapping(it)
	if b.conn.Owners == nil || m == nil {
		return nil
	}
	for i, f := range m.Synced() {
		if f.Kind == mapping.Owner && f.Names[core.Salesforce] == owners.Field {
			return b.ownersOf(it, f, i)
		}
	}
	return nil
}

func (b *batch) ownersOf(it *item, f *mapping.Field, i int) *policy.OwnerStanding {
	user, owner := valueOf(it.recs[core.Salesforce], owners.Field), valueOf(it.recs[core.HubSpot], owners.Property)
	book := b.conn.Owners.Owners()
	o := &policy.OwnerStanding{Strict: owners.Rules(b.conn.Settings.Owners).Strict, Fallback: f.FallbackOwner(core.Salesforce) != "",
		HubSpot: book.Word(core.HubSpot, owner), Salesforce: book.Word(core.Salesforce, user), Matched: owner != "" && f.Unmatched(core.Salesforce, owner) == nil, Known: true}
	if who := book.Person(core.Salesforce, user); who != nil {
		o.Queue = who.Queue
	}
	for _, set := range b.conn.Settings.Mappings[string(b.pair)] {
		o.OneWay = o.OneWay || set.Salesforce == owners.Field && set.HubSpot == owners.Property && set.Rule != core.TwoWay.String()
	}
	if i < len(it.inputs) && i < len(it.results) {
		in := it.inputs[i]
		o.Known = f.Unmatched(core.HubSpot, in.Now[core.Salesforce]) == nil
		o.FirstMet = !in.HasBase && it.results[i].Write[core.HubSpot] && in.Now[core.Salesforce] != "" && in.Now[core.HubSpot] != ""
	}
	return o
}
