package config

import (
	"fmt"
	"reflect"

	"github.com/goccy/go-yaml"
)

// Rebase makes of exported settings, which somebody edited from a base, the same edit of
// the settings that count by now. Lists are taken as a whole. Where both changed a key the
// edit's value is taken.
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
		if reflect.DeepEqual(v, base[key]) {
			continue
		}
		of, block := v.(map[string]any)
		theirs, too := now[key].(map[string]any)
		before, _ := base[key].(map[string]any)
		if out[key] = v; block && too {
			out[key] = rebased(before, of, theirs)
		}
	}
	return out
}
