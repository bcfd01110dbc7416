package dst

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"tandem/internal/connector"
	"tandem/internal/engine"
)

// revive opens the engine and has it serve, as often as it takes: faults strike here
// too.
func (r *run) revive() {
	for tries := range 480 { // longer than sixty strikes of six hours each, for which a side may be away
		r.bury()
		err := r.during(r.world.TryOpen)
		if err == nil && !r.isDead() {
			r.serve()
			return
		}
		r.say("engine", "", "does not open: %v", err)
		r.pass(min(time.Minute<<min(tries/2, 10), time.Hour))
	}
	r.bus.end()
	r.t.Fatal("the engine did not open in all the time that a side may be away")
}

// bury ends what is left of a dead process and sets its store's hooks anew.
func (r *run) bury() {
	if l := r.serving; l != nil {
		l.cancel()
		r.waitFor(l.done)
		r.serving = nil
	}
	if r.world.Store != nil {
		_ = r.during(r.world.Store.Close)
	}
	r.bus.mu.Lock()
	r.bus.dead = false
	r.bus.mu.Unlock()
	r.world.BeforeBegin = r.bus.begin
	r.world.BeforeCommit = func(int64) error { return r.atCommit("P1 before commit") }
	r.world.AfterCommit = func(int64) error { return r.atCommit("P1 after commit") }
}

// atCommit is what befalls a commit.
func (r *run) atCommit(where string) error {
	r.bus.mu.Lock()
	defer r.bus.mu.Unlock()
	if r.bus.dead {
		return errCrash
	}
	for i, s := range r.strikes {
		if where == "P1 before commit" && s.Fault == "P4 at commit" && s.At <= r.passed { // the disk is full for a moment
			r.strikes = append(r.strikes[:i:i], r.strikes[i+1:]...)
			r.hit(s.Fault)
			return errDisk
		}
		if s.Fault == where && s.At <= r.passed {
			r.strikes = append(r.strikes[:i:i], r.strikes[i+1:]...)
			r.hit(where)
			r.bus.dead = true
			r.bus.tell()
			return errCrash
		}
	}
	return nil
}

// die ends the process at this moment: nothing it wants to store is stored any more.
func (r *run) die(where string) {
	r.bus.mu.Lock()
	r.bus.dead = true
	r.bus.mu.Unlock()
	r.say("engine", "P1", "dies %s", where)
}

func (r *run) isDead() bool {
	r.bus.mu.Lock()
	defer r.bus.mu.Unlock()
	return r.bus.dead
}

// died reports that the engine serves no longer.
func (r *run) died() bool {
	if r.serving == nil {
		return false
	}
	select {
	case <-r.serving.done:
		r.say("engine", "", "ends: %v", r.serving.err)
		return true
	default:
		return r.isDead()
	}
}

func (r *run) serve() {
	ctx, cancel := context.WithCancel(context.Background())
	l := &life{cancel: cancel, done: make(chan struct{})}
	each, ctx := errgroup.WithContext(ctx) // one process: where one connection ends, all do
	for _, c := range r.conns() {
		each.Go(func() error { return serveOne(ctx, r.world.Engine, c, time.Duration(r.h.Shape.Cycle)) })
	}
	go func() {
		defer close(l.done)
		l.err = each.Wait()
	}()
	r.serving = l
}

// serveOne serves a connection until it ends, or calls the engine for it again and again.
func serveOne(ctx context.Context, e *engine.Engine, c *engine.Conn, cycle time.Duration) error {
	if cycle == 0 {
		return e.Serve(ctx, c)
	}
	for {
		if _, err := e.Once(ctx, c); engine.SchemaChanged(err) { // the next call opens anew
			return err
		}
		if err := connector.Pause(ctx, cycle); err != nil {
			return err
		}
	}
}

// conns are the connections, one for each portal.
func (r *run) conns() (all []*engine.Conn) {
	for _, w := range r.worlds {
		all = append(all, w.Conn)
	}
	return all
}

// restart ends the engine in order and begins anew.
func (r *run) restart() {
	if r.serving != nil {
		r.revive()
	}
}

// rest ends the serving in order.
func (r *run) rest() {
	if l := r.serving; l != nil {
		l.cancel()
		r.waitFor(l.done)
		r.serving = nil
	}
}

