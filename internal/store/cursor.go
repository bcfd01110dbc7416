package store

import (
	"database/sql"
	"fmt"
	"time"

	"tandem/internal/core"
)

// Cursor is how far something has been read on a side: a replay id, a stamp, the
// place in a scan. It moves only in the transaction that stores what it covers.
type Cursor struct {
	Side  core.Side
	Name  string
	Value string
	At    time.Time // when it was set last
}

// Cursor gives a cursor; ok is false when it was never set, or cleared.
func (t *Tx) Cursor(conn int64, side core.Side, name string) (c Cursor, ok bool, err error) {
	if err := t.own(conn); err != nil {
		return c, false, err
	}
	c, ok, err = only(t, scanCursor, `SELECT side, name, value, at FROM cursors WHERE conn = $1 AND side = $2 AND name = $3`,
		conn, int64(side), name)
	if err != nil {
		return c, false, fmt.Errorf("read cursor %s of %s: %w", name, side, err)
	}
	return c, ok, nil
}

// CursorSet moves a cursor.
func (t *Tx) CursorSet(conn int64, side core.Side, name, value string) error {
	if err := t.own(conn); err != nil {
		return err
	}
	_, err := t.exec(`INSERT INTO cursors (conn, side, name, value, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (conn, side, name) DO UPDATE SET value = excluded.value, at = excluded.at`,
		conn, int64(side), name, value, ms(t.now))
	if err != nil {
		return fmt.Errorf("set cursor %s of %s: %w", name, side, err)
	}
	return nil
}

// CursorClear forgets a cursor, so that what it covered is read anew.
func (t *Tx) CursorClear(conn int64, side core.Side, name string) error {
	if err := t.own(conn); err != nil {
		return err
	}
	if _, err := t.exec(`DELETE FROM cursors WHERE conn = $1 AND side = $2 AND name = $3`, conn, int64(side), name); err != nil {
		return fmt.Errorf("clear cursor %s of %s: %w", name, side, err)
	}
	return nil
}

// Cursors lists the connection's cursors by side and name.
func (t *Tx) Cursors(conn int64) ([]Cursor, error) {
	out, err := list(t, scanCursor, `SELECT side, name, value, at FROM cursors WHERE conn = $1 ORDER BY side, name`, conn)
	if err != nil {
		return nil, fmt.Errorf("list cursors: %w", err)
	}
	return out, nil
}

func scanCursor(r *sql.Rows) (Cursor, error) {
	var c Cursor
	var at int64
	err := r.Scan(&c.Side, &c.Name, &c.Value, &at)
	c.At = instant(at)
	return c, err
}
