package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tandem/internal/core"
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
			if err := knownBrakes(brakes); err != nil {
				return err
			}
			return a.act(ctx, func(ctx context.Context, s *session) error { return s.resume(ctx, brakes) })
		}),
	}
	c.Flags().StringArrayVar(&brakes, "clear-brake", nil, "`KIND` of brake to release; may be given several times")
	return c
}

// knownBrakes refuses names that no brake has.
func knownBrakes(names []string) error {
	all := make([]string, len(core.BrakeKinds))
	for i, k := range core.BrakeKinds {
		all[i] = string(k)
	}
	for _, n := range names {
		if !slices.Contains(all, n) {
			return usage("there is no kind of brake "+n, "write one of "+strings.Join(all, ", ")+"; tandem status shows which one holds")
		}
	}
	return nil
}

// pulledBrakes refuses to release brakes that are not pulled, and says which are.
func pulledBrakes(ctx context.Context, c *wired, names []string) error {
	s, err := c.engine.StoredStatus(ctx, c.conn)
	if err != nil {
		return err
	}
	var pulled []string
	for _, b := range s.Brakes {
		pulled = append(pulled, b.Kind)
	}
	for _, n := range names {
		if !slices.Contains(pulled, n) {
			return refused("the brake "+n+" does not hold "+c.conn.Settings.Name, "these do: "+orElse(strings.Join(pulled, ", "), "none, so that tandem resume is enough"))
		}
	}
	return nil
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
	if err := pulledBrakes(ctx, c, rq.Brakes); err != nil {
		return nil, err
	}
	if err := c.engine.Resume(ctx, c.conn, rq.Brakes...); err != nil {
		return nil, err
	}
	if err := c.engine.MayWork(ctx, c.conn); err != nil {
		return problemOf(err), nil
	}
	return nil, nil
}
