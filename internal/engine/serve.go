package engine

import (
	"cmp"
	"context"
	"errors"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/campaigns"
	"tandem/internal/engine/capture"
	"tandem/internal/engine/catalogue"
	"tandem/internal/engine/lifecycle"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// Result is what a sync ends with.
type Result struct {
	Converged bool              `json:"converged"`
	Objects   map[string]Counts `json:"objects"`
	Calls     map[string]int    `json:"api_calls"`
	Seconds   float64           `json:"seconds"`
	Waiting   int               `json:"waiting,omitempty"`      // entries put off for later
	PutOff    int               `json:"put_off,omitempty"`      // records that could not be looked at for a passing reason
	Unsettled int               `json:"unsettled,omitempty"`    // writes that were sent and whose outcome is not known yet
	Blocked   int               `json:"blocked,omitempty"`      // linked records that could not be read or written as a whole
	Held      []string          `json:"held_back,omitempty"`    // pairs that do not sync, and what they lack
	Off       bool              `json:"sync_off,omitempty"`     // nothing was looked at
	First     []FirstImport     `json:"first_import,omitempty"` // waits for a yes
}

// Once drains all that is due: runs that are open, changes since the cursors,
// retries. It returns when both sides are covered up to the moment it began.
func (e *Engine) Once(ctx context.Context, c *Conn) (Result, error) {
	began := e.Now()
	before := c.callsFrom()
	if err := cmp.Or(c.gate.Heed(ctx, &e.Env), e.running(ctx, c)); err != nil {
		return Result{}, err
	}
	err := e.parted(ctx, c, func() error { return e.once(ctx, c, began) })
	res, rerr := e.result(ctx, c, began, before)
	return res, errors.Join(err, rerr)
}

func (e *Engine) once(ctx context.Context, c *Conn, began time.Time) error {
	for _, side := range core.Sides {
		if err := e.guardCursor(ctx, c, side); err != nil {
			return err
		}
	}
	begins, err := e.beginFeed(ctx, c)
	if err != nil {
		return err
	}
	// Where nothing serves, the sweeps are due here: nothing else shows what was
	// archived in HubSpot.
	if on := c.Switched[core.ContactPair]; !on.IsZero() { // people are followed with whatever syncs
		if err := e.sweepWhenDue(ctx, c, on); err != nil {
			return err
		}
		if err := e.rereadWhenDue(ctx, c, on); err != nil {
			return err
		}
	}
	if err := e.happen(ctx, c); err != nil {
		return err
	}
	if err := e.gather(ctx, c, began, begins); err != nil {
		return err
	}
	for {
		if err := e.drain(ctx, c, nil); err != nil {
			return err
		}
		if due, err := e.dueNow(ctx, c); err != nil {
			return err
		} else if due == 0 {
			err := c.line.Again(ctx, &e.Env, e.taskHands(c))
			_, offering := e.planFirst(ctx, c)
			return errors.Join(err, offering)
		}
	}
}

// gather drains while the open runs list what they name and both sides are read
// up to the moment began. What others change while a long run works is left to
// the next sync: the cursors stay where this one began.
func (e *Engine) gather(ctx context.Context, c *Conn, began time.Time, begins bool) error {
	g, ctx := errgroup.WithContext(ctx)
	var left atomic.Int32
	gather := func(f func(context.Context) error) {
		left.Add(1)
		g.Go(func() error {
			defer c.poke()
			defer left.Add(-1)
			return c.gate.UnlessShut(ctx, f)
		})
	}
	for _, lane := range lanes {
		gather(func(ctx context.Context) error { return e.runs(ctx, c, lane) })
	}
	for _, side := range core.Sides {
		gather(func(ctx context.Context) error { return e.catchUp(ctx, c, side, began, begins) })
	}
	for _, k := range c.Lists {
		gather(func(ctx context.Context) error { return e.lookAtList(ctx, c, k) })
	}
	g.Go(func() error { return e.drain(ctx, c, func() bool { return left.Load() > 0 }) })
	return g.Wait()
}

// catchUp reads what changed on a side up to the moment began. Beside HubSpot's feed it
// polls as often as a process that serves does, and where the feed begins, which tells
// nothing of what came before.
func (e *Engine) catchUp(ctx context.Context, c *Conn, side core.Side, began time.Time, begins bool) error {
	if c.fast(side) && side == core.HubSpot {
		if err := e.readFeedUpTo(ctx, c, side, began); err != nil {
			return err
		}
		polled, err := e.polled(ctx, c, side)
		if err != nil || !begins && began.Sub(polled) < c.pollEvery(side) {
			return err
		}
	}
	if err := e.pollSide(ctx, c, side); err != nil {
		return err
	}
	return e.waitIndex(ctx, c, side, began)
}

// polled is up to when all objects of a side were polled.
func (e *Engine) polled(ctx context.Context, c *Conn, side core.Side) (until time.Time, err error) {
	until = e.Now()
	for _, o := range c.followed(side) {
		at, err := e.CursorAt(ctx, c.ID, side, capture.PollCursor(o), until)
		if err != nil {
			return until, err
		}
		if at.Before(until) {
			until = at
		}
	}
	return until, nil
}

// followed are the objects of a side whose changes a sync looks for.
func (c *Conn) followed(side core.Side) (out []core.Object) {
	for _, p := range c.Pairs.Names() {
		if !c.Switched[p].IsZero() && c.Follows(p) {
			out = append(out, c.FollowedOf(p, side)...)
		}
	}
	return out
}

// pollSide polls every object of a side.
func (e *Engine) pollSide(ctx context.Context, c *Conn, side core.Side) error {
	for _, o := range c.followed(side) {
		if err := capture.Poll(ctx, &e.Env, &c.Known, side, o); err != nil {
			return err
		}
	}
	if side == core.Salesforce {
		if err := e.pollRoles(ctx, c); err != nil {
			return err
		}
		if err := lifecycle.Poll(ctx, &e.Env, &c.Known); err != nil {
			return err
		}
		if err := catalogue.Poll(ctx, &e.Env, &c.Known); err != nil {
			return err
		}
		return campaigns.Poll(ctx, &e.Env, &c.Known)
	}
	return nil
}

// pollGuarded is pollSide for a daemon, whose feed may stand still meanwhile.
func (e *Engine) pollGuarded(ctx context.Context, c *Conn, side core.Side) error {
	if err := e.guardCursor(ctx, c, side); err != nil {
		return err
	}
	return e.pollSide(ctx, c, side)
}

// waitIndex polls a side again after its index lag where the first poll could
// not have seen everything up to began.
func (e *Engine) waitIndex(ctx context.Context, c *Conn, side core.Side, began time.Time) error {
	lag := c.Sides[side].Caps().ScanLag
	left := began.Add(lag).Sub(e.Now())
	if lag == 0 || left <= 0 {
		return nil
	}
	if err := connector.Pause(ctx, left+50*time.Millisecond); err != nil {
		return err
	}
	return e.pollSide(ctx, c, side)
}

// fast reports that a side has a change feed configured.
func (c *Conn) fast(side core.Side) bool {
	if side == core.Salesforce {
		return c.Settings.Salesforce.Events == "cdc"
	}
	return c.Settings.HubSpot.Events.Journal != nil
}

// beginFeed remembers where HubSpot's feed stands before anything is listed, so that no
// change between the listing and the first listening is missed, and says whether the feed
// begins here.
func (e *Engine) beginFeed(ctx context.Context, c *Conn) (begins bool, err error) {
	if !c.fast(core.HubSpot) {
		return false, nil
	}
	at, err := e.position(ctx, c, core.HubSpot)
	if err != nil || at != "" {
		return false, err
	}
	return true, e.readFeed(ctx, c, core.HubSpot)
}

func (e *Engine) position(ctx context.Context, c *Conn, side core.Side) (value string, err error) {
	err = e.View(ctx, func(tx *store.Tx) error {
		cur, _, err := tx.Cursor(c.ID, side, capture.FeedCursor)
		value = cur.Value
		return err
	})
	return value, err
}

// feedLag is how long after a change its feed may still not hold it.
const feedLag = time.Second

// readFeedUpTo reads a feed to its end, at a moment when it holds what changed
// before began.
func (e *Engine) readFeedUpTo(ctx context.Context, c *Conn, side core.Side, began time.Time) error {
	if left := began.Add(feedLag).Sub(e.Now()); left > 0 {
		if err := connector.Pause(ctx, left); err != nil {
			return err
		}
	}
	return e.readFeed(ctx, c, side)
}

var errCaughtUp = errors.New("feed is caught up")

// readFeed listens until the feed says that nothing newer is there.
func (e *Engine) readFeed(ctx context.Context, c *Conn, side core.Side) error {
	at, err := e.position(ctx, c, side)
	if err != nil {
		return err
	}
	err = c.Sides[side].Listen(ctx, at, func(ctx context.Context, d connector.Events) error {
		if err := capture.Take(ctx, &e.Env, &c.Known, side, d); err != nil {
			return err
		}
		if len(d.Events) == 0 {
			return errCaughtUp
		}
		return nil
	})
	if errors.Is(err, errCaughtUp) {
		return nil
	}
	return e.lostPosition(ctx, c, side, err)
}

// lostPosition answers a feed that cannot resume with a poll and a sweep of
// everything the gap may hide, and starts over from now; other errors pass.
func (e *Engine) lostPosition(ctx context.Context, c *Conn, side core.Side, err error) error {
	if !connector.LostPosition(err) {
		return err
	}
	return e.Update(ctx, func(tx *store.Tx) error { return e.losePosition(tx, c, side) })
}

// Serve runs a connection until ctx ends: feeds, polls, sweeps, runs, commands
// and the drainer. It returns only on a broken store, a cancelled context, or where
// SchemaChanged asks to open the connection again; what goes wrong with a side
// suspends the connection and is tried again.
func (e *Engine) Serve(ctx context.Context, c *Conn) error {
	c.untold.Store(nil) // opened for serving, not for what is asked for meanwhile
	if err := c.gate.Heed(ctx, &e.Env); err != nil {
		return err
	}
	return e.parted(ctx, c, func() error { return e.serve(ctx, c) })
}

func (e *Engine) serve(ctx context.Context, c *Conn) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return c.gate.Follow(ctx, &e.Env) })
	for _, side := range core.Sides {
		if c.fast(side) {
			g.Go(func() error {
				return e.keep(ctx, c, "feed", func(ctx context.Context) error {
					return c.gate.UnlessShut(ctx, func(ctx context.Context) error { return e.listen(ctx, c, side) })
				})
			})
			g.Go(func() error { return e.coverStart(ctx, c, side) })
			if side == core.Salesforce {
				g.Go(func() error { return e.every(ctx, c, c.pollPace(), e.unannounced(c)) })
			}
		}
		g.Go(func() error {
			return e.every(ctx, c, c.pollEvery(side), func(ctx context.Context) error { return e.pollGuarded(ctx, c, side) })
		})
	}
	g.Go(func() error {
		return e.every(ctx, c, min(c.SweepEvery(), sweepLook), func(ctx context.Context) error { return e.sweepWhenDue(ctx, c, time.Time{}) })
	})
	for _, k := range c.Lists {
		g.Go(func() error {
			return e.every(ctx, c, k.Every(), func(ctx context.Context) error { return e.lookAtList(ctx, c, k) })
		})
	}
	if c.line != nil {
		g.Go(func() error {
			return e.every(ctx, c, c.pollPace(), func(ctx context.Context) error { return e.happen(ctx, c) })
		})
	}
	for _, lane := range lanes {
		g.Go(func() error {
			return e.every(ctx, c, time.Second, func(ctx context.Context) error { return e.runs(ctx, c, lane) })
		})
	}
	g.Go(func() error {
		return e.every(ctx, c, firstImportLook, func(ctx context.Context) error { return e.offerFirst(ctx, c) })
	})
	if every := c.Settings.FormulaReread.D(); every > 0 { // LIM-18: not in the profile classic unless set
		g.Go(func() error {
			return e.every(ctx, c, min(every, sweepLook), func(ctx context.Context) error { return e.rereadWhenDue(ctx, c, time.Time{}) })
		})
	}
	g.Go(func() error {
		return e.keep(ctx, c, "schema", func(ctx context.Context) error { return e.watchSchemas(ctx, c) })
	})
	g.Go(func() error {
		return e.keep(ctx, c, "drain", func(ctx context.Context) error { return e.drain(ctx, c, func() bool { return true }) })
	})
	return g.Wait()
}

