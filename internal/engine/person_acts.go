package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/capture"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/gate"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// Resync looks at records again on a person's word: for an unlinked company that
// means "create or link" (ACC-10). The ids may be of any object of the pair, on
// either side. CodeNotFound names those that no side shows and no link knows; then
// none is looked at. While the connection may not work it is refused, and nothing of
// it is kept.
func (e *Engine) Resync(ctx context.Context, c *Conn, p core.Pair, ids []string) error {
	if err := e.MayWork(ctx, c); err != nil {
		return err
	}
	var refs []core.Ref
	for _, id := range ids {
		refs = append(refs, refsFor(c.Pairs, p, id)...)
	}
	known, err := e.existing(ctx, c, p, refs)
	if err != nil {
		return err
	}
	if missing := slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		return slices.ContainsFunc(refsFor(c.Pairs, p, id), func(r core.Ref) bool { return slices.Contains(known, r) })
	}); len(missing) > 0 {
		return notFound(c.Pairs, p, missing)
	}
	for _, id := range ids {
		if _, err := e.meant(ctx, c, p, id); err != nil {
			return err
		}
	}
	defer c.poke()
	return e.Update(ctx, func(tx *store.Tx) error {
		if err := gate.MayWork(tx, &c.Known); err != nil {
			return err
		}
		return tx.Mark(c.ID, room.DirtyOf(c.Pairs, known, core.ReasonPerson, 0, e.Now()))
	})
}

// existing are those of the refs that a side shows, were it in its recycle bin, or
// that a link knows. Where the sides cannot be reached, all may exist.
func (e *Engine) existing(ctx context.Context, c *Conn, p core.Pair, refs []core.Ref) ([]core.Ref, error) {
	if c.Sides[0] == nil || c.Sides[1] == nil {
		return refs, nil
	}
	var links map[core.Ref]*core.Link
	err := e.View(ctx, func(tx *store.Tx) (err error) { links, err = tx.LinksOf(c.ID, refs); return err })
	if err != nil {
		return nil, err
	}
	got, err := e.fetch(ctx, &batch{conn: c, pair: p}, refs)
	return slices.DeleteFunc(slices.Clone(refs), func(r core.Ref) bool {
		return links[r] == nil && (got[r] == nil || got[r].Presence == core.Absent)
	}), err
}

func notFound(pairs core.PairSet, p core.Pair, ids []string) error {
	more := ""
	if n := len(ids) - 10; n > 0 {
		ids, more = ids[:10], fmt.Sprintf(" and %d more", n)
	}
	objects := pairs.Objects(p)
	return &room.Error{Code: room.CodeNotFound, Message: fmt.Sprintf("not found: %s%s; no %s of these ids is visible to the integration", strings.Join(ids, ", "), more, anyOf(objects[0], objects[1])),
		Mend: "check the ids and the object's name, and the rights of the integration user"}
}

func anyOf(objects ...[]core.Object) string {
	var names []string
	for _, o := range slices.Concat(objects...) {
		names = append(names, string(o))
	}
	return strings.Join(names, " or ")
}

// Retry makes the records of open issues due now. It counts as a change of what
// refused them, so that no limit on automatic retries holds them back. It is refused
// like Resync.
func (e *Engine) Retry(ctx context.Context, c *Conn, f store.IssueFilter) (n int, err error) {
	defer c.poke()
	err = e.Update(ctx, func(tx *store.Tx) error {
		if err := gate.MayWork(tx, &c.Known); err != nil {
			return err
		}
		f.Limit = 1000
		if err := retryTasks(tx, c); err != nil {
			return err
		}
		for {
			issues, err := tx.Issues(c.ID, f)
			if err != nil || len(issues) == 0 {
				return err
			}
			var refs []core.Ref
			for _, i := range issues {
				refs = append(refs, i.Ref)
				f.After = i.ID
			}
			n += len(refs)
			if err := tx.Mark(c.ID, room.DirtyOf(c.Pairs, refs, core.ReasonRetry|core.ReasonSchema, 0, e.Now())); err != nil {
				return err
			}
		}
	})
	return n, err
}

