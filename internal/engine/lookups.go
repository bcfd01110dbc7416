package engine

import (
	"context"
	"slices"
	"strings"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
)

// A lookup field of Salesforce names one record; HubSpot has an association for it, by a
// label where several lookups name the same object. Each is compared as a field of its
// own, by the Salesforce id of the record named, under the field's name in the base.

// looking is one lookup of an item under way.
type looking struct {
	in     core.FieldInput
	result core.FieldResult
	ops    []core.Op // associations to write
	// property is where HubSpot keeps the id, blank for an association.
	property string
}

// lookupsOf are the references of the batch's records that are associations in HubSpot.
func (b *batch) lookupsOf() []core.Lookup { return b.conn.Pairs.Def(b.pair).Lookups }

// lookupTargets are the objects of HubSpot whose associations with the records of a
// group lookups stand for.
func (b *batch) lookupTargets(g refGroup) (out []core.Object) {
	pair, _ := b.conn.Pairs.Of(g.side, g.object)
	if g.side != core.HubSpot {
		return nil
	}
	for _, l := range b.conn.Pairs.Def(pair).Lookups {
		if to := b.conn.Pairs.Objects(l.To)[core.HubSpot][0]; l.Property == "" && !slices.Contains(out, to) {
			out = append(out, to)
		}
	}
	return out
}

// namedIn are the records of its own side that a record refers to.
func (b *batch) namedIn(rec *core.Record) (out []core.Ref) {
	for _, l := range b.lookupsOf() {
		out = append(out, b.namedBy(rec, l)...)
	}
	return out
}

// namedBy are the records that a record refers to by one lookup: at most one in
// Salesforce. In HubSpot the primary company counts, or the only one.
func (b *batch) namedBy(rec *core.Record, l core.Lookup) (out []core.Ref) {
	if rec.Ref.Side == core.Salesforce {
		id, _ := rec.Get(l.Field)
		if id == "" {
			return nil
		}
		return []core.Ref{{Side: core.Salesforce, Object: objectOf(b.conn.Pairs, l.To, id), ID: core.ID18(id)}}
	}
	if l.Primary {
		if id := primary(rec); id != "" {
			out = append(out, companyRef(id))
		}
		return out
	}
	to := b.conn.Pairs.Objects(l.To)[core.HubSpot][0]
	if l.Property != "" {
		if id, _ := rec.Get(l.Property); id != "" {
			out = append(out, core.Ref{Side: core.HubSpot, Object: to, ID: id})
		}
		return out
	}
	for _, rel := range rec.Related[to] {
		if l.Label == "" || slices.ContainsFunc(rel.Labels, func(t string) bool { return strings.EqualFold(t, l.Label) }) {
			out = append(out, core.Ref{Side: core.HubSpot, Object: to, ID: rel.ID})
		}
	}
	return out
}

// fitting reports that a lookup field takes the records of an object of Salesforce: a
// contact of HubSpot may be linked with a lead.
func (b *batch) fitting(l core.Lookup, object core.Object) bool {
	f, known := b.conn.Field(b.conn.Pairs.Objects(b.pair)[core.Salesforce][0], l.Field)
	return known && (len(f.References) == 0 || slices.Contains(f.References, object))
}

