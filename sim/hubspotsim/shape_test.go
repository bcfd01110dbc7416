package hubspotsim

import (
	"fmt"
	"sort"
	"strings"
)

// shape lists the paths of a JSON value with the kind of what stands there.
// Under "properties" and in contexts only the kinds of values count.
func shape(v any, path string, out map[string]string) {
	switch x := v.(type) {
	case map[string]any:
		for k, e := range x {
			if strings.HasSuffix(path, ".properties") || strings.HasSuffix(path, ".additionalProperties") {
				k = "*"
			}
			shape(e, path+"."+k, out)
		}
	case []any:
		for _, e := range x {
			shape(e, path+"[]", out)
		}
		if len(x) == 0 {
			out[path+"[]"] += ""
		}
	case nil:
		if out[path] == "" {
			out[path] = "null"
		}
	default:
		out[path] = fmt.Sprintf("%T", x)
	}
}

// compareShapes tells what stands in one answer only. Lists that are empty on
// one side, and paths told to be optional, do not count.
func compareShapes(want, got any, optional ...string) []string {
	a, b := map[string]string{}, map[string]string{}
	shape(want, "", a)
	shape(got, "", b)
	skip := func(path string) bool {
		for _, o := range optional {
			if strings.HasPrefix(path, o) {
				return true
			}
		}
		return false
	}
	var out []string
	for path, kind := range a {
		have, ok := b[path]
		if !ok && !skip(path) {
			out = append(out, "missing "+path)
		}
		if ok && have != kind && have != "null" && kind != "null" {
			out = append(out, fmt.Sprintf("%s is %s, recorded %s", path, have, kind))
		}
	}
	for path := range b {
		if _, ok := a[path]; !ok && !skip(path) {
			out = append(out, "surplus "+path)
		}
	}
	sort.Strings(out)
	return out
}