// startPolls are when a side is polled again after the start of a feed that has
// no position yet, or that had passed by what was switched on since.
var startPolls = []time.Duration{2 * time.Second, 20 * time.Second}

// coverStart polls for what changes between the first poll and the moment a new
// feed stands, or the index of a side holds what was changed since a switch: nobody
// announces that.
func (e *Engine) coverStart(ctx context.Context, c *Conn, side core.Side) error {
	at, err := e.position(ctx, c, side)
	if err != nil || at != "" && !c.begun {
		return err
	}
	for _, after := range startPolls {
		if connector.Pause(ctx, after) != nil {
			return nil //nolint:nilerr // being stopped is no error
		}
		if e.running(ctx, c) != nil {
			continue
		}
		if err := e.pollSide(ctx, c, side); err != nil && ctx.Err() == nil {
			e.Log.Warn("poll after the start of a feed", "connection", c.Settings.Name, "cause", err) // the periodic poll follows
		}
		c.poke()
	}
	return nil
}

func (e *Engine) listen(ctx context.Context, c *Conn, side core.Side) error {
	if err := e.guardCursor(ctx, c, side); err != nil {
		return err
	}
	at, err := e.position(ctx, c, side)
	if err != nil {
		return err
	}
	err = c.Sides[side].Listen(ctx, at, func(ctx context.Context, d connector.Events) error {
		defer c.poke()
		return capture.Take(ctx, &e.Env, &c.Known, side, d)
	})
	return e.lostPosition(ctx, c, side, err)
}

