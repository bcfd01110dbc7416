package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"tandem/internal/core"
	"tandem/internal/engine"
)

func (a *app) linksReview() *cobra.Command {
	limit := 50
	c := &cobra.Command{
		Use:   "review [" + objectArg + "]",
		Short: "List records that may be the same as others, for you to decide",
		Long: `Records for which several others, or a similar one, may be the partner. Nothing is
made for them until you decide: tandem links link chooses one, tandem links apart says
that two are not the same, tandem resync makes a partner of its own for the record.
Records whose partner was merged into another one are listed as well: they wait for the
same merge on their side.` + objectHelp,
		Example: "  tandem links review\n  tandem links review contact --json",
		Args:    cobra.MaximumNArgs(1),
		RunE: a.do(func(ctx context.Context, args []string) (err error) {
			f, limit := issueFilter{refs: nil}, upTo(limit)
			if len(args) > 0 {
				if f.pair, err = a.pairOf(ctx, args[0]); err != nil {
					return err
				}
			}
			f.Category = core.CategoryDuplicate
			var found reviewed
			err = a.read(ctx, func(ctx context.Context, r *reading) (err error) { found, err = r.review(ctx, f, limit); return err })
			if err != nil || a.json {
				return err
			}
			a.printReviewed(found, limit, a.namesOf(ctx, found.refs()))
			return nil
		}),
	}
	limitFlag(c, &limit)
	return c
}

// reviewed is what waits for a person: questions, how many there are in all, and the
// records whose partner was merged into another one.
type reviewed struct {
	asked, parked []core.Issue
	n             int
}

// refs are the records that the questions are about.
func (r reviewed) refs() (out []core.Ref) {
	for _, i := range slices.Concat(r.asked, r.parked) {
		out = append(out, i.Ref)
		out = append(out, i.Candidates...)
	}
	slices.SortFunc(out, core.Ref.Compare)
	return slices.Compact(out)
}

// review gathers at most limit questions; for programs it prints each.
func (r *reading) review(ctx context.Context, f issueFilter, limit int) (out reviewed, err error) {
	return out, r.eachIssue(ctx, f, func(i core.Issue) error {
		switch {
		case r.app.json && (engine.InReview(i) || engine.Parked(i)):
			return r.app.printJSON(i)
		case engine.Parked(i):
			out.parked = append(out.parked, i)
		case engine.InReview(i):
			if out.n++; out.n <= limit {
				out.asked = append(out.asked, i)
			}
		}
		return nil
	})
}

func (a *app) printReviewed(found reviewed, limit int, names map[core.Ref]string) {
	if found.n == 0 && len(found.parked) == 0 {
		a.printf("Nothing is in review.\n")
		return
	}
	var rows [][]string
	for _, i := range found.asked {
		rows = append(rows, a.reviewRows(i, names)...)
	}
	if found.n > 0 {
		a.printReview(rows, found.n, limit)
	}
	a.printParked(found.parked, limit, names)
}

// namesOf asks both sides what the records are called. Without an answer the list shows
// the ids alone.
func (a *app) namesOf(ctx context.Context, refs []core.Ref) map[core.Ref]string {
	var answer []named
	if len(refs) == 0 {
		return nil
	}
	err := a.act(ctx, func(ctx context.Context, s *session) error {
		rq, err := s.request()
		if err != nil {
			return err
		}
		rq.Refs = refs
		return s.do(ctx, "names", rq, &answer)
	})
	out := map[core.Ref]string{}
	for _, n := range answer {
		out[n.Ref] = n.Name
	}
	if err != nil {
		fmt.Fprintln(a.Err, "The names cannot be read: "+err.Error())
	}
	return out
}

// named is a record with its name.
type named struct {
	Ref  core.Ref `json:"ref"`
	Name string   `json:"name"`
}

func doNames(ctx context.Context, c *wired, rq request) (any, error) {
	names, err := c.engine.Names(ctx, c.conn, rq.Refs)
	out := make([]named, 0, len(names))
	for _, r := range rq.Refs {
		if name := names[r]; name != "" {
			out = append(out, named{r, name})
		}
	}
	return out, err
}

func (a *app) titled(r core.Ref, names map[core.Ref]string) string {
	if names[r] == "" {
		return a.label(r)
	}
	return a.label(r) + " " + quotedName(names[r])
}

// printReview lists records with who they may be.
func (a *app) printReview(rows [][]string, n, limit int) {
	a.printed.table([]string{"Record", "may be the same as", "because", "Since"}, rows)
	a.printf("Decide with tandem links link OBJECT SALESFORCE-ID HUBSPOT-ID, or tandem links apart; a decision counts with the next sync.\n")
	if n > limit {
		a.printf("%d more records; --limit shows more.\n", n-limit)
	}
}

// printParked lists the records whose partner was merged into another one.
func (a *app) printParked(parked []core.Issue, limit int, names map[core.Ref]string) {
	for n, i := range parked {
		if n == limit {
			a.printf("%d more merges wait; --limit shows more.\n", len(parked)-n)
			return
		}
		a.printf("%s waits since %s: %s. %s.\n", a.titled(i.Ref, names), when(i.First), i.Message, upperFirst(i.Mend))
	}
}

func (a *app) reviewRows(i core.Issue, names map[core.Ref]string) (out [][]string) {
	for n, c := range i.Candidates {
		record, since := a.titled(i.Ref, names), when(i.First)
		if n > 0 {
			record, since = "", ""
		}
		out = append(out, []string{record, a.titled(c, names), evidenceOf(i, n), since})
	}
	return out
}

// describeCandidates says of each candidate of a review what speaks for it.
func (a *app) describeCandidates(i core.Issue) {
	if !engine.InReview(i) {
		return
	}
	for n, c := range i.Candidates {
		a.printf("  %s: %s\n", a.label(c), evidenceOf(i, n))
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
	undo := false
	c := &cobra.Command{
		Use:   "apart " + objectArg + " ID [HUBSPOT-ID]",
		Short: "Say that records are not the same thing",
		Long: `Notes that a record of Salesforce and one of HubSpot are not the same: they are neither
proposed nor linked again, until tandem links link joins them or --undo takes the word
back. With one ID, of either side, the record is none of the candidates that tandem links
review names for it. What the rules make for a record of its own is made with the next
sync.` + objectHelp,
		Example: "  tandem links apart company 0011t00000AbCdE 9087654321\n  tandem links apart contact 00Q1t00000AbCdE\n  tandem links apart company 0011t00000AbCdE 9087654321 --undo",
		Args:    cobra.RangeArgs(2, 3),
	}
	c.Flags().BoolVar(&undo, "undo", false, "take back that a Salesforce record and a HubSpot record are not the same")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		verb, done := "apart", "will not be taken for the same"
		if undo {
			verb, done = takeBackVerb, "may be the same again"
		}
		return a.linkVerb(verb, done)(cmd, args)
	}
	return c
}

// takeBackVerb takes back that two records are not the same.
const takeBackVerb = "take back apart"

func doTakeBackApart(ctx context.Context, c *wired, rq request) (any, error) {
	if len(rq.IDs) != 2 {
		return nil, usage("apart --undo needs a Salesforce id and a HubSpot id", "")
	}
	return nil, c.engine.TakeBackApart(ctx, c.conn, rq.Pair, rq.IDs[0], rq.IDs[1])
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
