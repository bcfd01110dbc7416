// Package engine moves data between the two sides: capture what changed, read
// both sides, decide, guard, apply, advance. Capture is a room of its own, each other
// stage a file; a batch of at most 200 refs of one object pair walks through them
// together. What needs no batch has its room in a folder below.
//
// The engine is level-triggered: events, polls, sweeps and persons only mark a
// record dirty; what is written follows from reading both sides and comparing
// them with the base, so duplicates, re-ordering, replays and crashes change
// nothing but the number of reads.
package engine

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// Setup is one connection with its connectors.
type Setup struct {
	Settings config.Connection
	Sides    [2]connector.Connector
}

// Options are what an Engine is made of.
type Options struct {
	Store *store.Store
	Now   func() time.Time
	Log   *slog.Logger
	// Workers is the number of batches in flight per connection; 0 means 16.
	Workers int
	// By names the person or process that acts, for the audit log.
	By string
}

// Engine runs the work of the connections of one store.
type Engine struct {
	room.Env
	workers int
	conns   []*Conn
}

// New opens every connection of the setups: identities are checked against the
// pinned ones, schemas read, mappings compiled. A connection that cannot be
// opened fails New with a coded error; nothing is written to either side.
func New(ctx context.Context, o Options, setups []Setup) (*Engine, error) {
	e := &Engine{Env: room.Env{Store: o.Store, Now: o.Now, Log: o.Log, By: o.By}, workers: o.Workers}
	if e.workers == 0 {
		e.workers = defaultWorkers
	}
	for _, s := range setups {
		c, err := e.open(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("open connection %s: %w", s.Settings.Name, err)
		}
		e.conns = append(e.conns, c)
	}
	return e, nil
}

const (
	// defaultWorkers keep the calls that the vendors allow under way, and no more batches
	// in memory than that takes.
	defaultWorkers = 6
	// batchSize fills the largest write that Salesforce takes in one call, and two of
	// HubSpot's.
	batchSize = 200
)

// Conns are the open connections.
func (e *Engine) Conns() []*Conn { return e.conns }

// Conn finds a connection by name; the only one when name is blank.
func (e *Engine) Conn(name string) (*Conn, error) {
	for _, c := range e.conns {
		if c.Settings.Name == name || (name == "" && len(e.conns) == 1) {
			return c, nil
		}
	}
	return nil, &room.Error{Code: room.CodeNotFound, Message: fmt.Sprintf("no connection named %q", name), Mend: "name one of the connections in tandem.yaml with --connection"}
}
