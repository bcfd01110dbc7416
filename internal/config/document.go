package config

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:generate go test -run TestSettingsDocumentIsCurrent -update .

// Keys lists every key of the settings with type, default, requirement ids and
// meaning, in the order of the file.
func Keys() []Key {
	defaults := defaultsByPath()
	keys := keysOf(reflect.TypeFor[File](), "")
	for i := range keys {
		a, _ := describe(keys[i].Path)
		keys[i].Rule, keys[i].Text, keys[i].Default = a.rule, a.text, defaults[keys[i].Path]
	}
	return keys
}

// defaultsByPath are the values of settings that leave everything out.
func defaultsByPath() map[string]string {
	f := &File{Connections: []Connection{{}}}
	f.complete()
	out := map[string]string{}
	collect(reflect.ValueOf(*f), "", out)
	return out
}

func collect(v reflect.Value, prefix string, out map[string]string) {
	for i := range v.NumField() {
		name := yamlName(v.Type().Field(i))
		if name == "" {
			continue
		}
		switch f := v.Field(i); {
		case f.Type() == reflect.TypeFor[PersonChoice]():
			out[prefix+name] = defaultText(f.Interface())
		case f.Kind() == reflect.Struct:
			collect(f, prefix+name+".", out)
		case f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Struct:
			for j := range f.Len() {
				collect(f.Index(j), prefix+name+"[].", out)
			}
		case f.Kind() == reflect.Bool:
			out[prefix+name] = map[bool]string{true: "yes", false: "no"}[f.Bool()]
		case !f.IsZero():
			out[prefix+name] = defaultText(f.Interface())
		}
	}
}

// defaultText is a value as it is written in the file, on one line.
func defaultText(v any) string {
	text, err := yaml.MarshalWithOptions(v, yaml.Flow(true))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

const documentHead = `# Settings

This file is made from the program's own table of settings; do not edit it by hand
(` + "`go generate ./internal/config`" + ` makes it anew).

Settings stand in ` + "`tandem.yaml`" + `. Keys are written as paths: ` + "`connections[].companies.sync`" + `
is the key ` + "`sync`" + ` in the block ` + "`companies`" + ` of a connection. A key that is not listed here is
refused. Secrets are best given as ` + "`${NAME}`" + ` from the environment or as ` + "`file:PATH`" + `.
Durations read ` + "`60s`, `30m`, `12h`, `90d`" + `; sizes ` + "`500MiB`, `10GiB`" + `.

What syncs and how (everything of a connection but ` + "`name`, `salesforce` and `hubspot`" + `) can be
exported and applied with ` + "`tandem settings`" + ` and is kept in versions. Requirement ids are those
of the behaviour that Tandem implements.

| key | type | default | requirement | meaning |
|---|---|---|---|---|
`

// Document is docs/settings.md.
func Document() string {
	var b strings.Builder
	b.WriteString(documentHead)
	for _, k := range Keys() {
		def := ""
		if k.Default != "" {
			def = "`" + k.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", k.Path, k.Type, def, k.Rule, k.Text)
	}
	return b.String()
}
