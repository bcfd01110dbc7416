package salesforcesim

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"tandem/sim/salesforcesim/pubsub"
)

// Match says which requests or events a fault strikes; an empty field
// matches all.
type Match struct {
	Method string `json:"method"`
	Path   string `json:"path"`   // regular expression over the path without query
	Object string `json:"object"` // an object named in the path, or the entity of an event
}

// Fault is one way in which the org misbehaves.
//
// Do is one of, for requests: timeout_before (the request is never seen),
// timeout_after (it is carried out, the answer never comes), status (Status
// and Body instead of the work), status_after (the same, after the work),
// html (200 with a page), reset (the connection breaks half-way through the
// answer), delay (Delay first), expire_token (every session ends first);
// for single rows of any write over the wire: row_error (the row is refused
// with Code and Body, UNABLE_TO_LOCK_ROW when empty); for transactions of
// anybody: late_commit (what is written becomes visible only now, with stamps
// that are Delay older); for change events: drop_event, dup_event, hold_event, gap_event, overflow_event, cut_stream.
type Fault struct {
	Match  Match             `json:"match"`
	Do     string            `json:"do"`
	Status int               `json:"status"`
	Code   string            `json:"code"` // error code of row_error
	Body   string            `json:"body"`
	Header map[string]string `json:"header"`
	Delay  string            `json:"delay"` // of delay and late_commit; also how long a timeout hangs, until the caller leaves when empty
	Times  int               `json:"times"` // strikes so often; without end when 0
	Every  int               `json:"every"` // only every so manieth match; each when 0 or 1
	Until  time.Time         `json:"until"` // of the org's clock; zero is for ever

	path  *regexp.Regexp
	delay time.Duration
	seen  int
	hits  int
}

// requestFaults and eventFaults are the known values of Do.
var (
	requestFaults = []string{"timeout_before", "timeout_after", "status", "status_after", "html", "reset", "delay", "expire_token"}
	rowFaults     = []string{"row_error", "late_commit"}
	eventFaults   = []string{"drop_event", "dup_event", "hold_event", "gap_event", "overflow_event", "cut_stream"}
)

// faultBox holds the faults that are switched on.
type faultBox struct {
	mu   sync.Mutex
	list []*Fault
}

// AddFault switches a fault on.
func (o *Org) AddFault(f Fault) error {
	if kinds := slices.Concat(requestFaults, rowFaults, eventFaults); !slices.Contains(kinds, f.Do) {
		return fmt.Errorf("add fault: unknown kind %q; known are %s", f.Do, strings.Join(kinds, ", "))
	}
	var err error
	if f.path, err = regexp.Compile(f.Match.Path); err != nil {
		return fmt.Errorf("add fault: path is no regular expression: %w", err)
	}
	if f.Do == "late_commit" && f.Delay == "" {
		return fmt.Errorf("add fault: late_commit needs a delay like 30s")
	}
	if f.Delay != "" {
		if f.delay, err = time.ParseDuration(f.Delay); err != nil {
			return fmt.Errorf("add fault: delay %q is no duration like 5s: %w", f.Delay, err)
		}
	}
	o.faults.mu.Lock()
	o.faults.list = append(o.faults.list, &f)
	o.faults.mu.Unlock()
	if slices.Contains(eventFaults, f.Do) {
		o.bus.SetFault(o.eventFault)
	}
	return nil
}

// ClearFaults switches every fault off and lets held events go.
func (o *Org) ClearFaults() {
	o.faults.mu.Lock()
	o.faults.list = nil
	o.faults.mu.Unlock()
	o.bus.SetFault(nil)
}

// strikes counts a match and reports whether the fault acts on it.
func (f *Fault) strikes(now time.Time) bool {
	if !f.Until.IsZero() && now.After(f.Until) || f.Times > 0 && f.hits >= f.Times {
		return false
	}
	f.seen++
	if f.Every > 1 && f.seen%f.Every != 0 {
		return false
	}
	f.hits++
	return true
}

// match gives the fault that strikes a request, or nil.
func (b *faultBox) match(method, path string, now time.Time) *Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.list {
		if !slices.Contains(requestFaults, f.Do) || f.Match.Method != "" && !strings.EqualFold(f.Match.Method, method) || !f.path.MatchString(path) {
			continue
		}
		if f.Match.Object != "" && !slices.Contains(strings.Split(strings.ToLower(path), "/"), strings.ToLower(f.Match.Object)) {
			continue
		}
		if f.strikes(now) {
			return f
		}
	}
	return nil
}

