package engine

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/mapping"
)

// OwnerProperty is HubSpot's property for the owner of a record.
const OwnerProperty = "hubspot_owner_id"

// Owners are read again after ownersEvery, and after strangersEvery where a record
// shows one whom nobody knows.
const (
	ownersEvery    = 15 * time.Minute
	strangersEvery = time.Minute
)

// directory holds the users of both sides, paired.
type directory struct {
	mapping.OwnerBook
	mu   sync.Mutex
	read time.Time
}

// MapsOwner reports whether the settings map the owner of what syncs.
func MapsOwner(c config.Connection) bool {
	maps := c.Mappings[string(core.CompanyPair)]
	if c.Contacts.Sync {
		maps = slices.Concat(maps, c.Mappings[string(core.ContactPair)])
	}
	return slices.ContainsFunc(maps, func(m config.Mapping) bool { return strings.EqualFold(m.HubSpot, OwnerProperty) })
}

// OwnerRules are the settings of owners as matching takes them.
func OwnerRules(o config.Owners) mapping.OwnerRules {
	return mapping.OwnerRules{Strict: o.Match == config.MatchStrict, Map: o.Map, Fallback: o.Fallback}
}

// ReadOwners reads the users of both sides and pairs them.
func ReadOwners(ctx context.Context, sides [2]connector.Connector, o config.Owners) (*mapping.Owners, []mapping.Problem, error) {
	var all [2][]mapping.Principal
	for _, side := range core.Sides {
		users, err := sides[side].Users(ctx)
		if err != nil {
			return nil, nil, err
		}
		for _, u := range users {
			all[side] = append(all[side], mapping.Principal{ID: u.ID, Name: u.Name, Email: u.Email, Active: u.Active, Queue: u.Queue})
		}
	}
	owners, problems := mapping.MatchOwners(all[core.Salesforce], all[core.HubSpot], OwnerRules(o))
	return owners, problems, nil
}

// openOwners reads the owners for the first time. Where the right to see them is
// missing, the owner mapping alone does not work.
func (e *Engine) openOwners(ctx context.Context, c *Conn) error {
	if !MapsOwner(c.Settings) {
		return nil
	}
	owners, problems, err := ReadOwners(ctx, c.Sides, c.Settings.Owners)
	switch connector.ClassOf(err) {
	case core.ClassRejected, core.ClassSchema, core.ClassAuth: // who we are was told before, so this is a missing right
		c.Problems = append(c.Problems, hiddenOwners(err))
		return nil
	}
	if err != nil {
		return err
	}
	c.owners = &directory{read: e.now()}
	c.owners.Renew(owners)
	c.Problems = append(c.Problems, problems...)
	return nil
}

func hiddenOwners(err error) mapping.Problem {
	return mapping.Problem{Salesforce: "OwnerId", HubSpot: OwnerProperty, Rule: "OWN-3", Severity: mapping.Error, Message: "the users cannot be read, so owners do not sync: " + err.Error(),
		Mend: "give the app the scope crm.objects.owners.read and the integration user read access to User and Group, or take the mapping out"}
}

// fieldMaps are the mappings of an object pair that can work: the owner's only where
// owners could be read.
func (c *Conn) fieldMaps(p core.Pair) []mapping.FieldMap {
	all := fieldMaps(c.Settings.Mappings[string(p)])
	if c.owners == nil {
		return slices.DeleteFunc(all, func(m mapping.FieldMap) bool { return strings.EqualFold(m.HubSpot, OwnerProperty) })
	}
	for i := range all {
		all[i].Owners = &c.owners.OwnerBook
	}
	return all
}

// renewOwners reads the owners again when it is time, or sooner where the batch
// shows a stranger. The old ones serve on where that fails.
func (e *Engine) renewOwners(ctx context.Context, b *batch) {
	d := b.conn.owners
	if d == nil || !b.conn.syncs(b.pair) || !d.mu.TryLock() {
		return
	}
	defer d.mu.Unlock()
	age := e.since(d.read)
	if age < strangersEvery || age < ownersEvery && !b.hasStranger() {
		return
	}
	d.read = e.now()
	owners, _, err := ReadOwners(ctx, b.conn.Sides, b.conn.Settings.Owners)
	if err != nil {
		e.log.Warn("the owners could not be read again; those read before serve on", "connection", b.conn.Settings.Name, "cause", err)
		return
	}
	d.Renew(owners)
}

// hasStranger reports an owner in the batch whom neither side listed.
func (b *batch) hasStranger() bool {
	known := b.conn.owners.Owners()
	for _, it := range b.items {
		for side, name := range [2]string{"OwnerId", OwnerProperty} {
			if rec := it.recs[side]; rec != nil {
				if id, _ := rec.Get(name); id != "" && known.Person(core.Side(side), id) == nil {
					return true
				}
			}
		}
	}
	return false
}

// keepApart leaves HubSpot's owner alone where Salesforce's is nobody there (OWN-3a). A
// later change of either passes on; what a new record is given is seen at its next look.
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
