package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/capture"
	"tandem/internal/engine/gate"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// Kinds of runs.
const (
	runImport   = "import"
	runBackfill = "backfill"
	runResync   = "resync"
)

// ImportArgs say what an import, a bulk resync or a backfill names.
type ImportArgs struct {
	Pair core.Pair `json:"pair"`
	// Sides whose records are listed: those without a partner are looked at. An
	// import from Salesforce alone looks at HubSpot companies that carry an
	// account id as well, so that none of them is created again.
	Sides []core.Side `json:"sides"`
	// Linked keeps to records that have a link: a resync of mappings.
	Linked bool `json:"linked,omitempty"`
	// Refs are the records to look at instead, linked or not; nil to list the sides.
	Refs []core.Ref `json:"refs,omitempty"`
	// Pick takes only some of what is listed.
	Pick Pick `json:"pick,omitzero"`
}

func (a ImportArgs) json() []byte { return room.MustJSON(a) }

// StartImport queues an import (LIM-30: it writes all mapped fields in one pass).
// An import of the same that was interrupted goes on instead of beginning again;
// a resync or backfill begins again, since what it stands for may have changed.
// While the connection may not work it is refused, and nothing of it is kept.
func (e *Engine) StartImport(ctx context.Context, c *Conn, kind string, a ImportArgs) (int64, error) {
	if err := c.importable(a.Pair); err != nil {
		return 0, err
	}
	if err := e.checkPick(ctx, c, &a); err != nil {
		return 0, err
	}
	var id int64
	err := e.Update(ctx, func(tx *store.Tx) (err error) {
		if err := gate.MayWork(tx, &c.Known); err != nil {
			return err
		}
		if kind == runImport {
			if a.answersFirst() {
				if err := decideFirstImport(tx, c.ID, a.Pair); err != nil {
					return err
				}
			}
			if id, err = openRun(tx, c, kind, a.json()); err != nil || id != 0 {
				return err
			}
		}
		id, err = tx.RunCreate(store.Run{Conn: c.ID, Kind: kind, Args: a.json(), State: store.RunQueued, Created: e.Now()})
		return err
	})
	return id, err
}

// importable refuses an import of what does not sync. A resync of people whose fields
// do not pass still compares their accounts, which companies bring along.
func (c *Conn) importable(p core.Pair) error {
	switch {
	case c.Held[p] != nil:
		return c.HeldBack(p)
	case c.Syncs(p), p == core.ContactPair && c.Settings.Companies.Sync:
		return nil
	case p == core.ContactPair:
		return &room.Error{Code: room.CodeSyncOff, Message: "contact sync is off: an import would create nobody (SET-2)", Mend: "set contacts.sync: true and run tandem settings apply"}
	case p == core.ActivityPair:
		return &room.Error{Code: room.CodeSyncOff, Message: "no type of activities syncs: an import would create nothing (SET-9)", Mend: "switch one on, such as activities.tasks.from_salesforce: true, and run tandem settings apply"}
	case p != core.CompanyPair:
		off := policy.Off(p, c.Pairs.Def(p).Custom)
		return &room.Error{Code: room.CodeSyncOff, Message: fmt.Sprintf("%s sync is off: an import would create nothing (%s)", p, off), Mend: "set " + c.Settings.SwitchKey(p) + ": true and run tandem settings apply"}
	}
	return &room.Error{Code: room.CodeSyncOff, Message: "company sync is off: an import would create nothing (ACC-2)", Mend: "set companies.sync: true and run tandem settings apply"}
}

// openRuns are the runs that list records and have not ended, the youngest first.
func openRuns(tx *store.Tx, c *Conn) ([]store.Run, error) {
	all, err := tx.RunsOpen(c.ID)
	return slices.DeleteFunc(all, func(r store.Run) bool { return !Lists(r.Kind) }), err
}

