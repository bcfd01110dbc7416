package cli

import (
	"context"

	"github.com/spf13/cobra"

	"tandem/internal/core"
	"tandem/internal/engine"
)

func (a *app) backfill() *cobra.Command {
	to, from, export := "", "", ""
	c := &cobra.Command{
		Use:   "backfill " + objectArg + " [--from salesforce|hubspot]",
		Short: "Fill in existing values after a mapping was added or changed",
		Long: `Compares all linked records under the mappings as they are now, of any number. --from
lists the records of the side named, so that its values reach the other one; --to names
that other one instead. Without either both sides are listed. See tandem plan company for
what it would write, and tandem undo for putting back what it wrote.` + objectHelp,
		Example: "  tandem backfill company --from salesforce\n  tandem backfill deal --to hubspot --export list.csv",
		Args:    cobra.ExactArgs(1),
		RunE: a.do(func(ctx context.Context, args []string) error {
			p, err := a.pairOf(ctx, args[0])
			if err != nil {
				return err
			}
			sides, err := sidesOf(orElse(from, orElse(to, "both")))
			if err != nil {
				return err
			}
			if len(sides) == 1 && from == "" {
				sides = []core.Side{sides[0].Other()}
			}
			return a.act(ctx, func(ctx context.Context, s *session) error {
				return s.bulk(ctx, "backfill", request{Pair: p, Sides: sides}, export)
			})
		}),
	}
	c.Flags().StringVar(&to, "to", "", "`SIDE` whose records are filled in: salesforce or hubspot")
	c.Flags().StringVar(&from, "from", "", "`SIDE` whose values are passed: salesforce or hubspot")
	c.MarkFlagsMutuallyExclusive("from", "to")
	exportFlag(c, &export)
	return c
}

func doBackfill(ctx context.Context, c *wired, rq request) (any, error) {
	if err := c.mayBring(rq.Pair); err != nil {
		return nil, err
	}
	return c.start(ctx, "backfill", engine.ImportArgs{Pair: rq.Pair, Sides: rq.Sides, Linked: true})
}
