package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// updateTries is how often a transaction runs at most when the database asks
// for a retry; updatePause is the wait before the second try, growing by itself
// with each.
const (
	updateTries = 8
	updatePause = 5 * time.Millisecond
)

// errNotCommitted says that a commit got no answer and surely did not happen.
var errNotCommitted = errors.New("the transaction was not committed")

// Update runs fn in a transaction that may write, and commits when fn returns
// nil; any error, or a panic, rolls back. fn may run more than once (see the
// package comment). Errors of fn come back as they are, with the context's beside
// them where that has ended. ErrLocked means that another engine has taken this
// store over: nothing was written, and this process must stop.
func (s *Store) Update(ctx context.Context, fn func(*Tx) error) error {
	if s.o.ReadOnly {
		return ErrReadOnly
	}
	return s.transact(ctx, s.write, func(t *Tx) error {
		if err := t.checkFence(); err != nil {
			return err
		}
		return fn(t)
	})
}

// View runs fn in a transaction that reads one moment and cannot write.
func (s *Store) View(ctx context.Context, fn func(*Tx) error) error {
	tx, err := s.begin(ctx, s.read, s.d.snapshot)
	if err != nil {
		return fmt.Errorf("begin reading: %w", s.d.coded(err))
	}
	t := s.newTx(ctx, tx, s.read)
	defer t.end()
	if err := fn(t); err != nil {
		return ended(ctx, err)
	}
	t.s.names.learn(t.learned)
	return nil
}

func (s *Store) begin(ctx context.Context, db *sql.DB, o *sql.TxOptions) (*sql.Tx, error) {
	if hook := s.o.BeforeBegin; hook != nil {
		if err := hook(ctx); err != nil {
			return nil, err
		}
	}
	return db.BeginTx(ctx, o)
}

func (s *Store) transact(ctx context.Context, db *sql.DB, fn func(*Tx) error) error {
	for try := 1; ; try++ {
		err := s.transactOnce(ctx, db, fn)
		if err == nil || try == updateTries || !s.d.retryable(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(time.Duration(try) * updatePause):
		}
	}
}

func (s *Store) transactOnce(ctx context.Context, db *sql.DB, fn func(*Tx) error) error {
	tx, err := s.begin(ctx, db, nil)
	if err != nil {
		return fmt.Errorf("begin writing: %w", s.d.coded(err))
	}
	t := s.newTx(ctx, tx, db)
	defer t.end()
	t.writes = true
	if err := fn(t); err != nil {
		return ended(ctx, err)
	}
	return ended(ctx, s.commit(ctx, t))
}

// ended names the cause where a cancelled context has ended the transaction under
// a statement's feet, whatever the statement then says of it: that its transaction
// is done, that it is closed itself, or that its rows are.
func ended(ctx context.Context, err error) error {
	cause := ctx.Err()
	if err == nil || cause == nil || errors.Is(err, cause) {
		return err
	}
	return errors.Join(cause, err)
}

// end rolls back what is not committed, and readies for the next transaction
// the statements that this one was the first to use.
func (t *Tx) end() {
	_ = t.tx.Rollback() // says only that the transaction has ended
	t.s.keepPrepared(t.db, t.wanted)
}

// commit counts the commit, between the two hooks.
func (s *Store) commit(ctx context.Context, t *Tx) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	n := s.commits.Add(1)
	if hook := s.o.BeforeCommit; hook != nil {
		if err := hook(n); err != nil {
			return err
		}
	}
	if err := s.settleCommit(ctx, t, t.tx.Commit()); err != nil {
		return err
	}
	s.names.learn(t.learned)
	if hook := s.o.AfterCommit; hook != nil {
		return hook(n)
	}
	return nil
}

// settleCommit turns a commit without an answer into a known end.
func (s *Store) settleCommit(ctx context.Context, t *Tx, err error) error {
	if err == nil {
		return nil
	}
	if s.d.committed == nil || t.xid == "" || s.d.retryable(err) {
		return fmt.Errorf("commit: %w", s.d.coded(err))
	}
	done, asked := s.d.committed(ctx, s.write, t.xid)
	switch {
	case asked != nil:
		return fmt.Errorf("commit: %w", s.d.coded(errors.Join(err, asked)))
	case done:
		return nil
	default:
		return fmt.Errorf("commit: %w: %w", errNotCommitted, s.d.coded(err))
	}
}
