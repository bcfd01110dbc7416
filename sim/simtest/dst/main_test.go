package dst

import (
	"flag"
	"fmt"
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
	debug.SetMemoryLimit(256 << 20)
	status := m.Run()
	if err := told(); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

// told prints the score, or writes it for the process that adds it up.
func told() error {
	if *tally != "" {
		return writeScore(card, *tally)
	}
	if card.Histories > 0 {
		card.Print(os.Stdout)
	}
	return nil
}
