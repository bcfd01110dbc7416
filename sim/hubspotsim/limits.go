package hubspotsim

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// tier is what a subscription allows (usage guidelines).
type tier struct {
	name         string
	burst        int // requests per interval and private app
	oauthBurst   int // the same for a public app
	associations int // of them v4 association calls, per account
	daily        int // requests per account and day, private apps only
	search       int // per second and account
	interval     time.Duration
	enterprise   bool // custom objects, batch consent
}

const (
	enterprise   = "enterprise"
	professional = "professional"
	starter      = "starter"
)

func tierOf(o Options) tier {
	t := tier{name: enterprise, burst: 190, oauthBurst: 110, associations: 150, daily: 1_000_000, search: 5,
		interval: 10 * time.Second, enterprise: true}
	switch o.Tier {
	case professional:
		t.name, t.daily, t.enterprise = professional, 625_000, false
	case starter:
		t.name, t.burst, t.associations, t.daily, t.enterprise = starter, 100, 100, 250_000, false
	}
	if o.Burst > 0 {
		t.burst, t.oauthBurst = o.Burst, o.Burst
	}
	if o.Interval > 0 {
		t.interval = o.Interval
	}
	if o.Daily > 0 {
		t.daily = o.Daily
	}
	if o.SearchPerSecond > 0 {
		t.search = o.SearchPerSecond
	}
	return t
}

// window counts calls in a rolling time span exactly.
type window struct{ times []time.Time }

// take counts a call unless the span already holds limit calls. It gives how
// many more fit.
func (w *window) take(now time.Time, span time.Duration, limit int) (left int, ok bool) {
	n := 0
	for n < len(w.times) && now.Sub(w.times[n]) >= span {
		n++
	}
	w.times = append(w.times[:0], w.times[n:]...)
	if len(w.times) >= limit {
		return 0, false
	}
	w.times = append(w.times, now)
	return limit - len(w.times), true
}

// meter counts calls and holds them to the limits. It has its own lock, so that
// a refused call waits for nothing.
type meter struct {
	zone         *time.Location // in which the day of the daily limit begins
	mu           sync.Mutex
	apps         map[int]*window
	associations window
	search       window
	day          string
	today        int

	total      int64
	rejected   int64
	byEndpoint map[string]int64
	byPolicy   map[string]int64
	byClient   map[string]*ClientStats
	byStatus   map[string]int64
}

// ClientStats counts one client's calls.
type ClientStats struct {
	Calls    int64 `json:"calls"`
	Rejected int64 `json:"rejected"` // by a limit
}

// Stats counts API calls since the start; the page and /_sim/ do not count.
type Stats struct {
	Calls      int64                  `json:"calls"`
	Rejected   int64                  `json:"rejected_by_limit"`
	ByEndpoint map[string]int64       `json:"by_endpoint"`
	ByPolicy   map[string]int64       `json:"rejected_by_policy"`
	ByStatus   map[string]int64       `json:"by_status"`
	ByClient   map[string]ClientStats `json:"by_client"`
	Records    map[string]int         `json:"records"` // live records by type
	Writes     int                    `json:"writes"`
	// LedgerDropped is how many writes the ledger has let go, oldest first.
	LedgerDropped int `json:"ledger_dropped"`
}

func (m *meter) init() {
	m.apps = map[int]*window{}
	m.byEndpoint, m.byPolicy, m.byStatus = map[string]int64{}, map[string]int64{}, map[string]int64{}
	m.byClient = map[string]*ClientStats{}
}

// budget is how the endpoints share the limits.
type budget int

const (
	general budget = iota
	search
	associationsV4
	unmetered // OAuth and the like
)

// headers of a metered answer.
type quota struct {
	max, left           int
	dailyMax, dailyLeft int
	daily               bool
	known               bool
}

// admit counts a call against the limits or refuses it.
func (m *meter) admit(t tier, b *bearer, kind budget, now time.Time) (quota, *apiError) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if b.kind == grantPerson || b.kind == grantApp || kind == unmetered {
		return quota{}, nil
	}
	if kind == search {
		if _, ok := m.search.take(now, time.Second, t.search); !ok {
			return quota{}, m.refuse("SECONDLY", "secondly limit")
		}
	}
	return m.admitApp(t, b, kind, now)
}

