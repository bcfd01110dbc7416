package config

import (
	"reflect"

	"tandem/internal/core"
)

// Key is one key of the settings, as docs/settings.md lists it.
type Key struct {
	Path    string // connections[].companies.match
	Type    string
	Default string
	Rule    string // requirement ids
	Text    string
}

// keysOf lists the keys of a struct and of what is in it, in their order, blocks
// before their parts.
func keysOf(t reflect.Type, prefix string) []Key {
	var out []Key
	for i := range t.NumField() {
		f := t.Field(i)
		name := yamlName(f)
		if name == "" {
			continue
		}
		typ, path := f.Type, prefix+name
		for typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		switch {
		case typ.Kind() == reflect.Slice && typ.Elem().Kind() == reflect.Struct:
			out = append(out, keyOf(typ.Elem(), path+"[]")...)
		case typ.Kind() == reflect.Map && typ.Elem().Kind() == reflect.Slice:
			for _, list := range mappingLists() {
				out = append(out, keyOf(typ.Elem().Elem(), path+"."+list+"[]")...)
			}
		default:
			out = append(out, keyOf(typ, path)...)
		}
	}
	return out
}

// mappingLists are the lists of mappings that every connection may have.
func mappingLists() (out []string) {
	for _, p := range core.StandardPairs.Names() {
		if p == core.ActivityPair {
			out = append(out, activityLists()...)
			continue
		}
		out = append(out, string(p))
	}
	return out
}

// keyOf is a key and, of a block, its parts.
func keyOf(t reflect.Type, path string) []Key {
	out := []Key{{Path: path, Type: typeName(t)}}
	if t.Kind() == reflect.Struct {
		out = append(out, keysOf(t, path+".")...)
	}
	return out
}

func typeName(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[Duration]():
		return "duration"
	case reflect.TypeFor[Size]():
		return "size"
	case reflect.TypeFor[Secret]():
		return "secret"
	case reflect.TypeFor[PersonChoice]():
		return "word or block"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "yes/no"
	case reflect.Int:
		return "whole number"
	case reflect.Float64:
		return "number"
	case reflect.Slice:
		return "list"
	case reflect.Map:
		return "map"
	case reflect.Struct:
		return "block"
	}
	return "text"
}

// notYet are keys that the design names and this release does not have. They are
// refused, not ignored: who sets them counts on them.
var notYet = map[string]string{
	"connections[].consent":                               "an opt-out passes wherever people sync, and nothing about that can be set; take the key out",
	"connections[].contacts.when_hubspot_contact_deleted": "the key is when_hubspot_deleted",
}
