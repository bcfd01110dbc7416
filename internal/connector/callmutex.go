package connector

import "sync"

// CallMutex is a mutex that is held while a side or the store is called. Who waits for
// it waits on a channel, so that virtual time (testing/synctest) can move meanwhile;
// waiting for a sync.Mutex holds it. The zero value is unlocked.
type CallMutex struct {
	once sync.Once
	held chan struct{} // full while somebody holds it
}

func (m *CallMutex) slot() chan struct{} {
	m.once.Do(func() { m.held = make(chan struct{}, 1) })
	return m.held
}

// Lock waits until nobody else holds the mutex.
func (m *CallMutex) Lock() { m.slot() <- struct{}{} }

// Unlock lets the next one hold it; the mutex must be held.
func (m *CallMutex) Unlock() { <-m.held }

// TryLock reports whether it could be had at once.
func (m *CallMutex) TryLock() bool {
	select {
	case m.slot() <- struct{}{}:
		return true
	default:
		return false
	}
}
