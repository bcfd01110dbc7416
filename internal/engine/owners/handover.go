package owners

import (
	"cmp"
	"context"
	"slices"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/mapping"
	"tandem/internal/store"
)

// Handover lists who owns linked records and exists in Salesforce only: their
// records have no owner of their own in HubSpot once the connection has ended
// (INST-12).
type Handover struct {
	Owners []Sole `json:"owners"`
}

// Sole is a user or queue of Salesforce without a partner in HubSpot.
type Sole struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Email  string `json:"email,omitempty"`
	Active bool   `json:"active"`
	Queue  bool   `json:"queue,omitempty"`
	// Owned are the linked HubSpot records by object pair.
	Owned map[core.Pair]Owned `json:"owned"`
}

// Owned are the HubSpot records of one owner: how many, and the ids of the first.
type Owned struct {
	Count int      `json:"count"`
	IDs   []string `json:"ids"`
}

// ownedShown is how many ids a handover keeps for each owner and object.
const ownedShown = 50

// ReadHandover reads the owners of all linked records of some object pairs of a
// connection. It writes nothing.
func ReadHandover(ctx context.Context, e *room.Env, conn int64, pairs core.PairSet, o config.Owners, sides [2]connector.Connector) (Handover, error) {
	read, _, err := Read(ctx, sides, o)
	if err != nil {
		return Handover{}, err
	}
	h := &handover{conn: conn, known: read, found: map[string]*Sole{}}
	for _, p := range pairs.Names() {
		for _, object := range pairs.Objects(p)[core.Salesforce] {
			scan := connector.Scan{Object: object, Fields: []string{Field}}
			err := sides[core.Salesforce].Scan(ctx, scan, func(page connector.Page) error {
				return e.View(ctx, func(tx *store.Tx) error { return h.page(tx, p, page.Records) })
			})
			if err != nil {
				return Handover{}, err
			}
		}
	}
	return h.sorted(), nil
}

type handover struct {
	conn  int64
	known *mapping.Owners
	found map[string]*Sole
}

func (h *handover) page(tx *store.Tx, p core.Pair, recs []core.Record) error {
	refs := make([]core.Ref, len(recs))
	for i := range recs {
		refs[i] = recs[i].Ref
	}
	links, err := tx.LinksOf(h.conn, refs)
	if err != nil {
		return err
	}
	for i := range recs {
		l := links[recs[i].Ref]
		id, _ := recs[i].Get(Field)
		if l == nil || l.State != core.LinkActive || l.Refs[core.Salesforce] != recs[i].Ref || !h.sole(id) {
			continue
		}
		h.note(p, id, l)
	}
	return nil
}

// sole reports an owner whom no active owner of HubSpot stands for.
func (h *handover) sole(user string) bool {
	owner, ok := h.known.HubSpot(user)
	if !ok {
		return user != ""
	}
	p := h.known.Person(core.HubSpot, owner)
	return p == nil || !p.Active
}

func (h *handover) note(p core.Pair, user string, l *core.Link) {
	o := h.found[user]
	if o == nil {
		o = &Sole{ID: user, Owned: map[core.Pair]Owned{}}
		if who := h.known.Person(core.Salesforce, user); who != nil {
			o.Name, o.Email, o.Active, o.Queue = who.Name, who.Email, who.Active, who.Queue
		}
		h.found[user] = o
	}
	owned := o.Owned[p]
	if owned.Count++; owned.Count <= ownedShown {
		owned.IDs = append(owned.IDs, l.Refs[core.HubSpot].ID)
	}
	o.Owned[p] = owned
}

func (h *handover) sorted() Handover {
	out := Handover{Owners: []Sole{}}
	for _, o := range h.found {
		out.Owners = append(out.Owners, *o)
	}
	slices.SortFunc(out.Owners, func(a, b Sole) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return out
}
