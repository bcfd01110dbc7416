package store

import (
	"database/sql"
	"fmt"
	"time"
)

// Addition is what an admin has settled at the console that could stand in the settings
// file as well.
type Addition struct {
	Kind string // AddedConnection or AddedNotify
	Name string // of the connection, blank for the one of its kind
	At   time.Time
	By   string
	Body []byte
}

// Kinds of additions.
const (
	AddedConnection = "connection"
	AddedNotify     = "notify"
)

// AdditionPut stores an addition in place of the one of its kind and name.
func (t *Tx) AdditionPut(a Addition) error {
	_, err := t.exec(`INSERT INTO additions (kind, name, at, by_whom, body) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (kind, name) DO UPDATE SET at = excluded.at, by_whom = excluded.by_whom, body = excluded.body`, a.Kind, a.Name, ms(t.now), a.By, blob(a.Body))
	if err != nil {
		return fmt.Errorf("store what was added: %w", err)
	}
	return nil
}

// AdditionDrop takes an addition back; NotFound without it.
func (t *Tx) AdditionDrop(kind, name string) error {
	n, err := t.exec(`DELETE FROM additions WHERE kind = $1 AND name = $2`, kind, name)
	if err == nil && n == 0 {
		return errorf(NotFound, "no %s named %q was added at the console", kind, name)
	}
	if err != nil {
		return fmt.Errorf("take back what was added: %w", err)
	}
	return nil
}

// Additions lists all of them, the oldest first.
func (t *Tx) Additions() ([]Addition, error) {
	out, err := list(t, scanAddition, `SELECT kind, name, at, by_whom, body FROM additions ORDER BY at, kind, name`)
	if err != nil {
		return nil, fmt.Errorf("list what was added: %w", err)
	}
	return out, nil
}

func scanAddition(r *sql.Rows) (a Addition, err error) {
	var at int64
	err = r.Scan(&a.Kind, &a.Name, &at, &a.By, &a.Body)
	a.At = instant(at)
	return a, err
}
