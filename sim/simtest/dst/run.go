package dst

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/salesforcesim"
	"tandem/sim/simtest"
)

// Result is what came of a history.
type Result struct {
	Trace uint64 // of every request, act and fault in their order
	Lines []Line // the same, as a person reads it
	// Requests are those of the engine that went on.
	Requests int
	Broken   []string      // invariants that do not hold, each with what shows it
	Open     string        // what the engine says is open, where something broke
	Virtual  time.Duration // how long it took in the world's time
	Hit      map[string]int
	Pairs    map[[2]string]int // faults by the act that came before
	Acts     map[string]int    // by their name
	Met      map[string]int    // situations
	State    []string          // what stands in the end, apart from ids
	Writes   int               // ours of mapped fields
	Sets     [2]int            // fields judged, and values that would have been right in all
}

// Line is one moment of a run.
type Line struct {
	At    time.Duration
	Side  string // whose: salesforce, hubspot, engine
	Text  string
	Fault string
}

// run is a history under way.
type run struct {
	t      testing.TB
	h      History
	rng    *rand.Rand
	world  *simtest.World   // the first one, whose engine serves all
	worlds []*simtest.World // one for each portal
	homes  map[string]int   // of the records of HubSpot: which portal has them
	bus    *bus
	canary canary
	result Result
	began  time.Time

	next   int // steps done
	passed int // requests let go on
	since  struct {
		calls int
		at    time.Time
	}
	lastOp  string
	strikes []Strike
	late    []lateCall
	healing bool
	idling  bool // nothing is to be written any more

	serving *life
	things  []*thing
	seen    place   // how far users know what happened
	all     ledgers // what happened, for the judge
	writes  []userWrite
	consent []said
	// answered is when the engine was told what stands for an address.
	answered []said
	hidden   []string
	veiled   []salesforcesim.Right // fields that are hidden
	// unveiled is when fields were shown again.
	unveiled time.Time
	hid      bool         // some record was hidden at some time
	missed   bool         // some event was never told
	down     [2]time.Time // until when a side cannot be reached
	drawn    int          // acts that happened while a request was under way
	backup   []byte       // of the store
	// restored says that a backup was put back; known is what conflict logs said before.
	restored bool
	known    map[string]bool
	waits    bool // for something other than the next act
	planning bool // nothing is to be written
	// situations are what was met, by its name.
	situations map[string]int
	last       engine.Result // of the last sync
}

// life is an engine that serves.
type life struct {
	cancel context.CancelFunc
	done   chan struct{}
	err    error
}

// said is what somebody said of e-mail to an address.
type said struct {
	at      time.Time
	address string
	out     bool
	box     string // the record of Salesforce whose box says it; blank for HubSpot
}

// userWrite is a value that a user wrote.
type userWrite struct {
	core.Ref
	field, value string
	at           time.Time
}

// Watch, where set, is told each line of a run at its moment.
var Watch io.Writer

// Explain, where set, puts into the lines what waited at each decision, to find where
// two runs part.
var Explain bool

// Play runs a history to its end, heals the world and judges it. It must be called in
// a bubble (testing/synctest).
func Play(t testing.TB, h History) Result { return play(t, h, canary{}) }

// canary breaks a rule on purpose, which the judge must report: call may answer a
// request in the place of its side, end acts before the judge does.
type canary struct {
	call func(r *run, c *call) (got reply, answered bool)
	end  func(r *run)
	// links changes what the engine says of its links.
	links func([]*core.Link) []*core.Link
}

func play(t testing.TB, h History, sings canary) Result {
	r := &run{t: t, h: h, canary: sings, rng: rand.New(rand.NewPCG(h.Seed, 5)), bus: newBus(), strikes: h.Strikes, began: time.Now()}
	r.known, r.situations = map[string]bool{}, map[string]int{}
	r.result.Hit, r.result.Pairs, r.result.Acts, r.result.Met = map[string]int{}, map[[2]string]int{}, map[string]int{}, r.situations
	r.worlds, r.homes = newWorlds(t, h.Shape), map[string]int{}
	r.world = r.worlds[0]
	for n, w := range r.worlds {
		w.Through(r.bus.carriedTo(n))
	}
	r.since.at = r.now()
	r.revive()
	r.pump()
	r.heal()
	r.bus.end()
	if r.canary.end != nil {
		r.canary.end(r)
	}
	r.judge()
	if len(r.result.Broken) > 0 {
		r.result.Open = r.told()
	}
	r.result.Requests = r.passed
	r.result.Virtual = time.Since(r.began)
	sum := fnv.New64a()
	for _, l := range r.result.Lines {
		_, _ = fmt.Fprintln(sum, l.At, l.Side, l.Text, l.Fault)
	}
	r.result.Trace = sum.Sum64()
	return r.result
}

func (r *run) now() time.Time { return r.world.Now() }

func (r *run) say(side, fault, format string, args ...any) {
	l := Line{At: time.Since(r.began), Side: side, Fault: fault, Text: fmt.Sprintf(format, args...)}
	r.result.Lines = append(r.result.Lines, l)
	if Watch != nil {
		l.print(Watch)
	}
}

