package store

import (
	"database/sql"
	"fmt"

	"tandem/internal/core"
)

var (
	shownOf = newBulk("conn int, kind int, id text", `SELECT s.kind, s.id, s.digest FROM {rows}
		JOIN shown s ON s.conn = r.conn AND s.kind = r.kind AND s.id = r.id`)
	shownPut = newBulk("conn int, kind int, id text, digest int",
		`INSERT INTO shown (conn, kind, id, digest) SELECT r.conn, r.kind, r.id, r.digest FROM {rows} WHERE true
		ON CONFLICT (conn, kind, id) DO UPDATE SET digest = excluded.digest`)
	shownDrop = newBulk("conn int, kind int, id text",
		`DELETE FROM shown WHERE (conn, kind, id) IN (SELECT r.conn, r.kind, r.id FROM {rows})`)
)

// ShownOf gives the digests of what those refs showed that are known.
func (t *Tx) ShownOf(conn int64, refs []core.Ref) (map[core.Ref]int64, error) {
	if err := t.own(conn); err != nil {
		return nil, err
	}
	out := map[core.Ref]int64{}
	rows, err := t.refRows(conn, refs)
	if err == nil {
		err = t.eachRow(shownOf, rows, func(r *sql.Rows) error {
			var kind, digest int64
			var id string
			if err := r.Scan(&kind, &id, &digest); err != nil {
				return err
			}
			ref, err := t.ref(kind, id)
			out[ref] = digest
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("look up what records showed: %w", err)
	}
	return out, nil
}

// ShownPut stores what records showed, in place of what was known.
func (t *Tx) ShownPut(conn int64, shown map[core.Ref]int64) error {
	if err := t.own(conn); err != nil {
		return err
	}
	var rows [][]any
	for ref, digest := range shown {
		kind, err := t.kindID(ref)
		if err != nil {
			return fmt.Errorf("store what %s showed: %w", ref, err)
		}
		rows = append(rows, []any{conn, kind, ref.ID, digest})
	}
	if _, err := t.execRows(shownPut, rows); err != nil {
		return fmt.Errorf("store what %d records showed: %w", len(rows), err)
	}
	return nil
}

// ShownDrop forgets what records showed.
func (t *Tx) ShownDrop(conn int64, refs []core.Ref) error {
	if err := t.own(conn); err != nil {
		return err
	}
	rows, err := t.refRows(conn, refs)
	if err == nil {
		_, err = t.execRows(shownDrop, rows)
	}
	if err != nil {
		return fmt.Errorf("forget what %d records showed: %w", len(refs), err)
	}
	return nil
}
