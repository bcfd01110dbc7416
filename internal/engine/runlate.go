package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// A record that a run could not bring stays in the dirty set under its name, is tried again,
// and may come hours later, with what people entered meanwhile. What is written then belongs
// to the sync that writes it, so that an undo of the run takes back the run's own work alone;
// the run is told how the record stands by now, and by which run it came.

// endedRun is a run that had ended before a record of it was looked at again.
type endedRun struct {
	id int64
	at time.Time
}

// partEnded takes the items of runs that have ended off them. What an undo is still to do is
// of that undo, whenever it does it.
func (b *batch) partEnded(tx *store.Tx) error {
	ended := map[int64]endedRun{}
	for _, it := range b.items {
		if it.run == 0 || it.reasons.Has(core.ReasonUndo) {
			continue
		}
		of, known := ended[it.run]
		if !known {
			r, err := tx.Run(it.run)
			if err != nil && store.CodeOf(err) != store.NotFound {
				return err
			}
			if err == nil && !r.Ended.IsZero() {
				of = endedRun{r.ID, r.Ended}
			}
			ended[it.run] = of
		}
		if of.id != 0 {
			it.ended, it.run = of, 0
		}
	}
	return nil
}

// recall keeps a write of an earlier life that was sent at a time.
func (it *item) recall(w Write, sent time.Time) {
	w.sent = sent
	it.recalled = append(it.recalled, w)
}

// recalledBy are the recalled writes that were sent before the item's run had ended, or all
// others.
func (it *item) recalledBy(early bool) (out []Write) {
	for _, w := range it.recalled {
		if (it.ended.id != 0 && !w.sent.After(it.ended.at)) == early {
			out = append(out, w)
		}
	}
	return out
}

// early is the entry about what a run had sent before it ended and what turns out after that;
// it is like the entry about the rest.
func (it *item) early(like store.Entry) []told {
	writes := it.recalledBy(true)
	if len(writes) == 0 || !it.unknown.IsZero() {
		return nil
	}
	like.Run, like.Kind = it.ended.id, store.EntryOutcome
	like.Body = room.MustJSON(Entry{Verdict: it.verdict, Writes: writes})
	return []told{{Entry: like, wrote: true}}
}

// lateTold is what a run that had ended is told of one of its records.
type lateTold struct {
	run  int64
	refs []core.Ref // the record and whom it is linked with
	body Entry
}

// told is what the run is told of a record, by the entry about it; nil where there is none.
func (r endedRun) told(refs []core.Ref, body *Entry) *lateTold {
	if r.id == 0 {
		return nil
	}
	short := Entry{Late: true, Verdict: body.Verdict, Issues: body.Issues, FieldsLeft: body.FieldsLeft}
	if n := len(body.Decisions); n > 0 {
		short.Decisions = body.Decisions[n-1:]
	}
	return &lateTold{r.id, refs, short}
}

// lateEntries tell the runs that had ended of their records, once the entries about these
// have the runs that they belong to. What comes to a record that a run was done with is none
// of the run's.
func lateEntries(tx *store.Tx, conn int64, all []told) (out []told, err error) {
	for _, t := range all {
		if t.late == nil {
			continue
		}
		done, err := doneBy(tx, conn, t.late.run, t.late.refs)
		if err != nil {
			return nil, err
		}
		if done {
			continue
		}
		body := t.late.body
		if t.wrote {
			body.Later = t.Run
		}
		en := store.Entry{At: t.At, Run: t.late.run, Pair: t.Pair, Ref: t.Ref, Kind: store.EntryDecision, Body: room.MustJSON(body)}
		out = append(out, told{Entry: en})
	}
	return out, nil
}

// doneBy reports that a run's last word about a record is that it is done.
func doneBy(tx *store.Tx, conn, run int64, refs []core.Ref) (bool, error) {
	for before := int64(0); ; {
		page, err := tx.History(conn, refs, before, toldPage)
		if err != nil {
			return false, err
		}
		for _, was := range page {
			before = was.Seq
			if was.Run != run {
				continue
			}
			var body Entry
			if err := json.Unmarshal(was.Body, &body); err != nil {
				return false, err
			}
			if body.Verdict != "" {
				state, _ := body.runState()
				return state == RunRecordDone, nil
			}
		}
		if len(page) < toldPage {
			return false, nil
		}
	}
}

// LaterRun is a run that wrote records of another one after that had ended.
type LaterRun struct {
	Run     int64 `json:"run"`
	Records int   `json:"records"`
}

// coming is what came of a run: what it wrote, how many of its records are not done, and the
// records that later runs wrote.
type coming struct {
	wrote, left map[string]int
	keyed       map[string]int // by side: records to which nothing was written but their partner's id
	by          map[int64]map[core.Ref]bool
	open        map[core.Ref]string
}

func (e *Engine) came(ctx context.Context, run int64) (coming, error) {
	c := coming{wrote: map[string]int{}, keyed: map[string]int{}, left: map[string]int{}, by: map[int64]map[core.Ref]bool{}, open: map[core.Ref]string{}}
	err := e.eachTold(ctx, run, 0, func(en store.Entry, body *Entry) error {
		c.take(en.Ref, body)
		return nil
	})
	for _, state := range c.open {
		c.left[state]++
	}
	return c, err
}

func (c *coming) take(ref core.Ref, body *Entry) {
	if state, _ := body.runState(); state == RunRecordDone {
		delete(c.open, ref)
	} else {
		c.open[ref] = state
	}
	if body.Later != 0 {
		if c.by[body.Later] == nil {
			c.by[body.Later] = map[core.Ref]bool{}
		}
		c.by[body.Later][ref] = true
	}
	for _, w := range body.Writes {
		if w.Status != core.Applied {
			continue
		}
		if w.Rule == KeyRule {
			c.keyed[w.Side]++
			continue
		}
		c.wrote[string(w.Kind)+" "+string(w.Object)]++
		if what := optOf(w.Kind, w.Object, w.After); what != "" && w.Kind != core.OpUnsubscribe {
			c.wrote[what+" "+string(w.Object)]++
		}
	}
}

// later are the runs that wrote records of this one, in their order.
func (c *coming) later() (out []LaterRun) {
	for run, refs := range c.by {
		out = append(out, LaterRun{run, len(refs)})
	}
	slices.SortFunc(out, func(a, b LaterRun) int { return cmp.Compare(a.Run, b.Run) })
	return out
}

// readLater completes what the undo of a whole run does with the runs that wrote its records
// later.
func (e *Engine) readLater(ctx context.Context, a *UndoArgs, v *UndoView) error {
	if a.Entry != 0 {
		return nil
	}
	come, err := e.came(ctx, a.Run)
	v.Later = come.later()
	return err
}

// wroteBefore reports that the run of an entry wrote or linked the record before: its last
// word may be that the event of its own write changes nothing, or how the record stands by
// now.
func wroteBefore(tx *store.Tx, conn int64, en store.Entry) (bool, error) {
	for before := en.Seq; ; {
		page, err := tx.History(conn, []core.Ref{en.Ref}, before, toldPage)
		if err != nil {
			return false, err
		}
		for _, was := range page {
			before = was.Seq
			if was.Run == en.Run && (was.LinkID != 0 || was.Kind != store.EntryDecision) {
				return true, nil
			}
		}
		if len(page) < toldPage {
			return false, nil
		}
	}
}
