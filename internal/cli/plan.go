package cli

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/policy"
	"tandem/internal/store"
)

func (a *app) plan() *cobra.Command {
	due, out := false, ""
	var which picking
	c := &cobra.Command{
		Use:   "plan [" + objectArg + "] [--from SIDE] [--when EXPR] [--list NAME] | [--campaign ID] | [--ids FILE] | [--due]",
		Short: "Show what a sync would write, and write nothing",
		Long: `Works out, field by field, what an import of all records would write to either side,
with counts, API calls and time; with --due, what a sync would write now, and with the
flags of tandem import what that import would. The plan
is kept: tandem apply does exactly that, and refuses records that have changed.
FILE gets one JSON object a line, one for each write, and the sums as the last.` + objectHelp,
		Example: "  tandem plan company\n  tandem plan contact --ids leads.csv\n  tandem plan lead --when 'Country == \"Norway\"'\n  tandem plan company --due --out plan.jsonl && tandem apply plan.jsonl",
		Args:    cobra.MaximumNArgs(1),
		RunE: a.do(func(ctx context.Context, args []string) error {
			rq, err := a.request(ctx, append(args, "company")[0], which)
			if err == nil && due && which.some() {
				err = usage("--due plans what a sync would write, whichever records that is", "leave out --due, or the other flags")
			}
			if err != nil {
				return err
			}
			return a.act(ctx, func(ctx context.Context, s *session) error {
				base, err := s.request()
				if err != nil {
					return err
				}
				rq.Connection, rq.Due = base.Connection, due
				return s.plan(ctx, rq, out)
			})
		}),
	}
	which.flags(c)
	c.Flags().BoolVar(&due, "due", false, "only what is due now, instead of an import of everything")
	c.Flags().StringVar(&out, "out", "", "write the whole plan to this `FILE` as well, as JSON lines")
	return c
}

// planned is the end of a plan as it is told.
type planned struct {
	Plan    int64          `json:"plan"`
	Counts  map[string]int `json:"counts"`
	Calls   map[string]int `json:"api_calls"`     // that applying needs
	Opening map[string]int `json:"connect_calls"` // those of them that reach both sides
	Spent   map[string]int `json:"spent_calls"`   // that planning took
	Looked  int            `json:"looked"`
	// Pipelines are those of HubSpot that the next sync makes first.
	Pipelines []string                `json:"pipelines,omitempty"`
	Rules     map[string]int          `json:"rules"`
	Issues    map[string]int          `json:"issues"`
	Twins     map[string]engine.Twins `json:"twins,omitempty"` // by the side that would get them
	// Foretold are the values that new records get by themselves and that then pass.
	Foretold []engine.Foretold `json:"foretold,omitempty"`
	// Overrides count by settings the creates that these keep from happening but by an import.
	Overrides map[string]int `json:"overrides,omitempty"`
	// Keyed counts the records that get nothing but the id of a partner that is made.
	Keyed   map[string]int `json:"keyed,omitempty"`
	Along   int            `json:"along,omitempty"` // accounts and companies looked at with their people
	Seconds float64        `json:"seconds"`
	Digest  string         `json:"digest,omitempty"` // of the op lines, in a plan's file
}

func doPlan(ctx context.Context, c *wired, rq request) (any, error) {
	id, n, err := c.engine.Plan(ctx, c.conn, engine.PlanMeta{Connection: rq.Connection, Pair: rq.Pair, Due: rq.Due, Sides: rq.Sides, Refs: rq.Refs, Pick: rq.Pick}, nil)
	return planned{Plan: id, Counts: n.Ops, Calls: n.Calls, Opening: n.Opening, Spent: n.Spent, Pipelines: n.Pipelines, Looked: n.Looked, Rules: n.Rules, Issues: n.Issues, Twins: n.Twins, Foretold: n.Foretold, Overrides: n.Overrides, Keyed: n.Keyed, Along: n.Along, Seconds: n.Seconds}, err
}

func (s *session) plan(ctx context.Context, rq request, file string) error {
	var p planned
	if err := s.do(ctx, "plan", rq, &p); err != nil {
		return err
	}
	if file != "" {
		if err := s.writePlan(ctx, p, file); err != nil {
			return err
		}
	}
	if s.app.json {
		if err := s.eachOp(ctx, p.Plan, func(op json.RawMessage) error { return s.app.printJSON(op) }); err != nil {
			return err
		}
		return s.app.printJSON(p)
	}
	return s.describePlan(ctx, p, orElse(file, strconv.FormatInt(p.Plan, 10)))
}

