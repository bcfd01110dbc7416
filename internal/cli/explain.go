package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/engine/conn"
	"tandem/internal/policy"
)

func (a *app) explain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain " + objectArg + " ID|ADDRESS",
		Short: "Say why a record did or did not sync",
		Long: `Looks at one record as a sync would, writes nothing, and says what it found: the
rules with their requirement ids and the facts they saw, the link, both values of
each mapped field with the value last agreed on, open issues, and the history.
The id may be of either side; 15 or 18 characters for Salesforce. A person may be
named by an e-mail address that nobody else has. Exit code 1 says that neither side
shows such a record. docs/behaviour.md tells what the rules say.` + objectHelp,
		Example: "  tandem explain company 0011t00000AbCdE\n  tandem explain company 9087654321 --json\n  tandem explain contact ada@example.com",
		Args:    cobra.ExactArgs(2),
		RunE: a.do(func(ctx context.Context, args []string) error {
			p, err := a.recordsOf(ctx, args[0], idsIn(args[1:])...)
			if err != nil {
				return err
			}
			return a.act(ctx, func(ctx context.Context, s *session) error {
				rq, err := s.request()
				if err != nil {
					return err
				}
				id, err := s.idOf(ctx, rq, p, args[1])
				if err != nil {
					return err
				}
				rq.Pair, rq.IDs = p, []string{id}
				x, err := s.explanation(ctx, rq)
				if err != nil {
					return err
				}
				if a.json {
					err = a.printJSON(x)
				} else if err = s.learnStages(ctx, rq.Connection); err == nil {
					a.describe(ctx, x)
				}
				if err == nil && x.Verdict == engine.NotFound {
					return notDone()
				}
				return err
			})
		}),
	}
}

func (s *session) explanation(ctx context.Context, rq request) (*engine.Explanation, error) {
	x := &engine.Explanation{}
	return x, s.do(ctx, "explain", rq, x)
}

// verdictText says a verdict and its reason. Where single fields are refused and
// all others sync, it says so.
func verdictText(x *engine.Explanation) string {
	if x.Halt != nil && x.Verdict == engine.Pending {
		return x.Verdict.Words() + ": " + printable(x.Halt.Message) + "; " + x.Halt.Mend
	}
	if n := x.FieldsLeft(); n > 0 {
		return "in step but for " + counted(n, [2]string{"field", "fields"}) + because(x)
	}
	return x.Verdict.Words() + because(x)
}

func (a *app) printVerdict(x *engine.Explanation) error {
	if a.json {
		return a.printJSON(x)
	}
	a.printf("%s: %s\n", a.recordName(x), verdictText(x))
	if x.Mend != "" && x.Verdict == engine.OutOfScope {
		a.printf("What would change that: %s.\n", x.Mend)
	}
	return nil
}

// because names the open issue that blocks, or the rule that decided last.
func because(x *engine.Explanation) string {
	if x.Verdict == engine.Blocked && len(x.Issues) > 0 {
		return ": " + printable(x.Issues[0].Message)
	}
	if len(x.Rules) == 0 {
		return ""
	}
	d := x.Rules[len(x.Rules)-1]
	return " (" + d.Rule + orPrefix(": ", d.Facts["because"]) + ")"
}

// ruleText is a rule's id with what it says.
func ruleText(id string) string {
	if m := policy.Meaning(id); m != "" {
		return id + " (" + m + ")"
	}
	return id
}

// makerText says who or what made a link.
func makerText(rule string) string {
	if rule == conn.ByPerson {
		return "a person (tandem links link)"
	}
	return "rule " + ruleText(rule)
}

