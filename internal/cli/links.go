package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/store"
)

func (a *app) links() *cobra.Command {
	c := &cobra.Command{
		Use:     "links",
		Short:   "List, review, make or close links between records",
		Long:    "A link pins one Salesforce record to one HubSpot record. Links are one-to-one and change only by merges, conversions and on your word.",
		Example: "  tandem links list company --state parked\n  tandem links review\n  tandem links link company 0011t00000AbCdE 9087654321\n  tandem links unlink company 9087654321",
	}
	c.AddCommand(a.linksList(), a.linksReview(), a.linksLink(), a.linksApart(), a.linksUnlink())
	return c
}

func (a *app) linksList() *cobra.Command {
	state, limit := string(core.LinkActive), 50
	c := &cobra.Command{
		Use:     "list [" + objectArg + "]",
		Short:   "List links",
		Long:    "The links of an object, companies where none is named." + objectHelp,
		Example: "  tandem links list company --limit 100 --json",
		Args:    cobra.MaximumNArgs(1),
		RunE: a.do(func(ctx context.Context, args []string) error {
			p, err := a.pairOf(ctx, append(args, "company")[0])
			if err != nil {
				return err
			}
			switch core.LinkState(state) {
			case core.LinkActive, core.LinkParked, core.LinkClosed:
			default:
				return usage("unknown state "+state, "write active, parked or closed")
			}
			return a.read(ctx, func(ctx context.Context, r *reading) error { return r.showLinks(ctx, p, core.LinkState(state), limit) })
		}),
	}
	c.Flags().StringVar(&state, "state", state, "`active|parked|closed`")
	limitFlag(c, &limit)
	return c
}

// linkRow is a link as it is listed.
type linkRow struct {
	Pair       core.Pair      `json:"pair"`
	State      core.LinkState `json:"state"`
	Object     core.Object    `json:"object"` // of Salesforce: a HubSpot contact is linked with a lead or a contact
	Salesforce string         `json:"salesforce"`
	HubSpot    string         `json:"hubspot"`
	Rule       string         `json:"rule"`
	Created    string         `json:"created"`
}

func (r *reading) showLinks(ctx context.Context, p core.Pair, state core.LinkState, limit int) error {
	var rows [][]string
	n := 0
	err := r.eachLink(ctx, p, state, func(l *core.Link) (more bool, err error) {
		if n++; limit > 0 && n > limit {
			return false, nil
		}
		row := linkRow{Pair: p, State: l.State, Object: l.Refs[0].Object, Salesforce: l.Refs[0].ID, HubSpot: l.Refs[1].ID, Rule: conn.MadeBy(l), Created: when(l.Created)}
		if r.app.json {
			return true, r.app.printJSON(row)
		}
		rows = append(rows, []string{r.app.known().Title(row.Object), row.Salesforce, row.HubSpot, row.Rule, row.Created})
		return true, nil
	})
	if err != nil || r.app.json {
		return err
	}
	if n == 0 {
		r.app.printf("No %s links.\n", state)
		return nil
	}
	r.app.printed.table([]string{"Object", "Salesforce", "HubSpot", "Rule", "Linked"}, rows)
	if limit > 0 && n > limit {
		r.app.printf("There are more; --limit 0 lists all.\n")
	}
	return nil
}

func (r *reading) eachLink(ctx context.Context, p core.Pair, state core.LinkState, fn func(*core.Link) (bool, error)) error {
	for after := int64(0); ; {
		var page []*core.Link
		err := r.store.View(ctx, func(tx *store.Tx) (err error) {
			page, err = tx.Links(r.conn.ID, p, state, after, issuePage)
			return err
		})
		if err != nil || len(page) == 0 {
			return err
		}
		for _, l := range page {
			after = l.ID
			if more, err := fn(l); err != nil || !more {
				return err
			}
		}
	}
}

func (a *app) linksUnlink() *cobra.Command {
	return &cobra.Command{
		Use:     "unlink " + objectArg + " ID",
		Short:   "Close a record's link; both records stay",
		Long:    "What syncs with nothing any more stays as it is on both sides." + objectHelp,
		Example: "  tandem links unlink company 9087654321",
		Args:    cobra.ExactArgs(2),
		RunE:    a.linkVerb("unlink", "has no partner any more; both records stay"),
	}
}

func (a *app) linkVerb(verb, done string) func(*cobra.Command, []string) error {
	return a.sureLinkVerb(verb, done, nil)
}

// sureLinkVerb is linkVerb that asks sure before it acts; nil for no question.
func (a *app) sureLinkVerb(verb, done string, sure func(context.Context, *session, request) error) func(*cobra.Command, []string) error {
	return a.do(func(ctx context.Context, args []string) error {
		p, err := a.recordsOf(ctx, args[0], args[1:]...)
		if err != nil {
			return err
		}
		return a.act(ctx, func(ctx context.Context, s *session) error {
			rq, err := s.request()
			if err != nil {
				return err
			}
			if rq.Pair, rq.IDs = p, args[1:]; sure != nil {
				if err := sure(ctx, s, rq); err != nil {
					return err
				}
			}
			if err := s.do(ctx, verb, rq, nil); err != nil {
				return err
			}
			if a.json {
				return a.printJSON(map[string]any{"done": verb, "pair": p, "ids": rq.IDs})
			}
			a.printf("%s %s.\n", strings.Join(rq.IDs, " and "), done)
			return nil
		})
	})
}

func doUnlink(ctx context.Context, c *wired, rq request) (any, error) {
	if len(rq.IDs) != 1 {
		return nil, usage("unlink needs one id", "")
	}
	return nil, c.engine.Unlink(ctx, c.conn, rq.Pair, rq.IDs[0])
}
