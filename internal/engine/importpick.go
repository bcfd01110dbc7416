package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/mapping"
)

// Pick says which of the records that an import lists it takes; all where it is blank.
type Pick struct {
	// Objects are the only ones to list.
	Objects []core.Object `json:"objects,omitempty"`
	// When is an expression over the fields of a record, in the words of the filters of
	// the settings. The objects listed must all have them.
	When string `json:"when,omitempty"`
	// List is the id of a HubSpot list whose members are taken.
	List string `json:"list,omitempty"`
	// Campaign is the id of an active campaign of Salesforce whose members are taken.
	Campaign string `json:"campaign,omitempty"`
}

func (p Pick) blank() bool {
	return len(p.Objects) == 0 && p.When == "" && p.List == "" && p.Campaign == ""
}

// checkPick refuses what no listing of the import could answer, and puts the id of a list
// in the place of its name.
func (e *Engine) checkPick(ctx context.Context, c *Conn, a *ImportArgs) error {
	for _, s := range a.steps(c.Pairs.Objects(a.Pair), core.ReasonImport) {
		if _, err := c.picker(s); err != nil {
			return &room.Error{Code: room.CodeUsage, Message: fmt.Sprintf("the condition cannot be answered by a %s of %s: %v", s.object, s.side.Label(), err),
				Mend: "use fields that it has, or list one object alone, as tandem import lead does"}
		}
	}
	if a.Pick.Campaign != "" {
		return e.pickCampaign(ctx, c, a)
	}
	if a.Pick.List == "" {
		return nil
	}
	l, err := c.Sides[core.HubSpot].List(ctx, c.Pairs.Objects(a.Pair)[core.HubSpot][0], a.Pick.List)
	if connector.ClassOf(err) == core.ClassGone || connector.ClassOf(err) == core.ClassRejected {
		return &room.Error{Code: room.CodeUsage, Message: fmt.Sprintf("HubSpot has no list %q that the integration can see: %v", a.Pick.List, err), Mend: "give the name or the id of a list"}
	}
	if err != nil {
		return err
	}
	a.Pick.List = l.ID
	return nil
}

// picker is the condition of a step made ready for its object; nil where it has none.
func (c *Conn) picker(s step) (*mapping.Predicate, error) {
	return conn.Predicate(s.when, c.Defs[s.side][s.object])
}

// pick keeps the records of a page that a step takes.
func (e *Engine) pick(ctx context.Context, c *Conn, s step, when *mapping.Predicate, recs []core.Record) ([]core.Record, error) {
	recs, err := e.pickNaming(ctx, c, s, recs)
	if err != nil {
		return nil, err
	}
	if when != nil {
		kept := recs[:0]
		for _, r := range recs {
			ok, err := when.Match(r.Values)
			if err != nil {
				return nil, &room.Error{Code: room.CodeUsage, Message: fmt.Sprintf("the condition of the import fails on %s: %v", r.Ref.Label(), err), Mend: "write ?? before a default for fields that may be blank, and import again"}
			}
			if ok {
				kept = append(kept, r)
			}
		}
		recs = kept
	}
	if s.list == "" || len(recs) == 0 {
		return recs, nil
	}
	ids := make([]string, len(recs))
	for i := range recs {
		ids[i] = recs[i].Ref.ID
	}
	members, err := c.Sides[s.side].Members(ctx, s.list, ids)
	return slices.DeleteFunc(recs, func(r core.Record) bool { _, in := members[r.Ref.ID]; return !in }), err
}

// pickNaming keeps, of records that carry the id of one in Salesforce, those whose record
// there the import takes: the others are nobody's who was asked for.
func (e *Engine) pickNaming(ctx context.Context, c *Conn, s step, recs []core.Record) ([]core.Record, error) {
	if len(s.carried) > 0 {
		return c.carrying(s.carried, recs), nil
	}
	if !s.stored || s.naming.blank() {
		return recs, nil
	}
	named, taken := map[core.Object][]string{}, map[core.Ref]bool{}
	for i := range recs {
		if r := c.StoredRef(&recs[i]); !r.IsZero() && (len(s.naming.Objects) == 0 || slices.Contains(s.naming.Objects, r.Object)) {
			named[r.Object] = append(named[r.Object], r.ID)
		}
	}
	for _, object := range slices.Sorted(maps.Keys(named)) {
		there, err := e.takenThere(ctx, c, step{side: core.Salesforce, object: object, when: s.naming.When}, named[object])
		if err != nil {
			return nil, err
		}
		for i := range there {
			taken[there[i].Ref] = true
		}
	}
	return slices.DeleteFunc(recs, func(r core.Record) bool { return !taken[c.StoredRef(&r)] }), nil
}

// carrying keeps the HubSpot records that carry the id of one of the given records.
func (c *Conn) carrying(named []core.Ref, recs []core.Record) []core.Record {
	in := make(map[core.Ref]bool, len(named))
	for _, r := range named {
		in[r] = true
	}
	return slices.DeleteFunc(recs, func(rec core.Record) bool {
		return !slices.ContainsFunc(c.StoredRefs(&rec), func(r core.Ref) bool { return in[r] })
	})
}

// takenThere are those of an object's records with the given ids that a step takes.
func (e *Engine) takenThere(ctx context.Context, c *Conn, s step, ids []string) ([]core.Record, error) {
	when, err := c.picker(s)
	if err != nil {
		return nil, err
	}
	recs, err := c.Sides[s.side].Read(ctx, connector.Query{Object: s.object, Values: ids, Fields: pageFields(nil, when)})
	if err != nil {
		return nil, err
	}
	return e.pick(ctx, c, s, when, slices.DeleteFunc(recs, func(r core.Record) bool { return r.Presence != core.Live }))
}

// picked are the steps of a listing that a pick leaves, with its conditions. Records that
// carry a stored id are listed by other means, so that none is made again.
func (p Pick) picked(steps []step) []step {
	if len(p.Objects) > 0 {
		steps = slices.DeleteFunc(steps, func(s step) bool { return !s.stored && !slices.Contains(p.Objects, s.object) })
	}
	for i := range steps {
		if steps[i].stored {
			steps[i].naming = p
		} else {
			steps[i].when, steps[i].list = p.When, p.List
		}
	}
	return steps
}

// pageFields are what a listing reads besides ids and stamps.
func pageFields(of []string, when *mapping.Predicate) []string {
	if when == nil {
		return of
	}
	out := append(slices.Clone(of), when.Fields()...)
	slices.Sort(out)
	return slices.Compact(out)
}