// wrote keeps what a user wrote, to be judged at the end.
func (r *run) wrote(t *thing, field, value string) {
	r.writes = append(r.writes, userWrite{t.Ref, field, value, r.now()})
}

// pump does the acts of the history, and lets requests go on meanwhile.
func (r *run) pump() {
	for r.next < len(r.h.Steps) {
		synctest.Wait()
		switch {
		case r.died():
			r.revive()
		case r.stepDue():
			r.step()
		default:
			r.oneOn()
		}
	}
}

// pumpRequests lets requests go on, one at a time, until a condition holds.
func (r *run) pumpRequests(until func() bool) {
	for synctest.Wait(); !until(); synctest.Wait() {
		r.oneOn()
	}
}

// oneOn lets one of the waiting requests go on, or waits for one.
func (r *run) oneOn() {
	if len(r.late) > 0 && !r.late[0].at.After(r.now()) {
		r.arriveLate()
		return
	}
	if left := r.bus.leaving(); len(left) > 0 {
		r.bus.dismiss(left[0]) // how many there are may hang on chance, which must draw nothing
		return
	}
	if turns := r.bus.beginning(); len(turns) > 0 {
		t := turns[r.rng.IntN(len(turns))]
		if Explain {
			for _, o := range turns {
				r.say("engine", "", "turn %v: %s", o == t, o.why)
			}
		}
		r.bus.let(t)
		return
	}
	if waiting := r.bus.waiting(); len(waiting) > 0 {
		c := waiting[r.rng.IntN(len(waiting))]
		if Explain {
			for _, o := range waiting {
				r.say("engine", "", "waits %v: %s", o == c, o.key)
			}
		}
		r.goOn(c)
		return
	}
	r.idle()
}

// idle waits for a request, for the next act, or a minute.
func (r *run) idle() {
	wait := time.Minute
	if !r.healing && !r.waits && r.next < len(r.h.Steps) {
		wait = min(wait, max(time.Millisecond, time.Duration(r.h.Steps[r.next].Wait)-r.now().Sub(r.since.at)))
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-r.bus.news:
	case <-timer.C:
	}
}

func (r *run) stepDue() bool {
	if r.next >= len(r.h.Steps) {
		return false
	}
	s := r.h.Steps[r.next]
	return r.passed-r.since.calls >= s.Calls || r.now().Sub(r.since.at) >= time.Duration(s.Wait)
}

// step does the next act.
func (r *run) step() {
	s := r.h.Steps[r.next]
	r.next++
	r.since.calls, r.since.at = r.passed, r.now()
	r.learn()
	if what := opNamed(s.Op).do(r, s); what != "" {
		r.lastOp = s.Op
		r.result.Acts[s.Op]++
		r.say("user", "", "%s %s", s.Op, what)
	}
}

// goOn lets a request go on, or what befalls it.
func (r *run) goOn(c *call) {
	r.bus.take(c)
	r.passed++
	if r.travel(time.Duration(20+r.rng.IntN(200)) * time.Millisecond); c.gone {
		return
	}
	r.astray(c)
	if !r.reachable(c.side) {
		r.say(c.side.String(), "N11", "%s %s", c.req.Method, c.req.URL.Path)
		c.reply <- refused()
		return
	}
	if f, ok := r.strike(c); ok {
		r.say(c.side.String(), f.id, "%s %s", c.req.Method, c.req.URL.Path)
		f.befall(r, c)
		return
	}
	r.tellsConsent(c)
	got := r.carried(c)
	if got.err != nil {
		r.say(c.side.String(), "", "%s %s: %v", c.req.Method, c.req.URL.Path, got.err)
	} else {
		r.say(c.side.String(), "", "%s %s: %d", c.req.Method, c.req.URL.Path, got.resp.StatusCode)
	}
	c.reply <- got
}

func (r *run) carried(c *call) reply {
	if r.canary.call != nil {
		if got, answered := r.canary.call(r, c); answered {
			return got
		}
	}
	return c.serve()
}

// travel lets the time pass that a request takes.
func (r *run) travel(d time.Duration) { _ = connector.Pause(context.Background(), d) }

// strike is the fault that befalls a request, if one is due.
func (r *run) strike(c *call) (fault, bool) {
	for i, s := range r.strikes {
		if s.At > r.passed {
			break
		}
		if f, ok := faultOf(s.Fault); ok && f.may != nil && f.may(c) {
			r.strikes = append(r.strikes[:i:i], r.strikes[i+1:]...)
			r.hit(f.id)
			return f, true
		}
	}
	return fault{}, false
}

func (r *run) hit(id string) {
	r.result.Hit[id]++
	r.result.Pairs[[2]string{id, r.lastOp}]++
}

func (r *run) arriveLate() {
	c := r.late[0].c
	r.late = r.late[1:]
	r.say(c.side.String(), "N4", "%s %s arrives late", c.req.Method, c.req.URL.Path)
	c.serve()
}