// keep runs fn again and again with a growing pause after errors; while the
// connection is paused, suspended or braked it waits.
func (e *Engine) keep(ctx context.Context, c *Conn, name string, fn func(context.Context) error) error {
	for fails := 0; ctx.Err() == nil; {
		_, turned := c.gate.State()
		err := e.running(ctx, c)
		if err == nil {
			err = guarded(func() error { return fn(ctx) })
		}
		if err == nil {
			fails = 0
		} else if ctx.Err() == nil {
			fails++
			if err := e.troubled(ctx, c, name, err); err != nil {
				return err
			}
		}
		pauseUnless(ctx, turned, min(room.Backoff(fails), 30*time.Second))
	}
	return nil
}

// troubled decides what an error of a loop means: a broken store ends the
// process, lost credentials suspend the connection, the rest is tried again.
func (e *Engine) troubled(ctx context.Context, c *Conn, name string, err error) error {
	if store.CodeOf(err) != "" || SchemaChanged(err) {
		return err
	}
	var own *room.Error
	if errors.As(err, &own) {
		return nil // paused, suspended or braked: shown by status, not logged each round
	}
	var fault *Fault
	if errors.As(err, &fault) {
		e.tellFault(c, "loop", name, fault)
	}
	e.Log.Warn("will try again", "connection", c.Settings.Name, "loop", name, "cause", err)
	if sideWide(err) {
		return c.gate.Suspend(ctx, &e.Env, err)
	}
	return nil
}

