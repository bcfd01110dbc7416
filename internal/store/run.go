package store

import (
	"database/sql"
	"fmt"
	"time"

	"tandem/internal/core"
)

// RunState is how far a run has come.
type RunState string

// Run states.
const (
	RunQueued    RunState = "queued"
	RunRunning   RunState = "running"
	RunPaused    RunState = "paused"
	RunDone      RunState = "done"
	RunFailed    RunState = "failed"
	RunCancelled RunState = "cancelled"
)

// Run is one import, resync, backfill, sweep or undo.
type Run struct {
	ID                  int64
	Conn                int64
	Kind                string
	Args                []byte // JSON
	State               RunState
	Total, Done, Failed int64  // records
	Checkpoint          string // where to go on after a stop
	// Created is given by RunCreate; Started and Ended are the caller's.
	Created, Started, Ended time.Time
	Error                   string
}

const runColumns = `id, conn, kind, args, state, total, done, failed, checkpoint, created, started, ended, error`

// RunCreate stores a new run and gives its id. A blank State is queued, a zero
// Created the transaction's time.
func (t *Tx) RunCreate(r Run) (id int64, err error) {
	if err := t.own(r.Conn); err != nil {
		return 0, err
	}
	if r.State == "" {
		r.State = RunQueued
	}
	if r.Created.IsZero() {
		r.Created = t.now
	}
	id, err = t.insert(`INSERT INTO runs (conn, kind, args, state, total, done, failed, checkpoint, created, started, ended, error)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id`, r.Conn, r.Kind, blob(r.Args), string(r.State),
		r.Total, r.Done, r.Failed, r.Checkpoint, ms(r.Created), ms(r.Started), ms(r.Ended), r.Error)
	if err != nil {
		return 0, fmt.Errorf("create run: %w", err)
	}
	return id, nil
}

// RunSave stores what changes of a run: state, counts, checkpoint, start, end and
// error; NotFound without the run.
func (t *Tx) RunSave(r Run) error {
	n, err := t.exec(`UPDATE runs SET state = $1, total = $2, done = $3, failed = $4, checkpoint = $5, started = $6, ended = $7, error = $8
		WHERE id = $9`, string(r.State), r.Total, r.Done, r.Failed, r.Checkpoint, ms(r.Started), ms(r.Ended), r.Error, r.ID)
	return t.saved(n, err, "run", r.ID)
}

// Run gives one run; NotFound without it.
func (t *Tx) Run(id int64) (Run, error) {
	r, ok, err := only(t, scanRun, `SELECT `+runColumns+` FROM runs WHERE id = $1`, id)
	if err != nil {
		return r, fmt.Errorf("read run %d: %w", id, err)
	}
	if !ok {
		return r, errorf(NotFound, "the store has no run %d", id)
	}
	return r, nil
}

