package store

import (
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"time"

	"tandem/internal/core"
)

// Grave names what a tombstone stands for: a record or an e-mail address.
type Grave string

// RecordGrave is the grave of a record.
func RecordGrave(r core.Ref) Grave { return Grave("record " + kindName(r) + " " + r.ID) }

// AddressGrave is the grave of the person behind an e-mail address.
func AddressGrave(email string) Grave {
	return Grave("address " + core.FoldAddress(email))
}

// hash hides what a grave names: it is keyed by the store, so that nobody finds an
// address by hashing lists of addresses without the store.
func (t *Tx) graveHash(g Grave) string {
	h := hmac.New(sha256.New, []byte(t.s.epoch.Identity))
	h.Write([]byte(g))
	return hex.EncodeToString(h.Sum(nil))
}

var tombstonePut = newBulk("conn int, hash text, at int", `INSERT INTO tombstones (conn, hash, at)
	SELECT r.conn, r.hash, r.at FROM {rows} WHERE true ON CONFLICT DO NOTHING`)

// TombstonePut notes since when graves are closed; one that is keeps its time. A
// zero time becomes the transaction's.
func (t *Tx) TombstonePut(conn int64, at time.Time, graves ...Grave) error {
	if err := t.own(conn); err != nil {
		return err
	}
	if at.IsZero() {
		at = t.now
	}
	var rows [][]any
	for _, g := range lastOf(graves, func(g Grave) Grave { return g }) {
		rows = append(rows, []any{conn, t.graveHash(g), ms(at)})
	}
	if _, err := t.execRows(tombstonePut, rows); err != nil {
		return fmt.Errorf("put %d tombstones: %w", len(rows), err)
	}
	return nil
}

var tombstonesOf = newBulk("conn int, hash text", `SELECT s.hash, s.at FROM {rows} JOIN tombstones s ON s.conn = r.conn AND s.hash = r.hash`)

// Tombstones gives since when each of the graves is closed; open ones are left
// out.
func (t *Tx) Tombstones(conn int64, graves ...Grave) (map[Grave]time.Time, error) {
	if err := t.own(conn); err != nil {
		return nil, err
	}
	rows, byHash := make([][]any, len(graves)), map[string]Grave{}
	for i, g := range graves {
		hash := t.graveHash(g)
		rows[i], byHash[hash] = []any{conn, hash}, g
	}
	out := map[Grave]time.Time{}
	err := t.eachRow(tombstonesOf, rows, func(r *sql.Rows) error {
		var hash string
		var at int64
		err := r.Scan(&hash, &at)
		out[byHash[hash]] = instant(at)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up tombstones: %w", err)
	}
	return out, nil
}
