package salesforce

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"time"

	"tandem/internal/connector"
	"tandem/internal/connector/pace"
)

// usageFresh is how long a usage figure told by an answer needs no call.
const usageFresh = 5 * time.Minute

// meter keeps what answers tell beside their bodies: the org's clock and its
// API use.
type meter struct {
	now func() time.Time

	mu     sync.Mutex
	offset time.Duration // the org's clock less ours
	usage  connector.Usage
	hours  [24]int // calls sent, by hour of the unix clock
	hour   int64
	user   userInfo // of the session, once asked
}

var limitInfo = regexp.MustCompile(`api-usage=(\d+)/(\d+)`)

// observe takes note of one answer's Date and Sforce-Limit-Info headers.
func (m *meter) observe(h http.Header) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	m.roll(now)
	m.hours[m.hour%24]++
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		m.offset = date.Sub(now)
	}
	if v := limitInfo.FindStringSubmatch(h.Get("Sforce-Limit-Info")); v != nil {
		m.usage.Used, _ = strconv.Atoi(v[1])
		m.usage.Max, _ = strconv.Atoi(v[2])
		m.usage.At = now
	}
}

// roll empties the hours that have left the window.
func (m *meter) roll(now time.Time) {
	hour := now.Unix() / 3600
	for h := max(m.hour+1, hour-23); h <= hour; h++ {
		m.hours[h%24] = 0
	}
	m.hour = max(m.hour, hour)
}

// clock is the org's own time now, as the last answer's Date header told it.
func (m *meter) clock() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now().Add(m.offset).UTC()
}

// snapshot is the last told usage with our own calls of the last 24 hours.
func (m *meter) snapshot() connector.Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.roll(m.now())
	u := m.usage
	for _, n := range m.hours {
		u.Ours += n
	}
	return u
}

// Usage is the org's API use of the last 24 hours, all integrations together.
// It asks /limits only when no answer told it in the last five minutes.
func (c *Client) Usage(ctx context.Context) (connector.Usage, error) {
	u := c.meter.snapshot()
	u.Ours, u.Limit = c.Spent()
	u.Forecast = pace.Forecast(c.cfg.Transport)
	if u.Max > 0 && c.cfg.Now().Sub(u.At) < usageFresh {
		return u, nil
	}
	var l limitsAnswer
	if _, err := c.get(ctx, c.data("/limits"), "", &l); err != nil {
		return connector.Usage{}, err
	}
	u.Used, u.Max, u.At = l.Requests.Max-l.Requests.Remaining, l.Requests.Max, c.cfg.Now()
	return u, nil
}

// Spent is what the account's paced transport counted; without one, what this
// client sent.
func (c *Client) Spent() (calls, limit int) {
	if _, paced := c.cfg.Transport.(pace.Meter); paced {
		return pace.Spent(c.cfg.Transport)
	}
	return c.meter.snapshot().Ours, 0
}

// remember keeps who the session belongs to.
func (m *meter) remember(info userInfo) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.user = info
}

func (m *meter) remembered() userInfo {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.user
}
