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
	err = s.do(ctx, "once", rq, &res)
	stop()
	if err != nil {
		return err
	}
	return a.printResult(res)
}

// doOnce syncs a connection until nothing is due; a daemon gives way meanwhile.
func doOnce(ctx context.Context, w *world, rq request) (res any, err error) {
	c, err := w.wire(ctx, rq.Connection)
	if err != nil {
		return nil, err
	}
	err = w.exclusive(ctx, rq.Connection, func() error {
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
	a.printf("%s after %s: %s%s.\n", state, seconds(r.Seconds), countsWords(r.Objects), orPrefix("; ", callsWords(r.Calls)))
	a.describeFirst(r.First)
	for _, h := range r.Held {
		a.printf("%s.\n", upperFirst(h))
	}
	if r.Unsettled > 0 {
		a.printf("%d writes were sent and no answer came. Each is looked for by its key before anything is sent again, which takes some minutes; tandem serve, or tandem sync --once later, goes on with them.\n", r.Unsettled)
	}
	if r.PutOff > 0 {
		a.printf("%d records could not be looked at, because a side was busy or did not answer; they are tried again shortly by tandem serve, or by tandem sync --once.\n", r.PutOff)
	}
	switch {
	case r.Blocked > 0:
		a.printf("%d linked pairs could not be read or written as a whole; tandem issues says why.\n", r.Blocked)
	case openIssues(r.Objects) > 0:
		a.printf("Records with issues are tried again by themselves; tandem issues says what is wrong and what to do.\n")
	case r.Waiting > 0:
		a.printf("%d changes wait for a later try; tandem waiting lists them.\n", r.Waiting)
	}
}

// countsWords says what was done, of companies and of people where both sync.
func countsWords(objects map[string]engine.Counts) string {
	var out []string
	for _, object := range objectsIn(objects) {
		n, name := objects[object], ""
		if len(objects) > 1 {
			name = object + " "
		}
		out = append(out, fmt.Sprintf("%s%d created, %d updated, %d linked, %d issues", name, n.Created, n.Updated, n.Linked, n.Issues))
		if n.Deleted > 0 {
			out[len(out)-1] += fmt.Sprintf(", %d deleted", n.Deleted)
		}
		if n.OptOuts > 0 {
			out[len(out)-1] += ", " + counted(int(n.OptOuts), [2]string{"opt-out", "opt-outs"}) + " passed on"
		}
		if n.OptIns > 0 {
			out[len(out)-1] += ", " + counted(int(n.OptIns), [2]string{"opt-out", "opt-outs"}) + " taken back"
		}
	}
	return strings.Join(out, "; ")
}

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