// openRun is the run of a kind with the same arguments that has not ended, 0
// where there is none.
func openRun(tx *store.Tx, c *Conn, kind string, args []byte) (int64, error) {
	open, err := openRuns(tx, c)
	for _, r := range open {
		if r.Kind == kind && bytes.Equal(r.Args, args) {
			return r.ID, nil
		}
	}
	return 0, err
}

// openImport reports an import of a pair that has not ended.
func openImport(tx *store.Tx, c *Conn, p core.Pair) (bool, error) {
	open, err := openRuns(tx, c)
	return slices.ContainsFunc(open, func(r store.Run) bool {
		var a ImportArgs
		return r.Kind == runImport && json.Unmarshal(r.Args, &a) == nil && a.Pair == p
	}), err
}

// lane is a set of runs that are worked on one after the other, beside the other
// lanes.
type lane func(kind string) bool

// lanes keep what a person asked for from waiting behind a sweep.
var lanes = []lane{
	func(kind string) bool { return !slices.Contains(passes, kind) },
	func(kind string) bool { return slices.Contains(passes, kind) },
}

// runs continues every run of a lane that is queued or was interrupted, page by
// page behind its checkpoint.
func (e *Engine) runs(ctx context.Context, c *Conn, in lane) error {
	var open []store.Run
	err := e.View(ctx, func(tx *store.Tx) (err error) { open, err = openRuns(tx, c); return err })
	open = slices.DeleteFunc(open, func(r store.Run) bool { return !in(r.Kind) })
	if err != nil {
		return err
	}
	for i := len(open) - 1; i >= 0; i-- { // oldest first
		if err := e.run(ctx, c, open[i]); err != nil {
			return err
		}
	}
	return nil
}

// run lists what a run names. Its checkpoint is "step/after": the step's number
// and the page behind which it resumes.
func (e *Engine) run(ctx context.Context, c *Conn, r store.Run) error {
	steps, err := stepsOf(c.Pairs, r)
	if err != nil {
		return err
	}
	at, after := parseCheckpoint(r.Checkpoint)
	if r.State == store.RunQueued {
		r.State, r.Started = store.RunRunning, e.Now()
	}
	var wrong *room.Error
	for ; at < len(steps); at, after = at+1, "" {
		err := e.listing(r.Kind)(ctx, c, &r, steps[at], at, after)
		if err == nil {
			err = e.waitRun(ctx, c, r.ID)
		}
		switch {
		case errors.Is(err, errCancelled):
			return nil
		case errors.As(err, &wrong) && wrong.Code == room.CodeUsage:
			return e.failRun(ctx, r, wrong)
		case err != nil:
			return err
		}
	}
	r.State, r.Ended, r.Checkpoint = store.RunDone, e.Now(), checkpoint(at, "")
	err = e.Update(ctx, func(tx *store.Tx) error { return saveRun(tx, r) })
	if errors.Is(err, errCancelled) {
		return nil
	}
	return err
}

// listing is how the runs of a kind work off a step.
func (e *Engine) listing(kind string) func(ctx context.Context, c *Conn, r *store.Run, s step, at int, after string) error {
	switch kind {
	case capture.SweepRun:
		return e.sweep
	case runUndo:
		return e.listUndo
	case runRelations:
		return e.compareRelations
	case runFormulas:
		return e.reread
	case runOptOuts:
		return e.searchOptOuts
	}
	return e.step
}

// failRun ends a run that asks for what cannot be done; what it has made due is done.
func (e *Engine) failRun(ctx context.Context, r store.Run, why error) error {
	r.State, r.Ended, r.Error = store.RunFailed, e.Now(), why.Error()
	err := e.Update(ctx, func(tx *store.Tx) error { return saveRun(tx, r) })
	if errors.Is(err, errCancelled) {
		return nil
	}
	return err
}

// errCancelled says that a person ended the run that was to be saved.
var errCancelled = errors.New("the run was cancelled")

