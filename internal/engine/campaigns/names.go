package campaigns

import (
	"context"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
)

// Sweep compares all memberships, where removals are looked for, and has the list in HubSpot
// show the names that campaigns have by now.
func Sweep(ctx context.Context, e *room.Env, c *conn.Known) error {
	if c.Settings.Campaigns.Reconciles() {
		if err := Compare(ctx, e, c); err != nil {
			return err
		}
	}
	return rename(ctx, e, c)
}

// rename gives the options of the list the names of their campaigns. A campaign that nobody
// sees keeps the name it had, and where HubSpot takes no other labels the list stays as it
// is: the values count.
func rename(ctx context.Context, e *room.Env, c *conn.Known) error {
	hs, can := c.Sides[core.HubSpot].(connector.Choices)
	if !c.SyncsCampaigns() || !can {
		return nil
	}
	ctx = connector.WithPriority(ctx, connector.Backfill)
	err := hs.ChoicesRename(ctx, core.Contacts, conn.CampaignsProperty, func(ids []string) (map[string]string, error) {
		all, err := Named(ctx, c, ids)
		if Hidden(err) {
			return nil, nil
		}
		labels := map[string]string{}
		for id, campaign := range all {
			labels[id] = campaign.Name
		}
		return labels, err
	})
	switch connector.ClassOf(err) {
	case core.ClassRejected, core.ClassAuth, core.ClassSchema, core.ClassGone, core.ClassDuplicate:
		e.Log.Warn("HubSpot takes no other names for campaigns", "connection", c.Settings.Name, "cause", err)
		return nil
	}
	return err
}
