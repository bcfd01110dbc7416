package pace

import (
	"cmp"
	"context"
	"io"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// Bucket names a limit that a request counts against.
type Bucket string

// The buckets in use. A request in Uncounted is not an API call (a download
// from object storage): it neither waits nor counts.
const (
	Uncounted    Bucket = ""
	General      Bucket = "general"
	Search       Bucket = "search"
	Associations Bucket = "associations"
	Journal      Bucket = "journal"
)

// Limit is a vendor's burst limit: at most Calls in any Per.
type Limit struct {
	Calls int // 0 means no burst limit
	Per   time.Duration
	// Within is a wider bucket in which the calls count as well; blank for none.
	Within Bucket
	// OffBudget calls do not count against the daily share.
	OffBudget bool
	// Learn takes Calls and Per from the vendor's answers where they tell it.
	Learn bool
}

// Config of one account's Transport.
type Config struct {
	Side     core.Side
	Base     http.RoundTripper // nil means the standard transport with more idle connections
	Classify func(*http.Request) Bucket
	Limits   map[Bucket]Limit
	// Share of each burst limit that we use, 0.95 when zero, at most 0.98: the
	// rest is for jitter of the network and of the vendor's clock.
	Share float64
	// Guard is how long an unanswered call may be under way and still reach the
	// vendor's counter, 1 s when zero.
	Guard time.Duration
	// DailyCalls is our share of the account's calls in a rolling 24 h, 0 for no
	// limit. The last tenth of it is kept for live changes and retries, the last
	// twentieth for live changes.
	DailyCalls int
	// MaxConcurrent calls may be open at once, 0 for no limit.
	MaxConcurrent int
	// Timeout bounds a call from the moment it is sent to the end of its answer,
	// 2 min when zero: waiting for a turn does not count.
	Timeout time.Duration
	// MaxWait is the longest time a call waits behind a vendor's refusal before
	// it is refused here, 30 s when zero.
	MaxWait time.Duration
	// Now is required.
	Now func() time.Time
}

const (
	defaultShare   = 0.95
	maxShare       = 0.98
	defaultGuard   = time.Second
	defaultTimeout = 2 * time.Minute
	defaultMaxWait = 30 * time.Second
	idleConns      = 64
)

func (c *Config) fill() {
	if c.Base == nil {
		c.Base = defaultBase()
	}
	if c.Classify == nil {
		c.Classify = func(*http.Request) Bucket { return General }
	}
	c.Share = min(cmp.Or(c.Share, defaultShare), maxShare)
	c.Guard = cmp.Or(c.Guard, defaultGuard)
	c.Timeout = cmp.Or(c.Timeout, defaultTimeout)
	c.MaxWait = cmp.Or(c.MaxWait, defaultMaxWait)
}

// defaultBase keeps as many idle connections to the one host as there are
// workers; the standard transport would close all but two.
func defaultBase() http.RoundTripper {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport // replaced by the program: its choice stands
	}
	own := standard.Clone()
	own.MaxIdleConnsPerHost = idleConns
	return own
}

// Transport paces the calls of one account. It is safe for concurrent use.
type Transport struct {
	cfg Config

	mu     sync.Mutex
	lanes  map[Bucket]*lane
	order  []Bucket // of lanes, fixed
	open   int      // calls sent and not yet done
	seq    uint64
	heard  bool      // the vendor has answered at least once
	first  time.Time // when the first call was sent
	budget budget
	told   Told
	wake   *time.Timer
}

// New makes the Transport of one account.
func New(cfg Config) *Transport {
	cfg.fill()
	t := &Transport{cfg: cfg, lanes: map[Bucket]*lane{}, budget: budget{limit: cfg.DailyCalls}}
	for _, name := range slices.Sorted(maps.Keys(cfg.Limits)) {
		t.lane(name)
	}
	return t
}

// lane finds or makes the lane of a bucket, and those it counts within.
func (t *Transport) lane(name Bucket) *lane {
	if l := t.lanes[name]; l != nil {
		return l
	}
	limit := t.cfg.Limits[name]
	l := &lane{name: name, limit: limit, window: window{calls: usable(limit.Calls, t.cfg.Share), per: limit.Per}}
	t.lanes[name] = l
	if limit.Within != "" && limit.Within != name {
		l.within = t.lane(limit.Within)
	}
	t.order = append(t.order, name)
	return l
}

// usable is the part of a limit that we use; at least one call.
func usable(calls int, share float64) int {
	if calls <= 0 {
		return 0
	}
	return max(1, int(float64(calls)*share))
}

// RoundTrip waits for its turn and sends. A call that is given up or refused
// while it waits fails with a *connector.Error whose Sent is false. The answer counts as open until its
// body is closed.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	bucket := t.cfg.Classify(req)
	if bucket == Uncounted {
		return t.send(req, func() {})
	}
	turn, err := t.enter(req.Context(), bucket)
	if err != nil {
		closeBody(req)
		return nil, err
	}
	resp, err := t.send(req, func() { t.done() })
	t.answered(turn, resp)
	return resp, err
}

// send makes the call under its own deadline; done runs once, when the answer
// is closed or the call failed.
func (t *Transport) send(req *http.Request, done func()) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), t.cfg.Timeout)
	end := sync.OnceFunc(func() { cancel(); done() })
	resp, err := t.cfg.Base.RoundTrip(req.WithContext(ctx))
	if err != nil {
		end()
		return nil, err
	}
	resp.Body = &body{ReadCloser: resp.Body, end: end}
	return resp, nil
}

type body struct {
	io.ReadCloser
	end func()
}

// Close ends the call.
func (b *body) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close() // the RoundTripper's duty; the request is not sent
	}
}

// enter waits until the call may be sent.
func (t *Transport) enter(ctx context.Context, bucket Bucket) (*turn, error) {
	w := &turn{priority: clamp(connector.PriorityOf(ctx)), ready: make(chan struct{})}
	t.mu.Lock()
	w.lane = t.lane(bucket)
	t.seq++
	w.seq = t.seq
	w.lane.queue.push(w)
	t.dispatch()
	t.mu.Unlock()
	stop := connector.StopOf(ctx)
	select {
	case <-w.ready:
		if w.err != nil || !over(stop) {
			return w, w.err
		}
	case <-stop:
	case <-ctx.Done():
		t.abandon(w)
		return nil, &connector.Error{Side: t.cfg.Side, Class: core.ClassTransient, Code: connector.CodeNetwork,
			Message: "gave up while waiting for a turn within the account's limits", Err: ctx.Err()}
	}
	t.abandon(w)
	return nil, &connector.Error{Side: t.cfg.Side, Class: core.ClassTransient, Code: connector.CodeStopped,
		Message: "the work was stopped before this call was sent"}
}

// over reports that a stop has come.
func over(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}

// abandon takes a turn out of its queue. A turn granted at the same moment
// stays counted, which errs on the safe side.
func (t *Transport) abandon(w *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if w.lane.queue.remove(w) || w.err != nil {
		return
	}
	t.open--
	t.dispatch()
}

// answered books the vendor's answer, or the failure to get one.
func (t *Transport) answered(w *turn, resp *http.Response) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.cfg.Now()
	for _, s := range w.slots {
		s.answer(now)
	}
	if resp != nil {
		t.heard = true
		t.learn(w.lane, resp, now)
	}
	t.dispatch()
}

func (t *Transport) done() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open--
	t.dispatch()
}

func clamp(p connector.Priority) connector.Priority {
	return min(max(p, connector.Live), connector.Backfill)
}
