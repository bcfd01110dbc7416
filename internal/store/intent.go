package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"tandem/internal/core"
)

// Intent is a write that was decided and whose end is not known yet. It is
// stored before the call and settled in the transaction that stores the outcome.
type Intent struct {
	Op     core.Op
	LinkID int64    // 0 for a create
	Meets  string   // the rule of the link that the write is to make, blank where the link stands
	Dirty  core.Ref // the entry that the write belongs to
	Call   string   // the call or job that carries it
	At     time.Time
	// Unknown is since when the outcome is known to be unknown; zero before.
	Unknown time.Time
}

// intentOp is the stored form of an intent's op.
type intentOp struct {
	core.Op
	Meets string `json:"meets,omitempty"`
}

const intentColumns = `i.op, i.link, i.dirty_kind, i.dirty_id, i.call, i.at, i.unknown`

var intentsPut = newBulk("conn int, key text, at int, unknown int, link int, target_kind int, target_id text, source_kind int, source_id text, dirty_kind int, dirty_id text, call text, op blob",
	`INSERT INTO intents (conn, key, at, unknown, link, target_kind, target_id, source_kind, source_id, dirty_kind, dirty_id, call, op)
	SELECT r.conn, r.key, r.at, r.unknown, r.link, r.target_kind, r.target_id, r.source_kind, r.source_id, r.dirty_kind, r.dirty_id, r.call, r.op
	FROM {rows} WHERE true
	ON CONFLICT (conn, key) DO UPDATE SET at = excluded.at, unknown = excluded.unknown, link = excluded.link, call = excluded.call, op = excluded.op,
		target_kind = excluded.target_kind, target_id = excluded.target_id, source_kind = excluded.source_kind, source_id = excluded.source_id,
		dirty_kind = excluded.dirty_kind, dirty_id = excluded.dirty_id`)

// IntentsPut stores intents by the key of their Op; one that is open already is
// replaced, which is what a resend does. A zero At becomes the transaction's
// time.
func (t *Tx) IntentsPut(conn int64, intents []Intent) error {
	if err := t.own(conn); err != nil {
		return err
	}
	var rows [][]any
	for _, in := range lastOf(intents, func(in Intent) string { return in.Op.Key }) {
		row, err := t.intentRow(conn, in)
		if err != nil {
			return fmt.Errorf("store intent %s: %w", in.Op.Key, err)
		}
		rows = append(rows, row)
	}
	if _, err := t.execRows(intentsPut, rows); err != nil {
		return fmt.Errorf("store %d intents: %w", len(rows), err)
	}
	return nil
}

func (t *Tx) intentRow(conn int64, in Intent) ([]any, error) {
	if in.At.IsZero() {
		in.At = t.now
	}
	op, err := json.Marshal(intentOp{in.Op, in.Meets})
	if err != nil {
		return nil, err
	}
	var kinds [3]int64
	for i, ref := range []core.Ref{in.Op.Target, in.Op.Source, in.Dirty} {
		if kinds[i], err = t.kindID(ref); err != nil {
			return nil, err
		}
	}
	return []any{conn, in.Op.Key, ms(in.At), ms(in.Unknown), in.LinkID, kinds[0], in.Op.Target.ID, kinds[1], in.Op.Source.ID,
		kinds[2], in.Dirty.ID, in.Call, op}, nil
}

// IntentsOpen lists all open intents, the oldest first, then by key.
func (t *Tx) IntentsOpen(conn int64) ([]Intent, error) {
	out, err := list(t, t.scanIntent, `SELECT `+intentColumns+` FROM intents i WHERE i.conn = $1 ORDER BY i.at, i.key`, conn)
	if err != nil {
		return nil, fmt.Errorf("list open intents: %w", err)
	}
	return out, nil
}

// Ends are the refs of an open intent: the record it writes, with a blank id where that is
// yet to be made, the one it stems from, and the one whose entry it belongs to.
type Ends struct{ Target, Source, Dirty core.Ref }

// IntentEnds lists the refs of all open intents in no order that counts: a fraction of the
// work of IntentsOpen, which reads every op.
func (t *Tx) IntentEnds(conn int64) ([]Ends, error) {
	out, err := list(t, t.scanEnds, `SELECT target_kind, target_id, source_kind, source_id, dirty_kind, dirty_id FROM intents WHERE conn = $1`, conn)
	if err != nil {
		return nil, fmt.Errorf("list the records of open intents: %w", err)
	}
	return out, nil
}

func (t *Tx) scanEnds(r *sql.Rows) (e Ends, err error) {
	var kinds [3]int64
	var ids [3]string
	if err := r.Scan(&kinds[0], &ids[0], &kinds[1], &ids[1], &kinds[2], &ids[2]); err != nil {
		return e, err
	}
	for i, ref := range []*core.Ref{&e.Target, &e.Source, &e.Dirty} {
		if *ref, err = t.ref(kinds[i], ids[i]); err != nil {
			return e, err
		}
	}
	return e, nil
}

func (t *Tx) scanIntent(r *sql.Rows) (Intent, error) {
	var in Intent
	var op []byte
	var dirty, at, unknown int64
	if err := r.Scan(&op, &in.LinkID, &dirty, &in.Dirty.ID, &in.Call, &at, &unknown); err != nil {
		return in, err
	}
	in.At, in.Unknown = instant(at), instant(unknown)
	var stored intentOp
	if err := json.Unmarshal(op, &stored); err != nil {
		return in, &Error{Code: Corrupt, Message: "an open intent cannot be read", Err: err}
	}
	in.Op, in.Meets = stored.Op, stored.Meets
	var err error
	in.Dirty, err = t.ref(dirty, in.Dirty.ID)
	return in, err
}

var intentsSettle = newBulk("conn int, key text", `DELETE FROM intents WHERE (conn, key) IN (SELECT r.conn, r.key FROM {rows})`)

// IntentsSettle removes intents whose outcome is known. Keys that are not open
// are no error: an outcome may be learnt twice.
func (t *Tx) IntentsSettle(conn int64, keys []string) error {
	if err := t.own(conn); err != nil {
		return err
	}
	rows := make([][]any, len(keys))
	for i, key := range keys {
		rows[i] = []any{conn, key}
	}
	if _, err := t.execRows(intentsSettle, rows); err != nil {
		return fmt.Errorf("settle %d intents: %w", len(keys), err)
	}
	return nil
}

// IntentUnknown notes since when the outcome of an open intent is unknown;
// NotFound when it is not open.
func (t *Tx) IntentUnknown(conn int64, key string, since time.Time) error {
	if err := t.own(conn); err != nil {
		return err
	}
	n, err := t.exec(`UPDATE intents SET unknown = $1 WHERE conn = $2 AND key = $3`, ms(since), conn, key)
	if err != nil {
		return fmt.Errorf("note that intent %s is unknown: %w", key, err)
	}
	if n == 0 {
		return errorf(NotFound, "the connection has no open intent %s", key)
	}
	return nil
}
