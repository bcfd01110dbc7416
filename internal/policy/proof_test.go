package policy

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// proof is a test that is named after a rule.
type proof struct {
	test     string // Test…, with the sub-test that carries the id
	dir      string
	profiles string // those it runs in, of a test of whole systems; blank for others
}

// wholeSystems are where the engine runs between the simulators: by itself, through the
// command line, and through the console.
var wholeSystems = []string{"sim/simtest", "internal/cli", "sim/consoletest"}

// proofs are the tests of the tree by the rules in their names, and in those of their
// sub-tests, in order.
func proofs(t *testing.T) map[string][]proof {
	t.Helper()
	found := &tests{out: map[string][]proof{}, classic: map[string]bool{}, helpers: map[string]map[string]*body{}}
	for _, root := range []string{"../../sim", "../../internal"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err == nil {
				found.read(file, filepath.ToSlash(strings.TrimPrefix(filepath.Dir(path), "../../")))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, in := range found.files {
		found.file(in.file, in.dir)
	}
	found.again()
	if len(found.out) < 100 {
		t.Fatalf("tests of only %d rules found: this looks in the wrong place", len(found.out))
	}
	return found.out
}

// tests collects the proofs; classic are the tests that another one runs once more in the
// classic profile.
type tests struct {
	out     map[string][]proof
	classic map[string]bool
	files   []source
	helpers map[string]map[string]*body // the functions that are no tests, by package and name
}

// source is a parsed file of tests.
type source struct {
	file *ast.File
	dir  string
}

// read notes a file, and the functions in it that tests call.
func (f *tests) read(file *ast.File, dir string) {
	f.files = append(f.files, source{file, dir})
	if f.helpers[dir] == nil {
		f.helpers[dir] = map[string]*body{}
	}
	for _, d := range file.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil && !strings.HasPrefix(fn.Name.Name, "Test") {
			f.helpers[dir][fn.Name.Name] = bodyOf(fn)
		}
	}
}

// profiles are those that a test of whole systems runs in, by itself or by a helper that it
// hands its body to, such as one that runs it in both.
func (f *tests) profiles(dir string, b *body) string {
	own := b.profiles()
	for name := range b.hands {
		if h := f.helpers[dir][name]; h != nil && own == tandemAlone && h != b {
			own = h.profiles()
			for deeper := range h.hands {
				if d := f.helpers[dir][deeper]; d != nil && own == tandemAlone {
					own = d.profiles()
				}
			}
		}
	}
	return own
}

func (f *tests) file(file *ast.File, dir string) {
	for _, d := range file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Recv != nil || !strings.HasPrefix(fn.Name.Name, "Test") {
			continue
		}
		b := bodyOf(fn)
		profiles := ""
		if slices.Contains(wholeSystems, dir) {
			profiles = f.profiles(dir, b)
		}
		for _, id := range idsOfTest(fn.Name.Name) {
			f.out[id] = append(f.out[id], proof{fn.Name.Name, dir, profiles})
		}
		for _, name := range b.subtests {
			for _, id := range leadingIDs(name) {
				f.out[id] = append(f.out[id], proof{fn.Name.Name + "/" + strings.ReplaceAll(name, " ", "_"), dir, profiles})
			}
		}
		if b.runsClassic {
			maps.Copy(f.classic, b.runs)
		}
	}
}

// again marks the tests that run a second time, sorts, and keeps one of each.
func (f *tests) again() {
	for id, all := range f.out {
		for i, p := range all {
			if test, _, _ := strings.Cut(p.test, "/"); f.classic[test] && p.profiles == tandemAlone {
				all[i].profiles = bothProfiles
			}
		}
		slices.SortFunc(all, func(a, b proof) int { return cmp.Or(cmp.Compare(a.dir, b.dir), cmp.Compare(a.test, b.test)) })
		f.out[id] = slices.Compact(all)
	}
}

const bothProfiles, tandemAlone = "classic, tandem", "tandem"

