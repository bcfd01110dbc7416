package notify

import (
	"math/rand/v2"
	"net/http"
	"time"
)

// App is one application that receives webhooks.
type App struct {
	ID            int64
	ClientSecret  string // signs deliveries
	TargetURL     string
	MaxConcurrent int // requests at once; 0 means 10
}

// AnyProperty in a Subscription stands for every property. It serves the
// simulator's own convenience: the REST API refuses it, as the product does.
const AnyProperty = "*"

// Subscription is one kind of event an app wants.
type Subscription struct {
	ID           int64 // set by Subscribe
	EventType    string
	PropertyName string // propertyChange only
	ObjectTypeID string // object.* only
	Active       bool
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// RetryTable is one reading of HubSpot's rules for failed deliveries; its
// documents of different years disagree.
type RetryTable struct {
	Timeout          time.Duration // to answer
	Tries            int           // repeats after the first delivery
	Window           time.Duration // from the first delivery; nothing is sent later
	Final            []int         // statuses that are not retried
	HonourRetryAfter bool          // of a 429
}

// WebhookOptions of NewWebhooks. Zero values take the stated defaults.
type WebhookOptions struct {
	Now       func() time.Time // required
	Rand      *rand.Rand       // required; used under the package's own lock
	Client    *http.Client     // nil means http.DefaultClient
	Batch     time.Duration    // how long changes are gathered, default 200 ms
	RetryUnit time.Duration    // one "minute" of the retry schedule, default a minute
	Retry     RetryTable       // default CurrentRetries
	// Authorize admits a management request for an app; the returned status is
	// 0, 401 or 403. Nil admits all.
	Authorize func(r *http.Request, appID int64) (status int)
}

// Faults are what goes wrong with deliveries, as shares between 0 and 1, and as
// counts for the next events.
type Faults struct {
	Drop, Duplicate         float64
	DropNext, DuplicateNext int
	Shuffle                 bool // order within and between batches
}

// Webhooks queues and delivers events. Safe for concurrent use.
type Webhooks struct {
	opts WebhookOptions
}

// NewWebhooks starts the delivery worker; Close stops it.
func NewWebhooks(o WebhookOptions) *Webhooks { return &Webhooks{opts: o} }

// SetApp adds an app or replaces its settings; subscriptions stay.
func (w *Webhooks) SetApp(a App) {}

// Subscribe adds a subscription of an app.
func (w *Webhooks) Subscribe(appID int64, s Subscription) (Subscription, error) { return s, nil }

// SubscribeAll adds active subscriptions to every event of every type, with
// every property.
func (w *Webhooks) SubscribeAll(appID int64) error { return nil }

// Publish queues changes for delivery and returns at once.
func (w *Webhooks) Publish(changes ...Change) {}

// SetFaults replaces the faults.
func (w *Webhooks) SetFaults(f Faults) {}

// ClockMoved makes the worker look at its schedule again after a jump of the clock.
func (w *Webhooks) ClockMoved() {}

// ServeHTTP serves /webhooks/{v3,2026-03}/{appId}/… and /app-webhooks/2026-09/{appId}/….
func (w *Webhooks) ServeHTTP(rw http.ResponseWriter, r *http.Request) {}

// WebhookStats counts deliveries.
type WebhookStats struct {
	Requests, Delivered, Failed, Retried, GivenUp, Dropped int
	Pending                                                int // events not yet delivered
}

// Stats gives the counts so far.
func (w *Webhooks) Stats() WebhookStats { return WebhookStats{} }

// Close stops deliveries and waits for those under way.
func (w *Webhooks) Close() {}
