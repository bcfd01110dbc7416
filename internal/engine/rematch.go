package engine

import (
	"context"
	"fmt"
	"reflect"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/owners"
	"tandem/internal/mapping"
)

// Rematch says whom other settings of owners reach in an object pair. Like the values of a
// changed mapping, the owners of existing records stay until those are looked at for another
// reason, or filled in by a person (TRIG-7).
type Rematch struct {
	Pair   core.Pair
	Linked int // linked records of Salesforce
	// Other counts those of them whose owner stands for another HubSpot owner then, and Nobody
	// those whose owner stands for none any more.
	Other, Nobody int
}

// String says it for a person.
func (r Rematch) String() string {
	text := fmt.Sprintf("of %d linked records of %s, %d have an owner in Salesforce who stands for another HubSpot owner then: tandem backfill %s --to hubspot passes him", r.Linked, r.Pair, r.Other, r.Pair)
	if r.Nobody > 0 {
		text += fmt.Sprintf("; %d have one who stands for nobody any more, and keep the HubSpot owner they have", r.Nobody)
	}
	return text
}

// Rematched are the object pairs whose owners other settings match otherwise. The fallback is
// for new records alone (LIM-17).
func Rematched(was, next config.Connection) (out []core.Pair) {
	old, now := owners.Rules(was.Owners), owners.Rules(next.Owners)
	if old.Strict == now.Strict && (len(old.Map) == 0 && len(now.Map) == 0 || reflect.DeepEqual(old.Map, now.Map)) {
		return nil
	}
	for _, p := range next.Pairs().Names() {
		mapped := owners.MappedOf(next, p) || p == core.ActivityPair && next.MapsActivityOwners()
		if mapped && was.Syncs(p) && next.Syncs(p) {
			out = append(out, p)
		}
	}
	return out
}

// Rematch counts whom other settings of owners reach, for each object pair whose owners sync;
// none where the same stand for each other. It reads the users of both sides, and of every
// record of those objects in Salesforce its owner. It writes nothing. The second result is the calls
// that took, by side.
func (e *Engine) Rematch(ctx context.Context, was, next Setup) (out []Rematch, calls map[string]int, err error) {
	pairs := Rematched(was.Settings, next.Settings)
	if len(pairs) == 0 {
		return nil, nil, nil
	}
	c := newConn(next.Settings, next.Sides)
	before := c.spent()
	books, err := owners.ReadBoth(ctx, c.Sides, was.Settings.Owners, next.Settings.Owners)
	if owners.Hidden(err) { // then no owner passes, and the preflight says so
		return nil, c.spent().less(before).bySide(), nil
	}
	if err != nil {
		return nil, nil, err
	}
	if err := c.LoadSchemas(ctx); err != nil {
		return nil, nil, err
	}
	for _, p := range pairs {
		one := Rematch{Pair: p}
		for _, object := range c.Pairs.Objects(p)[core.Salesforce] {
			if err := e.countRematched(ctx, c, object, books, &one); err != nil {
				return nil, nil, err
			}
		}
		if one.Other+one.Nobody > 0 {
			out = append(out, one)
		}
	}
	return out, c.spent().less(before).bySide(), nil
}

// countRematched counts the linked records of an object by what becomes of their owner.
func (e *Engine) countRematched(ctx context.Context, c *Conn, object core.Object, books [2]*mapping.Owners, out *Rematch) error {
	scan := connector.Scan{Object: object, Fields: c.Present(core.Salesforce, object, []string{owners.Field})}
	if len(scan.Fields) == 0 { // the object is hidden, or has no owner
		return nil
	}
	return c.Sides[core.Salesforce].Scan(connector.WithPriority(ctx, connector.Backfill), scan, func(p connector.Page) error {
		links, _, err := e.standingOf(ctx, c, p.Records)
		for i := range p.Records {
			if links[p.Records[i].Ref] != core.LinkActive {
				continue
			}
			out.Linked++
			user := valueOf(&p.Records[i], owners.Field)
			switch was, then := books[0].StandIn(user), books[1].StandIn(user); {
			case was == then:
			case then == "":
				out.Nobody++
			default:
				out.Other++
			}
		}
		Tell(ctx, Far{Stage: core.Salesforce.Label() + " " + string(object), Done: out.Linked})
		return err
	})
}