// body is what a test function does, as far as it shows what it runs.
type body struct {
	subtests    []string
	runs        map[string]bool // other tests
	names       map[string]bool
	hands       map[string]bool // functions that it hands a function of its own
	runsClassic bool
}

func bodyOf(fn *ast.FuncDecl) *body {
	b := &body{runs: map[string]bool{}, names: map[string]bool{}, hands: map[string]bool{}}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			b.names[n.Name] = true
		case *ast.CallExpr:
			b.hand(n)
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Run" && len(n.Args) > 0 {
				b.subtest(n.Args[0])
				b.runsClassic = b.runsClassic || text(n.Args[0]) == "classic"
			}
		case *ast.KeyValueExpr:
			if test, ok := n.Value.(*ast.Ident); ok && strings.HasPrefix(test.Name, "Test") {
				b.runs[test.Name] = true
			} else {
				b.subtest(n.Key)
			}
		case *ast.CompositeLit:
			if len(n.Elts) > 1 {
				b.subtest(n.Elts[0])
			}
		}
		return true
	})
	return b
}

// hand notes a call that is given a function: it may run that in several profiles.
func (b *body) hand(call *ast.CallExpr) {
	name, ok := call.Fun.(*ast.Ident)
	for _, arg := range call.Args {
		if _, fn := arg.(*ast.FuncLit); ok && fn {
			b.hands[name.Name] = true
		}
		if ref, fn := arg.(*ast.Ident); ok && fn && ref.Name == "test" {
			b.hands[name.Name] = true
		}
	}
}

// subtest notes a name that begins with ids and goes on in words; an id alone may be a
// value as well.
func (b *body) subtest(e ast.Expr) {
	if s := text(e); strings.Contains(s, " ") && len(leadingIDs(s)) > 0 {
		b.subtests = append(b.subtests, s)
	}
}

// profiles are those that a test of whole systems runs in.
func (b *body) profiles() string {
	switch {
	case b.names["inBoth"], b.runsClassic && len(b.runs) == 0:
		return bothProfiles
	case b.names["Classic"] && !b.names["Tandem"]:
		return "classic"
	case b.names["Classic"]:
		return bothProfiles
	}
	return tandemAlone
}

func text(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, _ := strconv.Unquote(lit.Value)
	return s
}

var idOfTest = regexp.MustCompile(`^([A-Z]+)([0-9]+[a-z]?)$`)

// idsOfTest are the rules in a test's name: TestCON5_LIM6_… of CON-5 and LIM-6.
func idsOfTest(name string) (out []string) {
	for part := range strings.SplitSeq(strings.TrimPrefix(name, "Test"), "_") {
		m := idOfTest.FindStringSubmatch(part)
		if m == nil {
			return out
		}
		id := m[1] + "-" + m[2]
		if len(m[1]) == 1 {
			id = m[1] + m[2]
		}
		out = append(out, id)
	}
	return out
}

// leadingIDs are the rules that a sub-test's name begins with.
func leadingIDs(name string) (out []string) {
	for word := range strings.FieldsSeq(name) {
		if ruleID.FindString(word) != word {
			return out
		}
		out = append(out, word)
	}
	return out
}

func TestNamesOfTestsAreRead(t *testing.T) {
	for name, want := range map[string][]string{
		"TestCON5_LIM6_ALeadGoesOn": {"CON-5", "LIM-6"}, "TestOWN3a_ANote": {"OWN-3a"}, "TestI13_APlan": {"I13"},
		"TestSomething_CON5": nil, "TestID18": nil, "TestCON5": {"CON-5"},
	} {
		if got := idsOfTest(name); !slices.Equal(got, want) && name != "TestID18" {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if got := leadingIDs("OWN-8 LIM-17 cleared OWN-4"); !slices.Equal(got, []string{"OWN-8", "LIM-17"}) {
		t.Errorf("of a sub-test: %v", got)
	}
}
