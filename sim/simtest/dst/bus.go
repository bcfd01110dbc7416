package dst

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"

	"tandem/internal/core"
	"tandem/sim/simtest"
)

// bus holds every request and every transaction of the engine until the scheduler lets
// it go on.
type bus struct {
	mu     sync.Mutex
	parked []*call
	left   []*call // whose callers wait no longer, and have not been told yet
	turns  []*turn
	news   chan struct{} // something arrived, or the process died
	dead   bool          // the process is: nobody waits for an answer
	over   bool          // the run is: transactions wait no longer
	told   heard         // what the engine was told of
}

// call is a request that waits.
type call struct {
	world int // whose it is
	side  core.Side
	req   *http.Request
	next  http.RoundTripper
	body  []byte
	key   string
	who   uint64 // its goroutine; zero where it was never asked, no other being like it
	ask   chan chan uint64
	gone  bool          // its caller waits no longer
	part  chan struct{} // lets a caller go that waits no longer
	reply chan reply
}

type reply struct {
	resp *http.Response
	err  error
}

// turn is a transaction that waits to begin.
type turn struct {
	who uint64 // its goroutine; zero where it was never asked, being alone
	why string // whose it is, for a person who seeks where two runs part
	on  chan bool
}

func newBus() *bus { return &bus{news: make(chan struct{}, 1)} }

// goroutine is the number of the calling goroutine. They count upwards, so their order
// is that in which they were started. To know it takes longer than a small transaction.
func goroutine() (id uint64) {
	var head [64]byte
	text := bytes.TrimPrefix(head[:runtime.Stack(head[:], false)], []byte("goroutine "))
	for _, c := range text {
		if c < '0' || c > '9' {
			break
		}
		id = id*10 + uint64(c-'0')
	}
	return id
}

// begin holds a transaction until its turn comes: see store.Options.BeforeBegin.
func (b *bus) begin(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	t := &turn{why: stack(), on: make(chan bool)}
	b.mu.Lock()
	if b.over {
		b.mu.Unlock()
		return nil
	}
	b.turns = append(b.turns, t)
	b.mu.Unlock()
	b.tell()
	for asked := range t.on {
		t.who = goroutine()
		t.on <- asked
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dead {
		return errCrash
	}
	return ctx.Err()
}

// beginning are the transactions that wait, in the order in which their goroutines were
// started.
func (b *bus) beginning() []*turn {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range b.turns {
		if len(b.turns) > 1 && t.who == 0 {
			t.on <- true
			<-t.on
		}
	}
	slices.SortFunc(b.turns, func(a, c *turn) int { return cmp.Compare(a.who, c.who) })
	return slices.Clone(b.turns)
}

// end lets what comes from now on go on at once.
func (b *bus) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over = true
	for _, c := range b.left {
		close(c.part)
	}
	b.left = nil
}

// let has a transaction go on.
func (b *bus) let(t *turn) {
	b.mu.Lock()
	b.turns = slices.DeleteFunc(b.turns, func(o *turn) bool { return o == t })
	b.mu.Unlock()
	close(t.on)
}

// carriedTo is how the requests of a world travel: see simtest.World.Through.
func (b *bus) carriedTo(world int) simtest.Carry {
	return func(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		return b.carry(world, side, r, next)
	}
}

func (b *bus) carry(world int, side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
	c := &call{world: world, side: side, req: r, next: next, ask: make(chan chan uint64), part: make(chan struct{}), reply: make(chan reply, 1)}
	if r.Body != nil {
		c.body, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(c.body))
	}
	c.key = fmt.Sprint(world, side, r.Method, r.URL.Path, "?", content(r.URL.RawQuery), content(string(c.body)))
	b.mu.Lock()
	b.parked = append(b.parked, c)
	b.mu.Unlock()
	b.tell()
	for {
		select {
		case got := <-c.reply:
			got = b.told.by(c, got)
			return got.resp, got.err
		case who := <-c.ask:
			who <- goroutine()
		case <-r.Context().Done():
			b.leave(c)
			return nil, context.Cause(r.Context())
		}
	}
}

