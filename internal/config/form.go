package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

// Kind is how a form shows a setting.
type Kind string

// Kinds of controls.
const (
	Heading Kind = "heading" // a block, whose parts follow
	Entry   Kind = "entry"   // an entry of a list, with its first key for a value; its parts follow
	Switch  Kind = "switch"  // "true" or "false"
	Choice  Kind = "choice"  // one of Choices
	Line    Kind = "line"    // text, which may be one of Choices
	List    Kind = "list"    // a line for each entry; of Choices where there are any
	Block   Kind = "block"   // anything else, as YAML
)

// Control is a setting of a connection as a form shows it. Its Path is that within the
// connection, such as companies.match.
type Control struct {
	Key
	Kind    Kind
	Value   string
	Choices []string
}

// Usual reports that a control has what counts where nothing is said.
func (c *Control) Usual() bool {
	switch usual := strings.Trim(c.Default, `"`); c.Kind {
	case Switch:
		return (c.Value == "true") == (usual == "yes")
	case List:
		return "["+strings.ReplaceAll(c.Value, "\n", ", ")+"]" == usual
	default:
		return c.Value == usual
	}
}

// Blocks are the first keys of a connection that a form shows: all but who it is, how its
// sides are reached, and the mappings, which are tables.
func Blocks() (out []string) {
	t := reflect.TypeFor[Connection]()
	for i := range t.NumField() {
		if name := yamlName(t.Field(i)); !slices.Contains(notSettings, name) && name != "mappings" {
			out = append(out, name)
		}
	}
	return out
}

// Controls are the settings of a block in the order of the file. Of a list of blocks they
// have one entry more than there is, blank, to fill in.
func (c *Connection) Controls(block string) []Control {
	f, _ := partOf(reflect.ValueOf(c).Elem(), block)
	if !f.IsValid() {
		return nil
	}
	if f.Kind() != reflect.Slice || f.Type().Elem().Kind() != reflect.Struct {
		return controls(f, block)
	}
	out := []Control{control(block, Heading)}
	for i := range f.Len() {
		out = append(out, entry(f.Index(i), block, i)...)
	}
	return append(out, entry(reflect.New(f.Type().Elem()).Elem(), block, f.Len())...)
}

func entry(v reflect.Value, block string, i int) []Control {
	path := fmt.Sprintf("%s[%d]", block, i)
	head := control(path, Entry)
	head.Value = valueText(v.Field(0))
	return append([]Control{head}, parts(v, path)...)
}

func parts(v reflect.Value, path string) (out []Control) {
	for i := range v.NumField() {
		if name := yamlName(v.Type().Field(i)); name != "" {
			out = append(out, controls(v.Field(i), path+"."+name)...)
		}
	}
	return out
}

// controls are those of one value: itself, or its heading with its parts.
func controls(v reflect.Value, path string) []Control {
	if v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[PersonChoice]() {
		return append([]Control{control(path, Heading)}, parts(v, path)...)
	}
	one := control(path, Block)
	of := choices()[keyPath(path)]
	one.Kind, one.Value, one.Choices = kindOf(v, of), valueText(v), of.words
	if v.Kind() == reflect.Pointer {
		one.Choices = []string{"true", "false"}
	}
	return []Control{one}
}

// control has what is said of a key.
func control(path string, kind Kind) Control {
	k := keysByPath()[keyPath(path)]
	k.Path = path
	return Control{Key: k, Kind: kind}
}

func kindOf(v reflect.Value, of choice) Kind {
	switch {
	case v.Kind() == reflect.Bool:
		return Switch
	case v.Kind() == reflect.Pointer:
		return Choice // nil leaves it to other settings
	case v.Type() == reflect.TypeFor[PersonChoice]():
		if len(v.Interface().(PersonChoice).Rules) == 0 {
			return Choice
		}
		return Block
	case v.Type() == reflect.TypeFor[[]string]():
		return List
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Map:
		return Block
	case len(of.words) > 0 && !of.others:
		return Choice
	}
	return Line
}

// valueText is a value as a form has it; blank for one that was left out.
func valueText(v reflect.Value) string {
	switch {
	case v.Kind() == reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case v.IsZero():
		return ""
	case v.Kind() == reflect.String:
		return v.String()
	case v.Type() == reflect.TypeFor[[]string]():
		return strings.Join(v.Interface().([]string), "\n")
	}
	text, err := yaml.Marshal(v.Interface())
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
