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
	// carry, where set, carries each request to the side in the test's own way.
	carry Carry
}

// Carry brings a request to its side: it may call next never, once or twice,
// and answer what it likes.
type Carry func(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error)

// Through sets how requests travel; nil for straight. It outlasts a restart.
func (w *World) Through(c Carry) {
	w.tap.mu.Lock()
	defer w.tap.mu.Unlock()
	w.tap.carry = c
}

// heir is a fresh tap that keeps how requests travel.
func (t *Tap) heir(next [2]handlerTransport) *Tap {
	out := &Tap{next: next}
	if t != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		out.carry = t.carry
	}
	return out
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
	on, carry := s.t.on, s.t.carry
	s.t.mu.Unlock()
	if on != nil {
		if err := on(s.side, r); err != nil {
			return nil, err
		}
	}
	if carry != nil {
		return carry(s.side, r, s.t.next[s.side])
	}
	return s.t.next[s.side].RoundTrip(r)
}
