package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"tandem/internal/store"
)

// Config is what a worker is made of.
type Config struct {
	// Address is the PostgreSQL address of the store: River's tables stand beside ours.
	Address string
	// Store is the store at the address, opened as Worker.
	Store *store.Store
	// Worker names this process; no two of a fleet have the same name.
	Worker string
	// Groups are all groups, the same in all workers.
	Groups []Group
	// Lease is how long a worker may be silent before another takes over.
	Lease time.Duration
	Now   func() time.Time
	Log   *slog.Logger
	// Serve works on a group until ctx ends or it meets an error. It may be called again
	// with the same hold.
	Serve func(ctx context.Context, h *Hold) error
}

// Run is one worker: it serves as many groups as fall to it until ctx ends, and then gives
// them back. It ends with an error where this process must not go on: another worker has
// taken over what it holds (store.Locked), which happens to a process that stood still.
func Run(ctx context.Context, c Config) error {
	f := &fleet{Config: c, holds: map[*Hold]bool{}, lost: make(chan error, 1)}
	pool, err := openPool(ctx, c.Address, c.Worker)
	if err != nil {
		return err
	}
	defer f.closePool(pool)
	f.pool = pool
	if err := migrate(ctx, pool); err != nil {
		return err
	}
	if err := f.seen(ctx); err != nil {
		return err
	}
	if err := f.start(); err != nil {
		return err
	}
	err = f.watch(ctx)
	return errors.Join(err, f.stop(err != nil))
}

// fleet is a running worker.
type fleet struct {
	Config
	pool   *pgxpool.Pool
	client *river.Client[pgx.Tx]
	lost   chan error // why this process must end

	mu    sync.Mutex
	taken int // groups that were accepted and not given back
	holds map[*Hold]bool
}

// poolSize is enough for River's loops and the heartbeats; the engine's work has the
// store's own sessions.
const poolSize = 6

func openPool(ctx context.Context, address, worker string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, &store.Error{Code: store.BadReference, Message: "the store address is not a valid postgres:// address"}
	}
	cfg.MaxConns = poolSize
	store.NameSession(cfg.ConnConfig.RuntimeParams, worker)
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open the fleet's sessions: %w", err)
	}
	return pool, nil
}

// closePool ends the sessions. Where a job was left behind, the process ends with them.
func (f *fleet) closePool(pool *pgxpool.Pool) {
	if len(f.lost) == 0 {
		pool.Close()
	}
}

const (
	fetchEvery  = time.Second      // between two looks for a group that is free
	insertEvery = 15 * time.Second // between two looks of the leader whether each group has its job
	stopWithin  = 30 * time.Second // for the groups to come to rest
	loseWithin  = 3 * time.Second  // the same, where this process must end
)

// start lets River hand out groups.
func (f *fleet) start() error {
	workers := river.NewWorkers()
	river.AddWorker(workers, &server{fleet: f})
	var periodic []*river.PeriodicJob
	for _, g := range f.Groups {
		periodic = append(periodic, river.NewPeriodicJob(river.PeriodicInterval(insertEvery),
			func() (river.JobArgs, *river.InsertOpts) { return serve{Connections: g}, nil }, &river.PeriodicJobOpts{RunOnStart: true}))
	}
	client, err := river.NewClient(riverpgxv5.New(f.pool), &river.Config{
		ID: f.Worker, Logger: f.Log, Workers: workers, PeriodicJobs: periodic,
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: len(f.Groups)}},
		FetchPollInterval:    fetchEvery,
		JobTimeout:           -1,
		RescueStuckJobsAfter: f.Lease,
	})
	if err != nil {
		return fmt.Errorf("make the fleet's worker: %w", err)
	}
	f.client = client
	if err := client.Start(context.Background()); err != nil { // it ends by stop, which waits for the groups
		return fmt.Errorf("start the fleet's worker: %w", err)
	}
	return nil
}

// stop gives back what this worker holds. Of a job that was lost River must not hear any
// more: it would take the word of this attempt for that of the one that runs now.
func (f *fleet) stop(lost bool) error {
	within := stopWithin
	if lost {
		within = loseWithin
	}
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	err := f.client.StopAndCancel(ctx)
	if lost {
		return nil
	}
	if gone := f.Store.Update(ctx, func(tx *store.Tx) error { return tx.WorkerGone(f.Worker) }); err == nil {
		err = gone
	}
	if err != nil {
		return fmt.Errorf("give the work back: %w", err)
	}
	return nil
}

// watch says that this worker is there, and keeps its share, until ctx ends or the process
// must.
func (f *fleet) watch(ctx context.Context) error {
	tick := time.NewTicker(f.beatEvery())
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-f.lost:
			f.lost <- err
			return err
		case <-tick.C:
		}
		err := f.look(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case store.CodeOf(err) == store.Locked:
			f.lose(err)
		case err != nil:
			f.Log.Warn("the fleet's store does not answer", "cause", err)
		}
	}
}

// look is one look around: the lock is still shared, this worker is there, and holds no
// more than its share.
func (f *fleet) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, f.Lease/2)
	defer cancel()
	if err := f.Store.KeepShared(ctx); err != nil {
		return err
	}
	if err := f.seen(ctx); err != nil {
		return err
	}
	share, err := f.share(ctx)
	if err == nil {
		f.giveBackMoreThan(share)
	}
	return err
}

// beatEvery is the time between two signs of life: some may be lost within a lease.
func (f *fleet) beatEvery() time.Duration { return min(5*time.Second, f.Lease/6) }

func (f *fleet) seen(ctx context.Context) error {
	return f.Store.Update(ctx, func(tx *store.Tx) error { return tx.WorkerSeen(f.Worker, forgetAfter) })
}

// forgetAfter is how long a worker that is gone is still told of.
const forgetAfter = time.Hour

// share is how many groups fall to one of the workers that are there.
func (f *fleet) share(ctx context.Context) (int, error) {
	live := 0
	err := f.Store.View(ctx, func(tx *store.Tx) error {
		workers, err := tx.Workers()
		for _, w := range workers {
			if f.Now().Sub(w.Seen) < f.Lease {
				live++
			}
		}
		return err
	})
	live = max(live, 1)
	return (len(f.Groups) + live - 1) / live, err
}

// errShare ends the work on a group that another worker has more time for.
var errShare = errors.New("another worker has fewer groups")

// giveBackMoreThan ends the work on the groups that were taken last.
func (f *fleet) giveBackMoreThan(share int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	held := make([]*Hold, 0, len(f.holds))
	for h := range f.holds {
		held = append(held, h)
	}
	slices.SortFunc(held, func(a, b *Hold) int { return cmp.Compare(a.lease.Hold, b.lease.Hold) })
	for len(held) > share {
		held[len(held)-1].cancel(errShare)
		held = held[:len(held)-1]
	}
}

// lose notes why this process must end. The first reason stands.
func (f *fleet) lose(err error) {
	select {
	case f.lost <- err:
	default:
	}
}
