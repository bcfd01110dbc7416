package engine

import (
	"context"
	"slices"
	"strings"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/owners"
	"tandem/internal/mapping"
)

// Owners reads the users of both sides, puts them in the place of those known so far, and
// says who stands for whom (OWN-1, OWN-3). It writes nothing.
func (e *Engine) Owners(ctx context.Context, c *Conn) ([]owners.Pair, error) {
	return owners.List(connector.WithPriority(ctx, connector.Live), c.Owners, c.Sides, c.Settings.Owners, e.Now())
}

// SoleOwner is a user or queue of Salesforce without a partner in HubSpot.
type SoleOwner = owners.Sole

// Handover reads the owners of all linked accounts, contacts and leads. It writes
// nothing, and takes the connectors because the connection need not be open.
func (e *Engine) Handover(ctx context.Context, c *Conn, sides [2]connector.Connector) (owners.Handover, error) {
	return owners.ReadHandover(connector.WithPriority(ctx, connector.Live), &e.Env, c.ID, c.FollowedPairs(), c.Settings.Owners, sides)
}

// renewOwners reads the owners again when it is time, or sooner where the batch
// shows a stranger.
func (e *Engine) renewOwners(ctx context.Context, b *batch) {
	c := b.conn
	if c.Owners == nil || !c.Syncs(b.pair) {
		return
	}
	if err := c.Owners.RenewWhenDue(ctx, c.Sides, c.Settings.Owners, e.Now(), b.hasStranger); err != nil {
		e.Log.Warn("the owners could not be read again; those read before serve on", "connection", c.Settings.Name, "cause", err)
	}
}

// doubtOwners has the owners read again, and the record looked at, where one was refused: a
// user may have left since they were read (OWN-4).
func (b *batch) doubtOwners(s sending, dropped []string) {
	if b.conn.Owners != nil && s.op.Target.Side == core.Salesforce && slices.Contains(dropped, owners.Field) {
		b.conn.Owners.Doubt()
		s.it.again(b.at)
	}
}

// hasStranger reports an owner in the batch whom neither side listed.
func (b *batch) hasStranger() bool {
	for _, it := range b.items {
		for side, name := range [2]string{owners.Field, owners.Property} {
			if rec := it.recs[side]; rec != nil {
				if id, _ := rec.Get(name); id != "" && !b.conn.Owners.Knows(core.Side(side), id) {
					return true
				}
			}
		}
	}
	return false
}

// keepApart leaves HubSpot's owner alone where Salesforce's is nobody there (OWN-3a). A
// later change of either passes on; what a new record is given is seen in the answer.
func keepApart(f *mapping.Field, in *core.FieldInput, r *core.FieldResult, makes bool) {
	issue := f.Unmatched(core.HubSpot, in.Now[core.Salesforce])
	if issue == nil || !issue.Told || !r.Write[core.HubSpot] {
		return
	}
	*r = core.FieldResult{Key: r.Key, Case: core.Apart, Rule: issue.Rule, InSync: true}
	if makes {
		r.Case = core.BlankKept
	}
}

// agreeApart takes the owners that a create left apart as agreed: HubSpot has nobody for
// Salesforce's, so that whoever is made the owner from then on is a change, and no first
// meeting (OWN-3a, OWN-10).
func (b *batch) agreeApart(it *item, l *core.Link, after [2][]string) {
	for _, side := range core.Sides {
		op := it.ops[side]
		if op == nil || op.Kind != core.OpCreate || it.outcomes[op.Key].Status != core.Applied || after[side] == nil {
			continue
		}
		for i, f := range b.mapping(it).Synced() {
			v := b.pairValues(it, after, i)
			if issue := f.Unmatched(core.HubSpot, v[core.Salesforce]); issue != nil && issue.Told {
				l.Base = core.AdvanceField(l.Base, f.Key, v[core.Salesforce], v[core.HubSpot])
			}
		}
	}
}

// firstOwner says whose owner stands where none was agreed on. Salesforce's is honoured at
// the first sync (OWN-6, OWN-7), but for one that HubSpot has nobody for beside a record of
// ours: no two owners met there, and HubSpot's was given since.
func (b *batch) firstOwner(it *item, f *mapping.Field, sf, hs string) core.Later {
	made, unseen := it.justMade()
	mine := made == core.HubSpot || sf == core.ID18(b.conn.Accounts[core.Salesforce].UserID)
	if unseen && mine && hs != "" && hs != f.FallbackOwner(core.HubSpot) && f.Unmatched(core.HubSpot, sf) != nil {
		return core.HubSpotLater
	}
	return core.SalesforceLater
}

// justMade is the side on which the item's record is of our making; unseen says that what
// came of its create was not observed.
func (it *item) justMade() (made core.Side, unseen bool) {
	if it.adopted {
		return it.from.Other(), true
	}
	if it.link == nil || it.link.Origin == "" {
		return made, false
	}
	if it.link.Origin == core.Salesforce.String() {
		made = core.HubSpot
	}
	open := slices.ContainsFunc(it.openKeys, func(key string) bool { return strings.HasPrefix(key, "create/") })
	compared := it.link.Stamps != [2]time.Time{} // the base may be what a create without an answer brought
	return made, open || len(it.link.Base) == 0 || !compared
}

// nameReset gives fields whose owner is set back the requirement that says so.
func nameReset(f *mapping.Field, in *core.FieldInput, r *core.FieldResult) {
	if f.Kind != mapping.Owner || in.Rule == f.Rule {
		return
	}
	r.Rule = "OWN-4"
	if in.Now[core.HubSpot] == "" {
		r.Rule = "OWN-8"
	}
}

// fillOwner gives a new record the fallback owner where that of its source has no
// partner (OWN-7, LIM-17), and says so where there is none either: Salesforce then
// takes the integration user.
func (b *batch) fillOwner(it *item, side core.Side, fields map[string]string) {
	for i, f := range b.mapping(it).Synced() {
		owner := it.inputs[i].Now[side.Other()]
		issue := f.Unmatched(side, owner)
		if issue == nil {
			continue
		}
		if id := f.FallbackOwner(side); id != "" {
			fields[f.Names[side]] = id
			it.dropIssue(issue.Field)
			continue
		}
		if side == core.Salesforce && b.object(it, side) != core.Lead { // a lead's is found by the assignment rules (OWN-5)
			it.raise(b.mappingIssue(it, side, issue, owner))
		}
	}
}

// dropIssue takes back what was raised about a field.
func (it *item) dropIssue(field string) {
	it.issues = slices.DeleteFunc(it.issues, func(i core.Issue) bool { return i.Field == field })
}
