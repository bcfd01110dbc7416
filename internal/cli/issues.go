package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

func (a *app) issues() *cobra.Command {
	var choice issueChoice
	var export string
	limit := 50
	c := &cobra.Command{
		Use:   "issues [" + objectArg + "]",
		Short: "List what keeps records or fields from syncing",
		Long: `Open issues by category, each with what to do. An issue closes by itself when its
record next syncs; tandem retry tries at once. With an object only those of its records
are listed; leads are listed with contacts.` + objectHelp,
		Example: "  tandem issues\n  tandem issues contact --category picklist --export issues.csv",
		Args:    cobra.MaximumNArgs(1),
		RunE: a.do(func(ctx context.Context, args []string) (err error) {
			if len(args) > 0 {
				if choice.pair, err = a.pairOf(ctx, args[0]); err != nil {
					return err
				}
			}
			return a.read(ctx, func(ctx context.Context, r *reading) error {
				f, err := r.chosenIssues(ctx, choice)
				switch {
				case err != nil:
					return err
				case export != "":
					return r.exportIssues(ctx, f, export)
				case a.json:
					return r.eachIssue(ctx, f, func(i core.Issue) error { return a.printJSON(i) })
				}
				return r.showIssues(ctx, f, upTo(limit))
			})
		}),
	}
	c.Flags().StringVar(&choice.category, "category", "", "only this `CATEGORY`, or only this code, such as option_unknown")
	c.Flags().StringVar(&choice.record, "record", "", "only those of the record with this `ID` of either side, and of its partner")
	c.Flags().StringVar(&export, "export", "", "write all of them to this CSV `FILE`")
	limitFlag(c, &limit)
	return c
}

// rowLimit is the value of --limit.
type rowLimit int

// String, Set and Type make it a value of a flag.
func (l *rowLimit) String() string { return strconv.Itoa(int(*l)) }

func (l *rowLimit) Set(text string) error {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return errors.New("it is a number of lines, and 0 for all")
	}
	*l = rowLimit(n)
	return nil
}

func (l *rowLimit) Type() string { return "int" }

func limitFlag(c *cobra.Command, limit *int) {
	c.Flags().Var((*rowLimit)(limit), "limit", "show at most `N`; 0 for all")
}

// upTo is a limit of a list, where 0 stands for none.
func upTo(limit int) int {
	if limit == 0 {
		return math.MaxInt
	}
	return limit
}

const issuePage = 1000

// issueChoice is what the command line wants to see of the issues.
type issueChoice struct {
	pair             core.Pair // blank for all
	category, record string
}

// issueFilter chooses issues: in the store, and among what it gives.
type issueFilter struct {
	store.IssueFilter
	pair core.Pair         // blank for any
	code string            // blank for any
	refs map[core.Ref]bool // nil for any
}

func (f *issueFilter) takes(i core.Issue) bool {
	return (f.pair == "" || f.pair == i.Pair) && (f.code == "" || f.code == i.Code) && (f.refs == nil || f.refs[i.Ref])
}

// chosenIssues turns words into a filter. A word that is no category is a code, if
// any open issue has it.
func (r *reading) chosenIssues(ctx context.Context, c issueChoice) (f issueFilter, err error) {
	f.pair = c.pair
	if c.record != "" {
		if f.refs, err = r.refsOf(ctx, c.record); err != nil {
			return f, err
		}
	}
	if unknown := knownCategory(c.category); unknown != nil {
		f.code = c.category
		found := false
		err = r.eachIssue(ctx, issueFilter{code: c.category}, func(core.Issue) error { found = true; return nil })
		if err == nil && !found {
			err = unknown
		}
		return f, err
	}
	f.Category = core.Category(c.category)
	return f, nil
}

// refsOf are all refs that an id may mean, with those that they are linked with.
func (r *reading) refsOf(ctx context.Context, id string) (map[core.Ref]bool, error) {
	out := map[core.Ref]bool{}
	err := r.store.View(ctx, func(tx *store.Tx) error {
		for _, p := range r.conn.Pairs.Names() {
			refs := engine.RefsFor(r.conn.Pairs, p, id)
			links, err := tx.LinksOf(r.conn.ID, refs)
			if err != nil {
				return err
			}
			for _, ref := range refs {
				out[ref] = true
			}
			for _, l := range links {
				out[l.Refs[0]], out[l.Refs[1]] = true, true
			}
		}
		return nil
	})
	return out, err
}

// eachIssue calls fn for every open issue that the filter chooses.
func (r *reading) eachIssue(ctx context.Context, f issueFilter, fn func(core.Issue) error) error {
	return r.engine.EachIssue(ctx, r.conn, f.IssueFilter, func(i core.Issue) error {
		if !f.takes(i) {
			return nil
		}
		return fn(i)
	})
}

func (r *reading) showIssues(ctx context.Context, f issueFilter, limit int) error {
	var rows [][]string
	n := 0
	err := r.eachIssue(ctx, f, func(i core.Issue) error {
		if n++; n <= limit {
			rows = append(rows, []string{string(i.Category), r.app.place(i.Ref.Side.String(), i.Ref.Object, i.Ref.ID), i.Field, i.Message, i.Mend, when(i.First)})
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

func (r *reading) exportIssues(ctx context.Context, f issueFilter, file string) error {
	out, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("export issues: %w", err)
	}
	n, err := r.engine.ExportIssues(ctx, r.conn, f.IssueFilter, f.takes, out)
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
