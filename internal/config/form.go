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
	Map     Kind = "map"     // rows of two texts, as PairsOf reads them
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
	return controls(f, block)
}

// entries are those of a list of blocks.
func entries(list reflect.Value, path string) []Control {
	out := []Control{control(path, Heading)}
	for i := range list.Len() {
		out = append(out, entry(list.Index(i), path, i)...)
	}
	return append(out, entry(reflect.New(list.Type().Elem()).Elem(), path, list.Len())...)
}

func entry(v reflect.Value, list string, i int) []Control {
	path := fmt.Sprintf("%s[%d]", list, i)
	head := control(path, Entry)
	head.Value = nameOf(v)
	return append([]Control{head}, parts(v, path)...)
}

// nameOf is the first text of an entry that has one.
func nameOf(v reflect.Value) string {
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.String && f.String() != "" {
			return f.String()
		}
	}
	return ""
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
	switch {
	case v.Type() == reflect.TypeFor[PersonChoice]():
		return append([]Control{whole(v, path)}, parts(v, path)...)
	case v.Kind() == reflect.Struct:
		return append([]Control{control(path, Heading)}, parts(v, path)...)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		return entries(v, path)
	}
	return []Control{whole(v, path)}
}

// whole is the one control of a value.
func whole(v reflect.Value, path string) Control {
	one := control(path, Line)
	of := choices()[keyPath(path)]
	one.Kind, one.Value, one.Choices = kindOf(v, of), valueText(v), of.words
	if v.Kind() == reflect.Pointer {
		one.Choices = []string{"true", "false"}
	}
	return one
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
		return Choice
	case v.Type() == reflect.TypeFor[[]string]():
		return List
	case v.Kind() == reflect.Map:
		return Map
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
	case v.Type() == reflect.TypeFor[PersonChoice]():
		return v.Interface().(PersonChoice).Object
	case v.Type() == reflect.TypeFor[map[string]string]():
		return PairsText(pairsOf(v.Interface().(map[string]string)))
	}
	text, err := yaml.Marshal(v.Interface())
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
