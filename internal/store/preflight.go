package store

import (
	"database/sql"
	"fmt"
	"time"
)

// Preflight is what a look at the two sides of a connection found.
type Preflight struct {
	At   time.Time
	Body []byte
}

// PreflightSet keeps what a look at a connection found, in place of the one before.
func (t *Tx) PreflightSet(conn int64, body []byte) error {
	if err := t.own(conn); err != nil {
		return err
	}
	_, err := t.exec(`INSERT INTO preflights (conn, at, body) VALUES ($1, $2, $3)
		ON CONFLICT (conn) DO UPDATE SET at = excluded.at, body = excluded.body`, conn, ms(t.now), blob(body))
	if err != nil {
		return fmt.Errorf("keep preflight: %w", err)
	}
	return nil
}

// Preflight gives what the last look at a connection found; ok is false before the first.
func (t *Tx) Preflight(conn int64) (p Preflight, ok bool, err error) {
	p, ok, err = only(t, scanPreflight, `SELECT at, body FROM preflights WHERE conn = $1`, conn)
	if err != nil {
		return p, false, fmt.Errorf("read preflight: %w", err)
	}
	return p, ok, nil
}

func scanPreflight(r *sql.Rows) (p Preflight, err error) {
	var at int64
	err = r.Scan(&at, &p.Body)
	p.At = instant(at)
	return p, err
}
