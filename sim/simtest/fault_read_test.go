package simtest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector/hubspot"
	"tandem/internal/connector/pace"
	"tandem/internal/core"
)

// deletesFollow has deletions cross over, so that an empty answer taken for the
// truth would delete.
func deletesFollow(c *config.Connection) {
	c.Companies.WhenSalesforceDeleted, c.Companies.WhenHubSpotDeleted = "delete", "delete"
}

// smallWorld is six accounts and two companies with people, all in step.
func smallWorld(t testing.TB, opts ...Option) *trial {
	w := newTrial(t, append(opts, Settings(deletesFollow))...)
	for i := range 6 {
		w.contact(fmt.Sprintf("C%d", i), fmt.Sprintf("c%d@x%d.com", i, i), w.account(fmt.Sprintf("Account %d", i)))
	}
	for i := range 2 {
		w.company(fmt.Sprintf("Company %d", i), w.person(fmt.Sprintf("P%d", i), fmt.Sprintf("p%d@y%d.com", i, i)))
	}
	w.heal()
	return w
}

// TestN6_NoAnswerIsNeverAnEmptyResult spoils each single call of a cycle of
// import, sweep, poll and work, one after the other. Whatever comes instead of
// an answer, nothing is deleted or made twice, and the next cycles mend it.
func TestN6_NoAnswerIsNeverAnEmptyResult(t *testing.T) {
	instead := []struct{ name, kind, body string }{
		{"page", "text/html", "<html><body>Log in</body></html>"},
		{"page that calls itself JSON", "application/json", "<html><body>Maintenance</body></html>"},
		{"empty object", "application/json", "{}"},
		{"half", "", ""},
	}
	for _, bad := range instead {
		t.Run(bad.name, func(t *testing.T) {
			bubble(t, func(t testing.TB) {
				spoilEachCall(t, func(r *http.Request, next http.RoundTripper) (*http.Response, error) {
					if bad.name == "half" {
						resp, err := next.RoundTrip(r)
						return halved(resp, err)
					}
					return answerWith(r, http.StatusOK, bad.kind, bad.body), nil
				})
			})
		})
	}
}

// halved breaks the connection in the middle of a body.
func halved(resp *http.Response, err error) (*http.Response, error) {
	if err != nil {
		return nil, err
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:len(body)/2]), broken{}))
	return resp, nil
}

func spoilEachCall(t testing.TB, spoil func(*http.Request, http.RoundTripper) (*http.Response, error)) {
	w := smallWorld(t)
	ps := w.pairs()
	hits := 0
	for k := 0; ; k++ {
		var mu sync.Mutex
		calls, hit := 0, false
		w.Through(func(_ core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
			mu.Lock()
			strike := calls == k
			calls, hit = calls+1, hit || strike
			mu.Unlock()
			if strike {
				return spoil(r, next)
			}
			return next.RoundTrip(r)
		})
		w.editAccount(ps[k%len(ps)].account, "Name", fmt.Sprintf("Renamed %d", k))
		w.editCompany(ps[(k+1)%len(ps)].company, "city", fmt.Sprintf("City %d", k))
		w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
		_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", importArgs)
		w.must(err)
		_, _ = w.syncFor(time.Hour)
		w.heal()
		if !hit {
			break
		}
		hits++
	}
	if got := w.settled(); len(got) != len(ps) {
		t.Errorf("%d pairs, want %d", len(got), len(ps))
	}
	w.nothingRemoved()
	if hits < 15 {
		t.Errorf("only %d calls were spoilt", hits)
	}
}

// nothingRemoved fails the test where the integration deleted anything.
func (w *trial) nothingRemoved() {
	w.T.Helper()
	for _, e := range w.Org.Ledger() {
		if e.Op == "delete" {
			w.T.Errorf("%s deleted %s %s", e.Who, e.Object, e.ID)
		}
	}
	for _, e := range w.Portal.Ledger() {
		if e.Op == "archive" {
			w.T.Errorf("%s archived %s %s", e.Who, e.Object, e.ID)
		}
	}
}

// TestN8_RetryAfterIsKept refuses a call with each form of Retry-After; until
// the time named, nothing is sent to that side; on HubSpot, whose search has a
// limit of its own, nothing that counts in the same limit.
func TestN8_RetryAfterIsKept(t *testing.T) {
	in := func(d time.Duration) func(time.Time) string {
		return func(now time.Time) string { return now.Add(d).UTC().Format(http.TimeFormat) }
	}
	text := func(s string) func(time.Time) string { return func(time.Time) string { return s } }
	forms := []struct {
		name  string
		value func(time.Time) string
		wait  time.Duration
	}{
		{"seconds", text("7"), 7 * time.Second},
		{"date", in(12 * time.Second), 11 * time.Second},
		{"missing", text(""), time.Second},
		{"zero", text("0"), 0},
		{"negative", text("-3"), 0},
		{"nonsense", text("soon"), time.Second},
		{"hours", text("7200"), 2 * time.Hour},
	}
	for _, side := range core.Sides {
		for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
			for _, form := range forms {
				wait := form.wait
				if status == http.StatusServiceUnavailable && (form.name == "missing" || form.name == "nonsense") {
					wait = 0 // this call alone failed, as far as anyone says
				}
				t.Run(fmt.Sprint(side, " ", status, " ", form.name), func(t *testing.T) {
					bubble(t, func(t testing.TB) { refusedOnce(t, side, status, form.value, wait) })
				})
			}
		}
	}
}