// linkOf is the link that a person wants between two records. Both must be there, and
// a converted lead is nobody's partner.
func (e *Engine) linkOf(ctx context.Context, c *Conn, p core.Pair, salesforce, hubspot string) (*core.Link, error) {
	l := &core.Link{Pair: p, State: core.LinkActive, How: conn.ByPerson, Created: e.Now()}
	l.Refs[core.Salesforce] = core.Ref{Side: core.Salesforce, Object: objectOf(c.Pairs, p, salesforce), ID: core.ID18(salesforce)}
	l.Refs[core.HubSpot] = hubspotNamed(c.Pairs, p, hubspot)
	got, err := e.fetch(ctx, &batch{conn: c, pair: p}, l.Refs[:])
	if err != nil {
		return nil, err
	}
	for _, r := range l.Refs {
		if got[r] == nil || got[r].Presence != core.Live {
			return nil, &room.Error{Code: room.CodeNotFound, Message: c.Pairs.Label(r) + " does not exist or is hidden from the integration"}
		}
	}
	if to := conn.ConvertedTo(got[l.Refs[core.Salesforce]]); to != "" {
		return nil, &room.Error{Code: room.CodeUsage, Message: l.Refs[core.Salesforce].Label() + " was converted and can never be written again (CON-5)", Mend: "link the contact " + to + ", which goes on for it"}
	}
	return l, e.refuseAbsorber(ctx, c, got)
}

// refuseAbsorber refuses a record that others were merged into whose links nobody has moved
// yet: one of them is about to be its own. A parked one waits for just such a word.
func (e *Engine) refuseAbsorber(ctx context.Context, c *Conn, got map[core.Ref]*core.Record) error {
	var lost []core.Ref
	for _, r := range sortedRefs(got) {
		lost = append(lost, aliasesOf(got[r])...)
	}
	return e.View(ctx, func(tx *store.Tx) error {
		links, err := tx.LinksOf(c.ID, lost)
		for _, r := range lost {
			if l := links[r]; l != nil && l.State == core.LinkActive && l.Refs[r.Side] == r {
				return &room.Error{Code: room.CodeUsage, Message: r.Label() + " was merged into the record, and is linked with " + l.Partner(r.Side).Label() + " (LIM-7)",
					Mend: "let the link follow the merge (tandem sync --once), or end it with tandem links unlink"}
			}
		}
		return err
	})
}

// Link joins two records on a person's word. Both must be free, or wait since a merge: what
// they waited in ends.
func (e *Engine) Link(ctx context.Context, c *Conn, p core.Pair, salesforce, hubspot string) error {
	l, err := e.linkOf(ctx, c, p, salesforce, hubspot)
	if err != nil {
		return err
	}
	rivals, err := e.rivalsBy(ctx, c, l)
	if err != nil {
		return err
	}
	defer c.poke()
	return e.Update(ctx, func(tx *store.Tx) error {
		links, err := tx.LinksOf(c.ID, l.Refs[:])
		if err != nil {
			return err
		}
		if err := linkedAlready(links, l); err != nil {
			return err
		}
		waited, err := e.endWaiting(tx, c, links)
		if err != nil {
			return err
		}
		rivals = append(rivals, waited...)
		if err := tx.LinkInsert(c.ID, l); err != nil {
			return err
		}
		if err := tx.ApartDrop(c.ID, l.Refs); err != nil {
			return err
		}
		if err := e.markReleased(tx, c, links); err != nil { // their keys may be in the way
			return err
		}
		if err := e.audit(tx, "link", linkView(l)); err != nil {
			return err
		}
		if err := e.markRivals(tx, c, l.Refs[:]); err != nil {
			return err
		}
		return tx.Mark(c.ID, append(rivals, room.DirtyOf(c.Pairs, l.Refs[:], core.ReasonPerson, 0, e.Now())...))
	})
}

// endWaiting closes the parked links of records that a person links, and gives the dirty
// entries of those who waited in them.
func (e *Engine) endWaiting(tx *store.Tx, c *Conn, links map[core.Ref]*core.Link) ([]core.Dirty, error) {
	var due []core.Dirty
	for _, r := range slices.SortedFunc(maps.Keys(links), core.Ref.Compare) {
		l := links[r]
		if l.State != core.LinkParked {
			continue
		}
		l.State = core.LinkClosed
		if err := tx.LinkSave(c.ID, l); err != nil {
			return nil, err
		}
		due = append(due, room.DirtyOf(c.Pairs, l.Refs[:], core.ReasonDelete, 0, e.Now())...)
	}
	return due, nil
}

