package console

import (
	"net/http"
	"slices"
	"strings"

	"tandem/internal/config"
)

// Ends of the names of a map's fields in a form.
const (
	mapLeft  = "/left"
	mapRight = "/right"
)

// mapRows are the rows of a map with three blank ones to fill in.
func mapRows(one config.Control) [][2]string {
	return append(config.PairsOf(one.Value), make([][2]string, 3)...)
}

// postedMap is what the rows of a posted form say; those that are blank say nothing. It is
// the control's own value where they say the same.
func postedMap(r *http.Request, one config.Control) (value string, ok bool) {
	left, right := r.PostForm[one.Path+mapLeft], r.PostForm[one.Path+mapRight]
	if len(left) == 0 || len(left) != len(right) {
		return "", false
	}
	var rows [][2]string
	for i := range left {
		if row := [2]string{strings.TrimSpace(left[i]), strings.TrimSpace(right[i])}; row != [2]string{} {
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	if slices.Equal(rows, config.PairsOf(one.Value)) {
		return one.Value, true
	}
	return config.PairsText(rows), true
}

// blankWords say what it means that a choice was left out.
func (f *settingsForm) blankWords(one config.Control) string {
	rules := one.Path + ".rules["
	if slices.ContainsFunc(f.controls, func(c config.Control) bool { return strings.HasPrefix(c.Path, rules) }) {
		return "What the rules below say"
	}
	return "(not chosen)"
}
