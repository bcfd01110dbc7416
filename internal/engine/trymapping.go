package engine

import (
	"context"
	"slices"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/mapping"
	"tandem/internal/store"
)

// Tried is what a mapping makes of the values of two linked records, by side.
type Tried struct {
	Refs   [2]core.Ref
	Name   string
	Values [2]string // as they are
	// Becomes is what would be written for the other side's value; Passes says whether the
	// rule lets that value through, Why what is wrong with it.
	Becomes [2]string
	Passes  [2]bool
	Why     [2]string
}

// triedLinks is how many linked records are read to find triedShown that have a value.
const (
	triedLinks = 50
	triedShown = 3
)

// TryMapping tells what a mapping of a list, as it is or would be, makes of the first few
// linked records that have a value. It reads each side once and writes nothing.
func (e *Engine) TryMapping(ctx context.Context, c *Conn, list config.MappingList, all []config.Mapping, of [2]string) ([]Tried, error) {
	byObject, err := c.DraftMappings(ctx, list, all)
	if err != nil {
		return nil, err
	}
	var links []*core.Link
	err = e.View(ctx, func(tx *store.Tx) (err error) {
		links, err = tx.Links(c.ID, list.Pair, core.LinkActive, 0, triedLinks)
		return err
	})
	if err != nil {
		return nil, err
	}
	var some, blank []Tried
	for _, o := range list.Objects[core.Salesforce] {
		m, f := byObject[o], (*mapping.Field)(nil)
		if m != nil {
			f = m.Field(core.Salesforce, of[core.Salesforce])
		}
		if f == nil || f.Names != of {
			continue
		}
		recs, err := c.readCouples(ctx, [2]core.Object{o, list.Objects[core.HubSpot][0]}, m, links)
		if err != nil {
			return nil, err
		}
		for _, pair := range recs {
			if one := try(c, m, f, pair); one.Values == [2]string{} {
				blank = append(blank, one)
			} else {
				some = append(some, one)
			}
		}
	}
	some = append(some, blank...)
	return some[:min(len(some), triedShown)], nil
}

// readCouples reads both records of the links between two objects, with what a mapping looks at.
func (c *Conn) readCouples(ctx context.Context, objects [2]core.Object, m *mapping.Mapping, links []*core.Link) (out [][2]*core.Record, err error) {
	of := slices.DeleteFunc(slices.Clone(links), func(l *core.Link) bool {
		return l.Refs[core.Salesforce].Object != objects[core.Salesforce] || l.Refs[core.HubSpot].Object != objects[core.HubSpot]
	})
	out = make([][2]*core.Record, len(of))
	for _, side := range core.Sides {
		ids := make([]string, len(of))
		for i := range of {
			ids[i] = of[i].Refs[side].ID
		}
		if len(ids) == 0 {
			return nil, nil
		}
		fields := c.Present(side, objects[side], append(m.Fields(side), c.NameFields(side, objects[side])...))
		slices.Sort(fields)
		recs, err := c.Sides[side].Read(ctx, connector.Query{Object: objects[side], Values: ids, Fields: slices.Compact(fields)})
		if err != nil {
			return nil, err
		}
		for i := range recs {
			out[i][side] = &recs[i]
		}
	}
	return out, nil
}

// try tells what a mapping makes of two linked records.
func try(c *Conn, m *mapping.Mapping, f *mapping.Field, recs [2]*core.Record) (t Tried) {
	for _, side := range core.Sides {
		t.Refs[side] = recs[side].Ref
		t.Values[side], _ = recs[side].Get(f.Names[side])
		if t.Name == "" {
			t.Name = c.NameOf(recs[side])
		}
	}
	for _, to := range core.Sides {
		from := to.Other()
		if t.Passes[to] = f.Passes(from); !t.Passes[to] || t.Values[from] == "" {
			continue
		}
		t.Becomes[to], t.Why[to] = made(m, f, recs[from], to)
	}
	return t
}

// made is what a record's value becomes on the other side, or why it does not pass.
func made(m *mapping.Mapping, f *mapping.Field, rec *core.Record, to core.Side) (value, why string) {
	canon, readable := f.FromRecord(to.Other(), rec)
	if !readable {
		for _, i := range m.Unreadable(to.Other(), *rec) {
			if i.Field == f.Names[to.Other()] {
				return "", i.Message
			}
		}
	}
	value, issue := f.ToSide(to, canon)
	if issue != nil {
		why = issue.Message
	}
	return value, why
}
