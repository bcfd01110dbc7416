package engine

import (
	"context"
	"maps"
	"slices"
	"strings"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
)

// campaignOptions are the options that HubSpot's property is known to have.
type campaignOptions struct {
	mu    connector.CallMutex
	known map[string]bool
}

// offerCampaigns adds the options that a batch is about to write to HubSpot's list of
// campaigns. Where HubSpot refuses, its refusal of the value tells (ERR-7).
func (e *Engine) offerCampaigns(ctx context.Context, b *batch) error {
	side, can := b.conn.Sides[core.HubSpot].(connector.Choices)
	if b.enrolment == nil || !can {
		return nil
	}
	c := b.conn
	c.campaigns.mu.Lock()
	defer c.campaigns.mu.Unlock()
	if c.campaigns.known == nil {
		c.campaigns.known = map[string]bool{}
		for _, id := range c.ChoicesOf(core.Contacts, conn.CampaignsProperty) {
			c.campaigns.known[id] = true
		}
	}
	missing := map[string]connector.Option{}
	for _, it := range b.items {
		if op := it.ops[core.HubSpot]; op != nil {
			for id := range strings.SplitSeq(op.Fields[conn.CampaignsProperty], ";") {
				if id != "" && !c.campaigns.known[id] {
					missing[id] = connector.Option{Value: id, Label: b.enrolment.known[id].Name, Active: true}
				}
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	var more []connector.Option
	for _, id := range slices.Sorted(maps.Keys(missing)) {
		more = append(more, missing[id])
	}
	all, err := side.ChoicesAdd(ctx, core.Contacts, conn.CampaignsProperty, more)
	switch class := connector.ClassOf(err); {
	case err == nil:
	case class == core.ClassRejected || class == core.ClassAuth || class == core.ClassSchema || class == core.ClassGone || class == core.ClassDuplicate:
		e.Log.Warn("HubSpot takes no more campaigns to list", "connection", c.Settings.Name, "cause", err)
		return nil
	default:
		return err
	}
	for _, o := range all {
		c.campaigns.known[o.Value] = true
	}
	return nil
}
