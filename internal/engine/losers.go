package engine

import (
	"context"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// readLosers asks Salesforce who was merged or converted into the records that a deletion
// is about to reach, and into these: unlike HubSpot's, they do not say so themselves.
func (e *Engine) readLosers(ctx context.Context, b *batch) error {
	ask := map[core.Object][]string{}
	for _, it := range b.items {
		if b.deletesIn(it, core.Salesforce) && b.conn.Merges(it.link.Refs[core.Salesforce].Object) {
			r := it.link.Refs[core.Salesforce]
			ask[r.Object] = append(ask[r.Object], r.ID)
		}
	}
	b.losers = map[core.Ref][]core.Ref{}
	for len(ask) > 0 {
		found, err := e.lostInto(ctx, b, ask)
		if err != nil {
			return err
		}
		ask = map[core.Object][]string{}
		for into, lost := range found {
			if _, known := b.losers[into]; known {
				continue
			}
			b.losers[into] = lost
			for _, r := range lost {
				ask[r.Object] = append(ask[r.Object], r.ID)
			}
		}
	}
	return nil
}

// lostIn are all who were merged or converted into a record, as far as that was asked for.
func (b *batch) lostIn(r core.Ref) (out []core.Ref) {
	for _, lost := range b.losers[r] {
		out = append(append(out, lost), b.lostIn(lost)...)
	}
	return out
}

// lostInto are those who were merged into records of Salesforce and the leads that were
// converted into them, by the record that each became.
func (e *Engine) lostInto(ctx context.Context, b *batch, ask map[core.Object][]string) (map[core.Ref][]core.Ref, error) {
	found, err := e.mergedInto(ctx, b, ask)
	if _, visible := b.conn.Schemas[core.Salesforce][core.Lead]; err != nil || b.pair != core.ContactPair || len(ask[core.Contact]) == 0 || !visible {
		return found, err
	}
	leads, err := b.conn.Sides[core.Salesforce].Read(ctx, connector.Query{Object: core.Lead, By: "ConvertedContactId", Values: ask[core.Contact], Fields: []string{"ConvertedContactId"}})
	for i := range leads {
		if into, shown := leads[i].Get("ConvertedContactId"); shown && into != "" {
			contact := core.Ref{Side: core.Salesforce, Object: core.Contact, ID: into}
			found[contact] = append(found[contact], leads[i].Ref)
		}
	}
	return found, err
}

// mergedInto are the records of Salesforce's recycle bin that were merged into others, by
// the record that each became.
func (e *Engine) mergedInto(ctx context.Context, b *batch, masters map[core.Object][]string) (map[core.Ref][]core.Ref, error) {
	losers := map[core.Ref][]core.Ref{}
	for _, of := range b.conn.Pairs.Objects(b.pair)[core.Salesforce] {
		if len(masters[of]) == 0 {
			continue
		}
		recs, err := b.conn.Sides[core.Salesforce].Read(ctx, connector.Query{Object: of, By: "MasterRecordId", Values: masters[of], Deleted: true})
		if err != nil {
			return nil, err
		}
		for _, rec := range recs {
			master := core.Ref{Side: core.Salesforce, Object: of, ID: rec.MergedInto}
			losers[master] = append(losers[master], rec.Ref)
		}
	}
	return losers, nil
}
