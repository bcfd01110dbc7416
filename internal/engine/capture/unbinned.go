package capture

import (
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/store"
)

// SkipsBin reports an object whose records go through no recycle bin when they are deleted
// themselves (Object Reference, "OpportunityLineItem"): that Salesforce names one as deleted
// is the only word about it.
func SkipsBin(o core.Object) bool { return o == core.LineItem }

// captureEnds notes what a delivery of Salesforce's says of the end of linked records, and of
// their return: once the recycle bin is emptied of one, nothing else tells. A word older than
// what is known counts for nothing.
func captureEnds(tx *store.Tx, c *conn.Known, events []connector.Event) error {
	events = slices.DeleteFunc(slices.Clone(events), func(ev connector.Event) bool {
		return ev.Ref.Side != core.Salesforce || ev.Ref.ID == "" || ev.Kind != connector.EventDelete && ev.Kind != connector.EventUndelete
	})
	if len(events) == 0 {
		return nil
	}
	known, err := tx.SeenOf(c.ID, eventRefs(events))
	if err != nil {
		return err
	}
	links, err := tx.LinksOf(c.ID, eventRefs(events))
	if err != nil {
		return err
	}
	var news []store.SeenRow
	for _, ev := range events {
		l := links[ev.Ref]
		concerns := known[ev.Ref].Deleted || l != nil && l.State != core.LinkClosed || SkipsBin(ev.Ref.Object)
		if !concerns || ev.At.Before(known[ev.Ref].Stamp) {
			continue
		}
		known[ev.Ref] = store.Seen{Stamp: ev.At, Deleted: ev.Kind == connector.EventDelete}
		news = append(news, store.SeenRow{Ref: ev.Ref, Seen: known[ev.Ref]})
	}
	return tx.SeenPut(c.ID, news)
}