func (m *meter) admitApp(t tier, b *bearer, kind budget, now time.Time) (quota, *apiError) {
	private := b.kind == grantPrivateApp
	if private && !m.takeDaily(t, now) {
		return quota{}, m.refuse("DAILY", "daily limit")
	}
	q := quota{max: t.burst, known: kind != search, daily: private, dailyMax: t.daily, dailyLeft: max(0, t.daily-m.today)}
	if !private {
		q.max = t.oauthBurst
	}
	if kind == search {
		return q, nil
	}
	w := m.apps[b.app]
	if w == nil {
		w = &window{}
		m.apps[b.app] = w
	}
	left, ok := w.take(now, t.interval, q.max)
	if ok && kind == associationsV4 {
		_, ok = m.associations.take(now, t.interval, t.associations)
	}
	if !ok {
		return quota{}, m.refuse("TEN_SECONDLY_ROLLING", "ten_secondly_rolling limit")
	}
	q.left = left
	return q, nil
}

// takeDaily counts a call on the portal's own calendar day.
func (m *meter) takeDaily(t tier, now time.Time) bool {
	if today := now.In(m.zone).Format(time.DateOnly); today != m.day {
		m.day, m.today = today, 0
	}
	if m.today >= t.daily {
		return false
	}
	m.today++
	return true
}

func (m *meter) refuse(policy, text string) *apiError {
	m.byPolicy[policy]++
	return &apiError{Status: http.StatusTooManyRequests, Message: "You have reached your " + text + ".",
		ErrorType: "RATE_LIMIT", PolicyName: policy}
}

// write puts the rate limit headers on an answer.
func (q quota) write(h http.Header, interval time.Duration) {
	if !q.known {
		return
	}
	h.Set("X-HubSpot-RateLimit-Max", strconv.Itoa(q.max))
	h.Set("X-HubSpot-RateLimit-Remaining", strconv.Itoa(q.left))
	h.Set("X-HubSpot-RateLimit-Interval-Milliseconds", strconv.FormatInt(interval.Milliseconds(), 10))
	h.Set("X-HubSpot-RateLimit-Secondly", strconv.Itoa(q.max/10))
	h.Set("X-HubSpot-RateLimit-Secondly-Remaining", strconv.Itoa(q.max/10))
	if q.daily {
		h.Set("X-HubSpot-RateLimit-Daily", strconv.Itoa(q.dailyMax))
		h.Set("X-HubSpot-RateLimit-Daily-Remaining", strconv.Itoa(q.dailyLeft))
	}
}

// count books an answered call.
func (m *meter) count(endpoint, client string, status int, limited bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.byClient[client]
	if c == nil {
		c = &ClientStats{}
		m.byClient[client] = c
	}
	m.total++
	c.Calls++
	m.byEndpoint[endpoint]++
	m.byStatus[fmt.Sprint(status)]++
	if limited {
		m.rejected++
		c.Rejected++
	}
}

// Stats gives the counts so far.
func (p *Portal) Stats() Stats {
	p.mu.RLock()
	kept, dropped := p.kept()
	out := Stats{Writes: dropped + len(kept), LedgerDropped: dropped, Records: map[string]int{}}
	for _, t := range p.tables {
		for _, r := range t.order {
			if r.live() {
				out.Records[t.plural]++
			}
		}
	}
	p.mu.RUnlock()
	m := &p.meter
	m.mu.Lock()
	defer m.mu.Unlock()
	out.Calls, out.Rejected = m.total, m.rejected
	out.ByEndpoint, out.ByPolicy, out.ByStatus = copyCounts(m.byEndpoint), copyCounts(m.byPolicy), copyCounts(m.byStatus)
	out.ByClient = map[string]ClientStats{}
	for name, c := range m.byClient {
		out.ByClient[name] = *c
	}
	return out
}

func copyCounts(m map[string]int64) map[string]int64 {
	out := make(map[string]int64, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}
