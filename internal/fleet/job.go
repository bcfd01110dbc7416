package fleet

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"golang.org/x/sync/errgroup"

	"tandem/internal/store"
)

// serve is the job of a group: there is one that has not ended, whoever works on it.
type serve struct {
	Connections Group `json:"connections"`
}

// Kind is River's name of the job.
func (serve) Kind() string { return "serve" }

// InsertOpts keeps a group from having two jobs, and a job from being given up.
func (serve) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: math.MaxInt16, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled}}}
}

// server works on the jobs of groups.
type server struct {
	river.WorkerDefaults[serve]
	fleet *fleet
}

// Timeout is none for a job that lives. River's leader asks it as well, of jobs that were
// silent for longer than the lease, and would not hand on one that may take for ever.
func (s *server) Timeout(job *river.Job[serve]) time.Duration {
	if job.AttemptedAt != nil && s.fleet.Now().Sub(*job.AttemptedAt) >= s.fleet.Lease {
		return time.Nanosecond
	}
	return -1
}

// NextRetry hands a job on at once.
func (s *server) NextRetry(*river.Job[serve]) time.Time { return s.fleet.Now() }

// againSoon is when a job that this worker cannot take now is offered again.
const againSoon = time.Second

// Work serves the group until the worker stops, and then gives it back. It does not return
// where the job was lost: River takes what an attempt returns for the word of the one that
// runs, whichever it is.
func (s *server) Work(ctx context.Context, job *river.Job[serve]) error {
	f := s.fleet
	group := job.Args.Connections
	if !slices.ContainsFunc(f.Groups, func(g Group) bool { return slices.Equal(g, group) }) {
		return river.JobCancel(fmt.Errorf("the settings have no group of %s any more", group))
	}
	mine, err := f.accept(ctx)
	if err != nil || !mine {
		return river.JobSnooze(againSoon)
	}
	defer f.leave()
	h, err := f.take(ctx, job)
	if err == nil {
		err = f.work(ctx, h)
	}
	switch {
	case err == nil:
		return river.JobSnooze(0)
	case store.CodeOf(err) == store.Locked:
		f.lose(err)
		select {} // this process is about to end
	}
	f.Log.Warn("cannot take connections over", "connections", group.String(), "cause", err)
	return river.JobSnooze(againSoon)
}

// accept reserves one more group for this worker, within its share.
func (f *fleet) accept(ctx context.Context) (bool, error) {
	share, err := f.share(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil || f.taken >= share {
		return false, err
	}
	f.taken++
	return true, nil
}

func (f *fleet) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.taken--
}

// take fences whoever worked on the group before. A worker that stood still since it got
// the job finds with the first beat that the job is another's by now.
func (f *fleet) take(ctx context.Context, job *river.Job[serve]) (*Hold, error) {
	h := &Hold{Group: job.Args.Connections, job: job.ID, attempt: job.Attempt, now: f.Now, limit: f.Lease / 2}
	if err := f.beatOnce(ctx, h); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, f.Lease/3) // no beat follows until it is taken
	defer cancel()
	err := f.Store.Update(ctx, func(tx *store.Tx) (err error) { h.lease, err = tx.LeaseTake(h.Group); return err })
	if err != nil {
		return nil, err
	}
	h.Store = f.Store.Leased(h.lease)
	return h, nil
}

// work serves the group until ctx ends or its share is another worker's, and gives the
// lease back. An error says that another worker has it.
func (f *fleet) work(ctx context.Context, h *Hold) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	h.cancel = cancel
	f.keep(h)
	defer f.drop(h)
	f.Log.Info("works on", "connections", h.Group.String(), "hold", h.lease.Hold)
	g, inner := errgroup.WithContext(ctx)
	g.Go(func() error { return f.beat(inner, h) })
	g.Go(func() error { return f.serve(inner, h) })
	if err := g.Wait(); err != nil && !errors.Is(err, errEnded) {
		return err
	}
	end, stop := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer stop()
	if err := f.Store.Update(end, func(tx *store.Tx) error { return tx.LeaseEnd(h.lease.Hold) }); err != nil {
		f.Log.Warn("cannot give the lease back", "connections", h.Group.String(), "cause", err)
	}
	return nil
}

func (f *fleet) keep(h *Hold) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.holds[h] = true
}

func (f *fleet) drop(h *Hold) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.holds, h)
}

// errEnded says that the work came to its end because it was asked to.
var errEnded = errors.New("ended")

// beat renews the lease until ctx ends. While the database does not answer it goes on
// trying: who was not taken for dead meanwhile still has the lease.
func (f *fleet) beat(ctx context.Context, h *Hold) error {
	tick := time.NewTicker(f.beatEvery())
	defer tick.Stop()
	for {
		err := f.beatOnce(ctx, h)
		switch {
		case ctx.Err() != nil:
			return errEnded
		case store.CodeOf(err) == store.Locked:
			f.lose(err) // whatever the work is still busy with
			return err
		case err != nil:
			f.Log.Warn("will try again", "connections", h.Group.String(), "cause", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return errEnded
		}
	}
}

func (f *fleet) beatOnce(ctx context.Context, h *Hold) error {
	ctx, cancel := context.WithTimeout(ctx, f.Lease/2)
	defer cancel()
	return h.beat(ctx, f.pool)
}

// serveAgain is the pause after an error of the work, such as a database that does not
// answer.
const serveAgain = 2 * time.Second

// serve works on the group again and again.
func (f *fleet) serve(ctx context.Context, h *Hold) error {
	for {
		err := f.Serve(ctx, h)
		switch {
		case ctx.Err() != nil:
			return errEnded
		case store.CodeOf(err) == store.Locked:
			return err
		}
		f.Log.Warn("will serve again", "connections", h.Group.String(), "cause", err)
		select {
		case <-time.After(serveAgain):
		case <-ctx.Done():
			return errEnded
		}
	}
}
