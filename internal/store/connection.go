package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"tandem/internal/core"
)

// Connection is one portal and one org that are kept in step.
type Connection struct {
	ID   int64
	Name string
	// Accounts are the org id and the portal id, pinned at the first connect and
	// blank before it.
	Accounts [2]string
	Paused   bool
	// Suspended says why the engine stopped the connection itself; blank when it
	// did not.
	Suspended string
	// Cause is the class of the error that has suspended it; blank where no call met one.
	Cause core.Class
	// Switched is when each pair's sync was switched on; a pair that is off is
	// not in it.
	Switched map[core.Pair]time.Time
	// Disconnected is when it was disconnected; zero while it is not. Its links
	// and settings stay.
	Disconnected time.Time
	// Held says of single pairs what keeps them from syncing while the others go on.
	Held map[core.Pair]Held
}

// Held is what keeps a pair from syncing.
type Held struct {
	At      time.Time `json:"at"`
	Message string    `json:"message"` // what is missing, and where
	Mend    string    `json:"mend"`
}

const connectionColumns = `id, name, account0, account1, paused, suspended, switched, disconnected, held, cause`

// ConnectionEnsure gives the connection of that name, and makes it when there is
// none.
func (t *Tx) ConnectionEnsure(name string) (Connection, error) {
	_, err := t.exec(`INSERT INTO connections (name) VALUES ($1) ON CONFLICT (name) DO NOTHING`, name)
	if err != nil {
		return Connection{}, fmt.Errorf("make connection %s: %w", name, err)
	}
	return t.Connection(name)
}

// Connection gives the connection of that name; NotFound without one.
func (t *Tx) Connection(name string) (Connection, error) {
	c, ok, err := only(t, scanConnection, `SELECT `+connectionColumns+` FROM connections WHERE name = $1`, name)
	if err != nil {
		return c, fmt.Errorf("read connection %s: %w", name, err)
	}
	if !ok {
		return c, errorf(NotFound, "the store has no connection %s", name)
	}
	return c, nil
}

// Connections lists all connections by id.
func (t *Tx) Connections() ([]Connection, error) {
	out, err := list(t, scanConnection, `SELECT `+connectionColumns+` FROM connections ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("list connections: %w", err)
	}
	return out, nil
}

// OldestOf is the connection made first of those that keep an org and a portal in step; ok
// is false where there is none.
func OldestOf(all []Connection, accounts [2]string) (oldest Connection, ok bool) {
	for _, c := range all {
		if c.Accounts == accounts && c.Disconnected.IsZero() && (!ok || c.ID < oldest.ID) {
			oldest, ok = c, true
		}
	}
	return oldest, ok
}

func scanConnection(r *sql.Rows) (Connection, error) {
	var c Connection
	var paused, disconnected int64
	var switched, held string
	if err := r.Scan(&c.ID, &c.Name, &c.Accounts[0], &c.Accounts[1], &paused, &c.Suspended, &switched, &disconnected, &held, &c.Cause); err != nil {
		return c, err
	}
	c.Paused, c.Disconnected = paused == 1, instant(disconnected)
	var stored map[core.Pair]int64
	if err := json.Unmarshal([]byte(switched), &stored); err != nil {
		return c, &Error{Code: Corrupt, Message: "connection " + c.Name + " cannot be read", Err: err}
	}
	if err := json.Unmarshal([]byte(held), &c.Held); err != nil {
		return c, &Error{Code: Corrupt, Message: "connection " + c.Name + " cannot be read", Err: err}
	}
	if len(c.Held) == 0 {
		c.Held = nil
	}
	c.Switched = make(map[core.Pair]time.Time, len(stored))
	for pair, at := range stored {
		c.Switched[pair] = instant(at)
	}
	return c, nil
}

// ConnectionSave stores all of the connection by its id; NotFound without one.
func (t *Tx) ConnectionSave(c Connection) error {
	if err := t.own(c.ID); err != nil {
		return err
	}
	if c.Suspended == "" {
		c.Cause = core.ClassNone
	}
	stored := make(map[core.Pair]int64, len(c.Switched))
	for pair, at := range c.Switched {
		stored[pair] = ms(at)
	}
	switched, err := json.Marshal(stored)
	if err != nil {
		return fmt.Errorf("save connection %s: %w", c.Name, err)
	}
	held, err := json.Marshal(c.Held)
	if err != nil {
		return fmt.Errorf("save connection %s: %w", c.Name, err)
	}
	n, err := t.exec(`UPDATE connections SET name = $1, account0 = $2, account1 = $3, paused = $4, suspended = $5, switched = $6,
		disconnected = $7, held = $8, cause = $9 WHERE id = $10`, c.Name, c.Accounts[0], c.Accounts[1], flag(c.Paused), c.Suspended, string(switched), ms(c.Disconnected), string(held), string(c.Cause), c.ID)
	return t.saved(n, err, "connection", c.ID)
}

// saved is the end of an update of one row by its id.
func (t *Tx) saved(changed int64, err error, what string, id int64) error {
	if err != nil {
		return fmt.Errorf("save %s %d: %w", what, id, err)
	}
	if changed == 0 {
		return errorf(NotFound, "the store has no %s %d", what, id)
	}
	return nil
}