func refusedOnce(t testing.TB, side core.Side, status int, retryAfter func(time.Time) string, wait time.Duration) {
	w := newTrial(t)
	w.account("Edge")
	var mu sync.Mutex
	var refused time.Time
	var bucket pace.Bucket
	early := 0
	w.Through(func(s core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case s != side:
		case refused.IsZero():
			refused, bucket = w.Now(), hubspot.Classify(r)
			resp := answerWith(r, status, "application/json", `{"status":"error","message":"slow down"}`)
			if v := retryAfter(refused); v != "" {
				resp.Header.Set("Retry-After", v)
			}
			return resp, nil
		case w.Now().Sub(refused) < wait && (s == core.Salesforce || hubspot.Classify(r) == bucket):
			early++
		}
		return next.RoundTrip(r)
	})
	for end := w.Now().Add(wait + time.Hour); w.Now().Before(end) && len(w.created()[core.HubSpot]) == 0; {
		_, _ = w.syncFor(time.Hour)
		time.Sleep(30 * time.Second)
	}
	if refused.IsZero() || early > 0 {
		t.Errorf("refused at %v; %d calls came before %v had passed", refused, early, wait)
	}
	w.heal()
	w.settledAfter(1)
}

// TestN4_LateSuccessIsAdopted has the create take effect after the client gave
// up and long after it looked for the record.
func TestN4_LateSuccessIsAdopted(t *testing.T) {
	for _, side := range core.Sides {
		t.Run(side.String(), func(t *testing.T) {
			bubble(t, func(t testing.TB) {
				w := newTrial(t)
				for i := range 3 {
					w.account(fmt.Sprintf("A%d", i))
					w.company(fmt.Sprintf("C%d", i), w.person(fmt.Sprintf("P%d", i), fmt.Sprintf("p%d@c%d.com", i, i)))
				}
				late := 0
				w.Through(func(s core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
					if s == side && r.Method == http.MethodPost && isWrite(r) && late == 0 {
						late++
						return carriedLate(r, next)
					}
					return next.RoundTrip(r)
				})
				for range 10 {
					_, _ = w.syncFor(time.Hour)
					time.Sleep(20 * time.Second)
				}
				w.heal()
				if got := len(w.settled()); got != 6 || late != 1 {
					t.Errorf("%d pairs, want 6; %d late calls", got, late)
				}
				wantNoIssues(t, w)
			})
		})
	}
}

// TestN4_AdoptedRecordTellsNothingAboutWhatWasSent has a create land just before
// its repetition, which carries a newer value. The record that is found has the
// older one: that is a difference to settle, not somebody's change to pass on.
func TestN4_AdoptedRecordTellsNothingAboutWhatWasSent(t *testing.T) {
	bubble(t, func(t testing.TB) {
		w := newTrial(t)
		company := w.company("Edge", w.person("P", "p@edge.com"))
		var first *http.Request
		w.Through(func(s core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
			if s != core.Salesforce || r.Method != http.MethodPost || !isWrite(r) {
				return next.RoundTrip(r)
			}
			if first == nil {
				first, _ = copyOf(r)
				return nil, errReset
			}
			if _, err := next.RoundTrip(first); err != nil {
				return nil, err
			}
			return next.RoundTrip(r)
		})
		_, _ = w.syncFor(time.Hour)
		w.editCompany(company, "city", "Bern")
		time.Sleep(15 * time.Minute)
		_, _ = w.syncFor(time.Hour)
		w.heal()
		if ps := w.settled(); len(ps) != 1 || w.accountValue(ps[0].account, "BillingCity") != "Bern" {
			t.Errorf("pairs %v, city %q in HubSpot, want one and Bern on both sides", ps, w.companyValue(company, "city"))
		}
	})
}

// TestN17_PagingNeverLoopsOrSkips has a listing answer the same page again.
func TestN17_PagingNeverLoopsOrSkips(t *testing.T) {
	bubble(t, func(t testing.TB) {
		w := newTrial(t)
		for i := range 230 {
			w.company(fmt.Sprintf("C%d", i), w.person(fmt.Sprintf("P%d", i), fmt.Sprintf("p%d@c%d.com", i, i)))
		}
		calls := 0
		w.Through(func(s core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
			if s == core.HubSpot && r.Method == http.MethodGet && r.URL.Query().Get("after") != "" {
				if calls++; calls > 400 {
					return nil, errReset
				}
				again := r.Clone(r.Context())
				q := again.URL.Query()
				q.Del("after")
				again.URL.RawQuery = q.Encode()
				return next.RoundTrip(again)
			}
			return next.RoundTrip(r)
		})
		_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", importArgs)
		w.must(err)
		_, err = w.syncFor(time.Hour)
		if calls > 50 {
			t.Errorf("%d calls into a listing that goes round in circles (%v)", calls, err)
		}
		w.heal()
		if got := len(w.settledAfter(1)); got != 230 {
			t.Errorf("%d pairs, want 230", got)
		}
	})
}
