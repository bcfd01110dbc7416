package console

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// runsShown is how many runs the page lists.
const runsShown = 50

func (c *Console) runsPage(v *visit) error {
	e, conn, err := c.Stored(v.r.Context(), v.connection)
	if err != nil {
		return err
	}
	all, err := e.LastRuns(v.r.Context(), conn, runsShown)
	if err != nil {
		return err
	}
	return v.show(runsView(v, all))
}

// runState is how far one run has come.
type runState struct {
	store.Run
	lists   bool // it names records, so that it can be followed and cancelled
	listing bool // more records are still found
	due     int  // of the connection
	wrote   map[string]int
}

// countedRun is up to how many records what a run wrote is counted for its page.
const countedRun = 10_000

func (c *Console) runOf(ctx context.Context, v *visit) (s *runState, err error) {
	id, err := strconv.ParseInt(v.r.PathValue("run"), 10, 64)
	if err != nil {
		return nil, notFound("A run is a number.")
	}
	e, conn, err := c.Stored(ctx, v.connection)
	if err != nil {
		return nil, err
	}
	s = &runState{}
	err = e.View(ctx, func(tx *store.Tx) (err error) {
		if s.Run, err = tx.Run(id); err != nil {
			return err
		}
		s.due, err = tx.DueCount(conn.ID)
		return err
	})
	if store.CodeOf(err) == store.NotFound || err == nil && s.Conn != conn.ID {
		return nil, notFound("There is no run " + v.r.PathValue("run") + " of this connection.")
	}
	if err != nil {
		return nil, err
	}
	s.lists = engine.Lists(s.Kind)
	s.listing = s.open() && s.lists && !engine.Listed(conn.Pairs, s.Run)
	if !s.open() && s.Total <= countedRun {
		s.wrote, err = e.Wrote(ctx, id)
	}
	return s, err
}

func (s *runState) open() bool { return s.State == store.RunQueued || s.State == store.RunRunning }

// done is how many of the records of an open run were worked on.
func (s *runState) done() int { return max(0, int(s.Total)-s.due) }

// left is how long the run will take by its pace so far, blank where that cannot be told.
func (s *runState) left(now time.Time) string {
	done := s.done()
	if s.listing || done == 0 || s.Started.IsZero() {
		return ""
	}
	return span(time.Duration(float64(now.Sub(s.Started)) * float64(int(s.Total)-done) / float64(done)))
}

func (c *Console) runPage(v *visit) error {
	if run, sheet := strings.CutSuffix(v.r.PathValue("run"), sheetSuffix); sheet {
		v.r.SetPathValue("run", run)
		return c.runSheet(v)
	}
	s, err := c.runOf(v.r.Context(), v)
	if err != nil {
		return err
	}
	l, err := c.recordsOf(v, s.ID)
	if err != nil {
		return err
	}
	return v.show(runView(v, s, l))
}

func (c *Console) runLive(v *visit) error {
	c.live(v, liveEvery, func(ctx context.Context) (templ.Component, error) {
		s, err := c.runOf(ctx, v)
		if err != nil {
			return nil, err
		}
		return runCard(v, s), nil
	})
	return nil
}

// cancelRun ends a run before its end; what it has written stays.
func (c *Console) cancelRun(v *visit) error {
	s, err := c.runOf(v.r.Context(), v)
	if err != nil {
		return err
	}
	o := v.order()
	o.Run = s.ID
	if err := c.Do(v.r.Context(), "cancel", o, nil); err != nil {
		return err
	}
	if err := c.note(v, v.who.Name, "cancel run", map[string]string{"connection": v.connection, "run": v.r.PathValue("run")}); err != nil {
		return err
	}
	return v.to(v.at("runs", v.r.PathValue("run")))
}

