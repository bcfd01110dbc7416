package salesforcesim

import (
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
// html (200 with a page instead of the work), html_after (the same, after the
// work), reset (the connection breaks half-way through the answer), delay
// (Delay first), delay_after (the work, then Delay), slow_body (the answer begins
// at once and its body takes Delay to arrive), header (the answer has Header
// besides its own), big_body (the body has Size blanks more), rewrite (what
// matches Find in the body is replaced by Body),
// repeat (the request is carried out twice, as by a proxy that sends it again),
// expire_token (every session ends first);
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
	Size   int               `json:"size"` // bytes
	Find   string            `json:"find"` // regular expression; Body may name its groups as ${1}
	Header map[string]string `json:"header"`
	Delay  string            `json:"delay"` // of delay, delay_after, slow_body and late_commit; also how long a timeout hangs, until the caller leaves when empty
	Times  int               `json:"times"` // strikes so often; without end when 0
	Every  int               `json:"every"` // only every so manieth match; each when 0 or 1
	Until  time.Time         `json:"until"` // of the org's clock; zero is for ever

	path  *regexp.Regexp
	find  *regexp.Regexp
	delay time.Duration
	seen  int
	hits  int
}

// requestFaults and eventFaults are the known values of Do.
var (
	requestFaults = []string{"timeout_before", "timeout_after", "status", "status_after", "html", "html_after", "reset", "delay", "delay_after",
		"slow_body", "big_body", "header", "rewrite", "repeat", "expire_token"}
	rowFaults   = []string{"row_error", "late_commit"}
	eventFaults = []string{"drop_event", "dup_event", "hold_event", "gap_event", "overflow_event", "cut_stream"}
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
	if f.find, err = regexp.Compile(f.Find); err != nil {
		return fmt.Errorf("add fault: find is no regular expression: %w", err)
	}
	if f.Delay == "" && (f.Do == "late_commit" || f.Do == "delay_after" || f.Do == "slow_body") {
		return fmt.Errorf("add fault: %s needs a delay like 30s", f.Do)
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
