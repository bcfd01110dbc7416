//go:build unix

package killtest

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// faulty stands between the program and one side, and breaks what passes at a rate. It
// also ends the program at the step of a request that it is told.
type faulty struct {
	url    string
	target *url.URL
	to     http.RoundTripper

	mu    sync.Mutex
	open  map[string]bool // connections by who is at the other end
	moved *sync.Cond      // one was opened or closed
	rng   *rand.Rand
	rate  float64 // share of requests that are struck
	hits  map[string]int
	trap  *trap
}

// step is a point on the way of a request.
type step string

// The steps of a write between the program and a side: the intent is stored at the
// first, the side has done it from the second on, the program knows at the last.
const (
	beforeSend step = "before it is sent"
	afterSend  step = "while it is done"
	afterDone  step = "before its answer"
	afterReply step = "after its answer"
)

var steps = []step{beforeSend, afterSend, afterDone, afterReply}

// trap ends the program at a step of the n-th write from now on.
type trap struct {
	at   step
	n    int
	kill func()
}

// The faults, by how they look from the program.
const (
	resetBefore = "reset before it is done"
	resetAfter  = "reset after it is done"
	lateCreate  = "done after the connection was reset"
	halfHead    = "half an answer's head"
	halfBody    = "body cut short"
	hangBefore  = "hangs and is not done"
	hangAfter   = "done and hangs"
	slowBytes   = "bytes one by one"
	unavailable = "503 and not done"
	gateway     = "502 although done"
	pageOfHTML  = "200 with a page of HTML"
	tooMany     = "429"
)

var faultKinds = []string{resetBefore, resetAfter, lateCreate, halfHead, halfBody, hangBefore, hangAfter, slowBytes, unavailable, gateway, pageOfHTML, tooMany}

// hangs is how long an answer hangs before the connection is given up, and late the most
// by which a request is late: within what the settings take for the longest request.
const (
	hangs = 300 * time.Millisecond
	late  = 400 * time.Millisecond
)

func newFaulty(t *testing.T, target string, seed uint64) *faulty {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	f := &faulty{target: to, to: &http.Transport{MaxIdleConnsPerHost: 32}, rng: rand.New(rand.NewPCG(seed, 7)), hits: map[string]int{}, open: map[string]bool{}}
	f.moved = sync.NewCond(&f.mu)
	s := httptest.NewUnstartedServer(f)
	s.Config.ConnState = f.note
	s.Start()
	t.Cleanup(s.Close)
	f.url = s.URL
	return f
}

func (f *faulty) note(c net.Conn, state http.ConnState) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if state == http.StateNew {
		f.open[c.RemoteAddr().String()] = true
	} else if state == http.StateClosed || state == http.StateHijacked {
		delete(f.open, c.RemoteAddr().String())
	}
	f.moved.Broadcast()
}

// outlive returns when the side has done whatever a process that is no more had sent, but
// for creates that are to be late. Connections are accepted in the order in which they were
// opened, and read to their end.
func (f *faulty) outlive(t *testing.T) {
	t.Helper()
	last, err := net.Dial("tcp", strings.TrimPrefix(f.url, "http://")) //nolint:noctx // answered by the kernel at once
	if err != nil {
		t.Fatal(err)
	}
	defer last.Close()
	me := last.LocalAddr().String()
	f.mu.Lock()
	defer f.mu.Unlock()
	for !f.open[me] || len(f.open) > 1 {
		f.moved.Wait()
	}
}

// strike sets the share of the requests that are struck from now on.
func (f *faulty) strike(rate float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rate = rate
}

// set arms the trap, or takes it away.
func (f *faulty) set(tr *trap) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.trap = tr
}

// caught is the trap that this request springs, nil for none.
func (f *faulty) caught(r *http.Request) *trap {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.trap == nil || !writes(r) {
		return nil
	}
	if f.trap.n--; f.trap.n > 0 {
		return nil
	}
	tr := f.trap
	f.trap = nil
	return tr
}

// fault is what strikes this request, blank for nothing.
func (f *faulty) fault(r *http.Request) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	kind := ""
	switch {
	case creates(r) && f.rng.Float64() < 5*f.rate: // there are few of them
		kind = lateCreate
	case f.rng.Float64() < f.rate:
		kind = faultKinds[f.rng.IntN(len(faultKinds))]
	}
	if kind == "" || kind == lateCreate && !creates(r) {
		return ""
	}
	f.hits[kind]++
	return kind
}

func (f *faulty) draw(n int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rng.IntN(n)
}

