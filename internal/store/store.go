package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"sync/atomic"
	"time"
)

// Options says how a store is opened.
type Options struct {
	// Now is the clock, required. It is read once a transaction.
	Now func() time.Time
	// ReadOnly takes no lock, migrates nothing and refuses every write.
	ReadOnly bool
	// Guest takes no lock and migrates nothing, but may write beside a running
	// engine: it is for putting commands and settings, not for syncing.
	Guest bool
	// Worker, where it is not blank, becomes one of several engines of a PostgreSQL
	// store, under this name of at most 63 bytes that no other one has. Each works under
	// leases (Leased); without one it may capture what happened and put commands.
	Worker string
	// Random is read once, when a store is created, for its identity; nil means
	// the system's random source.
	Random io.Reader
	// BeforeCommit and AfterCommit see the number of every commit, from 1, for
	// tests that crash there. An error from BeforeCommit rolls back; an error
	// from AfterCommit is returned although the transaction stands.
	BeforeCommit, AfterCommit func(n int64) error
	// BeforeBegin is called before every transaction begins, for tests that decide
	// whose turn it is; its error is what the caller gets.
	BeforeBegin func(ctx context.Context) error
}

// Store is an open store. It is safe for concurrent use.
type Store struct {
	d      *dialect
	o      Options
	write  *sql.DB // nil when ReadOnly on SQLite
	read   *sql.DB
	aside  *sql.DB // PostgreSQL: one session to look up names while another is busy
	detach bool    // statements do not carry the context: see Tx
	// running reports whether some process holds the engine's lock.
	running func(context.Context) (bool, error)
	epoch   Epoch
	commits atomic.Int64
	// generation is that of the last mark. It begins anywhere, so that neither an entry that
	// was removed and marked again nor one that another process marks is at that of a claim.
	generation *atomic.Int64
	names      *names
	lease      *Lease // of a leased view
	role       role   // PostgreSQL: the session that holds the engine's lock
	release    []func() error
	beside     string // where beats are noted; blank for nowhere
	beats      int64  // noted or counted last
	// erased says that something was erased on request since the log was emptied.
	erased atomic.Bool

	prepared prepared
}

// Epoch tells a store from its copies.
type Epoch struct {
	// Identity is random, drawn when the store was created.
	Identity string
	// Opens counts the engines that have opened it, this one included. A backup
	// that was restored has fewer opens than were ever seen of its identity.
	Opens int64
}

// Open opens the store at the address: "sqlite:///abs/path",
// "sqlite://rel/path", "sqlite::memory:" (for this Store only) or
// "postgres://…". Unless ReadOnly or Guest it becomes the store's one engine:
// it takes the engine's lock (ErrLocked when another holds it), creates or
// migrates the schema and counts the open. Other errors: BadReference,
// NotFound (no store, ReadOnly and Guest only), NewerSchema, OlderSchema,
// Unavailable.
func Open(ctx context.Context, dsn string, o Options) (*Store, error) {
	if o.Now == nil {
		return nil, errorf(Invalid, "open store: the options need a clock")
	}
	a, err := parseAddress(dsn)
	if err != nil {
		return nil, err
	}
	open := openSQLite
	if a.postgres != "" {
		open = openPostgres
	}
	s, err := open(ctx, a, o)
	if err == nil {
		s.generation = anyGeneration()
		err = s.start(ctx)
	}
	if err != nil {
		if s != nil {
			err = errors.Join(err, s.Close())
		}
		return nil, err
	}
	return s, nil
}

func anyGeneration() *atomic.Int64 {
	var n atomic.Int64
	n.Store(mathrand.Int64N(1 << 62))
	return &n
}

// EngineRuns reports whether an engine holds this store now: this process's or
// another one's.
func (s *Store) EngineRuns(ctx context.Context) (bool, error) { return s.running(ctx) }