// every runs fn at once and then at the period, through keep.
func (e *Engine) every(ctx context.Context, c *Conn, period time.Duration, fn func(context.Context) error) error {
	return e.keep(ctx, c, "periodic", func(ctx context.Context) error {
		return c.gate.UnlessShut(ctx, func(ctx context.Context) error {
			if err := fn(ctx); err != nil {
				return err
			}
			c.poke()
			return connector.Pause(ctx, period)
		})
	})
}

// pauseUnless is pause, cut short when the connection is stopped or may go on; who
// calls it looks at ctx itself.
func pauseUnless(ctx context.Context, turned <-chan struct{}, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-turned:
	case <-ctx.Done():
	}
}

// pollEvery is the period of a side's poll. With a fast feed up it is a backup
// of the sweep's kind and runs ten times slower.
func (c *Conn) pollEvery(side core.Side) time.Duration {
	if c.fast(side) {
		return 10 * c.pollPace()
	}
	return c.pollPace()
}

// pollPace is the period of the polls of what no feed tells of.
func (c *Conn) pollPace() time.Duration { return cmp.Or(c.Settings.PollEvery.D(), time.Minute) }

// firstImportLook is how often it is looked whether a first import is to be
// planned: a switch opens the connection anew, so only a plan that failed is tried
// again by it.
const firstImportLook = 10 * time.Minute

// Webhooks reports whether pushes are configured and how to verify them.
func (c *Conn) Webhooks() *config.Webhooks { return c.Settings.HubSpot.Events.Webhooks }

// CaptureWebhooks stores signed and verified pushes; the handler answers 2xx
// only after it returns nil.
func (e *Engine) CaptureWebhooks(ctx context.Context, c *Conn, events []connector.Event) error {
	return capture.Take(ctx, &e.Env, &c.Known, core.HubSpot, connector.Events{Events: events})
}
