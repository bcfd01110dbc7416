package owners

import (
	"context"
	"slices"
	"strings"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/mapping"
)

// Property is HubSpot's property for the owner of a record, Field Salesforce's.
const (
	Property = "hubspot_owner_id"
	Field    = "OwnerId"
)

// Owners are read again after readEvery, and after strangersEvery where a record
// shows one whom nobody knows.
const (
	readEvery      = 15 * time.Minute
	strangersEvery = time.Minute
)

// Directory holds the users of both sides, paired. It may be asked while it is renewed.
type Directory struct {
	mapping.OwnerBook
	mu   connector.CallMutex
	read time.Time
}

// Mapped reports whether the settings map the owner of what syncs.
func Mapped(c config.Connection) bool {
	return c.MapsActivityOwners() || MappedOf(c, core.CompanyPair) || slices.ContainsFunc(c.Pairs().Names(), func(p core.Pair) bool { return c.Syncs(p) && MappedOf(c, p) })
}

// MappedOf reports whether the settings map the owner of an object pair.
func MappedOf(c config.Connection, p core.Pair) bool {
	return slices.ContainsFunc(c.Mappings[string(p)], func(m config.Mapping) bool { return strings.EqualFold(m.HubSpot, Property) })
}

// Rules are the settings of owners as matching takes them.
func Rules(o config.Owners) mapping.OwnerRules {
	return mapping.OwnerRules{Strict: o.Match == config.MatchStrict, Map: o.Map, Fallback: o.Fallback}
}

// Read reads the users of both sides and pairs them.
func Read(ctx context.Context, sides [2]connector.Connector, o config.Owners) (*mapping.Owners, []mapping.Problem, error) {
	all, err := everybody(ctx, sides)
	if err != nil {
		return nil, nil, err
	}
	owners, problems := mapping.MatchOwners(all[core.Salesforce], all[core.HubSpot], Rules(o))
	return owners, problems, nil
}

// ReadBoth reads the users of both sides once, and pairs them by each of two settings.
func ReadBoth(ctx context.Context, sides [2]connector.Connector, was, next config.Owners) (books [2]*mapping.Owners, err error) {
	all, err := everybody(ctx, sides)
	for i, o := range [2]config.Owners{was, next} {
		books[i], _ = mapping.MatchOwners(all[core.Salesforce], all[core.HubSpot], Rules(o))
	}
	return books, err
}

// everybody are the users of both sides.
func everybody(ctx context.Context, sides [2]connector.Connector) (all [2][]mapping.Principal, err error) {
	for _, side := range core.Sides {
		users, err := sides[side].Users(ctx)
		if err != nil {
			return all, err
		}
		for _, u := range users {
			all[side] = append(all[side], mapping.Principal{ID: u.ID, Name: u.Name, Email: u.Email, Active: u.Active, Queue: u.Queue})
		}
	}
	return all, nil
}

// Open reads the owners for the first time, as of now. Where the right to see them is
// missing there is no directory but a problem: the owner mapping alone does not work.
func Open(ctx context.Context, sides [2]connector.Connector, o config.Owners, now time.Time) (*Directory, []mapping.Problem, error) {
	read, problems, err := Read(ctx, sides, o)
	if Hidden(err) {
		return nil, []mapping.Problem{hidden(err)}, nil
	}
	if err != nil {
		return nil, nil, err
	}
	d := &Directory{read: now}
	d.Renew(read)
	return d, problems, nil
}

// Hidden reports that users could not be read for want of a right: who we are was told before.
func Hidden(err error) bool {
	switch connector.ClassOf(err) {
	case core.ClassRejected, core.ClassSchema, core.ClassAuth:
		return true
	}
	return false
}

func hidden(err error) mapping.Problem {
	return mapping.Problem{Salesforce: Field, HubSpot: Property, Rule: "OWN-3", Severity: mapping.Error, Message: "the users cannot be read, so owners do not sync: " + err.Error(),
		Mend: "give the app the scope crm.objects.owners.read and the integration user read access to User and Group, or take the mapping out"}
}

// RenewWhenDue reads the owners again when it is time, or sooner where a record shows a
// stranger. The old ones serve on where that fails, and while another hand reads them.
func (d *Directory) RenewWhenDue(ctx context.Context, sides [2]connector.Connector, o config.Owners, now time.Time, stranger func() bool) error {
	if !d.mu.TryLock() {
		return nil
	}
	defer d.mu.Unlock()
	age := now.Sub(d.read)
	if age < strangersEvery || age < readEvery && !stranger() {
		return nil
	}
	d.read = now
	read, _, err := Read(ctx, sides, o)
	if err == nil {
		d.Renew(read)
	}
	return err
}

// Doubt has the owners read again at the next occasion: a side refused one.
func (d *Directory) Doubt() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.read = time.Time{}
}

// Knows reports that a side listed an owner.
func (d *Directory) Knows(side core.Side, id string) bool { return d.Owners().Person(side, id) != nil }

// Name is what a user or queue of Salesforce is called, blank for one nobody knows.
func (d *Directory) Name(id string) string {
	if p := d.Owners().Person(core.Salesforce, id); p != nil {
		return p.Name
	}
	return ""
}
