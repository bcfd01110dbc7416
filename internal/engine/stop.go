package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// gate keeps a connection's calls from leaving while the store says that it may
// not work. The store alone decides; the gate makes its word felt at once by what
// waits in this process.
type gate struct {
	mu sync.Mutex
	// shut is closed while the connection may not work, turned when that changes.
	shut, turned chan struct{}
	closed       bool
	// flights is held for reading while a call that writes is under way.
	flights sync.RWMutex
}

func newGate() *gate { return &gate{shut: make(chan struct{}), turned: make(chan struct{})} }

// state gives the channel that is closed once the connection may not work, and
// the one that is closed when it is told otherwise than now.
func (g *gate) state() (shut, turned <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.shut, g.turned
}

// set opens or closes the gate. Callers hold g.mu.
func (g *gate) set(closed bool) {
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

// landed waits until no call that writes is under way.
func (g *gate) landed(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		g.flights.Lock()
		defer g.flights.Unlock()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// heed opens or closes the connection's gate by what the store says now.
func (e *Engine) heed(ctx context.Context, c *Conn) error {
	c.gate.mu.Lock()
	defer c.gate.mu.Unlock()
	err := e.View(ctx, func(tx *store.Tx) error { return e.mayWork(tx, c) })
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && !room.Stops(err):
		return err
	}
	c.gate.set(err != nil)
	return nil
}

// stopped heeds a stop that was just stored and waits for the calls under way:
// when it returns no write leaves any more.
func (e *Engine) stopped(ctx context.Context, c *Conn) error {
	if err := e.heed(ctx, c); err != nil {
		return err
	}
	return c.gate.landed(ctx)
}

// heedEvery is how often a serving connection asks the store whether it may work,
// beside every batch and every call that writes.
const heedEvery = time.Second

// keepHeeding follows what the store says until ctx ends.
func (e *Engine) keepHeeding(ctx context.Context, c *Conn) error {
	for pause(ctx, heedEvery) == nil {
		if err := e.heed(ctx, c); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// unlessStopped runs fn, which reads, until it ends or the connection may not work
// any more. Being stopped so is no error: who hands out the work tells it.
func (e *Engine) unlessStopped(ctx context.Context, c *Conn, fn func(context.Context) error) error {
	shut, _ := c.gate.state()
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

// MayWork is nil while the connection may work, or says what stops it, since when
// and what ends that: a disconnect, a pause, a suspension or a brake.
func (e *Engine) MayWork(ctx context.Context, c *Conn) error {
	return e.View(ctx, func(tx *store.Tx) error { return e.mayWork(tx, c) })
}

// mayWork is MayWork within a transaction.
func (e *Engine) mayWork(tx *store.Tx, c *Conn) error {
	row, err := connRow(tx, c)
	if err != nil {
		return err
	}
	brakes, err := tx.Brakes(c.ID)
	name := "connection " + c.Settings.Name
	switch {
	case err != nil:
		return err
	case !row.Disconnected.IsZero():
		return &room.Error{Code: room.CodePaused, Message: name + " is disconnected (INST-11)" + lastAct(tx, "disconnect", c), Mend: "tandem resume connects it again"}
	case row.Paused:
		return &room.Error{Code: room.CodePaused, Message: name + " is paused (INST-10)" + lastAct(tx, "pause", c), Mend: "tandem resume goes on"}
	case c.Settings.Paused:
		return &room.Error{Code: room.CodePaused, Message: name + " is paused by its settings, paused: true (INST-10)", Mend: "set paused: false and run tandem settings apply"}
	case row.Suspended != "":
		return &room.Error{Code: room.CodeSuspended, Message: name + " is suspended: " + row.Suspended, Mend: "mend the cause, then tandem resume"}
	case len(brakes) > 0:
		return &room.Error{Code: room.CodeBrake, Message: "brake " + brakes[0].Kind + ": " + brakes[0].Reason, Mend: "look at tandem status, then tandem resume --clear-brake " + brakes[0].Kind}
	}
	return nil
}

// lastAct says who did something to the connection last, and when. It is for
// people: where the log does not tell, it says less.
func lastAct(tx *store.Tx, action string, c *Conn) string {
	a, ok, err := tx.AuditLast(action, room.MustJSON(c.Settings.Name))
	if err != nil || !ok {
		return ""
	}
	return fmt.Sprintf(", by %s at %s", a.Who, a.At.UTC().Format("2006-01-02 15:04:05 UTC"))
}

// unsent settles the intents of ops that a stop kept from leaving, and blanks
// their outcomes. It gives the stop where there was one.
func (e *Engine) unsent(ctx context.Context, c *Conn, ops []core.Op, outs []core.Outcome, err error) error {
	var keys []string
	for i := range ops {
		if held(err) || err == nil && outs[i].Code == connector.CodeStopped {
			keys, outs[i] = append(keys, ops[i].Key), core.Outcome{}
		}
	}
	if len(keys) == 0 {
		return err
	}
	if err := e.Update(ctx, func(tx *store.Tx) error { return tx.IntentsSettle(c.ID, keys) }); err != nil {
		return err
	}
	if err := e.MayWork(ctx, c); err != nil {
		return err
	}
	return &room.Error{Code: room.CodePaused, Message: "connection " + c.Settings.Name + " was stopped in between", Mend: "it goes on by itself"}
}

// held reports that a call did not leave because of a stop.
func held(err error) bool {
	var ce *connector.Error
	return errors.As(err, &ce) && ce.Code == connector.CodeStopped
}

// cutShort keeps of a batch that was stopped what is to be settled: items whose
// ops were all sent, and those of which a part was, which are looked at again.
// The entries of all others stay as they are.
func (b *batch) cutShort() {
	var kept []*item
	for _, it := range b.items {
		sent, all := it.progress()
		if sent == 0 && all > 0 {
			continue
		}
		if sent < all {
			it.dropUnmade()
			it.again(b.at)
		}
		kept = append(kept, it)
	}
	b.items = kept
}

// progress counts the item's ops that have an outcome, and all of them.
func (it *item) progress() (sent, all int) {
	for _, op := range it.sent() {
		all++
		if _, ok := it.outcomes[op.Key]; ok {
			sent++
		}
	}
	return sent, all
}

// dropUnmade takes back a new link whose create was not sent.
func (it *item) dropUnmade() {
	for _, side := range core.Sides {
		op := it.ops[side]
		if op == nil || op.Kind != core.OpCreate {
			continue
		}
		if _, sent := it.outcomes[op.Key]; !sent {
			it.newLink = nil
		}
	}
}
