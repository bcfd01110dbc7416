package engine

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
)

// HistoryView is one journal entry with its time.
type HistoryView struct {
	At  time.Time `json:"at"`
	Ref string    `json:"ref"`
	Seq int64     `json:"seq,omitempty"` // the number of the entry
	Run int64     `json:"run,omitempty"` // that it belongs to, 0 for none
	// Became is the record that this one went into, where it is not the one asked for: by a
	// merge or a conversion.
	Became string `json:"became,omitempty"`
	Entry
}

// History is what the journal holds about a record and its partner, and about those that were
// merged or converted into them, newest first.
func (e *Engine) History(ctx context.Context, c *Conn, p core.Pair, id string, limit int) (out []HistoryView, err error) {
	err = e.View(ctx, func(tx *store.Tx) error {
		refs := refsFor(c.Pairs, p, id)
		links, err := tx.LinksOf(c.ID, refs)
		if err != nil {
			return err
		}
		for _, l := range links {
			refs = append(refs, l.Refs[0], l.Refs[1])
		}
		out, err = lifeHistory(tx, c.ID, refs, limit)
		return err
	})
	return out, err
}

// lifeHistory is the history of records and of all that became them.
func lifeHistory(tx *store.Tx, conn int64, refs []core.Ref, limit int) ([]HistoryView, error) {
	all, became := slices.Clone(refs), map[string]string{}
	for _, r := range refs {
		former, err := tx.Former(conn, r)
		if err != nil {
			return nil, err
		}
		for _, old := range former {
			became[old.String()] = r.String()
		}
		all = append(all, former...)
	}
	out, err := history(tx, conn, all, limit)
	for i := range out {
		out[i].Became = became[out[i].Ref]
	}
	return out, err
}

// history is what the journal holds about the records themselves, but for the words to runs
// that have ended.
func history(tx *store.Tx, conn int64, refs []core.Ref, limit int) ([]HistoryView, error) {
	out, err := erasedHistory(tx, conn, refs)
	if err != nil {
		return nil, err
	}
	for found, before := 0, int64(0); found < limit; {
		entries, err := tx.History(conn, refs, before, limit)
		if err != nil {
			return nil, err
		}
		if len(entries) == 0 {
			break
		}
		for _, en := range entries {
			v := HistoryView{At: en.At, Ref: en.Ref.String(), Seq: en.Seq, Run: en.Run}
			if err := json.Unmarshal(en.Body, &v.Entry); err != nil {
				return nil, err
			}
			if before = en.Seq; !v.Late {
				out, found = append(out, v), found+1
			}
		}
	}
	slices.SortStableFunc(out, func(a, b HistoryView) int { return b.At.Compare(a.At) })
	return out[:min(len(out), limit)], nil
}
