package engine

import (
	"cmp"
	"context"

	"tandem/internal/core"
	"tandem/internal/engine/inclusion"
	"tandem/internal/policy"
)

// lookAtList follows who joins and who leaves the inclusion list, once people are
// followed.
func (e *Engine) lookAtList(ctx context.Context, c *Conn) error {
	if c.Switched[core.ContactPair].IsZero() {
		return nil
	}
	return c.List.Look(ctx, &e.Env, inclusion.Hands{
		Suspend: func(ctx context.Context, cause error) error {
			return cmp.Or(c.gate.Suspend(ctx, &e.Env, cause), e.MayWork(ctx, c))
		},
		Halt:   func(ctx context.Context, brake *core.Brake) error { return c.gate.Halt(ctx, &e.Env, brake) },
		KeepUp: func(ctx context.Context) error { return e.keepUp(ctx, c, maxBacklog) },
	})
}

// qualifies says whether a contact is in the inclusion list.
func (b *batch) qualifies(rec *core.Record) policy.Membership {
	return b.conn.List.List().Holds(rec, b.at.Add(b.conn.Offsets[core.HubSpot]), b.evaluated[rec.Ref.ID])
}

// readMembers asks HubSpot who is in the list, where that is not known here.
func (e *Engine) readMembers(ctx context.Context, b *batch) (err error) {
	var contacts []*core.Record
	for _, r := range b.folk.sorted() {
		if r.Side == core.HubSpot {
			contacts = append(contacts, b.folk.recs[r])
		}
	}
	b.evaluated, err = b.conn.List.Evaluated(ctx, &e.Env, b.at, contacts)
	return err
}
