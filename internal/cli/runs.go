package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

func (a *app) runs() *cobra.Command {
	limit, export := 20, ""
	c := &cobra.Command{
		Use:   "runs [RUN]",
		Short: "List imports, resyncs, plans applied, syncs and undos with what they wrote",
		Long: `Everything that was written belongs to a run: an import, a resync, a backfill, a plan
that was applied, an undo, or a sync, which is one tandem sync --once or an hour of
tandem serve. tandem undo puts back what a run wrote. With --export a run's records are
listed, a line each.`,
		Example: "  tandem runs\n  tandem runs 12 --export records.csv",
		Args:    cobra.MaximumNArgs(1),
		RunE: a.do(func(ctx context.Context, args []string) error {
			if (export != "") != (len(args) == 1) {
				return usage("a run's records are listed to a file", "for example: tandem runs 12 --export records.csv")
			}
			return a.read(ctx, func(ctx context.Context, r *reading) error {
				if export != "" {
					return r.listRun(ctx, args[0], export)
				}
				return r.showRuns(ctx, upTo(limit))
			})
		}),
	}
	limitFlag(c, &limit)
	exportFlag(c, &export)
	return c
}

// runNumber reads the number of a run.
func runNumber(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, usage("a run is a number", "tandem runs lists the runs")
	}
	return n, nil
}

func (r *reading) listRun(ctx context.Context, text, file string) error {
	n, err := runNumber(text)
	if err != nil {
		return err
	}
	err = r.store.View(ctx, func(tx *store.Tx) error {
		run, err := tx.Run(n)
		if store.CodeOf(err) == store.NotFound || err == nil && run.Conn != r.conn.ID {
			return refused(fmt.Sprintf("there is no run %d of this connection", n), "tandem runs lists the runs")
		}
		return err
	})
	if err != nil {
		return err
	}
	return (&session{app: r.app, guest: r.store}).exportRun(ctx, n, file)
}

func (r *reading) showRuns(ctx context.Context, limit int) error {
	all, err := r.engine.Runs(ctx, r.conn, limit)
	if err != nil {
		return err
	}
	if r.app.json {
		for _, v := range all {
			if err := r.app.printJSON(v); err != nil {
				return err
			}
		}
		return nil
	}
	if len(all) == 0 {
		r.app.printf("Nothing has run yet.\n")
		return nil
	}
	var rows [][]string
	var later []string
	for _, v := range all {
		rows = append(rows, []string{fmt.Sprint(v.Run), v.Words, engine.StateWords(v.State), when(v.Created), when(v.Ended), fmt.Sprint(v.Records), r.app.wroteWords(v.Wrote, v.Keyed), leftWords(v.Left)})
		for _, l := range v.Later {
			later = append(later, fmt.Sprintf("%s of run %d came later, by run %d.", counted(l.Records, [2]string{"record", "records"}), v.Run, l.Run))
		}
	}
	r.app.printed.table([]string{"Run", "Kind", "State", "Created", "Ended", "Records", "Wrote", "Not done"}, rows)
	for _, line := range later {
		r.app.printf("%s\n", line)
	}
	return nil
}

// leftWords say how the records of a run stand that are not done.
func leftWords(left map[string]int) string {
	var parts []string
	for _, state := range engine.RunRecordStates {
		if n := left[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s: %d", state, n))
		}
	}
	return strings.Join(parts, ", ")
}

func (a *app) wroteWords(wrote, keyed map[string]int) string {
	var parts []string
	for _, what := range slices.Sorted(maps.Keys(wrote)) {
		parts = append(parts, fmt.Sprintf("%s: %d", a.opWords(what), wrote[what]))
	}
	for _, side := range core.Sides {
		if n := keyed[side.String()]; n > 0 {
			parts = append(parts, fmt.Sprintf("partner's id alone in %s: %d", side.Label(), n))
		}
	}
	return strings.Join(parts, ", ")
}