// ServeHTTP passes a request on, or does not.
func (f *faulty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // whoever sent it is gone, and so is half of the request
	}
	if tr := f.caught(r); tr != nil {
		f.spring(tr, w, r, body)
		return
	}
	switch kind := f.fault(r); kind {
	case "":
		f.relay(w, r, body)
	case slowBytes:
		f.dribble(w, r, body)
	case unavailable:
		http.Error(w, "<html><body>the service is being maintained</body></html>", http.StatusServiceUnavailable)
	case gateway:
		f.done(r, body)
		http.Error(w, "<html><body>bad gateway</body></html>", http.StatusBadGateway)
	case pageOfHTML:
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<html><body>please log in</body></html>")
	case tooMany:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, `{"status":"error","message":"You have reached your secondly limit.","errorType":"RATE_LIMIT","policyName":"TEN_SECONDLY_ROLLING"}`)
	default:
		f.breakOff(kind, w, r, body)
	}
}

// breakOff ends the connection in the middle.
func (f *faulty) breakOff(kind string, w http.ResponseWriter, r *http.Request, body []byte) {
	var answer []byte
	switch kind {
	case resetAfter, hangAfter, halfHead, halfBody:
		answer = f.done(r, body)
	case lateCreate:
		r, wait := r.Clone(r.Context()), time.Duration(f.draw(int(late)))
		time.AfterFunc(wait, func() { f.done(r, body) })
	}
	if kind == hangBefore || kind == hangAfter {
		select {
		case <-r.Context().Done():
		case <-time.After(hangs):
		}
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // it is closed already
	}
	defer conn.Close()
	switch kind {
	case halfHead:
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Ty")
	case halfBody:
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(answer)+1, answer[:len(answer)/2])
	}
	if tcp, ok := conn.(*net.TCPConn); ok && kind != halfHead && kind != halfBody {
		_ = tcp.SetLinger(0) // a reset instead of an orderly end
	}
}

// spring ends the program at a step of this request.
func (f *faulty) spring(tr *trap, w http.ResponseWriter, r *http.Request, body []byte) {
	switch tr.at {
	case beforeSend:
		tr.kill()
	case afterSend:
		end := make(chan struct{})
		go func() {
			defer close(end)
			f.done(r, body)
		}()
		tr.kill()
		<-end
	case afterDone:
		f.done(r, body)
		tr.kill()
	case afterReply:
		f.relay(w, r, body)
		_ = http.NewResponseController(w).Flush()
		time.Sleep(time.Duration(f.draw(4000)) * time.Microsecond) // as long as it takes to store what it says
		tr.kill()
	}
}

// send hands the request to the side, whatever becomes of its sender.
func (f *faulty) send(r *http.Request, body []byte) (*http.Response, error) {
	address := *f.target
	address.Path, address.RawPath, address.RawQuery = r.URL.Path, r.URL.RawPath, r.URL.RawQuery
	out, err := http.NewRequest(r.Method, address.String(), bytes.NewReader(body)) //nolint:noctx // what was sent arrives
	if err != nil {
		return nil, err
	}
	out.Header, out.Host = r.Header.Clone(), r.Host
	return f.to.RoundTrip(out)
}

// done has the side do the request, and gives the body of its answer.
func (f *faulty) done(r *http.Request, body []byte) []byte {
	resp, err := f.send(r, body)
	if err != nil {
		return nil // the test is over
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(resp.Body)
	return answer
}

func (f *faulty) relay(w http.ResponseWriter, r *http.Request, body []byte) {
	f.pass(w, r, body, func(answer []byte) { _, _ = w.Write(answer) })
}

// dribble relays the first bytes one by one.
func (f *faulty) dribble(w http.ResponseWriter, r *http.Request, body []byte) {
	f.pass(w, r, body, func(answer []byte) {
		for ; len(answer) > 0 && r.Context().Err() == nil; answer = answer[1:] {
			_, _ = w.Write(answer[:1])
			_ = http.NewResponseController(w).Flush()
			if len(answer) < 100 {
				time.Sleep(time.Millisecond)
			}
		}
	})
}

func (f *faulty) pass(w http.ResponseWriter, r *http.Request, body []byte, write func([]byte)) {
	resp, err := f.send(r, body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return
	}
	for name, values := range resp.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(resp.StatusCode)
	write(answer)
}

// writes reports that a request may change a record.
func writes(r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return false
	}
	p := r.URL.Path
	for _, reads := range []string{"/batch/read", "/search", "/oauth", "/query", "/webhooks-journal"} {
		if strings.Contains(p, reads) {
			return false
		}
	}
	return strings.Contains(p, "/composite") || strings.Contains(p, "/sobjects/") || strings.Contains(p, "/objects/") || strings.Contains(p, "/associations/")
}

// creates reports that a request makes records.
func creates(r *http.Request) bool {
	p := r.URL.Path
	return r.Method == http.MethodPost && (strings.HasSuffix(p, "/batch/create") || strings.HasSuffix(p, "/composite/sobjects"))
}
