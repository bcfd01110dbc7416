package store

import (
	"context"
	"errors"
	"testing"
	"time"

	"tandem/internal/store/storetest/pgtest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func take(t *testing.T, s *Store, connections ...string) Lease {
	t.Helper()
	var l Lease
	must(t, s.Update(t.Context(), func(tx *Tx) (err error) { l, err = tx.LeaseTake(connections); return err }))
	return l
}

// fenced wants a store to write nothing any more. Its idle sessions were ended, which it
// notices one by one.
func fenced(t *testing.T, s *Store, when string) {
	t.Helper()
	var err error
	for range postgresPool + 2 {
		if err = touch(t.Context(), s); err == nil || errors.Is(err, ErrLocked) {
			break
		}
	}
	if !errors.Is(err, ErrLocked) {
		t.Errorf("%s: %v, want locked", when, err)
	}
}

// Two workers share a store. Who takes a lease fences the one before, for each of its
// connections; another group's lease does not matter.
func TestC10_ALeaseFencesTheOneBefore(t *testing.T) {
	dsn := pgtest.Address(t)
	a, b := open(t, dsn, Options{Worker: "a"}), open(t, dsn, Options{Worker: "b"})
	first, other := take(t, a, "acme", "beta"), take(t, a, "gamma")
	held, beside := a.Leased(first), a.Leased(other)
	if err := touch(t.Context(), held); err != nil {
		t.Fatalf("under its lease: %v", err)
	}
	second := take(t, b, "beta")
	fenced(t, held, "after one of two connections was taken")
	for _, s := range []*Store{beside, b.Leased(second), a, b} {
		must(t, s.write.PingContext(t.Context()))
		if err := touch(t.Context(), s); err != nil {
			t.Errorf("somebody else's transaction: %v", err)
		}
	}
	must(t, b.Update(t.Context(), func(tx *Tx) error { return tx.LeaseEnd(second.Hold) }))
	fenced(t, b.Leased(second), "after the lease was given back")
	var left []Lease
	must(t, a.View(t.Context(), func(tx *Tx) (err error) { left, err = tx.Leases(); return err }))
	if len(left) != 2 || left[0].Connections[0] != "acme" || left[1].Connections[0] != "gamma" {
		t.Errorf("leases %+v, want what is left of the first, and the other", left)
	}
}

// Who takes a lease waits for the transactions of the one before that it cannot end, here
// because they are of the same worker: none commits later.
func TestC10_TakingALeaseWaitsForTransactions(t *testing.T) {
	dsn := pgtest.Address(t)
	a := open(t, dsn, Options{Worker: "a"})
	b := open(t, dsn+"&lock_timeout=50ms", Options{Worker: "a"})
	held := a.Leased(take(t, a, "acme"))
	must(t, held.Update(t.Context(), func(*Tx) error {
		err := b.Update(t.Context(), func(tx *Tx) error { _, err := tx.LeaseTake([]string{"acme"}); return err })
		if err == nil {
			t.Error("the lease was taken within a transaction of the one before")
		}
		return nil
	}))
}

// The workers of a fleet keep an engine that wants the store to itself away, also when
// their sessions broke; whoever got it meanwhile fences them.
func TestSharedRole(t *testing.T) {
	dsn := pgtest.Address(t)
	a, b := open(t, dsn, Options{Worker: "a"}), open(t, dsn, Options{Worker: "b"})
	if a.Epoch() != b.Epoch() {
		t.Errorf("epochs %+v and %+v differ", a.Epoch(), b.Epoch())
	}
	alone := func() error { _, err := openStarted(t, dsn, Options{}); return err }
	if err := alone(); !errors.Is(err, ErrLocked) {
		t.Errorf("an engine beside two workers: %v, want locked", err)
	}
	const end = `SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()`
	if _, err := a.read.Exec(end); err != nil {
		t.Fatal(err)
	}
	must(t, a.KeepShared(t.Context()))
	if err := alone(); !errors.Is(err, ErrLocked) {
		t.Errorf("an engine beside a worker that shares again: %v, want locked", err)
	}
	must(t, a.Close())
	engine := open(t, dsn, Options{})
	if err := b.KeepShared(t.Context()); !errors.Is(err, ErrLocked) {
		t.Errorf("a worker beside an engine: %v, want locked", err)
	}
	if err := touch(t.Context(), b); !errors.Is(err, ErrLocked) {
		t.Errorf("a worker writes beside an engine: %v, want locked", err)
	}
	must(t, engine.Close())
}

// A worker that stands still in a transaction does not keep others from its lease.
func TestC10_AStandingTransactionIsEnded(t *testing.T) {
	dsn := pgtest.Address(t)
	a := open(t, dsn, Options{Worker: "a"})
	b := open(t, dsn, Options{Worker: "b"})
	held := a.Leased(take(t, a, "acme"))
	err := held.Update(t.Context(), func(*Tx) error {
		take(t, b, "acme") // ends the session of this transaction
		return nil
	})
	if err == nil {
		t.Error("the transaction was committed after its lease was taken")
	}
}

func TestWorkers(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	s, err := Open(t.Context(), "sqlite::memory:", Options{Now: func() time.Time { return at }})
	must(t, err)
	defer s.Close()
	seen := func(name string) {
		must(t, s.Update(context.Background(), func(tx *Tx) error { return tx.WorkerSeen(name, time.Minute) }))
	}
	seen("old")
	at = at.Add(50 * time.Second)
	seen("new")
	at = at.Add(50 * time.Second)
	seen("new")
	var got []Worker
	must(t, s.View(t.Context(), func(tx *Tx) (err error) { got, err = tx.Workers(); return err }))
	if len(got) != 1 || got[0].Name != "new" || !got[0].Seen.Equal(at) || !got[0].Started.Equal(at.Add(-50*time.Second)) {
		t.Errorf("workers %+v", got)
	}
}

func TestSQLiteHasOneEngine(t *testing.T) {
	if _, err := Open(t.Context(), "sqlite::memory:", Options{Now: time.Now, Worker: "a"}); CodeOf(err) != Invalid {
		t.Errorf("shared SQLite: %v, want invalid", err)
	}
}
