package notify

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

const (
	appID  = 9393361
	portal = 49547190
	target = "https://engine.example/hooks%3A1?portal=1"
)

// endpoint is a webhook target in process; it checks each delivery's headers.
type endpoint struct {
	t      *testing.T
	mu     sync.Mutex
	bodies [][]event
	at     []time.Time
	reply  func(n int) (status int, header http.Header, delay time.Duration)
	now    int // requests being answered
	most   int
	clock  func() time.Time // of the portal; nil means the test's own
}

func (e *endpoint) RoundTrip(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	e.checkHeaders(r, body)
	var events []event
	if err := json.Unmarshal(body, &events); err != nil {
		e.t.Errorf("body %s: %v", body, err)
	}
	e.mu.Lock()
	n := len(e.bodies)
	e.bodies, e.at = append(e.bodies, events), append(e.at, time.Now())
	e.now++
	e.most = max(e.most, e.now)
	e.mu.Unlock()
	status, header, delay := http.StatusNoContent, http.Header{}, time.Duration(0)
	if e.reply != nil {
		status, header, delay = e.reply(n)
	}
	defer func() { e.mu.Lock(); e.now--; e.mu.Unlock() }()
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case <-time.After(delay):
	}
	w := httptest.NewRecorder()
	for name := range header {
		w.Header().Set(name, header.Get(name))
	}
	w.WriteHeader(status)
	return w.Result(), nil
}

func (e *endpoint) checkHeaders(r *http.Request, body []byte) {
	h, now := r.Header, time.Now()
	if e.clock != nil {
		now = e.clock()
	}
	stamp, err := strconv.ParseInt(h.Get("X-HubSpot-Request-Timestamp"), 10, 64)
	switch {
	case r.Method != http.MethodPost || r.URL.String() != target:
		e.t.Errorf("%s %s, want POST %s", r.Method, r.URL, target)
	case h.Get("Content-Type") != "application/json":
		e.t.Errorf("content type %q", h.Get("Content-Type"))
	case h.Get("X-HubSpot-Signature-Version") != "v1" || h.Get("X-HubSpot-Signature") != SignatureV1("secret", body):
		e.t.Errorf("v1 signature %q", h.Get("X-HubSpot-Signature"))
	case err != nil || stamp != now.UnixMilli():
		e.t.Errorf("timestamp %q is not the time of the delivery", h.Get("X-HubSpot-Request-Timestamp"))
	case h.Get("X-HubSpot-Signature-v3") != SignatureV3("secret", "POST", target, body, stamp):
		e.t.Errorf("v3 signature %q", h.Get("X-HubSpot-Signature-v3"))
	}
}

func (e *endpoint) requests() [][]event {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.bodies)
}

// newWebhooks delivers to an endpoint; the app is subscribed to everything.
func newWebhooks(t *testing.T, o WebhookOptions) (*Webhooks, *endpoint) {
	t.Helper()
	e := &endpoint{t: t}
	o.Client, o.Now, o.Rand = &http.Client{Transport: e}, time.Now, rand.New(rand.NewPCG(1, 2))
	w := NewWebhooks(o)
	t.Cleanup(w.Close)
	w.SetApp(App{ID: appID, ClientSecret: "secret", TargetURL: target})
	if err := w.SubscribeAll(appID); err != nil {
		t.Fatal(err)
	}
	return w, e
}

func created(id int64) Change {
	return Change{PortalID: portal, ObjectTypeID: "0-1", ObjectType: "contact", ObjectID: id, Kind: Creation,
		Source: "CRM_UI", SourceID: "userId:1", OccurredAt: time.UnixMilli(1742214467116)}
}

func creations(n int) []Change {
	var out []Change
	for i := range n {
		out = append(out, created(int64(i+1)))
	}
	return out
}