// partnersBy are the ids in Salesforce of the records that a HubSpot record names by a
// lookup, with where each stands in HubSpot; waits says that one has no partner yet.
func (b *batch) partnersBy(hs *core.Record, l core.Lookup) (ids []string, waits bool) {
	for _, r := range b.namedBy(hs, l) {
		switch p := b.linkedParent(r); {
		case p == nil:
			waits = true
		case b.fitting(l, p.Refs[core.Salesforce].Object):
			ids = append(ids, p.Refs[core.Salesforce].ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), waits
}

// lookup is a lookup as both sides show it. A side whose record named has no partner is
// not known; waits says so, several that HubSpot names more than one.
func (b *batch) lookup(it *item, link *core.Link, l core.Lookup) (now [2]string, known [2]bool, waits, several bool) {
	sf, hs := it.recs[core.Salesforce], it.recs[core.HubSpot]
	id, told := sf.Get(l.Field)
	if now[core.Salesforce] = core.ID18(id); id == "" {
		now[core.Salesforce] = ""
	}
	unlinked := id != "" && b.linkedParent(b.namedBy(sf, l)[0]) == nil
	known[core.Salesforce] = told && !unlinked
	asked := b.tellsLookup(hs, l)
	ids, waits := b.partnersBy(hs, l)
	held := slices.IndexFunc(ids, func(id string) bool { return link.Base.Holds(core.HubSpot, l.Field, id) })
	switch {
	case held >= 0:
		now[core.HubSpot], known[core.HubSpot] = ids[held], asked
	case slices.Contains(ids, now[core.Salesforce]):
		now[core.HubSpot], known[core.HubSpot] = now[core.Salesforce], asked
	case len(ids) == 1:
		now[core.HubSpot], known[core.HubSpot] = ids[0], asked
	case len(ids) == 0:
		known[core.HubSpot] = asked && !waits
	}
	if known[core.HubSpot] && now[core.HubSpot] != "" && unlinked && b.formerly(link, core.Salesforce, l.Field, b.namedBy(sf, l)[0]) != "" {
		known[core.Salesforce], unlinked = told, false
	}
	if former := b.formerlyNamed(link, hs, l); asked && former != "" && len(ids) == 0 && known[core.Salesforce] && id != "" {
		now[core.HubSpot], known[core.HubSpot] = former, true
	}
	return now, known, unlinked || waits && !known[core.HubSpot], len(ids) > 1 && !known[core.HubSpot]
}

// formerlyNamed is what a HubSpot record names that waits for a person since a merge in
// Salesforce, by its id there, where both sides named it when they agreed.
func (b *batch) formerlyNamed(link *core.Link, hs *core.Record, l core.Lookup) string {
	for _, r := range b.namedBy(hs, l) {
		if id := b.formerly(link, core.HubSpot, l.Field, r); id != "" {
			return id
		}
	}
	return ""
}

// tellsLookup reports that an answer of HubSpot says what a record names by a lookup.
func (b *batch) tellsLookup(hs *core.Record, l core.Lookup) (told bool) {
	if l.Property != "" {
		_, told = hs.Get(l.Property)
		return told
	}
	_, told = hs.Related[b.conn.Pairs.Objects(l.To)[core.HubSpot][0]]
	return told
}

// lookUp compares the lookups of a linked record three ways and gives each side what the
// other one changed, removals too (CASE-2, CO-4).
func (b *batch) lookUp(it *item, link *core.Link) {
	for _, l := range b.lookupsOf() {
		now, known, waits, several := b.lookup(it, link, l)
		in := core.FieldInput{Key: l.Field, Rule: core.TwoWay, Now: now, Readable: known,
			Writable: [2]bool{b.writesLookup(l, false) && !b.barred(it, core.Salesforce), !b.barred(it, core.HubSpot)}}
		in.Base, in.Heir, in.HasBase = link.Base.Of(l.Field)
		in.Later, _ = b.winner()
		one := looking{in: in, result: core.Reconcile([]core.FieldInput{in})[0], property: l.Property}
		switch {
		case waits:
			b.waitForNamed(it, l)
		case several:
			b.raiseSeveralNamed(it, l)
		case one.result.Case == core.TargetReadOnly && l.Needed:
			b.raiseFixed(it, l)
		case one.result.Write[core.Salesforce]:
			b.refer(it, l, now[core.HubSpot])
		case one.result.Write[core.HubSpot]:
			one.ops = b.associations(it, l, now)
			it.extra = append(it.extra, one.ops...)
		}
		it.lookups = append(it.lookups, one)
	}
	if b.dry && it.verdict == InSync && len(it.sent()) > 0 {
		it.verdict = Pending
	}
}

// writesLookup reports that the integration user may write a lookup field.
func (b *batch) writesLookup(l core.Lookup, create bool) bool {
	f, known := b.conn.Field(b.conn.Pairs.Objects(b.pair)[core.Salesforce][0], l.Field)
	return known && (create && f.Creatable || !create && f.Updatable)
}

// lookupRule is the rule by which a lookup passes.
func (b *batch) lookupRule() string {
	switch {
	case b.conn.Pairs.Def(b.pair).Custom:
		return "CO-4"
	case b.pair == core.LineItemPair:
		return "LIM-14"
	}
	return "CASE-2"
}

// refer gives the Salesforce record its reference, beside whatever else is written to it.
func (b *batch) refer(it *item, l core.Lookup, id string) {
	b.alsoWrite(it, core.Salesforce, l.Field, id, b.lookupRule())
}

// associations are the writes that give the HubSpot record the association that the
// lookup stands for, in place of the one that it had. Whoever is no longer the primary
// company stays associated.
func (b *batch) associations(it *item, l core.Lookup, now [2]string) (ops []core.Op) {
	hs := it.recs[core.HubSpot]
	base := core.Op{Pair: b.pair, Target: hs.Ref, Source: it.recs[core.Salesforce].Ref, Rule: b.lookupRule()}
	if l.Label != "" {
		base.Labels = []string{l.Label}
	}
	if now[core.Salesforce] != "" {
		op := base
		op.Key, op.Kind, op.Primary = b.opKey("refer/"+l.Field, hs.Ref), core.OpAssociate, l.Primary
		op.Associate = b.linkedParent(b.namedBy(it.recs[core.Salesforce], l)[0]).Refs[core.HubSpot]
		ops = append(ops, op)
	}
	if now[core.HubSpot] == "" || l.Primary && now[core.Salesforce] != "" {
		return ops
	}
	for _, r := range b.namedBy(hs, l) {
		if p := b.parents[r]; p != nil && p.State != core.LinkClosed && p.Refs[core.Salesforce].ID == now[core.HubSpot] {
			op := base
			op.Key, op.Kind, op.Associate = b.opKey("unrefer/"+l.Field, hs.Ref), core.OpDissociate, r
			ops = append(ops, op)
		}
	}
	return ops
}

// lookUpNew gives a record that is about to be made in Salesforce its references. One of
// HubSpot is looked at again once it stands: an association is between two that do.
func (b *batch) lookUpNew(it *item) {
	op, rec := it.ops[it.from.Other()], it.recs[it.from]
	if op == nil || op.Kind != core.OpCreate {
		return
	}
	for _, l := range b.lookupsOf() {
		named := b.namedBy(rec, l)
		switch i := slices.IndexFunc(named, func(r core.Ref) bool { return b.linkedParent(r) != nil }); {
		case len(named) == 0:
		case i < 0:
			b.waitForNamed(it, l)
		case it.from == core.Salesforce:
			it.onceMade = true
			b.nameNeeded(op, l, b.linkedParent(named[i]).Refs[core.HubSpot])
		default:
			b.referNew(it, op, l)
		}
	}
}

// markMade looks again at a record whose partner was made just now, where it refers to others:
// an association is between two that stand. One that could not be made is not looked at for it.
func (b *batch) markMade(it *item, op *core.Op) {
	if it.onceMade && op.Kind == core.OpCreate && op.Pair == b.pair {
		it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, []core.Ref{op.Source}, core.ReasonParent, 0, b.at)...)
	}
}

