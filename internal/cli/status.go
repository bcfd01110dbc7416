package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/connector/pace"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

func (a *app) status() *cobra.Command {
	return &cobra.Command{
		Use:     "status",
		Short:   "Show how a connection stands: in step or not, brakes, lag, API use",
		Long:    "Reads the store only. Exit code 1 says that the connection is paused, suspended, disconnected or halted by a brake, or that an object does not sync for want of something.",
		Example: "  tandem status\n  tandem status --json",
		Args:    cobra.NoArgs,
		RunE: a.do(func(ctx context.Context, _ []string) error {
			return a.read(ctx, func(ctx context.Context, r *reading) error {
				s, err := r.status(ctx)
				if err != nil {
					return err
				}
				workers, err := workersOf(ctx, r.store, a.now(), r.lease)
				if err != nil {
					return err
				}
				if a.json {
					v := viewOf(s)
					v.Warning, v.Workers = r.warning, workers
					err = a.printJSON(v)
				} else {
					a.describeStatus(s)
					a.describeWorkers(workers)
					a.describeWarning(r.warning)
				}
				if err == nil && halted(s) {
					return notDone()
				}
				return err
			})
		}),
	}
}

// halted reports that nothing goes on before a person does something.
func halted(s engine.Status) bool {
	return s.Paused || s.Ended || s.Suspended != "" || len(s.Brakes) > 0 || len(s.Held) > 0
}

// reading is a store open for reading, and the connection to look at.
type reading struct {
	app      *app
	store    *store.Store
	settings config.Connection
	engine   *engine.Engine
	conn     *engine.Conn
	warning  string // about settings that do not count yet
	lease    time.Duration
}

// read runs fn on the store and the connection that the command line names.
func (a *app) read(ctx context.Context, fn func(context.Context, *reading) error) error {
	f, err := a.load()
	if err != nil {
		return err
	}
	c, err := a.chosen(f)
	if err != nil {
		return err
	}
	s, err := a.openReading(ctx, f)
	if err != nil {
		return err
	}
	defer s.Close()
	r := &reading{app: a, store: s, lease: f.Fleet.Lease.D()}
	in, err := a.inForce(ctx, s, f, c.Name)
	if err != nil {
		return err
	}
	r.settings, r.warning = in.settings, in.warning(a.configPath)
	if r.engine, err = engine.New(ctx, engine.Options{Store: s, Now: a.now, Log: a.log(), By: actor()}, nil); err != nil {
		return err
	}
	r.conn, err = r.engine.Offline(ctx, r.settings)
	if store.CodeOf(err) == store.NotFound {
		return nothingYet()
	}
	if err != nil {
		return err
	}
	a.objects = r.conn.Pairs
	return fn(ctx, r)
}

func (a *app) openReading(ctx context.Context, f *config.File) (*store.Store, error) {
	s, err := store.Open(ctx, f.Store, store.Options{Now: a.now, ReadOnly: true})
	if store.CodeOf(err) == store.NotFound {
		return nil, nothingYet()
	}
	return s, err
}

func nothingYet() error {
	return refused("the store holds nothing of this connection yet", "tandem sync --once or tandem import company begins")
}

func (r *reading) status(ctx context.Context) (engine.Status, error) {
	s, err := r.engine.StoredStatus(ctx, r.conn)
	if err != nil {
		return s, err
	}
	running, err := r.store.EngineRuns(ctx)
	if err != nil {
		return s, err
	}
	s.Unserved = !running
	for i := range s.Runs {
		if !running && s.Runs[i].State == store.RunRunning {
			s.Runs[i].State = runInterrupted
		}
	}
	return s, addCalls(ctx, r.store, r.app.now(), r.settings, &s)
}

// status is a connection's status in the engine's process: with API use where
// its sides are reached.
func (w *world) status(ctx context.Context, name string) (engine.Status, error) {
	if c := w.here(name).live(name); c != nil {
		return c.engine.Status(ctx, c.conn)
	}
	c, err := w.stored(ctx, name)
	if err != nil {
		return engine.Status{}, err
	}
	return c.engine.StoredStatus(ctx, c.conn)
}

// addCalls adds the calls of the last 24 hours as the engine kept them.
func addCalls(ctx context.Context, s *store.Store, now time.Time, c config.Connection, st *engine.Status) error {
	var row store.Connection
	err := s.View(ctx, func(tx *store.Tx) (err error) { row, err = tx.Connection(c.Name); return err })
	if err != nil {
		return err
	}
	for _, side := range core.Sides {
		bins, err := keptCalls(ctx, s, side, row)
		if err != nil {
			return err
		}
		one := st.Sides[side.String()]
		one.Usage = connector.Usage{Ours: lastDay(bins, now), Limit: c.AllocatedCalls(side)}
		st.Sides[side.String()] = one
	}
	return nil
}

func lastDay(bins []pace.Bin, now time.Time) (n int) {
	for _, b := range bins {
		if now.Sub(b.Hour) < 24*time.Hour {
			n += b.Calls
		}
	}
	return n
}

// runInterrupted is how a run is shown whose process has gone: the next sync or
// daemon goes on with it.
const runInterrupted store.RunState = "interrupted"

