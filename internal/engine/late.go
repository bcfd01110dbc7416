package engine

import (
	"sync"

	"tandem/internal/core"
)

// late are the records that could not be looked at for a passing reason, as a limit of a
// side, and were not looked at since: whatever a sync says, these are not known to be in
// step.
type late struct {
	mu   sync.Mutex
	refs map[core.Ref]bool
}

// begin takes the records of a batch that is worked on.
func (l *late) begin(entries []core.Dirty) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, d := range entries {
		delete(l.refs, d.Ref)
	}
}

// add notes the records of a batch that was put off.
func (l *late) add(entries []core.Dirty) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refs == nil {
		l.refs = map[core.Ref]bool{}
	}
	for _, d := range entries {
		l.refs[d.Ref] = true
	}
}

func (l *late) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.refs)
}
