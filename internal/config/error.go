package config

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Error is a refused setting: where it stands, what is wrong and the mend.
type Error struct {
	Line    int    // in the file, from 1; 0 where unknown
	Key     string // companies.match, connections[0].name …
	Message string
	Mend    string
	// Choices are the words that may stand there, where it is a matter of words; Others
	// says that something else may as well.
	Choices []string
	Others  bool
}

// Error is one line.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", e.Line)
	}
	if e.Key != "" {
		b.WriteString(e.Key + ": ")
	}
	b.WriteString(e.Message)
	if e.Mend != "" {
		b.WriteString("; " + e.Mend)
	}
	return b.String()
}

// finder locates keys in a text. root is where the checked value begins.
type finder struct {
	text []byte
	root string
}

// under is the finder of a part.
func (f finder) under(path string) finder { return finder{f.text, f.root + path} }

func (f finder) refuse(path, message, mend string) error {
	return located(f.text, f.root+path, message, mend)
}

// located is an Error at a path, such as $.connections[0].name. A key that the
// text leaves out is located at what it would stand in.
func located(text []byte, path, message, mend string) *Error {
	e := &Error{Key: plainPath(path), Message: message, Mend: mend}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return e
	}
	for at := path; ; {
		if p, err := yaml.PathString(at); err == nil {
			if node, err := p.FilterFile(file); err == nil && node != nil {
				e.Line = lineOf(node)
				return e
			}
		}
		cut := strings.LastIndexAny(at, ".[")
		if cut < 1 {
			return e
		}
		at = at[:cut]
	}
}

// plainPath is a path without its root.
func plainPath(path string) string { return strings.TrimPrefix(strings.TrimPrefix(path, "$"), ".") }

// lineOf is the line where a node begins: a mapping's token is its first colon.
func lineOf(n ast.Node) int {
	switch m := n.(type) {
	case *ast.MappingNode:
		if len(m.Values) > 0 {
			return lineOf(m.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return lineOf(m.Key)
	}
	return n.GetToken().Position.Line
}

// decode reads YAML strictly. prefix is where the text belongs in a whole file,
// for what is said of unknown keys.
func decode(text []byte, into any, prefix string) error {
	if err := bounded(text); err != nil {
		return err
	}
	if err := yaml.UnmarshalWithOptions(text, into, yaml.Strict()); err != nil {
		return plainError(text, err, prefix)
	}
	return nil
}

// plainError turns an error of the YAML reader into ours, without the excerpt of
// the text that it carries.
func plainError(text []byte, err error, prefix string) error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	var unknown *yaml.UnknownFieldError
	if errors.As(err, &unknown) {
		return unknownKey(text, unknown, prefix)
	}
	var at yaml.Error
	if !errors.As(err, &at) {
		return &Error{Message: firstLine(err.Error())}
	}
	e := &Error{Message: firstLine(at.GetMessage())}
	if line := tabbed(text); line > 0 {
		return &Error{Line: line, Message: "a line begins with a tab, which YAML does not take", Mend: "indent with spaces"}
	}
	if t := at.GetToken(); t != nil && t.Position != nil {
		e.Line = t.Position.Line
		e.Key = keyAt(text, t.Position.Offset)
	}
	return describeType(e, err, prefix)
}

var goType = regexp.MustCompile(`cannot unmarshal .+ into Go (?:struct field \S+ of type|value of type) (\S+)`)

// typeWords say the types of the settings as a person writes them.
var typeWords = map[string]string{"bool": "true or false", "int": "a whole number", "float64": "a number", "string": "text",
	"config.Duration": "a duration such as 60s, 30m, 12h or 90d", "config.Size": "a size such as 10GiB", "config.Secret": "text"}

// describeType says what a value of the wrong type should be.
func describeType(e *Error, err error, prefix string) error {
	m := goType.FindStringSubmatch(err.Error())
	if m == nil {
		return e
	}
	want := typeWords[strings.TrimPrefix(m[1], "*")]
	switch {
	case want != "":
	case strings.HasPrefix(m[1], "[]"):
		want = "a list"
	default:
		want = "a block of keys"
	}
	e.Message, e.Mend = "this is the wrong type", "write "+want
	if later := notYet[prefix+index.ReplaceAllString(e.Key, "[]")]; later != "" {
		e.Mend = later
	}
	return e
}

// tabbed is the first line that is indented with a tab; 0 for none.
func tabbed(text []byte) int {
	for i, line := range strings.Split(string(text), "\n") {
		if indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]; strings.Contains(indent, "\t") && strings.TrimSpace(line) != "" {
			return i + 1
		}
	}
	return 0
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// keyAt is the path of the innermost key around an offset.
func keyAt(text []byte, offset int) string {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return ""
	}
	v := &keyFinder{offset: offset}
	walk(file, v)
	return plainPath(v.path)
}

// walk visits all documents; one without any content has no node.
func walk(file *ast.File, v ast.Visitor) {
	for _, d := range file.Docs {
		if d.Body != nil {
			ast.Walk(v, d.Body)
		}
	}
}

// keyFinder walks to the node whose token stands at an offset.
type keyFinder struct {
	offset int
	path   string
}

// Visit implements ast.Visitor.
func (v *keyFinder) Visit(n ast.Node) ast.Visitor {
	if t := n.GetToken(); t != nil && t.Position != nil && t.Position.Offset == v.offset && v.path == "" {
		v.path = n.GetPath()
	}
	return v
}

// unknownKey refuses a key that nobody knows, or that only a later release will.
func unknownKey(text []byte, err *yaml.UnknownFieldError, prefix string) error {
	t := err.GetToken()
	e := &Error{Line: t.Position.Line, Key: keyAt(text, t.Position.Offset)}
	if !strings.HasSuffix(e.Key, t.Value) {
		e.Key = t.Value
	}
	plain := prefix + index.ReplaceAllString(e.Key, "[]")
	if later := notYet[plain]; later != "" {
		e.Message, e.Mend = "this release does not support the key", later
		return e
	}
	e.Message, e.Mend = "there is no such key", "docs/settings.md lists all keys"
	if near := nearest(plain); near != "" {
		e.Mend = "did you mean " + near + "?"
	}
	return e
}

// index is what the table of keys leaves open: connections[0] is connections[].
var index = regexp.MustCompile(`\[\d+\]`)

// nearest is the known sibling key whose spelling is closest, if it is close.
func nearest(path string) string {
	parent, name := "", path
	if cut := strings.LastIndex(path, "."); cut >= 0 {
		parent, name = path[:cut+1], path[cut+1:]
	}
	best, least := "", 3
	for _, k := range keysOf(reflect.TypeFor[File](), "") {
		sibling, ok := strings.CutPrefix(k.Path, parent)
		if !ok || strings.Contains(sibling, ".") {
			continue
		}
		if d := distance(name, strings.TrimSuffix(sibling, "[]")); d < least {
			best, least = sibling, d
		}
	}
	return best
}

// distance is the number of letters to change, add or take away.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
