package engine

import (
	"tandem/internal/core"
	"tandem/internal/store"
)

// switchWays notes the moment at which each way is switched on. What is followed already
// and passes one more way is compared once, as what was edited meanwhile is seen by nobody
// any more; a pair that is switched on as a whole, which fresh says, is compared anyway.
func (e *Engine) switchWays(tx *store.Tx, c *Conn, row *store.Connection, fresh map[core.Pair]bool) error {
	for _, w := range c.Ways() {
		switch _, was := row.Switched[w.Name]; {
		case !row.Disconnected.IsZero():
		case w.On && !was:
			row.Switched[w.Name] = e.Now()
			if fresh[w.Pair] {
				continue
			}
			of := func(l *core.Link) bool { return w.Object == "" || l.Refs[core.HubSpot].Object == w.Object }
			if err := e.compareLinked(tx, c, w.Pair, of); err != nil {
				return err
			}
		case !w.On && was:
			delete(row.Switched, w.Name)
		}
	}
	return nil
}
