package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tandem/internal/core"
	"tandem/internal/engine"
)

func (a *app) find() *cobra.Command {
	return &cobra.Command{
		Use:   "find TEXT",
		Short: "Find records on both sides by id, e-mail address, domain or name",
		Long: `Asks both sides as they are now for companies, people and deals with this e-mail
address, this domain or this whole name, or for any record with this id, and says
whom each is linked with. Shows up to 20 of each object. Exit code 1 says that
there is none.`,
		Example: "  tandem find ada@example.com\n  tandem find \"Edge Communications\" --json",
		Args:    cobra.ExactArgs(1),
		RunE: a.do(func(ctx context.Context, args []string) error {
			return a.act(ctx, func(ctx context.Context, s *session) error {
				rq, err := s.request()
				if err != nil {
					return err
				}
				all, err := s.found(ctx, rq, args[0])
				if err != nil {
					return err
				}
				return a.showFound(args[0], all)
			})
		}),
	}
}

// found looks for records by what a person typed.
func (s *session) found(ctx context.Context, rq request, text string) (all []engine.Found, err error) {
	rq.IDs = []string{text}
	return all, s.do(ctx, "find", rq, &all)
}

func (a *app) showFound(text string, all []engine.Found) error {
	if a.json {
		for _, f := range all {
			if err := a.printJSON(f); err != nil {
				return err
			}
		}
	} else if len(all) > 0 {
		a.printed.table([]string{"Record", "Name", "Known by", "Linked with"}, a.foundRows(all))
	}
	if len(all) > 0 {
		return nil
	}
	if !a.json {
		a.printf("Neither side shows a record with the id, e-mail address, domain or name %s.\n", printable(text))
	}
	return notDone()
}

func (a *app) foundRows(all []engine.Found) (rows [][]string) {
	for _, f := range all {
		mate := ""
		if f.Link != nil {
			mate = mateOf(f)
			if f.Link.State != core.LinkActive {
				mate = "was " + mate + ", " + linkState(f.Link)
			}
		}
		known := slices.DeleteFunc([]string{f.Gone, f.Note}, func(s string) bool { return s == "" })
		rows = append(rows, []string{a.place(f.Record.Side, f.Record.Object, f.Record.ID), f.Record.Name, strings.Join(known, "; "), mate})
	}
	return rows
}

// mateOf is the other end of a record's link, which may have ended.
func mateOf(f engine.Found) string {
	if f.Record.Side == core.Salesforce.String() {
		return "HubSpot " + f.Link.HubSpot
	}
	return "Salesforce " + f.Link.Salesforce
}

// idsIn leaves what names a record where it is no e-mail address.
func idsIn(args []string) []string {
	if strings.Contains(args[0], "@") {
		return nil
	}
	return args
}

// idOf takes a record by its id, or a person by an e-mail address that one alone has: a
// linked pair is one person.
func (s *session) idOf(ctx context.Context, rq request, p core.Pair, text string) (string, error) {
	if len(idsIn([]string{text})) > 0 {
		return text, nil
	}
	all, err := s.found(ctx, rq, text)
	if err != nil {
		return "", err
	}
	all = slices.DeleteFunc(all, func(f engine.Found) bool { return f.Pair != p })
	seen := map[string]bool{}
	all = slices.DeleteFunc(all, func(f engine.Found) bool {
		known := seen[personOf(f)]
		seen[personOf(f)] = true
		return known
	})
	switch len(all) {
	case 0:
		return "", refused(fmt.Sprintf("neither side shows a %s with the address %s", p, printable(text)), "give the record's id, or look for it by name with tandem find")
	case 1:
		return all[0].Record.ID, nil
	}
	var places []string
	for _, f := range all {
		places = append(places, s.app.place(f.Record.Side, f.Record.Object, f.Record.ID))
	}
	return "", usage(fmt.Sprintf("%d records have the address %s: %s", len(all), printable(text), strings.Join(places, ", ")), "give the id of one of them")
}

// personOf is the same of both records of a linked pair.
func personOf(f engine.Found) string {
	if f.Link != nil {
		return f.Link.Salesforce
	}
	return f.Record.ID
}
