package store

import (
	"database/sql"
	"fmt"
	"slices"

	"tandem/internal/core"
)

// Link states as stored; an unknown state is refused by the table's check.
var linkStates = map[core.LinkState]int64{core.LinkActive: 1, core.LinkParked: 2, core.LinkClosed: 3}

func linkState(stored int64) core.LinkState {
	for state, n := range linkStates {
		if n == stored {
			return state
		}
	}
	return ""
}

const linkColumns = `l.id, l.pair, l.state, l.kind0, l.id0, l.kind1, l.id1, l.origin, l.how, l.keyed, l.stamp0, l.stamp1, l.created, l.base`

// linkFind gives the links that name a ref on its side, and linkAliases those
// that a ref is an alias of; both with the ref asked for.
var (
	linkFind = [2]*bulk{newBulk("conn int, kind int, id text", linkFindText("0")), newBulk("conn int, kind int, id text", linkFindText("1"))}

	linkAliases = newBulk("conn int, kind int, id text", `SELECT r.kind, r.id, `+linkColumns+` FROM {rows}
		JOIN aliases a ON a.conn = r.conn AND a.kind = r.kind AND a.id = r.id JOIN links l ON l.id = a.link`)
)

func linkFindText(side string) string {
	return `SELECT r.kind, r.id, ` + linkColumns + ` FROM {rows}
		JOIN links l ON l.conn = r.conn AND l.kind` + side + ` = r.kind AND l.id` + side + ` = r.id`
}

// LinksOf gives the link of each ref that has one. An active or parked link is
// preferred over a closed one, a link that names the ref over one that the ref
// is an old alias of, and the latest over the earlier. Refs of the same link
// share one *core.Link. The error is Corrupt when a base fails its check.
func (t *Tx) LinksOf(conn int64, refs []core.Ref) (map[core.Ref]*core.Link, error) {
	if err := t.own(conn); err != nil {
		return nil, err
	}
	f := linkFinder{t: t, conn: conn, found: map[core.Ref]*core.Link{}, direct: map[core.Ref]bool{}, byID: map[int64]*core.Link{}}
	for _, side := range core.Sides {
		if err := f.find(linkFind[side], onSide(refs, side), true); err != nil {
			return nil, fmt.Errorf("look up links: %w", err)
		}
	}
	if err := f.find(linkAliases, f.unsettled(refs), false); err != nil {
		return nil, fmt.Errorf("look up links by alias: %w", err)
	}
	return f.found, nil
}

func onSide(refs []core.Ref, side core.Side) []core.Ref {
	return slices.DeleteFunc(slices.Clone(refs), func(r core.Ref) bool { return r.Side != side })
}

type linkFinder struct {
	t      *Tx
	conn   int64
	found  map[core.Ref]*core.Link
	direct map[core.Ref]bool // the link found names the ref itself
	byID   map[int64]*core.Link
}

func (f *linkFinder) find(b *bulk, refs []core.Ref, direct bool) error {
	rows, err := f.t.refRows(f.conn, refs)
	if err != nil {
		return err
	}
	return f.t.eachRow(b, rows, func(r *sql.Rows) error {
		var kind int64
		var id string
		l, err := f.t.scanLink(r, &kind, &id)
		if err != nil {
			return err
		}
		asked, err := f.t.ref(kind, id)
		f.offer(asked, l, direct)
		return err
	})
}

func (f *linkFinder) offer(asked core.Ref, l *core.Link, direct bool) {
	if known := f.byID[l.ID]; known != nil {
		l = known
	}
	f.byID[l.ID] = l
	held := f.found[asked]
	if held == nil || rank(l, direct) > rank(held, f.direct[asked]) ||
		rank(l, direct) == rank(held, f.direct[asked]) && l.ID > held.ID {
		f.found[asked], f.direct[asked] = l, direct
	}
}

// rank orders the links that answer for a ref.
func rank(l *core.Link, direct bool) int64 {
	return 2*flag(l.State != core.LinkClosed) + flag(direct)
}