// referNew puts the reference of a new record into its create. Of several none is chosen.
func (b *batch) referNew(it *item, op *core.Op, l core.Lookup) {
	ids, _ := b.partnersBy(it.recs[core.HubSpot], l)
	if len(ids) != 1 || !b.writesLookup(l, true) {
		return
	}
	op.Fields[l.Field] = ids[0]
	it.lookups = append(it.lookups, looking{in: core.FieldInput{Key: l.Field, Now: [2]string{core.HubSpot: ids[0]}}, result: core.FieldResult{Write: [2]bool{core.Salesforce: true}}})
}

// waitForNamed says that a record named by a lookup has no partner yet; it resolves itself
// when that is linked (ERR-3).
func (b *batch) waitForNamed(it *item, l core.Lookup) {
	it.raise(core.Issue{Pair: b.pair, Field: l.Field, Category: core.CategoryAssociation, Code: "waiting_for_association", Rule: "ERR-3",
		Message: "Waiting for " + string(l.To) + " to sync: what the record refers to by " + l.Field + " has no partner yet",
		Mend:    "import it, or see tandem explain " + string(l.To) + " for it; this resolves itself"})
}

func (b *batch) raiseSeveralNamed(it *item, l core.Lookup) {
	it.raise(core.Issue{Pair: b.pair, Field: l.Field, Category: core.CategoryAssociation, Code: "several_associated", Rule: b.lookupRule(),
		Message: "HubSpot associates the record with several of " + string(l.To) + ", and " + l.Field + " of Salesforce names one",
		Mend:    "leave one association, or fill the field in Salesforce with one of them"})
}

