package dst

import "slices"

// Shrink makes a history that fails as short as it gets: it leaves out acts, then
// faults, and makes what is left plain, as long as it still fails.
func Shrink(h History, fails func(History) bool) History {
	h.Strikes = fewest(h.Strikes, func(less []Strike) bool { c := h; c.Strikes = less; return fails(c) })
	h.Steps = fewest(h.Steps, func(less []Step) bool { c := h; c.Steps = less; return fails(c) })
	for _, simplify := range plainer {
		c := h
		c.Steps = slices.Clone(h.Steps)
		if simplify(&c) && fails(c) {
			h = c
		}
	}
	return h
}

// fewest is a part of a list that still does it, none of whose elements can be left
// out alone.
func fewest[T any](all []T, still func([]T) bool) []T {
	if len(all) == 0 || still(nil) {
		return nil
	}
	for size := (len(all) + 1) / 2; size > 0; size /= 2 {
		for at := 0; at < len(all); {
			if less := slices.Concat(all[:at], all[min(at+size, len(all)):]); len(less) < len(all) && still(less) {
				all = less
			} else {
				at += size
			}
		}
	}
	return all
}

// plainer make a history easier to follow; each says whether it changed it.
var plainer = []func(h *History) bool{
	func(h *History) bool { was := h.Shape.Workers; h.Shape.Workers = 1; return was != 1 },
	func(h *History) bool {
		changed := false
		for i := range h.Steps {
			if short := plain(h.Steps[i].Value); short != h.Steps[i].Value {
				h.Steps[i].Value, changed = short, true
			}
		}
		return changed
	},
}

// plain is the part of a value that tells it from the values of other steps.
func plain(value string) string {
	at := len(value)
	for at > 0 && value[at-1] >= '0' && value[at-1] <= '9' {
		at--
	}
	if at > 0 && at < len(value) && value[at-1] == 'v' {
		return value[at-1:]
	}
	return value
}
