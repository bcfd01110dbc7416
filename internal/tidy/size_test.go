package tidy

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// The hard limits, in lines with blanks and comments. What was larger when it
// came under them is in the ratchet and may only shrink.
const (
	functionLimit = 70
	fileLimit     = 600
)

// ratchet is the list of what is larger than the limits.
var ratchet = filepath.Join("testdata", "ratchet.txt")

func TestSizesOnlyShrink(t *testing.T) {
	large := map[string]int{}
	for _, f := range goFiles(t) {
		if n := f.lines(); n > fileLimit {
			large[f.name] = n
		}
		for _, fn := range functions(f) {
			if fn.lines > functionLimit {
				large[f.name+":"+fn.name] = fn.lines
			}
		}
	}
	if *update {
		writeRatchet(t, large)
	}
	for _, problem := range compareRatchet(readRatchet(t), large) {
		t.Error(problem)
	}
}

// compareRatchet says what has grown, and what has shrunk unnoticed.
func compareRatchet(allowed, large map[string]int) (problems []string) {
	for _, name := range slices.Sorted(maps.Keys(large)) {
		if large[name] > allowed[name] {
			problems = append(problems, fmt.Sprintf("%s has %d lines; %s", name, large[name], limitOf(allowed[name])))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(allowed)) {
		if large[name] < allowed[name] {
			problems = append(problems, fmt.Sprintf("%s has shrunk to %d lines: write that down with go test ./internal/tidy -update", name, large[name]))
		}
	}
	return problems
}

func limitOf(allowed int) string {
	if allowed > 0 {
		return fmt.Sprintf("it had %d and may only shrink: split it", allowed)
	}
	return fmt.Sprintf("a function may have %d and a file %d: split it", functionLimit, fileLimit)
}

func readRatchet(t *testing.T) map[string]int {
	t.Helper()
	text, err := os.ReadFile(ratchet)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	out := map[string]int{}
	for s := bufio.NewScanner(bytes.NewReader(text)); s.Scan(); {
		var name string
		var lines int
		if _, err := fmt.Sscan(s.Text(), &lines, &name); err != nil {
			t.Fatalf("read %s: line %q: %v", ratchet, s.Text(), err)
		}
		out[name] = lines
	}
	return out
}

// writeRatchet writes the large ones down, and refuses to let any grow.
func writeRatchet(t *testing.T, large map[string]int) {
	t.Helper()
	was := readRatchet(t)
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(large)) {
		if n := large[name]; n <= was[name] {
			fmt.Fprintf(&b, "%d %s\n", n, name)
		}
	}
	if err := os.WriteFile(ratchet, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// function is a function or method with its length.
type function struct {
	name  string
	lines int
}

// functions are the declared functions of a file, from func to the brace.
func functions(f file) []function {
	var out []function
	for _, d := range f.syntax.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		name := fn.Name.Name
		if fn.Recv != nil {
			name = receiver(fn) + "." + name
		}
		from, to := positions.Position(fn.Type.Pos()), positions.Position(fn.End())
		out = append(out, function{name: name, lines: to.Line - from.Line + 1})
	}
	return out
}

// receiver is the name of a method's type.
func receiver(fn *ast.FuncDecl) string {
	expr := fn.Recv.List[0].Type
	for {
		switch x := expr.(type) {
		case *ast.StarExpr:
			expr = x.X
		case *ast.IndexExpr:
			expr = x.X
		case *ast.IndexListExpr:
			expr = x.X
		case *ast.Ident:
			return x.Name
		default:
			return "?"
		}
	}
}

// TestSizesAreTold prints what the house aims at: functions of 9 lines (median)
// and 35 (p90). It fails well above, since both move slowly.
func TestSizesAreTold(t *testing.T) {
	var fileLines, all []int
	for _, f := range goFiles(t) {
		if f.isTest() {
			continue
		}
		fileLines = append(fileLines, f.lines())
		for _, fn := range functions(f) {
			all = append(all, fn.lines)
		}
	}
	t.Logf("functions: %d, lines: median %d, p90 %d, p99 %d, most %d", len(all), share(all, 50), share(all, 90), share(all, 99), share(all, 100))
	t.Logf("files: %d, lines: median %d, p90 %d, most %d", len(fileLines), share(fileLines, 50), share(fileLines, 90), share(fileLines, 100))
	if m, p := share(all, 50), share(all, 90); m > 12 || p > 40 {
		t.Errorf("functions have %d lines (median) and %d (p90); the house aims at 9 and 35", m, p)
	}
}

// share is the value below which a percentage of the values lie.
func share(values []int, percent int) int {
	slices.SortFunc(values, cmp.Compare[int])
	return values[min(len(values)*percent/100, len(values)-1)]
}

func TestRatchetLetsNothingGrow(t *testing.T) {
	for _, c := range []struct {
		name           string
		allowed, large int
		fails          bool
	}{
		{"new and large", 0, 71, true},
		{"grown", 80, 81, true},
		{"as it was", 80, 80, false},
		{"shrunk, not written down", 80, 75, true},
	} {
		if got := compareRatchet(sizes(c.allowed), sizes(c.large)); len(got) > 0 != c.fails {
			t.Errorf("%s: problems %q", c.name, got)
		}
	}
}

func sizes(n int) map[string]int {
	if n == 0 {
		return nil
	}
	return map[string]int{"x.go:F": n}
}
