package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/policy"
	"tandem/internal/store"
)

func (a *app) importer() *cobra.Command {
	var export string
	var yes bool
	var which picking
	c := &cobra.Command{
		Use:   "import " + objectArg + "|owner [--from SIDE] [--when EXPR] [--list NAME] | --campaign ID | --ids FILE",
		Short: "Bring in records that existed before the sync was switched on",
		Long: `Lists all records of one side or both, links those that are the same thing,
creates what is missing by the rules of the settings, and writes all mapped
fields in one pass. Of people it lists leads and contacts, or with lead the leads
alone. It has no upper size, keeps checkpoints, and goes on where it was when it was
stopped. tandem plan takes the same flags and shows what it would do.

--when takes only records of one side for which an expression holds, in the words of the
filters of the settings; --list takes only the members of a list of HubSpot, and
--campaign the leads and contacts that are members of an active campaign of Salesforce.

--ids names single records instead, by their ids of either side: FILE has one a line,
or is a CSV file with a column of ids, such as a report or an exported list; - reads
standard input. Those that are linked already are compared again.

Where from_salesforce or from_hubspot is update_only, an import makes partners all the
same. On a terminal it looks at the records first, says how many, and asks.

owner reads the users of both sides again and shows who stands for whom.` + objectHelp,
		Example: "  tandem import company\n  tandem import contact --from salesforce --json\n  tandem import lead --when 'Country == \"Norway\" && Rating != \"Cold\"'\n  tandem import contact --list \"Trade fair\"\n  tandem import contact --campaign 7015g000000AbcdAAC\n  tandem import contact --ids leads.csv --export result.csv",
		Args:    cobra.ExactArgs(1),
		RunE: a.do(func(ctx context.Context, args []string) error {
			if slices.Contains([]string{"owner", "owners"}, args[0]) {
				return a.importOwners(ctx)
			}
			rq, err := a.request(ctx, args[0], which)
			if err != nil {
				return err
			}
			return a.act(ctx, func(ctx context.Context, s *session) error {
				if !yes {
					if err := s.sureOfImport(ctx, rq); err != nil {
						return err
					}
				}
				return s.bulk(ctx, "import", rq, export)
			})
		}),
	}
	which.flags(c)
	exportFlag(c, &export)
	c.Flags().BoolVar(&yes, "yes", false, "do not look at the records first, and do not ask")
	return c
}

func exportFlag(c *cobra.Command, file *string) {
	c.Flags().StringVar(file, "export", "", "write a line for each record, with done, skipped, failed or pending and why, to this CSV `FILE`")
}

// bulk starts a run over many records, follows it to its end and tells of it.
func (s *session) bulk(ctx context.Context, verb string, rq request, export string) error {
	run, res, err := s.follow(ctx, verb, rq)
	if err != nil {
		return err
	}
	if export != "" {
		if err := s.exportRun(ctx, run, export); err != nil {
			return err
		}
	}
	return s.printBulk(ctx, run, res)
}

// follow starts a run and follows it to its end.
func (s *session) follow(ctx context.Context, verb string, rq request) (run int64, res engine.Result, err error) {
	base, err := s.request()
	if err != nil {
		return 0, res, err
	}
	rq.Connection = base.Connection
	open, err := s.openRuns(ctx, rq.Connection)
	if err != nil {
		return 0, res, err
	}
	var before [2]int
	if err := s.do(ctx, "calls", rq, &before); err != nil {
		return 0, res, err
	}
	var begun started
	if err := s.do(ctx, verb, rq, &begun); err != nil {
		return 0, res, err
	}
	if slices.Contains(open, begun.Run) {
		s.app.note("Run %d is the same and has not ended; following it", begun.Run)
	}
	if s.world != nil {
		res, err = s.finishHere(ctx, rq.Connection, begun.Run)
	} else {
		res, err = s.finishThere(ctx, rq.Connection, begun.Run, before)
	}
	return begun.Run, res, err
}

// bulkResult is how a run over many records ended.
type bulkResult struct {
	Run     int64 `json:"run"`
	Records int64 `json:"records"` // listed
	// Skipped counts those that a rule left out, by the rule and its reason.
	Skipped map[string]int `json:"skipped,omitempty"`
	// Retried are those that are tried again, the first at NextTry: the counts are those
	// until then.
	Retried int        `json:"retried,omitempty"`
	NextTry *time.Time `json:"next_try,omitempty"`
	engine.Result
}

