package cli

import (
	"context"

	"github.com/spf13/cobra"
)

func (a *app) cancel() *cobra.Command {
	return &cobra.Command{
		Use:   "cancel RUN",
		Short: "End an import, resync, backfill or sweep before its end",
		Long: `Ends a run that is queued, running or interrupted; tandem status lists the runs. What
it has written stays. Records that it named and that were not worked on yet are
forgotten, unless something else asks for them as well.`,
		Example: "  tandem cancel 3",
		Args:    cobra.ExactArgs(1),
		RunE: a.do(func(ctx context.Context, args []string) error {
			run, err := runNumber(args[0])
			if err != nil {
				return err
			}
			return a.act(ctx, func(ctx context.Context, s *session) error { return s.cancel(ctx, run) })
		}),
	}
}

// cancelled tells what ending a run did.
type cancelled struct {
	Run       int64 `json:"run"`
	Forgotten int64 `json:"forgotten"` // records it had named
}

func (s *session) cancel(ctx context.Context, run int64) error {
	rq, err := s.request()
	if err != nil {
		return err
	}
	rq.Run = run
	var res cancelled
	if err := s.do(ctx, "cancel", rq, &res); err != nil {
		return err
	}
	if s.app.json {
		return s.app.printJSON(res)
	}
	s.app.printf("Run %d is cancelled; %d records that it had named are left alone.\n", res.Run, res.Forgotten)
	return nil
}

func doCancel(ctx context.Context, c *wired, rq request) (any, error) {
	n, err := c.engine.CancelRun(ctx, c.conn, rq.Run)
	return cancelled{Run: rq.Run, Forgotten: n}, err
}
