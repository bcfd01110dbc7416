package cli

import (
	"context"

	"github.com/spf13/cobra"
)

func (a *app) pause() *cobra.Command {
	return &cobra.Command{
		Use:     "pause",
		Short:   "Stop syncing in both directions without disconnecting",
		Long:    "The master switch: nothing is read or written until tandem resume. What changes meanwhile is caught up then.",
		Example: "  tandem pause",
		Args:    cobra.NoArgs,
		RunE:    a.switchVerb("pause", func() request { return request{} }, "paused; tandem resume goes on"),
	}
}

func (a *app) resume() *cobra.Command {
	var brakes []string
	c := &cobra.Command{
		Use:   "resume [--clear-brake KIND]",
		Short: "Go on after a pause, a suspension, a brake or a disconnect",
		Long: `Ends a pause and a suspension, and connects again after tandem disconnect. A brake is released only by its name, because it
halts for something that a person should look at first: tandem status says what.`,
		Example: "  tandem resume\n  tandem resume --clear-brake deletes",
		Args:    cobra.NoArgs,
		RunE:    a.switchVerb("resume", func() request { return request{Brakes: brakes} }, "resumed"),
	}
	c.Flags().StringArrayVar(&brakes, "clear-brake", nil, "`KIND` of brake to release; may be given several times")
	return c
}

// switchVerb makes a verb that changes one switch of a connection.
func (a *app) switchVerb(verb string, rq func() request, done string) func(*cobra.Command, []string) error {
	return a.do(func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(ctx context.Context, s *session) error {
			base, err := s.request()
			if err != nil {
				return err
			}
			r := rq()
			r.Connection = base.Connection
			if err := s.do(ctx, verb, r, nil); err != nil {
				return err
			}
			if a.json {
				return a.printJSON(map[string]string{"connection": r.Connection, "done": verb})
			}
			a.printf("%s: %s.\n", r.Connection, done)
			return nil
		})
	})
}

func doPause(ctx context.Context, c *wired, _ request) (any, error) {
	return nil, c.engine.Pause(ctx, c.conn)
}

// doResume resumes, and lets a daemon begin anew: a connection that was
// disconnected is opened again.
func doResume(ctx context.Context, w *world, rq request) (any, error) {
	err := w.exclusive(ctx, rq.Connection, func() error {
		w.unwire(rq.Connection)
		_, err := inStore(resumeStored)(ctx, w, rq)
		return err
	})
	return nil, err
}

func resumeStored(ctx context.Context, c *wired, rq request) (any, error) {
	if c.conn.Settings.Paused {
		return nil, refused("the settings say paused: true", "set paused: false and run tandem settings apply")
	}
	return nil, c.engine.Resume(ctx, c.conn, rq.Brakes...)
}