// waitFor lets requests go on until a channel closes.
func (r *run) waitFor(done <-chan struct{}) {
	was, waited := r.serving, r.waits
	r.serving, r.waits = nil, true // its end is what is waited for
	defer func() { r.serving, r.waits = was, waited }()
	r.pumpRequests(func() bool {
		select {
		case <-done:
			return true
		default:
			return false
		}
	})
}

// during calls what sends requests, and lets these go on meanwhile.
func (r *run) during(f func() error) (err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		err = f()
	}()
	r.waitFor(done)
	return err
}

// pass lets time pass.
func (r *run) pass(d time.Duration) {
	done := make(chan struct{})
	time.AfterFunc(d, func() { close(done) })
	r.waitFor(done)
}

// heal ends all faults and syncs over virtual hours until nothing is due, waits or is
// unsettled.
func (r *run) heal() {
	r.healing, r.strikes = true, nil
	if r.isDead() {
		r.revive()
	}
	r.showFields()
	r.noticeFields()
	r.attend()
	if r.hid || r.missed || r.restored { // nothing tells that a record has come into sight, or of a lost event, but a sweep
		r.showAll()
		_ = r.asked((*engine.Engine).QueueSweeps)
	}
	r.world.Org.ClearRules()
	r.world.Org.ClearFaults()
	for _, w := range r.worlds {
		w.Portal.Mend()
	}
	r.pass(lateBy + time.Second)
	r.rest()
	ended := r.now()
	var res engine.Result
	var err error
	for calm := 0; r.now().Sub(ended) < 4*time.Hour; {
		before := r.here()
		res, err = r.once()
		if err != nil {
			r.attend()
		}
		if calm++; len(r.writtenSince(before)) > 0 || err != nil || !settled(res) {
			calm = 0
		}
		if calm > 0 && res.Waiting == 0 || calm > calmRounds {
			r.still()
			return
		}
		r.pass(11 * time.Minute)
	}
	r.broken("I1", "not converged four hours after the last fault: %+v %v; open: %s", res, err, r.told())
}

// fieldsAnew is how long an engine that serves may take to notice that a field is shown
// again: it compares the fields every hour.
const fieldsAnew = 65 * time.Minute

// noticeFields lets an engine that serves notice by itself that fields are shown again.
func (r *run) noticeFields() {
	for r.h.Shape.Cycle == 0 && r.now().Before(r.unveiled.Add(fieldsAnew)) {
		if r.died() { // it opens anew
			r.revive()
		}
		r.pass(time.Minute)
	}
	if r.died() {
		r.revive()
	}
}

// calmRounds are rounds in which nothing is written though something waits: records that
// have an issue are tried again every half hour for as long as a person does not act.
const calmRounds = 4

// settled reports a sync that left nothing undone but what waits for a person, which
// the judge holds against the open issues.
func settled(res engine.Result) bool {
	return res.Converged || res.Blocked > 0 && res.PutOff == 0 && res.Unsettled == 0 && len(res.Held) == 0
}

func (r *run) once() (res engine.Result, err error) {
	err = r.during(func() (err error) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		for n, c := range r.conns() {
			one, err := r.world.Engine.Once(ctx, c)
			if err != nil {
				return err
			}
			if one.Converged = one.Converged && (n == 0 || res.Converged); n > 0 {
				one.Waiting, one.PutOff, one.Unsettled, one.Blocked = one.Waiting+res.Waiting, one.PutOff+res.PutOff, one.Unsettled+res.Unsettled, one.Blocked+res.Blocked
				one.Held = append(one.Held, res.Held...)
			}
			res = one
		}
		return nil
	})
	r.last = res
	return res, err
}

// still checks that three more cycles, with a sweep each, write nothing (I7).
func (r *run) still() {
	r.idling = true
	before := r.here()
	for range 3 {
		if err := r.asked((*engine.Engine).QueueSweeps); err != nil {
			r.broken("I7", "sweeps: %v", err)
		}
		if res, err := r.once(); err != nil || !settled(res) {
			r.broken("I1", "an idle cycle does not converge: %+v %v", res, err)
		}
		r.pass(time.Minute)
	}
	for _, w := range r.writtenSince(before) {
		r.broken("I7", "written while nobody did anything: %s", w)
	}
}
