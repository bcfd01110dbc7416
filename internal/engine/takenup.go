package engine

import (
	"context"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/store"
)

// takeUp lets the records that an import names sync although an undo ended their link: who
// imports again, with the settings mended, means what was undone.
func (b *batch) takeUp(entries []core.Dirty) {
	for _, d := range entries {
		l := b.links[d.Ref]
		if l == nil || !d.Reasons.Has(core.ReasonImport) || d.Reasons.Has(core.ReasonUndo) || l.State != core.LinkClosed || !conn.Undone(l) || l.Refs[d.Ref.Side] != d.Ref {
			continue
		}
		conn.TakeUp(l)
		b.takenUp = append(b.takenUp, l)
	}
}

// saveTakenUp keeps that beyond this look: a record that cannot be brought at once is tried
// again, and an edit may be what mends it.
func (e *Engine) saveTakenUp(ctx context.Context, b *batch) error {
	if len(b.takenUp) == 0 {
		return nil
	}
	return e.Update(ctx, func(tx *store.Tx) error { return tx.LinkSave(b.conn.ID, b.takenUp...) })
}
