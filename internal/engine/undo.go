package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"tandem/internal/core"
	"tandem/internal/engine/gate"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

const (
	runUndo = "undo"
	// UndoRule is the rule of the writes of an undo.
	UndoRule = "undo"
)

// UndoArgs say which run is undone, and how far.
type UndoArgs struct {
	Run int64 `json:"run"`
	// Unlink ends the links that the run made.
	Unlink bool `json:"unlink,omitempty"`
	// DeleteCreated archives the records that the run made and nobody has touched since,
	// and ends their links.
	DeleteCreated bool `json:"delete_created,omitempty"`
	// Entry narrows the undo to what one entry of the journal tells of, by its number, and
	// Field to one mapped field, by its name on either side.
	Entry int64  `json:"entry,omitempty"`
	Field string `json:"field,omitempty"`
	// Pass has the values that are put back pass to the other side as edits do.
	Pass bool `json:"pass,omitempty"`
}

// means reports that an entry of the journal tells of what is undone.
func (a *UndoArgs) means(en *store.Entry) bool {
	return en.Run == a.Run && (a.Entry == 0 || en.Seq == a.Entry)
}

// entry is the one that the undo is narrowed to.
func (a *UndoArgs) entry(tx *store.Tx) (store.Entry, error) {
	found, err := tx.JournalOfRun(a.Run, a.Entry-1, 1)
	if err == nil && (len(found) == 0 || found[0].Seq != a.Entry) {
		err = &room.Error{Code: room.CodeNotFound, Message: fmt.Sprintf("entry %d of the journal is not there, or run %d did not write it", a.Entry, a.Run), Mend: "tandem history --json gives the numbers of both"}
	}
	if err != nil {
		return store.Entry{}, err
	}
	return found[0], nil
}

// StartUndo queues the undo of a run: values that the run wrote and that still stand are
// put back. An undo of the same that was interrupted goes on. It is refused for a run that
// has not ended, and while the connection may not work.
func (e *Engine) StartUndo(ctx context.Context, c *Conn, a UndoArgs) (id int64, err error) {
	err = e.Update(ctx, func(tx *store.Tx) error {
		if err := gate.MayWork(tx, &c.Known); err != nil {
			return err
		}
		if err := e.undoable(tx, c, a); err != nil {
			return err
		}
		args := room.MustJSON(a)
		if id, err = openRun(tx, c, runUndo, args); err != nil || id != 0 {
			return err
		}
		id, err = tx.RunCreate(store.Run{Conn: c.ID, Kind: runUndo, Args: args, State: store.RunQueued, Created: e.Now()})
		if err != nil {
			return err
		}
		return e.audit(tx, "undo", a)
	})
	return id, err
}

// undoable refuses a run that is not there or goes on. The sync under way ends as a run:
// what it writes from now on belongs to the next one.
func (e *Engine) undoable(tx *store.Tx, c *Conn, a UndoArgs) error {
	run := a.Run
	r, err := tx.Run(run)
	switch {
	case store.CodeOf(err) == store.NotFound || err == nil && r.Conn != c.ID:
		return &room.Error{Code: room.CodeNotFound, Message: fmt.Sprintf("there is no run %d of connection %s", run, c.Settings.Name), Mend: "tandem runs lists them"}
	case err != nil:
		return err
	case r.Kind == runSync && r.State == store.RunRunning:
		if err := e.endSync(tx, c); err != nil {
			return err
		}
	case r.State == store.RunQueued || r.State == store.RunRunning:
		return &room.Error{Code: room.CodeUsage, Message: fmt.Sprintf("run %d (%s) has not ended", run, RunWords(c.Pairs, r)), Mend: fmt.Sprintf("wait for its end, or end it with tandem cancel %d", run)}
	}
	if a.Entry != 0 {
		_, err = a.entry(tx)
	}
	return err
}

// undoSteps put what belongs to others first: a company is archived after its people and
// deals.
func undoSteps(pairs core.PairSet) []step {
	var out []step
	for _, p := range slices.Backward(pairs.Names()) {
		out = append(out, step{pair: p})
	}
	return out
}

