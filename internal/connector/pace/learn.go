package pace

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// learn takes limits, use and pauses from an answer. Callers hold t.mu.
func (t *Transport) learn(l *lane, resp *http.Response, now time.Time) {
	t.learnPause(l, resp, now)
	t.learnBurst(l, resp.Header, now)
	t.learnDay(resp.Header, now)
}

// learnPause freezes the bucket when the vendor refuses for load: until
// Retry-After, or for one interval where the vendor names no time.
func (t *Transport) learnPause(l *lane, resp *http.Response, now time.Time) {
	if resp.StatusCode < 400 {
		return
	}
	after, named := RetryAfter(resp.Header, now)
	switch {
	case named:
		l.frozen = later(l.frozen, after)
	case resp.StatusCode == http.StatusTooManyRequests:
		l.frozen = later(l.frozen, now.Add(max(l.window.per, time.Second)))
	}
}

// RetryAfter reads a Retry-After header, in seconds or as a date. Times in the
// past count as now; ok is false where the header is missing or not a time.
func RetryAfter(h http.Header, now time.Time) (at time.Time, ok bool) {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return time.Time{}, false
	}
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
		return now.Add(time.Duration(max(seconds, 0)) * time.Second), true
	}
	date, err := http.ParseTime(text)
	if err != nil {
		return time.Time{}, false
	}
	return later(now, date), true
}

// slack is how far the vendor's counter may run ahead of ours before we believe
// that somebody else is calling too: it is approximate by its own document
// (HubSpot, usage guidelines).
const slack = 0.05

// learnBurst takes the burst limit from HubSpot's X-HubSpot-RateLimit headers,
// and books what others used of it.
func (t *Transport) learnBurst(l *lane, h http.Header, now time.Time) {
	calls, ok := number(h, "X-HubSpot-RateLimit-Max")
	interval, timed := number(h, "X-HubSpot-RateLimit-Interval-Milliseconds")
	if !l.limit.Learn || !ok || !timed || calls <= 0 || interval <= 0 {
		return
	}
	l.window.calls = usable(calls, t.cfg.Share)
	l.window.per = time.Duration(interval) * time.Millisecond
	remaining, ok := number(h, "X-HubSpot-RateLimit-Remaining")
	if !ok {
		return
	}
	l.window.expire(now)
	foreign := calls - remaining - len(l.window.slots)
	if float64(foreign) > slack*float64(calls) {
		l.window.foreign(foreign, now)
	}
}

// learnDay takes the account's daily use from HubSpot's daily headers or from
// Salesforce's Sforce-Limit-Info ("api-usage=18/5000").
func (t *Transport) learnDay(h http.Header, now time.Time) {
	most, ok := number(h, "X-HubSpot-RateLimit-Daily")
	left, told := number(h, "X-HubSpot-RateLimit-Daily-Remaining")
	if ok && told {
		t.told = Told{Used: most - left, Max: most, At: now}
		return
	}
	if used, most, ok := sforceUsage(h.Get("Sforce-Limit-Info")); ok {
		t.told = Told{Used: used, Max: most, At: now}
	}
}

func sforceUsage(info string) (used, most int, ok bool) {
	for part := range strings.SplitSeq(info, ",") {
		text, found := strings.CutPrefix(strings.TrimSpace(part), "api-usage=")
		if !found {
			continue
		}
		a, b, _ := strings.Cut(text, "/")
		used, err1 := strconv.Atoi(a)
		most, err2 := strconv.Atoi(strings.TrimSpace(b))
		return used, most, err1 == nil && err2 == nil
	}
	return 0, 0, false
}

func number(h http.Header, name string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(h.Get(name)))
	return n, err == nil
}
