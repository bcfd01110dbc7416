package engine

import (
	"tandem/internal/core"
)

// holdDeletion keeps the link of a pair whose deletion was to pass and did not take
// effect: the partner is there, and the deletion is tried again.
func (b *batch) holdDeletion(it *item) {
	if it.link == nil || it.relink == nil || it.relink.State != core.LinkClosed {
		return
	}
	for _, op := range it.sent() {
		o, sent := it.outcomes[op.Key]
		if !b.passesDeletion(op) || o.Status == core.Applied || o.Class == core.ClassGone {
			continue
		}
		it.relink, it.alias, it.marks, it.verdict = nil, nil, nil, Blocked
		if !sent {
			it.again(b.at)
		}
	}
}

// passesDeletion reports an op that tells a side of a deletion on the other one.
func (b *batch) passesDeletion(op *core.Op) bool {
	return op.Kind == core.OpArchive || op.Kind == core.OpUpdate && op.Fields[b.conn.DeletedField(op.Target.Side)] != ""
}
