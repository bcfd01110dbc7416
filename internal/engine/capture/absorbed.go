package capture

import (
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/store"
)

// loadAbsorbed notes which records of a page absorbed another one whose link is still open:
// a merge need not change a value of the survivor, and nothing else tells of it.
func (w *World) loadAbsorbed(tx *store.Tx, c *conn.Known, recs []core.Record) error {
	var lost []core.Ref
	into := map[core.Ref]core.Ref{}
	for _, r := range recs {
		for _, id := range r.Aliases {
			if id != r.Ref.ID {
				old := core.Ref{Side: r.Ref.Side, Object: r.Ref.Object, ID: id}
				lost, into[old] = append(lost, old), r.Ref
			}
		}
	}
	if len(lost) == 0 {
		return nil
	}
	links, err := tx.LinksOf(c.ID, lost)
	w.absorbing = map[core.Ref]bool{}
	for old, l := range links {
		if survivor, asked := into[old]; asked && l.State != core.LinkClosed && l.Refs[old.Side] == old {
			w.absorbing[survivor] = true
		}
	}
	return err
}
