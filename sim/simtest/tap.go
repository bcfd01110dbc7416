package simtest

import (
	"net/http"
	"sync"

	"tandem/internal/core"
)

// Tap sits between the connectors and the simulators: it counts requests and lets
// a test act at the moment of one.
type Tap struct {
	next [2]handlerTransport
	mu   sync.Mutex
	sent [2]int
	// on is called before each request is served; an error is what the client
	// gets instead.
	on func(core.Side, *http.Request) error
}

// On sets what happens at each request; nil for nothing.
func (w *World) On(f func(core.Side, *http.Request) error) {
	w.tap.mu.Lock()
	defer w.tap.mu.Unlock()
	w.tap.on = f
}

// Calls are the requests sent to a side since the engine was opened.
func (w *World) Calls(side core.Side) int {
	w.tap.mu.Lock()
	defer w.tap.mu.Unlock()
	return w.tap.sent[side]
}

// Side is the transport of one side.
func (t *Tap) Side(side core.Side) http.RoundTripper { return tapSide{t, side} }

type tapSide struct {
	t    *Tap
	side core.Side
}

func (s tapSide) RoundTrip(r *http.Request) (*http.Response, error) {
	s.t.mu.Lock()
	s.t.sent[s.side]++
	on := s.t.on
	s.t.mu.Unlock()
	if on != nil {
		if err := on(s.side, r); err != nil {
			return nil, err
		}
	}
	return s.t.next[s.side].RoundTrip(r)
}