// Runs lists up to limit of the connection's runs, the newest first.
func (t *Tx) Runs(conn int64, limit int) ([]Run, error) {
	out, err := list(t, scanRun, `SELECT `+runColumns+` FROM runs WHERE conn = $1 ORDER BY id DESC LIMIT CAST($2 AS BIGINT)`, conn, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	return out, nil
}

// RunsOpen lists the connection's runs that are queued or running, the newest first.
func (t *Tx) RunsOpen(conn int64) ([]Run, error) {
	out, err := list(t, scanRun, `SELECT `+runColumns+` FROM runs WHERE conn = $1 AND state IN ('queued', 'running') ORDER BY id DESC`, conn)
	if err != nil {
		return nil, fmt.Errorf("list open runs: %w", err)
	}
	return out, nil
}

// RunLast gives the connection's newest run of a kind; ok is false without one.
func (t *Tx) RunLast(conn int64, kind string) (r Run, ok bool, err error) {
	r, ok, err = only(t, scanRun, `SELECT `+runColumns+` FROM runs WHERE conn = $1 AND kind = $2 ORDER BY id DESC LIMIT 1`, conn, kind)
	if err != nil {
		return r, false, fmt.Errorf("look for the last %s: %w", kind, err)
	}
	return r, ok, nil
}

// RunLastOf gives the connection's newest run of a kind with the same arguments; ok is false
// without one.
func (t *Tx) RunLastOf(conn int64, kind string, args []byte) (r Run, ok bool, err error) {
	r, ok, err = only(t, scanRun, `SELECT `+runColumns+` FROM runs WHERE conn = $1 AND kind = $2 AND args = $3 ORDER BY id DESC LIMIT 1`, conn, kind, blob(args))
	if err != nil {
		return r, false, fmt.Errorf("look for the last %s of the same: %w", kind, err)
	}
	return r, ok, nil
}

// RunsForget removes the connection's runs of a kind that are done, for kinds under which
// nothing stands in the journal.
func (t *Tx) RunsForget(conn int64, kind string) error {
	if _, err := t.exec(`DELETE FROM runs WHERE conn = $1 AND kind = $2 AND state = 'done'`, conn, kind); err != nil {
		return fmt.Errorf("forget runs of kind %s: %w", kind, err)
	}
	return nil
}

func scanRun(r *sql.Rows) (Run, error) {
	var u Run
	var created, started, ended int64
	err := r.Scan(&u.ID, &u.Conn, &u.Kind, into(&u.Args), &u.State, &u.Total, &u.Done, &u.Failed, &u.Checkpoint, &created, &started, &ended, &u.Error)
	u.Created, u.Started, u.Ended = instant(created), instant(started), instant(ended)
	return u, err
}

// RunForget takes a run's name off the dirty entries that it named. Those that were
// not tried yet and that nothing but the run asked for are removed, and counted.
func (t *Tx) RunForget(run int64) (removed int64, err error) {
	const named = core.ReasonImport | core.ReasonSchema
	removed, err = t.exec(`DELETE FROM dirty WHERE run = $1 AND run <> 0 AND tries = 0 AND (reasons & $2) = 0`, run, int64(^named))
	if err == nil {
		_, err = t.exec(`UPDATE dirty SET run = 0, reasons = CASE WHEN tries = 0 THEN reasons & $2 ELSE reasons END
			WHERE run = $1 AND run <> 0`, run, int64(^core.ReasonImport))
	}
	if err != nil {
		return 0, fmt.Errorf("forget what run %d named: %w", run, err)
	}
	return removed, nil
}

// RunLeft is what is left of a run: its records that were not worked on yet, and those that
// were and are tried again, the first of them at Next. Late are those among the latter that
// PutOff put off.
type RunLeft struct {
	Untried, Retried, Late int
	Next                   time.Time
}

// RunLeft counts what is left of a run.
func (t *Tx) RunLeft(run int64) (left RunLeft, err error) {
	rows, err := list(t, func(r *sql.Rows) (l RunLeft, err error) {
		var next int64
		err = r.Scan(&l.Untried, &l.Retried, &l.Late, &next)
		if l.Retried > 0 {
			l.Next = instant(next)
		}
		return l, err
	}, `SELECT coalesce(sum(CASE WHEN tries = 0 THEN 1 ELSE 0 END), 0), coalesce(sum(CASE WHEN tries = 0 THEN 0 ELSE 1 END), 0),
		coalesce(sum(CASE WHEN tries = 0 THEN 0 ELSE late END), 0), coalesce(min(CASE WHEN tries = 0 THEN NULL ELSE not_before END), 0) FROM dirty WHERE run = $1 AND run <> 0`, run)
	if err != nil {
		return left, fmt.Errorf("count what is left of run %d: %w", run, err)
	}
	return rows[0], nil
}

// RunPending lists up to limit dirty entries that the run named last, by ref,
// behind the one given (the zero Ref begins): what the run still has to do.
func (t *Tx) RunPending(run int64, after core.Ref, limit int) ([]core.Dirty, error) {
	kind, err := t.kindID(after)
	if err != nil {
		return nil, fmt.Errorf("list what run %d has to do: %w", run, err)
	}
	out, err := list(t, t.scanDirty, `SELECT `+dirtyColumns+` FROM dirty d
		WHERE d.run = $1 AND d.run <> 0 AND (d.kind, d.id) > ($2, $3) ORDER BY d.kind, d.id LIMIT CAST($4 AS BIGINT)`, run, kind, after.ID, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("list what run %d has to do: %w", run, err)
	}
	return out, nil
}
