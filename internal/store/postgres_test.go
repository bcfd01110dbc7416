package store

import (
	"errors"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"tandem/internal/core"
	"tandem/internal/store/storetest/pgtest"
)

// On PostgreSQL the lock goes with its session; the next engine may then open,
// and the first is fenced.
func TestTakeOver(t *testing.T) {
	dsn := pgtest.Address(t)
	first := open(t, dsn, Options{})
	if _, err := openStarted(t, dsn, Options{}); !errors.Is(err, ErrLocked) {
		t.Fatalf("a second engine: %v, want locked", err)
	}
	const end = `SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()`
	if _, err := first.read.Exec(end); err != nil {
		t.Fatal(err)
	}
	second := open(t, dsn, Options{})
	if err := touch(t.Context(), first); !errors.Is(err, ErrLocked) {
		t.Errorf("the first engine writes after the second opened: %v", err)
	}
	if err := touch(t.Context(), second); err != nil {
		t.Error(err)
	}
}

// An engine that opens waits for the transactions of the one before: none of them
// commits after its first.
func TestFenceHoldsToTheEnd(t *testing.T) {
	dsn := pgtest.Address(t)
	s := open(t, dsn, Options{})
	guest := open(t, dsn+"&lock_timeout=50ms", Options{Guest: true})
	err := s.Update(t.Context(), func(*Tx) error {
		_, err := guest.write.Exec(`UPDATE epoch SET opens = opens + 1`)
		var e *pgconn.PgError
		if !errors.As(err, &e) || e.Code != "55P03" { // lock_not_available
			t.Errorf("the count of opens moves within a transaction: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Two transactions that lock two connections crosswise: the database stops one,
// which runs again.
func TestDeadlockIsRetried(t *testing.T) {
	s := open(t, pgtest.Address(t), Options{})
	var wg sync.WaitGroup
	var meet sync.WaitGroup
	meet.Add(2)
	var mu sync.Mutex
	runs := 0
	for _, order := range [][2]int64{{1, 2}, {2, 1}} {
		first := true
		wg.Go(func() {
			err := s.Update(t.Context(), func(tx *Tx) error {
				mu.Lock()
				runs++
				mu.Unlock()
				if err := tx.own(order[0]); err != nil {
					return err
				}
				if first {
					first = false
					meet.Done()
					meet.Wait()
				}
				return tx.own(order[1])
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if runs != 3 {
		t.Errorf("two deadlocked transactions ran %d times together, want 3", runs)
	}
}

// A commit whose answer was lost has a known end.
func TestUnansweredCommit(t *testing.T) {
	s := open(t, pgtest.Address(t), Options{})
	lost := errors.New("connection reset")
	for _, committed := range []bool{true, false} {
		var held *Tx
		plant := errors.New("planted")
		err := s.Update(t.Context(), func(tx *Tx) error {
			held = tx
			if !committed {
				return plant
			}
			return nil
		})
		if committed != (err == nil) {
			t.Fatal(err)
		}
		got := s.settleCommit(t.Context(), held, lost)
		if committed && got != nil {
			t.Errorf("a commit that happened ends as %v", got)
		}
		if !committed && (!errors.Is(got, lost) || !s.d.retryable(got)) {
			t.Errorf("a commit that did not happen ends as %v, which is to be run again", got)
		}
	}
}

// A session that the server ends in the middle of a transaction costs a second
// run, not the update.
func TestEndedSessionIsRetried(t *testing.T) {
	s := open(t, pgtest.Address(t), Options{})
	runs := 0
	err := s.Update(t.Context(), func(tx *Tx) error {
		if runs++; runs == 1 {
			_, err := tx.exec(`SELECT pg_terminate_backend(pg_backend_pid())`)
			return err
		}
		return tx.CursorSet(1, core.HubSpot, "poll", "x")
	})
	if err != nil || runs != 2 {
		t.Errorf("%d runs, %v", runs, err)
	}
}
