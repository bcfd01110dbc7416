package pace

import (
	"net/http"
	"slices"
	"time"

	"tandem/internal/connector"
)

// Bin counts the calls of one clock hour.
type Bin struct {
	Hour  time.Time `json:"hour"`
	Calls int       `json:"calls"`
}

// reserve is the share of the daily calls that each priority may use up.
var reserve = [...]float64{connector.Live: 1, connector.Retry: 0.95, connector.Backfill: 0.9}

// budget counts calls by the hour over the last 24 h and the running hour.
type budget struct {
	limit int
	bins  []Bin // by hour, ascending
}

const day = 24 * time.Hour

func (b *budget) add(now time.Time, calls int) {
	hour := now.UTC().Truncate(time.Hour)
	i, found := slices.BinarySearchFunc(b.bins, hour, func(bin Bin, h time.Time) int { return bin.Hour.Compare(h) })
	if !found {
		b.bins = slices.Insert(b.bins, i, Bin{Hour: hour})
	}
	b.bins[i].Calls += calls
}

// expire drops the hours that lie wholly before the last 24 h.
func (b *budget) expire(now time.Time) {
	edge := now.UTC().Add(-day).Truncate(time.Hour)
	b.bins = slices.DeleteFunc(b.bins, func(bin Bin) bool { return bin.Hour.Before(edge) })
}

func (b *budget) sum(now time.Time) int {
	b.expire(now)
	total := 0
	for _, bin := range b.bins {
		total += bin.Calls
	}
	return total
}

// forecast is how many calls of a day, which ends at midnight UTC, there will be by then at
// the pace of this hour and the one before.
func (b *budget) forecast(now time.Time) int {
	hour := now.UTC().Truncate(time.Hour)
	began := now.UTC().Truncate(day)
	recent, from := 0, hour.Add(-time.Hour)
	today := 0
	for _, bin := range b.bins {
		if !bin.Hour.Before(from) {
			recent += bin.Calls
		}
		if !bin.Hour.Before(began) {
			today += bin.Calls
		}
	}
	return today + int(float64(recent)*float64(began.Add(day).Sub(now))/float64(now.Sub(from)))
}

// spent says whether a priority's share is used up, and when some of it is free
// again.
func (b *budget) spent(p connector.Priority, now time.Time) (retry time.Time, spent bool) {
	if b.limit <= 0 {
		return time.Time{}, false
	}
	over := b.sum(now) - int(float64(b.limit)*reserve[p])
	if over < 0 {
		return time.Time{}, false
	}
	for _, bin := range b.bins {
		retry = bin.Hour.Add(day + time.Hour)
		if over -= bin.Calls; over < 0 {
			break
		}
	}
	return retry, true
}

// Told is the account's use as the vendor last told it.
type Told struct {
	Used, Max int       // in the vendor's day; Max 0 where never told
	At        time.Time // zero where never told
}

// Usage is what was sent through the Transport, and what the vendor said.
type Usage struct {
	Calls int // ours in the last 24 h, to the hour
	Limit int // our daily share, 0 for none
	// Forecast is how many of a day's calls there will be by midnight UTC at the pace of now.
	Forecast int
	Told     Told
}

// Meter is implemented by *Transport; a connector asks its transport for it.
type Meter interface{ Usage() Usage }

var _ Meter = (*Transport)(nil)

// Spent is what a transport that is a Meter counted, and its share; zeros for
// any other.
func Spent(t http.RoundTripper) (calls, limit int) {
	if m, ok := t.(Meter); ok {
		u := m.Usage()
		return u.Calls, u.Limit
	}
	return 0, 0
}

// Forecast is what a transport that is a Meter expects of the day; 0 for any other.
func Forecast(t http.RoundTripper) int {
	if m, ok := t.(Meter); ok {
		return m.Usage().Forecast
	}
	return 0
}

// Usage is the account's use up to now.
func (t *Transport) Usage() Usage {
	t.mu.Lock()
	defer t.mu.Unlock()
	return Usage{Calls: t.budget.sum(t.cfg.Now()), Limit: t.budget.limit, Forecast: t.budget.forecast(t.cfg.Now()), Told: t.told}
}

// Allot changes our share of the account's calls in 24 hours; 0 is no limit. Calls that wait
// are judged by it when their turn comes.
func (t *Transport) Allot(calls int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.budget.limit = calls
}

// Snapshot is the hourly counts to keep over a restart, oldest first.
func (t *Transport) Snapshot() []Bin {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.budget.expire(t.cfg.Now())
	return slices.Clone(t.budget.bins)
}

// Restore adds the counts of a Snapshot.
func (t *Transport) Restore(bins []Bin) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, bin := range bins {
		t.budget.add(bin.Hour, bin.Calls)
	}
	t.budget.expire(t.cfg.Now())
}
