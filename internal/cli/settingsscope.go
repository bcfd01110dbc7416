package cli

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"tandem/internal/config"
	"tandem/internal/console"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// wouldMean tells what settings would do, and has none of it done.
func (w *world) wouldMean(ctx context.Context, rq request, old, next config.Connection, held []string) (any, error) {
	before, err := config.Export(old)
	if err != nil {
		return nil, err
	}
	after, err := config.Export(next)
	if err != nil {
		return nil, err
	}
	res := console.Applied{DryRun: true}
	row, err := w.row(ctx, rq.Connection)
	if err != nil {
		return res, err
	}
	err = w.store.View(ctx, func(tx *store.Tx) error {
		last, stored, err := tx.SettingsLatest(row.ID)
		res.Version, res.Changed = last.Version, !stored || !bytes.Equal(before, after)
		return err
	})
	if err == nil && !res.Changed {
		res.Meaning, err = w.stillWaits(ctx, rq.Connection, next, held)
	}
	if err != nil || !res.Changed {
		return res, err
	}
	n, err := w.standing(ctx, rq.Connection)
	if err != nil {
		return nil, err
	}
	res.Meaning = append(meaning(old, next, n), held...)
	return res, w.lookWhom(ctx, old, next, &res)
}

// lookWhom tells whom settings would admit and drop, and what they would make of them.
func (w *world) lookWhom(ctx context.Context, old, next config.Connection, res *console.Applied) error {
	sides, done, err := w.reach(ctx, next)
	if err != nil {
		return err
	}
	defer done()
	e, err := engine.New(ctx, w.options(), nil)
	if err != nil {
		return err
	}
	was, is := engine.Setup{Settings: old, Sides: sides}, engine.Setup{Settings: next, Sides: sides}
	if res.Scope, res.Calls, err = e.Admissions(ctx, was, is); err != nil {
		return err
	}
	var calls map[string]int
	if res.People, calls, err = e.Choice(ctx, was, is); err != nil {
		return err
	}
	spend(res.Calls, calls)
	others, calls, err := e.Rematch(ctx, was, is)
	for _, one := range others {
		res.Meaning = append(res.Meaning, one.String())
	}
	spend(res.Calls, calls)
	return err
}

// spend adds calls by side to those spent.
func spend(to, more map[string]int) {
	for side, n := range more {
		to[side] += n
	}
}

// sureOfScope shows a person on a terminal what changed filters or another list would
// admit and drop, and what other rules would make of whom, and asks whether that is meant.
func (s *session) sureOfScope(ctx context.Context, rq request, file string) error {
	if !s.app.asks() {
		return nil
	}
	rq.DryRun = true
	var would console.Applied
	if err := s.do(ctx, "settings", rq, &would); err != nil {
		return inFile(file, err)
	}
	if len(would.Scope) == 0 && would.People == nil {
		return nil
	}
	s.app.printWhom(would)
	yes, err := s.app.confirm(ctx, "Apply these settings?")
	if err == nil && !yes {
		err = refused("nothing was applied", "say yes, or give --yes")
	}
	return err
}

// printWhom prints whom settings reach, and what finding out took.
func (a *app) printWhom(res console.Applied) {
	if len(res.Scope) > 0 {
		a.printScope(res)
	}
	if res.People != nil {
		a.printChoice(*res.People)
	}
	if len(res.Scope) > 0 || res.People != nil {
		a.printf("Looking took %d calls of Salesforce and %d of HubSpot.\n", res.Calls["salesforce"], res.Calls["hubspot"])
	}
}

// doScope tells who of an object is in scope now.
func doScope(ctx context.Context, c *wired, rq request) (any, error) {
	var out console.InScope
	var err error
	out.Scope, out.Calls, err = c.engine.InScope(ctx, c.conn, rq.Pair)
	return out, err
}

// printScope prints what would enter and leave the scope.
func (a *app) printScope(res console.Applied) {
	var rows [][]string
	for _, s := range res.Scope {
		rows = append(rows, []string{fmt.Sprintf("%s from %s", scopeWord(a.known(), s), s.Side), fmt.Sprint(s.Now), fmt.Sprint(s.Then),
			fmt.Sprint(s.Changed), fmt.Sprint(s.Enter), fmt.Sprint(s.Leave), fmt.Sprint(s.Linked)})
	}
	a.printed.table([]string{"In scope", "Now", "Then", "Changed", "Enter", "Leave", "of them linked"}, rows)
	for _, s := range res.Scope {
		a.printSamples(scopeWord(a.known(), s)+" that enter", s.Enter, s.Entering)
		a.printSamples(scopeWord(a.known(), s)+" that leave", s.Leave, s.Leaving)
		if s.Halts != "" {
			a.printf("The brake scope would halt the connection: %s. If that is meant: tandem resume --clear-brake scope.\n", s.Halts)
		}
		if s.More {
			a.printf("Of %s only the first %d were looked at; there are more.\n", scopeWord(a.known(), s), s.Records)
		}
		if s.Never > 0 {
			a.printf("%s: %d not counted, since no setting lets converted leads and people erased on request pass.\n", scopeWord(a.known(), s), s.Never)
		}
		if s.Unknown > 0 {
			a.printf("%s: for %d the filter has no answer; they wait.\n", scopeWord(a.known(), s), s.Unknown)
		}
	}
	a.printf("Who enters and has a partner is compared at once; everybody else who enters syncs when something happens to it, or by an import. Who leaves keeps its partner and stops syncing. Nothing is deleted.\n")
}

// printChoice prints what would become of HubSpot contacts that have no partner.
func (a *app) printChoice(people engine.Choice) {
	var rows [][]string
	for _, b := range people.Becomes {
		rows = append(rows, []string{console.BecomingWords(b.What), fmt.Sprint(b.Now), fmt.Sprint(b.Then)})
	}
	a.printed.table([]string{"HubSpot contacts without a partner become", "Now", "Then"}, rows)
	for _, b := range people.Becomes {
		a.printSamples(console.BecomingWords(b.What), b.Then, b.Some)
	}
	a.printf("Of %s %d have a partner and keep it. %s\n", counted(people.Records, [2]string{"HubSpot contact", "HubSpot contacts"}), people.Linked, console.ChoiceNote)
}

// scopeWord is what a scope is called: by its object, tasks of Salesforce that become
// something else by that.
func scopeWord(pairs core.PairSet, s engine.Admission) string {
	of, typed := strings.CutPrefix(s.Keys[0], "activities.")
	if of, _, _ = strings.Cut(of, "."); typed && s.Object == core.Task {
		return string(s.Object) + " (" + of + ")"
	}
	return pairs.Title(s.Object)
}

func (a *app) printSamples(whose string, n int, some []engine.Sample) {
	if n == 0 {
		return
	}
	names := make([]string, len(some))
	for i, one := range some {
		names[i] = strings.TrimSpace(one.ID + " " + one.Name)
	}
	more := ""
	if n > len(some) {
		more = fmt.Sprintf(" and %d more", n-len(some))
	}
	a.printf("%s: %s%s\n", whose, strings.Join(names, ", "), more)
}
