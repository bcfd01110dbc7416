package store

import (
	"database/sql"
	"fmt"
	"slices"
	"time"

	"tandem/internal/core"
)

// EntryKind is what a journal entry tells.
type EntryKind string

// Journal entry kinds.
const (
	EntryDecision EntryKind = "decision"
	EntryIntent   EntryKind = "intent"
	EntryOutcome  EntryKind = "outcome"
	EntryConflict EntryKind = "conflict"
	EntryNote     EntryKind = "note"
)

// entryKinds in the order of their stored numbers, from 1.
var entryKinds = []EntryKind{EntryDecision, EntryIntent, EntryOutcome, EntryConflict, EntryNote}

// Entry is one journal entry. Entries are never changed but for redaction.
type Entry struct {
	Seq    int64 // given by the store, ascending within a connection
	At     time.Time
	Run    int64
	Pair   core.Pair
	Ref    core.Ref
	LinkID int64
	Kind   EntryKind
	Body   []byte // JSON
}

// redactedBody stands in place of what an entry held.
const redactedBody = `{"redacted":true}`

// entryOverhead is what an entry takes beside its body, in bytes: the row and
// its places in the indexes, measured.
const entryOverhead = 120

const entryColumns = `j.seq, j.at, j.run, j.pair, j.kind, j.id, j.link, j.entry, j.body`

var journalAppend = newBulk("conn int, at int, run int, pair int, kind int, id text, link int, entry int, body blob",
	`INSERT INTO journal (conn, at, run, pair, kind, id, link, entry, body)
	SELECT r.conn, r.at, r.run, r.pair, r.kind, r.id, r.link, r.entry, r.body FROM {rows}`)

// JournalAppend adds entries in the order given. A zero At becomes the
// transaction's time; Seq is not looked at.
func (t *Tx) JournalAppend(conn int64, entries []Entry) error {
	if len(entries) == 0 {
		return nil
	}
	if err := t.own(conn); err != nil {
		return err
	}
	rows, volume := make([][]any, len(entries)), int64(0)
	for i, e := range entries {
		row, err := t.entryRow(conn, e)
		if err != nil {
			return fmt.Errorf("journal %s of %s: %w", e.Kind, e.Ref, err)
		}
		rows[i] = row
		volume += int64(len(e.Body)) + entryOverhead
	}
	if _, err := t.execRows(journalAppend, rows); err != nil {
		return fmt.Errorf("journal %d entries: %w", len(rows), err)
	}
	return t.journalGrew(conn, volume)
}

func (t *Tx) entryRow(conn int64, e Entry) ([]any, error) {
	if e.At.IsZero() {
		e.At = t.now
	}
	pair, err := t.nameID(string(e.Pair))
	if err != nil {
		return nil, err
	}
	kind, err := t.kindID(e.Ref)
	entry := int64(slices.Index(entryKinds, e.Kind)) + 1
	return []any{conn, ms(e.At), e.Run, pair, kind, e.Ref.ID, e.LinkID, entry, blob(e.Body)}, err
}

// journalGrew keeps the journal's size by connection, so that pruning by size
// need not read the journal.
func (t *Tx) journalGrew(conn, bytes int64) error {
	_, err := t.exec(`INSERT INTO journal_volume (conn, bytes) VALUES ($1, $2)
		ON CONFLICT (conn) DO UPDATE SET bytes = journal_volume.bytes + excluded.bytes`, conn, bytes)
	if err != nil {
		return fmt.Errorf("keep the journal's size: %w", err)
	}
	return nil
}

func (t *Tx) scanEntry(r *sql.Rows) (Entry, error) {
	var e Entry
	var at, pair, kind, entry int64
	if err := r.Scan(&e.Seq, &at, &e.Run, &pair, &kind, &e.Ref.ID, &e.LinkID, &entry, into(&e.Body)); err != nil {
		return e, err
	}
	e.At, e.Kind = instant(at), entryKinds[entry-1]
	return e, t.nameAll(&e.Ref, kind, &e.Pair, pair)
}

