package store

import (
	"database/sql"
	"fmt"
)

// SecretSet stores a secret that the caller has encrypted already. No value, nil
// or empty, removes it.
func (t *Tx) SecretSet(conn int64, name string, value []byte) error {
	if err := t.own(conn); err != nil {
		return err
	}
	var err error
	if len(value) == 0 {
		_, err = t.exec(`DELETE FROM secrets WHERE conn = $1 AND name = $2`, conn, name)
	} else {
		_, err = t.exec(`INSERT INTO secrets (conn, name, value, at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (conn, name) DO UPDATE SET value = excluded.value, at = excluded.at`, conn, name, value, ms(t.now))
	}
	if err != nil {
		return fmt.Errorf("store secret %s: %w", name, err)
	}
	return nil
}

// Secret gives an encrypted secret; ok is false without it.
func (t *Tx) Secret(conn int64, name string) (value []byte, ok bool, err error) {
	if err := t.own(conn); err != nil {
		return nil, false, err
	}
	value, ok, err = only(t, scanBytes, `SELECT value FROM secrets WHERE conn = $1 AND name = $2`, conn, name)
	if err != nil {
		return nil, false, fmt.Errorf("read secret %s: %w", name, err)
	}
	return value, ok, nil
}

// StoredSecret is one encrypted secret and where it belongs.
type StoredSecret struct {
	Conn       int64
	Connection string // its name
	Name       string
	Value      []byte
}

// Secrets lists the encrypted secrets of all connections.
func (t *Tx) Secrets() ([]StoredSecret, error) {
	out, err := list(t, scanSecret, `SELECT s.conn, c.name, s.name, s.value FROM secrets s JOIN connections c ON c.id = s.conn ORDER BY s.conn, s.name`)
	if err != nil {
		return nil, fmt.Errorf("list secrets: %w", err)
	}
	return out, nil
}

func scanSecret(r *sql.Rows) (StoredSecret, error) {
	var s StoredSecret
	err := r.Scan(&s.Conn, &s.Connection, &s.Name, &s.Value)
	return s, err
}

func scanBytes(r *sql.Rows) ([]byte, error) {
	var b []byte
	err := r.Scan(&b)
	return b, err
}