// unsettled are the refs that no open link names: only these may be aliases.
func (f *linkFinder) unsettled(refs []core.Ref) []core.Ref {
	return slices.DeleteFunc(slices.Clone(refs), func(r core.Ref) bool {
		l := f.found[r]
		return l != nil && l.State != core.LinkClosed
	})
}

// scanLink reads the columns before linkColumns into extra.
func (t *Tx) scanLink(r *sql.Rows, extra ...any) (*core.Link, error) {
	var l core.Link
	var pair, state, origin, how, keyed, created int64
	var kinds, stamps [2]int64
	var ids [2]string
	var base []byte
	err := r.Scan(append(extra, &l.ID, &pair, &state, &kinds[0], &ids[0], &kinds[1], &ids[1],
		&origin, &how, &keyed, &stamps[0], &stamps[1], &created, &base)...)
	if err != nil {
		return nil, err
	}
	l.State, l.Created = linkState(state), instant(created)
	l.Keyed = [2]bool{keyed&1 != 0, keyed&2 != 0}
	for side := range ids {
		l.Stamps[side] = instant(stamps[side])
		if l.Refs[side], err = t.ref(kinds[side], ids[side]); err != nil {
			return nil, err
		}
	}
	if err := t.nameLink(&l, pair, origin, how); err != nil {
		return nil, err
	}
	l.Base, err = decodeBase(base, t.nameText)
	return &l, err
}

func (t *Tx) nameLink(l *core.Link, pair, origin, how int64) (err error) {
	var pairText string
	if pairText, err = t.nameText(pair); err != nil {
		return err
	}
	l.Pair = core.Pair(pairText)
	if l.Origin, err = t.nameText(origin); err != nil {
		return err
	}
	l.How, err = t.nameText(how)
	return err
}

// Link gives one link by its id; NotFound without one.
func (t *Tx) Link(conn, id int64) (*core.Link, error) {
	if err := t.own(conn); err != nil {
		return nil, err
	}
	l, ok, err := only(t, t.scanOnlyLink, `SELECT `+linkColumns+` FROM links l WHERE l.conn = $1 AND l.id = $2`, conn, id)
	if err != nil {
		return nil, fmt.Errorf("read link %d: %w", id, err)
	}
	if !ok {
		return nil, errorf(NotFound, "the connection has no link %d", id)
	}
	return l, nil
}

func (t *Tx) scanOnlyLink(r *sql.Rows) (*core.Link, error) { return t.scanLink(r) }

// Links lists up to limit links of a pair in one state, by id, behind afterID.
func (t *Tx) Links(conn int64, pair core.Pair, state core.LinkState, afterID int64, limit int) ([]*core.Link, error) {
	if err := t.own(conn); err != nil {
		return nil, err
	}
	pairID, err := t.nameID(string(pair))
	if err != nil {
		return nil, fmt.Errorf("list %s links: %w", pair, err)
	}
	out, err := list(t, t.scanOnlyLink, `SELECT `+linkColumns+` FROM links l
		WHERE l.conn = $1 AND l.pair = $2 AND l.state = $3 AND l.id > $4 ORDER BY l.id LIMIT CAST($5 AS BIGINT)`,
		conn, pairID, linkStates[state], afterID, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("list %s links: %w", pair, err)
	}
	return out, nil
}

// LinkCounts counts the connection's links by pair and state. It reads an index
// of all of them.
func (t *Tx) LinkCounts(conn int64) (map[core.Pair]map[core.LinkState]int, error) {
	out := map[core.Pair]map[core.LinkState]int{}
	err := t.each(`SELECT pair, state, count(*) FROM links WHERE conn = $1 GROUP BY pair, state`, []any{conn}, func(r *sql.Rows) error {
		var pair, state int64
		var n int
		if err := r.Scan(&pair, &state, &n); err != nil {
			return err
		}
		name, err := t.nameText(pair)
		if out[core.Pair(name)] == nil {
			out[core.Pair(name)] = map[core.LinkState]int{}
		}
		out[core.Pair(name)][linkState(state)] = n
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count links: %w", err)
	}
	return out, nil
}
