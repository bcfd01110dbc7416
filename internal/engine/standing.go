package engine

import (
	"context"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/store"
)

// neverFields tell, beside links and tombstones, of records that no setting lets pass.
func neverFields(o core.Object) []string {
	pair, _ := core.StandardPairs.Of(sideOf(o), o)
	switch {
	case pair != core.ContactPair:
		return nil
	case o == core.Lead:
		return []string{conn.AddressField[core.Salesforce], "IsConverted", "ConvertedContactId"}
	}
	return []string{conn.AddressField[sideOf(o)]}
}

// sideOf is the side of an object of people; no object of one side is called as the other's.
func sideOf(o core.Object) core.Side {
	if o == core.Contacts {
		return core.HubSpot
	}
	return core.Salesforce
}

// standingOf are the states of the links that records have, and who of them was erased on
// request. A connection that was never opened has none.
func (e *Engine) standingOf(ctx context.Context, c *Conn, recs []core.Record) (links map[core.Ref]core.LinkState, erased map[core.Ref]bool, err error) {
	links, erased = map[core.Ref]core.LinkState{}, map[core.Ref]bool{}
	refs, graves := make([]core.Ref, len(recs)), make([]store.Grave, 0, 2*len(recs))
	for i := range recs {
		refs[i] = recs[i].Ref
		graves = append(graves, gravesOf(&recs[i])...)
	}
	err = e.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Connection(c.Settings.Name)
		if store.CodeOf(err) == store.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		have, err := tx.LinksOf(row.ID, refs)
		if err != nil {
			return err
		}
		for r, l := range have {
			if l.Refs[r.Side] == r {
				links[r] = l.State
			}
		}
		closed, err := tx.Tombstones(row.ID, graves...)
		for i := range recs {
			for _, g := range gravesOf(&recs[i]) {
				if at, is := closed[g]; is && !at.IsZero() {
					erased[refs[i]] = true
				}
			}
		}
		return err
	})
	return links, erased, err
}

// gravesOf are what a tombstone of a record may stand for.
func gravesOf(rec *core.Record) []store.Grave {
	out := []store.Grave{store.RecordGrave(rec.Ref)}
	if email := conn.EmailOf(rec); email != "" {
		out = append(out, store.AddressGrave(email))
	}
	return out
}
