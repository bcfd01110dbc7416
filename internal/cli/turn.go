package cli

import (
	"context"
	"sync"
)

// turn lets one worker at a time drain a connection: what a drain has claimed is
// known to it alone. A daemon holds the turn for as long as nobody else asks.
type turn struct {
	slot  chan struct{} // capacity 1
	mu    sync.Mutex
	asked int                // how many wait for a daemon to give way
	stop  context.CancelFunc // of the daemon's work, while it holds the turn
}

func newTurn() *turn { return &turn{slot: make(chan struct{}, 1)} }

// take waits for the turn; a daemon that holds it is asked to give way.
func (t *turn) take(ctx context.Context) error {
	t.asks(1)
	defer t.asks(-1)
	t.nudge()
	return t.queue(ctx)
}

func (t *turn) asks(more int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked += more
}

// nudge lets a daemon that holds the turn begin anew.
func (t *turn) nudge() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stop != nil {
		t.stop()
	}
}

// queue waits for the turn without asking anyone to give way.
func (t *turn) queue(ctx context.Context) error {
	select {
	case t.slot <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// try takes the turn if nobody holds it.
func (t *turn) try() bool {
	select {
	case t.slot <- struct{}{}:
		return true
	default:
		return false
	}
}

func (t *turn) give() { <-t.slot }

// hold runs fn with the turn until fn ends or somebody asks for the turn.
func (t *turn) hold(ctx context.Context, fn func(context.Context) error) error {
	if err := t.queue(ctx); err != nil {
		return err
	}
	defer t.give()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	t.yields(stop)
	defer t.yields(nil)
	return fn(ctx)
}

// yields says how the daemon's work is stopped, nil for none. Who asked after the daemon got
// the turn and before it could be stopped has it stop at once.
func (t *turn) yields(stop context.CancelFunc) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stop = stop; stop != nil && t.asked > 0 {
		stop()
	}
}

// turn is the turn of a connection.
func (w *world) turn(name string) *turn {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.turns[name] == nil {
		w.turns[name] = newTurn()
	}
	return w.turns[name]
}

// exclusive runs fn while nobody else drains the connection.
func (w *world) exclusive(ctx context.Context, name string, fn func() error) error {
	t := w.turn(name)
	if err := t.take(ctx); err != nil {
		return err
	}
	defer t.give()
	return fn()
}
