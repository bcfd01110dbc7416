package capture

import (
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/store"
)

// SkipsBin reports an object whose records go through no recycle bin when they are deleted
// themselves (Object Reference, "OpportunityLineItem"): that Salesforce names one as deleted
// is the only word about it.
func SkipsBin(o core.Object) bool { return o == core.LineItem }

// captureUnbinned notes what a delivery says of the end of such records, and of their return
// with their parent. A word older than what is known counts for nothing.
func captureUnbinned(tx *store.Tx, c *conn.Known, events []connector.Event) error {
	var rows []store.SeenRow
	var refs []core.Ref
	for _, ev := range events {
		ends := ev.Kind == connector.EventDelete
		if SkipsBin(ev.Ref.Object) && (ends || ev.Kind == connector.EventUndelete) {
			refs = append(refs, ev.Ref)
			rows = append(rows, store.SeenRow{Ref: ev.Ref, Seen: store.Seen{Stamp: ev.At, Deleted: ends}})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	known, err := tx.SeenOf(c.ID, refs)
	if err != nil {
		return err
	}
	var news []store.SeenRow
	for _, row := range rows {
		if row.Stamp.Before(known[row.Ref].Stamp) {
			continue
		}
		known[row.Ref] = row.Seen
		news = append(news, row)
	}
	return tx.SeenPut(c.ID, news)
}
