package salesforce

import (
	"context"
	"errors"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// writesPrices reports updates of products that carry prices.
func writesPrices(ops []core.Op) bool {
	return ops[0].Target.Object == core.Product && ops[0].Kind == core.OpUpdate && slices.ContainsFunc(ops, func(op core.Op) bool { return len(pricesIn(op)) > 0 })
}

func pricesIn(op core.Op) []string {
	_, prices := splitPrices(op.Target.Object, sortedNames(op.Fields))
	return prices
}

func sortedNames(fields map[string]string) []string {
	out := make([]string, 0, len(fields))
	for f := range fields {
		out = append(out, f)
	}
	slices.Sort(out)
	return out
}

// writePriced writes products first and their prices after them. A price that is refused is
// told as a field of the product, so that the rest of the update is not lost with it.
func (c *Client) writePriced(ctx context.Context, ops []core.Op) ([]core.Outcome, error) {
	outs := make([]core.Outcome, len(ops))
	var own []core.Op
	var at []int
	for i, op := range ops {
		outs[i] = core.Outcome{Key: op.Key, Status: core.Applied, ID: ID18(op.Target.ID)}
		if op = withoutPrices(op); len(op.Fields) > 0 {
			own, at = append(own, op), append(at, i)
		}
	}
	done, err := c.Write(ctx, own)
	if err != nil {
		return nil, err
	}
	for i, o := range done {
		outs[at[i]] = o
	}
	err = c.writePrices(ctx, ops, outs)
	if err != nil && len(own) == 0 {
		return nil, err
	}
	if err != nil {
		failed(ops, outs, err)
	}
	return outs, nil
}

func withoutPrices(op core.Op) core.Op {
	own, _ := splitPrices(op.Target.Object, sortedNames(op.Fields))
	fields := make(map[string]string, len(own))
	for _, f := range own {
		fields[f] = op.Fields[f]
	}
	op.Fields = fields
	return op
}

// failed tells of the ops whose products were written that their prices were not.
func failed(ops []core.Op, outs []core.Outcome, err error) {
	var e *connector.Error
	if !errors.As(err, &e) {
		e = &connector.Error{Side: core.Salesforce, Class: core.ClassTransient, Code: connector.CodeNetwork, Message: "the write was stopped before the price was sent"}
	}
	for i, op := range ops {
		if outs[i].Status == core.Applied && len(pricesIn(op)) > 0 {
			outs[i] = refused(op, e)
		}
	}
}

// pricing is one price on its way: the op of the product, the field, and what is written.
type pricing struct {
	at    int
	field string
	op    core.Op
}

// writePrices writes the prices of those ops whose products stand.
func (c *Client) writePrices(ctx context.Context, ops []core.Op, outs []core.Outcome) error {
	var products []string
	for i, op := range ops {
		if outs[i].Status == core.Applied && len(pricesIn(op)) > 0 {
			products = append(products, ID18(op.Target.ID))
		}
	}
	if len(products) == 0 {
		return nil
	}
	have, err := c.entries(ctx, products)
	if err != nil {
		return err
	}
	chosen, standard, err := c.books(ctx)
	if err != nil {
		return err
	}
	due := pricesDue{have: have, chosen: chosen.ID, standard: standard}
	for i, op := range ops {
		for _, f := range pricesIn(op) {
			if outs[i].Status != core.Applied {
				continue
			}
			if op.Fields[f] == "" {
				outs[i] = core.Outcome{Key: op.Key, Status: core.Rejected, Class: core.ClassRejected, Code: connector.CodePriceBlank, Message: unpriced(f), Fields: []string{f}}
				continue
			}
			due.add(i, op, f)
		}
	}
	for _, step := range [][]pricing{due.first, due.then, due.change} {
		if err := c.sendPrices(ctx, ops, outs, step); err != nil {
			return err
		}
	}
	return nil
}

// pricesDue are the entries to write, in this order: those of the standard price book that
// others need, new ones of the chosen book, and changed ones.
type pricesDue struct {
	have                map[entryKey]core.Record
	chosen, standard    string
	first, then, change []pricing
}

func (d *pricesDue) add(at int, op core.Op, field string) {
	code, _ := core.PriceCurrency(field)
	product := ID18(op.Target.ID)
	if entry, stands := d.have[entryKey{product, d.chosen, code}]; stands {
		d.change = append(d.change, pricing{at, field, entryChange(op, field, entry)})
		return
	}
	if _, has := d.have[entryKey{product, d.standard, code}]; !has && d.standard != d.chosen {
		d.first = append(d.first, pricing{at, field, entryMade(op, field, d.standard)})
	}
	d.then = append(d.then, pricing{at, field, entryMade(op, field, d.chosen)})
}

// entryMade is a new entry of a price book, active, with the price that an op gives.
func entryMade(of core.Op, field, book string) core.Op {
	code, _ := core.PriceCurrency(field)
	fields := map[string]string{core.EntryBook: book, core.EntryProduct: of.Target.ID, core.EntryPrice: of.Fields[field], core.EntryActive: "true"}
	if code != "" {
		fields[core.EntryCurrency] = code
	}
	return core.Op{Key: of.Key + "/" + field + "/" + book, Kind: core.OpCreate, Target: core.Ref{Side: core.Salesforce, Object: core.PriceBookEntry}, Fields: fields}
}

// entryChange is another price of an entry. One that took the standard price has its own
// from then on.
func entryChange(of core.Op, field string, entry core.Record) core.Op {
	fields := map[string]string{core.EntryPrice: of.Fields[field]}
	if entry.Values[entryStandard] == "true" {
		fields[entryStandard] = "false"
	}
	return core.Op{Key: of.Key + "/" + field, Kind: core.OpUpdate, Target: entry.Ref, Fields: fields}
}

// sendPrices writes entries of one kind and tells the outcomes of the products' ops.
func (c *Client) sendPrices(ctx context.Context, ops []core.Op, outs []core.Outcome, all []pricing) error {
	all = slices.DeleteFunc(all, func(p pricing) bool { return outs[p.at].Status != core.Applied })
	send := make([]core.Op, len(all))
	for i, p := range all {
		send[i] = p.op
	}
	done, err := c.Write(ctx, send)
	if err != nil {
		return err
	}
	for i, o := range done {
		if p := all[i]; o.Status != core.Applied {
			outs[p.at] = ofPrice(ops[p.at], p.field, o)
		}
	}
	return nil
}

// ofPrice is what the outcome of an entry says of the product's op. An entry that somebody
// else made meanwhile is met at the next look.
func ofPrice(op core.Op, field string, o core.Outcome) core.Outcome {
	o.Key, o.ID, o.Existing = op.Key, "", ""
	switch {
	case o.Class == core.ClassDuplicate:
		o.Status, o.Class = core.Stale, core.ClassStale
	case o.Status == core.Rejected && o.Class != core.ClassTransient && o.Class != core.ClassQuota:
		o.Fields = []string{field}
	}
	return o
}
