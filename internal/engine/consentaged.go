package engine

import (
	"context"
	"errors"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
)

// stillBack asks HubSpot once more about everybody whose opt-out is about to be cleared in
// Salesforce, and reads the other records of the address there, where both aged while the batch
// waited for its turn: nothing lets us write a record on the condition that others stay as they
// are. Who is opted out by now is looked at afresh.
func (e *Engine) stillBack(ctx context.Context, b *batch, all []sending) ([]sending, error) {
	asked := b.spokenFor(all)
	if len(asked) == 0 || e.Now().Sub(b.consents.asked) < staleAfter {
		return all, nil
	}
	keeper, ok := b.conn.Sides[core.HubSpot].(connector.ConsentKeeper)
	if !ok {
		return all, nil
	}
	said, err := keeper.Consents(ctx, asked)
	var refused *connector.Error
	if err != nil && (!errors.As(err, &refused) || refused.Class != core.ClassRejected) {
		return nil, err
	}
	got, err := e.fetch(ctx, b, b.unticked(asked))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(s sending) bool {
		for _, address := range b.spokenFor([]sending{s}) {
			now, told := said[address]
			if !told || now.Out || slices.ContainsFunc(b.unticked([]string{address}), func(r core.Ref) bool { return got[r] != nil && ticked(got[r]) }) {
				s.it.outcomes[s.op.Key] = core.Outcome{Key: s.op.Key, Status: core.Stale, Class: core.ClassStale, Code: connector.CodeChanged,
					Message: "the address opted out between what was read of it and the writing"}
				return true
			}
		}
		return false
	}), nil
}

// unticked are the records of addresses that showed no opt-out.
func (b *batch) unticked(addresses []string) (out []core.Ref) {
	for _, address := range addresses {
		for r, rec := range b.consents.voices[address].boxes {
			if rec != nil && !ticked(rec) {
				out = append(out, r)
			}
		}
	}
	slices.SortFunc(out, core.Ref.Compare)
	return slices.Compact(out)
}

// spokenFor are the addresses of the records whose opt-out is cleared.
func (b *batch) spokenFor(all []sending) (out []string) {
	if b.consents == nil {
		return nil
	}
	box := conn.OptOutField[core.Salesforce]
	for _, s := range all {
		if s.op.Target.Side != core.Salesforce || s.op.Fields[box] != "false" || s.op.Before[box] != "true" {
			continue
		}
		for address, v := range b.consents.voices {
			if v.boxes[s.op.Target] != nil {
				out = append(out, address)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
