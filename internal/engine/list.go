package engine

import (
	"cmp"
	"context"
	"maps"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/inclusion"
	"tandem/internal/policy"
)

// lookAtList follows who joins and who leaves an inclusion list, once the records that it
// lets pass are followed.
func (e *Engine) lookAtList(ctx context.Context, c *Conn, k *inclusion.Keeper) error {
	if c.Switched[k.Pair()].IsZero() {
		return nil
	}
	return k.Look(ctx, &e.Env, inclusion.Hands{
		Suspend: func(ctx context.Context, cause error) error {
			return cmp.Or(c.gate.Suspend(ctx, &e.Env, cause), e.MayWork(ctx, c))
		},
		Halt:   func(ctx context.Context, brake *core.Brake) error { return c.gate.Halt(ctx, &e.Env, brake) },
		KeepUp: func(ctx context.Context) error { return e.keepUp(ctx, c, maxBacklog) },
	})
}

// qualifies says whether a HubSpot record is in the inclusion list of its object.
func (b *batch) qualifies(rec *core.Record) policy.Membership {
	return b.conn.Lists.Of(rec.Ref.Object).Holds(rec, b.at.Add(b.conn.Offsets[core.HubSpot]), b.evaluated[rec.Ref])
}

// listed is what the inclusion list of a HubSpot record says of it.
func (b *batch) listed(rec *core.Record) policy.Listed {
	return policy.Listed{Segment: b.qualifies(rec), ListNote: b.conn.Lists.Of(rec.Ref.Object).Note()}
}

// readMembers asks HubSpot who is in the lists, where that is not known here: of the people
// and of the records of the batch.
func (e *Engine) readMembers(ctx context.Context, b *batch) error {
	recs := maps.Clone(b.folk.recs)
	for _, it := range b.items {
		if it.live(core.HubSpot) {
			recs[it.recs[core.HubSpot].Ref] = it.recs[core.HubSpot]
		}
	}
	b.evaluated = map[core.Ref]time.Time{}
	for _, k := range b.conn.Lists {
		var of []*core.Record
		for _, r := range sortedRefs(recs) {
			if r.Side == core.HubSpot && r.Object == k.Object() {
				of = append(of, recs[r])
			}
		}
		told, err := k.Evaluated(ctx, &e.Env, b.at, of)
		if err != nil {
			return err
		}
		for id, at := range told {
			b.evaluated[core.Ref{Side: core.HubSpot, Object: k.Object(), ID: id}] = at
		}
	}
	return nil
}
