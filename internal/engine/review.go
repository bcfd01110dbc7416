package engine

import (
	"context"
	"strings"

	"tandem/internal/core"
	"tandem/internal/engine/gate"
	"tandem/internal/store"
)

// Review reports what keeps settings from working on the sides of a setup: an
// inclusion list that is not there or not active, an expression that does not fit
// the fields. It reads both sides and writes nothing. Held are the object pairs that
// would not sync, each with what it lacks.
func (e *Engine) Review(ctx context.Context, s Setup) (held []string, err error) {
	c := newConn(s.Settings, s.Sides)
	for _, side := range core.Sides {
		if c.Accounts[side], err = c.Sides[side].Identity(ctx); err != nil {
			return nil, err
		}
	}
	if err := c.LoadSchemas(ctx); err != nil {
		return nil, err
	}
	c.HoldBack()
	return heldWords(c, heldRows(c, nil, e.Now())), c.Compile(ctx, e.Now())
}

// notOpened begins the suspension of a connection that cannot be opened; opening it
// ends that suspension.
const notOpened = "it cannot be opened: "

// Unopened suspends a connection by name that cannot be opened, and says why. The class is
// that of the call that has failed, blank for none.
func (e *Engine) Unopened(ctx context.Context, name string, class core.Class, cause error) error {
	return e.suspendUnopened(ctx, name, class, notOpened+cause.Error())
}

// endUnopened ends the suspension of a connection that could not be opened before.
func (e *Engine) endUnopened(ctx context.Context, c *Conn) error {
	var row store.Connection
	err := e.View(ctx, func(tx *store.Tx) (err error) { row, err = gate.Row(tx, &c.Known); return err })
	if err != nil || !strings.HasPrefix(row.Suspended, notOpened) {
		return err
	}
	return e.suspendUnopened(ctx, c.Settings.Name, core.ClassNone, "")
}

// suspendUnopened sets or clears such a suspension; one for another reason stays.
func (e *Engine) suspendUnopened(ctx context.Context, name string, class core.Class, why string) error {
	return e.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.ConnectionEnsure(name)
		if err != nil || row.Suspended != "" && !strings.HasPrefix(row.Suspended, notOpened) {
			return err
		}
		row.Suspended, row.Cause = why, class
		return tx.ConnectionSave(row)
	})
}
