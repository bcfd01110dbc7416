package engine

import (
	"slices"
	"sync"

	"tandem/internal/core"
	"tandem/internal/engine/room"
)

// chains count how many records in a row had another one looked at without anything being
// changed: two that send each other round wait ever longer, and so never spend the calls
// of a day. A change, and whatever comes from outside, begins anew.
type chains struct {
	mu sync.Mutex
	of map[core.Ref]int
}

// chainFree is how many records may have each other looked at at once: more than any
// conversion with its merges, accounts and deals needs.
const chainFree = 8

// behind is how many records had each other looked at up to the ones given.
func (c *chains) behind(refs []core.Ref) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range refs {
		n = max(n, c.of[r])
	}
	return n
}

// settle forgets the records that were looked at, and notes those marked.
func (c *chains) settle(looked []core.Ref, next map[core.Ref]int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of = map[core.Ref]int{}
	}
	for _, r := range looked {
		delete(c.of, r)
	}
	for r, n := range next {
		c.of[r] = max(c.of[r], n)
	}
}

// spaced are the marks of an item that was settled: at once where it changed anything, and
// ever later the longer nobody does.
func (b *batch) spaced(it *item, next map[core.Ref]int) []core.Dirty {
	if len(it.marks) == 0 || it.changed() {
		return it.marks
	}
	n := b.conn.chains.behind(room.DirtyRefs(it.entries)) + 1
	out := slices.Clone(it.marks)
	for i := range out {
		next[out[i].Ref] = max(next[out[i].Ref], n)
		if n > chainFree {
			out[i].NotBefore = room.Latest(out[i].NotBefore, b.at.Add(room.Backoff(n-chainFree)))
		}
	}
	return out
}

// changed reports that settling an item changed a record or a link.
func (it *item) changed() bool {
	return it.newLink != nil || it.relink != nil || len(it.absorbs) > 0 ||
		slices.ContainsFunc(it.sent(), func(op *core.Op) bool { return it.outcomes[op.Key].Status == core.Applied })
}

// looked are the records whose entries the batch was made of.
func (b *batch) looked() (out []core.Ref) {
	for _, it := range b.items {
		out = append(out, room.DirtyRefs(it.entries)...)
	}
	return out
}
