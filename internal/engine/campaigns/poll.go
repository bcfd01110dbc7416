package campaigns

import (
	"context"
	"maps"
	"slices"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// cursor is where the poll of campaign members stands.
const cursor = "campaigns/CampaignMember"

// Poll makes those people due who joined a campaign, or have another status, since the
// last poll. The first one begins when it is asked for. Of members that were deleted only
// ids are told: where removals are looked for, one that was not met before has all people
// compared (LIM-27).
func Poll(ctx context.Context, e *room.Env, c *conn.Known) error {
	if !c.SyncsCampaigns() {
		return nil
	}
	began := e.Now().Add(c.Offsets[core.Salesforce])
	from, err := e.CursorAt(ctx, c.ID, core.Salesforce, cursor, began)
	if err != nil {
		return err
	}
	from = from.Add(-c.Sides[core.Salesforce].Caps().Overlap)
	err = scan(ctx, c, connector.Scan{Object: core.CampaignMember, Fields: memberFields, Since: from}, func(rows []core.Record) error {
		return take(ctx, e, c, rows)
	})
	if Hidden(err) {
		return nil // whoever looks at a person says so
	}
	if err != nil {
		return err
	}
	lost, err := removals(ctx, e, c, from)
	if connector.LostPosition(err) {
		lost, err = true, nil // which were deleted is not told any more
	}
	if err == nil && lost {
		err = Compare(ctx, e, c)
	}
	if err != nil {
		return err
	}
	return e.Update(ctx, func(tx *store.Tx) error {
		return tx.CursorSet(c.ID, core.Salesforce, cursor, room.StampText(began))
	})
}

func scan(ctx context.Context, c *conn.Known, s connector.Scan, page func([]core.Record) error) error {
	return c.Sides[core.Salesforce].Scan(ctx, s, func(p connector.Page) error { return page(p.Records) })
}

// removals reports whether members were deleted that no poll has met as deleted.
func removals(ctx context.Context, e *room.Env, c *conn.Known, from time.Time) (lost bool, err error) {
	if !c.Settings.Campaigns.Reconciles() {
		return false, nil
	}
	err = scan(ctx, c, connector.Scan{Object: core.CampaignMember, Since: from, Deleted: true}, func(rows []core.Record) error {
		return e.Update(ctx, func(tx *store.Tx) error {
			refs := make([]core.Ref, len(rows))
			for i := range rows {
				refs[i] = rows[i].Ref
			}
			seen, err := tx.SeenOf(c.ID, refs)
			if err != nil {
				return err
			}
			var fresh []store.SeenRow
			for i := range rows {
				if !seen[rows[i].Ref].Deleted {
					fresh = append(fresh, store.SeenRow{Ref: rows[i].Ref, Seen: store.Seen{Stamp: rows[i].Stamp, Deleted: true}})
				}
			}
			lost = lost || len(fresh) > 0
			return tx.SeenPut(c.ID, fresh)
		})
	})
	return lost, err
}

// take makes the people of members due for whom these are news.
func take(ctx context.Context, e *room.Env, c *conn.Known, rows []core.Record) error {
	now := map[core.Ref][]Member{}
	for i := range rows {
		if p := personOf(&rows[i]); !p.IsZero() {
			now[p] = append(now[p], memberOf(&rows[i]))
		}
	}
	return mark(ctx, e, c, now, func(l *core.Link, members []Member) bool { return !holdsAll(c, l, members) })
}

// mark makes the linked people due of whom a test says so.
func mark(ctx context.Context, e *room.Env, c *conn.Known, now map[core.Ref][]Member, news func(*core.Link, []Member) bool) error {
	refs := slices.SortedFunc(maps.Keys(now), core.Ref.Compare)
	return e.Update(ctx, func(tx *store.Tx) error {
		links, err := tx.LinksOf(c.ID, refs)
		refs = slices.DeleteFunc(refs, func(r core.Ref) bool {
			l := links[r]
			return l == nil || l.State != core.LinkActive || l.Refs[core.Salesforce] != r || !news(l, now[r])
		})
		if err != nil || len(refs) == 0 {
			return err
		}
		return tx.Mark(c.ID, room.DirtyOf(c.Pairs, refs, core.ReasonParent, 0, e.Now()))
	})
}

// holdsAll reports that the base of a person's link knows all of these memberships.
func holdsAll(c *conn.Known, l *core.Link, members []Member) bool {
	for _, m := range members {
		if !l.Base.Holds(core.Salesforce, conn.CampaignKey+m.Campaign, conn.CampaignMark) {
			return false
		}
		for i := range c.Settings.Campaigns.Members {
			if row := &c.Settings.Campaigns.Members[i]; row.Campaign == m.Campaign && row.Back && !l.Base.Holds(core.Salesforce, conn.MemberKey+m.Campaign, m.Status) {
				return false
			}
		}
	}
	return true
}

// comparePage is how many people are compared with one question.
const comparePage = 200

// Compare makes those linked people due whose memberships are others than those that both
// sides agreed on: the pass that finds what nobody announced.
func Compare(ctx context.Context, e *room.Env, c *conn.Known) error {
	if !c.SyncsCampaigns() {
		return nil
	}
	ctx = connector.WithPriority(ctx, connector.Backfill)
	for after := int64(0); ; {
		var page []*core.Link
		err := e.View(ctx, func(tx *store.Tx) (err error) {
			page, err = tx.Links(c.ID, core.ContactPair, core.LinkActive, after, comparePage)
			return err
		})
		if err != nil || len(page) == 0 {
			return err
		}
		after = page[len(page)-1].ID
		people := make([]core.Ref, len(page))
		for i, l := range page {
			people[i] = l.Refs[core.Salesforce]
		}
		now, err := Memberships(ctx, c, people)
		if err != nil {
			return err
		}
		for _, r := range people {
			now[r] = append(now[r], []Member{}...)
		}
		err = mark(ctx, e, c, now, func(l *core.Link, members []Member) bool {
			return !holdsAll(c, l, members) || len(campaignsOf(members)) < len(conn.CampaignsAgreed(l.Base)) || endedRow(c, l, members)
		})
		if err != nil {
			return err
		}
	}
}

// endedRow reports that a membership ended that a property of HubSpot stands for.
func endedRow(c *conn.Known, l *core.Link, members []Member) bool {
	in := campaignsOf(members)
	for i := range c.Settings.Campaigns.Members {
		row := &c.Settings.Campaigns.Members[i]
		if was, _, known := l.Base.Of(conn.MemberKey + row.Campaign); known && was[core.Salesforce] != "" && !slices.Contains(in, row.Campaign) {
			return true
		}
	}
	return false
}

// campaignsOf are the campaigns of memberships, each once.
func campaignsOf(members []Member) (ids []string) {
	for _, m := range members {
		ids = append(ids, m.Campaign)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
