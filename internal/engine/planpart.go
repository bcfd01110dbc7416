package engine

import (
	"context"
	"encoding/json"
	"slices"

	"tandem/internal/core"
	"tandem/internal/store"
)

// PlanPart names items of a plan; the zero value names all of them.
type PlanPart struct {
	Items []int64 `json:"items,omitempty"` // by their numbers
	What  string  `json:"what,omitempty"`  // those with a kind of writes: "create companies"
}

// page gives up to limit items of a part by their numbers, behind one.
func (part PlanPart) page(tx *store.Tx, plan, after int64, limit int) ([]store.PlanItem, error) {
	switch {
	case len(part.Items) > 0:
		return part.named(tx, plan, after, limit)
	case part.What != "":
		return tx.PlanItemsOf(plan, part.What, after, limit)
	}
	return tx.PlanItems(plan, after, limit)
}

func (part PlanPart) named(tx *store.Tx, plan, after int64, limit int) (out []store.PlanItem, err error) {
	for _, seq := range slices.Compact(slices.Sorted(slices.Values(part.Items))) {
		if seq <= after || len(out) == limit {
			continue
		}
		item, err := tx.PlanItem(plan, seq)
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return out, nil
}

// pending gives up to limit items of a part that nothing became of yet, behind one.
func (part PlanPart) pending(tx *store.Tx, plan, after int64, limit int) (out []store.PlanItem, err error) {
	for {
		page, err := part.page(tx, plan, after, limit)
		if err != nil || len(page) == 0 {
			return out, err
		}
		for _, item := range page {
			after = item.Seq
			if item.State == store.ItemPending {
				out = append(out, item)
			}
			if len(out) == limit {
				return out, nil
			}
		}
	}
}

// eachPending calls fn with the items of a part batch by batch, and begins again until none
// is left: one that shares its record with another may be passed over.
func (e *Engine) eachPending(ctx context.Context, plan int64, part PlanPart, fn func([]store.PlanItem) error) error {
	for after := int64(0); ; {
		var items []store.PlanItem
		err := e.View(ctx, func(tx *store.Tx) (err error) {
			items, err = part.pending(tx, plan, after, batchSize)
			return err
		})
		switch {
		case err != nil:
			return err
		case len(items) > 0:
			after = items[len(items)-1].Seq
			if err := fn(items); err != nil {
				return err
			}
		case after == 0:
			return nil
		default:
			after = 0
		}
	}
}

// PlanProgress is how far the applying of a plan has come.
type PlanProgress struct {
	Items int                     `json:"items,omitempty"` // records that it writes
	Ended map[store.ItemState]int `json:"ended,omitempty"` // of those
	// Left are those of them that nothing became of yet, by what they write.
	Left map[string]int `json:"left,omitempty"`
}

func newProgress() PlanProgress {
	return PlanProgress{Ended: map[store.ItemState]int{}, Left: map[string]int{}}
}

// Pending is how many records nothing became of yet.
func (p PlanProgress) Pending() int {
	n := p.Items
	for _, ended := range p.Ended {
		n -= ended
	}
	return max(0, n)
}

// begin counts items that were planned.
func (p *PlanProgress) begin(items []store.PlanItem) {
	p.Items += len(items)
	for _, item := range items {
		for _, what := range item.Writes {
			p.Left[what]++
		}
	}
}

// end counts items that something became of. A plan of before there was such a count has
// none.
func (p *PlanProgress) end(ends []planEnd) error {
	if p.Items == 0 {
		return nil
	}
	if p.Ended == nil {
		p.Ended = map[store.ItemState]int{}
	}
	for _, end := range ends {
		var ops []core.Op
		if err := json.Unmarshal(end.Ops, &ops); err != nil {
			return err
		}
		p.Ended[end.state]++
		for _, what := range kindsOf(ops) {
			if p.Left[what]--; p.Left[what] <= 0 {
				delete(p.Left, what)
			}
		}
	}
	return nil
}

// kindsOf are the kinds of writes of an item, each once.
func kindsOf(ops []core.Op) (out []string) {
	for i := range ops {
		if name := opName(&ops[i]); !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}
