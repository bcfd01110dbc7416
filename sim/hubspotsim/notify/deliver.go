package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// RetryTable is one reading of HubSpot's rules for failed deliveries; its
// documents of different years disagree.
type RetryTable struct {
	Timeout          time.Duration // for an answer
	Tries            int           // repeats after the first delivery
	Window           time.Duration // from the first delivery; nothing is sent later. Scaled by RetryUnit
	Final            []int         // statuses that are not retried
	HonourRetryAfter bool          // of a 429
}

// The two readings. CurrentRetries follows the webhooks guide of 2026,
// OlderRetries what HubSpot's staff and older texts say.
var (
	CurrentRetries = RetryTable{Timeout: 5 * time.Second, Tries: 10, Window: 24 * time.Hour}
	OlderRetries   = RetryTable{Timeout: time.Second, Tries: 10, Window: 24 * time.Hour,
		Final: []int{400, 401, 403, 404, 405}, HonourRetryAfter: true}
)

// schedule is the time before each repeat, in units of RetryUnit. Its sum stays
// below 24 hours also with the greatest jitter. Only the number of repeats and
// the window are documented.
var schedule = []int{1, 2, 5, 15, 30, 60, 120, 240, 360, 480}

// minWake keeps a clock that stands still from making the retry timer spin.
const minWake = 10 * time.Millisecond

// batch is one request's events; they stay together through all repeats.
type batch struct {
	events  []event
	attempt int       // 0 for the first delivery
	first   time.Time // when that was tried
	due     time.Time // of the next try
	held    bool      // by a fault, before the first delivery
}

// send starts deliveries as far as the app's concurrency allows.
func (w *Webhooks) send(a *app) {
	limit := a.MaxConcurrent
	if limit <= 0 || limit > maxConcurrent {
		limit = maxConcurrent
	}
	for !w.closed && a.sending < limit && len(a.ready) > 0 {
		b := a.ready[0]
		a.ready = slices.Delete(a.ready, 0, 1)
		if b.attempt == 0 {
			b.first = w.opts.Now()
		}
		a.sending++
		w.stats.Requests++
		to := a.App
		w.under.Go(func() { w.deliver(a, b, to) })
	}
}

func (w *Webhooks) deliver(a *app, b *batch, to App) {
	status, wait := w.post(b, to)
	w.mu.Lock()
	defer w.mu.Unlock()
	a.sending--
	if w.closed {
		return
	}
	w.settle(a, b, status, wait)
	w.send(a)
}

// post delivers once. Status 0 means that no answer came; wait is what a
// Retry-After asked for.
func (w *Webhooks) post(b *batch, to App) (status int, wait time.Duration) {
	for i := range b.events {
		b.events[i].AttemptNumber = b.attempt
	}
	body, err := json.Marshal(b.events)
	if err != nil {
		return 0, 0
	}
	ctx, cancel := context.WithTimeout(w.ctx, w.opts.Retry.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.TargetURL, bytes.NewReader(body))
	if err != nil {
		return 0, 0
	}
	sign(req, to, body, w.opts.Now().UnixMilli())
	resp, err := w.client.Do(req)
	if err != nil {
		return 0, 0
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) // so that the connection can be used again
	seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
	return resp.StatusCode, time.Duration(seconds) * time.Second
}

// sign sets the headers of a delivery, an older and the newest version of the
// signature among them.
func sign(req *http.Request, to App, body []byte, now int64) {
	h := req.Header
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "HubSpot Connect 2.0 (http://dev.hubspot.com/)")
	older, version := SignatureV1(to.ClientSecret, body), "v1"
	if to.SignatureV2 {
		older, version = SignatureV2(to.ClientSecret, req.Method, to.TargetURL, body), "v2"
	}
	h.Set("X-HubSpot-Signature", older)
	h.Set("X-HubSpot-Signature-Version", version)
	h.Set("X-HubSpot-Request-Timestamp", strconv.FormatInt(now, 10))
	h.Set("X-HubSpot-Signature-V3", SignatureV3(to.ClientSecret, req.Method, to.TargetURL, body, now))
}

// settle decides what becomes of a batch that was sent.
func (w *Webhooks) settle(a *app, b *batch, status int, wait time.Duration) {
	n := len(b.events)
	table := w.opts.Retry
	if status >= 200 && status <= 299 {
		w.stats.Delivered += n
		w.stats.Pending -= n
		return
	}
	b.due = w.opts.Now().Add(w.delay(b.attempt))
	if asked := w.opts.Now().Add(wait); table.HonourRetryAfter && status == http.StatusTooManyRequests && asked.After(b.due) {
		b.due = asked
	}
	b.attempt++
	if b.attempt > table.Tries || slices.Contains(table.Final, status) || b.due.After(b.first.Add(w.scaled(table.Window))) {
		w.stats.GivenUp += n
		w.stats.Pending -= n
		return
	}
	w.stats.Retried += n
	a.waiting = append(a.waiting, b)
	w.wake()
}

// scaled turns a time of the vendor's schedule into this portal's.
func (w *Webhooks) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / float64(time.Minute) * float64(w.opts.RetryUnit))
}

// delay is the time before the repeat that follows the given attempt, with jitter.
func (w *Webhooks) delay(attempt int) time.Duration {
	units := schedule[min(attempt, len(schedule)-1)]
	jitter := 0.8 + 0.25*w.opts.Rand.Float64()
	return time.Duration(float64(units) * jitter * float64(w.opts.RetryUnit))
}

// ClockMoved makes the retry schedule look at the clock again after a jump.
func (w *Webhooks) ClockMoved() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wake()
}

// wake sends what is due and sets the timer for the rest.
func (w *Webhooks) wake() {
	stop(w.retry)
	w.retry = nil
	if w.closed {
		return
	}
	now := w.opts.Now()
	var next time.Time
	for _, a := range w.apps {
		a.waiting = slices.DeleteFunc(a.waiting, func(b *batch) bool {
			if b.due.After(now) {
				if next.IsZero() || b.due.Before(next) {
					next = b.due
				}
				return false
			}
			a.ready = append(a.ready, b)
			return true
		})
		w.send(a)
	}
	if !next.IsZero() {
		w.retry = time.AfterFunc(max(next.Sub(now), minWake), w.ClockMoved)
	}
}
