package engine

import (
	"context"
	"slices"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/capture"
)

// unannounced polls what no event of Salesforce tells of as often as without a feed: an org
// announces five objects without the add-on, and contact roles never. Which those are is
// asked again at the pace of the other polls; while nobody may see it, these alone poll.
func (e *Engine) unannounced(c *Conn) func(context.Context) error {
	var silent []core.Object
	var asked time.Time
	return func(ctx context.Context) error {
		if err := e.guardCursor(ctx, c, core.Salesforce); err != nil {
			return err
		}
		if now := e.Now(); asked.IsZero() || now.Sub(asked) >= c.pollEvery(core.Salesforce) {
			var err error
			if silent, err = silentObjects(ctx, c); err != nil {
				return err
			}
			asked = now
		}
		for _, o := range silent {
			if err := capture.Poll(ctx, &e.Env, &c.Known, core.Salesforce, o); err != nil {
				return err
			}
		}
		return e.pollRoles(ctx, c)
	}
}

// silentObjects are the followed objects of Salesforce that its change events leave out;
// none where that cannot be seen.
func silentObjects(ctx context.Context, c *Conn) (out []core.Object, err error) {
	side, tells := c.Sides[core.Salesforce].(connector.Announcer)
	if !tells {
		return nil, nil
	}
	told, err := side.Selected(ctx)
	switch connector.ClassOf(err) {
	case core.ClassRejected, core.ClassAuth, core.ClassSchema, core.ClassGone:
		return nil, nil // check says so
	}
	if err != nil {
		return nil, err
	}
	for _, p := range c.Pairs.Names() {
		if c.Switched[p].IsZero() || !c.Follows(p) {
			continue
		}
		for _, o := range c.FollowedOf(p, core.Salesforce) {
			if !slices.Contains(told, o) {
				out = append(out, o)
			}
		}
	}
	return out, nil
}