// checkFault refuses a row when a row fault strikes.
func (t *tx) checkFault(_, after *record) rowErrors {
	if t.by.system || t.by.origin == "" {
		return nil
	}
	b := t.o.faults
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.list {
		if f.Do != "row_error" || !f.about(after) || !f.strikes(t.o.now()) {
			continue
		}
		if f.Code == "" {
			return refuse("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
		}
		return refuse(f.Code, f.Body)
	}
	return nil
}

// about reports that a fault of rows means this one.
func (f *Fault) about(r *record) bool {
	return f.Match.Object == "" || strings.EqualFold(f.Match.Object, r.object.name)
}

// delayed makes a transaction one that has been going on for a while when a fault
// says so at its first record: triggers and flows may run for minutes between the
// write, which sets the stamps, and the commit, which shows it to others.
func (t *tx) delayed(first *record) {
	if t.by.system || len(t.steps) > 0 || t.at < t.seen {
		return
	}
	b := t.o.faults
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.list {
		if f.Do == "late_commit" && f.about(first) && f.strikes(t.o.now()) {
			t.at -= int64(f.delay / time.Second)
			return
		}
	}
}

// eventFault decides what goes wrong with one change event.
func (o *Org) eventFault(e pubsub.EventInfo) pubsub.Verdict {
	o.faults.mu.Lock()
	defer o.faults.mu.Unlock()
	for _, f := range o.faults.list {
		if !slices.Contains(eventFaults, f.Do) || f.Match.Object != "" && !strings.EqualFold(f.Match.Object, e.Entity) || !f.path.MatchString(e.Topic) || !f.strikes(o.now()) {
			continue
		}
		switch f.Do {
		case "drop_event":
			return pubsub.Verdict{Drop: true}
		case "dup_event":
			return pubsub.Verdict{Copies: 1}
		case "hold_event":
			return pubsub.Verdict{HoldBack: 3}
		case "gap_event":
			return pubsub.Verdict{Gap: true}
		case "overflow_event":
			return pubsub.Verdict{Overflow: true}
		case "cut_stream":
			return pubsub.Verdict{Cut: true}
		}
	}
	return pubsub.Verdict{}
}

// faultBefore does what a fault does ahead of the work; it reports whether
// the work goes on. Broken connections panic with [http.ErrAbortHandler], as
// handlers behind net/http do; an in-process transport recovers it.
func (o *Org) faultBefore(w http.ResponseWriter, r *http.Request, f *Fault) bool {
	if f == nil {
		return true
	}
	switch f.Do {
	case "timeout_before":
		f.hang(r)
	case "status":
		f.write(w)
		return false
	case "html":
		f.writeHTML(w)
		return false
	case "delay":
		return o.pause(r, f.delay, true)
	case "expire_token":
		o.ExpireSessions()
	}
	return true
}

// hang keeps the caller waiting until it leaves, or for the fault's delay,
// and then breaks the connection.
func (f *Fault) hang(r *http.Request) {
	var over <-chan time.Time
	if f.delay > 0 {
		timer := time.NewTimer(f.delay)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-r.Context().Done():
	case <-over:
	}
	panic(http.ErrAbortHandler)
}

func (f *Fault) write(w http.ResponseWriter) {
	for k, v := range f.Header {
		w.Header().Set(k, v)
	}
	status := f.Status
	if status == 0 {
		status = http.StatusServiceUnavailable
	}
	body := f.Body
	if body == "" {
		body = `[{"message":"The server is currently unavailable","errorCode":"SERVER_UNAVAILABLE"}]`
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

func (f *Fault) writeHTML(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html;charset=UTF-8")
	w.WriteHeader(max(f.Status, http.StatusOK))
	body := f.Body
	if body == "" {
		body = "<!doctype html><title>Maintenance</title><h1>We are down for maintenance</h1>"
	}
	_, _ = w.Write([]byte(body))
}

// shelved keeps an answer back so that a fault can spoil it.
type shelved struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (s *shelved) Header() http.Header         { return s.header }
func (s *shelved) WriteHeader(status int)      { s.status = status }
func (s *shelved) Write(b []byte) (int, error) { return s.body.Write(b) }

// wrap puts a shelf before the real writer where the fault acts after the
// work; the returned function ends the request.
func (f *Fault) wrap(w http.ResponseWriter) (http.ResponseWriter, func(*http.Request)) {
	if f == nil || f.Do != "timeout_after" && f.Do != "status_after" && f.Do != "reset" {
		return w, func(*http.Request) {}
	}
	shelf := &shelved{header: http.Header{}, status: http.StatusOK}
	return shelf, func(r *http.Request) {
		switch f.Do {
		case "timeout_after":
			f.hang(r)
		case "status_after":
			f.write(w)
		case "reset":
			shelf.breakOff(w)
		}
	}
}

// breakOff sends half of the answer and drops the connection.
func (s *shelved) breakOff(w http.ResponseWriter) {
	for k, v := range s.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Length", fmt.Sprint(s.body.Len()))
	w.WriteHeader(s.status)
	_, _ = w.Write(s.body.Bytes()[:s.body.Len()/2])
	if flusher, ok := w.(http.Flusher); ok {
		flusher.Flush()
	}
	panic(http.ErrAbortHandler)
}
