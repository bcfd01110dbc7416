package engine

import (
	"context"
	"slices"
	"strings"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// keepLookupLabels makes the associations and labels that HubSpot lacks for lookups (CO-4).
// One that it refuses leaves the lookup without an association, and its records say so.
func (e *Engine) keepLookupLabels(ctx context.Context, c *Conn) error {
	labels, has := c.Sides[core.HubSpot].(connector.Labels)
	if !has {
		return nil
	}
	for _, d := range c.Pairs {
		for _, l := range d.Lookups {
			if !c.Syncs(d.Name) || l.Property != "" {
				continue
			}
			if err := e.keepLookupLabel(ctx, c, labels, d.Objects[core.HubSpot][0], l); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *Engine) keepLookupLabel(ctx context.Context, c *Conn, labels connector.Labels, from core.Object, l core.Lookup) error {
	to := c.Pairs.Objects(l.To)[core.HubSpot][0]
	err := labels.Relate(ctx, from, to)
	if err == nil && l.Label != "" {
		err = makeLabel(ctx, labels, from, to, l.Label)
	}
	switch connector.ClassOf(err) {
	case core.ClassRejected, core.ClassAuth, core.ClassDuplicate, core.ClassSchema, core.ClassGone:
		e.Log.Warn("an association or its label could not be made", "connection", c.Settings.Name, "object", from, "label", l.Label, "cause", err)
		return nil
	}
	return err
}

func makeLabel(ctx context.Context, labels connector.Labels, from, to core.Object, text string) error {
	have, err := labels.Labels(ctx, from, to)
	if err != nil || slices.ContainsFunc(have, func(t string) bool { return strings.EqualFold(t, text) }) {
		return err
	}
	return labels.LabelCreate(ctx, from, to, text)
}
