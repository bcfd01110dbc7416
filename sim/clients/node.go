package clients

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// patience bounds one run of a client; the slowest, a command line that
// installs nothing, takes a few seconds.
const patience = 2 * time.Minute

// Installed is the folder of the installed packages. The test is skipped where
// there is none, and fails where CI or TANDEM_REQUIRE_NODE asks for it.
func Installed(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(home(t), "node_modules")
	if _, err := os.Stat(filepath.Join(folder, ".installed")); err == nil {
		return folder
	}
	const why = "the clients of sim/clients/package.json are not installed: scripts/clients installs them and needs npm"
	if os.Getenv("CI") != "" || os.Getenv("TANDEM_REQUIRE_NODE") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
	return ""
}

// home is this package's folder, above that of the running test.
func home(t *testing.T) string {
	t.Helper()
	folder, err := os.Getwd()
	for err == nil && filepath.Base(folder) != "clients" {
		if folder == filepath.Dir(folder) {
			t.Fatal("the test does not run below sim/clients")
		}
		folder = filepath.Dir(folder)
	}
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// Binary is the Node.js to run clients with: the pinned one, else that of PATH.
func Binary(t *testing.T) string {
	t.Helper()
	folder := Installed(t)
	for _, arch := range []string{"x64", "arm64"} {
		pinned := filepath.Join(folder, "node-linux-"+arch, "bin", "node")
		if _, err := os.Stat(pinned); err == nil {
			return pinned
		}
	}
	found, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no Node.js: the pinned one is for Linux only, and PATH has none")
	}
	return found
}

// Node runs a script of the test's folder with the arguments as environment
// variables, and decodes the JSON value that it prints last on a line of its
// own into the answer, unless that is nil.
func Node(t *testing.T, script string, env map[string]string, answer any) {
	t.Helper()
	out := Run(t, env, script)
	if answer == nil {
		return
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), answer); err != nil {
		t.Fatalf("%s printed no answer: %v\n%s", script, err, out)
	}
}

// Run runs Node.js with arguments and gives what it printed; the test fails
// when it fails.
func Run(t *testing.T, env map[string]string, args ...string) string {
	t.Helper()
	out, errs, err := Try(t, env, args...)
	if err != nil {
		t.Fatalf("node %s: %v\n%s\n%s", strings.Join(args, " "), err, out, errs)
	}
	return out
}

// Try is Run for what may fail: it gives both outputs and the error of the
// process. PWD in the environment is the folder that it runs in.
func Try(t *testing.T, env map[string]string, args ...string) (out, errs string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, Binary(t), args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TMPDIR=" + t.TempDir(), "NO_COLOR=1"}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		cmd.Env = append(cmd.Env, name+"="+env[name])
	}
	cmd.Dir = env["PWD"]
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	return stdout.String(), stderr.String(), err
}
