package cli

import (
	"context"
	"errors"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/policy"
)

// doExplain explains a record as both sides show it; where their daily share of calls
// is used up, as the store knows it.
func doExplain(ctx context.Context, w *world, rq request) (any, error) {
	if len(rq.IDs) != 1 {
		return nil, usage("explain needs one id", "")
	}
	x, err := patiently(func(ctx context.Context, c *wired, rq request) (any, error) {
		return c.engine.As(rq.By).Explain(ctx, c.conn, rq.Pair, rq.IDs[0])
	})(ctx, w, rq)
	var used *connector.Error
	if !errors.As(err, &used) || used.Class != core.ClassQuota {
		return x, err
	}
	return inStore(func(ctx context.Context, c *wired, rq request) (any, error) {
		known, failed := c.engine.ExplainStored(ctx, c.conn, rq.Pair, rq.IDs[0])
		if failed != nil || known == nil {
			return nil, errors.Join(failed, err)
		}
		known.Note = used.Side.Label() + " may not be asked now: " + used.Message + "; this is what the store knows"
		return known, nil
	})(ctx, w, rq)
}

func sideLabel(name string) string {
	for _, side := range core.Sides {
		if side.String() == name {
			return side.Label()
		}
	}
	return name
}

// linkState is the state of a link, and that a person closed it.
func linkState(l *engine.LinkView) string {
	switch {
	case l.Undone:
		return string(l.State) + " by a person (tandem undo)"
	case l.Unlinked:
		return string(l.State) + " by a person (tandem links unlink)"
	}
	return string(l.State)
}

// describeAlone says of a record without a partner what would bring it one, and of a
// pair what does not sync.
func (a *app) describeAlone(ctx context.Context, x *engine.Explanation) {
	if x.Note != "" {
		a.printf("\n%s.\n", upperFirst(x.Note))
	}
	if x.Mend != "" {
		a.printf("\nWhat would change that: %s.\n", x.Mend)
	}
	for _, o := range x.Otherwise {
		would := "would make or link a partner"
		if o.Outcome != policy.Create && o.Outcome != policy.Link {
			would = "would leave it as it is"
		}
		a.printf("%s %s (%s%s).\n", a.verbOf(ctx, o.By, x), would, o.Rule, orPrefix(": ", o.Facts["because"]))
	}
}

// verbOf is the command line that gives a record another cause to be looked at.
func (a *app) verbOf(ctx context.Context, by string, x *engine.Explanation) string {
	pair := core.CompanyPair
	for _, side := range core.Sides {
		if p, ok := a.pairs(ctx).Of(side, x.Record.Object); ok {
			pair = p
		}
	}
	if by == "resync" {
		return "tandem resync " + string(pair) + " " + x.Record.ID
	}
	return "tandem import " + string(pair)
}

// recordsOf reads an object and the ids of records of it. An id that can only be
// another object's is refused; a number of HubSpot's gets the type of activities that the
// object says, since such ids are unique within a type only.
func (a *app) recordsOf(ctx context.Context, word string, ids ...string) (core.Pair, error) {
	p, err := a.pairOf(ctx, word)
	if err != nil {
		return "", err
	}
	for i, id := range ids {
		if word, typed := activityWords[word]; typed && isNumber(id) {
			ids[i] = word + "-" + id
		}
		if err := engine.CheckID(a.pairs(ctx), p, id); err != nil {
			said := problemOf(err)
			return "", usage(said.Message, said.Mend)
		}
	}
	return p, nil
}
