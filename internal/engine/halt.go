package engine

import (
	"context"
	"errors"

	"tandem/internal/core"
	"tandem/internal/engine/gate"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// Halt is what keeps a connection from working until a person ends it.
type Halt struct {
	Rule    string `json:"id"`
	Message string `json:"message"`
	Mend    string `json:"mend"`
}

// haltOf is what stops the connection, nil for nothing.
func (e *Engine) haltOf(ctx context.Context, c *Conn) (h *Halt, err error) {
	err = e.View(ctx, func(tx *store.Tx) error {
		err := gate.MayWork(tx, &c.Known)
		var own *room.Error
		if !errors.As(err, &own) || !room.Stops(err) {
			return err
		}
		row, err := gate.Row(tx, &c.Known)
		h = &Halt{Rule: haltRule(row, own), Message: own.Message, Mend: own.Mend}
		return err
	})
	return h, err
}

// haltRule is the requirement under which a connection stands still.
func haltRule(row store.Connection, why *room.Error) string {
	switch {
	case why.Code == room.CodeBrake:
		return "I10"
	case why.Code == room.CodeSuspended:
		return "SUS-1"
	case !row.Disconnected.IsZero():
		return "INST-11"
	}
	return "INST-10"
}

// halted puts what stops the connection ahead of what a sync would do: nothing is in
// step for longer than until the next change.
func (x *Explanation) halted() {
	if x.Halt == nil || x.Verdict == NotFound {
		return
	}
	if x.Halt.Rule == "INST-10" {
		for _, d := range x.Rules {
			if d.Facts["paused"] != "" {
				d.Facts["paused"] = "true"
			}
		}
	}
	x.Rules = append([]core.Decision{{Rule: x.Halt.Rule, Outcome: policy.Wait, Facts: map[string]string{"because": x.Halt.Message}}}, x.Rules...)
	if x.Verdict != Blocked {
		x.Verdict = Pending
	}
}
