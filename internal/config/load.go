package config

import (
	"fmt"
	"os"
	"reflect"
	"strings"
)

// Load reads, completes and checks a tandem.yaml. Errors name file and line and
// say what to write instead; they never show a line's text, which may be a
// secret.
func Load(path string) (*File, error) {
	text, err := ReadText(path)
	if err != nil {
		return nil, fmt.Errorf("read settings: %w (write them with tandem init, or name them with --config)", err)
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
	if err := decode(text, f, ""); err != nil {
		return nil, err
	}
	if path, err := revealSecrets(reflect.ValueOf(f), "$", env); err != nil {
		return nil, located(text, path, err.Error(), "give the value there, as ${NAME} from the environment, or as file:PATH")
	}
	f.complete()
	f.text = text
	return f, f.check(finder{text: text, root: "$"})
}

// revealSecrets replaces ${NAME} and file:PATH in every Secret by what they
// name. On an error it gives the path of the key.
func revealSecrets(v reflect.Value, path string, env func(string) (string, bool)) (string, error) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return revealSecrets(v.Elem(), path, env)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if at, err := revealSecrets(v.Field(i), path+"."+yamlName(v.Type().Field(i)), env); err != nil {
				return at, err
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if at, err := revealSecrets(v.Index(i), fmt.Sprintf("%s[%d]", path, i), env); err != nil {
				return at, err
			}
		}
	case reflect.String:
		if v.Type() != reflect.TypeFor[Secret]() {
			return "", nil
		}
		s, err := resolve(v.String(), env)
		if err != nil {
			return path, err
		}
		v.SetString(s)
	}
	return "", nil
}

// yamlName is the key of a struct's field; blank where it has none.
func yamlName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	return strings.TrimPrefix(name, "-")
}
