package cli

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/store/storetest/pgtest"
)

// asTandem makes the test's own program be tandem, so that the commands of a page
// are run by a shell as a reader runs them.
const asTandem = "TANDEM_TEST_AS_TANDEM"

func TestMain(m *testing.M) {
	if os.Getenv(asTandem) == "" {
		manyAtOnce()
		os.Exit(pgtest.Main(m))
	}
	ctx, stop := context.WithTimeout(context.Background(), 2*patience) // a shell that dies leaves nothing behind
	code := Main(ctx, os.Args[1:], Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}

// manyAtOnce lets more tests run than there are processors, for most of their time they wait.
func manyAtOnce() {
	flag.Parse()
	if p := flag.Lookup("test.parallel"); p != nil && p.Value.String() == p.DefValue {
		_ = flag.Set("test.parallel", "8")
	}
}

// docStep is one command of a page and what the page shows for it.
type docStep struct {
	command string
	want    []string
}

// readSteps takes the commands and answers out of the console blocks of a page.
func readSteps(page string) (steps []docStep) {
	inside, here := false, ""
	for line := range strings.Lines(page) {
		line = strings.TrimSuffix(line, "\n")
		last := len(steps) - 1
		switch {
		case !inside || line == "```":
			inside = line == "```console"
		case here != "":
			steps[last].command += "\n" + line
			if line == here {
				here = ""
			}
		case strings.HasPrefix(line, "$ "):
			steps = append(steps, docStep{command: line[2:]})
			if _, mark, ok := strings.Cut(line, "<<'"); ok {
				here = strings.TrimSuffix(mark, "'")
			}
		default:
			steps[last].want = append(steps[last].want, line)
		}
	}
	return steps
}

// TestThePageOfTheSimulatorsIsTrue runs every command of docs/simulate.md.
func TestThePageOfTheSimulatorsIsTrue(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"sh", "curl", "sed", "grep"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the page needs %s, which is not installed", tool)
		}
	}
	page, err := os.ReadFile("../../docs/simulate.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("127.0.0.1:8801", freeAddress(t), "127.0.0.1:8802", freeAddress(t)).Replace(string(page))
	steps := readSteps(text)
	if len(steps) < 20 {
		t.Fatalf("only %d commands were found", len(steps))
	}
	for i, got := range runSteps(t, steps) {
		if miss := missing(steps[i].want, got); miss != "" {
			t.Errorf("$ %s\ndoes not answer %q but\n%s", steps[i].command, miss, strings.Join(got, "\n"))
		}
	}
}

// runSteps has one shell run all commands, and gives what each printed. A command
// that fails ends the test.
func runSteps(t *testing.T, steps []docStep) [][]string {
	t.Helper()
	dir, bin := t.TempDir(), t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	shim := fmt.Sprintf("#!/bin/sh\n%s=1 exec '%s' \"$@\"\n", asTandem, self)
	if err := os.WriteFile(filepath.Join(bin, "tandem"), []byte(shim), 0o700); err != nil { //nolint:gosec // the shell has to execute it
		t.Fatal(err)
	}
	const end = "\n=== end of "
	var script strings.Builder
	for i, s := range steps {
		fmt.Fprintf(&script, "%s\ncode=$?; printf '%s%d: %%s\\n' $code; test $code = 0 || exit 1\n", s.command, strings.ReplaceAll(end, "\n", `\n`), i)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", script.String())
	cmd.Dir, cmd.WaitDelay = dir, time.Second
	cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	parts := strings.Split(out.String(), end)
	if err != nil || len(parts) != len(steps)+1 {
		t.Fatalf("the commands end early: %v\n%s", err, out.String())
	}
	var answers [][]string
	for i, part := range parts[:len(steps)] {
		if i > 0 {
			_, part, _ = strings.Cut(part, "\n")
		}
		answers = append(answers, strings.Split(strings.TrimSpace(part), "\n"))
	}
	return answers
}

// changing is what differs from run to run: times, counts of calls, padding.
var changing = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|\d+\.\d s|\d+ calls?|\d+ to HubSpot|\s+`)

// progress are lines that a sync prints where it takes longer than a moment.
var progress = regexp.MustCompile(`^\d\d:\d\d:\d\d +\d+ of \d+ `)

// missing is the first line wanted that the answer does not have in its place, or
// blank; … stands for any lines.
func missing(want, got []string) string {
	even := func(s string) string { return strings.TrimSpace(changing.ReplaceAllString(s, " ")) }
	got = slices.DeleteFunc(slices.Clone(got), progress.MatchString)
	at, skip := 0, false
	for _, line := range want {
		if line == "…" {
			skip = true
			continue
		}
		for skip && at < len(got) && even(got[at]) != even(line) {
			at++
		}
		if at >= len(got) || even(got[at]) != even(line) {
			return line
		}
		at, skip = at+1, false
	}
	if !skip && at < len(got) && len(want) > 0 {
		return "(the end)"
	}
	return ""
}