// History lists up to limit entries of the refs, the newest first, before the
// entry numbered beforeSeq; 0 begins with the newest.
func (t *Tx) History(conn int64, refs []core.Ref, beforeSeq int64, limit int) ([]Entry, error) {
	rows, err := t.refRows(conn, refs)
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	if beforeSeq <= 0 {
		beforeSeq = 1<<63 - 1
	}
	var out []Entry
	for _, row := range rows {
		page, err := list(t, t.scanEntry, `SELECT `+entryColumns+` FROM journal j
			WHERE j.conn = $1 AND j.kind = $2 AND j.id = $3 AND j.seq < $4 ORDER BY j.seq DESC LIMIT CAST($5 AS BIGINT)`,
			append(row, beforeSeq, int64(limit))...)
		if err != nil {
			return nil, fmt.Errorf("read history: %w", err)
		}
		out = append(out, page...)
	}
	slices.SortFunc(out, func(a, b Entry) int { return int(b.Seq - a.Seq) })
	out = slices.CompactFunc(out, func(a, b Entry) bool { return a.Seq == b.Seq })
	return out[:min(len(out), limit)], nil
}

var journalLast = newBulk("conn int, kind int, id text", `SELECT `+entryColumns+` FROM {rows} JOIN journal j
	ON j.seq = (SELECT max(s.seq) FROM journal s WHERE s.conn = r.conn AND s.kind = r.kind AND s.id = r.id)`)

// JournalLast gives the newest entry of each ref that has one.
func (t *Tx) JournalLast(conn int64, refs []core.Ref) (map[core.Ref]Entry, error) {
	rows, err := t.refRows(conn, refs)
	if err != nil {
		return nil, fmt.Errorf("read the last entries: %w", err)
	}
	out := map[core.Ref]Entry{}
	err = t.eachRow(journalLast, rows, func(r *sql.Rows) error {
		e, err := t.scanEntry(r)
		out[e.Ref] = e
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the last entries: %w", err)
	}
	return out, nil
}

// JournalOfRun lists up to limit entries of a run in their order, behind
// afterSeq.
func (t *Tx) JournalOfRun(run, afterSeq int64, limit int) ([]Entry, error) {
	out, err := list(t, t.scanEntry, `SELECT `+entryColumns+` FROM journal j
		WHERE j.run = $1 AND j.run <> 0 AND j.seq > $2 ORDER BY j.seq LIMIT CAST($3 AS BIGINT)`, run, afterSeq, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("read the journal of run %d: %w", run, err)
	}
	return out, nil
}

// JournalEndOfRun lists up to limit entries of a run in their order, behind afterSeq: of
// each record the last one alone.
func (t *Tx) JournalEndOfRun(run, afterSeq int64, limit int) ([]Entry, error) {
	out, err := list(t, t.scanEntry, `SELECT `+entryColumns+` FROM journal j
		WHERE j.run = $1 AND j.run <> 0 AND j.seq > $2 AND NOT EXISTS (SELECT 1 FROM journal s
			WHERE s.conn = j.conn AND s.kind = j.kind AND s.id = j.id AND s.seq > j.seq AND s.run = j.run)
		ORDER BY j.seq LIMIT CAST($3 AS BIGINT)`, run, afterSeq, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("read the end of run %d: %w", run, err)
	}
	return out, nil
}

// Conflicts lists up to limit conflict entries in their order, behind afterSeq.
func (t *Tx) Conflicts(conn, afterSeq int64, limit int) ([]Entry, error) {
	out, err := list(t, t.scanEntry, `SELECT `+entryColumns+` FROM journal j
		WHERE j.conn = $1 AND j.entry = 4 AND j.seq > $2 ORDER BY j.seq LIMIT CAST($3 AS BIGINT)`, conn, afterSeq, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("read conflicts: %w", err)
	}
	return out, nil
}

// ConflictsBack lists up to limit conflict entries, the newest first, before a sequence
// number; 0 begins with the newest.
func (t *Tx) ConflictsBack(conn, beforeSeq int64, limit int) ([]Entry, error) {
	if beforeSeq == 0 {
		beforeSeq = 1<<63 - 1
	}
	out, err := list(t, t.scanEntry, `SELECT `+entryColumns+` FROM journal j
		WHERE j.conn = $1 AND j.entry = 4 AND j.seq < $2 ORDER BY j.seq DESC LIMIT CAST($3 AS BIGINT)`, conn, beforeSeq, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("read the newest conflicts: %w", err)
	}
	return out, nil
}