// start brings the schema up to date, or checks it, and reads the epoch.
func (s *Store) start(ctx context.Context) error {
	if s.o.ReadOnly || s.o.Guest {
		if err := s.checkSchema(ctx); err != nil {
			return err
		}
		return s.View(ctx, func(t *Tx) error { return s.loadEpoch(t) })
	}
	if s.role.joined { // another engine has migrated it and counted its open
		if err := s.checkSchema(ctx); err != nil {
			return err
		}
		return s.View(ctx, func(t *Tx) error { return s.loadEpoch(t) })
	}
	if err := s.migrate(ctx); err != nil {
		return err
	}
	if err := s.countOpen(ctx); err != nil || s.o.Worker == "" {
		return err
	}
	return s.admitOthers(ctx)
}

func (s *Store) loadEpoch(t *Tx) error {
	if err := t.one(`SELECT identity, opens FROM epoch`, nil, &s.epoch.Identity, &s.epoch.Opens); err != nil {
		return fmt.Errorf("read the store's epoch: %w", err)
	}
	return t.warmNames()
}

// countOpen is the one transaction that is not fenced: it sets the fence.
func (s *Store) countOpen(ctx context.Context) error {
	identity, err := s.newIdentity()
	if err != nil {
		return err
	}
	return s.transact(ctx, s.write, func(t *Tx) error {
		_, err := t.exec(`INSERT INTO epoch (one, identity, opens, created) VALUES (1, $1, 1, $2)
			ON CONFLICT (one) DO UPDATE SET opens = epoch.opens + 1`, identity, ms(t.now))
		if err != nil {
			return fmt.Errorf("count the open: %w", err)
		}
		if err := s.loadEpoch(t); err != nil {
			return err
		}
		if err := t.comparePlace(); err != nil {
			return err
		}
		return s.compareBeats(t)
	})
}

func (s *Store) newIdentity() (string, error) {
	source := s.o.Random
	if source == nil {
		source = rand.Reader
	}
	var b [16]byte
	if _, err := io.ReadFull(source, b[:]); err != nil {
		return "", fmt.Errorf("draw the store's identity: %w", err)
	}
	return fmt.Sprintf("%x", b), nil
}

// Epoch is what tells this store from a restored backup of it.
func (s *Store) Epoch() Epoch { return s.epoch }

// Size is the space the tables and indexes take, in bytes. On SQLite it counts
// the pages of the file with the free ones, and not the write-ahead log.
func (s *Store) Size(ctx context.Context) (int64, error) {
	var n int64
	err := s.View(ctx, func(t *Tx) error { return t.one(s.d.size, nil, &n) })
	if err != nil {
		return 0, fmt.Errorf("measure the store: %w", err)
	}
	return n, nil
}

// Analyze refreshes the statistics that the database plans queries by. It is
// worth a call after many rows came at once, such as a first import.
func (s *Store) Analyze(ctx context.Context) error {
	err := s.Update(ctx, func(t *Tx) error {
		_, err := t.exec(s.d.analyze)
		return err
	})
	if err != nil {
		return fmt.Errorf("analyze the store: %w", err)
	}
	return nil
}

// Close ends all sessions and then gives up the engine's lock.
func (s *Store) Close() error {
	if s.lease != nil {
		return nil
	}
	beat := s.lastBeat()
	errs := []error{s.prepared.close()}
	if s.d.oneStatement { // the lock's session is one of the pool's
		errs = append(errs, s.unlock(), closeDB(s.read), closeDB(s.aside))
		return errors.Join(errs...)
	}
	errs = append(errs, closeDB(s.read))
	if s.write != s.read {
		errs = append(errs, closeDB(s.write))
	}
	if beat && errors.Join(errs...) == nil {
		errs = append(errs, s.noteBeats())
	}
	return errors.Join(append(errs, s.unlock())...)
}

func (s *Store) unlock() error {
	var errs []error
	for _, f := range s.release {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

func closeDB(db *sql.DB) error {
	if db == nil {
		return nil
	}
	return db.Close()
}
