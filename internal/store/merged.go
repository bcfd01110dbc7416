package store

import (
	"fmt"
	"slices"

	"tandem/internal/core"
)

const mergedInto = `SELECT kind, id FROM merged WHERE conn = $1 AND kind = $2 AND into_id = $3 ORDER BY id`

// MergedPut notes that a record was merged into another one of its object; what was
// noted of it before gives way.
func (t *Tx) MergedPut(conn int64, old core.Ref, into string) error {
	if err := t.own(conn); err != nil {
		return err
	}
	kind, err := t.kindID(old)
	if err == nil {
		_, err = t.exec(`INSERT INTO merged (conn, kind, id, into_id) VALUES ($1, $2, $3, $4)
			ON CONFLICT (conn, kind, id) DO UPDATE SET into_id = excluded.into_id`, conn, kind, old.ID, into)
	}
	if err != nil {
		return fmt.Errorf("note that %s was merged into %s: %w", old, into, err)
	}
	return nil
}

// Absorbed gives the records that were merged into a record, and into those, as far as
// MergedPut was told; not the record itself.
func (t *Tx) Absorbed(conn int64, ref core.Ref) ([]core.Ref, error) {
	if err := t.own(conn); err != nil {
		return nil, err
	}
	kind, err := t.kindID(ref)
	all := []core.Ref{ref}
	for i := 0; i < len(all) && err == nil; i++ {
		var more []core.Ref
		more, err = list(t, t.scanAlias, mergedInto, conn, kind, all[i].ID)
		for _, r := range more {
			if !slices.Contains(all, r) {
				all = append(all, r)
			}
		}
	}
	if err != nil {
		return nil, fmt.Errorf("look up what was merged into %s: %w", ref, err)
	}
	return all[1:], nil
}

const becameByLink = `SELECT a.kind, a.id FROM links l JOIN aliases a ON a.conn = l.conn AND a.link = l.id WHERE l.conn = $1 AND `

var becameOn = [2]string{becameByLink + `l.kind0 = $2 AND l.id0 = $3 ORDER BY a.id`, becameByLink + `l.kind1 = $2 AND l.id1 = $3 ORDER BY a.id`}

// Former gives the records of its side that became a record: those that were merged into it or,
// as a lead, converted, and who went into these; not the record itself.
func (t *Tx) Former(conn int64, ref core.Ref) ([]core.Ref, error) {
	if err := t.own(conn); err != nil {
		return nil, err
	}
	all := []core.Ref{ref}
	for i := 0; i < len(all); i++ {
		more, err := t.formerOf(conn, all[i])
		if err != nil {
			return nil, fmt.Errorf("look up what became %s: %w", ref, err)
		}
		for _, r := range more {
			if r.Side == ref.Side && !slices.Contains(all, r) {
				all = append(all, r)
			}
		}
	}
	return all[1:], nil
}

func (t *Tx) formerOf(conn int64, ref core.Ref) ([]core.Ref, error) {
	kind, err := t.kindID(ref)
	if err != nil {
		return nil, err
	}
	linked, err := list(t, t.scanAlias, becameOn[ref.Side], conn, kind, ref.ID)
	if err != nil {
		return nil, err
	}
	merged, err := list(t, t.scanAlias, mergedInto, conn, kind, ref.ID)
	return append(linked, merged...), err
}
