package store

import (
	"database/sql"
	"fmt"
	"time"

	"tandem/internal/core"
)

// Field is a mapping of two fields.
type Field struct {
	Of    core.Object // what is mapped: Salesforce's object, or a kind of its activities
	Names string      // of the two fields
}

// Fields gives the mapped fields that have worked, and since when each works no longer:
// zero for one that works.
func (t *Tx) Fields(conn int64) (stopped map[Field]time.Time, err error) {
	if err := t.own(conn); err != nil {
		return nil, err
	}
	stopped = map[Field]time.Time{}
	err = t.each(`SELECT of, names, stopped FROM fields WHERE conn = $1`, []any{conn}, func(r *sql.Rows) error {
		var f Field
		var at int64
		err := r.Scan(&f.Of, &f.Names, &at)
		stopped[f] = instant(at)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the mapped fields: %w", err)
	}
	return stopped, nil
}

var fieldPut = newBulk("conn int, of text, names text, stopped int", `INSERT INTO fields (conn, of, names, stopped)
	SELECT r.conn, r.of, r.names, r.stopped FROM {rows} WHERE true`)

// FieldsSet replaces what Fields gives.
func (t *Tx) FieldsSet(conn int64, stopped map[Field]time.Time) error {
	if err := t.own(conn); err != nil {
		return err
	}
	_, err := t.exec(`DELETE FROM fields WHERE conn = $1`, conn)
	rows := make([][]any, 0, len(stopped))
	for f, at := range stopped {
		rows = append(rows, []any{conn, string(f.Of), f.Names, ms(at)})
	}
	if err == nil {
		_, err = t.execRows(fieldPut, rows)
	}
	if err != nil {
		return fmt.Errorf("note %d mapped fields: %w", len(rows), err)
	}
	return nil
}
