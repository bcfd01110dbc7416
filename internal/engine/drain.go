package engine

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/gate"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// drainer hands due entries of one connection to workers. A record and its
// partner are in one batch at a time; across restarts nothing is claimed, since
// a claim lives in memory only.
type drainer struct {
	e    *Engine
	c    *Conn
	busy map[core.Ref]bool
	held map[core.Ref][]core.Ref // by claimed ref: everything reserved for it
	// ended are entries of batches that are settled, still reserved until the next claim: one
	// that looked at the dirty set before must not take them again.
	ended struct {
		sync.Mutex
		entries []core.Dirty
	}
	// ready are batches claimed and not yet handed out: few enough that a live
	// change does not wait long behind them.
	ready map[core.Pair][][]core.Dirty
	slot  chan struct{}
	wg    sync.WaitGroup
	// soonest is when the first entry falls due that did not at the last look; zero for none.
	soonest time.Time
	done    chan struct{} // capacity 1: a batch ended
	errs    chan error
}

func (e *Engine) newDrainer(c *Conn) *drainer {
	return &drainer{e: e, c: c, busy: map[core.Ref]bool{}, held: map[core.Ref][]core.Ref{}, ready: map[core.Pair][][]core.Dirty{}, slot: make(chan struct{}, e.workers),
		done: make(chan struct{}, 1), errs: make(chan error, 1)}
}

// drain works until nothing is due and more says that nothing is to be expected;
// a nil more ends at the first lull. The error is a side-wide one (credentials,
// budget, a brake, a broken store); what concerns single records ends in issues.
func (e *Engine) drain(ctx context.Context, c *Conn, more func() bool) error {
	d := e.newDrainer(c)
	ctx, cancel := context.WithCancel(ctx)
	defer d.wg.Wait()
	defer cancel()
	for {
		expected := more != nil && more()
		started, err := d.start(ctx)
		switch {
		case err != nil:
			return d.end(err)
		case started > 0:
		case d.idle() && !expected:
			d.wg.Wait()
			return d.firstError()
		default:
			if err := d.wait(ctx); err != nil {
				return d.end(err)
			}
		}
	}
}

// end lets the batches under way settle where the connection was stopped: each
// sees that before its next call. Any other error ends them too.
func (d *drainer) end(err error) error {
	if room.Stops(err) {
		d.wg.Wait()
	}
	return err
}

