package dst

import (
	"flag"
	"os"
	"runtime"
	"runtime/debug"
	"testing"
)

// card is the score of the histories of this run.
var card Card

// TestMain keeps to one processor: the numbers of goroutines tell in which order they
// were started on one only. A run ends with its score.
func TestMain(m *testing.M) {
	flag.Parse()
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(-1) // the garbage of a history is small beside what a collection walks through
	debug.SetMemoryLimit(768 << 20)
	status := m.Run()
	if card.Histories > 0 {
		card.Print(os.Stdout)
	}
	os.Exit(status)
}
