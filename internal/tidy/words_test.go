package tidy

import (
	"bytes"
	"go/ast"
	"regexp"
	"strings"
	"testing"
)

// ban is something that no text of the project says.
type ban struct {
	name  string
	what  *regexp.Regexp
	where func(file) bool
}

// bans are put together from pieces, so that this file does not ban itself.
var bans = []ban{
	{"a note to do something later", regexp.MustCompile(`(?m)\b(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b($|[^=])`), anywhere},
	{"a path of one machine", regexp.MustCompile(`(?m)(^|[\s"'(=:` + "`" + `])/(wo` + `rk|ro` + `ot|ho` + `me/[a-z]+)/`), anywhere},
	{"the name of a writing tool", regexp.MustCompile(`(?i)\b(clau` + `de|anthro` + `pic|chat` + `gpt|open` + `ai|co` + `pilot|sub-?ag` + `ents?)\b`), anywhere},
	{"the number of an issue or a change", regexp.MustCompile(`(?i)\b(iss` + `ue|p` + `r|pull req` + `uest) #?\d+\b`), inGo},
	{"history instead of the present", regexp.MustCompile(`(?i)//.*\b(was ren` + `amed|used to b` + `e|no longer nee` + `ded|previous vers` + `ion of this)\b`), inGo},
}

func anywhere(f file) bool { return f.name != "CHANGELOG.md" && !strings.HasSuffix(f.name, ".txt") }

func inGo(f file) bool { return f.syntax != nil }

func TestTextsSayNothingTheyShouldNot(t *testing.T) {
	for _, f := range allFiles(t) {
		for _, b := range bans {
			if !b.where(f) {
				continue
			}
			for _, at := range b.what.FindAllIndex(f.text, -1) {
				t.Errorf("%s:%d: %s: %q", f.name, 1+bytes.Count(f.text[:at[0]], []byte("\n")), b.name, f.text[at[0]:at[1]])
			}
		}
	}
}

func TestBansFindWhatTheyName(t *testing.T) {
	for i, text := range []string{"// TO" + "DO: later", `open("/ro` + `ot/x")`, "asked Clau" + "de", "see iss" + "ue 12", "// x used to b" + "e y"} {
		if !bans[i].what.MatchString(text) {
			t.Errorf("%q passes as no %s", text, bans[i].name)
		}
	}
	for _, text := range []string{"a/work/b", "the issue 12th", "hacking", "TO" + "DO=To-do", "a root/ folder", "an open AI" + "r"} {
		for _, b := range bans {
			if b.what.MatchString(text) {
				t.Errorf("%q is taken for %s", text, b.name)
			}
		}
	}
}

func TestSkipsSayWhy(t *testing.T) {
	for _, f := range goFiles(t) {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if ok && skipsSilently(call) {
				t.Errorf("%s: a skip without a reason", positions.Position(call.Pos()))
			}
			return true
		})
	}
}

// skipsSilently reports t.Skip() without a text, and t.SkipNow().
func skipsSilently(call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	if !ok || x.Name != "t" && x.Name != "b" && x.Name != "tb" {
		return false
	}
	return sel.Sel.Name == "SkipNow" || strings.HasPrefix(sel.Sel.Name, "Skip") && len(call.Args) == 0 && sel.Sel.Name != "Skipped"
}
