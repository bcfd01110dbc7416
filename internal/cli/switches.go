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
		RunE: a.do(func(ctx context.Context, _ []string) error {
			return a.act(ctx, a.runPause)
		}),
	}
}

func (a *app) resume() *cobra.Command {
	var brakes []string
	c := &cobra.Command{
		Use:   "resume [--clear-brake KIND]",
		Short: "Go on after a pause, a suspension, a brake or a disconnect",
		Long: `Ends a pause and a suspension, and connects again after tandem disconnect. A brake is released only by its name, because it
halts for something that a person should look at first: tandem status says what. Exit
code 1 says that something still stops the connection.`,
		Example: "  tandem resume\n  tandem resume --clear-brake deletes",
		Args:    cobra.NoArgs,
		RunE: a.do(func(ctx context.Context, _ []string) error {
			return a.act(ctx, func(ctx context.Context, s *session) error { return s.resume(ctx, brakes) })
		}),
	}
	c.Flags().StringArrayVar(&brakes, "clear-brake", nil, "`KIND` of brake to release; may be given several times")
	return c
}

// resume resumes and tells what still stops the connection.
func (s *session) resume(ctx context.Context, brakes []string) error {
	rq, err := s.request()
	if err != nil {
		return err
	}
	rq.Brakes = brakes
	var still *problem
	if err := s.do(ctx, "resume", rq, &still); err != nil {
		return err
	}
	a := s.app
	switch {
	case a.json:
		err = a.printJSON(switched{Connection: rq.Connection, Done: "resume", Still: still})
	case still == nil:
		a.printf("%s: resumed.\n", rq.Connection)
	default:
		a.printf("%s: not running yet. %s.\n  %s\n", rq.Connection, upperFirst(still.Message), still.Mend)
	}
	if err == nil && still != nil {
		err = notDone()
	}
	return err
}

// switched tells which switch of a connection was turned.
type switched struct {
	Connection string   `json:"connection"`
	Done       string   `json:"done"`
	Still      *problem `json:"still_stopped_by,omitempty"`
}

func (a *app) runPause(ctx context.Context, s *session) error {
	rq, err := s.request()
	if err != nil {
		return err
	}
	if err := s.do(ctx, "pause", rq, nil); err != nil {
		return err
	}
	if a.json {
		return a.printJSON(switched{Connection: rq.Connection, Done: "pause"})
	}
	a.printf("%s: paused; tandem resume goes on.\n", rq.Connection)
	return nil
}

func doPause(ctx context.Context, c *wired, _ request) (any, error) {
	return nil, c.engine.Pause(ctx, c.conn)
}

// doResume resumes, and lets a daemon begin anew: a connection that was
// disconnected is opened again. It gives what still stops the connection.
func doResume(ctx context.Context, w *world, rq request) (any, error) {
	var still any
	err := w.exclusive(ctx, rq.Connection, func() (err error) {
		w.unwire(rq.Connection)
		still, err = inStore(resumeStored)(ctx, w, rq)
		return err
	})
	return still, err
}

func resumeStored(ctx context.Context, c *wired, rq request) (any, error) {
	if c.conn.Settings.Paused {
		return nil, refused("the settings say paused: true", "set paused: false and run tandem settings apply")
	}
	if err := c.engine.Resume(ctx, c.conn, rq.Brakes...); err != nil {
		return nil, err
	}
	if err := c.engine.MayWork(ctx, c.conn); err != nil {
		return problemOf(err), nil
	}
	return nil, nil
}
