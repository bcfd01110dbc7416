package config

import (
	"cmp"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Removed is what a form says of an entry of a list that is to be taken out.
const Removed = "remove"

// Edited gives settings with what a form says of some of their keys; a blank value leaves
// the key out. Defaults and checks are Apply's.
func Edited(c Connection, values map[string]string) (Connection, error) {
	text, err := Export(c)
	if err != nil {
		return c, err
	}
	next, err := Stored(c, text) // shares nothing with what was given
	if err != nil {
		return c, err
	}
	for _, path := range sortedKeys(values) {
		if values[path] == Removed {
			continue
		}
		if err := next.set(path, strings.TrimSpace(strings.ReplaceAll(values[path], "\r\n", "\n"))); err != nil {
			return c, err
		}
	}
	next.remove(values)
	return next, nil
}

// set writes the value of a form to where it belongs.
func (c *Connection) set(path, value string) error {
	v, ok := partOf(reflect.ValueOf(c).Elem(), path)
	switch {
	case !ok:
		return &Error{Key: path, Message: "there is no such key", Mend: "docs/settings.md lists all keys"}
	case value == "":
		v.SetZero()
	case v.Type() == reflect.TypeFor[[]string]():
		v.Set(reflect.ValueOf(strings.Fields(value)))
	case v.Kind() == reflect.String:
		v.SetString(value)
	default:
		return setParsed(v, path, value)
	}
	return nil
}

// setParsed reads a value as the file would have it.
func setParsed(v reflect.Value, path, value string) error {
	of, optional := v.Type(), v.Kind() == reflect.Pointer
	if optional {
		of = of.Elem()
	}
	next := reflect.New(of)
	err := decode([]byte(value), next.Interface(), "connections[]."+keyPath(path)+".")
	if err == nil {
		if !optional {
			next = next.Elem()
		}
		v.Set(next)
		return nil
	}
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	at := *e
	at.Key, at.Line = strings.Trim(path+"."+e.Key, "."), 0
	return &at
}

// remove takes out the entries of lists that the form says so of: the last one of a list
// first, and what is in an entry before it, so that no path leads elsewhere meanwhile.
func (c *Connection) remove(values map[string]string) {
	paths := sortedKeys(values)
	slices.SortStableFunc(paths, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(b, a)) })
	for _, path := range paths {
		if at := strings.LastIndex(path, "["); at > 0 && values[path] == Removed {
			c.removeAt(path[:at], strings.TrimSuffix(path[at+1:], "]"))
		}
	}
}

func (c *Connection) removeAt(list, number string) {
	v, ok := partOf(reflect.ValueOf(c).Elem(), list)
	i, err := strconv.Atoi(number)
	if ok && err == nil && v.Kind() == reflect.Slice && 0 <= i && i < v.Len() {
		v.Set(reflect.AppendSlice(v.Slice(0, i), v.Slice(i+1, v.Len())))
	}
}

// partOf is what a path leads to; the entry after the last one of a list is made.
func partOf(v reflect.Value, path string) (reflect.Value, bool) {
	for _, step := range strings.Split(path, ".") {
		if v.Kind() != reflect.Struct {
			return v, false
		}
		name, number, indexed := strings.Cut(strings.TrimSuffix(step, "]"), "[")
		v = fieldNamed(v, name)
		if indexed && v.IsValid() {
			v = entryAt(v, number)
		}
		if !v.IsValid() {
			return v, false
		}
	}
	return v, true
}

func fieldNamed(v reflect.Value, name string) reflect.Value {
	for i := range v.NumField() {
		if name != "" && yamlName(v.Type().Field(i)) == name {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}

func entryAt(list reflect.Value, number string) reflect.Value {
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || list.Kind() != reflect.Slice || i > list.Len() {
		return reflect.Value{}
	}
	if i == list.Len() {
		list.Set(reflect.Append(list, reflect.New(list.Type().Elem()).Elem()))
	}
	return list.Index(i)
}
