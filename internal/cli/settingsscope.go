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
	res := console.Applied{DryRun: true, Changed: !bytes.Equal(before, after)}
	err = w.store.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Connection(rq.Connection)
		if err != nil {
			return err
		}
		last, _, err := tx.SettingsLatest(row.ID)
		res.Version = last.Version
		return err
	})
	if err != nil || !res.Changed {
		return res, err
	}
	n, err := w.standing(ctx, rq.Connection)
	if err != nil {
		return nil, err
	}
	res.Meaning = append(meaning(old, next, n), held...)
	res.Scope, res.Calls, err = w.admissions(ctx, old, next)
	return res, err
}

func (w *world) admissions(ctx context.Context, old, next config.Connection) ([]engine.Admission, map[string]int, error) {
	sides, done, err := w.reach(ctx, next)
	if err != nil {
		return nil, nil, err
	}
	defer done()
	e, err := engine.New(ctx, w.options(), nil)
	if err != nil {
		return nil, nil, err
	}
	return e.Admissions(ctx, engine.Setup{Settings: old, Sides: sides}, engine.Setup{Settings: next, Sides: sides})
}

// sureOfScope shows a person on a terminal what changed filters or another list would
// admit and drop, and asks whether that is meant.
func (s *session) sureOfScope(ctx context.Context, rq request, file string) error {
	if !s.app.asks() {
		return nil
	}
	rq.DryRun = true
	var would console.Applied
	if err := s.do(ctx, "settings", rq, &would); err != nil {
		return inFile(file, err)
	}
	if len(would.Scope) == 0 {
		return nil
	}
	s.app.printScope(would)
	yes, err := s.app.confirm(ctx, "Apply these settings?")
	if err == nil && !yes {
		err = refused("nothing was applied", "say yes, or give --yes")
	}
	return err
}

// printScope prints what would enter and leave the scope.
func (a *app) printScope(res console.Applied) {
	if len(res.Scope) == 0 {
		return
	}
	var rows [][]string
	for _, s := range res.Scope {
		rows = append(rows, []string{fmt.Sprintf("%s from %s", scopeWord(a.known(), s), s.Side), fmt.Sprint(s.Now), fmt.Sprint(s.Then),
			fmt.Sprint(s.Enter), fmt.Sprint(s.Leave), fmt.Sprint(s.Linked)})
	}
	a.printed.table([]string{"In scope", "Now", "Then", "Enter", "Leave", "of them linked"}, rows)
	for _, s := range res.Scope {
		a.printSamples(s, "enter", s.Enter, s.Entering)
		a.printSamples(s, "leave", s.Leave, s.Leaving)
		if s.Unknown > 0 {
			a.printf("%s: for %d the filter has no answer; they wait.\n", scopeWord(a.known(), s), s.Unknown)
		}
	}
	a.printf("Who enters and has a partner is compared at once; everybody else who enters syncs when something happens to it, or by an import. Who leaves keeps its partner and stops syncing. Nothing is deleted.\n")
	a.printf("Looking took %d calls of Salesforce and %d of HubSpot.\n", res.Calls["salesforce"], res.Calls["hubspot"])
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

func (a *app) printSamples(s engine.Admission, what string, n int, some []engine.Sample) {
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
	a.printf("%s that %s: %s%s\n", scopeWord(a.known(), s), what, strings.Join(names, ", "), more)
}
