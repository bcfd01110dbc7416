package cli

import (
	"context"

	"github.com/spf13/cobra"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

func (a *app) resync() *cobra.Command {
	all, export := false, ""
	c := &cobra.Command{
		Use:   "resync company ID... | resync company --all",
		Short: "Sync single records now, or all linked ones",
		Long: `Looks at the records again on your word. For a company without a partner that
means: create or link one, whatever the rules for automatic creation say. With
--all every linked record is compared field by field; there is no upper size, and
a stopped run goes on where it was.`,
		Example: "  tandem resync company 0011t00000AbCdE\n  tandem resync company --all --export list.csv",
		Args:    cobra.MinimumNArgs(1),
		RunE: a.do(func(ctx context.Context, args []string) error {
			p, err := recordsOf(args[0], args[1:]...)
			if err != nil {
				return err
			}
			if all == (len(args) > 1) {
				return usage("resync needs either ids or --all", "for example: tandem resync company 0011t00000AbCdE")
			}
			return a.act(ctx, func(ctx context.Context, s *session) error {
				if all {
					return s.bulk(ctx, "resync", request{Pair: p, Sides: core.Sides[:], Linked: true}, export)
				}
				return s.resyncSome(ctx, request{Pair: p, IDs: args[1:]})
			})
		}),
	}
	c.Flags().BoolVar(&all, "all", false, "all linked records")
	exportFlag(c, &export)
	return c
}

// resyncSome marks records, waits until they are worked on and tells how each
// stands then.
func (s *session) resyncSome(ctx context.Context, rq request) error {
	base, err := s.request()
	if err != nil {
		return err
	}
	rq.Connection = base.Connection
	if err := s.do(ctx, "resync", rq, nil); err != nil {
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
		if x.Verdict != engine.InSync {
			worst = notDone()
		}
		if err := s.app.printVerdict(x); err != nil {
			return err
		}
	}
	return worst
}

// doResync queues the resync of all, or marks single records, which are looked for
// first.
func doResync(ctx context.Context, w *world, rq request) (any, error) {
	if len(rq.IDs) > 0 {
		return onSides(func(ctx context.Context, c *wired, rq request) (any, error) {
			return nil, c.engine.Resync(ctx, c.conn, rq.Pair, rq.IDs)
		})(ctx, w, rq)
	}
	return inStore(func(ctx context.Context, c *wired, rq request) (any, error) {
		return c.start(ctx, "resync", engine.ImportArgs{Pair: rq.Pair, Sides: rq.Sides, Linked: rq.Linked})
	})(ctx, w, rq)
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
		if err := wait(ctx, commandEvery); err != nil {
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
			entries, err := tx.DirtyOf(c.ID, engine.RefsFor(rq.Pair, id))
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
