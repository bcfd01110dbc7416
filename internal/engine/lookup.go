package engine

import (
	"context"
	"maps"
	"slices"
	"strings"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// kin are the records of both sides that have a match key in common with records of a
// batch, and what the store knows of them.
type kin struct {
	recs  map[core.Ref]*core.Record
	links map[core.Ref]*core.Link
	apart apart
	// byKey are the refs that have a value of a key.
	byKey map[string]map[string][]core.Ref
}

// keyedBy are the keys that records are looked for by, beside ids, addresses and
// people in common.
var keyedBy = []string{policy.KeyExternal, policy.KeyDomain, policy.KeyNameAddress}

// readKin looks on both sides for records that have a match key in common with one of
// recs: on the other side they may be the same thing, on its own they are rivals.
func (e *Engine) readKin(ctx context.Context, b *batch, p core.Pair, recs []*core.Record) (*kin, error) {
	k := &kin{recs: map[core.Ref]*core.Record{}, byKey: map[string]map[string][]core.Ref{}}
	var keys []string
	for _, key := range keyedBy {
		if b.conn.Asks(p, key) {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 || len(recs) == 0 {
		return k, nil
	}
	found, err := e.seek(ctx, b, b.conn.seeks(p, keys, recs))
	if err != nil {
		return k, err
	}
	for _, rec := range append(found, recs...) {
		k.recs[rec.Ref] = rec
	}
	for _, key := range keys {
		k.index(b.conn, key)
	}
	return k, e.knowKin(ctx, b.conn, k)
}

func (k *kin) index(c *Conn, key string) {
	k.byKey[key] = map[string][]core.Ref{}
	for _, r := range sortedRefs(k.recs) {
		if v := c.KeyOf(key, k.recs[r]); v != "" && conn.ConvertedTo(k.recs[r]) == "" {
			k.byKey[key][v] = append(k.byKey[key][v], r)
		}
	}
}

func sortedRefs(m map[core.Ref]*core.Record) []core.Ref {
	refs := slices.Collect(maps.Keys(m))
	slices.SortFunc(refs, core.Ref.Compare)
	return refs
}

// knowKin loads the links of all kin, and who of them a person found to be different.
func (e *Engine) knowKin(ctx context.Context, c *Conn, k *kin) error {
	refs := sortedRefs(k.recs)
	return e.View(ctx, func(tx *store.Tx) (err error) {
		if k.links, err = tx.LinksOf(c.ID, refs); err != nil {
			return err
		}
		if err := awaitLinks(tx, c.ID, refs, k.recs, k.links); err != nil {
			return err
		}
		k.apart, err = tx.ApartOf(c.ID, refs)
		return err
	})
}

// apart are couples of which a person found that they are not the same.
type apart map[store.Couple]bool

func (p apart) has(a, b core.Ref) bool {
	if a.Side == core.HubSpot {
		a, b = b, a
	}
	return p[store.Couple{a, b}]
}

func (k *kin) taken(r core.Ref) bool {
	l := k.links[r]
	return l != nil && l.State != core.LinkClosed
}

// candidates are the records of the other side that have a key in common with rec.
func (k *kin) candidates(c *Conn, key string, rec *core.Record) []policy.Candidate {
	var out []policy.Candidate
	group := k.byKey[key][c.KeyOf(key, rec)]
	for _, r := range group {
		if r.Side == rec.Ref.Side || k.apart.has(r, rec.Ref) {
			continue
		}
		rival := slices.ContainsFunc(group, func(o core.Ref) bool { return o.Side == rec.Ref.Side && o != rec.Ref && !k.apart.has(o, r) })
		out = append(out, policy.Candidate{Ref: r, Key: key, Created: k.recs[r].Created, Linked: k.taken(r), Shared: rival})
	}
	return out
}

// seek is one question to a side: the records of an object that have one of the values
// in a field.
type seek struct {
	side   core.Side
	object core.Object
	field  string
	values []string
	// sparing leaves values out that very many records have: they tell nobody apart.
	sparing bool
}

// seeks are the questions that find the records which may have a key of recs, on both
// sides. They ask for values as they are stored, so that what is only written
// differently (a name, a street) is found by another field of the key.
func (c *Conn) seeks(p core.Pair, keys []string, recs []*core.Record) []seek {
	var out []seek
	for side, objects := range c.Pairs.Objects(p) {
		for _, o := range objects {
			at := core.Ref{Side: core.Side(side), Object: o}
			for _, key := range keys {
				out = append(out, c.seeksFor(at, key, recs)...)
			}
		}
	}
	return out
}

func (c *Conn) seeksFor(at core.Ref, key string, recs []*core.Record) []seek {
	t := conn.TraitsIn[at.Object]
	ask := func(field string, of func(*core.Record) []string) seek {
		var values []string
		for _, rec := range recs {
			values = append(values, of(rec)...)
		}
		return seek{side: at.Side, object: at.Object, field: field, values: values}
	}
	one := func(v string) []string { return []string{v} }
	switch key {
	case policy.KeyExternal:
		return []seek{ask(c.ExternalField(at), func(r *core.Record) []string { return []string{c.ExternalKey(r), r.Values[c.ExternalField(r.Ref)]} })}
	case policy.KeyDomain:
		return []seek{ask(t.Domain, func(r *core.Record) []string { return spellings(at.Side, conn.DomainOf(r)) })}
	}
	place := ask(t.Postcode, func(r *core.Record) []string { return one(conn.TraitsOf(r).Postcode) })
	if at.Object == core.Account || at.Object == core.Companies {
		return []seek{place, ask(t.Name, func(r *core.Record) []string { return one(conn.TraitsOf(r).Name) })}
	}
	return []seek{place, ask(t.Family, func(r *core.Record) []string {
		if of := conn.TraitsOf(r); of.Postcode == "" {
			return one(of.Family)
		}
		return nil
	})}
}

// spellings are the ways in which a side stores a domain: HubSpot's property has it
// alone, a website of Salesforce is what somebody typed.
func spellings(side core.Side, domain string) []string {
	if domain == "" {
		return nil
	}
	out := []string{domain, "www." + domain}
	if side == core.HubSpot {
		return out
	}
	for _, host := range slices.Clone(out) {
		out = append(out, host+"/", "http://"+host, "http://"+host+"/", "https://"+host, "https://"+host+"/")
	}
	return out
}

// seek puts the questions, each value once, and gives the live records found.
func (e *Engine) seek(ctx context.Context, b *batch, asked []seek) ([]*core.Record, error) {
	var out []*core.Record
	c := b.conn
	for _, s := range asked {
		s.values = distinctValues(s.values)
		if _, visible := c.Schemas[s.side][s.object]; !visible || len(s.values) == 0 || len(c.Present(s.side, s.object, []string{s.field})) == 0 {
			continue
		}
		recs, err := c.findBy(ctx, s)
		if err != nil {
			return nil, err
		}
		for i := range recs {
			if recs[i].Presence == core.Live {
				out = append(out, &recs[i])
			}
		}
	}
	return out, nil
}

// findBy reads by a field: HubSpot's batch read takes unique properties only, so that
// others are searched for.
func (c *Conn) findBy(ctx context.Context, s seek) ([]core.Record, error) {
	fields := c.ReadFields(s.side, s.object)
	q := connector.Query{Object: s.object, By: s.field, Values: c.Fitting(s.object, s.field, s.values), Fields: fields, Plain: c.PlainField(s.object, s.field)}
	if f, bounded := c.Sides[s.side].(sparingFinder); bounded && s.sparing {
		return f.FindSparingly(ctx, q)
	}
	if f, searches := c.Sides[s.side].(finder); searches {
		return f.Find(ctx, s.object, s.field, s.values, fields)
	}
	return c.Sides[s.side].Read(ctx, q)
}

// sparingFinder is a finder that leaves out values which more records have than one
// answer holds.
type sparingFinder interface {
	FindSparingly(ctx context.Context, q connector.Query) ([]core.Record, error)
}

func distinctValues(values []string) []string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