func (a *app) describeWarning(text string) {
	if text != "" {
		a.printf("\n%s.\n", text)
	}
}

func (a *app) describeStatus(s engine.Status) {
	a.printf("%s: %s\n\n", s.Connection, stateWords(s))
	for _, b := range s.Brakes {
		a.printf("Brake %s since %s: %s\n  look at it, then: tandem resume --clear-brake %s\n", b.Kind, when(b.At), b.Reason, b.Kind)
	}
	for _, h := range s.Held {
		a.printf("%s.\n", upperFirst(h))
	}
	var rows [][]string
	for _, side := range core.Sides {
		one := s.Sides[side.String()]
		rows = append(rows, []string{side.Label(), one.Account, one.Feed, when(one.Covered), callsText(one.Usage)})
	}
	a.printed.table([]string{"Side", "Account", "Changes by", "Covered up to", "Calls in 24 h"}, rows)
	rows = nil
	for _, p := range s.Pairs.Names() {
		w := s.Work[p]
		rows = append(rows, []string{string(p), fmt.Sprint(s.Links[p][core.LinkActive]), fmt.Sprint(w.Due), fmt.Sprint(w.Waiting), s.Lag[string(p)].Round(time.Second).String()})
	}
	a.printf("\n")
	a.printed.table([]string{"Object", "Linked", "Due", "Waiting", "Lag"}, rows)
	a.describeActivities(activitiesView(s))
	a.describeFirst(s.First)
	a.describeUnsynced(s.Unsynced)
	a.describeIssueCounts(s.Issues)
	a.describeRuns(s.Runs)
	for _, p := range s.Problems {
		a.printf("Mapping problem: %s\n", p)
	}
}

func stateWords(s engine.Status) string {
	switch {
	case s.Ended:
		return "disconnected (tandem resume connects again)"
	case s.Paused:
		return "paused (tandem resume goes on)"
	case s.Suspended != "":
		return "suspended: " + s.Suspended + " (mend it, then tandem resume)"
	case len(s.Brakes) > 0:
		return "halted by a brake"
	}
	text := "nothing is due"
	if due := s.Due(); due > 0 {
		text = counted(due, [2]string{"record is due", "records are due"})
	}
	return text + usedUpWords(s) + unservedWords(s)
}

// usedUpWords name the sides that must not be called any more today (API-2).
func usedUpWords(s engine.Status) (text string) {
	for _, side := range core.Sides {
		if u := s.Sides[side.String()].Usage; engine.UsedUp(u) {
			text += fmt.Sprintf("; the %d calls to %s that are allotted for 24 hours are used up, so that changes wait (API-2)", u.Limit, side.Label())
		}
	}
	return text
}

// unservedWords say since when nobody has looked for changes.
func unservedWords(s engine.Status) string {
	if !s.Unserved {
		return ""
	}
	var since []string
	for _, side := range core.Sides {
		if t := s.Sides[side.String()].Covered; !t.IsZero() {
			since = append(since, when(t)+" in "+side.Label())
		}
	}
	if len(since) == 0 {
		return "; no service is running"
	}
	return "; no service is running: changes since " + strings.Join(since, " and ") + " have not been looked at"
}

func callsText(u connector.Usage) string {
	text := fmt.Sprint(u.Ours)
	if u.Limit > 0 {
		text += fmt.Sprintf(" of %d allotted", u.Limit)
	}
	if u.Max > 0 {
		text += fmt.Sprintf(" (account: %d of %d)", u.Used, u.Max)
	}
	return text
}

// describeUnsynced says how many records do not sync, and why: what is counted is what the
// last look at each record said.
func (a *app) describeUnsynced(counts []engine.Unsynced) {
	if len(counts) == 0 {
		return
	}
	var rows [][]string
	for _, c := range counts {
		rows = append(rows, []string{c.Side.Label() + " " + a.objects.Title(c.Object), fmt.Sprint(c.Count), c.Rule, c.Says})
	}
	a.printf("\n")
	a.printed.table([]string{"Not synced", "Records", "Rule", "Which says"}, rows)
}

func (a *app) describeIssueCounts(counts []store.IssueCount) {
	if len(counts) == 0 {
		return
	}
	by := map[core.Category]int{}
	for _, c := range counts {
		by[c.Category] += c.Count
	}
	a.printf("\n")
	var rows [][]string
	for _, c := range slices.Sorted(maps.Keys(by)) {
		rows = append(rows, []string{string(c), fmt.Sprint(by[c])})
	}
	a.printed.table([]string{"Open issues", ""}, rows)
}

func (a *app) describeRuns(runs []store.Run) {
	if len(runs) == 0 {
		return
	}
	a.printf("\n")
	var rows [][]string
	for _, r := range runs {
		rows = append(rows, []string{fmt.Sprint(r.ID), engine.RunWords(a.known(), r), engine.StateWords(r.State), fmt.Sprint(r.Total), when(r.Started), when(r.Ended)})
	}
	a.printed.table([]string{"Run", "Kind", "State", "Records", "Started", "Ended"}, rows)
}
