package dst

import (
	"encoding/gob"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"
)

var (
	procs  = flag.Int("procs", 1, "how many processes share the histories; 0 for one on each processor")
	stride = flag.Uint64("stride", 1, "play the first history and every one that is so far behind")
	tally  = flag.String("tally", "", "write the score to this file in place of printing it")
)

// processes is how many share the histories: one process keeps to one processor.
func processes() int {
	if *procs == 0 {
		return runtime.NumCPU()
	}
	return *procs
}

// shared has each of several processes play its share of the histories, and adds up what
// they scored.
func shared(t *testing.T, among int) {
	var adding sync.Mutex
	for n := range min(among, int(*seeds)) {
		t.Run(fmt.Sprintf("share %d of %d", n+1, among), func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "score")
			out, err := share(t, n, among, file).CombinedOutput()
			if err != nil {
				t.Errorf("%v: %s", err, out)
			}
			scored, err := readScore(file)
			if err != nil {
				t.Fatal(err)
			}
			adding.Lock()
			defer adding.Unlock()
			card.Join(scored)
		})
	}
}

// share is the process that plays the n-th share of the histories.
func share(t *testing.T, n, among int, file string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var left time.Duration // without an end
	if end, ok := t.Deadline(); ok {
		left = time.Until(end)
	}
	return exec.CommandContext(t.Context(), self, "-test.run", "^TestSim$", "-test.timeout", left.String(),
		"-stride", fmt.Sprint(among), "-first", fmt.Sprint(*first+uint64(n)), "-seeds", fmt.Sprint(*seeds-uint64(n)), "-steps", fmt.Sprint(*steps),
		"-once="+fmt.Sprint(*once), "-shrink="+fmt.Sprint(*shrink), "-keep", *keep, "-tally", file)
}

func writeScore(c Card, file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(gob.NewEncoder(f).Encode(c), f.Close())
}

func readScore(file string) (c Card, err error) {
	f, err := os.Open(file)
	if err != nil {
		return c, err
	}
	defer f.Close()
	return c, gob.NewDecoder(f).Decode(&c)
}

// Histories that several processes share score as those that one plays, and each is played
// by one of them.
func TestSharedHistoriesScoreAsThoseOfOneProcess(t *testing.T) {
	if *replay != "" {
		t.Skip("a history is replayed")
	}
	score := func(n, among int) Card {
		file := filepath.Join(t.TempDir(), "score")
		cmd := share(t, n, among, file)
		cmd.Args = append(cmd.Args, "-first", fmt.Sprint(1+n), "-seeds", fmt.Sprint(3-n), "-steps", "8")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		c, err := readScore(file)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	whole, parts := score(0, 1), score(0, 2)
	if whole.Histories != 3 || parts.Histories != 2 {
		t.Errorf("%d histories, and %d in the first of two shares; want 3 and 2", whole.Histories, parts.Histories)
	}
	parts.Join(score(1, 2))
	if a, b := fmt.Sprint(whole), fmt.Sprint(parts); a != b { // fmt sorts maps
		t.Errorf("scores differ:\n%s\n%s", a, b)
	}
}