// listUndo makes due what a run has written of an object pair. The checkpoint is the
// number of the journal's entry.
func (e *Engine) listUndo(ctx context.Context, c *Conn, r *store.Run, s step, at int, after string) error {
	var a UndoArgs
	if err := json.Unmarshal(r.Args, &a); err != nil {
		return fmt.Errorf("read what run %d undoes: %w", r.ID, err)
	}
	seq, _ := strconv.ParseInt(after, 10, 64)
	return e.eachWritten(ctx, c, &a, seq, s.pair, func(last int64, refs []core.Ref) error {
		return e.listed(ctx, c, r, checkpoint(at, strconv.FormatInt(last, 10)), maxBacklog, func(tx *store.Tx) (int, error) {
			return len(refs), tx.Mark(c.ID, room.DirtyOf(c.Pairs, refs, core.ReasonUndo, r.ID, e.Now()))
		})
	})
}

// eachWritten calls fn page by page with the records of a pair that a run wrote or linked,
// behind an entry of the journal: each at the last entry about it.
func (e *Engine) eachWritten(ctx context.Context, c *Conn, a *UndoArgs, after int64, p core.Pair, fn func(last int64, refs []core.Ref) error) error {
	if a.Entry != 0 {
		return e.writtenByEntry(ctx, a, after, p, fn)
	}
	for {
		var refs []core.Ref
		last := after
		err := e.View(ctx, func(tx *store.Tx) (err error) { refs, last, err = writtenPage(tx, c.ID, a.Run, after, p); return err })
		if err != nil || last == after {
			return err
		}
		after = last
		if err := fn(after, refs); err != nil {
			return err
		}
	}
}

// writtenPage is the page of eachWritten behind an entry, and the last entry that it is of.
func writtenPage(tx *store.Tx, conn, run, after int64, p core.Pair) (refs []core.Ref, last int64, err error) {
	page, err := tx.JournalEndOfRun(run, after, toldPage)
	for _, en := range page {
		after = en.Seq
		wrote := en.LinkID != 0 || en.Kind != store.EntryDecision
		if err == nil && en.Pair == p && !wrote {
			wrote, err = wroteBefore(tx, conn, en)
		}
		if en.Pair == p && wrote {
			refs = append(refs, en.Ref)
		}
	}
	return refs, after, err
}

// writtenByEntry is eachWritten of the entry that an undo is narrowed to.
func (e *Engine) writtenByEntry(ctx context.Context, a *UndoArgs, after int64, p core.Pair, fn func(last int64, refs []core.Ref) error) error {
	var en store.Entry
	err := e.View(ctx, func(tx *store.Tx) (err error) { en, err = a.entry(tx); return err })
	if err != nil || en.Pair != p || en.Seq <= after {
		return err
	}
	return fn(en.Seq, []core.Ref{en.Ref})
}

// UndoView is what an undo does, or has done.
type UndoView struct {
	Undoes  int64 `json:"undoes"`
	Records int   `json:"records"` // that it looked at, a pair as one
	// PutBack counts its writes, Fields the values put back, by record and field.
	PutBack map[string]int `json:"put_back"`
	Fields  int            `json:"fields"`
	// Left counts what stays as it is, by code; Samples are the first of both.
	Left    map[string]int `json:"left"`
	Samples UndoSamples    `json:"samples"`
	// Restore are the first records to be restored by hand: what the run deleted.
	Restore []Left `json:"restore,omitempty"`
	// Later are the runs that wrote records of the undone one after it had ended, which its
	// undo leaves alone.
	Later []LaterRun `json:"later,omitempty"`

	looked map[any]bool  // links, and records without one
	told   map[Left]bool // of what is left, which either record of a pair may tell
}

// UndoSamples are the first writes of an undo and the first things it leaves alone.
type UndoSamples struct {
	PutBack []Write `json:"put_back"`
	Left    []Left  `json:"left"`
}

// samplesShown is how many of each kind a view names.
const samplesShown = 20

func newUndoView(run int64) *UndoView {
	return &UndoView{Undoes: run, PutBack: map[string]int{}, Left: map[string]int{}, looked: map[any]bool{}, told: map[Left]bool{}}
}

