package store

import (
	"database/sql"
	"fmt"
	"time"

	"tandem/internal/core"
)

// Member is a member of an inclusion list as it was last listed.
type Member struct {
	Ref    core.Ref
	Joined time.Time // by the side's clock
	Pass   int64     // the listing that met it last
}

const memberColumns = `s.kind, s.id, s.joined, s.pass`

var membersOf = newBulk("conn int, kind int, id text", `SELECT `+memberColumns+` FROM {rows}
	JOIN members s ON s.conn = r.conn AND s.kind = r.kind AND s.id = r.id`)

// MembersOf gives those of the refs that were members when last listed.
func (t *Tx) MembersOf(conn int64, refs []core.Ref) (map[core.Ref]Member, error) {
	if err := t.own(conn); err != nil {
		return nil, err
	}
	rows, err := t.refRows(conn, refs)
	if err != nil {
		return nil, fmt.Errorf("look up members: %w", err)
	}
	out := make(map[core.Ref]Member, len(refs))
	err = t.eachRow(membersOf, rows, func(r *sql.Rows) error {
		m, err := t.scanMember(r)
		out[m.Ref] = m
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up members: %w", err)
	}
	return out, nil
}

func (t *Tx) scanMember(r *sql.Rows) (Member, error) {
	var m Member
	var kind, joined int64
	if err := r.Scan(&kind, &m.Ref.ID, &joined, &m.Pass); err != nil {
		return m, err
	}
	m.Joined = instant(joined)
	var err error
	m.Ref, err = t.ref(kind, m.Ref.ID)
	return m, err
}

var membersPut = newBulk("conn int, kind int, id text, joined int, pass int",
	`INSERT INTO members (conn, kind, id, joined, pass)
	SELECT r.conn, r.kind, r.id, r.joined, r.pass FROM {rows} WHERE true
	ON CONFLICT (conn, kind, id) DO UPDATE SET joined = excluded.joined, pass = excluded.pass`)

// MembersPut stores members, in place of what was known of them. Of several for
// one ref the last counts.
func (t *Tx) MembersPut(conn int64, members []Member) error {
	if err := t.own(conn); err != nil {
		return err
	}
	var rows [][]any
	for _, m := range lastOf(members, func(m Member) core.Ref { return m.Ref }) {
		kind, err := t.kindID(m.Ref)
		if err != nil {
			return fmt.Errorf("store member %s: %w", m.Ref, err)
		}
		rows = append(rows, []any{conn, kind, m.Ref.ID, ms(m.Joined), m.Pass})
	}
	if _, err := t.execRows(membersPut, rows); err != nil {
		return fmt.Errorf("store %d members: %w", len(rows), err)
	}
	return nil
}

var membersDrop = newBulk("conn int, kind int, id text",
	`DELETE FROM members WHERE (conn, kind, id) IN (SELECT r.conn, r.kind, r.id FROM {rows})`)

// MembersDrop forgets members that left.
func (t *Tx) MembersDrop(conn int64, refs []core.Ref) error {
	if err := t.own(conn); err != nil {
		return err
	}
	rows, err := t.refRows(conn, refs)
	if err == nil {
		_, err = t.execRows(membersDrop, rows)
	}
	if err != nil {
		return fmt.Errorf("forget %d members: %w", len(refs), err)
	}
	return nil
}

// MembersClear forgets all members of an object: no list of it counts any more.
func (t *Tx) MembersClear(conn int64, side core.Side, object core.Object) error {
	if err := t.own(conn); err != nil {
		return err
	}
	kind, err := t.kindID(core.Ref{Side: side, Object: object})
	if err == nil {
		_, err = t.exec(`DELETE FROM members WHERE conn = $1 AND kind = $2`, conn, kind)
	}
	if err != nil {
		return fmt.Errorf("forget all %s of the list: %w", object, err)
	}
	return nil
}

// MembersBefore lists up to limit members of an object that no listing since the
// pass given has met, by id behind afterID: once that pass is over, who left.
func (t *Tx) MembersBefore(conn int64, side core.Side, object core.Object, pass int64, afterID string, limit int) ([]Member, error) {
	kind, err := t.kindID(core.Ref{Side: side, Object: object})
	if err != nil {
		return nil, fmt.Errorf("list %s %s that left: %w", side, object, err)
	}
	out, err := list(t, t.scanMember, `SELECT `+memberColumns+` FROM members s
		WHERE s.conn = $1 AND s.kind = $2 AND s.id > $3 AND s.pass < $4 ORDER BY s.id LIMIT CAST($5 AS BIGINT)`, conn, kind, afterID, pass, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("list %s %s that left: %w", side, object, err)
	}
	return out, nil
}
