package pace_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tandem/internal/connector"
	"tandem/internal/connector/pace"
	"tandem/internal/core"
)

// vendor counts calls by their arrival in an exact rolling window, as a
// simulated portal does, and refuses what is too much.
type vendor struct {
	mu       sync.Mutex
	calls    int
	per      time.Duration
	jitter   func() time.Duration // on the way there
	latency  time.Duration        // of the answer
	arrivals []time.Time
	order    []string
	refused  int
	silent   bool // tells no limits
	answer   func(*http.Request) *http.Response
}

func (v *vendor) RoundTrip(req *http.Request) (*http.Response, error) {
	if v.jitter != nil {
		time.Sleep(v.jitter())
	}
	resp := v.arrive(req)
	select {
	case <-time.After(v.latency):
		return resp, nil
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
}

func (v *vendor) arrive(req *http.Request) *http.Response {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := time.Now()
	v.order = append(v.order, req.URL.Path)
	v.arrivals = append(v.arrivals, now)
	held := 0
	for _, at := range v.arrivals {
		if now.Sub(at) < v.per {
			held++
		}
	}
	if v.answer != nil {
		if resp := v.answer(req); resp != nil {
			return resp
		}
	}
	h := http.Header{}
	if !v.silent {
		h.Set("X-HubSpot-RateLimit-Max", strconv.Itoa(v.calls))
		h.Set("X-HubSpot-RateLimit-Interval-Milliseconds", strconv.FormatInt(v.per.Milliseconds(), 10))
		h.Set("X-HubSpot-RateLimit-Remaining", strconv.Itoa(max(0, v.calls-held)))
	}
	if held > v.calls {
		v.refused++
		return reply(429, h)
	}
	return reply(200, h)
}

func reply(status int, h http.Header) *http.Response {
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader("{}"))}
}

func call(t *testing.T, rt http.RoundTripper, ctx context.Context, path string) (int, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, "GET", "http://vendor"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	return resp.StatusCode, nil
}

func config(v *vendor) pace.Config {
	return pace.Config{Side: core.HubSpot, Base: v, Now: time.Now,
		Limits: map[pace.Bucket]pace.Limit{pace.General: {Calls: 100, Per: 10 * time.Second, Learn: true}}}
}

func flood(t *testing.T, rt http.RoundTripper, n, workers int) {
	t.Helper()
	var wg sync.WaitGroup
	work := make(chan int)
	for range workers {
		wg.Go(func() {
			for range work {
				if _, err := call(t, rt, t.Context(), "/x"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range n {
		work <- i
	}
	close(work)
	wg.Wait()
}

func TestWindowIsNeverExceededUnderJitter(t *testing.T) {
	for _, most := range []time.Duration{0, 20 * time.Millisecond, 140 * time.Millisecond, 900 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, 2))
			var mu sync.Mutex
			v := &vendor{calls: 190, per: 10 * time.Second, latency: 80 * time.Millisecond, jitter: func() time.Duration {
				mu.Lock()
				defer mu.Unlock()
				return time.Duration(random.Int64N(int64(most) + 1))
			}}
			cfg := config(v)
			cfg.Share = 0.99 // taken as the greatest share allowed
			start := time.Now()
			flood(t, pace.New(cfg), 1000, 64)
			if v.refused != 0 {
				t.Errorf("jitter %v: %d calls refused by the vendor", most, v.refused)
			}
			// 186 calls a window, each window late by at most one round trip.
			if d, limit := time.Since(start), 51*time.Second+6*(most+v.latency); d > limit {
				t.Errorf("jitter %v: 1000 calls took %v, the limit allows %v", most, d, limit)
			}
		})
	}
}

func TestLearnsASmallerAndALargerLimit(t *testing.T) {
	for _, calls := range []int{40, 250} {
		synctest.Test(t, func(t *testing.T) {
			v := &vendor{calls: calls, per: 10 * time.Second, latency: 50 * time.Millisecond}
			flood(t, pace.New(config(v)), 300, 32)
			early := 0
			for _, at := range v.arrivals {
				if at.Sub(v.arrivals[0]) < 9*time.Second {
					early++
				}
			}
			if want := int(float64(calls) * 0.95); early != want || v.refused != 0 {
				t.Errorf("limit %d: %d calls in the first window (want %d), %d refused", calls, early, want, v.refused)
			}
		})
	}
}

func TestRestartInTheMiddleOfAWindowWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{calls: 190, per: 10 * time.Second, latency: 50 * time.Millisecond}
		flood(t, pace.New(config(v)), 170, 16)
		flood(t, pace.New(config(v)), 60, 32) // a second process of the same account
		if v.refused != 0 {
			t.Errorf("%d calls refused after a restart", v.refused)
		}
	})
}

