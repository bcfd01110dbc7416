package engine

import (
	"context"
	"errors"
	"reflect"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
)

// schemaLook is when the fields of both sides were compared last with those that
// the connection was opened with, and who asks for it.
type schemaLook struct {
	mu    connector.CallMutex
	at    time.Time
	doubt chan struct{} // capacity 1: an answer does not fit the schema
}

const (
	// schemaEvery is how often the fields of a serving connection are compared.
	schemaEvery = time.Hour
	// schemaFresh is how old a comparison may be to go unquestioned.
	schemaFresh = time.Minute
)

// SchemaChanged reports that an error says that the fields of a side are no longer
// those that the connection was opened with. Opened again, its mappings are
// compiled for what stands now.
func SchemaChanged(err error) bool {
	var own *room.Error
	return errors.As(err, &own) && own.Code == room.CodeSchemaChanged
}

// compareSchemas gives CodeSchemaChanged where the fields of a side are others than
// at the opening, unless that was looked at just before.
func (e *Engine) compareSchemas(ctx context.Context, c *Conn) error {
	c.schema.mu.Lock()
	defer c.schema.mu.Unlock()
	if e.Now().Sub(c.schema.at).Abs() < schemaFresh {
		return nil
	}
	for _, side := range core.Sides {
		now, err := c.Describe(ctx, side)
		if err != nil {
			return err
		}
		if !sameSchemas(c.Schemas[side], now) {
			return schemaChanged(side)
		}
	}
	c.schema.at = e.Now()
	return nil
}

func schemaChanged(side core.Side) error {
	return &room.Error{Code: room.CodeSchemaChanged, Message: "the fields of " + side.Label() + " have changed since the connection was opened", Mend: "run it again; tandem serve does so by itself"}
}

// sameSchemas compares fields by name: their order means nothing.
func sameSchemas(a, b map[core.Object]connector.Schema) bool {
	if len(a) != len(b) {
		return false
	}
	for o, was := range a {
		now, there := b[o]
		if !there || !reflect.DeepEqual(byName(was.Fields), byName(now.Fields)) {
			return false
		}
	}
	return true
}

func byName(fields []connector.Field) map[string]connector.Field {
	out := make(map[string]connector.Field, len(fields))
	for _, f := range fields {
		out[f.Name] = f
	}
	return out
}

// doubtSchema asks for a comparison soon.
func (c *Conn) doubtSchema() {
	select {
	case c.schema.doubt <- struct{}{}:
	default:
	}
}

// watchSchemas compares the fields of both sides on a schedule, and at once when an
// answer does not fit them.
func (e *Engine) watchSchemas(ctx context.Context, c *Conn) error {
	var held <-chan time.Time
	if len(c.Held) > 0 {
		look := time.NewTimer(heldEvery)
		defer look.Stop()
		held = look.C
	}
	timer := time.NewTimer(schemaEvery)
	defer timer.Stop()
	select {
	case <-held:
		return e.watchHeld(ctx, c)
	case <-c.schema.doubt:
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := e.running(ctx, c); err != nil {
		return err
	}
	if err := e.compareSchemas(ctx, c); err != nil || len(c.Staged()) == 0 {
		return err
	}
	if err := e.openPipelines(ctx, c); err != nil { // a sales process is no part of a schema
		return err
	}
	return e.KeepPipelines(ctx, c)
}

// guardClears looks at the fields once more before a value is cleared because its
// field is blank on the other side: a field that was made anew under the same
// name is blank on every record.
func (e *Engine) guardClears(ctx context.Context, b *batch) error {
	for _, it := range b.items {
		for i, r := range it.results {
			for _, side := range core.Sides {
				if r.Write[side] && it.inputs[i].HasBase && it.inputs[i].Now[side.Other()] == "" {
					return e.compareSchemas(ctx, b.conn)
				}
			}
		}
	}
	return nil
}
