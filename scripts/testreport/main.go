// Command testreport reads what go test -json writes and tells a person what
// matters: the closing line of every package, the full output of what failed,
// and at the end every skipped test with its reason, so that nothing passes by
// being skipped unnoticed. It exits 1 when anything failed, or when no test ran.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

func main() {
	ok, err := run(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

// event is one line of go test -json.
type event struct {
	Action     string
	Package    string
	ImportPath string // of a build event
	Test       string
	Output     string
}

// report is what has been read so far.
type report struct {
	out            io.Writer
	output         map[[2]string][]string // by package and test: what may have to be shown
	passed, failed int
	packages       int
	broken         []string            // packages and tests that failed, for the last lines
	crash          map[string][]string // by package: how its process died
	skipped        map[string][]string
	err            error
}

// run reports until in ends, and says whether all is well.
func run(in io.Reader, out io.Writer) (bool, error) {
	r := &report{out: out, output: map[[2]string][]string{}, crash: map[string][]string{}, skipped: map[string][]string{}}
	for lines := bufio.NewReader(in); ; {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			r.line(line)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return false, fmt.Errorf("read events: %w", err)
		}
	}
	r.close()
	return len(r.broken) == 0 && r.packages > 0, r.err
}

// line takes one event; what is no event is somebody's message.
func (r *report) line(text []byte) {
	var e event
	if err := json.Unmarshal(text, &e); err != nil {
		r.print(string(text))
		return
	}
	switch {
	case e.Action == "build-output":
		r.print(e.Output)
	case e.Action == "output":
		r.hear(e)
	case e.Test != "":
		r.endTest(e)
	case e.Action == "pass" || e.Action == "fail" || e.Action == "skip":
		r.endPackage(e)
	}
}

// hear keeps the output of a test until its end; a package's own closing line is
// shown at once.
func (r *report) hear(e event) {
	r.hearCrash(e)
	if e.Test == "" && closing(e.Output) {
		r.print(e.Output)
		return
	}
	key := [2]string{e.Package, e.Test}
	r.output[key] = append(r.output[key], e.Output)
}

// crashLines is how much of a crash is worth the end of a log: its reason and the
// goroutine that it struck.
const crashLines = 40

// hearCrash keeps the beginning of what a dying process prints, which test it was
// printed under being chance.
func (r *report) hearCrash(e event) {
	told := r.crash[e.Package]
	dying := slices.ContainsFunc([]string{"panic: ", "fatal error: ", "signal: "}, func(begin string) bool {
		return strings.HasPrefix(e.Output, begin)
	})
	if (dying || len(told) > 0) && len(told) < crashLines {
		r.crash[e.Package] = append(told, e.Output)
	}
}

// closing reports a line that a package ends with: go test's own, the score of the
// simulation, or how often the program was killed.
func closing(output string) bool {
	for _, begin := range []string{"ok  \t", "FAIL\t", "?   \t", "---", "sim: ", "kills: "} {
		if strings.HasPrefix(output, begin) {
			return true
		}
	}
	return false
}

func (r *report) endTest(e event) {
	key := [2]string{e.Package, e.Test}
	switch e.Action {
	case "pass":
		r.passed++
	case "fail":
		r.failed++
		r.broken = append(r.broken, e.Package+" "+e.Test)
		r.print(r.output[key]...)
	case "skip":
		why := reason(r.output[key])
		r.skipped[why] = append(r.skipped[why], e.Package+" "+e.Test)
	default:
		return
	}
	delete(r.output, key)
}

// reason is what a skipped test said, without the frame that go test puts
// around it.
func reason(output []string) string {
	var said []string
	for _, line := range output {
		text := strings.TrimSpace(line)
		if text == "" || strings.HasPrefix(text, "===") || strings.HasPrefix(text, "---") {
			continue
		}
		if at := strings.Index(text, ".go:"); at > 0 {
			if _, rest, ok := strings.Cut(text[at:], ": "); ok {
				text = rest
			}
		}
		said = append(said, text)
	}
	if len(said) == 0 {
		return "no reason given"
	}
	return strings.Join(said, "; ")
}

// endPackage shows what a broken package printed outside of its tests, and the
// tests that had not ended.
func (r *report) endPackage(e event) {
	r.packages++
	var open [][2]string
	for key := range r.output {
		if key[0] == e.Package {
			open = append(open, key)
		}
	}
	slices.SortFunc(open, func(a, b [2]string) int { return strings.Compare(a[1], b[1]) })
	var begun []string
	for _, key := range open {
		said := slices.DeleteFunc(r.output[key], func(line string) bool { return strings.HasPrefix(line, "=== ") })
		if e.Action == "fail" {
			r.print(said...)
		}
		if len(said) == 0 {
			begun = append(begun, key[1])
		}
		delete(r.output, key)
	}
	if e.Action == "fail" && len(begun) > 0 {
		r.print(fmt.Sprintf("%d tests had not ended: %s\n", len(begun), strings.Join(begun, ", ")))
	}
	if e.Action == "fail" {
		r.broken = append(r.broken, e.Package)
	}
}

// close prints the sums and the skipped tests by reason.
func (r *report) close() {
	total := 0
	var reasons []string
	for why, tests := range r.skipped {
		total += len(tests)
		reasons = append(reasons, why)
	}
	slices.Sort(reasons)
	for _, why := range reasons {
		r.print(fmt.Sprintf("skipped, %s:\n", why))
		slices.Sort(r.skipped[why])
		for _, test := range r.skipped[why] {
			r.print("    " + test + "\n")
		}
	}
	r.print(fmt.Sprintf("tests: %d passed, %d failed, %d skipped, in %d packages\n", r.passed, r.failed, total, r.packages))
	for _, name := range r.broken {
		r.print(r.crash[name]...)
		r.print("failed: " + name + "\n")
	}
}

func (r *report) print(lines ...string) {
	for _, line := range lines {
		if _, err := io.WriteString(r.out, line); err != nil && r.err == nil {
			r.err = fmt.Errorf("print report: %w", err)
		}
	}
}
