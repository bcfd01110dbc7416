package engine

import (
	"fmt"

	"tandem/internal/core"
)

// cost estimates the API calls that applying a plan needs: reaching both sides,
// reading each batch again, full calls of writes, and a look at what was stored.
type cost struct {
	c *Conn
	// reads is what reading the batches that hold ops took while planning.
	reads   callsAt
	batches int
	items   int
	writes  callsAt
	// calls counts the ops of the batch that is being filled, by what one call
	// may carry together.
	calls map[writeCall]int
}

// writeCall is what one call may carry together.
type writeCall struct {
	side   core.Side
	kind   core.OpKind
	object core.Object
	assign bool
}

// Calls that follow writes: one a batch where it holds any such op.
const (
	callReadBack = core.OpKind("read back")
	callHistory  = core.OpKind("history")
)

// read notes what reading a batch took that some ops came from.
func (k *cost) read(calls callsAt) {
	k.batches++
	for side := range calls {
		k.reads[side] += calls[side]
	}
}

// add puts an item where apply would put it.
func (k *cost) add(b *batch, it *item) {
	if k.items++; k.calls == nil {
		k.calls = map[writeCall]int{}
	}
	for _, op := range it.sent() {
		k.calls[writeCall{op.Target.Side, op.Kind, op.Target.Object, op.Assign}]++
		k.follow(b, it, op)
	}
	if k.items%batchSize == 0 {
		k.flush()
	}
}

// follow counts what an op brings about: the new id on the record that it was
// made from, the look at what was stored, and at what was overwritten.
func (k *cost) follow(b *batch, it *item, op *core.Op) {
	side := op.Target.Side
	if from := op.Source; op.Kind == core.OpCreate && it.ops[side.Other()] == nil {
		k.calls[writeCall{from.Side, core.OpUpdate, from.Object, false}]++
	}
	if op == it.ops[side] && !k.c.Sides[side].Caps().ReturnsRow && it.carriesValues(b, side) {
		k.calls[writeCall{side: side, kind: callReadBack}] = 1
	}
	if op == it.ops[core.HubSpot] && op.Kind == core.OpUpdate && len(it.replaced(b)) > 0 {
		k.calls[writeCall{side: side, kind: callHistory}]++
	}
}

func (k *cost) flush() {
	for w, n := range k.calls {
		size := max(k.c.Sides[w.side].Caps().BatchSize, 1)
		switch w.kind {
		case callHistory:
			size = 50 // HubSpot reads the history of 50 records a call
		case core.OpUnsubscribe:
			size = 1 // but where HubSpot's tier has batches
		}
		k.writes[w.side] += (n + size - 1) / size
	}
	k.calls = nil
}

// sum is the whole estimate.
func (k *cost) sum() callsAt {
	k.flush()
	out := k.c.opened
	for side := range out {
		out[side] += k.writes[side]
		if k.batches > 0 {
			again := (k.items + batchSize - 1) / batchSize
			out[side] += (k.reads[side]*again + k.batches - 1) / k.batches
		}
	}
	return out
}

// estimate fills in what applying costs: calls, and the time they take at the
// burst limits.
func (k *PlanCounts) estimate(c *cost) {
	sum := c.sum()
	k.Calls, k.Opening = sum.bySide(), c.c.opened.bySide()
	k.Seconds = max(float64(sum[core.HubSpot])/18, float64(sum[core.Salesforce])/20)
}

// opName says what an op does and to what kind of record: "create companies".
func opName(op *core.Op) string { return fmt.Sprintf("%s %s", op.Kind, op.Target.Object) }
