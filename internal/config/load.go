package config

import (
	"fmt"
	"os"
	"reflect"

	"github.com/goccy/go-yaml"
)

// Load reads, completes and checks a tandem.yaml. Errors name file and line.
func Load(path string) (*File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read settings: %w (write one with tandem init, or name it with --config)", err)
	}
	f, err := Parse(text, os.LookupEnv)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// Parse is Load on bytes, with the given environment.
func Parse(text []byte, env func(string) (string, bool)) (*File, error) {
	f := &File{}
	if err := yaml.UnmarshalWithOptions(text, f, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s", yaml.FormatError(err, false, true))
	}
	if err := revealSecrets(reflect.ValueOf(f), env); err != nil {
		return nil, err
	}
	f.complete()
	return f, f.check(text)
}

// revealSecrets replaces ${NAME} and file:PATH in every Secret by what they name.
func revealSecrets(v reflect.Value, env func(string) (string, bool)) error {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return revealSecrets(v.Elem(), env)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if err := revealSecrets(v.Field(i), env); err != nil {
				return err
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if err := revealSecrets(v.Index(i), env); err != nil {
				return err
			}
		}
	case reflect.String:
		if v.Type() != reflect.TypeFor[Secret]() {
			return nil
		}
		s, err := resolve(v.String(), env)
		if err != nil {
			return err
		}
		v.SetString(s)
	}
	return nil
}
