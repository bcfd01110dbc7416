package dst

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

var (
	seeds   = flag.Uint64("seeds", 8, "how many histories to play")
	first   = flag.Uint64("first", 1, "the first seed")
	steps   = flag.Int("steps", 40, "acts in a history")
	watch   = flag.Bool("watch", false, "print each line of a run at its moment")
	once    = flag.Bool("once", false, "play each history once only")
	explain = flag.Bool("explain", false, "put into the lines what waited at each decision")
	replay  = flag.String("replay", "", "play the history of this file, and print it")
	shrink  = flag.Bool("shrink", false, "shrink a history that fails")
	keep    = flag.String("keep", os.TempDir(), "where histories that fail are kept")
)

// TestSim plays drawn histories, each twice: the invariants hold, and the same history
// gives the same trace (I21).
func TestSim(t *testing.T) {
	if *replay != "" {
		t.Skip("a history is replayed")
	}
	if n := processes(); n > 1 {
		shared(t, n)
		return
	}
	for seed := *first; seed < *first+*seeds; seed += *stride {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			h := Draw(seed, *steps)
			if err := h.Save(kept(h)); err != nil { // a history that ends the process is known too
				t.Fatal(err)
			}
			res := played(t, h)
			card.Add(h, res)
			t.Logf("trace %016x", res.Trace)
			judged(t, h, res)
			if len(res.Broken) == 0 {
				_ = os.Remove(kept(h))
			}
			if *once {
				return
			}
			card.Twice++
			if again := played(t, h); again.Trace != res.Trace {
				card.Unequal++
				t.Errorf("I21: another trace: %s", differ(res, again))
			}
		})
	}
}

func TestReplay(t *testing.T) {
	if *replay == "" {
		t.Skip("no -replay")
	}
	h, err := Read(*replay)
	if err != nil {
		t.Fatal(err)
	}
	res := played(t, h)
	res.Print(os.Stdout)
	judged(t, h, res)
}

func played(t *testing.T, h History) (res Result) {
	t.Helper()
	Explain = *explain
	if *watch {
		Watch = os.Stderr
	}
	synctest.Test(t, func(t *testing.T) { res = Play(t, h) })
	return res
}

// TestRegressions plays each history that is kept: those that failed once, and their
// neighbours.
func TestRegressions(t *testing.T) {
	files, err := filepath.Glob("testdata/regressions/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no histories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			h, err := Read(file)
			if err != nil {
				t.Fatal(err)
			}
			res := played(t, h)
			card.Regressions++
			judged(t, h, res)
		})
	}
}

// judged reports what broke, and keeps the history in which it did.
func judged(t *testing.T, h History, res Result) {
	t.Helper()
	if len(res.Broken) == 0 {
		return
	}
	for _, b := range res.Broken {
		t.Error(b)
	}
	if *shrink {
		h = Shrink(h, func(c History) bool { return slices.Contains(rules(played(t, c)), rules(res)[0]) })
	}
	if err := h.Save(kept(h)); err != nil {
		t.Error(err)
	}
	t.Logf("replay: go test ./sim/simtest/dst -run Replay -replay %s", kept(h))
}

// kept is the file of a history: from before it is played, until it has not failed.
func kept(h History) string { return fmt.Sprintf("%s/history-%d.json", *keep, h.Seed) }

// rules are the invariants that broke.
func rules(res Result) (ids []string) {
	for _, b := range res.Broken {
		id, _, _ := strings.Cut(b, ":")
		ids = append(ids, id)
	}
	return ids
}

// differ is the first line in which two runs differ.
func differ(a, b Result) string {
	for i := range a.Lines {
		if i >= len(b.Lines) || a.Lines[i] != b.Lines[i] {
			return fmt.Sprintf("line %d:\n%s\nthen\n%s", i, around(a.Lines, i), around(b.Lines, i))
		}
	}
	return fmt.Sprintf("%d lines, then %d", len(a.Lines), len(b.Lines))
}

// around are the lines near one, as a person reads them.
func around(lines []Line, i int) string {
	var out strings.Builder
	for _, l := range lines[max(0, min(i-14, len(lines))):min(i+16, len(lines))] {
		l.print(&out)
	}
	return out.String()
}
