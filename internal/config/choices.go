package config

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// choice is what may be written for a key: one of words, or, with others, something else
// as well.
type choice struct {
	words  []string
	others bool
}

// noWord is a word that no key takes and that is no expression either.
const noWord = "(no word"

// choices are the words of every key that takes some, by its path. The checks know them: a
// word that none takes is put where each text stands, and the refusal tells.
var choices = sync.OnceValue(func() map[string]choice {
	out := map[string]choice{}
	c := everythingOn()
	texts(reflect.ValueOf(c).Elem(), "", func(path string, v reflect.Value) {
		was := reflect.New(v.Type()).Elem()
		was.Set(v)
		defer func() { v.Set(was) }()
		if v.Kind() == reflect.Slice {
			v.Set(reflect.Append(v, reflect.ValueOf(noWord)))
		} else {
			v.SetString(noWord)
		}
		var e *Error
		if errors.As(c.check(finder{root: "$"}), &e) && strings.HasPrefix(e.Key, path) && len(e.Choices) > 0 {
			out[keyPath(path)] = choice{e.Choices, e.Others}
		}
	})
	return out
})

// everythingOn are settings in which every check has something to look at.
func everythingOn() *Connection {
	c := &Connection{CustomObjects: []CustomObject{{Name: "project", Salesforce: "Project__c", HubSpot: "2-1"}}}
	c.Companies.Sync, c.Contacts.Sync, c.Activities.Timeline.EmailSends.Sync = true, true, true
	c.Contacts.FromHubSpot.Rules = []PersonRule{{When: "true", Create: BecomesLead}}
	c.Lifecycle.Stages = []StageRow{{LeadStatus: "Working", Stage: "lead"}}
	c.Complete()
	return c
}

// texts calls fn with every text, and list of texts, of settings.
func texts(v reflect.Value, path string, fn func(path string, v reflect.Value)) {
	switch {
	case v.Type() == reflect.TypeFor[PersonChoice]():
		fn(path, v.FieldByName("Object"))
		texts(v.FieldByName("Rules"), path+".rules", fn)
	case v.Kind() == reflect.String || v.Type() == reflect.TypeFor[[]string]():
		fn(path, v)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		for i := range v.Len() {
			texts(v.Index(i), fmt.Sprintf("%s[%d]", path, i), fn)
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if name := yamlName(v.Type().Field(i)); name != "" {
				texts(v.Field(i), strings.TrimPrefix(path+"."+name, "."), fn)
			}
		}
	}
}

// keyPath is the path of the table of keys for a path within a connection.
func keyPath(path string) string { return index.ReplaceAllString(path, "[]") }

// keysByPath are the keys of a connection by their path in it, lists with and without the
// brackets of an entry.
var keysByPath = sync.OnceValue(func() map[string]Key {
	out := map[string]Key{}
	for _, k := range Keys() {
		if path, ok := strings.CutPrefix(k.Path, "connections[]."); ok {
			out[path], out[strings.TrimSuffix(path, "[]")] = k, k
		}
	}
	return out
})