func TestBatchesHoldAtMost100EventsAndAreGathered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, e := newWebhooks(t, WebhookOptions{Batch: 200 * time.Millisecond})
		w.Publish(creations(30)...)
		time.Sleep(150 * time.Millisecond)
		w.Publish(creations(20)...)
		synctest.Wait()
		if n := len(e.requests()); n != 0 {
			t.Fatalf("%d requests before the gathering time was over", n)
		}
		time.Sleep(50 * time.Millisecond)
		synctest.Wait()
		if got := e.requests(); len(got) != 1 || len(got[0]) != 50 {
			t.Fatalf("%d requests, want one of 50 events", len(got))
		}
		w.Publish(creations(250)...)
		synctest.Wait()
		if got := e.requests(); len(got) != 3 || len(got[1]) != 100 || len(got[2]) != 100 {
			t.Fatalf("full batches were not sent at once: %d requests", len(got))
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got := e.requests(); len(got) != 4 || len(got[3]) != 50 {
			t.Fatalf("%d requests, want a fourth of 50 events", len(got))
		}
		if got := w.Stats(); got != (WebhookStats{Requests: 4, Delivered: 300}) {
			t.Errorf("stats %+v", got)
		}
	})
}

func TestPublishNeverWaitsForATarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, e := newWebhooks(t, WebhookOptions{})
		w.SetApp(App{ID: appID, ClientSecret: "secret", TargetURL: target, MaxConcurrent: 6})
		e.reply = func(int) (int, http.Header, time.Duration) { return 200, nil, 4 * time.Second }
		start := time.Now()
		for range 20 {
			w.Publish(creations(100)...)
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("Publish took %v", waited)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if e.most != 6 || len(e.requests()) != 20 {
			t.Errorf("%d requests, at most %d at once, want 20 and 6", len(e.requests()), e.most)
		}
		w.SetApp(App{ID: appID, ClientSecret: "secret", TargetURL: target, MaxConcurrent: 50})
		for range 20 {
			w.Publish(creations(100)...)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if e.most != 10 {
			t.Errorf("%d requests at once, want 10 whatever is asked for", e.most)
		}
	})
}

func TestRetryReadings(t *testing.T) {
	answers := func(status int) func(int) (int, http.Header, time.Duration) {
		return func(int) (int, http.Header, time.Duration) { return status, nil, 0 }
	}
	slow := func(d time.Duration) func(int) (int, http.Header, time.Duration) {
		return func(int) (int, http.Header, time.Duration) { return 200, nil, d }
	}
	for _, c := range []struct {
		name  string
		table RetryTable
		reply func(int) (int, http.Header, time.Duration)
		sent  int
	}{
		{"2xx", CurrentRetries, answers(202), 1},
		{"redirect", CurrentRetries, func(int) (int, http.Header, time.Duration) {
			return 307, http.Header{"Location": {"https://elsewhere.example/"}}, 0
		}, 11},
		{"400", CurrentRetries, answers(400), 11},
		{"429", CurrentRetries, answers(429), 11},
		{"500", CurrentRetries, answers(500), 11},
		{"4.9 s", CurrentRetries, slow(4900 * time.Millisecond), 1},
		{"5 s", CurrentRetries, slow(5001 * time.Millisecond), 11},
		{"older 400", OlderRetries, answers(400), 1},
		{"older 401", OlderRetries, answers(401), 1},
		{"older 403", OlderRetries, answers(403), 1},
		{"older 404", OlderRetries, answers(404), 1},
		{"older 405", OlderRetries, answers(405), 1},
		{"older 410", OlderRetries, answers(410), 11},
		{"older 503", OlderRetries, answers(503), 11},
		{"older 1 s", OlderRetries, slow(1001 * time.Millisecond), 11},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, e := newWebhooks(t, WebhookOptions{Retry: c.table})
				e.reply = c.reply
				w.Publish(created(1))
				time.Sleep(48 * time.Hour)
				synctest.Wait()
				checkAttempts(t, e, c.sent)
				if got := w.Stats(); got.Pending != 0 || got.Delivered+got.GivenUp != 1 || got.Retried != c.sent-1 {
					t.Errorf("stats %+v", got)
				}
			})
		})
	}
}

func checkAttempts(t *testing.T, e *endpoint, sent int) {
	t.Helper()
	if len(e.bodies) != sent {
		t.Fatalf("sent %d times, want %d", len(e.bodies), sent)
	}
	for i, events := range e.bodies {
		if len(events) != 1 || events[0].AttemptNumber != i {
			t.Errorf("delivery %d is %+v", i, events)
		}
	}
	if last := e.at[sent-1].Sub(e.at[0]); last > 24*time.Hour {
		t.Errorf("the last delivery came after %v", last)
	}
}

func TestRetryUnitScalesTheSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, e := newWebhooks(t, WebhookOptions{RetryUnit: time.Millisecond})
		e.reply = func(int) (int, http.Header, time.Duration) { return 500, nil, 0 }
		w.Publish(created(1))
		time.Sleep(200*time.Millisecond + 1440*time.Millisecond)
		synctest.Wait()
		checkAttempts(t, e, 11)
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, e := newWebhooks(t, WebhookOptions{Retry: OlderRetries})
		e.reply = func(n int) (int, http.Header, time.Duration) {
			return []int{429, 200}[n], http.Header{"Retry-After": {"7200"}}, 0
		}
		w.Publish(created(1))
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		if len(e.at) != 2 || e.at[1].Sub(e.at[0]) != 2*time.Hour {
			t.Errorf("deliveries at %v, want the second two hours after the first", e.at)
		}
	})
}

func TestNothingIsSentAfterTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, e := newWebhooks(t, WebhookOptions{Retry: OlderRetries})
		e.reply = func(int) (int, http.Header, time.Duration) { return 429, http.Header{"Retry-After": {"86401"}}, 0 }
		w.Publish(created(1))
		time.Sleep(72 * time.Hour)
		if got := w.Stats(); got.Requests != 1 || got.GivenUp != 1 || got.Pending != 0 {
			t.Errorf("stats %+v, want one request, then an end", got)
		}
	})
}

func TestEveryEventArrivesAtLeastOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, e := newWebhooks(t, WebhookOptions{})
		e.reply = func(n int) (int, http.Header, time.Duration) {
			switch n % 3 {
			case 0:
				return 503, nil, 0
			case 1:
				return 200, nil, 10 * time.Second // taken, but the answer comes too late
			}
			return 200, nil, 0
		}
		w.Publish(creations(1000)...)
		time.Sleep(24 * time.Hour)
		seen := map[int64]int{}
		for n, events := range e.requests() {
			for _, ev := range events {
				if n%3 != 0 {
					seen[ev.ObjectID]++
				}
			}
		}
		if len(seen) != 1000 || w.Stats().Delivered != 1000 {
			t.Errorf("%d of 1000 events arrived, stats %+v", len(seen), w.Stats())
		}
	})
}

func TestClockMovedBringsRepeatsForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var skew atomic.Int64
		clock := func() time.Time { return time.Now().Add(time.Duration(skew.Load())) }
		e := &endpoint{t: t, clock: clock, reply: func(n int) (int, http.Header, time.Duration) { return []int{500, 200}[n], nil, 0 }}
		w := NewWebhooks(WebhookOptions{Client: &http.Client{Transport: e}, Rand: rand.New(rand.NewPCG(1, 2)), Now: clock})
		defer w.Close()
		w.SetApp(App{ID: appID, ClientSecret: "secret", TargetURL: target})
		_ = w.SubscribeAll(appID)
		w.Publish(created(1))
		time.Sleep(time.Second)
		skew.Store(int64(time.Hour))
		w.ClockMoved()
		synctest.Wait()
		if len(e.requests()) != 2 {
			t.Errorf("%d deliveries after the clock jumped over the repeat, want 2", len(e.requests()))
		}
	})
}

func TestFaults(t *testing.T) {
	deliver := func(t *testing.T, f Faults) (ids []int64, stats WebhookStats) {
		synctest.Test(t, func(t *testing.T) {
			w, e := newWebhooks(t, WebhookOptions{})
			w.SetFaults(f)
			w.Publish(creations(400)...)
			time.Sleep(time.Second)
			synctest.Wait()
			for _, events := range e.requests() {
				for _, ev := range events {
					ids = append(ids, ev.ObjectID)
				}
			}
			stats = w.Stats()
		})
		return ids, stats
	}
	if ids, _ := deliver(t, Faults{}); len(ids) != 400 {
		t.Errorf("without faults %d events", len(ids))
	}
	if ids, stats := deliver(t, Faults{DropNext: 3, DuplicateNext: 2}); len(ids) != 399 || stats.Dropped != 3 {
		t.Errorf("%d events, %d dropped, want 399 and 3", len(ids), stats.Dropped)
	}
	if ids, stats := deliver(t, Faults{Drop: 0.5}); len(ids) < 150 || len(ids) > 250 || stats.Dropped != 400-len(ids) {
		t.Errorf("%d events at a drop rate of a half, %d dropped", len(ids), stats.Dropped)
	}
	if ids, _ := deliver(t, Faults{Duplicate: 1}); len(ids) != 800 {
		t.Errorf("%d events, want each twice", len(ids))
	}
	ids, _ := deliver(t, Faults{Shuffle: true})
	if slices.IsSorted(ids) || len(ids) != 400 {
		t.Errorf("%d events came in order", len(ids))
	}
	again, _ := deliver(t, Faults{Shuffle: true})
	slices.Sort(ids)
	slices.Sort(again)
	if !slices.Equal(ids, again) || slices.Compact(ids)[399] != 400 {
		t.Error("shuffling lost or doubled events")
	}
}