// look counts a record once for its pair, which may be looked at by either of its records,
// and says whether this is the first time.
func (v *UndoView) look(link int64, ref core.Ref) bool {
	var key any = link
	if link == 0 {
		key = ref
	}
	first := !v.looked[key]
	if first {
		v.looked[key], v.Records = true, v.Records+1
	}
	return first
}

func (v *UndoView) write(w Write) {
	v.PutBack[string(w.Kind)+" "+string(w.Object)]++
	v.Fields += len(w.After)
	if len(v.Samples.PutBack) < samplesShown {
		v.Samples.PutBack = append(v.Samples.PutBack, w)
	}
}

func (v *UndoView) leave(left []Left) {
	for _, l := range left {
		if v.told[l] {
			continue
		}
		v.told[l] = true
		v.Left[l.Code]++
		switch {
		case l.Code == leftDeleted:
			if len(v.Restore) < samplesShown {
				v.Restore = append(v.Restore, l)
			}
		case len(v.Samples.Left) < samplesShown:
			v.Samples.Left = append(v.Samples.Left, l)
		}
	}
}

// PlanUndo says what the undo of a run would do, and writes nothing.
func (e *Engine) PlanUndo(ctx context.Context, c *Conn, a UndoArgs) (*UndoView, error) {
	var named int64
	err := e.View(ctx, func(tx *store.Tx) error {
		r, err := tx.Run(a.Run)
		if store.CodeOf(err) == store.NotFound || err == nil && r.Conn != c.ID {
			return e.undoable(tx, c, a)
		}
		named = r.Total
		return err
	})
	if err != nil {
		return nil, err
	}
	v := newUndoView(a.Run)
	far := func() { Tell(ctx, Far{Stage: "what the run wrote", Done: v.Records, Total: int(named)}) }
	far()
	for _, s := range undoSteps(c.Pairs) {
		err := e.eachWritten(ctx, c, &a, 0, s.pair, func(_ int64, refs []core.Ref) error {
			for page := range slices.Chunk(refs, batchSize) {
				if err := e.planUndone(ctx, c, a, s.pair, page, v); err != nil {
					return err
				}
				far()
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return v, e.readLater(ctx, &a, v)
}

func (e *Engine) planUndone(ctx context.Context, c *Conn, a UndoArgs, p core.Pair, refs []core.Ref, v *UndoView) error {
	entries := make([]core.Dirty, len(refs))
	for i, r := range refs {
		entries[i] = core.Dirty{Ref: r, Pair: p}
	}
	b, err := e.readDry(ctx, c, p, entries)
	if err != nil {
		return err
	}
	if err := e.readUndoOf(ctx, b, func(*item) *UndoArgs { return &a }); err != nil {
		return err
	}
	for _, it := range b.items {
		var link int64
		if it.link != nil {
			link = it.link.ID
		}
		if !v.look(link, it.ref()) {
			continue
		}
		b.decideUndo(it)
		for _, op := range it.sent() {
			v.write(Write{Kind: op.Kind, Side: op.Target.Side.String(), Object: op.Target.Object, ID: op.Target.ID, Rule: op.Rule, Before: op.Before, After: op.Fields})
		}
		v.leave(it.undo.left)
	}
	return nil
}

// Undone is what an undo has done, by its journal.
func (e *Engine) Undone(ctx context.Context, run int64) (*UndoView, error) {
	var a UndoArgs
	err := e.View(ctx, func(tx *store.Tx) error {
		r, err := tx.Run(run)
		if err != nil {
			return err
		}
		return json.Unmarshal(r.Args, &a)
	})
	if err != nil {
		return nil, err
	}
	v := newUndoView(a.Run)
	err = e.eachTold(ctx, run, 0, func(en store.Entry, body *Entry) error {
		v.look(en.LinkID, en.Ref)
		for _, w := range body.Writes {
			if w.Status == core.Applied {
				v.write(w)
			}
		}
		v.leave(body.Left)
		if body.Redacted { // after the undo had looked at it
			v.leave([]Left{erasedLeft(en.Ref)})
		}
		return nil
	})
	return v, cmp.Or(err, e.readLater(ctx, &a, v))
}