func TestSearchHasItsOwnWindowInsideTheGeneralOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{calls: 5, per: time.Second, silent: true}
		cfg := config(v)
		cfg.Limits[pace.Search] = pace.Limit{Calls: 5, Per: time.Second, Within: pace.General}
		cfg.Classify = func(r *http.Request) pace.Bucket {
			if r.URL.Path == "/x" {
				return pace.Search
			}
			return pace.General
		}
		p := pace.New(cfg)
		start := time.Now()
		flood(t, p, 21, 8)
		if d := time.Since(start); v.refused != 0 || d < 5*time.Second || d > 6*time.Second {
			t.Errorf("21 searches: %v, %d refused; want 4 a second", d, v.refused)
		}
		v.calls = 1000
		for range 74 { // 95 - 21
			if _, err := call(t, p, t.Context(), "/y"); err != nil {
				t.Fatal(err)
			}
		}
		before := time.Now()
		if _, err := call(t, p, t.Context(), "/y"); err != nil || time.Since(before) < time.Second {
			t.Errorf("searches do not count in the general window: waited %v, %v", time.Since(before), err)
		}
	})
}

func TestSearchWaitsForTheGeneralWindowToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{calls: 10, per: 10 * time.Second, silent: true}
		cfg := config(v)
		cfg.Limits[pace.General] = pace.Limit{Calls: 10, Per: 10 * time.Second}
		cfg.Limits[pace.Search] = pace.Limit{Calls: 5, Per: time.Second, Within: pace.General}
		cfg.Classify = func(r *http.Request) pace.Bucket { return pace.Bucket(r.URL.Path[1:]) }
		p := pace.New(cfg)
		for range 9 {
			_, _ = call(t, p, t.Context(), "/general")
		}
		start := time.Now()
		if status, err := call(t, p, t.Context(), "/search"); status != 200 || err != nil || time.Since(start) < 10*time.Second {
			t.Errorf("a search after %v: %d, %v", time.Since(start), status, err)
		}
	})
}

func TestGivingUpFreesNobodyElsesPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.New(pace.Config{Side: core.Salesforce, Base: &vendor{}, Now: time.Now, MaxConcurrent: 1})
		req, _ := http.NewRequestWithContext(t.Context(), "GET", "http://vendor/open", nil)
		resp, err := p.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		for range 2 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if _, err := call(t, p, ctx, "/next"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("a call beside the only one allowed: %v", err)
			}
			cancel()
		}
	})
}

func TestPrioritiesAndNoStarvation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{calls: 2, per: time.Second, silent: true}
		cfg := config(v)
		cfg.Limits = map[pace.Bucket]pace.Limit{pace.General: {Calls: 1, Per: time.Second}}
		p := pace.New(cfg)
		var wg sync.WaitGroup
		submit := func(n int, priority connector.Priority, path string) {
			for range n {
				wg.Go(func() { _, _ = call(t, p, connector.WithPriority(t.Context(), priority), path) })
				synctest.Wait()
			}
		}
		submit(1, connector.Live, "/first")
		submit(3, connector.Backfill, "/backfill")
		submit(3, connector.Retry, "/retry")
		submit(20, connector.Live, "/live")
		wg.Wait()
		if !slices.Equal(v.order[1:9], slices.Repeat([]string{"/live"}, 8)) {
			t.Errorf("live calls do not go first: %v", v.order)
		}
		if v.order[9] != "/backfill" {
			t.Errorf("the tenth call is %s, want the oldest one waiting", v.order[9])
		}
		rest := slices.DeleteFunc(slices.Clone(v.order[10:]), func(s string) bool { return s == "/live" })
		if got := strings.Join(rest, " "); got != "/backfill /retry /retry /retry /backfill" {
			t.Errorf("after the live ones: %s", got)
		}
	})
}

func TestDailyShareKeepsAReserveForLiveCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{calls: 1000, per: time.Second}
		cfg := config(v)
		cfg.DailyCalls = 20
		p := pace.New(cfg)
		sent := map[connector.Priority]int{}
		for _, priority := range []connector.Priority{connector.Backfill, connector.Retry, connector.Live} {
			for {
				_, err := call(t, p, connector.WithPriority(t.Context(), priority), "/x")
				if err != nil {
					checkQuota(t, err)
					break
				}
				sent[priority]++
			}
		}
		if sent[connector.Backfill] != 18 || sent[connector.Retry] != 1 || sent[connector.Live] != 1 {
			t.Errorf("sent by priority: %v", sent)
		}
		time.Sleep(25 * time.Hour)
		if _, err := call(t, p, t.Context(), "/x"); err != nil {
			t.Errorf("a day later: %v", err)
		}
		if u := p.Usage(); u.Calls != 1 || u.Limit != 20 {
			t.Errorf("usage a day later: %+v", u)
		}
	})
}

