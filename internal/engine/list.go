package engine

import (
	"context"
	"fmt"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/policy"
)

// inclusion is the inclusion list of the connection: only its members' companies
// make accounts by themselves (ACC-7c, ACC-8c). Where all its filters are
// property filters, it is evaluated here on the new values (INC-6).
type inclusion struct {
	list   connector.List
	filter *policy.ListFilter
	// unreadable says why the list cannot be evaluated here.
	unreadable string
}

// openList reads the definition of the inclusion list, if one is set.
func (e *Engine) openList(ctx context.Context, c *Conn) (*inclusion, error) {
	name := c.Settings.Contacts.InclusionList
	if name == "" {
		return nil, nil
	}
	l, err := c.Sides[core.HubSpot].List(ctx, name)
	if connector.ClassOf(err) == core.ClassGone {
		return nil, &Error{Code: CodeUsage, Message: fmt.Sprintf("HubSpot has no list %q, which contacts.inclusion_list names (INC-4)", name),
			Mend: "name an active list by its id or its exact name, or take the key out; until then nothing syncs, since nobody knows who is in"}
	}
	if err != nil {
		return nil, fmt.Errorf("read inclusion list %q: %w", name, err)
	}
	if !l.Active {
		return nil, &Error{Code: CodeUsage, Message: fmt.Sprintf("list %q is not an active list (INC-4)", name), Mend: "choose an active list as contacts.inclusion_list"}
	}
	in := &inclusion{list: l}
	if in.filter, err = policy.ParseListFilter(l.Filters); err != nil {
		in.unreadable = err.Error()
	}
	return in, nil
}

// qualifies says whether a contact is in the list: yes for all without a list.
// Where the list cannot be evaluated here, HubSpot's own answer counts if it is
// newer than the record's stamp; otherwise nobody knows yet.
func (b *batch) qualifies(rec *core.Record) policy.Membership {
	in := b.conn.list
	switch {
	case in == nil:
		return policy.Member
	case in.filter != nil:
		return in.filter.Eval(rec.Get)
	case b.at.Add(b.conn.Offsets[core.HubSpot]).Sub(rec.Stamp) < listSettles && b.evaluated[rec.Ref.ID].Before(rec.Stamp):
		return policy.UnknownMembership
	case b.evaluated[rec.Ref.ID].IsZero():
		return policy.NotMember
	}
	return policy.Member
}

// note says who evaluates the list; blank without a list.
func (in *inclusion) note() string {
	switch {
	case in == nil:
		return ""
	case in.filter != nil:
		return "list " + in.list.Name + " is evaluated here, on the new values"
	}
	return "list " + in.list.Name + " is evaluated by HubSpot, whose answer must be newer than the record: " + in.unreadable
}

// listSettles is how long HubSpot may take to evaluate a list after a change; a
// membership from before a younger change is not believed.
const listSettles = 10 * time.Minute

// readMembers asks HubSpot who is in the list, where that is not known here.
func (e *Engine) readMembers(ctx context.Context, b *batch) error {
	in := b.conn.list
	if in == nil || in.filter != nil {
		return nil
	}
	var ids []string
	for _, r := range b.folk.sorted() {
		if r.Side == core.HubSpot {
			ids = append(ids, r.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var err error
	b.evaluated, err = b.conn.Sides[core.HubSpot].Members(ctx, in.list.ID, ids)
	return err
}

// properties are what the list's filters look at.
func (in *inclusion) properties() []string {
	if in == nil || in.filter == nil {
		return nil
	}
	return in.filter.Properties()
}
