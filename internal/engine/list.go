package engine

import (
	"context"
	"fmt"
	"maps"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
	"tandem/internal/store"
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
		return nil, &room.Error{Code: room.CodeUsage, Message: fmt.Sprintf("HubSpot has no list %q, which contacts.inclusion_list names (INC-4)", name),
			Mend: "name an active list by its id or its exact name, or take the key out; until then nothing syncs, since nobody knows who is in"}
	}
	if err != nil {
		return nil, fmt.Errorf("read inclusion list %q: %w", name, err)
	}
	if !l.Active {
		return nil, &room.Error{Code: room.CodeUsage, Message: fmt.Sprintf("list %q is not an active list (INC-4)", name), Mend: "choose an active list as contacts.inclusion_list"}
	}
	if l.Object != core.Contacts {
		return nil, &room.Error{Code: room.CodeUsage, Message: fmt.Sprintf("list %q is a list of %s, not of contacts", name, l.Object), Mend: "choose an active list of contacts as contacts.inclusion_list"}
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
	in := b.conn.list.Load()
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
	in := b.conn.list.Load()
	if in == nil || in.filter != nil {
		return nil
	}
	var ids []string
	for _, r := range b.folk.sorted() {
		if r.Side == core.HubSpot {
			ids = append(ids, r.ID)
		}
	}
	ids, err := e.storedMembers(ctx, b, in, ids)
	if err != nil || len(ids) == 0 {
		return err
	}
	told, err := b.conn.Sides[core.HubSpot].Members(ctx, in.list.ID, ids)
	maps.Copy(b.evaluated, told)
	return err
}

// storedMembers answers from the last look at the list for who had settled when it
// was made, or has joined since the record changed, and gives the rest.
func (e *Engine) storedMembers(ctx context.Context, b *batch, in *inclusion, ids []string) (ask []string, err error) {
	b.evaluated = map[string]time.Time{}
	var look listLook
	var members map[core.Ref]store.Member
	refs := make([]core.Ref, len(ids))
	for i, id := range ids {
		refs[i] = core.Ref{Side: core.HubSpot, Object: core.Contacts, ID: id}
	}
	err = e.View(ctx, func(tx *store.Tx) (err error) {
		if look, _, err = listLookOf(tx, b.conn); err != nil {
			return err
		}
		members, err = tx.MembersOf(b.conn.ID, refs)
		return err
	})
	if err != nil || look.List != in.list.ID || look.Filters != in.digest() {
		return ids, err
	}
	now, fresh := b.at.Add(b.conn.Offsets[core.HubSpot]), 2*b.conn.listEvery()
	settled := time.Time{} // before it, the stored members are the answer
	if !look.Open && !look.Doubt && b.at.Sub(look.At) < fresh {
		settled = look.At.Add(b.conn.Offsets[core.HubSpot] - listSettles)
	}
	for _, r := range refs {
		m, stored := members[r]
		stamp := b.folk.recs[r].Stamp
		joined := stored && !m.Joined.Before(stamp) && now.Sub(m.Joined) < fresh
		switch {
		case joined, stored && stamp.Before(settled):
			b.evaluated[r.ID] = m.Joined
		case !stamp.Before(settled):
			ask = append(ask, r.ID)
		}
	}
	return ask, nil
}

// properties are what the list's filters look at.
func (in *inclusion) properties() []string {
	if in == nil || in.filter == nil {
		return nil
	}
	return in.filter.Properties()
}
