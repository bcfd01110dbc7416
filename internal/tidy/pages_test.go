package tidy

import (
	"go/ast"
	"path"
	"regexp"
	"strings"
	"testing"
)

// A page that says how something is checked names the test, the script or the
// file; all of them are there.
var (
	namedTest = regexp.MustCompile("`(Test[A-Za-z0-9_]+)`")
	namedFile = regexp.MustCompile("`[^`]*?([a-z_]+(?:_test\\.go|\\.mjs))`")
	namedPage = regexp.MustCompile(`\]\(([^)#:]+\.md)\)`)
)

func TestPagesNameWhatIsThere(t *testing.T) {
	have := map[string]bool{}
	for _, f := range allFiles(t) {
		have[f.name], have[path.Base(f.name)] = true, true
		if f.isTest() {
			for _, name := range testsOf(f) {
				have[name] = true
			}
		}
	}
	checked := 0
	for _, f := range allFiles(t) {
		if !strings.HasSuffix(f.name, ".md") || strings.Contains(f.name, "testdata") {
			continue
		}
		for _, m := range namedPage.FindAllStringSubmatch(string(f.text), -1) {
			if to := path.Join(path.Dir(f.name), m[1]); !have[to] {
				t.Errorf("%s: the page %s is not there", f.name, to)
			}
		}
		if path.Base(f.name) == "promises.md" {
			for _, m := range namedTest.FindAllStringSubmatch(string(f.text), -1) {
				if checked++; !begins(have, m[1]) {
					t.Errorf("%s: no test begins with %s", f.name, m[1])
				}
			}
		}
		if !strings.HasPrefix(path.Base(f.name), "fidelity") {
			continue
		}
		for _, pattern := range []*regexp.Regexp{namedTest, namedFile} {
			for _, m := range pattern.FindAllStringSubmatch(string(f.text), -1) {
				if checked++; !have[m[1]] {
					t.Errorf("%s: %s is not there", f.name, m[1])
				}
			}
		}
	}
	if checked < 50 {
		t.Errorf("only %d names were found", checked)
	}
}

// begins reports that a name that is there begins so: several tests may be named at once.
func begins(have map[string]bool, with string) bool {
	for name := range have {
		if strings.HasPrefix(name, with) {
			return true
		}
	}
	return false
}

// testsOf are the names of the tests in a file.
func testsOf(f file) (names []string) {
	if f.syntax == nil {
		return nil
	}
	for _, d := range f.syntax.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(fn.Name.Name, "Test") {
			names = append(names, fn.Name.Name)
		}
	}
	return names
}