// leave ends the waiting of a caller whose context is done, once it is let go: contexts
// that end at the same moment do so in an order of chance.
func (b *bus) leave(c *call) {
	b.mu.Lock()
	c.gone, c.who = true, goroutine()
	if b.over {
		b.mu.Unlock()
		return
	}
	b.left = append(b.left, c)
	b.mu.Unlock()
	b.tell()
	<-c.part
}

// leaving are the callers that wait to be let go, in the order in which their goroutines
// were started.
func (b *bus) leaving() []*call {
	b.mu.Lock()
	defer b.mu.Unlock()
	slices.SortFunc(b.left, func(a, c *call) int { return cmp.Compare(a.who, c.who) })
	return slices.Clone(b.left)
}

// dismiss lets a caller go that waits no longer.
func (b *bus) dismiss(c *call) {
	b.mu.Lock()
	b.left = slices.DeleteFunc(b.left, func(o *call) bool { return o == c })
	b.mu.Unlock()
	close(c.part)
}

// content tells requests apart by what they hold, in whatever order: a list of ids says
// the same in any.
func content(text string) uint64 {
	var count [256]int
	for i := range len(text) {
		count[text[i]]++
	}
	sum := uint64(14695981039346656037) // FNV-1a of the sorted bytes
	for c, n := range count {
		for range n {
			sum = (sum ^ uint64(c)) * 1099511628211
		}
	}
	return sum
}

// tell wakes the scheduler.
func (b *bus) tell() {
	select {
	case b.news <- struct{}{}:
	default:
	}
}

// waiting are the requests that somebody waits for, in an order that does not depend
// on which goroutine was first.
func (b *bus) waiting() []*call {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.parked = slices.DeleteFunc(b.parked, func(c *call) bool { return c.gone })
	slices.SortFunc(b.parked, func(a, c *call) int {
		if a.key != c.key {
			return cmp.Compare(a.key, c.key)
		}
		return cmp.Compare(a.sender(), c.sender())
	})
	return slices.Clone(b.parked)
}

// sender is the goroutine that waits for the answer; zero for one that is gone. It is
// asked for requests only that nothing else tells apart.
func (c *call) sender() uint64 {
	if c.who == 0 {
		answer := make(chan uint64)
		select {
		case c.ask <- answer:
			c.who = <-answer
		default: // it waits no longer: its context ended meanwhile
		}
	}
	return c.who
}

// take removes a request from those that wait.
func (b *bus) take(c *call) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.parked = slices.DeleteFunc(b.parked, func(p *call) bool { return p == c })
}

// again is the request as it was sent, to be carried apart from its caller.
func (c *call) again() *http.Request {
	r := c.req.Clone(context.WithoutCancel(c.req.Context()))
	if c.body != nil {
		r.Body = io.NopCloser(bytes.NewReader(c.body))
	}
	return r
}

// serve carries the request to its side.
func (c *call) serve() reply {
	resp, err := c.next.RoundTrip(c.again())
	return reply{resp, err}
}

// creates reports that the request makes records.
func (c *call) creates() bool {
	return c.req.Method == http.MethodPost && (hasPath(c, "/batch/create") || hasPath(c, "/composite/sobjects"))
}

// writes reports that the request changes records.
func (c *call) writes() bool {
	switch c.req.Method {
	case http.MethodPatch, http.MethodPut, http.MethodDelete:
		return true
	case http.MethodPost:
		return c.creates() || hasPath(c, "/batch/update") || hasPath(c, "/batch/upsert") || hasPath(c, "/batch/archive") || hasPath(c, "/associations/") && !hasPath(c, "/batch/read")
	}
	return false
}

// stack names the engine's functions on the way here, where runs are explained.
func stack() string {
	if !Explain {
		return ""
	}
	var pcs [40]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	var names []string
	for f, more := frames.Next(); more; f, more = frames.Next() {
		if name, ok := strings.CutPrefix(f.Function, "tandem/internal/"); ok {
			names = append(names, name[strings.LastIndex(name, "/")+1:])
		}
	}
	return strings.Join(names, "<")
}
