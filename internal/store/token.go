package store

import (
	"database/sql"
	"fmt"
	"time"
)

// Token is what a program uses the API by.
type Token struct {
	Name    string
	Role    Role
	Key     string // a digest of what the program holds
	Created time.Time
	Used    time.Time // last, to the minute; zero for never
}

// TokenPut stores a token; Invalid where there is one of its name.
func (t *Tx) TokenPut(k Token) error {
	n, err := t.exec(`INSERT INTO tokens (created, used, role, key, name) VALUES ($1, 0, $2, $3, $4) ON CONFLICT (name) DO NOTHING`, ms(t.now), int64(k.Role), k.Key, k.Name)
	if err == nil && n == 0 {
		return errorf(Invalid, "there is a token named %q already", k.Name)
	}
	if err != nil {
		return fmt.Errorf("store token %s: %w", k.Name, err)
	}
	return nil
}

const tokenColumns = `SELECT created, used, role, key, name FROM tokens`

// Token gives the token of a key; NotFound without it.
func (t *Tx) Token(key string) (Token, error) {
	k, ok, err := only(t, scanToken, tokenColumns+` WHERE key = $1`, key)
	if err == nil && !ok {
		err = errorf(NotFound, "there is no such token")
	}
	return k, err
}

// TokenUsed notes that a token was used.
func (t *Tx) TokenUsed(key string) error {
	_, err := t.exec(`UPDATE tokens SET used = $1 WHERE key = $2`, ms(t.now), key)
	return err
}

// Tokens lists all tokens by name.
func (t *Tx) Tokens() ([]Token, error) { return list(t, scanToken, tokenColumns+` ORDER BY name`) }

// TokenDrop ends a token; NotFound without it.
func (t *Tx) TokenDrop(name string) error {
	n, err := t.exec(`DELETE FROM tokens WHERE name = $1`, name)
	if err == nil && n == 0 {
		err = errorf(NotFound, "there is no token named %q", name)
	}
	return err
}

func scanToken(r *sql.Rows) (k Token, err error) {
	var created, used int64
	err = r.Scan(&created, &used, &k.Role, &k.Key, &k.Name)
	k.Created, k.Used = instant(created), instant(used)
	return k, err
}
