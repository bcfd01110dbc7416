package hubspotsim

import (
	"container/heap"
	"time"

	"tandem/sim/hubspotsim/notify"
)

// task is work the portal does by itself some time after a write.
type task struct {
	due int64 // ms
	seq int64
	run func()
}

type taskHeap []task

func (h taskHeap) Len() int { return len(h) }
func (h taskHeap) Less(i, j int) bool {
	return h[i].due < h[j].due || h[i].due == h[j].due && h[i].seq < h[j].seq
}
func (h taskHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *taskHeap) Push(x any)   { *h = append(*h, x.(task)) }
func (h *taskHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = task{}
	*h = old[:len(old)-1]
	return last
}

// later runs work under the lock once the portal's clock has gone on by wait.
func (p *Portal) later(wait time.Duration, run func()) {
	p.taskSeq++
	heap.Push(&p.tasks, task{p.nowMS() + wait.Milliseconds(), p.taskSeq, run})
	p.arm()
}

// arm sets the timer to the next task. Requests run due tasks too, so the timer
// matters only for a portal that nobody asks.
func (p *Portal) arm() {
	due, ok := p.nextDue()
	if !ok || p.closed.Load() {
		return
	}
	wait := max(due.Sub(p.clock()), time.Millisecond)
	if p.timer == nil {
		p.timer = time.AfterFunc(wait, p.wake)
		return
	}
	p.timer.Reset(wait)
}

// nextDue is when the portal next has something to do by itself.
func (p *Portal) nextDue() (time.Time, bool) {
	due, ok := p.lists.NextDue()
	if len(p.tasks) > 0 {
		if at := time.UnixMilli(p.tasks[0].due); !ok || at.Before(due) {
			due, ok = at, true
		}
	}
	return due, ok
}

func (p *Portal) wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.runDue()
}

// runDue does the work that is due; the lock is held.
func (p *Portal) runDue() {
	if p.closed.Load() {
		return
	}
	for len(p.tasks) > 0 && p.tasks[0].due <= p.nowMS() {
		heap.Pop(&p.tasks).(task).run()
	}
	p.publishMemberships(p.lists.Advance(p.clock()))
	p.refreshIndex()
	p.arm()
}

const rollupDelay = time.Second

// recalculateLater has the roll-ups of a record recalculated, which moves its
// modified stamp although nobody wrote it.
func (p *Portal) recalculateLater(t *table, r *record) {
	if r.rollup || p.silent || !t.rollsUp() {
		return
	}
	r.rollup = true
	p.later(rollupDelay, func() { p.recalculate(t, r) })
}

// rollsUp: only these types have properties that count associations.
func (t *table) rollsUp() bool { return t.id == typeContact || t.id == typeCompany || t.id == typeDeal }

func (p *Portal) recalculate(t *table, r *record) {
	r.rollup = false
	if t.records[r.id] != r || !r.live() {
		return
	}
	next := *r.cur
	w := write{op: opRecalculate, by: calculated, t: t, r: r, next: &next, quiet: true, still: p.rollupsKeep}
	for _, name := range []string{"num_associated_contacts", "associatedcompanyid"} {
		if d := t.schema.find(name); d != nil && d.derive != nil {
			w.events = append(w.events, notify.Change{Kind: notify.PropertyChange, Property: name, Value: p.see(t, r).of(d)})
		}
	}
	r.rolled = p.stamp()
	p.commit(w)
}
