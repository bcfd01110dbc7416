package connectortest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"tandem/internal/connector"
)

// ear listens to a feed and keeps what it hears.
type ear struct {
	w      *world
	cancel context.CancelFunc
	done   chan error

	mu       sync.Mutex
	events   []connector.Event
	position string
	heard    chan struct{}
}

func (w *world) listen(position string) *ear {
	ctx, cancel := context.WithCancel(w.ctx())
	e := &ear{w: w, cancel: cancel, done: make(chan error, 1), heard: make(chan struct{}, 1), position: position}
	go func() { e.done <- w.Connector.Listen(ctx, position, e.emit) }()
	w.t.Cleanup(cancel)
	return e
}

func (e *ear) emit(_ context.Context, batch connector.Events) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.events = append(e.events, batch.Events...)
	if batch.Position == "" {
		e.w.t.Error("a delivery without a position")
	}
	e.position = batch.Position
	select {
	case e.heard <- struct{}{}:
	default:
	}
	return nil
}

// soFar is what was heard, and the position behind it, while the feed goes on.
func (e *ear) soFar() ([]connector.Event, string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.events), e.position
}

// until waits until ok holds for what was heard so far.
func (e *ear) until(what string, ok func([]connector.Event, string) bool) {
	e.w.t.Helper()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		events, position := e.soFar()
		if ok(events, position) {
			return
		}
		select {
		case <-e.heard:
		case err := <-e.done:
			e.w.t.Fatalf("the feed ended while waiting for %s: %v", what, err)
		case <-timeout.C:
			e.w.t.Fatalf("no %s within %v; heard %+v", what, patience, events)
		}
	}
}

// event waits for an event of a kind about a record.
func (e *ear) event(kind connector.EventKind, id string) connector.Event {
	e.w.t.Helper()
	var found connector.Event
	e.until(string(kind)+" of "+id, func(events []connector.Event, _ string) bool {
		for _, ev := range events {
			if ev.Kind == kind && ev.Ref == e.w.ref(id) {
				found = ev
				return true
			}
		}
		return false
	})
	return found
}

// stop ends the feed and gives the last position.
func (e *ear) stop() string {
	e.w.t.Helper()
	e.cancel()
	if err := <-e.done; !errors.Is(err, context.Canceled) {
		e.w.t.Errorf("a feed that its caller ends gives %v", err)
	}
	return e.position
}

func testFeed(t *testing.T, w *world) {
	if w.NoFeed {
		t.Skip("no feed here")
	}
	old := w.record("Before the feed")
	live := w.listen("")
	live.until("first position", func(_ []connector.Event, position string) bool { return position != "" })
	id := w.record("Announced")
	live.event(connector.EventCreate, id)
	w.Update(id, map[string]string{w.Text: "new"})
	if ev := live.event(connector.EventUpdate, id); ev.Changed != nil && ev.Changed[w.Text] != "new" {
		t.Errorf("the update tells %v", ev.Changed)
	}
	position := live.stop()
	w.Update(id, map[string]string{w.Text: "while away"})
	w.Update(old, map[string]string{w.Text: "while away"})
	w.Delete(old)
	again := w.listen(position)
	again.event(connector.EventUpdate, id)
	again.event(connector.EventUpdate, old)
	again.event(connector.EventDelete, old)
	if w.Restore != nil {
		w.Restore(old)
		again.event(connector.EventUndelete, old)
	}
	events, _ := again.soFar()
	for _, ev := range events {
		if ev.Kind == connector.EventCreate && ev.Ref.ID == id {
			t.Error("the resumed feed begins before its position")
		}
	}
	again.stop()
}

func testPositionLost(t *testing.T, w *world) {
	if w.NoFeed {
		t.Skip("no feed here")
	}
	first := w.listen("")
	first.until("first position", func(_ []connector.Event, position string) bool { return position != "" })
	id := w.record("Kept")
	first.event(connector.EventCreate, id)
	position := first.stop()
	w.LosePositions()
	lost := w.listen(position)
	select {
	case err := <-lost.done:
		var e *connector.Error
		if !errors.As(err, &e) || e.Code != connector.CodePositionLost {
			t.Errorf("an expired position gives %v", err)
		}
	case <-time.After(patience):
		t.Error("a feed goes on from a position that has expired")
	}
}
