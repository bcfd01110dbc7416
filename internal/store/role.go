package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"time"
)

// engineLock is the key of the advisory lock of the engine role. It has the schema in
// it, so that several stores may share a database. One engine holds the lock alone; the
// workers of a fleet share it.
const engineLock = `hashtextextended('tandem engine ' || current_schema(), 0)`

// role is the session on which a process holds the engine's lock.
type role struct {
	mu   sync.Mutex
	conn *sql.Conn
	// joined says that other workers were there before.
	joined bool
}

// ask runs a statement about the lock on the session.
func (r *role) ask(ctx context.Context, function string) (bool, error) {
	var got bool
	err := r.conn.QueryRowContext(ctx, `SELECT `+function+`(`+engineLock+`)`).Scan(&got)
	return got, err
}

// end gives up the lock and then the session. Ending the session alone would do, but
// only some time after this process has gone on.
func (r *role) end() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.conn == nil {
		return nil
	}
	_, err := r.conn.ExecContext(context.Background(), `SELECT pg_advisory_unlock_all()`)
	discard := r.conn.Raw(func(any) error { return driver.ErrBadConn })
	r.conn = nil
	if err == nil && !errors.Is(discard, driver.ErrBadConn) {
		return fmt.Errorf("release the store's lock: %w", discard)
	}
	return nil // a session that is gone holds no lock
}

func errEngineRuns() error {
	return errorf(Locked, "an engine is running on this store: stop it, or use a verb that asks it")
}

// takeRole holds the engine's lock alone, on a session of its own. Should that session
// break, the fence that every transaction checks still notices an engine that took over.
func (s *Store) takeRole(ctx context.Context) error {
	if err := s.openRole(ctx); err != nil {
		return err
	}
	got, err := s.role.ask(ctx, "pg_try_advisory_lock")
	if err != nil {
		return fmt.Errorf("lock the store: %w", s.d.coded(err))
	}
	if !got {
		return errEngineRuns()
	}
	return nil
}

func (s *Store) openRole(ctx context.Context) (err error) {
	if s.role.conn, err = s.write.Conn(ctx); err != nil {
		return fmt.Errorf("lock the store: %w", s.d.coded(err))
	}
	return nil
}

// A worker waits so long for another one that has just started, or for a verb that has
// the store to itself, and looks so often.
const (
	shareWithin = 15 * time.Second
	shareEvery  = 100 * time.Millisecond
)

// shareRole takes the lock alone where nobody has it, to migrate and to count the open,
// and else shares it with the workers that are there.
func (s *Store) shareRole(ctx context.Context) error {
	if err := s.openRole(ctx); err != nil {
		return err
	}
	for try := shareWithin / shareEvery; ; try-- {
		alone, err := s.role.ask(ctx, "pg_try_advisory_lock")
		if err == nil && !alone {
			s.role.joined, err = s.role.ask(ctx, "pg_try_advisory_lock_shared")
		}
		switch {
		case err != nil:
			return fmt.Errorf("share the store: %w", s.d.coded(err))
		case alone || s.role.joined:
			return nil
		case try == 0:
			return errEngineRuns()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(shareEvery):
		}
	}
}

// admitOthers lets other workers in, once the schema is there and the open is counted.
func (s *Store) admitOthers(ctx context.Context) error {
	shared, err := s.role.ask(ctx, "pg_try_advisory_lock_shared")
	if err == nil && shared {
		_, err = s.role.ask(ctx, "pg_advisory_unlock")
	}
	if err != nil {
		return fmt.Errorf("share the store: %w", s.d.coded(err))
	}
	if !shared {
		return errEngineRuns()
	}
	return nil
}

// KeepShared sees to it that the store of a worker still shares the engine's lock: where the
// session of the lock broke, it takes it anew. ErrLocked says that an engine has the store
// to itself by now, and this process must stop.
func (s *Store) KeepShared(ctx context.Context) error {
	s.role.mu.Lock()
	defer s.role.mu.Unlock()
	if s.role.conn == nil {
		return errEngineRuns() // the store is closed
	}
	if _, err := s.role.conn.ExecContext(ctx, `SELECT 1`); err == nil {
		return nil
	}
	_ = s.role.conn.Raw(func(any) error { return driver.ErrBadConn }) // it is broken
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("share the store again: %w", s.d.coded(err))
	}
	s.role.conn = conn
	shared, err := s.role.ask(ctx, "pg_try_advisory_lock_shared")
	switch {
	case err != nil:
		return fmt.Errorf("share the store again: %w", s.d.coded(err))
	case !shared:
		return errEngineRuns()
	}
	return nil
}

// postgresLocked looks for the engine's lock without taking it.
func (s *Store) postgresLocked(ctx context.Context) (bool, error) {
	var held bool
	err := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
		AND ((CAST(CAST(classid AS text) AS bigint) << 32) | CAST(CAST(objid AS text) AS bigint)) = `+engineLock+`)`).Scan(&held)
	if err != nil {
		return false, fmt.Errorf("look for an engine: %w", s.d.coded(err))
	}
	return held, nil
}
