package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// resyncing are the flags that say what a resync looks at instead of records named by ids.
type resyncing struct {
	all, associations bool
	ids, list         string
}

// ways counts how the records are named, ids on the command line among them.
func (r *resyncing) ways(ids int) (n int) {
	for _, given := range []bool{r.all, r.associations, r.ids != "", r.list != "", ids > 0} {
		if given {
			n++
		}
	}
	return n
}

func (a *app) resync() *cobra.Command {
	var which resyncing
	export := ""
	c := &cobra.Command{
		Use:   "resync " + objectArg + " ID... | --all | --list NAME | --ids FILE | --associations",
		Short: "Sync single records now, or many",
		Long: `Looks at the records again on your word. For a company without a partner that
means: create or link one, whatever the rules for automatic creation say. With
--all every linked record is compared field by field, with --list every linked member of a
HubSpot list, with --ids the records that a file names; there is no upper size, and a
stopped run goes on where it was. --associations compares only what all linked records of
an object are associated with, with a call for each 1000 and each object they may belong to.` + objectHelp,
		Example: "  tandem resync company 0011t00000AbCdE\n  tandem resync company --all --export list.csv\n  tandem resync contact --list \"Trade fair\"\n  tandem resync deal --ids deals.csv\n  tandem resync contact --associations",
		Args:    cobra.MinimumNArgs(1),
		RunE: a.do(func(ctx context.Context, args []string) error {
			p, err := a.recordsOf(ctx, args[0], args[1:]...)
			if err != nil {
				return err
			}
			if which.ways(len(args)-1) != 1 {
				return usage("resync needs either ids, or one of --all, --list, --ids and --associations", "for example: tandem resync company 0011t00000AbCdE")
			}
			rq := request{Pair: p, IDs: args[1:]}
			if which.ids != "" {
				if rq.Refs, err = a.readIDs(ctx, p, which.ids); err != nil {
					return err
				}
			}
			return a.act(ctx, func(ctx context.Context, s *session) error { return s.resync(ctx, rq, which, export) })
		}),
	}
	c.Flags().BoolVar(&which.all, "all", false, "all linked records")
	c.Flags().StringVar(&which.list, "list", "", "the linked members of this HubSpot list, by `NAME` or id")
	c.Flags().StringVar(&which.ids, "ids", "", "the records whose ids are in this `FILE`, one a line or in a column of a CSV file")
	c.Flags().BoolVar(&which.associations, "associations", false, "what all linked records are associated with, and nothing else")
	exportFlag(c, &export)
	return c
}

func (s *session) resync(ctx context.Context, rq request, which resyncing, export string) error {
	switch {
	case which.associations:
		return s.bulk(ctx, "associations", rq, export)
	case which.list != "":
		rq.Sides, rq.Linked, rq.Pick = []core.Side{core.HubSpot}, true, engine.Pick{List: which.list}
	case which.all:
		rq.Sides, rq.Linked = core.Sides[:], true
	case len(rq.IDs) > 0:
		return s.resyncSome(ctx, rq)
	}
	return s.bulk(ctx, "resync", rq, export)
}

// resyncSome marks records, waits until they are worked on and tells how each
// stands then.
func (s *session) resyncSome(ctx context.Context, rq request) error {
	base, err := s.request()
	if err != nil {
		return err
	}
	rq.Connection = base.Connection
	var asked marked
	if err := s.do(ctx, "resync", rq, &asked); err != nil {
		return err
	}
	if err := s.do(ctx, "work", rq, nil); err != nil {
		return err
	}
	worst := error(nil)
	for _, id := range rq.IDs {
		one := rq
		one.IDs = []string{id}
		x, err := s.explanation(ctx, one)
		if err != nil {
			return err
		}
		wrote := asked.wrote(x)
		if x.Verdict != engine.InSync && (x.Verdict != engine.OutOfScope || len(wrote) == 0) {
			worst = notDone()
		}
		if err := s.app.printVerdict(x); err != nil {
			return err
		}
		s.app.printWrote(x.Verdict, wrote)
	}
	return worst
}

// marked is when records were marked for a look.
type marked struct {
	At time.Time `json:"at"`
}

// wrote are the writes that the look brought about, as of an opt-out, which passes of a
// record that does not sync otherwise.
func (m marked) wrote(x *engine.Explanation) (out []engine.Write) {
	for _, h := range x.History {
		if h.At.Before(m.At.Truncate(time.Millisecond)) { // as the journal keeps times
			continue
		}
		for _, w := range h.Writes {
			if w.Status == core.Applied {
				out = append(out, w)
			}
		}
	}
	return out
}

// printWrote says what was written of a record that does not sync.
func (a *app) printWrote(v engine.Verdict, writes []engine.Write) {
	if a.json || v != engine.OutOfScope {
		return
	}
	for _, w := range writes {
		a.printf("Written all the same: %s %s in %s%s, by %s.\n", w.Kind, w.ID, sideLabel(w.Side), a.changes(w.Before, w.After), ruleText(w.Rule))
	}
}

// doResync queues the resync of all, or marks single records, which are looked for
// first.
func doResync(ctx context.Context, w *world, rq request) (any, error) {
	if len(rq.IDs) > 0 {
		return onSides(func(ctx context.Context, c *wired, rq request) (any, error) {
			at := c.engine.Now()
			return marked{at}, c.engine.Resync(ctx, c.conn, rq.Pair, rq.IDs)
		})(ctx, w, rq)
	}
	start := func(ctx context.Context, c *wired, rq request) (any, error) {
		return c.start(ctx, "resync", engine.ImportArgs{Pair: rq.Pair, Sides: rq.Sides, Linked: rq.Linked, Refs: rq.Refs, Pick: rq.Pick})
	}
	if rq.Pick.List != "" {
		return onSides(start)(ctx, w, rq) // the list is looked for
	}
	return inStore(start)(ctx, w, rq)
}

func doAssociations(ctx context.Context, c *wired, rq request) (any, error) {
	id, err := c.engine.StartRelations(ctx, c.conn, rq.Pair)
	return started{id}, err
}

// doWork waits until the records named (all that are due, where none is) have
// been worked on, and does it where nobody else is at it.
func doWork(ctx context.Context, w *world, rq request) (any, error) {
	c, err := w.wire(ctx, rq.Connection)
	if err != nil {
		return nil, err
	}
	t := w.turn(rq.Connection)
	for {
		left, err := untouched(ctx, w.store, c.conn, rq)
		if err != nil || left == 0 {
			return nil, err
		}
		if err := c.engine.MayWork(ctx, c.conn); err != nil {
			return nil, err // nobody will come to it
		}
		if t.try() {
			_, err := c.engine.Work(ctx, c.conn)
			t.give()
			return nil, err
		}
		if err := connector.Pause(ctx, commandEvery); err != nil {
			return nil, err
		}
	}
}

// untouched counts the entries that are due and were not tried yet.
func untouched(ctx context.Context, s *store.Store, c *engine.Conn, rq request) (n int, err error) {
	err = s.View(ctx, func(tx *store.Tx) error {
		if len(rq.IDs) == 0 {
			stats, err := tx.DirtyStats(c.ID)
			for _, st := range stats {
				n += st.Due
			}
			return err
		}
		for _, id := range rq.IDs {
			entries, err := tx.DirtyOf(c.ID, engine.RefsFor(c.Pairs, rq.Pair, id))
			if err != nil {
				return err
			}
			for _, d := range entries {
				if d.Tries == 0 {
					n++
				}
			}
		}
		return nil
	})
	return n, err
}