// eachOp calls fn for each op of a stored plan, in order.
func (s *session) eachOp(ctx context.Context, plan int64, fn func(json.RawMessage) error) error {
	for after := int64(0); ; {
		var page []store.PlanItem
		err := s.store().View(ctx, func(tx *store.Tx) (err error) { page, err = tx.PlanItems(plan, after, issuePage); return err })
		if err != nil || len(page) == 0 {
			return err
		}
		for _, it := range page {
			after = it.Seq
			var ops []json.RawMessage
			if err := json.Unmarshal(it.Ops, &ops); err != nil {
				return fmt.Errorf("read plan %d: %w", plan, err)
			}
			for _, op := range ops {
				if err := fn(op); err != nil {
					return err
				}
			}
		}
	}
}

// writePlan writes ops as JSON lines and the sums as the last line.
func (s *session) writePlan(ctx context.Context, p planned, file string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	w := bufio.NewWriter(f)
	if p.Digest, err = s.planDigest(ctx, p.Plan, w); err == nil {
		err = json.NewEncoder(w).Encode(p)
	}
	if err == nil {
		err = w.Flush()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("write plan to %s: %w", file, err)
	}
	return nil
}

// planDigest tells one plan's ops from any others, and copies them to w.
func (s *session) planDigest(ctx context.Context, plan int64, w io.Writer) (string, error) {
	sum := sha256.New()
	both := io.MultiWriter(sum, w)
	err := s.eachOp(ctx, plan, func(op json.RawMessage) error {
		_, err := fmt.Fprintf(both, "%s\n", op)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)), err
}

const planSamples = 5

func (s *session) describePlan(ctx context.Context, p planned, name string) error {
	a := s.app
	a.printf("%d records looked at.\n\n", p.Looked)
	var rows [][]string
	for _, k := range slices.Sorted(maps.Keys(p.Counts)) {
		rows = append(rows, []string{a.opWords(k), fmt.Sprint(p.Counts[k])})
	}
	if len(rows) == 0 {
		a.printf("Nothing would be written.\n")
	} else {
		a.printed.table([]string{"Would", "Records"}, rows)
	}
	if err := s.describeSamples(ctx, p.Plan); err != nil {
		return err
	}
	rows = nil
	for _, k := range slices.Sorted(maps.Keys(p.Rules)) {
		id, outcome, _ := strings.Cut(k, " ")
		rows = append(rows, []string{id, policy.Meaning(id), outcomeWord(outcome), fmt.Sprint(p.Rules[k])})
	}
	if len(rows) > 0 {
		a.printf("\n")
		a.printed.table([]string{"Rule", "which says", "Outcome", "Records"}, rows)
	}
	for _, k := range slices.Sorted(maps.Keys(p.Issues)) {
		a.printf("Fields left as they are for the issue %s: %d\n", k, p.Issues[k])
	}
	if p.Counts[string(core.OpArchive)+" "+string(core.Account)] > 0 {
		a.printf("\n%s.\n", policy.Cascade)
	}
	a.describeTwins(p.Twins)
	a.describeOverrides(p.Overrides)
	if said := engine.KeyedWords(p.Keyed); said != "" {
		a.printf("\n%s\n", said)
	}
	a.describeForetold(p)
	if len(p.Pipelines) > 0 {
		a.printf("\nHubSpot lacks %s: %s. The next sync makes them, and a plan does not, so records that belong in them are told to wait: tandem sync --once, then plan again.\n",
			counted(len(p.Pipelines), [2]string{"pipeline", "pipelines"}), printable(strings.Join(p.Pipelines, ", ")))
	}
	if p.Along > 0 {
		a.printf("\nAlong with these people %s looked at, and made or linked by the rules of companies: tandem plan company shows them.\n",
			counted(p.Along, [2]string{"account or company is", "accounts and companies are"}))
	}
	a.printf("\nLooking took %s.\n", callsWords(p.Spent))
	if len(p.Counts) == 0 {
		a.printf("There is nothing to apply.\n")
		return nil
	}
	a.printf("Applying takes about %s, %s of them to connect; about %s.\nNothing was written. To do exactly this: tandem apply %s\n",
		callsWords(p.Calls), callsPair(p.Opening), seconds(p.Seconds), name)
	return nil
}

// outcomeWord is a decision's outcome for people: what is in scope is compared, and
// only what differs is written.
func outcomeWord(outcome string) string {
	if outcome == policy.Update {
		return "compared"
	}
	return outcome
}

