package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"tandem/internal/engine"
)

func (a *app) undo() *cobra.Command {
	var what engine.UndoArgs
	plan, export := false, ""
	c := &cobra.Command{
		Use:   "undo RUN [--plan] [--unlink] [--delete-created] [--entry ENTRY] [--field FIELD] [--pass]",
		Short: "Put back what a run wrote",
		Long: `Gives every value back that the run overwrote, where what the run wrote still stands,
and says what it leaves alone and why: changed since and by whom, gone, refused, an
opt-out. Both sides keep what they then show until somebody edits one of them, so that the
next sync does not write again what was undone. tandem runs lists the runs; --plan shows
what an undo would do and writes nothing.

Records that the run made stay, unless --delete-created archives those that nobody touched
since and ends their links; --unlink ends all links that the run made. What the run
deleted is listed, to be restored by hand. --entry and --field narrow an undo to one write,
and --pass takes the value that gave way in a conflict: both sides have it then. A record
that the run could not bring and that came after its end belongs to the run that wrote it
then, which is named. An undo goes on where it was stopped, and is a run itself: it can be
undone.`,
		Example: "  tandem undo 12 --plan\n  tandem undo 12 --export left.csv\n  tandem undo 12 --delete-created\n  tandem undo 12 --entry 4711 --field name --pass",
		Args:    cobra.ExactArgs(1),
		RunE: a.do(func(ctx context.Context, args []string) (err error) {
			if what.Run, err = runNumber(args[0]); err != nil {
				return err
			}
			return a.act(ctx, func(ctx context.Context, s *session) error {
				if plan {
					return s.planUndo(ctx, what)
				}
				return s.undo(ctx, what, export)
			})
		}),
	}
	c.Flags().BoolVar(&plan, "plan", false, "show what it would do, and write nothing")
	c.Flags().BoolVar(&what.Unlink, "unlink", false, "end the links that the run made")
	c.Flags().BoolVar(&what.DeleteCreated, "delete-created", false, "archive the records that the run made and nobody touched since")
	exportFlag(c, &export)
	c.Flags().Int64Var(&what.Entry, "entry", 0, "undo only what the `ENTRY` of the journal tells of, which tandem history --json numbers as seq")
	c.Flags().StringVar(&what.Field, "field", "", "put back only the mapped `FIELD`, by its name on either side")
	c.Flags().BoolVar(&what.Pass, "pass", false, "let the values that are put back pass to the other side, as edits do")
	c.MarkFlagsMutuallyExclusive("plan", "export")
	yesFlag(c)
	return c
}

func (s *session) planUndo(ctx context.Context, what engine.UndoArgs) error {
	rq, err := s.request()
	if err != nil {
		return err
	}
	rq.Undo = what
	var v engine.UndoView
	if err := s.do(ctx, "plan undo", rq, &v); err != nil {
		return err
	}
	if s.app.json {
		return s.app.printJSON(v)
	}
	s.app.printf("Undoing run %d would do this; nothing was written.\n", v.Undoes)
	s.app.describeUndo(&v)
	return nil
}

func doPlanUndo(ctx context.Context, c *wired, rq request) (any, error) {
	return c.engine.PlanUndo(ctx, c.conn, rq.Undo)
}

func doUndo(ctx context.Context, c *wired, rq request) (any, error) {
	id, err := c.engine.StartUndo(ctx, c.conn, rq.Undo)
	return started{id}, err
}

// started names a run that was begun.
type started struct {
	Run int64 `json:"run"`
}

// undoEnd is how an undo ended.
type undoEnd struct {
	Run int64 `json:"run"`
	*engine.UndoView
	engine.Result
}

func (s *session) undo(ctx context.Context, what engine.UndoArgs, export string) error {
	run, res, err := s.follow(ctx, "undo", request{Undo: what})
	if err != nil {
		return err
	}
	if export != "" {
		if err := s.exportRun(ctx, run, export); err != nil {
			return err
		}
	}
	e, err := engine.New(ctx, engine.Options{Store: s.store(), Now: s.app.now, Log: s.app.log(), By: actor()}, nil)
	if err != nil {
		return err
	}
	v, err := e.Undone(ctx, run)
	if err != nil {
		return err
	}
	if s.app.json {
		if err := s.app.printJSON(undoEnd{Run: run, UndoView: v, Result: res}); err != nil {
			return err
		}
		return converged(res)
	}
	s.app.printf("Run %d undid run %d.\n", run, v.Undoes)
	s.app.describeUndo(v)
	return converged(res)
}

func (a *app) describeUndo(v *engine.UndoView) {
	a.printf("%s put back in %s.\n", counted(v.Fields, [2]string{"value", "values"}), counted(v.Records, [2]string{"record looked at", "records looked at"}))
	if text := a.wroteWords(v.PutBack, nil); text != "" {
		a.printf("Writes: %s.\n", text)
	}
	var rows [][]string
	for _, code := range slices.Sorted(maps.Keys(v.Left)) {
		rows = append(rows, []string{engine.LeftWords(code), fmt.Sprint(v.Left[code])})
	}
	if len(rows) > 0 {
		a.printf("\n")
		a.printed.table([]string{"Left alone", ""}, rows)
	}
	a.describeLater(v)
	a.describeKept("First left alone", v.Samples.Left)
	a.describeKept("To be restored by hand", v.Restore)
}

// describeLater names the runs that wrote records of the undone one after it had ended.
func (a *app) describeLater(v *engine.UndoView) {
	for _, r := range v.Later {
		a.printf("%s of run %d came later, by run %d: what was written then stays; tandem undo %d --plan shows that run's undo.\n",
			counted(r.Records, [2]string{"record", "records"}), v.Undoes, r.Run, r.Run)
	}
}

func (a *app) describeKept(title string, left []engine.Left) {
	if len(left) == 0 {
		return
	}
	var rows [][]string
	for _, l := range left {
		rows = append(rows, []string{a.label(l.Ref), orElse(l.Name, l.Field), l.Why})
	}
	a.printf("\n")
	a.printed.table([]string{title, "", "Why"}, rows)
}
