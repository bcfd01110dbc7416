package store

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"

	"tandem/internal/core"
)

// JournalRedact takes the values out of all journal entries of a ref, and out of
// stored plans that name it. The entries stay, so that undo and audit still see
// that something was done. The caller redacts both refs of a link.
func (t *Tx) JournalRedact(conn int64, ref core.Ref) error {
	if err := t.own(conn); err != nil {
		return err
	}
	kind, err := t.kindID(ref)
	if err != nil {
		return fmt.Errorf("redact %s: %w", ref, err)
	}
	if err := t.shrinkVolume(conn, kind, ref.ID); err != nil {
		return fmt.Errorf("redact the journal of %s: %w", ref, err)
	}
	_, err = t.exec(`UPDATE journal SET body = $1 WHERE conn = $2 AND kind = $3 AND id = $4`, []byte(redactedBody), conn, kind, ref.ID)
	if err != nil {
		return fmt.Errorf("redact the journal of %s: %w", ref, err)
	}
	_, err = t.exec(`UPDATE plan_items SET ops = $1, decisions = $1, note = '', state = CASE WHEN state = 'pending' THEN 'refused' ELSE state END
		WHERE kind = $2 AND id = $3 AND plan IN (SELECT id FROM plans WHERE conn = $4)`, []byte("[]"), kind, ref.ID, conn)
	if err != nil {
		return fmt.Errorf("redact plans that name %s: %w", ref, err)
	}
	return nil
}

// shrinkVolume counts off what redacting a record's entries is about to free.
func (t *Tx) shrinkVolume(conn, kind int64, id string) error {
	var entries, bytes int64
	err := t.one(`SELECT count(*), CAST(coalesce(sum(length(body)), 0) AS bigint) FROM journal WHERE conn = $1 AND kind = $2 AND id = $3`,
		[]any{conn, kind, id}, &entries, &bytes)
	if err != nil || entries == 0 {
		return err
	}
	return t.journalGrew(conn, entries*int64(len(redactedBody))-bytes)
}

// pruneStep bounds the rows that one JournalPrune removes, so that it does not
// hold up the engine's own writes.
const pruneStep = 5000

type pruned struct{ seq, at, conn, bytes int64 }

// JournalPrune removes the oldest entries: those older than the time given, and
// as many more as it takes to bring the journal below maxBytes (0 for no bound).
// One call removes a few thousand at most and says how many; the caller goes on,
// in further transactions, until it is 0.
func (t *Tx) JournalPrune(olderThan time.Time, maxBytes int64) (removed int64, err error) {
	var total int64
	if err := t.one(`SELECT CAST(coalesce(sum(bytes), 0) AS bigint) FROM journal_volume`, nil, &total); err != nil {
		return 0, fmt.Errorf("prune the journal: %w", err)
	}
	oldest, err := list(t, scanPruned, `SELECT seq, at, conn, length(body) FROM journal ORDER BY seq LIMIT CAST($1 AS BIGINT)`, int64(pruneStep))
	if err != nil {
		return 0, fmt.Errorf("prune the journal: %w", err)
	}
	last, freed := int64(0), map[int64]int64{}
	for _, e := range oldest {
		if e.at >= ms(olderThan) && (maxBytes <= 0 || total <= maxBytes) {
			break
		}
		last = e.seq
		total -= e.bytes
		freed[e.conn] += e.bytes
	}
	return t.pruneUpTo(last, freed)
}

func scanPruned(r *sql.Rows) (pruned, error) {
	var p pruned
	err := r.Scan(&p.seq, &p.at, &p.conn, &p.bytes)
	p.bytes += entryOverhead
	return p, err
}

func (t *Tx) pruneUpTo(last int64, freed map[int64]int64) (int64, error) {
	if last == 0 {
		return 0, nil
	}
	n, err := t.exec(`DELETE FROM journal WHERE seq <= $1`, last)
	if err != nil {
		return 0, fmt.Errorf("prune the journal: %w", err)
	}
	for _, conn := range slices.Sorted(maps.Keys(freed)) {
		if err := t.journalGrew(conn, -freed[conn]); err != nil {
			return 0, err
		}
	}
	return n, nil
}
