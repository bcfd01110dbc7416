package cli

import (
	"bufio"
	"context"
	"fmt"
	"strings"

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
		Short: "Go on after a pause, a suspension or a brake",
		Long: `Ends a pause and a suspension. A brake is released only by its name, because it
halts for something that a person should look at first: tandem status says what.`,
		Example: "  tandem resume\n  tandem resume --clear-brake deletes",
		Args:    cobra.NoArgs,
		RunE:    a.switchVerb("resume", func() request { return request{Brakes: brakes} }, "resumed"),
	}
	c.Flags().StringArrayVar(&brakes, "clear-brake", nil, "`KIND` of brake to release; may be given several times")
	return c
}

func (a *app) disconnect() *cobra.Command {
	var yes bool
	verb := a.switchVerb("disconnect", func() request { return request{} }, "disconnected; links, fields, records and settings stay, and tandem resume connects again")
	c := &cobra.Command{
		Use:     "disconnect --yes",
		Short:   "End a connection; records, links, fields and settings stay",
		Long:    "Stops all work on the connection and forgets what its feeds had reached. Nothing is\nremoved from either side, and the settings survive, so that connecting again resumes\nthe links.",
		Example: "  tandem disconnect --connection acme --yes",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if !yes && !a.confirm("Disconnect?") {
				a.began = true
				return refused("nothing was disconnected", "say yes, or give --yes")
			}
			return verb(c, args)
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
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

// doResume resumes, and lets a daemon notice at once.
func doResume(ctx context.Context, w *world, rq request) (any, error) {
	out, err := inStore(resumeStored)(ctx, w, rq)
	w.turn(rq.Connection).nudge()
	return out, err
}

func resumeStored(ctx context.Context, c *wired, rq request) (any, error) {
	if c.conn.Settings.Paused {
		return nil, refused("the settings say paused: true", "set paused: false and run tandem settings apply")
	}
	return nil, c.engine.Resume(ctx, c.conn, rq.Brakes...)
}

func doDisconnect(ctx context.Context, c *wired, _ request) (any, error) {
	return nil, c.engine.Disconnect(ctx, c.conn)
}

// confirm asks on a terminal; without one the answer is no.
func (a *app) confirm(question string) bool {
	if !isTerminal(a.In) {
		return false
	}
	fmt.Fprint(a.Err, question+" [y/N] ")
	line, _ := bufio.NewReader(a.In).ReadString('\n')
	answer := strings.ToLower(strings.TrimSpace(line))
	return answer == "y" || answer == "yes"
}