// saveRun stores how far a run has come, unless a person ended it meanwhile.
func saveRun(tx *store.Tx, r store.Run) error {
	have, err := tx.Run(r.ID)
	if err == nil && have.State == store.RunCancelled {
		err = errCancelled
	}
	if err != nil {
		return err
	}
	return tx.RunSave(r)
}

// step is one listing of a run.
type step struct {
	side   core.Side
	object core.Object
	// stored keeps to HubSpot companies that carry an account id.
	stored bool
	linked bool
	refs   []core.Ref // to look at instead of a listing
	why    core.Reasons
	when   string // the condition of a pick
	list   string // the id of the list of a pick
	naming Pick   // of records with a stored id, what is taken of the records that these name
	// carried are the records of whose ids those with a stored id carry one; any where it is blank.
	carried []core.Ref
	// lost and since are those of sweepArgs.
	lost  bool
	since time.Time
	pair  core.Pair // of what an undo, a pass or answered looks at
	asked bool      // a person waits for what a pass finds
	// answered looks at open questions again, instead of a listing.
	answered bool
}

func stepsOf(pairs core.PairSet, r store.Run) ([]step, error) {
	if r.Kind == runUndo {
		return undoSteps(pairs), nil
	}
	if r.Kind == runRelations {
		return relationSteps(pairs, r)
	}
	if r.Kind == runOptOuts {
		return optOutSteps(pairs), nil
	}
	if slices.Contains(passes, r.Kind) {
		var a capture.SweepArgs
		err := json.Unmarshal(r.Args, &a)
		return []step{{side: a.Side, object: a.Object, why: core.ReasonSweep, lost: a.Lost, since: a.Since}}, err
	}
	var a ImportArgs
	if err := json.Unmarshal(r.Args, &a); err != nil {
		return nil, err
	}
	why := core.ReasonImport
	if r.Kind == runBackfill {
		why = core.ReasonSchema
	}
	steps := a.steps(pairs.Objects(a.Pair), why)
	if r.Kind == runImport {
		steps = append(steps, step{pair: a.Pair, answered: true})
	}
	return steps, nil
}

// steps puts HubSpot first: companies that carry an account id find their account
// before anything could be created for it.
func (a *ImportArgs) steps(objects [2][]core.Object, why core.Reasons) []step {
	if len(a.Refs) > 0 {
		return a.named(objects, why)
	}
	var out []step
	if a.Linked {
		side := a.Sides[0] // either side lists the links
		for _, o := range objects[side] {
			out = append(out, step{side: side, object: o, linked: true, why: why})
		}
		return a.Pick.picked(out)
	}
	both := slices.Contains(a.Sides, core.HubSpot)
	for _, o := range objects[core.HubSpot] {
		out = append(out, step{side: core.HubSpot, object: o, stored: !both, why: why})
	}
	if slices.Contains(a.Sides, core.Salesforce) {
		for _, o := range objects[core.Salesforce] {
			out = append(out, step{side: core.Salesforce, object: o, why: why})
		}
	}
	return a.Pick.picked(out)
}

func (e *Engine) step(ctx context.Context, c *Conn, r *store.Run, s step, at int, after string) error {
	if s.answered {
		return e.lookAnswered(ctx, c, r, s, at, after)
	}
	if len(s.refs) > 0 {
		return e.look(ctx, c, r, s, at, after)
	}
	if pair, _ := c.Pairs.Of(s.side, s.object); !slices.Contains(c.FollowedOf(pair, s.side), s.object) { // a type of activities that does not sync
		r.Checkpoint = checkpoint(at+1, "")
		return e.Update(ctx, func(tx *store.Tx) error { return saveRun(tx, *r) })
	}
	when, err := c.picker(s)
	if err != nil {
		return err
	}
	scan := connector.Scan{Object: s.object, Fields: pageFields(c.stepFields(s), when), After: after}
	ctx = connector.WithPriority(ctx, connector.Backfill)
	return c.Sides[s.side].Scan(ctx, scan, func(p connector.Page) error {
		taken, err := e.pick(ctx, c, s, when, p.Records)
		if err != nil {
			return err
		}
		return e.listed(ctx, c, r, behind(at, p), maxBacklog, func(tx *store.Tx) (int, error) {
			return e.markPage(tx, c, r.ID, s, taken)
		})
	})
}

