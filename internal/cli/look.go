package cli

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"tandem/internal/console"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// What ends a look that somebody stopped, and the making of fields.
var (
	errLookStopped = refused("the look was stopped", "look again when you like: nothing was changed")
	errMakeStopped = refused("the creation of fields was stopped", "what was made by then stays; create the fields again when you like")
)

// lookTask is what a look carries out.
func lookTask(what string) (task, bool) {
	pair, scope := strings.CutPrefix(what, console.LookScope)
	list, proposes := strings.CutPrefix(what, console.LookPropose)
	switch {
	case what == console.LookPrepare:
		return doPrepare, true
	case proposes:
		return func(ctx context.Context, w *world, rq request) (any, error) {
			rq.List = list
			return doPropose(ctx, w, rq)
		}, true
	case strings.HasPrefix(what, console.LookUndo):
		return onSides(doPlanUndo), true
	case what == console.LookHandover:
		return doHandover, true
	case what == console.LookCheck:
		return doCheck, true
	case what == console.LookSettings:
		return doSettings, true
	case scope:
		return func(ctx context.Context, w *world, rq request) (any, error) {
			rq.Pair = core.Pair(pair)
			return onSides(doScope)(ctx, w, rq)
		}, true
	}
	return nil, false
}

// doBeginLook orders a look. It goes on when who asked has left, and when the service starts
// again.
func doBeginLook(ctx context.Context, c *wired, rq request) (any, error) {
	if _, known := lookTask(rq.Look); !known {
		return nil, usage("there is nothing to look at that is called "+rq.Look, "")
	}
	rq.DryRun = true
	asked, err := json.Marshal(rq)
	if err != nil {
		return nil, err
	}
	return nil, c.engine.Update(ctx, func(tx *store.Tx) error {
		if err := tx.LookBegin(c.conn.ID, rq.Look, rq.By, asked); err != nil {
			return err
		}
		_, err := tx.CommandPut(lookVerb, asked)
		return err
	})
}

// doStopLook has a look end early.
func doStopLook(ctx context.Context, c *wired, rq request) (any, error) {
	return nil, c.engine.Update(ctx, func(tx *store.Tx) error { return tx.LookStop(c.conn.ID, rq.Look) })
}

// doLook looks, and keeps what it found or why it did not. A process that stops leaves the
// look to the next one.
func doLook(ctx context.Context, w *world, rq request) (any, error) {
	row, err := w.row(ctx, rq.Connection)
	if err != nil {
		return nil, err
	}
	run, known := lookTask(rq.Look)
	if !known {
		return nil, usage("there is nothing to look at that is called "+rq.Look, "")
	}
	found, err := w.heeded(ctx, row.ID, rq, run)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var body []byte
	if err == nil {
		body, err = json.Marshal(found)
	}
	failed := ""
	if err != nil {
		failed = problemOf(err).pack()
	}
	return nil, w.store.Update(ctx, func(tx *store.Tx) error { return tx.LookEnd(row.ID, rq.Look, body, failed) })
}

// heedEvery is how often it is noted how far a look is.
const heedEvery = 500 * time.Millisecond

// heeded carries out a look and notes how far it is, until somebody stops it.
func (w *world) heeded(ctx context.Context, conn int64, rq request, run task) (found any, err error) {
	var mu sync.Mutex
	var far engine.Far
	ended := make(chan struct{})
	g, inner := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		defer close(ended)
		found, err = w.app.patient(inner, func() (any, error) {
			return run(engine.Heed(inner, func(f engine.Far) { mu.Lock(); far = f; mu.Unlock() }), w, rq)
		})
		return err
	})
	g.Go(func() error {
		for {
			select {
			case <-ended:
				return nil
			case <-time.After(heedEvery):
			}
			mu.Lock()
			f := far
			mu.Unlock()
			if err := w.noteLook(inner, conn, rq.Look, f); err != nil {
				return err
			}
		}
	})
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return found, nil
}

// noteLook notes how far a look is, and fails where it is to end.
func (w *world) noteLook(ctx context.Context, conn int64, what string, f engine.Far) error {
	var stop bool
	err := w.store.Update(ctx, func(tx *store.Tx) (err error) {
		stop, err = tx.LookGoesOn(conn, what, f.Stage, f.Done, f.Total)
		return err
	})
	if err == nil && stop {
		if err = errLookStopped; what == console.LookPrepare {
			err = errMakeStopped
		}
	}
	return err
}

// looked gives a look of a connection, with why it found nothing.
func (w *world) looked(ctx context.Context, connection, what string) (l store.Look, err error) {
	err = w.store.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Connection(connection)
		if err == nil {
			l, _, err = tx.Look(row.ID, what)
		}
		return err
	})
	if err == nil && l.Error != "" {
		err = unpack(l.Error)
	}
	if store.CodeOf(err) == store.NotFound {
		err = nil
	}
	return l, err
}