// wait ends when a batch ended, something was marked, or an entry falls due.
func (d *drainer) wait(ctx context.Context) error {
	shut, _ := d.c.gate.State()
	timer := time.NewTimer(d.untilDue())
	defer timer.Stop()
	select {
	case <-d.done:
	case <-d.c.wake:
	case <-timer.C:
	case <-shut:
		return d.c.gate.Heed(ctx, &d.e.Env) // the next claim tells why
	case err := <-d.errs:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
	d.heard()
	return d.firstError()
}

// heard takes what else called meanwhile: the next look at the dirty set answers all
// calls, so that how often is looked does not hang on which of them came first.
func (d *drainer) heard() {
	for _, call := range []chan struct{}{d.done, d.c.wake} {
		select {
		case <-call:
		default:
		}
	}
}

// untilDue is the time to the next entry that falls due, a second at most, so
// that a clock that jumps costs little.
func (d *drainer) untilDue() time.Duration {
	wait := time.Second
	if !d.soonest.IsZero() {
		wait = min(wait, d.soonest.Sub(d.e.Now()))
	}
	return max(wait, 5*time.Millisecond)
}

// poke wakes the connection's drainer.
func (c *Conn) poke() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (d *drainer) idle() bool {
	d.free()
	return len(d.busy) == 0
}

func (d *drainer) firstError() error {
	select {
	case err := <-d.errs:
		return err
	default:
		return nil
	}
}

// start claims a batch of each pair and hands it to a worker, waiting for a free
// one. It returns how many batches it started.
func (d *drainer) start(ctx context.Context) (int, error) {
	started := 0
	due, err := d.due(ctx)
	if err != nil {
		return 0, err
	}
	for _, p := range d.c.Pairs.Names() {
		if !due[p] && len(d.ready[p]) == 0 {
			continue
		}
		select {
		case d.slot <- struct{}{}:
		case <-ctx.Done():
			return started, ctx.Err()
		}
		entries, err := d.next(ctx, p)
		if err != nil || len(entries) == 0 {
			<-d.slot
			if err != nil {
				return started, err
			}
			continue
		}
		started++
		d.wg.Go(func() { d.work(ctx, p, entries) })
	}
	return started, nil
}

// due are the pairs that have due entries: one look where most have none, which is
// what an idle daemon does all day. The same look tells how long the next wait is.
func (d *drainer) due(ctx context.Context) (pairs map[core.Pair]bool, err error) {
	d.soonest = time.Time{}
	err = d.e.View(ctx, func(tx *store.Tx) error {
		if err := gate.MayWork(tx, &d.c.Known); err != nil {
			return err
		}
		if pairs, err = tx.DuePairs(d.c.ID, d.e.Now()); err != nil || len(pairs) > 0 && len(d.busy) == 0 {
			return err
		}
		d.soonest, err = tx.NextDue(d.c.ID)
		return err
	})
	return pairs, err
}

// next is a batch of a pair, claimed ahead where possible.
func (d *drainer) next(ctx context.Context, p core.Pair) ([]core.Dirty, error) {
	if len(d.ready[p]) == 0 {
		claimed, err := d.claim(ctx, p)
		if err != nil || len(claimed) == 0 {
			return nil, err
		}
		d.ready[p] = claimed
	}
	batch := d.ready[p][0]
	d.ready[p] = d.ready[p][1:]
	return batch, nil
}

// claimAhead is how many batches' worth one look at the dirty set claims.
const claimAhead = 2

// claim picks due entries whose record and partner no other batch holds, cut into
// batches none of which parts the records of a link.
func (d *drainer) claim(ctx context.Context, p core.Pair) (out [][]core.Dirty, err error) {
	d.free()
	err = d.e.View(ctx, func(tx *store.Tx) error {
		if err := gate.MayWork(tx, &d.c.Known); err != nil {
			return err
		}
		due, err := tx.Due(d.c.ID, p, d.e.Now(), claimAhead*batchSize, func(r core.Ref) bool { return d.busy[r] })
		if err != nil {
			return err
		}
		links, err := tx.LinksOf(d.c.ID, room.DirtyRefs(due))
		if err != nil {
			return err
		}
		for _, same := range byLink(due, links) {
			if !d.take(same, links[same[0].Ref]) {
				continue
			}
			if n := len(out); n == 0 || len(out[n-1])+len(same) > batchSize {
				out = append(out, nil)
			}
			out[len(out)-1] = append(out[len(out)-1], same...)
		}
		return nil
	})
	return out, err
}

// byLink groups entries whose records are of one link, in the order of the first.
func byLink(entries []core.Dirty, links map[core.Ref]*core.Link) (out [][]core.Dirty) {
	at := map[int64]int{}
	for _, entry := range entries {
		l := links[entry.Ref]
		if l == nil {
			out = append(out, []core.Dirty{entry})
			continue
		}
		i, met := at[l.ID]
		if !met {
			i, at[l.ID] = len(out), len(out)
			out = append(out, nil)
		}
		out[i] = append(out[i], entry)
	}
	return out
}

// take reserves the records of entries that are of one link, and those of the
// link: a batch that holds one of them has to end first.
func (d *drainer) take(same []core.Dirty, l *core.Link) bool {
	refs := room.DirtyRefs(same)
	if l != nil && l.State != core.LinkClosed {
		refs = append(refs, l.Refs[0], l.Refs[1])
	}
	for _, ref := range refs {
		if d.busy[ref] {
			return false
		}
	}
	for _, ref := range refs {
		d.busy[ref] = true
	}
	d.held[same[0].Ref] = refs
	return true
}

func (d *drainer) work(ctx context.Context, p core.Pair, entries []core.Dirty) {
	err := d.e.process(ctx, d.c, p, entries)
	d.settled(entries)
	<-d.slot
	d.c.pulseNow()
	if err != nil {
		select {
		case d.errs <- err:
		default:
		}
	}
	select {
	case d.done <- struct{}{}:
	default:
	}
}

// settled notes that a batch is worked on no more.
func (d *drainer) settled(entries []core.Dirty) {
	d.ended.Lock()
	defer d.ended.Unlock()
	d.ended.entries = append(d.ended.entries, entries...)
}

// free gives back what was reserved for batches that have ended.
func (d *drainer) free() {
	d.ended.Lock()
	defer d.ended.Unlock()
	for _, entry := range d.ended.entries {
		for _, ref := range d.held[entry.Ref] {
			delete(d.busy, ref)
		}
		delete(d.held, entry.Ref)
	}
	d.ended.entries = nil
}

// walk takes one batch through the stages.
func (e *Engine) walk(ctx context.Context, c *Conn, p core.Pair, entries []core.Dirty) error {
	entries, err := e.wanted(ctx, entries)
	if err != nil {
		return err
	}
	entries, err = e.holdRetries(ctx, c, entries)
	if err != nil || len(entries) == 0 {
		return err
	}
	b, err := e.readDue(ctx, c, p, entries)
	if err == nil {
		err = e.saveTakenUp(ctx, b)
	}
	if err == nil {
		err = e.readUndo(ctx, b)
	}
	if err == nil {
		e.decide(b)
		err = e.consent(ctx, b)
	}
	if err == nil {
		err = e.guard(ctx, b)
	}
	if err == nil {
		err = e.closeUndone(ctx, b)
	}
	var stop error
	if err == nil {
		stop, err = e.apply(ctx, b)
	}
	if err != nil {
		e.keepMade(ctx, b)
		return e.putOff(ctx, c, entries, err)
	}
	err = cmp.Or(e.advance(ctx, b), e.wakeChildren(ctx, b))
	if err != nil || stop == nil || room.Stops(stop) {
		return cmp.Or(err, stop)
	}
	return e.putOff(ctx, c, b.rest(entries), stop)
}

// putOff keeps the entries of a batch that could not be worked on for later.
// Errors that concern a whole side are returned as well.
func (e *Engine) putOff(ctx context.Context, c *Conn, entries []core.Dirty, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err() // entries stay as they are: the next start claims them again
	}
	var ce *connector.Error
	if !errors.As(cause, &ce) {
		return cause
	}
	if ce.Class == core.ClassSchema {
		c.doubtSchema()
	}
	err := e.Update(ctx, func(tx *store.Tx) error {
		for _, d := range entries {
			at := e.Now().Add(room.Backoff(d.Tries))
			if ce.RetryAt.After(at) {
				at = ce.RetryAt
			}
			if err := tx.PutOff(c.ID, d, at); err != nil {
				return err
			}
			if err := e.readIssue(tx, c, d, ce); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if ce.Class == core.ClassAuth || ce.Class == core.ClassQuota {
		return cause
	}
	e.Log.Warn("batch put off", "connection", c.Settings.Name, "entries", len(entries), "cause", cause)
	return nil
}

// readIssue makes a failure visible that keeps coming back. A used up allocation is
// the connection's state, no record's problem.
func (e *Engine) readIssue(tx *store.Tx, c *Conn, d core.Dirty, ce *connector.Error) error {
	if d.Tries < triesUnseen && ce.Class == core.ClassTransient || ce.Class == core.ClassQuota {
		return nil
	}
	i := e.issueOf(ce.Side, core.Outcome{Class: ce.Class, Code: ce.Code, Message: ce.Message, Fields: ce.Fields})
	i.Pair, i.Ref = d.Pair, d.Ref
	return tx.IssueOpen(c.ID, i)
}
