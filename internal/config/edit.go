package config

import (
	"fmt"
	"reflect"

	"tandem/internal/core"
)

// MayEdit is SET-10 for an edit of the settings file: with old settings that
// counted so far it refuses changed mappings of an object whose sync is off. The
// first settings of a connection may hold mappings while sync is off, and a list that has
// none may get some: they are the proposal that is looked at before it is switched on.
func (f *File) MayEdit(old Connection) error {
	for i := range f.Connections {
		if f.Connections[i].Name == old.Name {
			return mayEdit(old, f.Connections[i], finder{f.text, fmt.Sprintf("$.connections[%d]", i)})
		}
	}
	return nil
}

// MayApply is MayEdit for a text that Apply has read into next.
func MayApply(old, next Connection, text []byte) error {
	return mayEdit(old, next, finder{text, "$"})
}

func mayEdit(old, next Connection, at finder) error {
	pair := string(core.CompanyPair)
	was, is := old.Mappings[pair], next.Mappings[pair]
	if next.Companies.Sync || len(was) == 0 || sameMappings(was, is) {
		return nil
	}
	path := ".mappings." + pair
	for i := range is {
		if i >= len(was) || !sameMapping(was[i], is[i]) {
			path += fmt.Sprintf("[%d]", i)
			break
		}
	}
	return at.refuse(path, "the mappings of companies changed, and they can be edited only while company sync is on (SET-10)",
		"set companies.sync: true in the same edit, or leave the mappings as they were (tandem settings export shows them)")
}

func sameMappings(a, b []Mapping) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !sameMapping(a[i], b[i]) {
			return false
		}
	}
	return true
}

func sameMapping(a, b Mapping) bool {
	same := len(a.Values) == 0 && len(b.Values) == 0 || reflect.DeepEqual(a.Values, b.Values)
	a.Values, b.Values = nil, nil
	return same && reflect.DeepEqual(a, b)
}
