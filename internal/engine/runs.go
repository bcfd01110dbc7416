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

// Kinds of runs that list nothing: under them stands what was written.
const (
	runSync  = "sync"  // what events, polls, sweeps and single orders made due
	runApply = "apply" // a plan that was applied
)

// Lists reports that runs of a kind name the records that they look at, so that they can
// be gone on with, counted and cancelled.
func Lists(kind string) bool { return kind != runSync && kind != runApply }

// syncSpan is how long writes that no other run asked for count as one run, where nothing
// ends it before: short enough that undoing it leaves alone what went well for long.
const syncSpan = time.Hour

// tellRun puts entries about writes that no run asked for under the run of the sync that
// is under way, so that they can be found, counted and undone together.
func (e *Engine) tellRun(tx *store.Tx, c *Conn, all []told) error {
	own := func(t told) bool { return t.wrote && t.Run == 0 }
	if !slices.ContainsFunc(all, own) {
		return nil
	}
	r, err := e.syncRun(tx, c)
	if err != nil {
		return err
	}
	for i := range all {
		if own(all[i]) {
			all[i].Run = r.ID
			r.Total++
		}
	}
	return tx.RunSave(r)
}

// syncRun is the run of the sync that is under way, begun where there is none.
func (e *Engine) syncRun(tx *store.Tx, c *Conn) (store.Run, error) {
	r, found, err := tx.RunLast(c.ID, runSync)
	if err != nil || found && r.State == store.RunRunning && e.Now().Sub(r.Started) < syncSpan {
		return r, err
	}
	if err := e.endSync(tx, c); err != nil {
		return r, err
	}
	r = store.Run{Conn: c.ID, Kind: runSync, State: store.RunRunning, Created: e.Now(), Started: e.Now()}
	r.ID, err = tx.RunCreate(r)
	return r, err
}

// endSync ends the run of the sync that is under way, if there is one.
func (e *Engine) endSync(tx *store.Tx, c *Conn) error {
	r, found, err := tx.RunLast(c.ID, runSync)
	if err != nil || !found || r.State != store.RunRunning {
		return err
	}
	r.State, r.Ended = store.RunDone, e.Now()
	return tx.RunSave(r)
}

// parted runs fn as a sync of its own: what was written before counts to another run, and
// what is written after.
func (e *Engine) parted(ctx context.Context, c *Conn, fn func() error) error {
	end := func(ctx context.Context) error {
		return e.Update(ctx, func(tx *store.Tx) error { return e.endSync(tx, c) })
	}
	if err := end(ctx); err != nil {
		return err
	}
	err := fn()
	if ended := end(context.WithoutCancel(ctx)); err == nil {
		err = ended
	}
	return err
}

// applyArgs name the plan of a run that applies one.
type applyArgs struct {
	Plan int64 `json:"plan"`
}

// beginApply begins the run of a plan, or goes on with the one that was stopped.
func (e *Engine) beginApply(ctx context.Context, c *Conn, plan int64) (r store.Run, err error) {
	args := room.MustJSON(applyArgs{plan})
	err = e.Update(ctx, func(tx *store.Tx) error {
		if _, m, err := planMeta(tx, plan); err != nil || m.Shows() {
			return cmp.Or(err, error(notApplied(plan, settingsShown, "save the settings, and back-fill")))
		}
		if err := planStands(tx, plan, store.PlanApplying, ""); err != nil {
			return err
		}
		open, err := tx.RunsOpen(c.ID)
		if err != nil {
			return err
		}
		for _, was := range open {
			if was.Kind == runApply && string(was.Args) == string(args) {
				r = was
				return nil
			}
		}
		r = store.Run{Conn: c.ID, Kind: runApply, Args: args, State: store.RunRunning, Created: e.Now(), Started: e.Now()}
		r.ID, err = tx.RunCreate(r)
		return err
	})
	return r, err
}

// countApplied counts records to the run of a plan.
func countApplied(tx *store.Tx, run int64, n int) error {
	r, err := tx.Run(run)
	if err != nil {
		return err
	}
	r.Total += int64(n)
	return tx.RunSave(r)
}

