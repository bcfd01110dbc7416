package salesforcesim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// as reads a JSON body into the parameter of an action.
func as[T any](act func(T) error) func([]byte) error {
	return func(body []byte) error {
		var arg T
		if err := readStrict(body, &arg); err != nil {
			return fmt.Errorf("read body: %w", err)
		}
		return act(arg)
	}
}

// bare is an action without parameters: its body is empty or {}.
func bare(act func()) func([]byte) error {
	run := as(func(struct{}) error { act(); return nil })
	return func(body []byte) error {
		if len(bytes.TrimSpace(body)) == 0 {
			body = []byte("{}")
		}
		return run(body)
	}
}

// readStrict reads JSON and refuses by name what the target has no place for.
func readStrict(body []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	if err == nil && dec.More() {
		return errors.New("more than one JSON value")
	}
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF):
		return errors.New("it is empty; send JSON")
	case errors.As(err, &wrong):
		return fmt.Errorf("%s cannot be a %s", orElse(wrong.Field, "the body"), wrong.Value)
	}
	if name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		return fmt.Errorf("unknown key %s; known are %s", name, strings.Join(keysOf(reflect.TypeOf(into).Elem()), ", "))
	}
	return errors.New("it is no JSON")
}

// keysOf lists the keys that a struct takes.
func keysOf(t reflect.Type) (keys []string) {
	if t.Kind() != reflect.Struct {
		return nil
	}
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous || !f.IsExported() {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		keys = append(keys, orElse(name, strings.ToLower(f.Name)))
	}
	return keys
}