func (s *session) printBulk(ctx context.Context, run int64, res engine.Result) error {
	var r store.Run
	var left store.RunLeft
	err := s.store().View(ctx, func(tx *store.Tx) (err error) {
		if r, err = tx.Run(run); err == nil {
			left, err = tx.RunLeft(run)
		}
		return err
	})
	if err != nil {
		return err
	}
	if r.State == store.RunFailed {
		return runFailed(r)
	}
	skipped, err := s.skippedBy(ctx, run)
	if err != nil {
		return err
	}
	if !s.app.json {
		s.app.printf("Run %d (%s) %s.\n", r.ID, engine.RunWords(s.app.known(), r), lookedAt(r))
		s.app.describeSkipped(r.ID, skipped)
		err := s.app.printResult(res)
		s.app.describeRetried(r.ID, left)
		return err
	}
	out := bulkResult{Run: r.ID, Records: r.Total, Skipped: skipped, Retried: left.Retried, Result: res}
	if left.Retried > 0 {
		out.NextTry = &left.Next
	}
	if err := s.app.printJSON(out); err != nil {
		return err
	}
	return converged(res)
}

// describeRetried says that the counts of a run are not final while records of it are tried
// again.
func (a *app) describeRetried(run int64, left store.RunLeft) {
	if left.Retried == 0 {
		return
	}
	verb := "are"
	if left.Retried == 1 {
		verb = "is"
	}
	a.printf("%s of it %s tried again by tandem serve, or by tandem sync --once, the first at %s; the counts above are those until then. tandem runs %d --export FILE lists what became of each.\n",
		counted(left.Retried, [2]string{"record", "records"}), verb, when(left.Next), run)
}

// lookedAt says what a run had to look at: an import leaves out what is linked, every
// other run what is not.
func lookedAt(r store.Run) string {
	switch {
	case r.Total > 0:
		return "looked at " + counted(int(r.Total), [2]string{"record", "records"})
	case r.Kind == "import":
		return "had nothing to bring in: it found no record without a partner"
	}
	return "had nothing to look at: no record that it listed is linked"
}

// finishHere works the run off in this process.
func (s *session) finishHere(ctx context.Context, connection string, run int64) (res engine.Result, err error) {
	defer s.watch(ctx, connection, run)()
	err = s.do(ctx, "once", request{Connection: connection}, &res)
	return res, halfway(err, run)
}

// openRuns are the runs of a connection that have not ended.
func (s *session) openRuns(ctx context.Context, connection string) (open []int64, err error) {
	err = s.store().View(ctx, func(tx *store.Tx) error {
		row, err := tx.Connection(connection)
		if store.CodeOf(err) == store.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		runs, err := tx.RunsOpen(row.ID)
		for _, r := range runs {
			open = append(open, r.ID)
		}
		return err
	})
	return open, err
}

// finishThere follows a run that another process works off, until the run ends or
// something stops the connection.
func (s *session) finishThere(ctx context.Context, connection string, run int64, before [2]int) (res engine.Result, err error) {
	stop := s.watch(ctx, connection, run)
	defer stop()
	for {
		if err := connector.Pause(ctx, commandEvery); err != nil {
			return res, err
		}
		var r store.Run
		err := s.store().View(ctx, func(tx *store.Tx) (err error) { r, err = tx.Run(run); return err })
		if err != nil {
			return res, err
		}
		switch r.State {
		case store.RunDone:
			stop()
			return s.resultOf(ctx, connection, r, before)
		case store.RunFailed:
			return res, runFailed(r)
		case store.RunCancelled:
			return res, refused(fmt.Sprintf("run %d was cancelled", r.ID), "what it had written stays")
		}
		if err := s.mayWork(ctx, connection); err != nil {
			return res, halfway(err, r.ID)
		}
	}
}

func runFailed(r store.Run) error {
	return refused(fmt.Sprintf("run %d failed: %s", r.ID, r.Error), "what it had brought in before stays; correct the command and run it again")
}

// mayWork says what stops a connection that another process works on.
func (s *session) mayWork(ctx context.Context, connection string) error {
	f, err := s.app.load()
	if err != nil {
		return err
	}
	settings, err := s.app.storedSettings(ctx, s.store(), f, connection)
	if err != nil {
		return err
	}
	e, err := engine.New(ctx, engine.Options{Store: s.store(), Now: s.app.now, Log: s.app.log(), By: actor()}, nil)
	if err != nil {
		return err
	}
	c, err := e.Offline(ctx, settings)
	if err != nil {
		return err
	}
	return e.MayWork(ctx, c)
}

// halfway adds to what stops a connection what becomes of the run meanwhile; other
// errors pass.
func halfway(err error, run int64) error {
	if err == nil {
		return nil
	}
	p := *problemOf(err)
	if p.Code != engine.CodePaused && p.Code != engine.CodeSuspended && p.Code != engine.CodeBrake {
		return err
	}
	p.Mend += fmt.Sprintf("; run %d goes on then, or is given up by tandem cancel %d", run, run)
	return &p
}

