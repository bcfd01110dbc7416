package store

import (
	"database/sql"
	"fmt"

	"tandem/internal/core"
)

// linkRowColumns are what a link's row holds beside its id.
const linkRowColumns = "conn int, pair int, state int, kind0 int, id0 text, kind1 int, id1 text, origin int, how int, keyed int, stamp0 int, stamp1 int, created int, base blob"

var linkInsert = newBulk(linkRowColumns, `INSERT INTO links
	(conn, pair, state, kind0, id0, kind1, id1, origin, how, keyed, stamp0, stamp1, created, base)
	SELECT r.conn, r.pair, r.state, r.kind0, r.id0, r.kind1, r.id1, r.origin, r.how, r.keyed, r.stamp0, r.stamp1, r.created, r.base
	FROM {rows} WHERE true ON CONFLICT DO NOTHING RETURNING id, id0, id1`)

// linkSave leaves out a link when another open one holds one of its refs.
var linkSave = newBulk(linkRowColumns+", id int", `UPDATE links SET
	pair = r.pair, state = r.state, kind0 = r.kind0, id0 = r.id0, kind1 = r.kind1, id1 = r.id1, origin = r.origin, how = r.how,
	keyed = r.keyed, stamp0 = r.stamp0, stamp1 = r.stamp1, created = r.created, base = r.base
	FROM {rows} WHERE links.id = r.id AND links.conn = r.conn
	AND (r.state = 3 OR NOT EXISTS (SELECT 1 FROM links o WHERE o.conn = r.conn AND o.kind0 = r.kind0 AND o.id0 = r.id0 AND o.state <> 3 AND o.id <> r.id)
		AND NOT EXISTS (SELECT 1 FROM links o WHERE o.conn = r.conn AND o.kind1 = r.kind1 AND o.id1 = r.id1 AND o.state <> 3 AND o.id <> r.id))`)

// LinkInsert stores new links and sets their ids; a zero Created becomes the
// transaction's time. When an active or parked link already holds one of the
// refs, nothing is inserted and the error is Conflict, with the id of that link
// in Error.Link; the transaction can go on.
func (t *Tx) LinkInsert(conn int64, links ...*core.Link) error {
	if err := t.own(conn); err != nil {
		return err
	}
	rows, err := t.linkRows(conn, links)
	if err != nil {
		return err
	}
	ids := map[[2]string]int64{}
	err = t.insertLinks(rows, ids)
	if err != nil {
		return fmt.Errorf("insert %d links: %w", len(links), err)
	}
	if len(ids) < len(links) {
		return t.takeBack(conn, links, ids)
	}
	for _, l := range links {
		l.ID = ids[linkKey(l)]
	}
	return nil
}

func (t *Tx) insertLinks(rows [][]any, ids map[[2]string]int64) error {
	if !t.writes {
		return ErrReadOnly
	}
	return t.eachRow(linkInsert, rows, func(r *sql.Rows) error {
		var id int64
		var key [2]string
		err := r.Scan(&id, &key[0], &key[1])
		ids[key] = id
		return err
	})
}

// linkKey tells the links of one call apart: record ids are unique on a side.
func linkKey(l *core.Link) [2]string {
	return [2]string{l.Refs[core.Salesforce].ID, l.Refs[core.HubSpot].ID}
}

// takeBack removes what a conflicting call has inserted, and names the conflict.
func (t *Tx) takeBack(conn int64, links []*core.Link, ids map[[2]string]int64) error {
	for _, l := range links {
		if id := ids[linkKey(l)]; id != 0 {
			if _, err := t.exec(`DELETE FROM links WHERE id = $1`, id); err != nil {
				return fmt.Errorf("take back link %d: %w", id, err)
			}
		}
	}
	for _, l := range links {
		if err := t.linkConflict(conn, l, 0); err != nil {
			return err
		}
	}
	return errorf(Conflict, "two of the links to insert hold the same record")
}

