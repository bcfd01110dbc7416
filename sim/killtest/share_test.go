//go:build unix

package killtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tandem/internal/store/storetest/pgtest"
)

// TestC10_TakeoverWithTheDefaults kills the worker that works on the connection, with the
// lease as it is where nobody sets one, and tells how long the work lay.
func TestC10_TakeoverWithTheDefaults(t *testing.T) {
	store := pgtest.Address(t)
	t.Parallel()
	w := newWorld(t, fleetExports(), store)
	w.finishImport("company")
	w.finish()
	all := w.workers(3)
	at, others := w.holder(all)
	w.passes(takeover, "Before")
	at.signal(syscall.SIGKILL)
	killed := time.Now()
	w.ends(at, 10*time.Second)
	// A lease of 60 seconds, and up to 45 until River hands the work on. Twice as much is
	// for a machine that is busy with other tests.
	w.passes(2*longestTakeover, "After")
	took := time.Since(killed)
	say("the work of a killed worker was taken over after %s with the default lease, by one of %d", took.Round(time.Second), len(others))
	if took > longestTakeover {
		t.Logf("%s is longer than the %s that are promised for machines that have nothing else to do", took, longestTakeover)
	}
}

// longestTakeover is what is promised with the default lease.
const longestTakeover = 2 * time.Minute

// TestC10_TheDailyShareIsKeptInSum kills one worker after the other while polls use up the
// daily share of calls to Salesforce: whoever takes over goes on with the count, so that all
// workers together stay within it.
func TestC10_TheDailyShareIsKeptInSum(t *testing.T) {
	store := pgtest.Address(t)
	t.Parallel()
	w := newWorld(t, fleetExports(), store)
	w.finishImport("company")
	w.finish()
	share := w.callsToSalesforce() + 240
	w.rewrite(func(text string) string {
		text = strings.Replace(text, "\n    events: cdc\n", fmt.Sprintf("\n    events: poll\n    daily_api_calls: %d\n", share), 1)
		text = strings.Replace(text, "poll_every: 1m", "poll_every: 1s", 1)
		return strings.Replace(text, "\nconnections:", "\nfleet: {lease: 3s}\nconnections:", 1)
	})
	all := w.workers(2)
	kills := 0
	for _, left := range []int{160, 80} { // what is left of the share when the next worker is killed
		w.eventually(takeover, fmt.Sprintf("only %d calls are left", left), func() bool { return w.callsToSalesforce() >= share-left })
		at, _ := w.holder(all)
		at.signal(syscall.SIGKILL)
		w.ends(at, 10*time.Second)
		kills++
		i := slices.Index(all, at)
		all[i] = w.serve()
	}
	w.eventually(takeover, "the share is used up", func() bool { return strings.Contains(w.run("status").out, `"state":"limited"`) })
	w.eventually(takeover, "nobody calls any more", w.quiet)
	// What a killed worker called in its last two seconds it could not note (promises).
	if calls, slack := w.callsToSalesforce(), kills*25; calls > share+slack {
		t.Errorf("%d calls were made; the share is %d, and %d workers were killed", calls, share, kills)
	} else {
		say("%d calls were made of a share of %d by workers of which %d were killed", calls, share, kills)
	}
}

// quiet reports that nobody but the tests has called Salesforce for some seconds.
func (w *world) quiet() bool {
	before := w.callsToSalesforce()
	for began := time.Now(); time.Since(began) < 5*time.Second; time.Sleep(100 * time.Millisecond) {
		if w.callsToSalesforce() != before {
			return false
		}
	}
	return true
}

// callsToSalesforce counts the calls that the program has made.
func (w *world) callsToSalesforce() (n int) {
	w.t.Helper()
	var stats struct {
		By map[string]int `json:"by_client"`
	}
	w.call(http.MethodGet, w.at.Salesforce.URL+"/_sim/stats", w.at.Salesforce.Token, nil, &stats)
	for who, calls := range stats.By {
		if !strings.HasPrefix(who, "admin@") {
			n += calls
		}
	}
	return n
}
