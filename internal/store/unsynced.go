package store

import (
	"cmp"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"tandem/internal/core"
)

// UnsyncedCount is how many records of an object a rule leaves unsynced.
type UnsyncedCount struct {
	Side   core.Side
	Object core.Object
	Rule   string
	Count  int
}

// place is where a record that does not sync is counted.
type place struct{ kind, rule int64 }

var unsyncedOf = newBulk("conn int, kind int, id text", `SELECT s.kind, s.id, s.rule FROM {rows}
	JOIN unsynced s ON s.conn = r.conn AND s.kind = r.kind AND s.id = r.id`)

var unsyncedPut = newBulk("conn int, kind int, id text, rule int", `INSERT INTO unsynced (conn, kind, id, rule)
	SELECT r.conn, r.kind, r.id, r.rule FROM {rows} WHERE true
	ON CONFLICT (conn, kind, id) DO UPDATE SET rule = excluded.rule`)

var unsyncedDrop = newBulk("conn int, kind int, id text",
	`DELETE FROM unsynced WHERE (conn, kind, id) IN (SELECT r.conn, r.kind, r.id FROM {rows})`)

// UnsyncedNote keeps of records which rule leaves them unsynced, blank for one that syncs or
// is no more. What is known already is not written again.
func (t *Tx) UnsyncedNote(conn int64, rules map[core.Ref]string) error {
	if err := t.own(conn); err != nil {
		return err
	}
	was, err := t.unsyncedRules(conn, slices.Collect(maps.Keys(rules)))
	if err != nil {
		return fmt.Errorf("look up unsynced records: %w", err)
	}
	var put, drop [][]any
	moved := map[place]int64{}
	for _, ref := range slices.SortedFunc(maps.Keys(rules), core.Ref.Compare) {
		kind, err := t.kindID(ref)
		if err != nil {
			return fmt.Errorf("note unsynced %s: %w", ref, err)
		}
		rule, err := t.nameID(rules[ref])
		switch {
		case err != nil:
			return err
		case rule == was[ref]:
			continue
		case rule == 0:
			drop = append(drop, []any{conn, kind, ref.ID})
		default:
			put = append(put, []any{conn, kind, ref.ID, rule})
		}
		moved[place{kind, was[ref]}]--
		moved[place{kind, rule}]++
	}
	if _, err := t.execRows(unsyncedPut, put); err != nil {
		return fmt.Errorf("note %d unsynced records: %w", len(put), err)
	}
	if _, err := t.execRows(unsyncedDrop, drop); err != nil {
		return fmt.Errorf("note %d records that sync: %w", len(drop), err)
	}
	return t.unsyncedMoved(conn, moved)
}

// unsyncedRules are the numbers of the rules that leave records unsynced; 0 for others.
func (t *Tx) unsyncedRules(conn int64, refs []core.Ref) (map[core.Ref]int64, error) {
	rows, err := t.refRows(conn, refs)
	out := map[core.Ref]int64{}
	if err == nil {
		err = t.eachRow(unsyncedOf, rows, func(r *sql.Rows) error {
			var kind, rule int64
			var id string
			if err := r.Scan(&kind, &id, &rule); err != nil {
				return err
			}
			ref, err := t.ref(kind, id)
			out[ref] = rule
			return err
		})
	}
	return out, err
}

// unsyncedMoved brings the counts in line.
func (t *Tx) unsyncedMoved(conn int64, moved map[place]int64) error {
	for _, p := range slices.SortedFunc(maps.Keys(moved), place.compare) {
		if p.rule == 0 || moved[p] == 0 {
			continue
		}
		_, err := t.exec(`INSERT INTO unsynced_counts (conn, kind, rule, n) VALUES ($1, $2, $3, 0) ON CONFLICT (conn, kind, rule) DO NOTHING`, conn, p.kind, p.rule)
		if err == nil { // in two steps, since a row must not be offered with less than nothing
			_, err = t.exec(`UPDATE unsynced_counts SET n = n + CAST($4 AS BIGINT) WHERE conn = $1 AND kind = $2 AND rule = $3`, conn, p.kind, p.rule, moved[p])
		}
		if err != nil {
			return fmt.Errorf("count unsynced records: %w", err)
		}
	}
	return nil
}

func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.kind, q.kind), cmp.Compare(p.rule, q.rule))
}

// UnsyncedCounts are how many records each rule leaves unsynced, by object. It reads the
// counts that are kept, and no record.
func (t *Tx) UnsyncedCounts(conn int64) ([]UnsyncedCount, error) {
	out, err := list(t, func(r *sql.Rows) (c UnsyncedCount, err error) {
		var kind, rule int64
		if err := r.Scan(&kind, &rule, &c.Count); err != nil {
			return c, err
		}
		of, err := t.ref(kind, "")
		if err != nil {
			return c, err
		}
		c.Side, c.Object = of.Side, of.Object
		c.Rule, err = t.nameText(rule)
		return c, err
	}, `SELECT kind, rule, n FROM unsynced_counts WHERE conn = $1 AND n > 0`, conn)
	if err != nil {
		return nil, fmt.Errorf("count unsynced records: %w", err)
	}
	slices.SortFunc(out, func(a, b UnsyncedCount) int {
		return cmp.Or(cmp.Compare(a.Side, b.Side), cmp.Compare(a.Object, b.Object), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Rule, b.Rule))
	})
	return out, nil
}
