package cli

import (
	"context"

	"github.com/spf13/cobra"

	"tandem/internal/core"
	"tandem/internal/engine"
)

func (a *app) backfill() *cobra.Command {
	to, export := "", ""
	c := &cobra.Command{
		Use:   "backfill company|contact|deal [--to salesforce|hubspot]",
		Short: "Fill in existing values after a mapping was added or changed",
		Long: `Compares all linked records under the mappings as they are now. --to lists the
records of the other side, so that its values reach the side named; without it both
sides are listed. See tandem plan company for what it would write.`,
		Example: "  tandem backfill company --to hubspot",
		Args:    cobra.ExactArgs(1),
		RunE: a.do(func(ctx context.Context, args []string) error {
			p, err := pairOf(args[0])
			if err != nil {
				return err
			}
			sides, err := sidesOf(orElse(to, "both"))
			if err != nil {
				return err
			}
			if len(sides) == 1 {
				sides = []core.Side{sides[0].Other()}
			}
			return a.act(ctx, func(ctx context.Context, s *session) error {
				return s.bulk(ctx, "backfill", request{Pair: p, Sides: sides}, export)
			})
		}),
	}
	c.Flags().StringVar(&to, "to", "", "`SIDE` whose records are filled in: salesforce or hubspot")
	exportFlag(c, &export)
	return c
}

func doBackfill(ctx context.Context, c *wired, rq request) (any, error) {
	if err := c.mayBring(rq.Pair); err != nil {
		return nil, err
	}
	return c.start(ctx, "backfill", engine.ImportArgs{Pair: rq.Pair, Sides: rq.Sides, Linked: true})
}
