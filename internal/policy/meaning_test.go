package policy

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/behaviour.md anew")

var ruleID = regexp.MustCompile(`\b((ACC|ACT|AMB|API|CAMP|CARD|CASE|CO|CON|CONV|DEAL|DEDUP|DEL|ERR|IMP|INC|INST|LIFE|LIM|MAP|OPT|OWN|PROP|SET|SUS|TRIG)-[0-9]+[a-z]?|I[0-9]{1,2})\b`)

// Whatever id a text of the program names, the table says what it means.
func TestEveryRuleThatIsNamedHasAMeaning(t *testing.T) {
	named := map[string]string{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || filepath.Base(path) == "meaning.go" {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				text, _ := strconv.Unquote(lit.Value)
				for _, id := range ruleID.FindAllString(text, -1) {
					named[id] = path
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(named) < 50 {
		t.Fatalf("only %d ids found: this test looks in the wrong place", len(named))
	}
	for id, path := range named {
		if Meaning(id) == "" {
			t.Errorf("%s, named in %s, has no meaning", id, path)
		}
	}
}

func TestMeaningsAreShort(t *testing.T) {
	ids := ruleOrder()
	if !slices.IsSortedFunc(ids, compareRules) {
		t.Error("the rules are not in order")
	}
	for _, id := range ids {
		if m := Meaning(id); len(m) > 100 || m == "" || strings.HasSuffix(m, ".") {
			t.Errorf("%s: %q is no short meaning", id, m)
		}
	}
	if Meaning("ACC-99") != "" {
		t.Error("a rule that is not there has a meaning")
	}
}
