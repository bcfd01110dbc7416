package tidy

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// linter is the linter's configuration. It repeats the arrows between two marks.
var linter = filepath.Join(root, ".golangci.yml")

const (
	arrowsBegin = "        # arrows: written by go test ./internal/tidy -update\n"
	arrowsEnd   = "        # end of arrows\n"
)

func TestLinterKnowsTheArrows(t *testing.T) {
	text, err := os.ReadFile(linter)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := bytes.Cut(text, []byte(arrowsBegin))
	_, after, closed := bytes.Cut(rest, []byte(arrowsEnd))
	if !ok || !closed {
		t.Fatalf("%s has no arrows between %q and %q", linter, arrowsBegin, arrowsEnd)
	}
	want := bytes.Join([][]byte{before, []byte(arrowsBegin), arrowRules(), []byte(arrowsEnd), after}, nil)
	if *update {
		if err := os.WriteFile(linter, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(text, want) {
		t.Errorf("%s differs from the table of layers: run go test ./internal/tidy -update", linter)
	}
}

// arrowRules are depguard's rules, one a line: what ships and what tests, for
// each layer, and purity.
func arrowRules() []byte {
	var b bytes.Buffer
	var pure []string
	for _, l := range layers {
		name, tree := strings.CutSuffix(l.folder, "/...")
		ours := deny("imports point down, see internal/tidy/layers_test.go", prefix)
		writeRule(&b, name, globs(name, tree, false), l.imports, ours)
		own := []string{name}
		if l.allows(l.folder, name, false) { // depguard takes the nearest word alone: a second one would hide the wider
			own = nil
		}
		writeRule(&b, name+" tests", globs(name, tree, true), slices.Concat(own, l.imports, l.tests), ours)
		if l.pure {
			pure = append(pure, globs(name, tree, false)...)
		}
	}
	slices.Sort(pure)
	writeRule(&b, "pure", slices.Compact(pure), nil, deny("pure packages do no I/O and know no clock", impure...))
	return b.Bytes()
}

func writeRule(b *bytes.Buffer, name string, files, imports []string, deny string) {
	var allow []string
	for _, m := range imports {
		below, tree := strings.CutSuffix(m, "/...")
		allow = append(allow, prefix+below+"$")
		if tree {
			allow = append(allow, prefix+below+"/")
		}
	}
	fmt.Fprintf(b, "        %s: {list-mode: lax, files: %s, allow: %s, deny: %s}\n", name, flow(files), flow(allow), deny)
}

// deny forbids packages: a name that ends in a slash with all below it.
func deny(why string, paths ...string) string {
	var all []string
	for _, path := range paths {
		if !strings.HasSuffix(path, "/") {
			path += "$"
		}
		all = append(all, fmt.Sprintf("{pkg: %q, desc: %q}", path, why))
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// flow is a list in the short form of YAML.
func flow(items []string) string {
	quoted := make([]string, len(items))
	for i, item := range items {
		quoted[i] = strconv.Quote(item)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// globs are the files of a rule.
func globs(name string, tree, test bool) []string {
	end := "*.go"
	if test {
		end = "*_test.go"
	}
	out := []string{"**/" + name + "/" + end}
	if tree {
		out = append(out, "**/"+name+"/**/"+end)
	}
	if !test {
		out = append(out, "!$test")
	}
	return out
}
