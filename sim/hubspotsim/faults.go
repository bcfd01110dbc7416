package hubspotsim

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"tandem/sim/hubspotsim/notify"
)

// Fault is one thing to break, as POST /_sim/faults takes it.
type Fault struct {
	Match struct {
		Method string `json:"method"` // empty for all
		Path   string `json:"path"`   // regular expression, empty for all
	} `json:"match"`
	// Do is one of
	//   status          answer Status with Body without doing anything
	//   status_after    do it, then answer Status with Body
	//   html            answer 200 with an HTML page without doing anything
	//   html_after      do it, then answer 200 with an HTML page
	//   timeout_before  never answer and do nothing
	//   timeout_after   do it and never answer
	//   reset           cut the connection without doing anything
	//   reset_after     do it and cut the connection
	//   truncate        do it and send half of the body
	//   slow_body       do it, begin the answer at once and let its body take Delay
	//   big_body        do it and send Size more bytes, blanks, with the body
	//   header          do it and answer with Header besides
	//   rewrite         do it and answer with what matches Find in the body replaced by Body
	//   delay           wait Delay, then go on
	//   delay_after     do it, then wait Delay with the answer
	//   repeat          do it twice, as a proxy that repeats a request
	//   expire_token    answer that the access token has expired
	//   rate_limit      answer 429 with Policy
	//   drop_event, dup_event  the next Times events of webhooks and of the journal
	//   hold_event      tell the next Times events only after Delay (none: when cleared)
	//   shuffle_events  tell events that come together in any order
	//   gap_event       have the journal forget its entries so far, as after three days
	Do     string            `json:"do"`
	Status int               `json:"status"`
	Body   string            `json:"body"`
	Find   string            `json:"find"` // regular expression; Body may name its groups as ${1}
	Header map[string]string `json:"header"`
	Size   int               `json:"size"`   // bytes
	Policy string            `json:"policy"` // TEN_SECONDLY_ROLLING (default), DAILY, SECONDLY
	Delay  string            `json:"delay"`  // a Go duration
	Times  int               `json:"times"`  // how often; 0 means until the faults are cleared
	Every  int               `json:"every"`  // only each n-th match; 0 and 1 mean each
	Until  *time.Time        `json:"until"`  // by the portal's clock
}

// rule is a checked fault that is on.
type rule struct {
	Fault
	path  *regexp.Regexp
	find  *regexp.Regexp
	delay time.Duration
	seen  int
	done  int
}

type faultList struct {
	mu    sync.Mutex
	rules []*rule
}

var (
	requestFaults = []string{"status", "status_after", "html", "html_after", "timeout_before", "timeout_after", "reset", "reset_after",
		"truncate", "slow_body", "big_body", "header", "rewrite", "delay", "delay_after", "repeat", "expire_token", "rate_limit"}
	eventFaults = []string{"drop_event", "dup_event", "hold_event", "shuffle_events", "gap_event"}
)

// Break switches a fault on.
func (p *Portal) Break(f Fault) error {
	r, err := newRule(f)
	if err != nil {
		return err
	}
	if slices.Contains(eventFaults, f.Do) {
		p.breakEvents(r)
		return nil
	}
	p.faults.mu.Lock()
	p.faults.rules = append(p.faults.rules, r)
	p.faults.mu.Unlock()
	return nil
}

func newRule(f Fault) (*rule, error) {
	if !slices.Contains(requestFaults, f.Do) && !slices.Contains(eventFaults, f.Do) {
		return nil, fmt.Errorf("fault: unknown kind %q; there are %s, %s", f.Do, strings.Join(requestFaults, ", "), strings.Join(eventFaults, ", "))
	}
	r := &rule{Fault: f}
	var err error
	if r.path, err = regexp.Compile(f.Match.Path); err != nil {
		return nil, fmt.Errorf("fault: path is not a regular expression: %w", err)
	}
	if r.find, err = regexp.Compile(f.Find); err != nil {
		return nil, fmt.Errorf("fault: find is not a regular expression: %w", err)
	}
	if f.Delay == "" && f.Do == "slow_body" {
		return nil, errors.New("fault: slow_body needs a delay, which is the time that the body takes")
	}
	if f.Delay != "" {
		if r.delay, err = time.ParseDuration(f.Delay); err != nil {
			return nil, fmt.Errorf("fault: delay is not a duration: %w", err)
		}
	}
	return r, nil
}

func (p *Portal) breakEvents(r *rule) {
	events := notify.Faults{}
	switch n := max(1, r.Times); r.Do {
	case "drop_event":
		events.DropNext = n
	case "dup_event":
		events.DuplicateNext = n
	case "hold_event":
		events.HoldNext, events.Hold = n, r.delay
	case "shuffle_events":
		events.Shuffle = true
	case "gap_event":
		p.journal.Forget()
	}
	p.webhooks.AddFaults(events)
	p.journal.AddFaults(events)
}

