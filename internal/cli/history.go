package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"tandem/internal/engine"
	"tandem/internal/store"
)

func (a *app) history() *cobra.Command {
	limit := 50
	c := &cobra.Command{
		Use:     "history " + objectArg + " ID",
		Short:   "Show what was decided and written for a record",
		Long:    "Reads the journal: decisions with their rules, writes with old and new values, and what came of them, newest first.\nThat of a lead that was converted into the record, or of whom was merged into it, is told with it." + objectHelp,
		Example: "  tandem history company 0011t00000AbCdE --limit 10",
		Args:    cobra.ExactArgs(2),
		RunE: a.do(func(ctx context.Context, args []string) error {
			p, err := a.recordsOf(ctx, args[0], args[1:]...)
			if err != nil {
				return err
			}
			return a.read(ctx, func(ctx context.Context, r *reading) error {
				if err := a.learnStages(ctx, r.store, r.conn.ID); err != nil {
					return err
				}
				h, err := r.engine.History(ctx, r.conn, p, args[1], upTo(limit))
				if err != nil {
					return err
				}
				return a.showHistory(h)
			})
		}),
	}
	limitFlag(c, &limit)
	return c
}

func (a *app) showHistory(h []engine.HistoryView) error {
	if a.json {
		for _, e := range h {
			if err := a.printJSON(e); err != nil {
				return err
			}
		}
		return nil
	}
	if len(h) == 0 {
		a.printf("The journal holds nothing about this record.\n")
		return nil
	}
	a.describeHistory(h)
	return nil
}

func (a *app) conflicts() *cobra.Command {
	limit := 50
	c := &cobra.Command{
		Use:   "conflicts",
		Short: "Show values that were given up because both sides had changed",
		Long: `When both sides change the same two-way field between two syncs, one value wins by
the rule of the mapping. The other one is kept here.`,
		Example: "  tandem conflicts --json",
		Args:    cobra.NoArgs,
		RunE: a.do(func(ctx context.Context, _ []string) error {
			return a.read(ctx, func(ctx context.Context, r *reading) error { return r.showConflicts(ctx, upTo(limit)) })
		}),
	}
	limitFlag(c, &limit)
	return c
}

// conflictView is one lost value.
type conflictView struct {
	At  string `json:"at"`
	Ref string `json:"ref"`
	engine.Conflict
}

func (r *reading) showConflicts(ctx context.Context, limit int) error {
	all, err := r.conflicts(ctx, limit)
	if err != nil {
		return err
	}
	if r.app.json {
		for _, c := range all {
			if err := r.app.printJSON(c); err != nil {
				return err
			}
		}
		return nil
	}
	if len(all) == 0 {
		r.app.printf("No conflicts.\n")
		return nil
	}
	if err := r.app.learnStages(ctx, r.store, r.conn.ID); err != nil {
		return err
	}
	var rows [][]string
	for _, c := range all {
		rows = append(rows, []string{c.At, r.app.refWords(c.Ref), c.Field, r.app.valueOf(c.Field, c.Kept), r.app.valueOf(c.Field, c.Lost), c.Side, c.Rule})
	}
	r.app.printed.table([]string{"When", "Record", "Field", "Kept", "Lost", "of", "Rule"}, rows)
	return nil
}

// conflicts are the last lost values, oldest first.
func (r *reading) conflicts(ctx context.Context, limit int) (out []conflictView, err error) {
	for after := int64(0); ; {
		var page []store.Entry
		err := r.store.View(ctx, func(tx *store.Tx) (err error) { page, err = tx.Conflicts(r.conn.ID, after, issuePage); return err })
		if err != nil || len(page) == 0 {
			return out, err
		}
		for _, e := range page {
			after = e.Seq
			var body engine.Entry
			if err := json.Unmarshal(e.Body, &body); err != nil {
				return out, fmt.Errorf("read journal entry %d: %w", e.Seq, err)
			}
			for _, c := range body.Conflicts {
				out = append(out, conflictView{At: when(e.At), Ref: e.Ref.String(), Conflict: c})
			}
		}
		out = out[max(len(out)-limit, 0):]
	}
}
