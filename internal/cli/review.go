package cli

import (
	"context"

	"github.com/spf13/cobra"

	"tandem/internal/core"
	"tandem/internal/engine"
)

func (a *app) linksReview() *cobra.Command {
	limit := 50
	c := &cobra.Command{
		Use:   "review [company|contact|deal]",
		Short: "List records that may be the same as others, for you to decide",
		Long: `Records for which several others, or a similar one, may be the partner. Nothing is
made for them until you decide: tandem links link chooses one, tandem links apart says
that two are not the same, tandem resync makes a partner of its own for the record.`,
		Example: "  tandem links review\n  tandem links review contact --json",
		Args:    cobra.MaximumNArgs(1),
		RunE: a.do(func(ctx context.Context, args []string) (err error) {
			f := issueFilter{refs: nil}
			if len(args) > 0 {
				if f.pair, err = pairOf(args[0]); err != nil {
					return err
				}
			}
			f.Category = core.CategoryDuplicate
			return a.read(ctx, func(ctx context.Context, r *reading) error { return r.showReview(ctx, f, limit) })
		}),
	}
	c.Flags().IntVar(&limit, "limit", limit, "show at most `N`")
	return c
}

// showReview lists a row for each candidate of each record in review.
func (r *reading) showReview(ctx context.Context, f issueFilter, limit int) error {
	var rows [][]string
	n := 0
	err := r.eachIssue(ctx, f, func(i core.Issue) error {
		if !engine.InReview(i) {
			return nil
		}
		if n++; r.app.json {
			return r.app.printJSON(i)
		}
		if n <= limit {
			rows = append(rows, reviewRows(i)...)
		}
		return nil
	})
	switch {
	case err != nil || r.app.json:
		return err
	case n == 0:
		r.app.printf("Nothing is in review.\n")
		return nil
	}
	r.app.printed.table([]string{"Record", "may be the same as", "because", "Since"}, rows)
	r.app.printf("Decide with tandem links link company|contact|deal SALESFORCE-ID HUBSPOT-ID, or tandem links apart; a decision counts with the next sync.\n")
	if n > limit {
		r.app.printf("%d more records; --limit shows more.\n", n-limit)
	}
	return nil
}

func reviewRows(i core.Issue) (out [][]string) {
	for n, c := range i.Candidates {
		record, since := i.Ref.Label(), when(i.First)
		if n > 0 {
			record, since = "", ""
		}
		out = append(out, []string{record, c.Label(), evidenceOf(i, n), since})
	}
	return out
}

// describeCandidates says of each candidate of a review what speaks for it.
func (a *app) describeCandidates(i core.Issue) {
	if !engine.InReview(i) {
		return
	}
	for n, c := range i.Candidates {
		a.printf("  %s: %s\n", c.Label(), evidenceOf(i, n))
	}
}

// evidenceOf is what speaks for the n-th candidate of a review.
func evidenceOf(i core.Issue, n int) string {
	if n < len(i.Evidence) && i.Evidence[n] != "" {
		return i.Evidence[n]
	}
	return "one of several that are the same by a key (" + i.Rule + ")"
}

func (a *app) linksApart() *cobra.Command {
	return &cobra.Command{
		Use:   "apart company|contact|deal ID [HUBSPOT-ID]",
		Short: "Say that records are not the same thing",
		Long: `Notes that a record of Salesforce and one of HubSpot are not the same: they are neither
proposed nor linked again, until tandem links link joins them. With one ID, of either
side, the record is none of the candidates that tandem links review names for it. What
the rules make for a record of its own is made with the next sync.`,
		Example: "  tandem links apart company 0011t00000AbCdE 9087654321\n  tandem links apart contact 00Q1t00000AbCdE",
		Args:    cobra.RangeArgs(2, 3),
		RunE:    a.linkVerb("apart", "will not be taken for the same"),
	}
}

func doApart(ctx context.Context, c *wired, rq request) (any, error) {
	if len(rq.IDs) == 0 || len(rq.IDs) > 2 {
		return nil, usage("apart needs one or two ids", "")
	}
	couples, err := c.engine.Apart(ctx, c.conn, rq.Pair, rq.IDs...)
	if err != nil {
		return nil, err
	}
	return couples, nil
}
