package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"tandem/internal/core"
)

// Brake halts a connection until a person clears it.
type Brake struct {
	Kind    string
	Reason  string
	Details []byte // JSON
	At      time.Time
}

// BrakeSet pulls a brake. One of the same kind that is pulled already keeps its
// time and gets the new reason. A zero At becomes the transaction's time. That a
// person released one of the kind before is forgotten.
func (t *Tx) BrakeSet(conn int64, b Brake) error {
	if err := t.own(conn); err != nil {
		return err
	}
	if b.At.IsZero() {
		b.At = t.now
	}
	_, err := t.exec(`INSERT INTO brakes (conn, kind, reason, details, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (conn, kind) DO UPDATE SET reason = excluded.reason, details = excluded.details,
			at = CASE WHEN brakes.released = 0 THEN brakes.at ELSE excluded.at END, released = 0`,
		conn, b.Kind, b.Reason, blob(b.Details), ms(b.At))
	if err != nil {
		return fmt.Errorf("set brake %s: %w", b.Kind, err)
	}
	return nil
}

// Brakes lists the brakes that halt the connection, by kind.
func (t *Tx) Brakes(conn int64) ([]Brake, error) {
	if err := t.own(conn); err != nil {
		return nil, err
	}
	out, err := list(t, scanBrake, `SELECT kind, reason, details, at FROM brakes WHERE conn = $1 AND released = 0 ORDER BY kind`, conn)
	if err != nil {
		return nil, fmt.Errorf("list brakes: %w", err)
	}
	return out, nil
}

func scanBrake(r *sql.Rows) (Brake, error) {
	var b Brake
	var at int64
	err := r.Scan(&b.Kind, &b.Reason, into(&b.Details), &at)
	b.At = instant(at)
	return b, err
}

// BrakeClear releases a brake and writes to the audit log who did; NotFound when
// it is not pulled.
func (t *Tx) BrakeClear(conn int64, kind, by string) error {
	if err := t.own(conn); err != nil {
		return err
	}
	n, err := t.exec(`UPDATE brakes SET released = $1 WHERE conn = $2 AND kind = $3 AND released = 0`, ms(t.now), conn, kind)
	if err != nil {
		return fmt.Errorf("clear brake %s: %w", kind, err)
	}
	if n == 0 {
		return errorf(NotFound, "the connection has no brake %s", kind)
	}
	details, err := json.Marshal(map[string]any{"connection": conn, "kind": kind})
	if err != nil {
		return fmt.Errorf("clear brake %s: %w", kind, err)
	}
	return t.AuditAppend(by, "clear_brake", details)
}

// BrakeReleased says when a person released the brake of a kind last; zero when
// nobody did, or when it was pulled again since.
func (t *Tx) BrakeReleased(conn int64, kind string) (time.Time, error) {
	if err := t.own(conn); err != nil {
		return time.Time{}, err
	}
	at, _, err := only(t, scanInstant, `SELECT released FROM brakes WHERE conn = $1 AND kind = $2`, conn, kind)
	if err != nil {
		return at, fmt.Errorf("read the release of brake %s: %w", kind, err)
	}
	return at, nil
}

// BrakeLast gives the brake of a kind that was pulled last, and when a person released it:
// zero while it halts. Without one ever it has no kind.
func (t *Tx) BrakeLast(conn int64, kind string) (b Brake, released time.Time, err error) {
	if released, err = t.BrakeReleased(conn, kind); err != nil {
		return b, released, err
	}
	b, _, err = only(t, scanBrake, `SELECT kind, reason, details, at FROM brakes WHERE conn = $1 AND kind = $2`, conn, kind)
	if err != nil {
		return b, released, fmt.Errorf("read brake %s: %w", kind, err)
	}
	return b, released, nil
}

func scanInstant(r *sql.Rows) (time.Time, error) {
	var at int64
	err := r.Scan(&at)
	return instant(at), err
}

// BrakeCount is what was counted towards a brake, and since when; zero when
// nothing was.
func (t *Tx) BrakeCount(conn int64, kind string) (since time.Time, n int, err error) {
	if err := t.own(conn); err != nil {
		return since, 0, err
	}
	err = t.each(`SELECT since, n FROM brake_counts WHERE conn = $1 AND kind = $2`, []any{conn, kind}, func(r *sql.Rows) error {
		var at int64
		err := r.Scan(&at, &n)
		since = instant(at)
		return err
	})
	if err != nil {
		return since, 0, fmt.Errorf("read the count of brake %s: %w", kind, err)
	}
	return since, n, nil
}

