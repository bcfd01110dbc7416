package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tandem/internal/core"
	"tandem/internal/store"
)

func (a *app) retry() *cobra.Command {
	all, category := false, ""
	c := &cobra.Command{
		Use:   "retry ID... | retry --all | retry --category CATEGORY",
		Short: "Try records with issues again now",
		Long: `Makes the records of open issues due at once instead of at their next automatic
try, and works on them. Name records by their id of either side, a category of
tandem issues, or all.`,
		Example: "  tandem retry --all\n  tandem retry --category picklist\n  tandem retry 0011t00000AbCdE",
		RunE: a.do(func(ctx context.Context, args []string) error {
			given := 0
			for _, is := range []bool{all, category != "", len(args) > 0} {
				if is {
					given++
				}
			}
			if given != 1 {
				return usage("retry needs ids, --category or --all", "tandem issues lists what is open")
			}
			if err := knownCategory(category); err != nil {
				return err
			}
			return a.act(ctx, func(ctx context.Context, s *session) error {
				return s.retry(ctx, request{IDs: args, Category: category})
			})
		}),
	}
	c.Flags().BoolVar(&all, "all", false, "all open issues")
	c.Flags().StringVar(&category, "category", "", "`CATEGORY` of issues, such as picklist")
	return c
}

func knownCategory(word string) error {
	if word == "" || slices.Contains(core.Categories, core.Category(word)) {
		return nil
	}
	var known []string
	for _, c := range core.Categories {
		known = append(known, string(c))
	}
	return usage("unknown category "+word, "categories are "+strings.Join(known, ", "))
}

func (s *session) retry(ctx context.Context, rq request) error {
	base, err := s.request()
	if err != nil {
		return err
	}
	rq.Connection = base.Connection
	var res retried
	if err := s.do(ctx, "retry", rq, &res); err != nil {
		return err
	}
	if res.Marked > 0 {
		stop := s.watch(ctx, rq.Connection, 0)
		err := s.do(ctx, "work", request{Connection: rq.Connection}, nil)
		stop()
		if err != nil {
			return err
		}
	}
	if err := s.do(ctx, "open", rq, &res.Open); err != nil {
		return err
	}
	return s.app.printRetried(res)
}

// retried says how many records were tried again and how many issues are open
// after it.
type retried struct {
	Marked int `json:"retried"`
	Open   int `json:"open_issues"`
}

func (a *app) printRetried(r retried) error {
	if a.json {
		return a.printJSON(r)
	}
	a.printf("%d tried again; %d issues are open.\n", r.Marked, r.Open)
	return nil
}

func doRetry(ctx context.Context, c *wired, rq request) (any, error) {
	if len(rq.IDs) == 0 {
		n, err := c.engine.Retry(ctx, c.conn, store.IssueFilter{Category: core.Category(rq.Category), Pair: rq.Pair})
		return retried{Marked: n}, err
	}
	for _, id := range rq.IDs {
		pair, err := c.engine.PairOfIssue(ctx, c.conn, id)
		if err != nil {
			return nil, err
		}
		if err := c.engine.Resync(ctx, c.conn, pair, []string{id}); err != nil {
			return nil, err
		}
	}
	return retried{Marked: len(rq.IDs)}, nil
}

// doOpen counts the open issues.
func doOpen(ctx context.Context, c *wired, _ request) (any, error) {
	status, err := c.engine.StoredStatus(ctx, c.conn)
	n := 0
	for _, i := range status.Issues {
		n += i.Count
	}
	return n, err
}
