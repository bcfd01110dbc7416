package store

import (
	"database/sql"
	"fmt"
	"time"
)

// AuditEntry is one thing that a person, or the engine for one, did to Tandem
// itself. The audit log is append-only.
type AuditEntry struct {
	Seq     int64
	At      time.Time
	Who     string
	Action  string
	Details []byte // JSON, without secrets
}

// AuditAppend adds an entry at the transaction's time.
func (t *Tx) AuditAppend(who, action string, details []byte) error {
	_, err := t.exec(`INSERT INTO audit (at, who, action, details) VALUES ($1, $2, $3, $4)`, ms(t.now), who, action, blob(details))
	if err != nil {
		return fmt.Errorf("audit %s: %w", action, err)
	}
	return nil
}

// Audit lists up to limit entries in their order, behind the one numbered after.
func (t *Tx) Audit(after int64, limit int) ([]AuditEntry, error) {
	out, err := list(t, scanAudit, `SELECT seq, at, who, action, details FROM audit WHERE seq > $1 ORDER BY seq LIMIT CAST($2 AS BIGINT)`, after, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	return out, nil
}

// AuditBack lists up to limit entries before the one numbered before, the newest first; 0
// begins with the newest. What is not blank chooses by who did it and what was done.
func (t *Tx) AuditBack(before int64, who, action string, limit int) ([]AuditEntry, error) {
	out, err := list(t, scanAudit, `SELECT seq, at, who, action, details FROM audit WHERE (seq < $1 OR $1 = 0) AND (who = $2 OR $2 = '') AND (action = $3 OR $3 = '')
		ORDER BY seq DESC LIMIT CAST($4 AS BIGINT)`, before, who, action, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	return out, nil
}

// AuditLast is the latest entry of an action with exactly these details; ok is
// false without one.
func (t *Tx) AuditLast(action string, details []byte) (e AuditEntry, ok bool, err error) {
	e, ok, err = only(t, scanAudit, `SELECT seq, at, who, action, details FROM audit WHERE action = $1 AND details = $2
		ORDER BY seq DESC LIMIT 1`, action, blob(details))
	if err != nil {
		return e, false, fmt.Errorf("read the audit log: %w", err)
	}
	return e, ok, nil
}

func scanAudit(r *sql.Rows) (AuditEntry, error) {
	var e AuditEntry
	var at int64
	err := r.Scan(&e.Seq, &at, &e.Who, &e.Action, into(&e.Details))
	e.At = instant(at)
	return e, err
}