// advanceLookups moves the base of a link once both sides refer to the same record.
func (b *batch) advanceLookups(it *item) {
	l := it.activeLink()
	if l == nil {
		return
	}
	for _, one := range it.lookups {
		at := one.in.Now[core.Salesforce]
		if one.result.Write[core.Salesforce] {
			at = one.in.Now[core.HubSpot]
		}
		agreed := one.result.InSync && at == one.in.Now[core.HubSpot] // apart knowingly otherwise, since an undo
		if agreed || it.referred(&one) {
			l.Base = core.AdvanceField(l.Base, one.in.Key, at, at)
			if one.property != "" {
				id := valueOf(it.recs[core.HubSpot], one.property)
				l.Base = core.AdvanceField(l.Base, one.property, id, id)
			}
		}
	}
}

// referred reports that a lookup was given to the side that lacked it.
func (it *item) referred(one *looking) bool {
	if one.result.Write[core.Salesforce] {
		return it.wrote(core.Salesforce, one.in.Key)
	}
	failed := func(op core.Op) bool { return it.outcomes[op.Key].Status != core.Applied }
	return one.result.Write[core.HubSpot] && len(one.ops) > 0 && !slices.ContainsFunc(one.ops, failed)
}

// winner is whose value is taken where both sides changed a field, where the settings say
// that (CO-3).
func (b *batch) winner() (later core.Later, set bool) {
	switch b.conn.Settings.Pair(b.pair).Wins {
	case config.SalesforceWins:
		return core.SalesforceLater, true
	case config.HubSpotWins:
		return core.HubSpotLater, true
	}
	return later, false
}

// lookersOf reads the records that refer to others, by the ids of those.
func (e *Engine) lookersOf(ctx context.Context, b *batch, linked map[core.Object][]string) (out []core.Ref, err error) {
	for _, d := range b.conn.Pairs {
		if !b.conn.Syncs(d.Name) {
			continue
		}
		for _, l := range d.Lookups {
			refs, err := e.lookersBy(ctx, b, &d, l, linked)
			if err != nil {
				return nil, err
			}
			out = append(out, refs...)
		}
	}
	return out, nil
}

func (e *Engine) lookersBy(ctx context.Context, b *batch, d *core.PairDef, l core.Lookup, linked map[core.Object][]string) (out []core.Ref, err error) {
	to := b.conn.Pairs.Objects(l.To)
	for _, object := range to[core.Salesforce] {
		if len(linked[object]) == 0 {
			continue
		}
		recs, err := b.conn.Sides[core.Salesforce].Read(ctx, connector.Query{Object: d.Objects[core.Salesforce][0], By: l.Field, Values: linked[object], Fields: []string{l.Field}})
		if err != nil {
			return nil, err
		}
		for i := range recs {
			out = append(out, recs[i].Ref)
		}
	}
	from := d.Objects[core.HubSpot][0]
	if l.Property != "" {
		recs, err := b.conn.findBy(ctx, seek{side: core.HubSpot, object: from, field: l.Property, values: linked[to[core.HubSpot][0]]})
		for i := range recs {
			out = append(out, recs[i].Ref)
		}
		return out, err
	}
	if ids := linked[to[core.HubSpot][0]]; len(ids) > 0 {
		recs, err := b.conn.Sides[core.HubSpot].Read(ctx, connector.Query{Object: to[core.HubSpot][0], Values: ids, Related: []core.Object{from}})
		if err != nil {
			return nil, err
		}
		for i := range recs {
			for _, rel := range recs[i].Related[from] {
				out = append(out, core.Ref{Side: core.HubSpot, Object: from, ID: rel.ID})
			}
		}
	}
	return out, nil
}
