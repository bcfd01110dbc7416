package cli

import (
	"context"
	"testing"
	"testing/synctest"
)

// Whoever asks in the moment between a daemon getting the turn and beginning its work gets
// the turn as well.
func TestATurnIsGivenToWhoAskedBeforeTheWorkBegan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := newTurn()
		if err := one.queue(t.Context()); err != nil { // as hold does first
			t.Fatal(err)
		}
		got := make(chan error, 1)
		go func() { got <- one.take(t.Context()) }()
		synctest.Wait() // it waits for the turn
		work, stop := context.WithCancel(t.Context())
		one.yields(stop)
		if work.Err() == nil {
			t.Error("the daemon works on, and nobody will ask again")
		}
		one.give()
		if err := <-got; err != nil {
			t.Error(err)
		}
	})
}
