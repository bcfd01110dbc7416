package connector_test

import (
	"testing"
	"testing/synctest"
	"time"

	"tandem/internal/connector"
)

// Time moves in a bubble while somebody waits for the mutex, which only one holds.
func TestCallMutex(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m connector.CallMutex
		m.Lock()
		if m.TryLock() {
			t.Error("a held mutex was had again")
		}
		had := make(chan time.Time, 1)
		go func() {
			m.Lock()
			had <- time.Now()
		}()
		began := time.Now()
		time.Sleep(time.Hour) // stands still for ever where the wait for the mutex is not a durable one
		m.Unlock()
		if waited := (<-had).Sub(began); waited != time.Hour {
			t.Errorf("had after %s", waited)
		}
		m.Unlock()
		if !m.TryLock() {
			t.Error("a free mutex was not had")
		}
	})
}
