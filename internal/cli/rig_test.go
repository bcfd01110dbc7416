package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/internal/config"
)

// rig is an org and a portal on loopback, and settings for them.
type rig struct {
	t    *testing.T
	sims *simulators
	dir  string
	file string
	mu   sync.Mutex
	said strings.Builder // everything that any verb printed
}

// newRig starts both simulators with the sample records.
func newRig(t *testing.T) *rig {
	t.Helper()
	return newRigWith(t, func(s *simulators) error { s.loadSample(5); return nil })
}

// newRigWith starts both simulators with what load puts into them.
func newRigWith(t *testing.T, load func(*simulators) error) *rig {
	t.Helper()
	s, err := newSimulators(simOptions{seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	if err := load(s); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.serve(ctx) }()
	r := &rig{t: t, sims: s, dir: t.TempDir()}
	r.file = filepath.Join(r.dir, "tandem.yaml")
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("simulators ended with %v", err)
		}
	})
	a := &app{Streams: Streams{Out: io.Discard, Err: io.Discard}, now: time.Now, env: os.LookupEnv, printed: newScreen(io.Discard, io.Discard)}
	if err := a.writeSimConfig(ctx, s, simSettings{file: r.file}); err != nil {
		t.Fatal(err)
	}
	return r
}

// patience ends a test that hangs; nothing that works takes as long on the slowest machine.
const patience = 5 * time.Minute

// run executes a command line and gives what it printed.
func (r *rig) run(args ...string) (code int, out, errs string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return r.runIn(ctx, args...)
}

func (r *rig) runIn(ctx context.Context, args ...string) (code int, out, errs string) {
	r.t.Helper()
	var o, e bytes.Buffer
	code = Run(ctx, append(args, "--config", r.file), Streams{In: strings.NewReader(""), Out: &o, Err: &e})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said.WriteString(o.String() + e.String())
	return code, o.String(), e.String()
}

// must runs a command line that has to end with the given code.
func (r *rig) must(want int, args ...string) string {
	r.t.Helper()
	code, out, errs := r.run(args...)
	if code != want {
		r.t.Fatalf("tandem %s: exit %d, want %d\n%s%s", strings.Join(args, " "), code, want, out, errs)
	}
	return out
}

// lastJSON decodes the last line of an output.
func lastJSON[T any](t *testing.T, out string) (v T) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &v); err != nil {
		t.Fatalf("last line is no JSON of the kind wanted: %v\n%s", err, out)
	}
	return v
}

// edit changes the settings file.
func (r *rig) edit(change func(*config.File)) {
	r.t.Helper()
	f, err := config.Load(r.file)
	if err != nil {
		r.t.Fatal(err)
	}
	change(f)
	if err := writeSettings(f, r.file); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) load() *config.File {
	r.t.Helper()
	f, err := config.Load(r.file)
	if err != nil {
		r.t.Fatal(err)
	}
	return f
}

// start runs a command line until the function returned is called, which gives
// its exit code. It waits until the first line is out.
func (r *rig) start(args ...string) (firstLine string, stop func() int) {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	in, out := io.Pipe()
	code := make(chan int, 1)
	var errs bytes.Buffer
	go func() {
		code <- Run(ctx, append(args, "--config", r.file), Streams{In: strings.NewReader(""), Out: out, Err: &errs})
		_ = out.Close()
	}()
	line, err := readLine(in)
	if err != nil {
		cancel()
		r.t.Fatalf("tandem %s ended with %d before its first line: %s", strings.Join(args, " "), <-code, errs.String())
	}
	go func() { _, _ = io.Copy(io.Discard, in) }()
	stop = sync.OnceValue(func() int {
		cancel()
		c := <-code
		r.mu.Lock()
		defer r.mu.Unlock()
		r.said.WriteString(errs.String())
		return c
	})
	r.t.Cleanup(func() { stop() })
	return line, stop
}

func readLine(in io.Reader) (string, error) {
	var line []byte
	b := make([]byte, 1)
	for {
		if _, err := in.Read(b); err != nil {
			return "", err
		}
		if b[0] == '\n' {
			return string(line), nil
		}
		line = append(line, b[0])
	}
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", patience, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