// RunView is a run as a person reads it.
type RunView struct {
	Run     int64          `json:"run"`
	Kind    string         `json:"kind"`
	Words   string         `json:"-"` // RunWords of it
	State   store.RunState `json:"state"`
	Of      *RunOf         `json:"of,omitempty"`
	Records int64          `json:"records"` // that it named; of a sync and a plan, that it wrote
	// Wrote counts what it wrote: "update companies": 12.
	Wrote map[string]int `json:"wrote"`
	// Keyed counts by side the records that nothing else was written to than the id of their
	// partner in Tandem's own field, as a plan foretells them.
	Keyed map[string]int `json:"keyed,omitempty"`
	// Left counts the records that are not done by how they stand now, in the words of
	// RunRecordStates: a record that is tried again counts until it came through.
	Left map[string]int `json:"left,omitempty"`
	// Later are the runs that wrote records of this one after it had ended.
	Later   []LaterRun `json:"later,omitempty"`
	Created time.Time  `json:"created"`
	Started time.Time  `json:"started,omitzero"`
	Ended   time.Time  `json:"ended,omitzero"`
	Error   string     `json:"error,omitempty"`
}

// RunOf is what a run was asked for.
type RunOf struct {
	Pair core.Pair `json:"object,omitempty"`
	Plan int64     `json:"plan,omitempty"`
	Run  int64     `json:"undoes,omitempty"`
}

// lastRuns are up to limit runs of a connection, the newest first, but for the passes that
// the schedule makes: what these lead to stands under a sync.
func lastRuns(tx *store.Tx, c *Conn, limit int) ([]store.Run, error) {
	for asked := limit; ; asked *= 4 {
		all, err := tx.Runs(c.ID, asked)
		more := len(all) == asked
		all = slices.DeleteFunc(all, func(r store.Run) bool {
			return r.Kind == runFormulas || r.Kind == runRelations && r.State == store.RunDone && !askedFor(r)
		})
		if err != nil || len(all) >= limit || !more {
			return all[:min(limit, len(all))], err
		}
	}
}

func askedFor(r store.Run) bool {
	var a passArgs
	return json.Unmarshal(r.Args, &a) == nil && a.Asked
}

// Runs lists up to limit runs of a connection with what they wrote, the newest first. It
// reads their journals.
func (e *Engine) Runs(ctx context.Context, c *Conn, limit int) (out []RunView, err error) {
	var all []store.Run
	err = e.View(ctx, func(tx *store.Tx) (err error) { all, err = lastRuns(tx, c, limit); return err })
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		v := RunView{Run: r.ID, Kind: r.Kind, Words: RunWords(c.Pairs, r), State: r.State, Records: r.Total, Created: r.Created, Started: r.Started, Ended: r.Ended, Error: r.Error}
		v.Of = runOf(r)
		come, err := e.came(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		v.Wrote, v.Keyed, v.Left, v.Later = come.wrote, come.keyed, come.left, come.later()
		out = append(out, v)
	}
	return out, nil
}

// Wrote counts what a run wrote: "update companies": 12. Of updates and creates that tick or
// clear the opt-out box "opt-out Lead" and "opt-in Lead" tell how many these are. Keyed counts
// by side the records that got nothing but the id of their partner. It reads the run's journal.
func (e *Engine) Wrote(ctx context.Context, run int64) (wrote, keyed map[string]int, err error) {
	come, err := e.came(ctx, run)
	return come.wrote, come.keyed, err
}

// LastRuns lists up to limit runs of a connection, the newest first, without the passes
// that the schedule makes.
func (e *Engine) LastRuns(ctx context.Context, c *Conn, limit int) (all []store.Run, err error) {
	err = e.View(ctx, func(tx *store.Tx) (err error) { all, err = lastRuns(tx, c, limit); return err })
	return all, err
}

func runOf(r store.Run) *RunOf {
	var args struct {
		Pair core.Pair `json:"pair"`
		Plan int64     `json:"plan"`
		Run  int64     `json:"run"`
	}
	if json.Unmarshal(r.Args, &args) != nil {
		return nil
	}
	of := RunOf(args)
	if of == (RunOf{}) {
		return nil
	}
	return &of
}

// toldPage is how many entries of a journal are read at a time.
const toldPage = 500

// eachTold calls fn for the entries of a run in their order, behind the one numbered after.
func (e *Engine) eachTold(ctx context.Context, run, after int64, fn func(store.Entry, *Entry) error) error {
	for {
		var page []store.Entry
		err := e.View(ctx, func(tx *store.Tx) (err error) { page, err = tx.JournalOfRun(run, after, toldPage); return err })
		if err != nil || len(page) == 0 {
			return err
		}
		for _, en := range page {
			after = en.Seq
			var body Entry
			if err := json.Unmarshal(en.Body, &body); err != nil {
				return &room.Error{Code: room.CodeUsage, Message: "an entry of the journal cannot be read: " + err.Error(), Mend: "restore the store from a backup"}
			}
			if err := fn(en, &body); err != nil {
				return err
			}
		}
	}
}
