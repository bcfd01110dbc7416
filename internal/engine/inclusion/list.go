package inclusion

import (
	"context"
	"fmt"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
)

// List is the definition of an inclusion list: of contacts, of whom only the members'
// companies make accounts by themselves (ACC-7c, ACC-8c), or of companies (INC-8). Where
// all its filters are property filters, it is evaluated here on the new values (INC-6). A
// nil List holds all records.
type List struct {
	def    connector.List
	filter *policy.ListFilter
	// unreadable says why the list cannot be evaluated here.
	unreadable string
}

// Open reads the definition of the list that a setting names; nil where it names none. A
// list that is not there, not active or one of other records is a misuse of the setting.
func Open(ctx context.Context, portal connector.Connector, named config.Inclusion) (*List, error) {
	name, object := named.List, named.Object
	if name == "" {
		return nil, nil
	}
	l, err := portal.List(ctx, object, name)
	if connector.ClassOf(err) == core.ClassGone {
		return nil, &room.Error{Code: room.CodeUsage, Message: fmt.Sprintf("HubSpot has no list %q, which %s names (INC-4)", name, named.Key),
			Mend: "name an active list by its id or its exact name, or take the key out; until then nothing syncs, since nobody knows who is in"}
	}
	if err != nil {
		return nil, fmt.Errorf("read inclusion list %q: %w", name, err)
	}
	if !l.Active {
		return nil, &room.Error{Code: room.CodeUsage, Message: fmt.Sprintf("list %q is not an active list (INC-4)", name), Mend: "choose an active list as " + named.Key}
	}
	if l.Object != object {
		return nil, &room.Error{Code: room.CodeUsage, Message: fmt.Sprintf("list %q is a list of %s, not of %s", name, l.Object, object), Mend: fmt.Sprintf("choose an active list of %s as %s", object, named.Key)}
	}
	in := &List{def: l}
	if in.filter, err = policy.ParseListFilter(l.Filters); err != nil {
		in.unreadable = err.Error()
	}
	return in, nil
}

// ID is the list's id in HubSpot.
func (in *List) ID() string { return in.def.ID }

// Local reports that the list can be evaluated here, from what a record shows.
func (in *List) Local() bool { return in != nil && in.filter != nil }

// Eval evaluates a local list on a record's values.
func (in *List) Eval(rec *core.Record) policy.Membership { return in.filter.Eval(rec.Get) }

// Holds says whether a record is in the list: yes for all without a list. Where the
// list cannot be evaluated here, HubSpot's own answer counts if it is newer than the
// record's stamp; otherwise nobody knows yet. Now is HubSpot's clock, and evaluated
// when HubSpot last put the record into the list, zero for never.
func (in *List) Holds(rec *core.Record, now, evaluated time.Time) policy.Membership {
	switch {
	case in == nil:
		return policy.Member
	case in.filter != nil:
		return in.Eval(rec)
	case now.Sub(rec.Stamp) < settles && evaluated.Before(rec.Stamp):
		return policy.UnknownMembership
	case evaluated.IsZero():
		return policy.NotMember
	}
	return policy.Member
}

// Note says who evaluates the list; blank without a list.
func (in *List) Note() string {
	switch {
	case in == nil:
		return ""
	case in.filter != nil:
		return "list " + in.def.Name + " is evaluated here, on the new values"
	}
	return "list " + in.def.Name + " is evaluated by HubSpot, whose answer must be newer than the record: " + in.unreadable
}

// settles is how long HubSpot may take to evaluate a list after a change; a
// membership from before a younger change is not believed.
const settles = 10 * time.Minute

// Properties are what the list's filters look at.
func (in *List) Properties() []string {
	if in == nil || in.filter == nil {
		return nil
	}
	return in.filter.Properties()
}
