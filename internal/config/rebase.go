package config

import (
	"fmt"
	"reflect"

	"github.com/goccy/go-yaml"
)

// Rebase makes of exported settings, which somebody edited from a base, the same edit of
// the settings that count by now. Entries of lists that have names, as mappings have, are
// told apart by them; other lists are taken as a whole. Where both changed a key the edit's
// value is taken.
func Rebase(base, mine, now []byte) ([]byte, error) {
	var trees [3]map[string]any
	for i, text := range [][]byte{base, mine, now} {
		if err := yaml.Unmarshal(text, &trees[i]); err != nil {
			return nil, fmt.Errorf("read settings: %w", err)
		}
	}
	text, err := yaml.Marshal(rebased(trees[0], trees[1], trees[2]))
	if err != nil {
		return nil, fmt.Errorf("write settings: %w", err)
	}
	return text, nil
}

func rebased(base, mine, now map[string]any) map[string]any {
	out := map[string]any{}
	for key, v := range now {
		if _, kept := mine[key]; kept || base[key] == nil {
			out[key] = v
		}
	}
	for key, v := range mine {
		if !reflect.DeepEqual(v, base[key]) {
			out[key] = rebasedValue(base[key], v, now[key])
		}
	}
	return out
}

// rebasedValue is an edited value on what stands there by now.
func rebasedValue(base, mine, now any) any {
	if of, block := mine.(map[string]any); block {
		if theirs, too := now.(map[string]any); too {
			before, _ := base.(map[string]any)
			return rebased(before, of, theirs)
		}
		return mine
	}
	of, ok := namedEntries(mine)
	theirs, too := namedEntries(now)
	before, had := namedEntries(base)
	if !ok || !too || !had && base != nil {
		return mine
	}
	all := rebased(before.of, of.of, theirs.of)
	var out []any
	for _, name := range append(theirs.names, of.names...) {
		if v, kept := all[name]; kept {
			out = append(out, v)
			delete(all, name)
		}
	}
	return out
}

// named are the entries of a list by what each is known by, in their order.
type named struct {
	names []string
	of    map[string]any
}

// namedEntries are those of a list in which every entry has a name of its own.
func namedEntries(tree any) (n named, ok bool) {
	list, isList := tree.([]any)
	n.of = map[string]any{}
	for i, one := range list {
		name := entryName(i, one)
		if _, block := one.(map[string]any); !block || n.of[name] != nil || name == fmt.Sprint(i) {
			return n, false
		}
		n.names, n.of[name] = append(n.names, name), one
	}
	return n, isList
}
