package console

import (
	"context"
	"maps"
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
	return v.show(runsView(v, conn.Pairs, all))
}

// runState is how far one run has come.
type runState struct {
	store.Run
	pairs   core.PairSet
	lists   bool // it names records, so that it can be followed and cancelled
	listing bool // more records are still found
	due     int  // of the connection
	wrote   map[string]int
	keyed   map[string]int // by side, records that got nothing but the id of their partner
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
	s = &runState{pairs: conn.Pairs}
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
		s.wrote, s.keyed, err = e.Wrote(ctx, id)
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
	l, err := c.recordsOf(v, s)
	if err != nil {
		return err
	}
	return v.show(runView(v, s, l))
}

// listEvery is how often the list of the records of an open run is read again.
const listEvery = 3 * liveEvery

// runLive sends how far a run is, and the same page of its records, until it has ended.
func (c *Console) runLive(v *visit) error {
	var l runRecords
	var read time.Time
	ended := false
	c.live(v, liveEvery, func(ctx context.Context) (templ.Component, error) {
		if ended {
			return nil, nil
		}
		s, err := c.runOf(ctx, v)
		if err != nil {
			return nil, err
		}
		if ended = !s.open(); ended || v.now.Sub(read) >= listEvery {
			read = v.now
			if l, err = c.recordsOf(v, s); err != nil {
				return nil, err
			}
		}
		return runFollowed(v, s, l), nil
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

// importPage offers to bring in records that existed before the sync was switched on.
func (c *Console) importPage(v *visit) error {
	status, err := c.Status(v.r.Context(), v.connection)
	if err != nil {
		return err
	}
	return v.show(importView(v, status, core.Pair(v.r.URL.Query().Get("object"))))
}

func (c *Console) startImport(v *visit) error {
	p, err := v.picking()
	if err != nil {
		return err
	}
	_, conn, err := c.Stored(v.r.Context(), v.connection)
	if err != nil {
		return err
	}
	o := v.order()
	if err := p.Of(&o, conn.Pairs); err != nil {
		return err
	}
	return c.startRun(v, "import", o, map[string]string{"connection": v.connection, "object": p.Object, "from": v.r.PostFormValue("from"), "which": p.some()})
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

// written gives the words for what was or would be written, of its kind and object, such as
// "create accounts in Salesforce".
func written(pairs core.PairSet) func(key string) string {
	return func(key string) string {
		kind, object, _ := strings.Cut(key, " ")
		return strings.TrimSpace(strings.ReplaceAll(kind, "_", " ") + " " + severalOf(pairs, core.Object(object)))
	}
}

// severalOf is what several records of an object are called, with their side.
func severalOf(pairs core.PairSet, o core.Object) string {
	if _, ok := pairs.Of(core.HubSpot, o); ok {
		return strings.ReplaceAll(pairs.Title(o), "_", " ") + " in " + core.HubSpot.Label()
	}
	if _, ok := pairs.Of(core.Salesforce, o); !ok {
		return pairs.Title(o)
	}
	word := pairs.Word(o)
	if stem, y := strings.CutSuffix(word, "y"); y {
		return stem + "ies in " + core.Salesforce.Label()
	}
	return word + "s in " + core.Salesforce.Label()
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
