package store

import (
	"database/sql"
	"fmt"
	"slices"
	"time"

	"tandem/internal/core"
)

// Stats counts the dirty entries of one object pair.
type Stats struct {
	Due, Waiting int
	// Late are those among Waiting that PutOff put off.
	Late int
	// Oldest is when the due entry that has been in the set longest was first
	// marked; Next is when the first waiting entry becomes due.
	Oldest, Next time.Time
	// Since is Oldest by the side whose records the entries are of.
	Since [2]time.Time `json:"-"`
}

// join puts the counts of further entries of the pair, all of one side, into s.
func (s *Stats) join(side core.Side, of Stats) {
	s.Due, s.Waiting, s.Late = s.Due+of.Due, s.Waiting+of.Waiting, s.Late+of.Late
	s.Oldest, s.Next = earlier(s.Oldest, of.Oldest), earlier(s.Next, of.Next)
	s.Since[side] = earlier(s.Since[side], of.Oldest)
}

// earlier is the first of two moments; the zero one stands for none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

const dirtyColumns = `d.kind, d.id, d.pair, d.generation, d.reasons, d.not_before, d.tries, d.run`

var dirtyMark = newBulk("conn int, kind int, id text, pair int, generation int, reasons int, not_before int, run int, since int",
	`INSERT INTO dirty (conn, kind, id, pair, generation, reasons, not_before, run, since)
	SELECT r.conn, r.kind, r.id, r.pair, r.generation, r.reasons, r.not_before, r.run, r.since FROM {rows} WHERE true
	ON CONFLICT (conn, kind, id) DO UPDATE SET
		pair = excluded.pair,
		generation = excluded.generation,
		reasons = dirty.reasons | excluded.reasons,
		not_before = CASE WHEN excluded.not_before < dirty.not_before THEN excluded.not_before ELSE dirty.not_before END,
		run = CASE WHEN excluded.run <> 0 THEN excluded.run ELSE dirty.run END,
		tries = CASE WHEN (excluded.reasons & ~256) <> 0 THEN 0 ELSE dirty.tries END`)

// Mark puts the entries into the dirty set, at a generation that no mark had before. A ref
// that is in it already gets the union of the reasons, the earlier not-before time, the
// new run if one is given, and zero tries unless the only new reason is retry.
// Entries for the same ref in one call count as one mark. Generation and Tries
// of the entries given are not looked at; an entry without a reason is Invalid.
func (t *Tx) Mark(conn int64, entries []core.Dirty) error {
	if err := t.own(conn); err != nil {
		return err
	}
	var rows [][]any
	generation := t.s.generation.Add(1)
	for _, d := range coalesce(entries) {
		d.Generation = generation
		row, err := t.markRow(conn, d)
		if err != nil {
			return fmt.Errorf("mark %s: %w", d.Ref, err)
		}
		rows = append(rows, row)
	}
	if _, err := t.execRows(dirtyMark, rows); err != nil {
		return fmt.Errorf("mark %d records: %w", len(rows), err)
	}
	return nil
}

func (t *Tx) markRow(conn int64, d core.Dirty) ([]any, error) {
	kind, err := t.kindID(d.Ref)
	if err != nil {
		return nil, err
	}
	pair, err := t.nameID(string(d.Pair))
	return []any{conn, kind, d.Ref.ID, pair, d.Generation, int64(d.Reasons), ms(d.NotBefore), d.Run, ms(t.now)}, err
}

// coalesce folds entries of the same ref into one, in the order first met.
func coalesce(entries []core.Dirty) []core.Dirty {
	at := make(map[core.Ref]int, len(entries))
	out := make([]core.Dirty, 0, len(entries))
	for _, d := range entries {
		i, met := at[d.Ref]
		if !met {
			at[d.Ref] = len(out)
			out = append(out, d)
			continue
		}
		out[i] = fold(out[i], d)
	}
	return out
}

func fold(a, b core.Dirty) core.Dirty {
	a.Pair = b.Pair
	a.Reasons |= b.Reasons
	if b.NotBefore.Before(a.NotBefore) {
		a.NotBefore = b.NotBefore
	}
	if b.Run != 0 {
		a.Run = b.Run
	}
	return a
}

