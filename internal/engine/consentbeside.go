package engine

import (
	"context"
	"maps"
	"slices"

	"tandem/internal/core"
	"tandem/internal/store"
)

// askBeside finds the boxes about to be cleared that another connection of the org has to
// stay ticked, whether that one runs or not: the box is one for all portals, and who came
// back in one of them did not in the others.
func (e *Engine) askBeside(ctx context.Context, b *batch, open []*voice) error {
	of := map[core.Ref][]string{}
	for _, v := range open {
		for _, r := range b.consents.answers[v.address].Clear {
			of[r] = b.consents.addressesOf(r)
		}
	}
	if len(of) == 0 {
		return nil
	}
	err := e.View(ctx, func(tx *store.Tx) (err error) {
		b.consents.held, err = tx.BoxesHeld(b.conn.ID, of)
		return err
	})
	if err == nil && len(b.consents.held) > 0 {
		b.answerConsents(open)
	}
	return err
}

// addressesOf are the addresses that a record stands for.
func (cs *consents) addressesOf(r core.Ref) (out []string) {
	for address, v := range cs.voices {
		if v.boxes[r] != nil {
			out = append(out, address)
		}
	}
	slices.Sort(out)
	return out
}

// keptBeside reports that a box stays ticked for another connection of the org alone.
func (b *batch) keptBeside(r core.Ref) bool { return b.consents.held[r] && !b.heldOut(r) }

// loadBeside finds the boxes that another connection of the org ticked for an opt-out that
// is older than the word by which the address was taken back here.
func (b *batch) loadBeside(tx *store.Tx) error {
	cs := b.consents
	refs, addresses := map[core.Ref]bool{}, []string{}
	for address, v := range cs.voices {
		if cs.stored[address].State != core.Resubscribed {
			continue
		}
		addresses = append(addresses, address)
		for r, rec := range v.boxes {
			if _, known := cs.ticks[r]; !known && ticked(rec) {
				refs[r] = true
			}
		}
	}
	if len(refs) == 0 {
		return nil
	}
	slices.Sort(addresses)
	since, err := tx.TicksBeside(b.conn.ID, slices.SortedFunc(maps.Keys(refs), core.Ref.Compare), addresses)
	for r, of := range since {
		for address, at := range of {
			if cs.voices[address].boxes[r] != nil && at.Before(cs.stored[address].Back) {
				cs.ticks[r], cs.beside[r] = store.TickBeside(cs.voices[address].boxes[r].Stamp), true
			}
		}
	}
	return err
}