// describeTwins warns of records that would stand beside one with the same website. Who
// would be made on both sides is proposed once.
func (a *app) describeTwins(twins map[string]engine.Twins) {
	proposed := ""
	for _, side := range core.Sides {
		t, ok := twins[side.String()]
		if !ok {
			continue
		}
		a.printf("%s would get %s with a website that another one has there, such as %s: companies match by people, not by domain (DEDUP-7).\n",
			side.Label(), counted(t.Count, twinWords[side]), t.Domain)
		if advice := twinAdvice(&t); advice != proposed {
			a.printf("  %s\n", advice)
			proposed = advice
		}
	}
}

// twinAdvice is how the two are linked where they are the same.
func twinAdvice(t *engine.Twins) string {
	var ids [2]string
	ids[t.Source.Side], ids[t.Beside.Side] = t.Source.ID, t.Beside.ID
	if t.Several > 0 {
		return fmt.Sprintf("%s has %s with it. Where %s (%s) is one of these: tandem links link company ACCOUNT COMPANY, with the ids of the two", t.Beside.Side.Label(),
			counted(t.Several, twinWords[t.Beside.Side]), printable(t.Names[t.Source.Side]), t.Source.ID)
	}
	return fmt.Sprintf("Where %s of Salesforce and %s of HubSpot are the same: tandem links link company %s %s",
		printable(t.Names[core.Salesforce]), printable(t.Names[core.HubSpot]), ids[core.Salesforce], ids[core.HubSpot])
}

var twinWords = [2][2]string{core.Salesforce: {"account", "accounts"}, core.HubSpot: {"company", "companies"}}

var calls = [2]string{"call", "calls"}

// callsWords says calls by side in words, nothing where they are not known.
func callsWords(n map[string]int) string {
	if len(n) == 0 {
		return ""
	}
	return fmt.Sprintf("%s to Salesforce and %d to HubSpot", counted(n[core.Salesforce.String()], calls), n[core.HubSpot.String()])
}

func callsPair(n map[string]int) string {
	return fmt.Sprintf("%d and %d", n[core.Salesforce.String()], n[core.HubSpot.String()])
}

// describeSamples shows the first few ops of each kind, field by field, and says
// how many more there are.
func (s *session) describeSamples(ctx context.Context, plan int64) error {
	rq, err := s.request()
	if err == nil {
		err = s.learnStages(ctx, rq.Connection)
	}
	if err != nil {
		return err
	}
	shown := map[string]int{}
	err = s.eachOp(ctx, plan, func(line json.RawMessage) error {
		var op core.Op
		if err := json.Unmarshal(line, &op); err != nil {
			return fmt.Errorf("read plan %d: %w", plan, err)
		}
		kind := string(op.Kind) + " " + string(op.Target.Object)
		if shown[kind]++; shown[kind] <= planSamples {
			s.app.printf("  %s %s (%s)%s\n", s.app.opWords(kind), orElse(op.Target.ID, "from "+op.Source.ID), op.Rule, s.app.changes(op.Before, op.Fields))
		}
		return nil
	})
	for _, kind := range slices.Sorted(maps.Keys(shown)) {
		if more := shown[kind] - planSamples; more > 0 {
			s.app.printf("  … %d more to %s; --out FILE or --json shows all\n", more, s.app.opWords(kind))
		}
	}
	return err
}

func (a *app) apply() *cobra.Command {
	c := &cobra.Command{
		Use:   "apply PLAN",
		Short: "Do exactly what a plan says",
		Long: `PLAN is the number that tandem plan told, or the file it wrote. Each record is read
again first; one that would now be written differently is refused, not altered.
Exit code 1 says that some were refused or failed.`,
		Example: "  tandem apply 3\n  tandem apply plan.jsonl",
		Args:    cobra.ExactArgs(1),
		RunE: a.do(func(ctx context.Context, args []string) error {
			return a.act(ctx, func(ctx context.Context, s *session) error {
				rq, err := s.request()
				if err != nil {
					return err
				}
				if rq.Plan, err = s.planNumber(ctx, args[0]); err != nil {
					return err
				}
				var res engine.Applied
				if err := s.do(ctx, "apply", rq, &res); err != nil {
					return err
				}
				return a.printApplied(res)
			})
		}),
	}
	yesFlag(c)
	return c
}

// yesFlag takes --yes of a verb that does not ask, as of those that do.
func yesFlag(c *cobra.Command) {
	c.Flags().Bool("yes", false, "do not ask; this verb never does, and takes it for scripts that give it to all")
}

