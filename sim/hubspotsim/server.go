package hubspotsim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"tandem/sim/hubspotsim/jackson"
)

// maxBody is the largest request body that is read.
const maxBody = 8 << 20

// call is one API request on its way through a handler.
type call struct {
	p       *Portal
	r       *http.Request
	b       *bearer
	ver     string // v3, v4, 2026-03
	vars    map[string]string
	t, t2   *table // by {type} and {other}
	body    []byte
	started int64 // ms
}

// reply is an answer; the body is marshalled unless it is bytes already.
type reply struct {
	status   int
	body     any
	location string
}

// html is a body that is sent as a page.
type html string

// dated says whether the call came by a date-based path.
func (c *call) dated() bool { return !strings.HasPrefix(c.ver, "v") }

// decode reads the JSON body; an empty one leaves v as it is.
func (c *call) decode(v any) *apiError {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil
	}
	if err := json.Unmarshal(c.body, v); err != nil {
		return badBody(c.body, err)
	}
	return nil
}

func badBody(body []byte, err error) *apiError {
	var e *apiError
	if errors.As(err, &e) {
		return e
	}
	problem, at := jackson.Problem(body, err)
	e = badJSON(problem)
	e.jsonOffset = at
	return e
}

// jsonProblem words what is wrong with the JSON of a control.
func jsonProblem(body []byte, err error) error {
	e := badBody(body, err)
	e.place(body)
	return e
}

// ServeHTTP answers the API, the OAuth pages, the controls and the page for
// people. A fault may make it panic with http.ErrAbortHandler, as a handler
// does that gives up a connection.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.tick()
	w.Header().Set("Date", p.clock().UTC().Format(http.TimeFormat))
	switch {
	case strings.HasPrefix(r.URL.Path, "/_sim/"):
		p.serveControls(w, r)
	case isPage(r.URL.Path):
		p.pages.ServeHTTP(w, r)
	default:
		p.serveAPI(w, r)
	}
}

// tick does what fell due since the last request.
func (p *Portal) tick() {
	p.mu.RLock()
	at, ok := p.nextDue()
	due := ok && !at.After(p.clock()) || len(p.indexQueue) > 0 && p.indexQueue[0].due <= p.nowMS()
	p.mu.RUnlock()
	if due {
		p.wake()
	}
}

func (p *Portal) serveAPI(w http.ResponseWriter, r *http.Request) {
	// A server notices that a client went away only once the body is read.
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body, r.ContentLength = bodyOfBytes(body), int64(len(body))
	if !wait(r, p.opts.Latency, p.done) {
		panic(http.ErrAbortHandler)
	}
	fault := p.faults.match(r, p.clock())
	if p.faultBefore(fault, w, r) {
		return
	}
	out := &answer{header: http.Header{}, status: http.StatusOK}
	p.dispatch(out, r)
	p.faultAfter(fault, out, r)
	if out.slow > 0 {
		out.trickle(w, r, p.done)
		return
	}
	out.send(w)
}

// wait holds a request for d; false when the client or the portal is gone.
func wait(r *http.Request, d time.Duration, done <-chan struct{}) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	case <-done:
		return false
	}
}

// answer collects a response so that faults can change it before it is sent.
type answer struct {
	header   http.Header
	status   int
	body     []byte
	truncate bool
	slow     time.Duration // what the body takes to arrive
}

func (a *answer) Header() http.Header { return a.header }

// WriteHeader notes the status.
func (a *answer) WriteHeader(status int) { a.status = status }

func (a *answer) Write(b []byte) (int, error) {
	a.body = append(a.body, b...)
	return len(b), nil
}

// send writes the answer; a truncated one promises more than it gives.
func (a *answer) send(w http.ResponseWriter) {
	for k, v := range a.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(a.body)))
	if a.status == http.StatusNoContent {
		w.Header().Del("Content-Length")
	}
	w.WriteHeader(a.status)
	if !a.truncate {
		_, _ = w.Write(a.body) // a client that went away hears nothing
		return
	}
	_, _ = w.Write(a.body[:len(a.body)/2])
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	panic(http.ErrAbortHandler)
}

// tricklePieces is in how many pieces a slow body arrives.
const tricklePieces = 20

// trickle begins the answer at once and spreads its body over a time.
func (a *answer) trickle(w http.ResponseWriter, r *http.Request, done <-chan struct{}) {
	for k, v := range a.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(a.body)))
	w.WriteHeader(a.status)
	size := max(1, (len(a.body)+tricklePieces-1)/tricklePieces)
	for piece := range slices.Chunk(a.body, size) {
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		if !wait(r, a.slow*time.Duration(len(piece))/time.Duration(len(a.body)), done) {
			panic(http.ErrAbortHandler)
		}
		_, _ = w.Write(piece) // a client that went away ends the next wait
	}
}

