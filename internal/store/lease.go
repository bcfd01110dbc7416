package store

import (
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// Lease is the right of one worker of a fleet to work on some connections. It
// lasts until another worker takes one of them.
type Lease struct {
	// Hold numbers the lease; no two ever have the same number.
	Hold int64
	// Connections are those it is for, by name.
	Connections []string
	// Worker is who has it, since Taken.
	Worker string
	Taken  time.Time
}

// LeaseTake gives this store's worker the lease of connections, whoever had it before: once
// this transaction is committed, no transaction of an earlier lease commits any more. Those
// under way are ended with their sessions, since whoever runs them may stand still; where
// that is not possible it waits for them.
func (t *Tx) LeaseTake(connections []string) (Lease, error) {
	worker := t.s.o.Worker
	l := Lease{Connections: connections, Worker: worker, Taken: t.now}
	for _, c := range connections {
		var n int64
		if err := t.one(t.s.d.endSessions, []any{c, worker}, &n); err != nil {
			return l, fmt.Errorf("end the sessions of whoever has %s: %w", c, err)
		}
	}
	var err error
	if l.Hold, err = t.insert(`INSERT INTO holds (worker, taken) VALUES ($1, $2) RETURNING id`, worker, ms(t.now)); err != nil {
		return l, fmt.Errorf("take the lease of %v: %w", connections, err)
	}
	for _, c := range connections {
		_, err := t.exec(`INSERT INTO leases (connection, hold) VALUES ($1, $2) ON CONFLICT (connection) DO UPDATE SET hold = excluded.hold`, c, l.Hold)
		if err != nil {
			return l, fmt.Errorf("take the lease of %s: %w", c, err)
		}
	}
	if _, err := t.exec(`DELETE FROM holds WHERE id < $1 AND id NOT IN (SELECT hold FROM leases)`, l.Hold); err != nil {
		return l, fmt.Errorf("forget leases that ended: %w", err)
	}
	return l, nil
}

// LeaseEnd gives a lease back. Where another worker took it meanwhile, nothing changes.
func (t *Tx) LeaseEnd(hold int64) error {
	if _, err := t.exec(`UPDATE leases SET hold = 0 WHERE hold = $1`, hold); err != nil {
		return fmt.Errorf("give lease %d back: %w", hold, err)
	}
	return nil
}

// Leases lists the leases that were not given back, in the order they were taken. That
// one is listed does not say that its worker lives.
func (t *Tx) Leases() ([]Lease, error) {
	var out []Lease
	err := t.each(`SELECT h.id, h.worker, h.taken, l.connection FROM leases l JOIN holds h ON h.id = l.hold ORDER BY h.id, l.connection`, nil, func(r *sql.Rows) error {
		var l Lease
		var connection string
		var taken int64
		if err := r.Scan(&l.Hold, &l.Worker, &taken, &connection); err != nil {
			return err
		}
		if n := len(out); n == 0 || out[n-1].Hold != l.Hold {
			l.Taken = instant(taken)
			out = append(out, l)
		}
		last := &out[len(out)-1]
		last.Connections = append(last.Connections, connection)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list leases: %w", err)
	}
	return out, nil
}

// Worker is one process of a fleet.
type Worker struct {
	Name          string
	Started, Seen time.Time // Seen is when it last said that it is there
}

// WorkerSeen notes that a worker is there. Workers that were not seen for long are
// forgotten.
func (t *Tx) WorkerSeen(name string, forget time.Duration) error {
	_, err := t.exec(`INSERT INTO workers (name, started, seen) VALUES ($1, $2, $2) ON CONFLICT (name) DO UPDATE SET seen = excluded.seen`, name, ms(t.now))
	if err == nil {
		_, err = t.exec(`DELETE FROM workers WHERE seen < $1`, ms(t.now.Add(-forget)))
	}
	if err != nil {
		return fmt.Errorf("note that worker %s is there: %w", name, err)
	}
	return nil
}

// WorkerGone forgets a worker that ends.
func (t *Tx) WorkerGone(name string) error {
	if _, err := t.exec(`DELETE FROM workers WHERE name = $1`, name); err != nil {
		return fmt.Errorf("note that worker %s is gone: %w", name, err)
	}
	return nil
}

// Workers lists the workers, by name.
func (t *Tx) Workers() ([]Worker, error) {
	out, err := list(t, func(r *sql.Rows) (Worker, error) {
		var w Worker
		var started, seen int64
		err := r.Scan(&w.Name, &started, &seen)
		w.Started, w.Seen = instant(started), instant(seen)
		return w, err
	}, `SELECT name, started, seen FROM workers ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("list workers: %w", err)
	}
	return out, nil
}

// Leased is this store for the work under a lease: each of its transactions that writes
// commits only while nobody else has taken one of the lease's connections, and fails with
// ErrLocked otherwise. It shares the store's sessions; closing it does nothing.
func (s *Store) Leased(l Lease) *Store {
	return &Store{d: s.d, o: s.o, write: s.write, read: s.read, aside: s.aside, detach: s.detach, running: s.running, epoch: s.epoch, names: s.names, generation: s.generation, lease: &l}
}

// checkLease is checkFence for a leased store. The rows are held, so that whoever takes
// the lease waits for this transaction's end.
func (t *Tx) checkLease() error {
	n, opens := 0, t.s.epoch.Opens
	err := t.each(t.s.d.fenceLease, []any{t.s.lease.Hold}, func(r *sql.Rows) error {
		n++
		return r.Scan(&opens, &t.xid)
	})
	switch {
	case err != nil:
		return fmt.Errorf("check the store's fence: %w", err)
	case opens != t.s.epoch.Opens:
		return errTakenOver()
	case n != len(t.s.lease.Connections):
		return errorf(Locked, "another worker has taken over %s: this one must stop", strings.Join(t.s.lease.Connections, ", "))
	}
	return nil
}
