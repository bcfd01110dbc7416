package config

import (
	"strings"

	"github.com/goccy/go-yaml"
)

// PairsOf are the rows of a control of the kind Map, by their first text.
func PairsOf(text string) [][2]string {
	var m map[string]string
	if yaml.Unmarshal([]byte(text), &m) != nil {
		return nil
	}
	return pairsOf(m)
}

func pairsOf(m map[string]string) (out [][2]string) {
	for _, key := range sortedKeys(m) {
		out = append(out, [2]string{key, m[key]})
	}
	return out
}

// PairsText writes rows as the value of a control. A text that begins two rows stays in
// both, so that whoever reads the value refuses it.
func PairsText(rows [][2]string) string {
	var m yaml.MapSlice
	for _, row := range rows {
		m = append(m, yaml.MapItem{Key: row[0], Value: row[1]})
	}
	if len(m) == 0 {
		return ""
	}
	text, err := yaml.Marshal(m)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