// linkConflict is the Conflict of a link with a stored open one other than
// itself, or nil.
func (t *Tx) linkConflict(conn int64, l *core.Link, itself int64) error {
	held, err := t.LinksOf(conn, l.Refs[:])
	if err != nil {
		return err
	}
	for side, ref := range l.Refs {
		o := held[ref]
		if o == nil || o.ID == itself || o.State == core.LinkClosed || o.Refs[side] != ref {
			continue
		}
		e := errorf(Conflict, "%s is already linked with %s (link %d)", ref, o.Refs[core.Side(side).Other()], o.ID)
		e.Link = o.ID
		return e
	}
	return nil
}

// LinkSave stores all of the links given, by id, refs and state included. When
// another active or parked link holds one of the refs, the error is Conflict as
// for LinkInsert, and NotFound when there is no such link; then some of the
// others may have been saved, and the caller rolls back or saves them again.
// Links that close are saved before the others, so that a ref may go from one to
// another in a single call.
func (t *Tx) LinkSave(conn int64, links ...*core.Link) error {
	if err := t.own(conn); err != nil {
		return err
	}
	rows, err := t.linkRows(conn, links)
	if err != nil {
		return err
	}
	// A statement over many rows does not see its own changes on PostgreSQL: what
	// closing links give up is free only in the next one.
	var closing, others [][]any
	for i, l := range links {
		row := append(rows[i], l.ID)
		if l.State == core.LinkClosed {
			closing = append(closing, row)
		} else {
			others = append(others, row)
		}
	}
	var saved int64
	for _, part := range [][][]any{closing, others} {
		n, err := t.execRows(linkSave, part)
		if err != nil {
			return fmt.Errorf("save %d links: %w", len(links), err)
		}
		saved += n
	}
	if int(saved) == len(links) {
		return nil
	}
	return t.whyNotSaved(conn, links)
}

func (t *Tx) whyNotSaved(conn int64, links []*core.Link) error {
	for _, l := range links {
		if _, err := t.Link(conn, l.ID); err != nil {
			return err
		}
		if l.State == core.LinkClosed {
			continue
		}
		if err := t.linkConflict(conn, l, l.ID); err != nil {
			return err
		}
	}
	return errorf(Conflict, "the same link was to be saved twice")
}

func (t *Tx) linkRows(conn int64, links []*core.Link) ([][]any, error) {
	rows := make([][]any, len(links))
	for i, l := range links {
		if l.Created.IsZero() {
			l.Created = t.now
		}
		row, err := t.linkRow(conn, l)
		if err != nil {
			return nil, fmt.Errorf("store link of %s: %w", l.Refs[core.Salesforce], err)
		}
		rows[i] = row
	}
	return rows, nil
}

func (t *Tx) linkRow(conn int64, l *core.Link) ([]any, error) {
	var numbers [5]int64
	for i, text := range []string{string(l.Pair), kindName(l.Refs[0]), kindName(l.Refs[1]), l.Origin, l.How} {
		id, err := t.nameID(text)
		if err != nil {
			return nil, err
		}
		numbers[i] = id
	}
	base, err := encodeBase(l.Base, t.nameID)
	if err != nil {
		return nil, err
	}
	pair, kind0, kind1, origin, how := numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]
	return []any{conn, pair, linkStates[l.State], kind0, l.Refs[0].ID, kind1, l.Refs[1].ID, origin, how,
		flag(l.Keyed[0]) | flag(l.Keyed[1])<<1, ms(l.Stamps[0]), ms(l.Stamps[1]), ms(l.Created), base}, nil
}

// AliasAdd makes LinksOf find the link by an id that no longer stands in it: a
// record that was merged away or converted. An alias names one link, the last.
func (t *Tx) AliasAdd(conn int64, old core.Ref, link int64) error {
	if err := t.own(conn); err != nil {
		return err
	}
	kind, err := t.kindID(old)
	if err == nil {
		_, err = t.exec(`INSERT INTO aliases (conn, kind, id, link) VALUES ($1, $2, $3, $4)
			ON CONFLICT (conn, kind, id) DO UPDATE SET link = excluded.link`, conn, kind, old.ID, link)
	}
	if err != nil {
		return fmt.Errorf("add alias %s: %w", old, err)
	}
	return nil
}
