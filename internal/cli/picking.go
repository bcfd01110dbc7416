package cli

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// picking are the flags that say which records an import takes, and a plan of one.
type picking struct{ from, ids, when, list, campaign string }

func (p *picking) flags(c *cobra.Command) {
	c.Flags().StringVar(&p.ids, "ids", "", "only the records whose ids are in this `FILE`, one a line or in a column of a CSV file")
	c.Flags().StringVar(&p.from, "from", "", "`SIDE` whose records are listed: salesforce, hubspot or both (the default)")
	c.Flags().StringVar(&p.when, "when", "", "only the records of one side for which this `EXPR` holds")
	c.Flags().StringVar(&p.list, "list", "", "only the members of this HubSpot list, by `NAME` or id")
	c.Flags().StringVar(&p.campaign, "campaign", "", "only the leads and contacts that are members of this active campaign, by `ID`")
	for _, other := range []string{"from", "when", "list", "campaign"} {
		c.MarkFlagsMutuallyExclusive(other, "ids")
	}
	for _, other := range []string{"from", "when", "list"} {
		c.MarkFlagsMutuallyExclusive(other, "campaign")
	}
}

// some reports that the flags leave records out.
func (p *picking) some() bool { return *p != picking{} }

// request names the records of an object that the flags take.
func (a *app) request(ctx context.Context, word string, p picking) (request, error) {
	rq, err := a.picked(ctx, word, p.from, engine.Pick{When: p.when, List: p.list, Campaign: p.campaign})
	if err == nil && p.ids != "" {
		rq.Refs, err = a.readIDs(ctx, rq.Pair, p.ids)
	}
	return rq, err
}

// picked is the request for an import that lists. A condition speaks of the fields of one
// side, and a list is HubSpot's.
func (a *app) picked(ctx context.Context, word, from string, p engine.Pick) (rq request, err error) {
	if rq.Pair, err = a.pairOf(ctx, word); err != nil {
		return rq, err
	}
	lead := word == "lead" || word == "leads" || word == "Lead"
	mend := "a list takes contacts of HubSpot: write contact --list NAME"
	if from != "" {
		mend = "leave --from out, or write --from hubspot"
	}
	switch {
	case lead:
		p.Objects = []core.Object{core.Lead}
		from = cmp.Or(from, core.Salesforce.String())
	case p.List != "":
		from = cmp.Or(from, core.HubSpot.String())
	}
	rq.Pick = p
	if rq.Sides, err = sidesOf(cmp.Or(from, "both")); err != nil {
		return rq, err
	}
	switch one := len(rq.Sides) == 1; {
	case lead && (!one || rq.Sides[0] != core.Salesforce):
		return rq, usage("leads are in Salesforce alone", "leave --from out, or write contact instead of lead")
	case p.List != "" && (!one || rq.Sides[0] != core.HubSpot):
		return rq, usage("a list names records of HubSpot", mend)
	case p.When != "" && !one:
		return rq, usage("a condition speaks of the fields of one side", "add --from salesforce or --from hubspot")
	}
	return rq, nil
}
