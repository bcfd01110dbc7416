package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// copied are the tables that Copy takes along, in this order. What a fleet notes of its
// workers is the fleet's and stays.
var copied = []string{"epoch", "names", "connections", "settings", "cursors", "dirty", "links", "aliases", "seen", "shown", "journal", "journal_volume",
	"intents", "issues", "plans", "plan_items", "plan_writes", "runs", "commands", "brakes", "audit", "secrets", "tombstones", "brake_counts", "brake_links",
	"consents", "consent_ticks", "members", "apart", "merged", "happenings", "fields",
	"accounts", "sessions", "invites", "tokens", "preflights", "told", "notices", "additions", "looks", "unsynced", "unsynced_counts"}

// notCopied are the others.
var notCopied = []string{"workers", "holds", "leases"}

// numbered are the columns whose numbers the database draws, by table: none is drawn
// again after a copy.
var numbered = map[string]string{"names": "id", "connections": "id", "links": "id", "journal": "seq", "issues": "issue", "plans": "id",
	"runs": "id", "commands": "id", "audit": "seq", "notices": "id"}

// computed are the columns that the database computes from the others, by table.
var computed = map[string]string{"dirty": "class"}

// Copied is one table that was copied.
type Copied struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
	// Digest is over all rows, whatever their order.
	Digest string `json:"digest"`
}

// Copy puts all that a store holds into an empty one, in one transaction: an error, or a
// stop, leaves the target empty. Before it commits it reads the target back and compares
// counts and digests. Both stores are open as the engine. told is called after each table.
// The target has the identity of its source, which must not be worked with any more.
func Copy(ctx context.Context, from, to *Store, told func(Copied)) error {
	err := from.View(ctx, func(src *Tx) error {
		return to.Update(ctx, func(dst *Tx) error {
			if err := dst.wantEmpty(); err != nil {
				return err
			}
			for _, table := range copied {
				done, err := copyTable(src, dst, table)
				if err != nil {
					return fmt.Errorf("copy table %s: %w", table, err)
				}
				told(done)
			}
			return dst.notePlace()
		})
	})
	if err != nil {
		return err
	}
	return to.View(ctx, func(t *Tx) error { return to.loadEpoch(t) })
}

// made are the tables in which a new store has rows: its identity, and names that the
// schema speaks of.
var made = []string{"epoch", "names"}

// wantEmpty refuses a store that holds more than a new one, and empties it of that.
func (t *Tx) wantEmpty() error {
	for _, table := range copied {
		if slices.Contains(made, table) {
			continue
		}
		var n int64
		if err := t.one(`SELECT count(*) FROM (SELECT 1 FROM `+table+` LIMIT 1) AS found`, nil, &n); err != nil {
			return fmt.Errorf("look whether %s is empty: %w", table, err)
		}
		if n > 0 {
			return errorf(Conflict, "the target holds a store already (its table %s has rows): name one that is empty", table)
		}
	}
	for _, table := range made {
		if _, err := t.exec(`DELETE FROM ` + table); err != nil {
			return fmt.Errorf("empty the new store's %s: %w", table, err)
		}
	}
	return nil
}

func copyTable(src, dst *Tx, table string) (Copied, error) {
	columns, err := src.columnsOf(table)
	if err != nil {
		return Copied{}, err
	}
	marks := make([]string, len(columns))
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	insert := `INSERT INTO ` + table + ` (` + strings.Join(columns, ", ") + `) VALUES (` + strings.Join(marks, ", ") + `)`
	sent, err := src.digest(table, columns, func(row []any) error { _, err := dst.execAny(insert, row); return err })
	if err != nil {
		return sent, err
	}
	got, err := dst.digest(table, columns, func([]any) error { return nil })
	if err == nil && got != sent {
		err = errorf(Corrupt, "the copy differs: %d rows with digest %s were sent, %d with %s arrived", sent.Rows, sent.Digest, got.Rows, got.Digest)
	}
	if err == nil {
		err = drawOn(src, dst, table)
	}
	return sent, err
}

func (t *Tx) columnsOf(table string) (columns []string, err error) {
	rows, err := t.tx.QueryContext(t.ctx, `SELECT * FROM `+table+` WHERE 1 = 0`)
	if err != nil {
		return nil, t.s.d.coded(err)
	}
	defer rows.Close()
	if columns, err = rows.Columns(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(columns, func(c string) bool { return computed[table] == c }), rows.Err()
}

// digest reads all rows of a table and gives each to take.
func (t *Tx) digest(table string, columns []string, take func([]any) error) (Copied, error) {
	out, sum := Copied{Table: table}, [4]uint64{}
	err := t.each(`SELECT `+strings.Join(columns, ", ")+` FROM `+table, nil, func(r *sql.Rows) error {
		row, at := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			at[i] = &row[i]
		}
		if err := r.Scan(at...); err != nil {
			return err
		}
		for i, v := range row {
			if b, is := v.([]byte); is {
				row[i] = blob(b)
			}
		}
		out.Rows++
		h := sha256.Sum256(encoded(row))
		for i := range sum { // a sum, since the two databases have no order in common
			sum[i] += binary.BigEndian.Uint64(h[8*i:])
		}
		return take(row)
	})
	out.Digest = fmt.Sprintf("%016x%016x%016x%016x", sum[0], sum[1], sum[2], sum[3])
	return out, err
}

// encoded is a row as bytes, the same from both databases.
func encoded(row []any) (b []byte) {
	for _, v := range row {
		kind, text := byte('n'), ""
		switch v := v.(type) {
		case int64:
			kind, text = 'i', fmt.Sprint(v)
		case float64:
			kind, text = 'f', fmt.Sprint(v)
		case string:
			kind, text = 't', v
		case []byte:
			kind, text = 'b', string(v)
		case nil:
		default:
			kind, text = '?', fmt.Sprintf("%T %v", v, v)
		}
		b = append(binary.BigEndian.AppendUint64(append(b, kind), uint64(len(text))), text...)
	}
	return b
}

// drawOn has the target draw numbers above those that the source has drawn.
func drawOn(src, dst *Tx, table string) error {
	column, draws := numbered[table]
	if !draws {
		return nil
	}
	var last int64
	named := strings.NewReplacer("{table}", table, "{column}", column)
	if err := src.one(named.Replace(src.s.d.lastDrawn), nil, &last); err != nil {
		return fmt.Errorf("read the last number of %s: %w", table, err)
	}
	if last == 0 {
		return nil
	}
	for _, statement := range dst.s.d.drawAbove {
		if _, err := dst.execAny(named.Replace(statement), []any{last}); err != nil {
			return fmt.Errorf("have %s go on with its numbers: %w", table, err)
		}
	}
	return nil
}