// dirtyDue is one page of one class, behind a place in its order.
const dirtyDue = `SELECT ` + dirtyColumns + ` FROM dirty d
	WHERE d.conn = $1 AND d.pair = $2 AND d.class = $3 AND d.not_before <= $4
	AND (d.not_before, d.kind, d.id) > ($5, $6, $7)
	ORDER BY d.not_before, d.kind, d.id LIMIT CAST($8 AS BIGINT)`

// dirtyClasses are the priorities: live changes, retries, the rest.
var dirtyClasses = [...]int64{0, 1, 2}

// Due lists up to limit entries of the pair whose not-before time has come,
// without those that skip reports (nil skips none): live changes (edit, create,
// delete, person, parent, gap) before retries before import, sweep and schema;
// within these by not-before time, then by ref.
func (t *Tx) Due(conn int64, pair core.Pair, now time.Time, limit int, skip func(core.Ref) bool) ([]core.Dirty, error) {
	if err := t.own(conn); err != nil {
		return nil, err
	}
	pairID, err := t.nameID(string(pair))
	if err != nil {
		return nil, fmt.Errorf("list due %s records: %w", pair, err)
	}
	var out []core.Dirty
	for _, class := range dirtyClasses {
		if out, err = t.dueOf(out, []any{conn, pairID, class, ms(now)}, limit, skip); err != nil {
			return nil, fmt.Errorf("list due %s records: %w", pair, err)
		}
	}
	return out, nil
}

// dirtyPairs are the pairs that have due entries; the index answers for each pair and class
// without looking at the others.
const dirtyPairs = `SELECT p.id FROM names p WHERE EXISTS (SELECT 1 FROM (SELECT 0 AS class UNION ALL SELECT 1 UNION ALL SELECT 2) c
	WHERE EXISTS (SELECT 1 FROM dirty d WHERE d.conn = $1 AND d.pair = p.id AND d.class = c.class AND d.not_before <= $2))`