// listed stores a page of a run with how far the run has come, and waits for the work where
// the listing is far ahead. mark makes due what the page holds, and counts it.
func (e *Engine) listed(ctx context.Context, c *Conn, r *store.Run, next string, backlog int, mark func(*store.Tx) (int, error)) error {
	var come store.Run
	err := e.Update(ctx, func(tx *store.Tx) error {
		n, err := mark(tx)
		if err != nil {
			return err
		}
		come = *r
		come.Total, come.Checkpoint = r.Total+int64(n), next
		return saveRun(tx, come)
	})
	if err != nil {
		return err
	}
	*r = come
	return e.keepUp(ctx, c, backlog)
}

func (c *Conn) stepFields(s step) []string {
	if !s.stored {
		return nil
	}
	pair, _ := c.Pairs.Of(s.side, s.object)
	var out []string
	for _, of := range c.Pairs.Objects(pair)[core.Salesforce] {
		out = append(out, c.StoredFields(of)...)
	}
	return c.Present(s.side, s.object, out)
}

// markPage makes one page of a run dirty.
func (e *Engine) markPage(tx *store.Tx, c *Conn, run int64, s step, recs []core.Record) (int, error) {
	var refs []core.Ref
	for i := range recs {
		if !s.stored || c.StoredID(&recs[i]) != "" {
			refs = append(refs, recs[i].Ref)
		}
	}
	links, err := tx.LinksOf(c.ID, refs)
	if err != nil {
		return 0, err
	}
	kept := slices.DeleteFunc(refs, func(r core.Ref) bool {
		l := links[r]
		return (l != nil && l.State == core.LinkActive) != s.linked
	})
	return len(kept), tx.Mark(c.ID, room.DirtyOf(c.Pairs, kept, s.why, run, e.Now()))
}

func checkpoint(step int, after string) string { return fmt.Sprintf("%d/%s", step, after) }

// behind is the checkpoint behind a page of a listing.
func behind(step int, p connector.Page) string {
	if p.Next == "" {
		return checkpoint(step+1, "")
	}
	return checkpoint(step, p.Next)
}

func parseCheckpoint(s string) (step int, after string) {
	n, rest, _ := strings.Cut(s, "/")
	step, err := strconv.Atoi(n)
	if err != nil {
		return 0, ""
	}
	return step, rest
}

// maxBacklog bounds how far a listing may run ahead of the work; that of a sweep
// less, so that what a person asks for does not wait long behind it.
const (
	maxBacklog   = 20000
	sweepBacklog = 2000
)

// keepUp holds a listing back that has run far ahead of the work, so that the
// store stays small and a later edit does not wait behind a long list.
func (e *Engine) keepUp(ctx context.Context, c *Conn, backlog int) error {
	c.poke()
	return e.waitFor(ctx, c, func(tx *store.Tx) (bool, error) {
		due, err := tx.DueCount(c.ID)
		return due < backlog, err
	})
}

// waitRun waits until nothing of a run is pending but what is put off.
func (e *Engine) waitRun(ctx context.Context, c *Conn, run int64) error {
	return e.waitFor(ctx, c, func(tx *store.Tx) (bool, error) {
		left, err := tx.RunLeft(run)
		return left.Untried == 0, err
	})
}

// waitFor waits until a condition on the store holds; it is looked at again
// whenever a batch was settled.
func (e *Engine) waitFor(ctx context.Context, c *Conn, ok func(*store.Tx) (bool, error)) error {
	for {
		settled := c.settled()
		var done bool
		if err := e.View(ctx, func(tx *store.Tx) (err error) { done, err = ok(tx); return err }); err != nil || done {
			return err
		}
		select {
		case <-settled:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