// Mend switches all faults off, and tells the events that they held back.
func (p *Portal) Mend() {
	p.faults.mu.Lock()
	p.faults.rules = nil
	p.faults.mu.Unlock()
	p.webhooks.SetFaults(notify.Faults{})
	p.journal.SetFaults(notify.Faults{})
}

// match finds the first fault that strikes a request, and counts it.
func (l *faultList) match(r *http.Request, now time.Time) *rule {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.rules {
		if f.strikes(r, now) {
			return f
		}
	}
	return nil
}

func (f *rule) strikes(r *http.Request, now time.Time) bool {
	spent := f.Times > 0 && f.done >= f.Times || f.Until != nil && now.After(*f.Until)
	if spent || f.Match.Method != "" && f.Match.Method != r.Method || !f.path.MatchString(r.URL.Path) {
		return false
	}
	f.seen++
	if f.Every > 1 && f.seen%f.Every != 0 {
		return false
	}
	f.done++
	return true
}

const maintenancePage = "<!DOCTYPE html><html><head><title>HubSpot</title></head><body><h1>We'll be right back</h1></body></html>"

// faultBefore plays faults that keep the request from being done.
func (p *Portal) faultBefore(f *rule, w http.ResponseWriter, r *http.Request) (answered bool) {
	if f == nil {
		return false
	}
	out := &answer{header: http.Header{}}
	switch f.Do {
	case "timeout_before":
		p.hang(r)
	case "reset":
		panic(http.ErrAbortHandler)
	case "delay":
		if !wait(r, f.delay, p.done) {
			panic(http.ErrAbortHandler)
		}
		return false
	case "repeat":
		p.repeat(r)
		return false
	case "status":
		out.replace(f, f.Status)
	case "html":
		out.encode(reply{status: http.StatusOK, body: html(maintenancePage)})
	case "expire_token":
		e := p.expired(p.nowMS() - 75_000)
		p.refuse(out, e)
	case "rate_limit":
		p.refuse(out, limitError(f.Policy))
	default:
		return false
	}
	out.with(f.Header)
	p.meter.count(r.Method+" (fault)", "fault", out.status, false)
	out.send(w)
	return true
}

func (p *Portal) refuse(out *answer, e *apiError) {
	e.Kind, e.Correlation = "error", p.correlation()
	out.encode(reply{status: e.Status, body: e})
}

func limitError(policy string) *apiError {
	texts := map[string]string{"": "ten_secondly_rolling", "TEN_SECONDLY_ROLLING": "ten_secondly_rolling", "DAILY": "daily", "SECONDLY": "secondly"}
	if policy == "" {
		policy = "TEN_SECONDLY_ROLLING"
	}
	return &apiError{Status: http.StatusTooManyRequests, Message: "You have reached your " + texts[policy] + " limit.",
		ErrorType: "RATE_LIMIT", PolicyName: policy}
}

// replace puts the fault's status, headers and body into an answer.
func (a *answer) replace(f *rule, status int) {
	if status == 0 {
		status = http.StatusServiceUnavailable
	}
	a.status, a.body = status, []byte(f.Body)
	a.header.Set("Content-Type", "application/json;charset=utf-8")
	if len(f.Body) > 0 && f.Body[0] == '<' {
		a.header.Set("Content-Type", "text/html;charset=utf-8")
	}
	a.with(f.Header)
}

// with sets headers besides the answer's own; an empty value takes one away.
func (a *answer) with(header map[string]string) {
	for _, k := range sortedKeys(header) {
		if a.header.Set(k, header[k]); header[k] == "" {
			a.header.Del(k)
		}
	}
}

// hang holds a request until the client or the portal goes away.
func (p *Portal) hang(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-p.done:
	}
	panic(http.ErrAbortHandler)
}

// repeat does a request once more than it was sent; its answer is lost.
func (p *Portal) repeat(r *http.Request) {
	body := readAll(r)
	again := r.Clone(r.Context())
	again.Body = bodyOfBytes(body)
	r.Body = bodyOfBytes(body)
	p.dispatch(&answer{header: http.Header{}}, again)
}

// faultAfter plays faults that strike once the request is done.
func (p *Portal) faultAfter(f *rule, out *answer, r *http.Request) {
	if f == nil {
		return
	}
	switch f.Do {
	case "timeout_after":
		p.hang(r)
	case "reset_after":
		panic(http.ErrAbortHandler)
	case "status_after":
		out.replace(f, f.Status)
	case "html_after":
		out.encode(reply{status: http.StatusOK, body: html(maintenancePage)})
	case "truncate":
		out.truncate = true
	case "slow_body":
		out.slow = f.delay
	case "big_body":
		out.body = append(out.body, bytes.Repeat([]byte(" "), max(0, f.Size))...)
	case "header":
		out.with(f.Header)
	case "rewrite":
		out.body = f.find.ReplaceAll(out.body, []byte(f.Body))
	case "delay_after":
		if !wait(r, f.delay, p.done) {
			panic(http.ErrAbortHandler)
		}
	}
}
