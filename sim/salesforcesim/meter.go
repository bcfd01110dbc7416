package salesforcesim

import (
	"fmt"
	"maps"
	"sync"
	"time"
)

// meter counts calls and keeps the org's limits: calls in any 24 hours, and
// calls that run for 20 seconds or more at the same time.
type meter struct {
	mu       sync.Mutex
	calls    int64
	rejected int64
	endpoint map[string]int64
	clients  map[string]int64
	hours    map[int64]int // API calls by hour since 1970
	running  map[int]time.Time
	nextRun  int
}

const (
	longCall      = 20 * time.Second
	maxLongCalls  = 25
	apiDay        = 24
	secondsInHour = 3600
)

func newMeter() *meter {
	return &meter{endpoint: map[string]int64{}, clients: map[string]int64{}, hours: map[int64]int{}, running: map[int]time.Time{}}
}

func (m *meter) count(endpoint, client string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	m.endpoint[endpoint]++
}

func (m *meter) client(client, user string) {
	if client == "" {
		client = user
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clients[client]++
}

// departure ends a running call, or says why it may not start.
type departure struct {
	why  string
	done func()
}

// enter books an API call against the limits.
func (m *meter) enter(now time.Time, opt Options) (departure, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if opt.Limits && m.used(now) >= opt.DailyAPICalls {
		m.rejected++
		return departure{why: "TotalRequests Limit exceeded."}, false
	}
	if opt.Limits && m.long(now) >= maxLongCalls {
		m.rejected++
		return departure{why: "ConcurrentPerOrgLongTxn Limit exceeded."}, false
	}
	m.hours[now.Unix()/secondsInHour]++
	m.nextRun++
	run := m.nextRun
	m.running[run] = now
	return departure{done: func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.running, run)
	}}, true
}

// used counts the calls of the last 24 hours and forgets older ones.
func (m *meter) used(now time.Time) int {
	total, hour := 0, now.Unix()/secondsInHour
	for h, n := range m.hours {
		if h <= hour-apiDay {
			delete(m.hours, h)
			continue
		}
		total += n
	}
	return total
}

func (m *meter) long(now time.Time) int {
	n := 0
	for _, since := range m.running {
		if now.Sub(since) >= longCall {
			n++
		}
	}
	return n
}

// info is the value of Sforce-Limit-Info.
func (m *meter) info(now time.Time, daily int) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return fmt.Sprintf("api-usage=%d/%d", m.used(now), daily)
}

func (m *meter) remaining(now time.Time, daily int) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return max(0, daily-m.used(now))
}

// Stats counts what was called and what happened.
func (o *Org) Stats() Stats {
	o.calls.mu.Lock()
	s := Stats{Calls: o.calls.calls, RejectedByLimit: o.calls.rejected, ByEndpoint: maps.Clone(o.calls.endpoint), ByClient: maps.Clone(o.calls.clients), Records: map[string]int64{}}
	o.calls.mu.Unlock()
	o.mu.RLock()
	defer o.mu.RUnlock()
	s.RecordsWritten, s.EventsPublished, s.GapEvents = o.written, o.published, o.gaps
	_, s.LedgerDropped = o.kept()
	for _, ob := range o.objects {
		if ob.records.live > 0 {
			s.Records[ob.name] = int64(ob.records.live)
		}
	}
	return s
}
