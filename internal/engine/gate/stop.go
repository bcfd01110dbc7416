package gate

import (
	"context"
	"fmt"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// MayWork is nil while a connection may work, or says what stops it, since when and
// what ends that: a disconnect, a pause, a suspension or a brake.
func MayWork(tx *store.Tx, c *conn.Known) error {
	row, err := Row(tx, c)
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
func lastAct(tx *store.Tx, action string, c *conn.Known) string {
	a, ok, err := tx.AuditLast(action, room.MustJSON(c.Settings.Name))
	if err != nil || !ok {
		return ""
	}
	return fmt.Sprintf(", by %s at %s", a.Who, a.At.UTC().Format("2006-01-02 15:04:05 UTC"))
}

// Row is the connection's row.
func Row(tx *store.Tx, c *conn.Known) (store.Connection, error) {
	rows, err := tx.Connections()
	for _, r := range rows {
		if r.ID == c.ID {
			return r, err
		}
	}
	return store.Connection{}, err
}

// Suspend stops the whole connection for a reason that is not one record's:
// credentials, permission, a used-up org limit.
func (g *Gate) Suspend(ctx context.Context, e *room.Env, cause error) error {
	err := e.Update(ctx, func(tx *store.Tx) error {
		row, err := Row(tx, g.c)
		if err != nil {
			return err
		}
		row.Suspended, row.Cause = cause.Error(), connector.ClassOf(cause)
		return tx.ConnectionSave(row)
	})
	if err != nil {
		return err
	}
	return g.Heed(ctx, e)
}

// Halt stores a brake and gives the error that ends the work of the connection.
func (g *Gate) Halt(ctx context.Context, e *room.Env, brake *core.Brake) error {
	err := e.Update(ctx, func(tx *store.Tx) error {
		return tx.BrakeSet(g.c.ID, store.Brake{Kind: string(brake.Kind), Reason: brake.Reason, At: e.Now(), Details: room.MustJSON(brake)})
	})
	if err == nil {
		err = g.Heed(ctx, e)
	}
	if err != nil {
		return err
	}
	return &room.Error{Code: room.CodeBrake, Message: "brake " + string(brake.Kind) + ": " + brake.Reason, Mend: brake.Mend}
}
