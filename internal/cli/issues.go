package cli

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"tandem/internal/core"
	"tandem/internal/store"
)

func (a *app) issues() *cobra.Command {
	var category, export string
	limit := 50
	c := &cobra.Command{
		Use:   "issues",
		Short: "List what keeps records or fields from syncing",
		Long: `Open issues by category, each with what to do. An issue closes by itself when its
record next syncs; tandem retry tries at once.`,
		Example: "  tandem issues\n  tandem issues --category picklist --export issues.csv",
		Args:    cobra.NoArgs,
		RunE: a.do(func(ctx context.Context, _ []string) error {
			if err := knownCategory(category); err != nil {
				return err
			}
			return a.read(ctx, func(ctx context.Context, r *reading) error {
				f := store.IssueFilter{Category: core.Category(category)}
				switch {
				case export != "":
					return r.exportIssues(ctx, f, export)
				case a.json:
					return r.eachIssue(ctx, f, func(i core.Issue) error { return a.printJSON(i) })
				}
				return r.showIssues(ctx, f, limit)
			})
		}),
	}
	c.Flags().StringVar(&category, "category", "", "only this `CATEGORY`")
	c.Flags().StringVar(&export, "export", "", "write all of them to this CSV `FILE`")
	c.Flags().IntVar(&limit, "limit", limit, "show at most `N`")
	return c
}

const issuePage = 1000

// eachIssue calls fn for every open issue that the filter chooses.
func (r *reading) eachIssue(ctx context.Context, f store.IssueFilter, fn func(core.Issue) error) error {
	f.Limit = issuePage
	for {
		var page []core.Issue
		err := r.store.View(ctx, func(tx *store.Tx) (err error) { page, err = tx.Issues(r.conn.ID, f); return err })
		if err != nil || len(page) == 0 {
			return err
		}
		for _, i := range page {
			f.After = i.ID
			if err := fn(i); err != nil {
				return err
			}
		}
	}
}

func (r *reading) showIssues(ctx context.Context, f store.IssueFilter, limit int) error {
	var rows [][]string
	n := 0
	err := r.eachIssue(ctx, f, func(i core.Issue) error {
		if n++; n <= limit {
			rows = append(rows, []string{string(i.Category), fmt.Sprintf("%s %s %s", i.Ref.Side, i.Ref.Object, i.Ref.ID), i.Field, i.Message, i.Mend, when(i.First)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if n == 0 {
		r.app.printf("No open issues.\n")
		return nil
	}
	r.app.printed.table([]string{"Category", "Record", "Field", "What happened", "What to do", "Since"}, rows)
	if n > limit {
		r.app.printf("%d more; --limit shows more, --export writes all to a file.\n", n-limit)
	}
	return nil
}

func (r *reading) exportIssues(ctx context.Context, f store.IssueFilter, file string) error {
	out, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("export issues: %w", err)
	}
	w := csv.NewWriter(out)
	_ = w.Write([]string{"category", "code", "side", "object", "id", "field", "message", "mend", "rule", "first", "last", "count"})
	n := 0
	err = r.eachIssue(ctx, f, func(i core.Issue) error {
		n++
		return w.Write(harmless([]string{string(i.Category), i.Code, i.Ref.Side.String(), string(i.Ref.Object), i.Ref.ID, i.Field, i.Message, i.Mend, i.Rule,
			i.First.Format("2006-01-02T15:04:05Z07:00"), i.Last.Format("2006-01-02T15:04:05Z07:00"), fmt.Sprint(i.Count)}))
	})
	w.Flush()
	if err == nil {
		err = w.Error()
	}
	if closed := out.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("export issues to %s: %w", file, err)
	}
	if r.app.json {
		return r.app.printJSON(map[string]any{"exported": n, "file": file})
	}
	r.app.printf("%d issues are in %s.\n", n, file)
	return nil
}
