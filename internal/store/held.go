package store

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"tandem/internal/core"
)

var boxesHeld = newBulk("conn int, kind int, id text, hash text", `SELECT DISTINCT r.kind, r.id FROM {rows}
	JOIN connections me ON me.id = r.conn
	JOIN connections other ON other.account0 = me.account0 AND other.id <> me.id
	LEFT JOIN consent_ticks k ON k.conn = other.id AND k.kind = r.kind AND k.id = r.id
	JOIN consents c ON c.conn = other.id AND c.state = 1 AND (c.hash = r.hash OR c.hash = k.mate)
	WHERE me.account0 <> '' AND me.disconnected = 0 AND other.disconnected = 0`)

// BoxesHeld are those of the records, given with the addresses that they stand for, whose
// box another connection of the same org has to stay ticked: there one of the addresses is
// opted out, or that of the partner for whom the box was met. It does not matter whether
// that connection runs, but it is no more where it was disconnected.
func (t *Tx) BoxesHeld(conn int64, of map[core.Ref][]string) (map[core.Ref]bool, error) {
	if err := t.own(conn); err != nil {
		return nil, err
	}
	var rows [][]any
	for _, ref := range slices.SortedFunc(maps.Keys(of), core.Ref.Compare) {
		kind, err := t.kindID(ref)
		if err != nil {
			return nil, fmt.Errorf("ask who holds the box of %s: %w", ref, err)
		}
		for _, address := range of[ref] {
			rows = append(rows, []any{conn, kind, ref.ID, t.consentHash(address)})
		}
	}
	out := map[core.Ref]bool{}
	err := t.eachRow(boxesHeld, rows, func(r *sql.Rows) error {
		var kind int64
		var id string
		if err := r.Scan(&kind, &id); err != nil {
			return err
		}
		ref, err := t.ref(kind, id)
		out[ref] = true
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("ask who holds %d boxes: %w", len(of), err)
	}
	return out, nil
}
