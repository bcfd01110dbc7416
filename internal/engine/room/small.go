package room

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// MustJSON is a plain struct of ours as JSON.
func MustJSON(v any) []byte {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err) // only our own plain structs come here
	}
	return out
}

const stampLayout = "2006-01-02T15:04:05.000Z"

// StampText is a moment as cursors and fields keep it: UTC, to the millisecond.
func StampText(t time.Time) string { return t.UTC().Format(stampLayout) }

// ParseStamp reads what StampText wrote; the zero time where it did not.
func ParseStamp(s string) time.Time {
	t, _ := time.Parse(stampLayout, s)
	return t
}

// SortedKeys are a map's keys in order, for stable output.
func SortedKeys[M ~map[string]V, V any](m M) []string {
	return slices.Sorted(maps.Keys(m))
}

// Latest is the later of two moments.
func Latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