// Held events come behind later ones: after their time, or once the faults end.
func TestHeldEventsComeLater(t *testing.T) {
	for _, c := range []struct {
		name   string
		hold   time.Duration
		mended bool
	}{{"after their time", 10 * time.Minute, false}, {"when the faults end", 0, true}} {
		synctest.Test(t, func(t *testing.T) {
			w, e := newWebhooks(t, WebhookOptions{})
			told := func() (ids []int64) {
				synctest.Wait()
				for _, events := range e.requests() {
					for _, ev := range events {
						ids = append(ids, ev.ObjectID)
					}
				}
				return ids
			}
			w.AddFaults(Faults{HoldNext: 1, Hold: c.hold})
			w.AddFaults(Faults{HoldNext: 1, Hold: c.hold})
			w.Publish(creations(5)...)
			time.Sleep(time.Minute)
			if got := told(); !slices.Equal(got, []int64{3, 4, 5}) {
				t.Errorf("%s: %v came before", c.name, got)
			}
			if c.mended {
				w.SetFaults(Faults{})
			}
			time.Sleep(10 * time.Minute)
			if got := told(); len(got) != 5 || got[3]+got[4] != 3 {
				t.Errorf("%s: in all %v", c.name, got)
			}
			if s := w.Stats(); s.Pending != 0 || s.Delivered != 5 {
				t.Errorf("%s: %+v", c.name, s)
			}
		})
	}
}

func TestCloseStopsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, e := newWebhooks(t, WebhookOptions{})
		e.reply = func(n int) (int, http.Header, time.Duration) { return 500, nil, time.Duration(n%2) * 4 * time.Second }
		w.Publish(creations(450)...)
		time.Sleep(time.Second)
		sent := len(e.requests())
		start := time.Now()
		w.Close()
		if waited := time.Since(start); waited != 0 {
			t.Errorf("Close waited %v for a target", waited)
		}
		w.Publish(creations(500)...)
		time.Sleep(time.Hour)
		if got := len(e.requests()); got != sent || sent != 5 {
			t.Errorf("%d requests, %d after Close", sent, got-sent)
		}
	})
}

func TestOnlyActiveSubscriptionsAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{t: t}
		w := NewWebhooks(WebhookOptions{Client: &http.Client{Transport: e}, Now: time.Now, Rand: rand.New(rand.NewPCG(1, 2))})
		defer w.Close()
		w.SetApp(App{ID: appID, ClientSecret: "secret", TargetURL: target})
		for _, s := range []Subscription{
			{EventType: "contact.creation", Active: false},
			{EventType: "company.creation", Active: true},
			{EventType: "contact.propertyChange", PropertyName: "email", Active: true},
			{EventType: "object.creation", ObjectTypeID: "0-46", Active: true},
		} {
			if _, err := w.Subscribe(appID, s); err != nil {
				t.Fatal(err)
			}
		}
		change := func(kind Kind, typeID, name, property string) Change {
			return Change{PortalID: portal, ObjectTypeID: typeID, ObjectType: name, ObjectID: 1, Kind: kind, Property: property}
		}
		w.Publish(change(Creation, "0-1", "contact", ""), change(Creation, "0-2", "company", ""),
			change(PropertyChange, "0-1", "contact", "email"), change(PropertyChange, "0-1", "contact", "phone"),
			change(PropertyChange, "0-2", "company", "email"), change(Creation, "0-46", "note", ""), change(Creation, "0-47", "meeting", ""))
		time.Sleep(time.Second)
		var got []string
		for _, ev := range slices.Concat(e.requests()...) {
			got = append(got, fmt.Sprint(ev.SubscriptionType, ev.PropertyName, ev.ObjectTypeID))
		}
		if want := []string{"company.creation", "contact.propertyChangeemail", "object.creation0-46"}; !slices.Equal(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}
	})
}