// BrakeCountSet stores what was counted towards a brake since a moment.
func (t *Tx) BrakeCountSet(conn int64, kind string, since time.Time, n int) error {
	if err := t.own(conn); err != nil {
		return err
	}
	_, err := t.exec(`INSERT INTO brake_counts (conn, kind, since, n) VALUES ($1, $2, $3, $4)
		ON CONFLICT (conn, kind) DO UPDATE SET since = excluded.since, n = excluded.n`, conn, kind, ms(since), int64(n))
	if err != nil {
		return fmt.Errorf("count towards brake %s: %w", kind, err)
	}
	return nil
}

var brakeLinkPut = newBulk("conn int, kind text, link int",
	`INSERT INTO brake_links (conn, kind, link) SELECT r.conn, r.kind, r.link FROM {rows} WHERE true ON CONFLICT DO NOTHING`)

// BrakeCountLinks counts links towards a brake, each once since the moment given:
// a later moment than before begins anew. It returns how many are counted.
func (t *Tx) BrakeCountLinks(conn int64, kind string, since time.Time, links []int64) (n int, err error) {
	began, before, err := t.BrakeCount(conn, kind)
	if err != nil {
		return 0, err
	}
	if !began.Equal(since) {
		before = 0
		if _, err := t.exec(`DELETE FROM brake_links WHERE conn = $1 AND kind = $2`, conn, kind); err != nil {
			return 0, fmt.Errorf("begin the count of brake %s: %w", kind, err)
		}
	}
	rows := make([][]any, len(links))
	for i, l := range links {
		rows[i] = []any{conn, kind, l}
	}
	fresh, err := t.execRows(brakeLinkPut, rows)
	if err != nil {
		return 0, fmt.Errorf("count %d links towards brake %s: %w", len(links), kind, err)
	}
	return before + int(fresh), t.BrakeCountSet(conn, kind, since, before+int(fresh))
}

// dirtyLinked finds the linked records of a side among those that wait because
// somebody changed them, without those that a run or a person named.
func dirtyLinked(side string) string {
	return `SELECT l.id FROM dirty d JOIN links l ON l.conn = d.conn AND l.kind` + side + ` = d.kind AND l.id` + side + ` = d.id
		AND (CASE WHEN l.state = 3 THEN l.id ELSE 0 END) = 0
		WHERE d.conn = $1 AND d.pair = $2 AND d.class = 0 AND (d.reasons & $3) <> 0 AND (d.reasons & $4) = 0 AND l.state = 1
		AND NOT EXISTS (SELECT 1 FROM brake_links b WHERE b.conn = d.conn AND b.kind = $5 AND b.link = l.id)`
}

var (
	brakeLinks   = dirtyLinked("0") + ` UNION ` + dirtyLinked("1")
	brakeWaiting = `SELECT count(*) FROM (` + brakeLinks + `) waiting`
	brakeSample  = `SELECT l.kind0, l.id0 FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM (` + brakeLinks + `) waiting) numbered
		JOIN links l ON l.conn = $1 AND l.id = numbered.id WHERE numbered.n % CAST($6 AS BIGINT) = 0 ORDER BY l.id`
)

// BrakeOf names records that count towards a brake: of a pair, those that wait for one of
// the reasons Why and for none of Except.
type BrakeOf struct {
	Kind        string
	Pair        core.Pair
	Why, Except core.Reasons
}

func (t *Tx) brakeArgs(conn int64, of BrakeOf) ([]any, error) {
	pair, err := t.nameID(string(of.Pair))
	return []any{conn, pair, int64(of.Why), int64(of.Except), of.Kind}, err
}

// BrakeWaiting counts the linked pairs that wait in the dirty set and do not count towards
// the brake yet.
func (t *Tx) BrakeWaiting(conn int64, of BrakeOf) (n int, err error) {
	args, err := t.brakeArgs(conn, of)
	if err == nil {
		err = t.one(brakeWaiting, args, &n)
	}
	if err != nil {
		return 0, fmt.Errorf("count what waits towards brake %s: %w", of.Kind, err)
	}
	return n, nil
}

// BrakeSample gives the Salesforce record of each nth of the pairs that BrakeWaiting counts,
// in the order of their links.
func (t *Tx) BrakeSample(conn int64, of BrakeOf, nth int) (refs []core.Ref, err error) {
	args, err := t.brakeArgs(conn, of)
	if err == nil {
		refs, err = list(t, t.scanRef, brakeSample, append(args, int64(nth))...)
	}
	if err != nil {
		return nil, fmt.Errorf("take some of what waits towards brake %s: %w", of.Kind, err)
	}
	return refs, nil
}

func (t *Tx) scanRef(r *sql.Rows) (core.Ref, error) {
	var kind int64
	var id string
	if err := r.Scan(&kind, &id); err != nil {
		return core.Ref{}, err
	}
	return t.ref(kind, id)
}
