package capture

import (
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// eraseRecord parks the link of a record that was erased on request, so that
// nothing is made or matched for its partner, and asks for a look at all that was
// ever linked with it. A link that a person ended stays ended, and a partner that
// has found another one keeps it.
func eraseRecord(e *room.Env, tx *store.Tx, c *conn.Known, ref core.Ref, at time.Time) error {
	links, err := tx.LinksOf(c.ID, []core.Ref{ref})
	if err != nil {
		return err
	}
	if err := buryAgreed(tx, c, links[ref], at); err != nil {
		return err
	}
	refs, err := tx.Erase(c.ID, ref, at)
	if err != nil {
		return err
	}
	if l := links[ref]; l != nil && !conn.Unlinked(l) {
		l.State, l.Base = core.LinkParked, nil
		if err := tx.LinkSave(c.ID, l); err != nil && store.CodeOf(err) != store.Conflict {
			return err
		}
	}
	return tx.Mark(c.ID, room.DirtyOf(c.Pairs, refs, core.ReasonDelete, 0, e.Now()))
}

// buryAgreed closes the graves of the addresses that a pair last agreed on, before they are
// erased: it is one of them that was erased, whatever the partner shows by now.
func buryAgreed(tx *store.Tx, c *conn.Known, l *core.Link, at time.Time) error {
	if l == nil || l.Pair != core.ContactPair || c.MappingOf(l) == nil {
		return nil
	}
	for _, f := range c.MappingOf(l).Synced() {
		if f.Names[core.HubSpot] != conn.AddressField[core.HubSpot] {
			continue
		}
		agreed, _, _ := l.Base.Of(f.Key)
		for _, address := range agreed {
			if address == "" {
				continue
			}
			if err := tx.TombstonePut(c.ID, at, store.AddressGrave(address)); err != nil {
				return err
			}
			if err := tx.ConsentErase(c.ID, core.FoldAddress(address)); err != nil {
				return err
			}
		}
	}
	return nil
}

// captureMerged notes which records went into which: what is erased later goes by the id
// of the survivor alone, were it one that nobody has looked at.
func captureMerged(tx *store.Tx, c *conn.Known, events []connector.Event) error {
	for _, ev := range events {
		if ev.Kind != connector.EventMerge || ev.Ref.ID == "" || ev.Into.ID == "" || ev.Into.ID == ev.Ref.ID {
			continue
		}
		if err := tx.MergedPut(c.ID, ev.Ref, ev.Into.ID); err != nil {
			return err
		}
	}
	return nil
}
