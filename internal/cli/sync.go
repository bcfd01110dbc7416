package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"tandem/internal/engine"
)

func (a *app) sync() *cobra.Command {
	var once bool
	c := &cobra.Command{
		Use:   "sync --once",
		Short: "Bring both sides into step now, then end",
		Long: `Looks for all changes since the last sync, works on everything that is due and
ends. Exit code 0 means that both sides are in step up to the moment it began, but
for single fields and unlinked records that have issues, or that company sync is off;
1 that something is left to do, which tandem issues and tandem status tell.

Records that existed before the sync was switched on are not touched until they
are edited or imported: see tandem import.`,
		Example: "  tandem sync --once\n  tandem sync --once --json",
		Args:    cobra.NoArgs,
		RunE: a.do(func(ctx context.Context, _ []string) error {
			if !once {
				return usage("sync needs --once", "tandem serve syncs all the time")
			}
			return a.act(ctx, a.syncOnce)
		}),
	}
	c.Flags().BoolVar(&once, "once", false, "end when everything due is done")
	return c
}

func (a *app) syncOnce(ctx context.Context, s *session) error {
	f, err := a.load()
	if err != nil {
		return err
	}
	c, err := a.chosen(f)
	if err != nil {
		return err
	}
	rq := request{Connection: c.Name}
	if c.HubSpot.Events.Journal == nil {
		a.note("Looking for changes. HubSpot is polled, and its search shows them some seconds late, which is waited for.")
	}
	stop := s.watch(ctx, rq.Connection, 0)
	var res engine.Result
	err = s.do(ctx, "sync", rq, &res)
	stop()
	if err != nil {
		return err
	}
	return a.printResult(res)
}

// doOnce syncs a connection until nothing is due; a daemon gives way meanwhile.
func doOnce(ctx context.Context, w *world, rq request) (any, error) {
	return onceAfter(ctx, w, rq, func(*wired) error { return nil })
}

// doSync is doOnce for whoever syncs by that verb alone: what people said before the switch is
// heard first, as by a process that serves.
func doSync(ctx context.Context, w *world, rq request) (any, error) {
	return onceAfter(ctx, w, rq, func(c *wired) error { return c.engine.HearOptOuts(ctx, c.conn) })
}

func onceAfter(ctx context.Context, w *world, rq request, before func(*wired) error) (res any, err error) {
	c, err := w.wire(ctx, rq.Connection)
	if err != nil {
		return nil, err
	}
	err = w.exclusive(ctx, rq.Connection, func() error {
		if err := before(c); err != nil {
			return err
		}
		res, err = c.engine.Once(ctx, c.conn)
		return err
	})
	return res, err
}

// printResult prints how a sync ended; exit code 1 says that it did not converge.
func (a *app) printResult(r engine.Result) error {
	r.Converged = inStep(r)
	if a.json {
		if err := a.printJSON(r); err != nil {
			return err
		}
	} else {
		a.describeResult(r)
	}
	return converged(r)
}

// converged sets exit code 1 for a sync that did not come into step.
func converged(r engine.Result) error {
	if inStep(r) {
		return nil
	}
	return notDone()
}

// inStep reports that all is done, and that nobody was left out because a side was busy.
func inStep(r engine.Result) bool { return r.Converged && r.PutOff == 0 }

func (a *app) describeResult(r engine.Result) {
	if r.Off {
		a.printf("Company sync is off: nothing was looked at. To switch it on, set companies.sync: true and run tandem settings apply.\n")
		return
	}
	state := "In step"
	if !inStep(r) {
		state = "Not yet in step"
	}
	a.printf("%s after %s: %s%s.\n", state, seconds(r.Seconds), a.countsWords(r.Objects), orPrefix("; ", callsWords(r.Calls)))
	a.describeFirst(r.First)
	for _, h := range r.Held {
		a.printf("%s.\n", upperFirst(h))
	}
	if r.Unsettled > 0 {
		a.printf("No answer came to %s. What was sent is looked for by its key before anything is sent again, which takes some minutes; tandem serve, or tandem sync --once later, goes on with it.\n", counted(r.Unsettled, [2]string{"write", "writes"}))
	}
	if r.PutOff > 0 {
		a.printf("%s could not be looked at, because a side was busy or did not answer; tandem serve, or tandem sync --once, tries again shortly.\n", counted(r.PutOff, [2]string{"record", "records"}))
	}
	switch {
	case r.Blocked > 0:
		a.printf("%s could not be read or written as a whole; tandem issues says why.\n", counted(r.Blocked, [2]string{"linked pair", "linked pairs"}))
	case openIssues(r.Objects) > 0:
		a.printf("Records with issues are tried again by themselves; tandem issues says what is wrong and what to do.\n")
	case r.Waiting > 0:
		a.printf("%s for a later try; tandem waiting lists them.\n", counted(r.Waiting, [2]string{"change waits", "changes wait"}))
	}
}

// countsWords says what was done, object by object, and nothing of what was not.
func (a *app) countsWords(objects map[string]engine.Counts) string {
	var out []string
	for _, object := range objectsIn(objects) {
		if said := objectCounts(objects[object], a.nounsOf(object)); said != "" {
			out = append(out, said)
		}
	}
	if len(out) == 0 {
		return "nothing to write"
	}
	return strings.Join(out, "; ")
}

// objectCounts says what was done with one object, blank for nothing: the first number
// takes the noun.
func objectCounts(n engine.Counts, nouns [2]string) string {
	var out []string
	for _, did := range []struct {
		n    int64
		what string
	}{{n.Created, "created"}, {n.Updated, "updated"}, {n.Linked, "linked"}, {n.Deleted, "deleted"}} {
		switch {
		case did.n == 0:
		case len(out) == 0:
			out = append(out, counted(int(did.n), nouns)+" "+did.what)
		default:
			out = append(out, fmt.Sprintf("%d %s", did.n, did.what))
		}
	}
	if n.OptOuts > 0 {
		out = append(out, counted(int(n.OptOuts), optOutWords)+" passed on")
	}
	if n.OptIns > 0 {
		out = append(out, counted(int(n.OptIns), optOutWords)+" taken back")
	}
	if n.Issues > 0 {
		out = append(out, counted(int(n.Issues), [2]string{"issue", "issues"})+" of "+nouns[1])
	}
	return strings.Join(out, ", ")
}

var optOutWords = [2]string{"opt-out", "opt-outs"}

func openIssues(objects map[string]engine.Counts) (n int64) {
	for _, c := range objects {
		n += c.Issues
	}
	return n
}

// describeFirst tells of the first imports that wait for a yes.
func (a *app) describeFirst(all []engine.FirstImport) {
	for _, f := range all {
		a.printf("%s.\n", upperFirst(f.String()))
	}
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func seconds(s float64) string {
	if s < 60 {
		return fmt.Sprintf("%.1f s", s)
	}
	return fmt.Sprintf("%d min %02d s", int(s)/60, int(s)%60)
}

// request begins a request for the connection that the command line names.
func (s *session) request() (request, error) {
	f, err := s.app.load()
	if err != nil {
		return request{}, err
	}
	c, err := s.app.chosen(f)
	return request{Connection: c.Name}, err
}
