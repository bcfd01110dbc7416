package engine

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/likeness"
	"tandem/internal/policy"
)

// alike are a record of the batch and a free one of the other side that may be the same.
type alike struct {
	one, other core.Ref
	likeness.Likeness
}

// resemblance compares the records of a batch, which no key gave a partner, with those
// of both sides that have a name, an address, a telephone or a day in common with them.
type resemblance struct {
	k      *kin
	links  bool // what is certain is linked
	normal map[core.Ref]*likeness.Normal
	taken  map[core.Ref]bool
}

// resemble finds whom records are similar to: links for those who are certainly the
// same where the settings say so, and for all others who may be whom a person has to ask.
func (e *Engine) resemble(ctx context.Context, b *batch, p core.Pair, recs []*core.Record, taken func(core.Ref) bool) (map[core.Ref]policy.Match, error) {
	switch {
	case len(recs) == 0 || !b.conn.Syncs(p):
		return nil, nil
	case !b.conn.Similar(p):
		return e.stillAsked(ctx, b, recs, taken)
	}
	links := b.conn.Matching(p).Similar == config.SimilarLink
	k := &kin{recs: map[core.Ref]*core.Record{}}
	found, err := e.seek(ctx, b, b.conn.seeksAlike(p, recs, links))
	if err != nil {
		return nil, err
	}
	for _, rec := range append(found, recs...) {
		k.recs[rec.Ref] = rec
	}
	if err := e.knowKin(ctx, b.conn, k); err != nil {
		return nil, err
	}
	r := &resemblance{k: k, links: links, normal: map[core.Ref]*likeness.Normal{}, taken: map[core.Ref]bool{}}
	for ref, rec := range k.recs {
		n := conn.TraitsOf(rec).Normal()
		r.normal[ref], r.taken[ref] = &n, k.taken(ref) || taken(ref) || conn.ConvertedTo(rec) != ""
	}
	return r.matches(recs), nil
}

// seeksAlike ask for the records that share what a similar one shares. Rivals on the
// records' own side matter only where links are made.
func (c *Conn) seeksAlike(p core.Pair, recs []*core.Record, rivals bool) (out []seek) {
	for side, objects := range c.Pairs.Objects(p) {
		other := slices.ContainsFunc(recs, func(r *core.Record) bool { return r.Ref.Side != core.Side(side) })
		if !other && !rivals {
			continue
		}
		for _, o := range objects {
			out = append(out, alikeSeeks(core.Ref{Side: core.Side(side), Object: o}, recs)...)
		}
	}
	return out
}

func alikeSeeks(at core.Ref, recs []*core.Record) []seek {
	f := conn.TraitsIn[at.Object]
	values := map[string][]string{}
	for _, rec := range recs {
		t := conn.TraitsOf(rec)
		for field, v := range map[string]string{f.Postcode: t.Postcode, f.Born: t.Born, f.Family: t.Family, f.Given: t.Given, f.City: t.City, f.Name: t.Name} {
			values[field] = append(values[field], v)
		}
		for _, field := range f.Phones {
			values[field] = append(values[field], t.Phones...)
		}
		if f.Domain != "" {
			values[f.Domain] = append(values[f.Domain], spellings(at.Side, t.Domain)...)
		}
	}
	delete(values, "")
	var out []seek
	for _, field := range slices.Sorted(maps.Keys(values)) {
		out = append(out, seek{side: at.Side, object: at.Object, field: field, values: values[field], sparing: true})
	}
	return out
}

// matches links first, the most alike before others, and then asks about whoever is
// left over with somebody free.
func (r *resemblance) matches(recs []*core.Record) map[core.Ref]policy.Match {
	out := map[core.Ref]policy.Match{}
	all := map[core.Ref][]alike{}
	var order []alike
	for _, rec := range recs {
		all[rec.Ref] = r.of(rec.Ref)
		order = append(order, all[rec.Ref]...)
	}
	slices.SortStableFunc(order, moreAlike)
	for _, a := range order {
		if r.links && !r.taken[a.one] && !r.taken[a.other] && r.certain(a, all[a.one]) {
			out[a.one], r.taken[a.one], r.taken[a.other] = linkAlike(a), true, true
		}
	}
	for _, rec := range recs {
		free := slices.DeleteFunc(all[rec.Ref], func(a alike) bool { return r.taken[a.other] })
		if len(free) > 0 && !r.taken[rec.Ref] {
			out[rec.Ref] = askAlike(free)
		}
	}
	return out
}

func moreAlike(a, b alike) int {
	return cmp.Or(cmp.Compare(b.Score, a.Score), a.one.Compare(b.one), a.other.Compare(b.other))
}

// of are the free records of the other side that one may be the same as, the most alike
// first. Who has a partner is not among them: a link is one to one, so that no answer could
// join the two, and who is like the partner of somebody is a duplicate on its own side.
func (r *resemblance) of(one core.Ref) (out []alike) {
	for _, other := range sortedRefs(r.k.recs) {
		if other.Side == one.Side || r.taken[other] || r.k.apart.has(one, other) || !r.normal[one].Meets(r.normal[other]) {
			continue
		}
		if like := likeness.Compare(r.normal[one], r.normal[other]); like.Degree > likeness.Different {
			out = append(out, alike{one, other, like})
		}
	}
	slices.SortStableFunc(out, moreAlike)
	return out
}

// certain reports that two are surely the same: whoever else of either side is surely one
// of them is a duplicate of that one, and not somebody else of the same name.
func (r *resemblance) certain(a alike, others []alike) bool {
	if a.Degree < likeness.Certain {
		return false
	}
	for _, o := range others {
		if o.other != a.other && o.Degree == likeness.Certain && !r.same(o.other, a.other) {
			return false
		}
	}
	for rival := range r.k.recs {
		if rival.Side == a.one.Side && rival != a.one && r.normal[rival].Meets(r.normal[a.other]) && r.same(rival, a.other) && !r.same(rival, a.one) {
			return false
		}
	}
	return true
}

// same reports that two records are certainly the same.
func (r *resemblance) same(a, b core.Ref) bool {
	return likeness.Compare(r.normal[a], r.normal[b]).Degree == likeness.Certain
}

func linkAlike(a alike) policy.Match {
	return policy.Match{Partner: a.other, Decision: core.Decision{Rule: "LIM-4", Outcome: policy.Link, Facts: map[string]string{
		"because": "the two are certainly the same, and nobody else is like them", "key": keyAlike, "partner": a.other.String(), "evidence": strings.Join(a.Evidence, ", ")}}}
}

// keyAlike names likeness among the keys of a match.
const keyAlike = "similar"

// askAlike asks a person about records that may be the same.
func askAlike(free []alike) policy.Match {
	m := policy.Match{Decision: core.Decision{Rule: "LIM-4", Outcome: policy.Review, Facts: map[string]string{"key": keyAlike}}}
	var names []string
	for _, a := range free {
		names = append(names, a.other.Label())
		m.Candidates = append(m.Candidates, a.other)
		m.Evidence = append(m.Evidence, strings.Join(a.Evidence, ", "))
	}
	m.Facts["because"] = "similar records are there (" + strings.Join(names, ", ") + "), and a person must say whether they are the same"
	return m
}
