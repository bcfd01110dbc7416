package console

import (
	"sync"
	"time"
)

// After triesFree wrong passwords for a name within triesSpan the next ones are refused
// without a look until the span has passed. Names are forgotten then; at most mostNames
// are kept.
const (
	triesFree = 5
	triesSpan = 5 * time.Minute
	mostNames = 10_000
)

// tries counts wrong passwords by name.
type tries struct {
	now func() time.Time
	mu  sync.Mutex
	of  map[string]*tried
}

type tried struct {
	since time.Time
	n     int
}

func newTries(now func() time.Time) *tries { return &tries{now: now, of: map[string]*tried{}} }

// may counts one more try for a name and reports that it is allowed.
func (t *tries) may(name string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.of) >= mostNames {
		t.forget()
	}
	one := t.of[name]
	if one == nil || t.now().Sub(one.since) >= triesSpan {
		one = &tried{since: t.now()}
		t.of[name] = one
	}
	one.n++
	return one.n <= triesFree
}

// right forgets the tries of a name whose password was right.
func (t *tries) right(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.of, name)
}

// forget drops what is over, or everything where that is nothing.
func (t *tries) forget() {
	for name, one := range t.of {
		if t.now().Sub(one.since) >= triesSpan {
			delete(t.of, name)
		}
	}
	if len(t.of) >= mostNames {
		clear(t.of)
	}
}
