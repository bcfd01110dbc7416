package cli

import (
	"context"

	"github.com/spf13/cobra"

	"tandem/internal/core"
	"tandem/internal/engine"
)

func (a *app) linksLink() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "link " + objectArg + " SALESFORCE-ID HUBSPOT-ID",
		Short: "Link two records that are the same thing",
		Long: `Shows the two records by name with the values that the next sync would change on either
side, asks on a terminal whether that is meant, and links them.` + objectHelp,
		Example: "  tandem links link company 0011t00000AbCdE 9087654321\n  tandem links link contact 0031t00000AbCdE 9087654322 --yes",
		Args:    cobra.ExactArgs(3),
		RunE: a.sureLinkVerb("link", "are linked", func(ctx context.Context, s *session, rq request) error {
			if yes || a.json {
				return nil
			}
			return s.sureOfMeeting(ctx, rq)
		}),
	}
	c.Flags().BoolVar(&yes, "yes", false, "do not look at the records first, and do not ask")
	return c
}

// sureOfMeeting shows what the meeting of two records would mean, and asks where
// somebody is there to answer.
func (s *session) sureOfMeeting(ctx context.Context, rq request) error {
	var m engine.Meeting
	if err := s.do(ctx, "meet", rq, &m); err != nil {
		return err
	}
	s.app.printMeeting(m)
	if !s.app.asks() {
		return nil
	}
	yes, err := s.app.confirm(ctx, "Link the two?")
	if err == nil && !yes {
		err = refused("nothing was linked", "say yes, or give --yes")
	}
	return err
}

func (a *app) printMeeting(m engine.Meeting) {
	for _, r := range m.Records {
		a.printf("%s %s\n", a.label(core.Ref{Side: sideNamed(r.Side), Object: r.Object, ID: r.ID}), quotedName(r.Name))
	}
	if len(m.Writes) == 0 {
		a.printf("The next sync would change no value of either.\n")
		return
	}
	var rows [][]string
	for _, w := range m.Writes {
		rows = append(rows, []string{sideNamed(w.Side).Label(), w.Field, orBlank(w.Before), orBlank(w.After)})
	}
	a.printf("The next sync would change:\n")
	a.printed.table([]string{"In", "Field", "is", "becomes"}, rows)
}

// sideNamed is the side of a name in an answer.
func sideNamed(name string) core.Side {
	if name == core.HubSpot.String() {
		return core.HubSpot
	}
	return core.Salesforce
}

func quotedName(name string) string {
	if name == "" {
		return "(without a name)"
	}
	return "“" + name + "”"
}

func orBlank(value string) string {
	if value == "" {
		return "(blank)"
	}
	return value
}

func doLink(ctx context.Context, c *wired, rq request) (any, error) {
	if len(rq.IDs) != 2 {
		return nil, usage("link needs a Salesforce id and a HubSpot id", "")
	}
	return nil, c.engine.Link(ctx, c.conn, rq.Pair, rq.IDs[0], rq.IDs[1])
}

func doMeet(ctx context.Context, c *wired, rq request) (any, error) {
	if len(rq.IDs) != 2 {
		return nil, usage("link needs a Salesforce id and a HubSpot id", "")
	}
	return c.engine.Meet(ctx, c.conn, rq.Pair, rq.IDs[0], rq.IDs[1])
}
