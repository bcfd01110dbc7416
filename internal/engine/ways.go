package engine

import (
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
)

// switchWays notes the moment at which each way is switched on. What is followed already
// and passes one more way is polled from that moment on, and compared once where it is
// linked, as what was edited meanwhile is seen by nobody any more; a pair that is switched
// on as a whole, which fresh says, is compared anyway.
func (e *Engine) switchWays(tx *store.Tx, c *Conn, noted map[core.Pair]time.Time, fresh map[core.Pair]bool) error {
	for _, w := range c.Ways() {
		was, known := noted[w.Name]
		if !w.On {
			delete(noted, w.Name)
			continue
		}
		if known && !c.since[w.Name].After(was) {
			continue
		}
		noted[w.Name], c.begun = e.from(c, w.Name), true
		if fresh[w.Pair] {
			continue
		}
		if err := e.rewind(tx, c, w.Pair, noted[w.Name]); err != nil {
			return err
		}
		of := func(l *core.Link) bool { return w.Object == "" || l.Refs[core.HubSpot].Object == w.Object }
		if err := e.compareLinked(tx, c, w.Pair, of); err != nil {
			return err
		}
	}
	return nil
}