func (a *app) printApplied(r engine.Applied) (err error) {
	switch {
	case a.json:
		err = a.printJSON(r)
	case r.Before != nil:
		a.printf("The plan was applied already at %s; nothing was written now. A new tandem plan shows what is left.\n", when(*r.Before))
	default:
		a.printf("%d applied, %d refused because they changed since, %d failed; %s.\n", r.Applied, r.Refused, r.Failed, callsWords(r.Calls))
		a.describeLeft(r)
	}
	if err == nil && r.Refused+r.Failed > 0 {
		return notDone()
	}
	return err
}

// describeLeft names the records that were not written, and why.
func (a *app) describeLeft(r engine.Applied) {
	for _, l := range r.Left {
		a.printf("  %-7s  %s: %s\n", l.State, a.label(l.Ref), printable(l.Why))
	}
	if more := r.Refused + r.Failed - len(r.Left); more > 0 {
		a.printf("  … and %d more\n", more)
	}
	if len(r.Left) > 0 {
		a.printf("tandem explain says of each what stands now; a new tandem plan shows what is left.\n")
	}
}

// planNumber reads a plan's number, or a plan's file whose ops must be those
// that the store holds.
func (s *session) planNumber(ctx context.Context, word string) (int64, error) {
	if id, err := strconv.ParseInt(word, 10, 64); err == nil {
		return id, nil
	}
	p, digest, err := readPlan(word)
	if err != nil {
		return 0, err
	}
	have, err := s.planDigest(ctx, p.Plan, io.Discard)
	if err != nil {
		return 0, err
	}
	if digest != p.Digest || have != p.Digest {
		return 0, refused(word+" is not the plan that this store holds under number "+strconv.FormatInt(p.Plan, 10), "make the plan again; a plan's file is for looking at, not for editing")
	}
	return p.Plan, nil
}

// readPlan reads the sums of a plan's file and the digest of its ops.
func readPlan(file string) (p planned, digest string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return p, "", usage("read plan: "+err.Error(), "name a plan by its number or its file")
	}
	defer f.Close()
	sum := sha256.New()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxDelivery)
	last := ""
	for first := true; lines.Scan(); first = false {
		if !first {
			_, _ = io.WriteString(sum, last+"\n")
		}
		last = lines.Text()
	}
	if err := lines.Err(); err != nil {
		return p, "", fmt.Errorf("read plan %s: %w", file, err)
	}
	if err := json.Unmarshal([]byte(last), &p); err != nil || p.Plan == 0 {
		return p, "", usage(file+" is not a plan", "write one with tandem plan --out")
	}
	return p, hex.EncodeToString(sum.Sum(nil)), nil
}

// doApply applies a plan. One that stops keeps why.
func doApply(ctx context.Context, w *world, rq request) (any, error) {
	res, err := applyPlan(ctx, w, rq)
	if err == nil || ctx.Err() != nil {
		return res, err
	}
	_, noted := inStore(func(ctx context.Context, c *wired, rq request) (any, error) {
		return nil, c.engine.StopPlan(ctx, rq.Plan, err.Error())
	})(ctx, w, rq)
	if noted != nil && store.CodeOf(noted) != store.NotFound {
		err = errors.Join(err, noted)
	}
	return res, err
}

// applyPlan applies a plan; a daemon gives way meanwhile.
func applyPlan(ctx context.Context, w *world, rq request) (res any, err error) {
	c, err := w.wire(ctx, rq.Connection)
	if err != nil {
		return nil, err
	}
	if err := planOf(ctx, w.store, c.conn.ID, rq.Plan); err != nil {
		return nil, err
	}
	err = w.exclusive(ctx, rq.Connection, func() error {
		res, err = c.engine.As(rq.By).ApplyPart(ctx, c.conn, rq.Plan, rq.Part)
		return err
	})
	return res, err
}

// planOf refuses a plan that is not there or is another connection's.
func planOf(ctx context.Context, s *store.Store, conn, plan int64) error {
	return s.View(ctx, func(tx *store.Tx) error {
		p, err := tx.Plan(plan)
		if store.CodeOf(err) == store.NotFound || err == nil && p.Conn != conn {
			return refused(fmt.Sprintf("there is no plan %d of this connection", plan), "tandem plan makes one")
		}
		if err == nil && p.State != store.PlanReady && p.State != store.PlanApplying && p.State != store.PlanApplied {
			return refused(fmt.Sprintf("plan %d was not finished", plan), "make it again with tandem plan")
		}
		return err
	})
}
