package notify

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Bounds from HubSpot's webhooks guide.
const (
	maxSubscriptions  = 1000
	maxConcurrent     = 10
	maxEventsPerBatch = 100
)

// App is one application that receives webhooks.
type App struct {
	ID            int64
	ClientSecret  string // signs deliveries
	TargetURL     string // empty: nothing is sent
	MaxConcurrent int    // requests at once; 0 means 10, the highest value
	SignatureV2   bool   // sign with version v2 in place of v1, as requests of workflow actions are
}

// AnyProperty in a Subscription stands for every property. It serves the
// simulator's own convenience: the REST API refuses it, as the product does.
const AnyProperty = "*"

// Subscription is one kind of event an app wants.
type Subscription struct {
	ID           int64  // set by Subscribe
	EventType    string // contact.creation, …
	PropertyName string // propertyChange only
	ObjectTypeID string // object.* only
	Active       bool
	CreatedAt    time.Time // set by Subscribe
	UpdatedAt    time.Time // set by Subscribe
}

// Errors of subscriptions.
var (
	// ErrNoApp: SetApp was not called for this app.
	ErrNoApp = errors.New("app is not known")
	// ErrTooMany: an app may have 1000 subscriptions.
	ErrTooMany = errors.New("app has 1000 subscriptions already; delete some first")
	// ErrSubscribed: the app has this subscription already.
	ErrSubscribed = errors.New("subscription exists already")
)

// SubscriptionError says what is wrong with a subscription.
type SubscriptionError struct{ Message string }

// Error gives the message.
func (e *SubscriptionError) Error() string { return e.Message }

func (s Subscription) check() error {
	object, kind, _ := strings.Cut(s.EventType, ".")
	property := kind == string(PropertyChange)
	switch {
	case !slices.Contains(eventTypes, s.EventType):
		return &SubscriptionError{fmt.Sprintf("event type %q is not known", s.EventType)}
	case (object == genericType) != (s.ObjectTypeID != ""):
		return &SubscriptionError{"objectTypeId is required for object.* event types, and only there"}
	case property != (s.PropertyName != ""):
		return &SubscriptionError{"propertyName is required for propertyChange event types, and only there"}
	case slices.Contains(untold, s.PropertyName):
		return &SubscriptionError{fmt.Sprintf("property %q has no propertyChange events", s.PropertyName)}
	}
	return nil
}

func (s Subscription) same(o Subscription) bool {
	return s.EventType == o.EventType && s.PropertyName == o.PropertyName && s.ObjectTypeID == o.ObjectTypeID
}

// SignV2 has the deliveries of a known app signed v2 in place of v1, or back.
func (w *Webhooks) SignV2(appID int64, on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if a, known := w.app(appID); known {
		a.SignatureV2 = on
	}
}

// SetApp adds an app or replaces its settings; subscriptions stay.
func (w *Webhooks) SetApp(a App) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.opts.Now()
	if old, ok := w.app(a.ID); ok {
		old.App, old.updatedAt = a, now
		return
	}
	w.apps = append(w.apps, &app{App: a, createdAt: now, updatedAt: now})
	slices.SortFunc(w.apps, func(a, b *app) int { return cmp.Compare(a.ID, b.ID) })
}

// Subscribe adds a subscription of an app. Errors: ErrNoApp, ErrTooMany,
// ErrSubscribed, *SubscriptionError.
func (w *Webhooks) Subscribe(appID int64, s Subscription) (Subscription, error) {
	if err := s.check(); err != nil {
		return Subscription{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	a, ok := w.app(appID)
	if !ok {
		return Subscription{}, ErrNoApp
	}
	if len(a.subscriptions) >= maxSubscriptions {
		return Subscription{}, ErrTooMany
	}
	if slices.ContainsFunc(a.subscriptions, func(o *Subscription) bool { return o.same(s) }) {
		return Subscription{}, ErrSubscribed
	}
	w.subscriptions++
	s.ID, s.CreatedAt = w.subscriptions, w.opts.Now()
	s.UpdatedAt = s.CreatedAt
	a.subscriptions = append(a.subscriptions, &s)
	return s, nil
}

// SubscribeAll adds active subscriptions to every event of every legacy type,
// with every property. What the app has already stays as it is. Error: ErrNoApp.
func (w *Webhooks) SubscribeAll(appID int64) error {
	for _, eventType := range eventTypes {
		object, kind, _ := strings.Cut(eventType, ".")
		s := Subscription{EventType: eventType, Active: true}
		if kind == string(PropertyChange) {
			s.PropertyName = AnyProperty
		}
		if object == genericType {
			continue
		}
		if _, err := w.Subscribe(appID, s); err != nil && !errors.Is(err, ErrSubscribed) {
			return err
		}
	}
	return nil
}