// dispatch finds the route, admits the call, runs the handler and encodes.
func (p *Portal) dispatch(w *answer, r *http.Request) {
	correlation := p.correlation()
	w.header.Set("X-HubSpot-Correlation-Id", correlation)
	if p.delegated(w, r) {
		return
	}
	rt, c, refused := p.routes.find(r)
	if refused != 0 {
		p.edge(w, r, refused)
		return
	}
	c.p, c.started = p, p.nowMS()
	out, e := p.run(rt, c, w)
	client := "anonymous"
	if c.b != nil {
		client = c.b.by.client
	}
	if e != nil {
		e.Kind, e.Correlation = "error", correlation
		e.place(c.body)
		if e.PolicyName != "" {
			e.RequestID = p.correlation()
		}
		out = reply{status: e.Status, body: e}
	}
	w.encode(out)
	p.meter.count(rt.name, client, w.status, e != nil && e.PolicyName != "")
}

// delegated serves what the notification package answers itself.
func (p *Portal) delegated(w *answer, r *http.Request) bool {
	head, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch head {
	case "webhooks", "app-webhooks":
		p.webhooks.ServeHTTP(w, r)
	case "webhooks-journal":
		p.journal.ServeHTTP(w, r)
	default:
		return false
	}
	p.meter.count(r.Method+" /"+head, "app", w.status, w.status == http.StatusTooManyRequests)
	return true
}

// run does a call: authentication, limits, scopes, then the handler under the lock.
func (p *Portal) run(rt *route, c *call, w *answer) (reply, *apiError) {
	body := readAll(c.r)
	if len(body) > maxBody {
		return reply{}, &apiError{Status: http.StatusRequestEntityTooLarge, Message: "Request body is too large"}
	}
	c.body = body
	if e := p.enter(rt, c, w); e != nil {
		return reply{}, e
	}
	if rt.write {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.runDue()
	} else {
		p.mu.RLock()
		defer p.mu.RUnlock()
	}
	if e := c.resolveTypes(); e != nil {
		return reply{}, e
	}
	if rt.scopes != nil && c.b != nil {
		if e := authorize(c.b, rt.scopes(c)); e != nil {
			return reply{}, e
		}
	}
	out, e := rt.handle(c)
	if e == nil && out.body != nil {
		out.body, e = marshal(out.body)
	}
	return out, e
}

// enter authenticates and counts the call against the limits.
func (p *Portal) enter(rt *route, c *call, w *answer) *apiError {
	if rt.open {
		return nil
	}
	p.mu.RLock()
	b, e := p.authenticate(c.r)
	t := p.tier
	p.mu.RUnlock()
	if e != nil {
		return e
	}
	c.b = b
	if !p.opts.Limits {
		return nil
	}
	q, e := p.meter.admit(t, b, rt.budget, p.clock())
	q.write(w.header, t.interval)
	return e
}

func (c *call) resolveTypes() (e *apiError) {
	if name, ok := c.vars["type"]; ok {
		if c.t, e = c.p.table(name); e != nil {
			return e
		}
	}
	if name, ok := c.vars["other"]; ok {
		c.t2, e = c.p.table(name)
	}
	return e
}

func marshal(body any) (any, *apiError) {
	switch body.(type) {
	case []byte, html:
		return body, nil
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		return nil, &apiError{Status: http.StatusInternalServerError, Message: "internal error"}
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), nil
}

// encode puts a reply into the answer.
func (a *answer) encode(out reply) {
	a.status = out.status
	if out.location != "" {
		a.header.Set("Location", out.location)
	}
	body, e := marshal(out.body)
	if e != nil {
		a.status = e.Status
	}
	switch b := body.(type) {
	case []byte:
		if out.body != nil {
			a.header.Set("Content-Type", "application/json;charset=utf-8")
			a.body = b
		}
	case html:
		a.header.Set("Content-Type", "text/html;charset=utf-8")
		a.body = []byte(b)
	}
}

// correlation makes the id that support asks for.
func (p *Portal) correlation() string {
	n := p.correlations.Add(1)
	a, b := mix(p.opts.Seed+n), mix(p.opts.Seed^n<<32)
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", uint32(a), uint16(a>>32), uint16(a>>48)&0xfff, uint16(b)&0x3fff|0x8000, b>>16)
}

// mix is the finaliser of SplitMix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