// DuePairs are the pairs of which Due lists entries.
func (t *Tx) DuePairs(conn int64, now time.Time) (map[core.Pair]bool, error) {
	out := map[core.Pair]bool{}
	err := t.each(dirtyPairs, []any{conn, ms(now)}, func(r *sql.Rows) error {
		var id int64
		if err := r.Scan(&id); err != nil {
			return err
		}
		name, err := t.nameText(id)
		out[core.Pair(name)] = true
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look which pairs have due records: %w", err)
	}
	return out, nil
}

// dueOf adds entries of one class to out, page after page, since skip may leave
// out any number of a page.
func (t *Tx) dueOf(out []core.Dirty, which []any, limit int, skip func(core.Ref) bool) ([]core.Dirty, error) {
	after := []any{int64(-1), int64(0), ""}
	for len(out) < limit {
		page, err := list(t, t.scanDirty, dirtyDue, slices.Concat(which, after, []any{int64(limit)})...)
		if err != nil {
			return nil, err
		}
		for _, d := range page {
			if len(out) < limit && (skip == nil || !skip(d.Ref)) {
				out = append(out, d)
			}
		}
		if len(page) < limit {
			break
		}
		last := page[len(page)-1]
		kind, err := t.kindID(last.Ref)
		if err != nil {
			return nil, err
		}
		after = []any{ms(last.NotBefore), kind, last.Ref.ID}
	}
	return out, nil
}

func (t *Tx) scanDirty(r *sql.Rows) (core.Dirty, error) {
	var d core.Dirty
	var kind, pair, reasons, notBefore int64
	if err := r.Scan(&kind, &d.Ref.ID, &pair, &d.Generation, &reasons, &notBefore, &d.Tries, &d.Run); err != nil {
		return d, err
	}
	d.Reasons, d.NotBefore = core.Reasons(reasons), instant(notBefore)
	return d, t.nameAll(&d.Ref, kind, &d.Pair, pair)
}

// nameAll turns the numbers of a kind and a pair into words.
func (t *Tx) nameAll(ref *core.Ref, kind int64, pair *core.Pair, pairID int64) (err error) {
	if *ref, err = t.ref(kind, ref.ID); err != nil {
		return err
	}
	text, err := t.nameText(pairID)
	*pair = core.Pair(text)
	return err
}

var dirtyOf = newBulk("conn int, kind int, id text", `SELECT `+dirtyColumns+` FROM {rows}
	JOIN dirty d ON d.conn = r.conn AND d.kind = r.kind AND d.id = r.id`)

// DirtyList lists up to limit entries of the connection by ref, behind the one given;
// the zero Ref begins.
func (t *Tx) DirtyList(conn int64, after core.Ref, limit int) ([]core.Dirty, error) {
	if err := t.own(conn); err != nil {
		return nil, err
	}
	kind, err := t.kindID(after)
	if err != nil {
		return nil, fmt.Errorf("list dirty records: %w", err)
	}
	out, err := list(t, t.scanDirty, `SELECT `+dirtyColumns+` FROM dirty d
		WHERE d.conn = $1 AND (d.kind, d.id) > ($2, $3) ORDER BY d.kind, d.id LIMIT CAST($4 AS BIGINT)`, conn, kind, after.ID, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("list dirty records: %w", err)
	}
	return out, nil
}

// DirtyOf gives the entries of those refs that are in the dirty set.
func (t *Tx) DirtyOf(conn int64, refs []core.Ref) (map[core.Ref]core.Dirty, error) {
	if err := t.own(conn); err != nil {
		return nil, err
	}
	rows, err := t.refRows(conn, refs)
	if err != nil {
		return nil, fmt.Errorf("look up dirty records: %w", err)
	}
	out := make(map[core.Ref]core.Dirty)
	err = t.eachRow(dirtyOf, rows, func(r *sql.Rows) error {
		d, err := t.scanDirty(r)
		out[d.Ref] = d
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up dirty records: %w", err)
	}
	return out, nil
}

var dirtySettle = newBulk("conn int, kind int, id text, generation int",
	`DELETE FROM dirty WHERE (conn, kind, id, generation) IN (SELECT r.conn, r.kind, r.id, r.generation FROM {rows})`)

// Settle removes the entries that are still at the generation given, which is
// the one they were claimed at. left is how many of them stay in the set,
// because something marked them meanwhile.
func (t *Tx) Settle(conn int64, entries []core.Dirty) (left int, err error) {
	if err := t.own(conn); err != nil {
		return 0, err
	}
	refs, rows := make([]core.Ref, len(entries)), make([][]any, len(entries))
	for i, d := range entries {
		kind, err := t.kindID(d.Ref)
		if err != nil {
			return 0, fmt.Errorf("settle %s: %w", d.Ref, err)
		}
		refs[i], rows[i] = d.Ref, []any{conn, kind, d.Ref.ID, d.Generation}
	}
	gone, err := t.execRows(dirtySettle, rows)
	if err != nil {
		return 0, fmt.Errorf("settle %d dirty records: %w", len(rows), err)
	}
	if int(gone) == len(entries) {
		return 0, nil
	}
	still, err := t.DirtyOf(conn, refs)
	return len(still), err
}

// Withdraw takes reasons back off the entry of a ref, and the entry out of the set where
// nothing else asked for it. What is claimed of it stays in the set.
func (t *Tx) Withdraw(conn int64, ref core.Ref, why core.Reasons) error {
	if err := t.own(conn); err != nil {
		return err
	}
	kind, err := t.kindID(ref)
	if err == nil {
		_, err = t.exec(`DELETE FROM dirty WHERE conn = $1 AND kind = $2 AND id = $3 AND (reasons & $4) = 0`, conn, kind, ref.ID, int64(^(why | core.ReasonRetry)))
	}
	if err == nil {
		_, err = t.exec(`UPDATE dirty SET reasons = reasons & $1, generation = $2 WHERE conn = $3 AND kind = $4 AND id = $5 AND (reasons & $6) <> 0`,
			int64(^why), t.s.generation.Add(1), conn, kind, ref.ID, int64(why))
	}
	if err != nil {
		return fmt.Errorf("withdraw %s: %w", ref, err)
	}
	return nil
}

// Postpone puts an entry off: it gets the not-before time, one more try and the
// reason retry. An entry that has been marked since it was claimed is left alone,
// because something new has to be looked at now.
func (t *Tx) Postpone(conn int64, d core.Dirty, notBefore time.Time) error {
	return t.postpone(conn, d, notBefore, false)
}

// PutOff is Postpone of an entry that could not be worked on for a passing reason, as a
// side that was busy: until it was looked at again, the record is not known to be in step.
func (t *Tx) PutOff(conn int64, d core.Dirty, notBefore time.Time) error {
	return t.postpone(conn, d, notBefore, true)
}

func (t *Tx) postpone(conn int64, d core.Dirty, notBefore time.Time, late bool) error {
	if err := t.own(conn); err != nil {
		return err
	}
	kind, err := t.kindID(d.Ref)
	if err == nil {
		_, err = t.exec(`UPDATE dirty SET not_before = $1, late = $2, tries = tries + 1, reasons = reasons | 256
			WHERE conn = $3 AND kind = $4 AND id = $5 AND generation = $6`, ms(notBefore), flag(late), conn, kind, d.Ref.ID, d.Generation)
	}
	if err != nil {
		return fmt.Errorf("postpone %s: %w", d.Ref, err)
	}
	return nil
}

// DirtyStats counts the dirty set by object pair. What is due is judged by the
// store's clock. It reads the whole set of the connection.
func (t *Tx) DirtyStats(conn int64) (map[core.Pair]Stats, error) {
	out := map[core.Pair]Stats{}
	err := t.each(`SELECT pair, kind, sum(CASE WHEN not_before <= $2 THEN 1 ELSE 0 END), sum(CASE WHEN not_before <= $2 THEN 0 ELSE 1 END),
		sum(CASE WHEN not_before <= $2 THEN 0 ELSE late END),
		coalesce(min(CASE WHEN not_before <= $2 THEN since END), 0), coalesce(min(CASE WHEN not_before <= $2 THEN NULL ELSE not_before END), 0)
		FROM dirty WHERE conn = $1 GROUP BY pair, kind`, []any{conn, ms(t.now)}, func(r *sql.Rows) error {
		var pair, kind, oldest, next int64
		var s Stats
		if err := r.Scan(&pair, &kind, &s.Due, &s.Waiting, &s.Late, &oldest, &next); err != nil {
			return err
		}
		s.Oldest, s.Next = instant(oldest), instant(next)
		name, err := t.nameText(pair)
		if err != nil {
			return err
		}
		of, err := t.ref(kind, "")
		all := out[core.Pair(name)]
		all.join(of.Side, s)
		out[core.Pair(name)] = all
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count dirty records: %w", err)
	}
	return out, nil
}

// dirtyClassed is a query over every pair and class, each of which the index
// answers without looking at the others.
func dirtyClassed(what, how string) string {
	return `SELECT coalesce(` + what + `(n), 0) FROM (SELECT (SELECT ` + how + ` $2) AS n
	FROM names p, (SELECT 0 AS class UNION ALL SELECT 1 UNION ALL SELECT 2) c) probed`
}

var (
	dirtyNext = dirtyClassed("min", `min(d.not_before) FROM dirty d WHERE d.conn = $1 AND d.pair = p.id AND d.class = c.class AND d.not_before >`)
	dirtyDues = dirtyClassed("sum", `count(*) FROM dirty d WHERE d.conn = $1 AND d.pair = p.id AND d.class = c.class AND d.not_before <=`)
)

// NextDue is when the first entry that is still waiting becomes due, by the
// store's clock; zero when none waits.
func (t *Tx) NextDue(conn int64) (time.Time, error) {
	var next int64
	if err := t.one(dirtyNext, []any{conn, ms(t.now)}, &next); err != nil {
		return time.Time{}, fmt.Errorf("look for the next waiting record: %w", err)
	}
	return instant(next), nil
}

// DueCount is the number of entries that are due by the store's clock.
func (t *Tx) DueCount(conn int64) (n int, err error) {
	if err := t.one(dirtyDues, []any{conn, ms(t.now)}, &n); err != nil {
		return 0, fmt.Errorf("count due records: %w", err)
	}
	return n, nil
}

// AnyDirty reports whether the dirty set of the connection has entries at all.
func (t *Tx) AnyDirty(conn int64) (bool, error) {
	var found int64
	err := t.one(`SELECT count(*) FROM (SELECT 1 FROM dirty WHERE conn = $1 LIMIT 1) first`, []any{conn}, &found)
	if err != nil {
		return false, fmt.Errorf("look whether records are dirty: %w", err)
	}
	return found > 0, nil
}
