package store

import (
	"database/sql"
	"fmt"
	"time"

	"tandem/internal/core"
)

// Seen is what a side last showed of a record, whether it is linked or not.
// Sweeps compare it with what they list.
type Seen struct {
	Stamp   time.Time
	Pass    int64 // the sweep that visited it last
	Deleted bool  // with positive evidence
}

// SeenRow is the Seen of one record.
type SeenRow struct {
	Ref core.Ref
	Seen
}

const seenColumns = `s.kind, s.id, s.stamp, s.pass, s.deleted`

var seenOf = newBulk("conn int, kind int, id text", `SELECT `+seenColumns+` FROM {rows}
	JOIN seen s ON s.conn = r.conn AND s.kind = r.kind AND s.id = r.id`)

// SeenOf gives what is known of those refs that were ever seen.
func (t *Tx) SeenOf(conn int64, refs []core.Ref) (map[core.Ref]Seen, error) {
	if err := t.own(conn); err != nil {
		return nil, err
	}
	rows, err := t.refRows(conn, refs)
	if err != nil {
		return nil, fmt.Errorf("look up seen records: %w", err)
	}
	out := make(map[core.Ref]Seen, len(refs))
	err = t.eachRow(seenOf, rows, func(r *sql.Rows) error {
		row, err := t.scanSeen(r)
		out[row.Ref] = row.Seen
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up seen records: %w", err)
	}
	return out, nil
}

func (t *Tx) scanSeen(r *sql.Rows) (SeenRow, error) {
	var row SeenRow
	var kind, stamp, deleted int64
	if err := r.Scan(&kind, &row.Ref.ID, &stamp, &row.Pass, &deleted); err != nil {
		return row, err
	}
	row.Stamp, row.Deleted = instant(stamp), deleted == 1
	var err error
	row.Ref, err = t.ref(kind, row.Ref.ID)
	return row, err
}

var seenPut = newBulk("conn int, kind int, id text, stamp int, pass int, deleted int",
	`INSERT INTO seen (conn, kind, id, stamp, pass, deleted)
	SELECT r.conn, r.kind, r.id, r.stamp, r.pass, r.deleted FROM {rows} WHERE true
	ON CONFLICT (conn, kind, id) DO UPDATE SET stamp = excluded.stamp, pass = excluded.pass, deleted = excluded.deleted`)

// SeenPut stores what was seen, in place of what was known. Of several rows for
// one ref the last counts.
func (t *Tx) SeenPut(conn int64, rows []SeenRow) error {
	if err := t.own(conn); err != nil {
		return err
	}
	var stored [][]any
	for _, row := range lastOf(rows, func(r SeenRow) core.Ref { return r.Ref }) {
		kind, err := t.kindID(row.Ref)
		if err != nil {
			return fmt.Errorf("store seen %s: %w", row.Ref, err)
		}
		stored = append(stored, []any{conn, kind, row.Ref.ID, ms(row.Stamp), row.Pass, flag(row.Deleted)})
	}
	if _, err := t.execRows(seenPut, stored); err != nil {
		return fmt.Errorf("store %d seen records: %w", len(stored), err)
	}
	return nil
}

// lastOf keeps the last value of each key, since PostgreSQL refuses to touch a
// row twice in one statement. The order is that of the first of each key.
func lastOf[T any, K comparable](values []T, key func(T) K) []T {
	at := make(map[K]int, len(values))
	out := make([]T, 0, len(values))
	for _, v := range values {
		if i, met := at[key(v)]; met {
			out[i] = v
			continue
		}
		at[key(v)] = len(out)
		out = append(out, v)
	}
	return out
}

// SeenBefore lists up to limit records of an object that are not known to be
// deleted and were last visited before the pass given, by id behind afterID: what
// a finished sweep did not list.
func (t *Tx) SeenBefore(conn int64, side core.Side, object core.Object, pass int64, afterID string, limit int) ([]SeenRow, error) {
	kind, err := t.kindID(core.Ref{Side: side, Object: object})
	if err != nil {
		return nil, fmt.Errorf("list %s %s not seen: %w", side, object, err)
	}
	out, err := list(t, t.scanSeen, `SELECT `+seenColumns+` FROM seen s
		WHERE s.conn = $1 AND s.kind = $2 AND s.id > $3 AND s.pass < CAST($4 AS BIGINT) AND s.deleted = 0 ORDER BY s.id LIMIT CAST($5 AS BIGINT)`,
		conn, kind, afterID, pass, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("list %s %s not seen: %w", side, object, err)
	}
	return out, nil
}

// SeenCount counts the records of an object that are not known to be deleted. It
// reads all of them.
func (t *Tx) SeenCount(conn int64, side core.Side, object core.Object) (n int, err error) {
	kind, err := t.kindID(core.Ref{Side: side, Object: object})
	if err == nil {
		err = t.one(`SELECT count(*) FROM seen WHERE conn = $1 AND kind = $2 AND deleted = 0`, []any{conn, kind}, &n)
	}
	if err != nil {
		return 0, fmt.Errorf("count seen %s %s: %w", side, object, err)
	}
	return n, nil
}