// undoPage shows what an undo of the run would put back, and what it would leave alone.
func (c *Console) undoPage(v *visit) error {
	s, err := c.runOf(v.r.Context(), v)
	if err != nil {
		return err
	}
	o, plan := v.order(), engine.UndoView{}
	if o.Undo, err = narrowed(v.r.URL.Query(), s.ID); err != nil {
		return err
	}
	if err := c.Do(v.r.Context(), "plan undo", o, &plan); err != nil {
		return err
	}
	return v.show(undoView(v, s, o.Undo, &plan))
}

func (c *Console) undo(v *visit) error {
	s, err := c.runOf(v.r.Context(), v)
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return misused("The form cannot be read.")
	}
	o := v.order()
	if o.Undo, err = narrowed(v.r.PostForm, s.ID); err != nil {
		return err
	}
	return c.startRun(v, "undo", o, map[string]string{"connection": v.connection, "undoes": v.r.PathValue("run")})
}

// narrowed reads how far a run is to be undone.
func narrowed(q url.Values, run int64) (a engine.UndoArgs, err error) {
	a = engine.UndoArgs{Run: run, Field: q.Get("field"), Pass: q.Get("pass") != ""}
	if text := q.Get("entry"); text != "" {
		if a.Entry, err = strconv.ParseInt(text, 10, 64); err != nil || a.Entry <= 0 {
			return a, misused("An entry of the history is a number.")
		}
	}
	return a, nil
}

// undoAt is the address where the undo of one entry is looked at before it is done: of all
// that it wrote, or of one field, whose value then counts on both sides.
func (v *visit) undoAt(run, entry int64, field string) string {
	q := url.Values{"entry": {strconv.FormatInt(entry, 10)}}
	if field != "" {
		q.Set("field", field)
		q.Set("pass", "yes")
	}
	return v.at("runs", strconv.FormatInt(run, 10), "undo") + "?" + q.Encode()
}

// importPage offers to bring in records that existed before the sync was switched on.
func (c *Console) importPage(v *visit) error {
	status, err := c.Status(v.r.Context(), v.connection)
	if err != nil {
		return err
	}
	return v.show(importView(v, status, core.Pair(v.r.URL.Query().Get("object"))))
}

func (c *Console) startImport(v *visit) error {
	o := v.order()
	o.Pair = core.Pair(v.r.PostFormValue("object"))
	var err error
	if o.Sides, err = v.sides(); err != nil {
		return err
	}
	_, conn, err := c.Stored(v.r.Context(), v.connection)
	if err != nil {
		return err
	}
	if !slices.Contains(conn.Pairs.Names(), o.Pair) {
		return misused("Choose what to import.")
	}
	return c.startRun(v, "import", o, map[string]string{"connection": v.connection, "object": string(o.Pair), "from": v.r.PostFormValue("from")})
}

// sides are those whose records a form has listed.
func (v *visit) sides() ([]core.Side, error) {
	from := v.r.PostFormValue("from")
	if from == "both" {
		return core.Sides[:], nil
	}
	for _, side := range core.Sides {
		if from == side.String() {
			return []core.Side{side}, nil
		}
	}
	return nil, misused("Choose the side whose records are listed, or both.")
}

// startRun has a run begun, notes who asked for it, and shows it.
func (c *Console) startRun(v *visit, verb string, o Order, details map[string]string) error {
	var begun struct{ Run int64 }
	if err := c.Do(v.r.Context(), verb, o, &begun); err != nil {
		return err
	}
	run := strconv.FormatInt(begun.Run, 10)
	details["run"] = run
	if err := c.note(v, v.who.Name, "start "+verb, details); err != nil {
		return err
	}
	return v.to(v.at("runs", run))
}

// tally is one line of what was counted.
type tally struct {
	what string
	n    int
}

func tallies(of map[string]int) (out []tally) {
	for _, k := range slices.Sorted(maps.Keys(of)) {
		out = append(out, tally{k, of[k]})
	}
	return out
}

// runTone is how a state of a run is coloured.
func runTone(s store.RunState) string {
	switch s {
	case store.RunDone:
		return "good"
	case store.RunQueued, store.RunRunning:
		return "busy"
	case store.RunFailed:
		return "bad"
	}
	return "idle"
}
