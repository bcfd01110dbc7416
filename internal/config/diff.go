package config

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

// Change is a key whose value differs; blank where one of the two has none.
type Change struct {
	Key    string `json:"key"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// Diff are the keys that differ between two exported settings, in their order.
func Diff(before, after []byte) (out []Change, err error) {
	var flat [2]map[string]string
	for i, text := range [][]byte{before, after} {
		var tree any
		if err := yaml.Unmarshal(text, &tree); err != nil {
			return nil, fmt.Errorf("read settings: %w", err)
		}
		flat[i] = map[string]string{}
		flatten(flat[i], "", tree)
	}
	both := map[string]bool{}
	for _, one := range flat {
		for key := range one {
			both[key] = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(both)) {
		if was, is := flat[0][key], flat[1][key]; was != is {
			out = append(out, Change{key, was, is})
		}
	}
	return out, nil
}

// flatten writes each value of a document under the path that leads to it.
func flatten(out map[string]string, at string, tree any) {
	switch v := tree.(type) {
	case map[string]any:
		for key, one := range v {
			flatten(out, strings.TrimPrefix(at+"."+key, "."), one)
		}
	case []any:
		for i, one := range v {
			flatten(out, at+"["+entryName(i, one)+"]", one)
		}
	default:
		out[at] = strconv.Quote(fmt.Sprint(v))
		if _, text := v.(string); !text {
			out[at] = fmt.Sprint(v)
		}
	}
}

// entryName is what an entry of a list is known by: a mapping by its two fields, other
// entries by what names them, and the rest by their place. An entry that was only put in
// between others is the one line that differs.
func entryName(i int, entry any) string {
	fields, _ := entry.(map[string]any)
	if hs, sf := fields["hubspot"], fields["salesforce"]; hs != nil && sf != nil && fields["name"] == nil {
		return fmt.Sprint(hs, " ⇄ ", sf)
	}
	for _, key := range []string{"name", "field", "event", "campaign", "lead_status", "opportunity_stage"} {
		if v := fields[key]; v != nil {
			return fmt.Sprint(v)
		}
	}
	return strconv.Itoa(i)
}