func checkQuota(t *testing.T, err error) {
	t.Helper()
	var e *connector.Error
	if !errors.As(err, &e) || e.Class != core.ClassQuota || e.Code != connector.CodeBudget || e.Sent {
		t.Fatalf("error is %#v", err)
	}
	if d := time.Until(e.RetryAt); d <= 23*time.Hour || d > 25*time.Hour {
		t.Errorf("retry in %v", d)
	}
}

func TestSnapshotSurvivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{calls: 1000, per: time.Second}
		first := pace.New(config(v))
		flood(t, first, 7, 1)
		time.Sleep(3 * time.Hour)
		flood(t, first, 5, 1)
		second := pace.New(config(v))
		second.Restore(first.Snapshot())
		if got := second.Usage().Calls; got != 12 {
			t.Errorf("after the restart: %d calls, want 12", got)
		}
		time.Sleep(22 * time.Hour)
		if got := second.Usage().Calls; got != 5 {
			t.Errorf("22 hours later: %d calls, want 5", got)
		}
	})
}

// TestTheForecastIsOfTheDay, which begins anew at midnight UTC, by the pace of the last hours.
func TestTheForecastIsOfTheDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // the bubble begins at midnight UTC
		p := pace.New(config(&vendor{calls: 1000, per: time.Second}))
		if got := p.Usage().Forecast; got != 0 {
			t.Errorf("without a call: %d", got)
		}
		time.Sleep(90 * time.Minute)
		flood(t, p, 30, 1)
		if got := p.Usage().Forecast; got != 30+30*15 { // 30 in the hour and a half, fifteen times as long to go
			t.Errorf("at half past one: %d", got)
		}
		time.Sleep(23 * time.Hour)
		flood(t, p, 3, 1)
		if got := p.Usage().Forecast; got != 3+3*47/3 {
			t.Errorf("at half past midnight: %d", got)
		}
	})
}

func TestRefusalFreezesTheBucket(t *testing.T) {
	for name, tc := range map[string]struct {
		retryAfter string
		wait       time.Duration
	}{"seconds": {"7", 7 * time.Second}, "none": {"", 10 * time.Second}, "zero": {"0", 0}, "negative": {"-3", 0}, "text": {"soon", 10 * time.Second}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{calls: 190, per: 10 * time.Second}
				v.answer = func(*http.Request) *http.Response {
					v.answer = nil
					h := http.Header{}
					if tc.retryAfter != "" {
						h.Set("Retry-After", tc.retryAfter)
					}
					return reply(429, h)
				}
				p := pace.New(config(v))
				if status, err := call(t, p, t.Context(), "/x"); status != 429 || err != nil {
					t.Fatal(status, err)
				}
				start := time.Now()
				if _, err := call(t, p, t.Context(), "/x"); err != nil || time.Since(start) != tc.wait {
					t.Errorf("waited %v, want %v (%v)", time.Since(start), tc.wait, err)
				}
			})
		})
	}
}

func TestALongPauseRefusesInsteadOfHanging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{calls: 190, per: 10 * time.Second}
		v.answer = func(*http.Request) *http.Response { return reply(477, http.Header{"Retry-After": {"86400"}}) }
		p := pace.New(config(v))
		_, _ = call(t, p, t.Context(), "/x")
		_, err := call(t, p, t.Context(), "/x")
		var e *connector.Error
		if !errors.As(err, &e) || e.Class != core.ClassTransient || !e.RetryAt.Equal(time.Now().Add(24*time.Hour)) {
			t.Errorf("error is %#v", err)
		}
		if len(v.arrivals) != 1 {
			t.Errorf("%d calls reached the vendor", len(v.arrivals))
		}
	})
}

func TestWaitingHonoursTheContextAndLosesNoTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{calls: 2, per: 10 * time.Second, silent: true}
		cfg := config(v)
		cfg.Limits = map[pace.Bucket]pace.Limit{pace.General: {Calls: 2, Per: 10 * time.Second}}
		p := pace.New(cfg)
		_, _ = call(t, p, t.Context(), "/a")
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		_, err := call(t, p, ctx, "/given-up")
		var e *connector.Error
		if !errors.As(err, &e) || e.Sent || !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 3*time.Second {
			t.Errorf("error %v after %v", err, time.Since(start))
		}
		if _, err := call(t, p, t.Context(), "/b"); err != nil || time.Since(start) > 11*time.Second {
			t.Errorf("next call after %v: %v", time.Since(start), err)
		}
	})
}

func TestConcurrencyCountsUntilTheBodyIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{}
		p := pace.New(pace.Config{Side: core.Salesforce, Base: v, Now: time.Now, MaxConcurrent: 1})
		req, _ := http.NewRequestWithContext(t.Context(), "GET", "http://vendor/open", nil)
		resp, err := p.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		done := false
		go func() { _, _ = call(t, p, t.Context(), "/next"); done = true }()
		synctest.Wait()
		if done {
			t.Error("a second call went while the first answer was open")
		}
		_ = resp.Body.Close()
		synctest.Wait()
		if !done {
			t.Error("closing the answer let no call through")
		}
	})
}

func TestTimeoutCountsFromTheSendingNotTheWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{latency: 4 * time.Second, silent: true}
		cfg := config(v)
		cfg.Timeout = 5 * time.Second
		cfg.Limits = map[pace.Bucket]pace.Limit{pace.General: {Calls: 1, Per: 20 * time.Second}}
		p := pace.New(cfg)
		for range 2 {
			if _, err := call(t, p, t.Context(), "/x"); err != nil {
				t.Errorf("call under its deadline: %v", err)
			}
		}
		v.latency = 6 * time.Second
		if _, err := call(t, p, t.Context(), "/x"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("slow call: %v", err)
		}
	})
}

func TestToldUsage(t *testing.T) {
	for name, tc := range map[string]struct {
		header http.Header
		want   pace.Told
	}{
		"hubspot":    {http.Header{"X-Hubspot-Ratelimit-Daily": {"250000"}, "X-Hubspot-Ratelimit-Daily-Remaining": {"249900"}}, pace.Told{Used: 100, Max: 250000}},
		"salesforce": {http.Header{"Sforce-Limit-Info": {"api-usage=18/5000, per-app-api-usage=17/250(appName=x)"}}, pace.Told{Used: 18, Max: 5000}},
		"oauth":      {http.Header{"X-Hubspot-Ratelimit-Max": {"110"}}, pace.Told{}},
	} {
		t.Run(name, func(t *testing.T) {
			v := &vendor{calls: 10, per: time.Second, answer: func(*http.Request) *http.Response { return reply(200, tc.header) }}
			p := pace.New(config(v))
			if _, err := call(t, p, t.Context(), "/x"); err != nil {
				t.Fatal(err)
			}
			got := p.Usage().Told
			got.At = time.Time{}
			if got != tc.want {
				t.Errorf("told %+v, want %+v", got, tc.want)
			}
		})
	}
}

func TestUncountedCallsNeitherWaitNorCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{silent: true}
		cfg := config(v)
		cfg.DailyCalls = 1
		cfg.Classify = func(*http.Request) pace.Bucket { return pace.Uncounted }
		p := pace.New(cfg)
		flood(t, p, 300, 4)
		if u := p.Usage(); u.Calls != 0 {
			t.Errorf("usage %+v", u)
		}
	})
}

func TestAStopKeepsWaitingCallsFromLeavingAndLetsThoseUnderWayEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{latency: time.Minute, silent: true}
		p := pace.New(pace.Config{Side: core.Salesforce, Base: v, Now: time.Now, MaxConcurrent: 1})
		stop := make(chan struct{})
		ctx := connector.WithStop(t.Context(), stop)
		var wg sync.WaitGroup
		wg.Go(func() {
			if status, err := call(t, p, ctx, "/under-way"); status != 200 || err != nil {
				t.Errorf("the call under way: %d, %v", status, err)
			}
		})
		synctest.Wait()
		refused := func() {
			_, err := call(t, p, ctx, "/waiting")
			var ce *connector.Error
			if !errors.As(err, &ce) || ce.Code != connector.CodeStopped || ce.Sent {
				t.Errorf("a call that was stopped: %v", err)
			}
		}
		wg.Go(refused)
		synctest.Wait()
		before := time.Now()
		close(stop)
		synctest.Wait()
		if time.Since(before) != 0 {
			t.Error("a waiting call did not end with the stop")
		}
		wg.Wait()
		refused() // its turn would have come at once
		if status, err := call(t, p, t.Context(), "/other"); status != 200 || err != nil {
			t.Errorf("a call of another connection: %d, %v", status, err)
		}
		if got := strings.Join(v.order, " "); got != "/under-way /other" {
			t.Errorf("sent were %s", got)
		}
	})
}
