package gate

import (
	"context"
	"maps"
	"sync"
	"time"

	"tandem/internal/connector"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// Gate keeps a connection's calls from leaving while the store says that it may
// not work. The store alone decides; the gate makes its word felt at once by what
// waits in this process.
type Gate struct {
	c       *conn.Known
	heeding connector.CallMutex // one at a time asks the store and sets what it says
	mu      sync.Mutex
	// shut is closed while the connection may not work, turned when that changes.
	shut, turned chan struct{}
	closed       bool
	// flights are the calls that write and are under way: each is closed when it ends.
	flights struct {
		mu  sync.Mutex
		all map[chan struct{}]bool
	}
}

// New is the open gate of a connection.
func New(c *conn.Known) *Gate {
	return &Gate{c: c, shut: make(chan struct{}), turned: make(chan struct{})}
}

// State gives the channel that is closed once the connection may not work, and
// the one that is closed when it is told otherwise than now.
func (g *Gate) State() (shut, turned <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.shut, g.turned
}

// set opens or closes the gate.
func (g *Gate) set(closed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if closed == g.closed {
		return
	}
	g.closed = closed
	if closed {
		close(g.shut)
	} else {
		g.shut = make(chan struct{})
	}
	close(g.turned)
	g.turned = make(chan struct{})
}

// landed waits until the calls that write and are under way now have ended.
func (g *Gate) landed(ctx context.Context) error {
	g.flights.mu.Lock()
	all := maps.Clone(g.flights.all)
	g.flights.mu.Unlock()
	for done := range all {
		select {
		case <-done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Flight begins a call that writes; what it gives ends it.
func (g *Gate) Flight() (end func()) {
	done := make(chan struct{})
	g.flights.mu.Lock()
	defer g.flights.mu.Unlock()
	if g.flights.all == nil {
		g.flights.all = map[chan struct{}]bool{}
	}
	g.flights.all[done] = true
	return func() {
		g.flights.mu.Lock()
		defer g.flights.mu.Unlock()
		delete(g.flights.all, done)
		close(done)
	}
}

// Heed opens or closes the gate by what the store says now.
func (g *Gate) Heed(ctx context.Context, e *room.Env) error {
	g.heeding.Lock()
	defer g.heeding.Unlock()
	err := e.View(ctx, func(tx *store.Tx) error { return MayWork(tx, g.c) })
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && !room.Stops(err):
		return err
	}
	g.set(err != nil)
	return nil
}

// Stop heeds a stop that was just stored and waits for the calls under way:
// when it returns no write leaves any more.
func (g *Gate) Stop(ctx context.Context, e *room.Env) error {
	if err := g.Heed(ctx, e); err != nil {
		return err
	}
	return g.landed(ctx)
}

// heedEvery is how often a serving connection asks the store whether it may work,
// beside every batch and every call that writes.
const heedEvery = time.Second

// Follow heeds what the store says until ctx ends.
func (g *Gate) Follow(ctx context.Context, e *room.Env) error {
	for connector.Pause(ctx, heedEvery) == nil {
		if err := g.Heed(ctx, e); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// UnlessShut runs fn, which reads, until it ends or the connection may not work
// any more. Being stopped so is no error: who hands out the work tells it.
func (g *Gate) UnlessShut(ctx context.Context, fn func(context.Context) error) error {
	shut, _ := g.State()
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-shut:
			cancel()
		case <-done:
		}
	}()
	err := fn(inner)
	if room.Stops(err) || ctx.Err() == nil && inner.Err() != nil {
		return nil
	}
	return err
}
