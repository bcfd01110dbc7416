package notify

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// WebhookOptions of NewWebhooks. Zero values take the stated defaults.
type WebhookOptions struct {
	Now    func() time.Time // required
	Rand   *rand.Rand       // required; the Webhooks' own
	Client *http.Client     // nil means http.DefaultClient; redirects are never followed
	// Batch is how long changes are gathered before they are sent, default 200 ms.
	Batch time.Duration
	// RetryUnit is the length of one minute of the retry schedule, default a minute.
	RetryUnit time.Duration
	Retry     RetryTable // default CurrentRetries
	// Authorize admits a management request for an app; it answers 0, 401 or 403.
	// Nil admits all.
	Authorize func(r *http.Request, appID int64) (status int)
}

// WebhookStats counts what was done so far.
type WebhookStats struct {
	Requests  int // deliveries tried
	Delivered int // events taken by the target
	Retried   int // events to be sent again, each time counted
	GivenUp   int // events whose repeats are used up, or whose status is final
	Dropped   int // events lost by a fault
	Pending   int // events not yet delivered
}

// Webhooks queues and delivers events. Safe for concurrent use. No delivery
// holds up Publish.
type Webhooks struct {
	opts   WebhookOptions
	client *http.Client
	ids    ids
	ctx    context.Context
	cancel context.CancelFunc
	under  sync.WaitGroup // deliveries under way

	mu            sync.Mutex
	apps          []*app // by id
	subscriptions int64  // the last id
	faults        Faults
	stats         WebhookStats
	retry         *time.Timer // of the batch that is due first
	closed        bool
}

// app is an App with its queue.
type app struct {
	App
	createdAt, updatedAt time.Time
	subscriptions        []*Subscription // by id
	gathering            []event
	gather               *time.Timer // running while gathering is not empty
	ready                []*batch
	waiting              []*batch // for their next try
	sending              int
}

// NewWebhooks makes a Webhooks without apps. Close it when done.
func NewWebhooks(o WebhookOptions) *Webhooks {
	o.Batch = cmp.Or(o.Batch, 200*time.Millisecond)
	o.RetryUnit = cmp.Or(o.RetryUnit, time.Minute)
	if o.Retry.Tries == 0 {
		o.Retry = CurrentRetries
	}
	client := http.Client{}
	if o.Client != nil {
		client = *o.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	w := &Webhooks{opts: o, client: &client, ids: ids{rng: rand.New(rand.NewPCG(o.Rand.Uint64(), o.Rand.Uint64()))}}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	return w
}

func (w *Webhooks) app(id int64) (*app, bool) {
	i := slices.IndexFunc(w.apps, func(a *app) bool { return a.ID == id })
	if i < 0 {
		return nil, false
	}
	return w.apps[i], true
}

// Publish queues changes for delivery and returns at once.
func (w *Webhooks) Publish(changes ...Change) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	for _, a := range w.apps {
		if a.TargetURL == "" {
			continue
		}
		for _, c := range changes {
			for _, seen := range c.directions() {
				w.notify(a, seen)
			}
		}
		w.gather(a)
	}
}

// eventID is a number that tells nothing: neither order nor uniqueness is promised
// (webhooks guide).
func (w *Webhooks) eventID() int64 { return 1 + w.opts.Rand.Int64N(1<<32) }

// notify queues the events of one change, as far as no fault prevents it.
func (w *Webhooks) notify(a *app, c Change) {
	for _, s := range a.subscriptions {
		if !s.wants(c) {
			continue
		}
		e := newEvent(w.eventID(), a.ID, s, c)
		copies := w.faults.copies(w.opts.Rand)
		if copies == 0 {
			w.stats.Dropped++
		}
		for range copies {
			w.stats.Pending++
			if wait, held := w.faults.held(); held {
				w.holdBack(a, e, wait)
				continue
			}
			a.gathering = append(a.gathering, e)
		}
	}
}

// gather starts the gathering time, or ends it early when a batch is full.
func (w *Webhooks) gather(a *app) {
	switch {
	case len(a.gathering) >= maxEventsPerBatch:
		w.cut(a, false)
	case len(a.gathering) > 0 && a.gather == nil:
		a.gather = time.AfterFunc(w.opts.Batch, func() { w.gathered(a) })
	}
}

func (w *Webhooks) gathered(a *app) {
	w.mu.Lock()
	defer w.mu.Unlock()
	a.gather = nil
	w.cut(a, true)
}

// cut makes batches of what was gathered; only full ones unless all is wanted.
func (w *Webhooks) cut(a *app, all bool) {
	if w.faults.Shuffle {
		w.opts.Rand.Shuffle(len(a.gathering), func(i, j int) {
			a.gathering[i], a.gathering[j] = a.gathering[j], a.gathering[i]
		})
	}
	for len(a.gathering) >= maxEventsPerBatch || all && len(a.gathering) > 0 {
		n := min(len(a.gathering), maxEventsPerBatch)
		a.ready = append(a.ready, &batch{events: slices.Clone(a.gathering[:n])})
		a.gathering = slices.Delete(a.gathering, 0, n)
	}
	w.gather(a)
	w.send(a)
}

// Stats gives the counts so far.
func (w *Webhooks) Stats() WebhookStats {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stats
}

// Close stops deliveries, waits for those under way and forgets the rest.
func (w *Webhooks) Close() {
	w.mu.Lock()
	w.closed = true
	w.cancel()
	stop(w.retry)
	for _, a := range w.apps {
		stop(a.gather)
		a.gathering, a.ready, a.waiting = nil, nil, nil
	}
	w.mu.Unlock()
	w.under.Wait()
}

func stop(t *time.Timer) {
	if t != nil {
		t.Stop()
	}
}
