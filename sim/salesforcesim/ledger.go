package salesforcesim

import (
	"cmp"
	"slices"
	"time"
)

// entry is one change as the ledger keeps it: two immutable versions of a
// row. It is spelled out field by field only when somebody reads.
type entry struct {
	change
	at          int64
	who, client string
	key         string
}

// record appends a transaction to the ledger.
func (o *Org) record(t *tx, key string, all []change) {
	who := ""
	if u := o.find(t.by.userID); u != nil {
		who = u.named("Username").Str()
	}
	for _, c := range all {
		o.ledger = append(o.ledger, entry{change: c, at: t.seen, who: who, client: t.by.client, key: key})
	}
	if limit := o.options().LedgerCap; limit > 0 && len(o.ledger) > 2*limit {
		o.dropped += int64(len(o.ledger) - limit)
		o.ledger = slices.Clone(o.ledger[len(o.ledger)-limit:])
	}
}

// kept is what the ledger shows, and how many changes came before it.
func (o *Org) kept() (list []entry, before int64) {
	over := 0
	if limit := o.options().LedgerCap; limit > 0 {
		over = max(0, len(o.ledger)-limit)
	}
	return o.ledger[over:], o.dropped + int64(over)
}

// Ledger lists every write that is kept, oldest first, one entry a
// changed field; loading files and sample data is not a write.
func (o *Org) Ledger() []Entry {
	var out []Entry
	o.eachEntry(func(e Entry) bool {
		out = append(out, e)
		return true
	})
	return out
}

// LedgerFrom is Ledger from a place on, zero being its beginning, and the place to go on
// from: who looks often need not read again what stood there before.
func (o *Org) LedgerFrom(place int64) (lines []Entry, next int64) {
	o.mu.RLock()
	kept, before := o.kept()
	o.mu.RUnlock()
	next = before + int64(len(kept))
	return o.linesOf(kept[min(max(0, place-before), int64(len(kept))):]), next
}

// eachEntry walks the ledger without building all of it.
func (o *Org) eachEntry(yield func(Entry) bool) {
	o.mu.RLock()
	kept, _ := o.kept()
	o.mu.RUnlock()
	for chunk := range slices.Chunk(kept, 512) {
		for _, line := range o.linesOf(chunk) {
			if !yield(line) {
				return
			}
		}
	}
}

// linesOf spells out some entries under the lock that guards field names.
func (o *Org) linesOf(entries []entry) []Entry {
	o.mu.RLock()
	defer o.mu.RUnlock()
	var out []Entry
	for _, e := range entries {
		out = append(out, e.lines()...)
	}
	return out
}

// lines spells out one change.
func (e entry) lines() []Entry {
	base := Entry{Time: time.Unix(e.at, 0).UTC(), Who: e.who, Client: e.client, Object: e.object().name, ID: e.id(), Op: e.kind(), Tx: e.key}
	var out []Entry
	for _, idx := range e.touched() {
		f := e.object().slots[idx]
		line := base
		line.Field = f.name
		line.Before, line.After = plainAt(e.before, f), plainAt(e.after, f)
		if line.Before != line.After {
			out = append(out, line)
		}
	}
	if base.Op != "create" && base.Op != "update" || len(out) == 0 {
		out = append([]Entry{base}, out...)
	}
	return out
}

func plainAt(r *record, f *field) any {
	if r == nil {
		return nil
	}
	return plainValue(r.at(f), f.typ)
}

// touched lists the cells that either version holds.
func (e entry) touched() []int {
	var idx []int
	for _, r := range []*record{e.before, e.after} {
		if r == nil {
			continue
		}
		for i := range r.cells.all() {
			idx = append(idx, i)
		}
	}
	slices.SortFunc(idx, cmp.Compare[int])
	return slices.Compact(idx)
}
