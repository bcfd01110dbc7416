package store

import (
	"database/sql"
	"fmt"

	"tandem/internal/core"
)

// Couple is one record of each side, indexed by side.
type Couple [2]core.Ref

var apartPut = newBulk("conn int, kind0 int, id0 text, kind1 int, id1 text, at int",
	`INSERT INTO apart (conn, kind0, id0, kind1, id1, at)
	SELECT r.conn, r.kind0, r.id0, r.kind1, r.id1, r.at FROM {rows} WHERE true ON CONFLICT DO NOTHING`)

// ApartPut notes that the records of each couple are not the same thing.
func (t *Tx) ApartPut(conn int64, couples ...Couple) error {
	if err := t.own(conn); err != nil {
		return err
	}
	var rows [][]any
	for _, c := range lastOf(couples, func(c Couple) Couple { return c }) {
		kinds, err := t.coupleKinds(c)
		if err != nil {
			return fmt.Errorf("keep %s and %s apart: %w", c[0], c[1], err)
		}
		rows = append(rows, []any{conn, kinds[0], c[0].ID, kinds[1], c[1].ID, ms(t.now)})
	}
	if _, err := t.execRows(apartPut, rows); err != nil {
		return fmt.Errorf("keep %d couples apart: %w", len(rows), err)
	}
	return nil
}

func (t *Tx) coupleKinds(c Couple) (kinds [2]int64, err error) {
	for side, r := range c {
		if kinds[side], err = t.kindID(r); err != nil {
			return kinds, err
		}
	}
	return kinds, nil
}

// ApartDrop forgets that the records of a couple are not the same thing.
func (t *Tx) ApartDrop(conn int64, c Couple) error {
	if err := t.own(conn); err != nil {
		return err
	}
	kinds, err := t.coupleKinds(c)
	if err == nil {
		_, err = t.exec(`DELETE FROM apart WHERE conn = $1 AND kind0 = $2 AND id0 = $3 AND kind1 = $4 AND id1 = $5`, conn, kinds[0], c[0].ID, kinds[1], c[1].ID)
	}
	if err != nil {
		return fmt.Errorf("forget that %s and %s are apart: %w", c[0], c[1], err)
	}
	return nil
}

var apartOf = newBulk("conn int, kind int, id text", `SELECT s.kind0, s.id0, s.kind1, s.id1 FROM {rows}
	JOIN apart s ON s.conn = r.conn AND s.kind0 = r.kind AND s.id0 = r.id`)

// ApartOf gives the couples of which one of the refs, all of Salesforce, is known not
// to be the same thing as the other.
func (t *Tx) ApartOf(conn int64, refs []core.Ref) (map[Couple]bool, error) {
	if err := t.own(conn); err != nil {
		return nil, err
	}
	rows, err := t.refRows(conn, onSide(refs, core.Salesforce))
	if err != nil {
		return nil, fmt.Errorf("look up couples apart: %w", err)
	}
	out := map[Couple]bool{}
	err = t.eachRow(apartOf, rows, func(r *sql.Rows) error {
		c, err := t.scanCouple(r)
		out[c] = true
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up couples apart: %w", err)
	}
	return out, nil
}

func (t *Tx) scanCouple(r *sql.Rows) (c Couple, err error) {
	var kinds [2]int64
	var ids [2]string
	if err = r.Scan(&kinds[0], &ids[0], &kinds[1], &ids[1]); err != nil {
		return c, err
	}
	for side := range c {
		if c[side], err = t.ref(kinds[side], ids[side]); err != nil {
			return c, err
		}
	}
	return c, nil
}

// ApartList lists up to limit couples that are known not to be the same thing, in an order
// that is fixed for a store, behind one; the zero couple begins.
func (t *Tx) ApartList(conn int64, after Couple, limit int) ([]Couple, error) {
	if err := t.own(conn); err != nil {
		return nil, err
	}
	kinds, err := t.coupleKinds(after)
	if err != nil {
		return nil, fmt.Errorf("list couples apart: %w", err)
	}
	out, err := list(t, t.scanCouple, `SELECT kind0, id0, kind1, id1 FROM apart
		WHERE conn = $1 AND (kind0, id0, kind1, id1) > ($2, $3, $4, $5) ORDER BY kind0, id0, kind1, id1 LIMIT CAST($6 AS BIGINT)`,
		conn, kinds[0], after[0].ID, kinds[1], after[1].ID, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("list couples apart: %w", err)
	}
	return out, nil
}
