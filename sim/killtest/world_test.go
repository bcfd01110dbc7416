//go:build unix

package killtest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "tandem/internal/cli" // what the program is built of: a stored result of these tests counts for no other
)

// lifetime bounds every process that the tests start.
func lifetime() time.Duration { return 8*time.Minute + time.Duration(*kills)*5*time.Second }

var (
	buildOnce sync.Once
	buildErr  error
	program   string
	buildDir  string
)

// tandem builds the program once for all tests of the program.
func tandem(t *testing.T) string {
	t.Helper()
	buildOnce.Do(func() {
		if buildDir, buildErr = os.MkdirTemp("", "killtest"); buildErr != nil { //nolint:usetesting // the program outlives the test that builds it
			return
		}
		program = filepath.Join(buildDir, "tandem")
		cmd := exec.Command("go", "build", "-o", program, "tandem/cmd/tandem")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			buildErr = fmt.Errorf("build tandem: %w\n%s", err, out)
		}
	})
	if buildErr != nil {
		t.Fatal(buildErr)
	}
	return program
}

// world is a simulated org and portal in a process of their own, and the
// settings with which the program reaches them.
type world struct {
	t      *testing.T
	dir    string
	config string
	at     struct {
		Salesforce struct {
			URL    string `json:"url"`
			Events string `json:"pubsub"`
			Token  string `json:"admin_token"`
		} `json:"salesforce"`
		HubSpot struct {
			URL   string `json:"url"`
			Token string `json:"admin_token"`
		} `json:"hubspot"`
	}
	idle int // runs one after the other that ended before they were killed
}

// newWorld loads the files into fresh simulators with these further flags. A blank store is SQLite.
func newWorld(t *testing.T, files map[string]string, store string, flags ...string) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	w.begin(files, store, flags...)
	return w
}

func (w *world) begin(files map[string]string, store string, flags ...string) {
	w.t.Helper()
	w.config = filepath.Join(w.dir, "tandem.yaml")
	for name, text := range files {
		path := filepath.Join(w.dir, "load", name)
		w.must(os.MkdirAll(filepath.Dir(path), 0o755))
		w.must(os.WriteFile(path, []byte(text), 0o644))
	}
	w.simulate(flags)
	w.tune(store)
}

func (w *world) simulate(flags []string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), lifetime())
	w.t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, tandem(w.t), append([]string{"simulate", "--json", "--limits", "off", "--latency", "10ms", "--load", filepath.Join(w.dir, "load"), "--write-config", w.config}, flags...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	w.must(err)
	w.must(cmd.Start())
	w.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		w.t.Fatalf("the simulators did not start: %v", err)
	}
	w.must(json.Unmarshal([]byte(line), &w.at))
}

var (
	settleLine = regexp.MustCompile(`settle_unknown_after: .*`)
	storeLine  = regexp.MustCompile(`store: .*`)
)

// tune shortens the wait for requests that a killed process had under way: the
// simulators answer within milliseconds, not within the vendors' ten minutes.
func (w *world) tune(store string) {
	w.t.Helper()
	text, err := os.ReadFile(w.config)
	w.must(err)
	out := settleLine.ReplaceAllString(string(text), "settle_unknown_after: 1s")
	out = strings.Replace(out, "from_hubspot: lead", "from_hubspot: contact", 1)
	if store != "" {
		out = storeLine.ReplaceAllString(out, "store: "+store)
	}
	w.must(os.WriteFile(w.config, []byte(out), 0o600))
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// ended is how a process came to its end.
type ended struct {
	killed bool // by our signal, before it was done
	code   int
	out    string
}

// command is a verb that is not started yet, and what it prints.
func (w *world) command(args ...string) (*exec.Cmd, *output) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), lifetime())
	w.t.Cleanup(cancel)
	cmd, out := exec.CommandContext(ctx, tandem(w.t), append(args, "--config", w.config, "--json")...), &output{}
	cmd.Stdout, cmd.Stderr = out, out
	return cmd, out
}

// run lets a verb end by itself.
func (w *world) run(args ...string) ended {
	w.t.Helper()
	return w.stop(0, args...)
}

// stop starts a verb and asks it to stop after a while; a zero while lets it end by
// itself.
func (w *world) stop(after time.Duration, args ...string) ended {
	w.t.Helper()
	cmd, out := w.command(args...)
	w.must(cmd.Start())
	if after > 0 {
		timer := time.AfterFunc(after, func() { _ = cmd.Process.Signal(syscall.SIGTERM) })
		defer timer.Stop()
	}
	err := cmd.Wait()
	status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
	e := ended{killed: status.Signaled(), code: cmd.ProcessState.ExitCode(), out: out.String()}
	if err != nil && e.code < 0 && !e.killed {
		w.t.Fatalf("tandem %v: %v\n%s", args, err, e.out)
	}
	return e
}

// finishImport lets an import come to its end.
func (w *world) finishImport(object string) {
	w.t.Helper()
	if e := w.run("import", object); e.code > 1 {
		w.t.Fatalf("import after kills: exit %d\n%s", e.code, e.out)
	}
}

// finish syncs until the program says that both sides are in step.
func (w *world) finish() {
	w.t.Helper()
	var last ended
	for range 25 {
		if last = w.run("sync", "--once"); last.code == 0 {
			return
		}
		time.Sleep(500 * time.Millisecond) // until an unanswered create may be looked for
	}
	w.t.Fatalf("sync --once does not converge: exit %d\n%s", last.code, last.out)
}
