package engine

import (
	"strings"

	"tandem/internal/core"
)

// drops are the linked records that a scope drops by its filter, and by its list: each brake
// counts by one of the two alone.
type drops struct{ filter, list core.Drop }

// haltOf foretells which brake a changed filter or another list pulls once it counts, by whom
// it drops of the linked records, as guardScope and the look at a list count them; blank where
// none does. Of what is switched on nobody syncs yet.
func (a changedScope) haltOf(c *Conn, by *drops) string {
	if a.on || a.of != "" {
		return ""
	}
	records, limits := c.Pairs.Plural(a.pair), c.Settings.Brakes.Scope.Limits()
	for _, key := range a.keys {
		brake := core.CheckList(records, key, by.list, limits)
		if strings.Contains(key, ".filter.") {
			brake = core.CheckScope(records, by.filter, limits)
		}
		if brake != nil {
			return brake.Reason
		}
	}
	return ""
}