// resultOf sums up a run that another process did: what was written, from its
// journal; what is open now; and the calls of that process meanwhile.
func (s *session) resultOf(ctx context.Context, connection string, r store.Run, before [2]int) (engine.Result, error) {
	res := engine.Result{Seconds: r.Ended.Sub(r.Created).Seconds(), Calls: map[string]int{}}
	pair, err := pairOfRun(r)
	if err != nil {
		return res, err
	}
	n, left, err := engine.RunList{Store: s.store(), Run: r.ID}.Counts(ctx)
	if err != nil {
		return res, err
	}
	var after [2]int
	if err := s.do(ctx, "calls", request{Connection: connection}, &after); err != nil {
		return res, err
	}
	for _, side := range core.Sides {
		res.Calls[side.String()] = after[side] - before[side]
	}
	err = s.store().View(ctx, func(tx *store.Tx) error {
		counts, err := tx.IssueCounts(r.Conn)
		n.Issues = 0
		for _, c := range counts {
			if c.Pair == pair {
				n.Issues += int64(c.Count)
			}
		}
		if err != nil {
			return err
		}
		rest, err := tx.RunLeft(r.ID)
		if err != nil {
			return err
		}
		open, err := tx.IntentsOpen(r.Conn)
		if err != nil {
			return err
		}
		res.Waiting, res.PutOff, res.Unsettled = rest.Untried+rest.Retried, rest.Late, len(open)
		res.Blocked, err = tx.LinksBlocked(r.Conn)
		return err
	})
	res.Objects = map[string]engine.Counts{core.StandardPairs.Plural(core.CompanyPair): {}}
	res.Objects[cmp.Or(core.StandardPairs.Plural(pair), string(pair))] = n
	res.Converged = left == 0 && res.PutOff == 0 && res.Unsettled == 0 && res.Blocked == 0
	return res, err
}

// pairOfRun is the object pair whose records a run lists.
func pairOfRun(r store.Run) (core.Pair, error) {
	var args engine.ImportArgs
	if err := json.Unmarshal(r.Args, &args); err != nil {
		return "", fmt.Errorf("read run %d: %w", r.ID, err)
	}
	return args.Pair, nil
}

// doCalls is how many calls this process has sent to the sides of a connection.
func doCalls(_ context.Context, w *world, rq request) (any, error) {
	var n [2]int
	if c := w.live(rq.Connection); c != nil {
		for _, side := range core.Sides {
			n[side], _ = c.sides[side].Spent()
		}
	}
	return n, nil
}

// importing starts an import; the sides need to be reached only where they know the fields
// or the list that it names.
func importing(ctx context.Context, w *world, rq request) (any, error) {
	if rq.Pick.When != "" || rq.Pick.List != "" || rq.Pick.Campaign != "" {
		return onSides(doImport)(ctx, w, rq)
	}
	return inStore(doImport)(ctx, w, rq)
}

func doImport(ctx context.Context, c *wired, rq request) (any, error) {
	if err := c.mayBring(rq.Pair); err != nil {
		return nil, err
	}
	if rq.Named != "" {
		var err error
		if rq.Refs, err = refsNamed(c.conn.Pairs, rq.Pair, "the list", strings.NewReader(rq.Named)); err != nil {
			return nil, err
		}
	}
	return c.start(ctx, "import", engine.ImportArgs{Pair: rq.Pair, Sides: rq.Sides, Refs: rq.Refs, Pick: rq.Pick})
}

// mayBring refuses to bring in what does not sync.
func (c *wired) mayBring(p core.Pair) error {
	if err := c.conn.HeldBack(p); err != nil {
		return err
	}
	switch {
	case p != core.CompanyPair && p != core.ContactPair && p != core.ActivityPair && !c.conn.Syncs(p):
		off := policy.Off(p, c.conn.Pairs.Def(p).Custom)
		return refused(fmt.Sprintf("%s sync is off: an import or a backfill would write nothing (%s)", p, off), "set "+c.conn.Settings.SwitchKey(p)+": true and run tandem settings apply")
	case p == core.ContactPair && !c.conn.Settings.Contacts.Sync:
		return refused("contact sync is off: an import or a backfill of people would write nothing (SET-2)", "set contacts.sync: true and run tandem settings apply")
	}
	return nil
}

// start queues a run and says its number.
func (c *wired) start(ctx context.Context, kind string, args engine.ImportArgs) (any, error) {
	id, err := c.engine.StartImport(ctx, c.conn, kind, args)
	return map[string]int64{"run": id}, err
}

func sidesOf(word string) ([]core.Side, error) {
	switch word {
	case "both":
		return core.Sides[:], nil
	case "salesforce":
		return []core.Side{core.Salesforce}, nil
	case "hubspot":
		return []core.Side{core.HubSpot}, nil
	}
	return nil, usage("unknown side "+word, "write salesforce, hubspot or both")
}
