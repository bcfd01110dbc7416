package lifecycle

import (
	"context"
	"slices"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// polled are the objects whose news move lifecycle stages, and the field of each by which
// contact roles are found, blank for their own id. They are looked at whether or not deals sync.
var polled = []struct {
	object core.Object
	by     string
}{{core.Opportunity, roleDeal}, {core.ContactRole, ""}}

// Poll makes those people due of whose opportunities and roles there is news since the
// last poll. The first one begins at the moment at which it is asked for: what is older
// acts with the next look at a person (LIFE-3).
func Poll(ctx context.Context, e *room.Env, c *conn.Known) error {
	if !c.MovesStages() {
		return nil
	}
	for _, p := range polled {
		if err := pollObject(ctx, e, c, p.object, p.by); err != nil && !hidden(err) {
			return err
		}
	}
	return nil
}

// cursor is where the poll of an object stands, apart from that of its pair.
func cursor(o core.Object) string { return "lifecycle/" + string(o) }

func pollObject(ctx context.Context, e *room.Env, c *conn.Known, object core.Object, by string) error {
	began := e.Now().Add(c.Offsets[core.Salesforce])
	since, err := e.CursorAt(ctx, c.ID, core.Salesforce, cursor(object), began)
	if err != nil {
		return err
	}
	side := c.Sides[core.Salesforce]
	scan := connector.Scan{Object: object, Since: since.Add(-side.Caps().Overlap)}
	err = side.Scan(ctx, scan, func(p connector.Page) error {
		ids := make([]string, len(p.Records))
		for i := range p.Records {
			ids[i] = p.Records[i].Ref.ID
		}
		return take(ctx, e, c, by, ids)
	})
	if err != nil {
		return err
	}
	return e.Update(ctx, func(tx *store.Tx) error {
		return tx.CursorSet(c.ID, core.Salesforce, cursor(object), room.StampText(began))
	})
}

// take makes the linked contacts with roles on opportunities due for whom that is news.
func take(ctx context.Context, e *room.Env, c *conn.Known, by string, ids []string) error {
	sales, _, err := salesBy(ctx, c, by, ids)
	if err != nil || len(sales) == 0 {
		return err
	}
	return e.Update(ctx, func(tx *store.Tx) error {
		marks, err := Due(tx, c, sales, e.Now())
		if err != nil {
			return err
		}
		return tx.Mark(c.ID, marks)
	})
}

// Due are the linked contacts, by whose id the sales are, for whom these are news.
func Due(tx *store.Tx, c *conn.Known, sales map[string][]Sale, at time.Time) ([]core.Dirty, error) {
	var refs []core.Ref
	for _, id := range room.SortedKeys(sales) {
		refs = append(refs, core.Ref{Side: core.Salesforce, Object: core.Contact, ID: id})
	}
	links, err := tx.LinksOf(c.ID, refs)
	refs = slices.DeleteFunc(refs, func(r core.Ref) bool {
		l := links[r]
		return l == nil || l.State != core.LinkActive || !News(l.Base, r, sales[r.ID])
	})
	return room.DirtyOf(c.Pairs, refs, core.ReasonParent, 0, at), err
}