// openOf are the records that have an open link, of those that were asked for.
func openOf(links map[core.Ref]*core.Link) (out []core.Ref) {
	for r, l := range links {
		if l.State != core.LinkClosed {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, core.Ref.Compare)
	return out
}

// Unlink closes the open link of a record; both records stay, and nothing but a
// person links them again.
func (e *Engine) Unlink(ctx context.Context, c *Conn, p core.Pair, id string) error {
	defer c.poke()
	return e.Update(ctx, func(tx *store.Tx) error {
		links, err := tx.LinksOf(c.ID, refsFor(c.Pairs, p, id))
		if err != nil {
			return err
		}
		if err := c.several(id, openOf(links)); p == core.ActivityPair && err != nil {
			return err
		}
		for _, l := range links {
			if l.State == core.LinkClosed {
				continue
			}
			l.State, l.How = core.LinkClosed, l.How+" "+conn.HowUnlinked
			if err := tx.LinkSave(c.ID, l); err != nil {
				return err
			}
			for _, r := range l.Refs { // what a person asked for before would link them again
				if err := tx.Withdraw(c.ID, r, core.ReasonPerson); err != nil {
					return err
				}
			}
			if err := e.markReleased(tx, c, map[core.Ref]*core.Link{l.Refs[0]: l}); err != nil {
				return err
			}
			return e.audit(tx, "unlink", linkView(l))
		}
		return &room.Error{Code: room.CodeNotFound, Message: fmt.Sprintf("%s %s has no open link", p, id)}
	})
}

// Pause stops all syncing in both directions without disconnecting (INST-10). When
// it returns no write is under way and none leaves before a Resume.
func (e *Engine) Pause(ctx context.Context, c *Conn) error {
	if err := e.row(ctx, c, "pause", func(r *store.Connection) { r.Paused = true }); err != nil {
		return err
	}
	return c.gate.Stop(ctx, &e.Env)
}

// Resume ends a pause and a suspension; brakes named are cleared. Behind the brake
// of a restored store all links are compared afresh.
func (e *Engine) Resume(ctx context.Context, c *Conn, brakes ...string) error {
	if slices.Contains(brakes, string(core.BrakeStore)) {
		if err := e.meetAfresh(ctx, c); err != nil {
			return err
		}
	}
	err := e.Update(ctx, func(tx *store.Tx) error {
		for _, kind := range brakes {
			if err := tx.BrakeClear(c.ID, kind, e.By); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	defer c.poke()
	reconnects := false
	err = e.row(ctx, c, "resume", func(r *store.Connection) {
		if reconnects = !r.Disconnected.IsZero(); reconnects {
			r.Switched = map[core.Pair]time.Time{reconnected: e.Now()}
		}
		r.Paused, r.Suspended, r.Disconnected = false, "", time.Time{}
	})
	if err != nil {
		return err
	}
	if reconnects && c.Sides[core.Salesforce] != nil { // otherwise it switches its objects on when it opens
		if err := e.switches(ctx, c); err != nil {
			return err
		}
	}
	return c.gate.Heed(ctx, &e.Env)
}

// Disconnect ends the connection until it is resumed: its work stops, and what its
// feeds and polls had reached is forgotten. Records, links, fields and settings
// stay (INST-11, LIM-32), so that connecting again resumes the links; it is a
// switch anew for what has no link (ACC-4). When it returns no write is under way.
func (e *Engine) Disconnect(ctx context.Context, c *Conn) error {
	err := e.Update(ctx, func(tx *store.Tx) error {
		row, err := gate.Row(tx, &c.Known)
		if err != nil {
			return err
		}
		row.Disconnected, row.Switched = e.Now(), nil
		if err := tx.ConnectionSave(row); err != nil {
			return err
		}
		for _, side := range core.Sides {
			if err := tx.CursorClear(c.ID, side, capture.FeedCursor); err != nil {
				return err
			}
		}
		for _, p := range c.Pairs.Names() {
			if err := decideFirstImport(tx, c.ID, p); err != nil {
				return err
			}
		}
		return e.audit(tx, "disconnect", c.Settings.Name)
	})
	if err != nil {
		return err
	}
	return c.gate.Stop(ctx, &e.Env)
}

func (e *Engine) row(ctx context.Context, c *Conn, action string, change func(*store.Connection)) error {
	return e.Update(ctx, func(tx *store.Tx) error {
		row, err := gate.Row(tx, &c.Known)
		if err != nil {
			return err
		}
		change(&row)
		if err := tx.ConnectionSave(row); err != nil {
			return err
		}
		return e.audit(tx, action, c.Settings.Name)
	})
}

func (e *Engine) audit(tx *store.Tx, action string, details any) error {
	return tx.AuditAppend(e.By, action, room.MustJSON(details))
}