func orPrefix(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

func (a *app) recordName(x *engine.Explanation) string {
	name := a.place(x.Record.Side, x.Record.Object, x.Record.ID)
	if x.Record.Name != "" {
		name = printable(x.Record.Name) + " (" + name + ")"
	}
	return name
}

// describe prints an explanation for a person.
func (a *app) describe(ctx context.Context, x *engine.Explanation) {
	a.printf("%s\n%s\n", a.recordName(x), verdictText(x))
	if l := x.Link; l != nil {
		a.printf("\nLink: Salesforce %s ⇄ HubSpot %s, made %s by %s, %s\n", l.Salesforce, l.HubSpot, when(l.Since), makerText(l.Rule), linkState(l))
	}
	if len(x.Pending) > 0 {
		a.printf("\n%s, because of %s.\n", a.nextLook(x), engine.ReasonWords(x.Pending))
	}
	for _, side := range slices.Sorted(maps.Keys(x.Would)) {
		a.printf("%s, in %s: %s\n", x.Soon(a.now()), sideLabel(side), x.Would[side])
	}
	a.describeAlone(ctx, x)
	if len(x.First) > 0 {
		a.printf("\n")
		a.describeFirst(x.First)
	}
	a.describeRules(x.Rules)
	a.describeFields(x.Fields)
	a.describeConsent(x.Consent)
	a.describeDone(x)
	for _, i := range x.Issues {
		a.printf("\nIssue since %s%s: %s\n  %s\n", when(i.First), orPrefix(", by rule ", i.Rule), printable(i.Message), i.Mend)
		a.describeCandidates(i)
	}
	a.describeHistory(x.History)
}

// nextLook says when a sync looks at the record again.
func (a *app) nextLook(x *engine.Explanation) string {
	if x.Halt != nil {
		return "A sync looks at it again once the connection goes on"
	}
	if x.Due == nil || !x.Due.After(a.now()) {
		return "The next sync looks at it again"
	}
	return "A sync looks at it again from " + when(*x.Due) + " on"
}

func (a *app) describeRules(rules []core.Decision) {
	if len(rules) == 0 {
		return
	}
	a.printf("\n")
	var rows [][]string
	for _, d := range rules {
		rows = append(rows, []string{d.Rule, policy.Meaning(d.Rule), outcomeWord(d.Outcome), a.facts(d.Facts)})
	}
	a.printed.table([]string{"Rule", "which says", "Outcome", "Facts"}, rows)
}

func (a *app) facts(m map[string]string) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, k+"="+a.refWords(m[k]))
	}
	return strings.Join(out, ", ")
}

func (a *app) describeFields(fields []engine.FieldView) {
	if len(fields) == 0 {
		return
	}
	a.printf("\n")
	var rows [][]string
	for _, f := range fields {
		rows = append(rows, []string{f.Salesforce, clip(f.SalesforceValue), f.HubSpot, a.valueOf(f.HubSpot, f.HubSpotValue), a.comparedText(f), a.valueOf(f.HubSpot, f.Base), strings.TrimSpace(f.Rule + " " + f.DecidedBy), f.Words()})
	}
	a.printed.table([]string{"Salesforce field", "value", "HubSpot property", "value", "compared as", "last agreed", "rule", ""}, rows)
}

// comparedText is how two values are compared, where that is not as they are
// stored.
func (a *app) comparedText(f engine.FieldView) string {
	c := f.Compared
	switch {
	case c.Salesforce == f.SalesforceValue && c.HubSpot == f.HubSpotValue:
		return ""
	case c.Salesforce == c.HubSpot:
		return a.valueOf(f.HubSpot, c.Salesforce)
	}
	return a.valueOf(f.HubSpot, c.Salesforce) + " ≠ " + a.valueOf(f.HubSpot, c.HubSpot)
}

func (a *app) describeHistory(history []engine.HistoryView) {
	if len(history) == 0 {
		return
	}
	a.printf("\n")
	var rows [][]string
	for _, h := range history {
		rows = append(rows, []string{when(h.At), a.refWords(h.Ref) + orPrefix(", now ", a.refWords(h.Became)), h.Verdict.Words(), a.historyText(h)})
	}
	a.printed.table([]string{"When", "Record", "Verdict", "What happened"}, rows)
}

func (a *app) historyText(h engine.HistoryView) string {
	var out []string
	for _, w := range h.Writes {
		out = append(out, fmt.Sprintf("%s in %s (%s): %s", w.Kind, w.Side, w.Rule, orElse(w.Code, string(w.Status)))+a.withWords(w)+a.changes(w.Before, w.After))
	}
	for _, c := range h.Conflicts {
		out = append(out, fmt.Sprintf("conflict in %s: kept %q, lost %q of %s", c.Field, a.valueOf(c.Field, c.Kept), a.valueOf(c.Field, c.Lost), c.Side))
	}
	for _, d := range h.Decisions {
		if len(h.Writes) == 0 {
			out = append(out, d.Rule+" "+d.Outcome+orPrefix(": ", d.Facts["because"]))
		}
	}
	if h.Redacted {
		out = append(out, "redacted")
	}
	return strings.Join(append(out, orSlice(h.Note)...), "; ")
}

func orSlice(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// changes says field by field what a write changed.
func (a *app) changes(before, after map[string]string) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(after)) {
		if before[k] == "" {
			out = append(out, fmt.Sprintf("%s=%q", k, a.valueOf(k, after[k])))
			continue
		}
		out = append(out, fmt.Sprintf("%s %q → %q", k, a.valueOf(k, before[k]), a.valueOf(k, after[k])))
	}
	return orPrefix(" ", strings.Join(out, ", "))
}

const clipAt = 40

func clip(s string) string {
	if r := []rune(s); len(r) > clipAt {
		return string(r[:clipAt-1]) + "…"
	}
	return s
}

// when is a moment in the reader's own time zone.
func when(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}
