package console

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// plansShown is how many plans their page lists, plannedShown how many records of a plan.
const (
	plansShown   = 20
	plannedShown = 50
)

// plans is the page where plans are made.
type plans struct {
	all   []engine.PlanView
	pairs []core.Pair
}

func (c *Console) plansPage(v *visit) error {
	e, conn, err := c.Stored(v.r.Context(), v.connection)
	if err != nil {
		return err
	}
	all, err := e.PlanViews(v.r.Context(), conn, plansShown)
	if err != nil {
		return err
	}
	return v.show(plansView(v, plans{all, conn.Pairs.Names()}))
}

// startPlan has a plan begun, and shows how it comes along.
func (c *Console) startPlan(v *visit) error {
	_, conn, err := c.Stored(v.r.Context(), v.connection)
	if err != nil {
		return err
	}
	o := v.order()
	o.Pair = core.Pair(v.r.PostFormValue("object"))
	if !slices.Contains(conn.Pairs.Names(), o.Pair) {
		return misused("Choose what to plan for.")
	}
	of := v.r.PostFormValue("of")
	switch of {
	case "due":
		o.Due = true
	case "all":
	default:
		return misused("Choose between what is due and all records.")
	}
	var begun struct{ Plan int64 }
	if err := c.Do(v.r.Context(), "begin plan", o, &begun); err != nil {
		return err
	}
	plan := strconv.FormatInt(begun.Plan, 10)
	if err := c.note(v, v.who.Name, "make plan", map[string]string{"connection": v.connection, "plan": plan, "object": string(o.Pair), "of": of}); err != nil {
		return err
	}
	return v.to(v.at("plans", plan))
}

// planState is how one plan stands, with a page of its records.
type planState struct {
	engine.PlanView
	pairs core.PairSet
	part  engine.PlanPart
	items []engine.PlannedItem
	first bool  // the list begins with the first record
	next  int64 // the record to go on behind; 0 at the end
	// stopped says that the plan was being applied by a process that is gone: nobody was asked
	// to go on.
	stopped bool
}

// open reports that something is done about the plan now.
func (s *planState) open() bool {
	return s.State == store.PlanBuilding || s.State == store.PlanApplying && !s.stopped
}

// appliable reports that what is left of the plan can be applied.
func (s *planState) appliable() bool {
	return s.State == store.PlanReady && s.Outdated == "" && s.Counts.Pending() > 0
}

// left is how many records the page's part has that can still be applied.
func (s *planState) left() int {
	if s.part.What != "" {
		return s.Counts.Left[s.part.What]
	}
	return s.Counts.Pending()
}

// pairOf is the pair that a record of the plan belongs to.
func (s *planState) pairOf(item engine.PlannedItem) core.Pair {
	if pair, ok := s.pairs.Of(item.Ref.Side, item.Ref.Object); ok {
		return pair
	}
	return s.Meta.Pair
}

// stopped reports a plan that counts as being applied although no process is asked to.
func (c *Console) stopped(ctx context.Context, s *planState) (bool, error) {
	if s.State != store.PlanApplying {
		return false, nil
	}
	var open []store.Command
	err := c.Store.View(ctx, func(tx *store.Tx) (err error) { open, err = tx.CommandsOpen(); return err })
	for _, one := range open {
		var of struct{ Plan int64 }
		if json.Unmarshal(one.Args, &of) == nil && of.Plan == s.ID {
			return false, err
		}
	}
	return err == nil, err
}

// plan is the number of the plan that a page is about.
func (v *visit) plan() (int64, error) {
	id, err := strconv.ParseInt(v.r.PathValue("plan"), 10, 64)
	if err != nil {
		return 0, notFound("A plan is a number.")
	}
	return id, nil
}

func (c *Console) planOf(ctx context.Context, v *visit) (s *planState, err error) {
	id, err := v.plan()
	if err != nil {
		return nil, err
	}
	e, conn, err := c.Stored(ctx, v.connection)
	if err != nil {
		return nil, err
	}
	q := v.r.URL.Query()
	after, err := strconv.ParseInt(cmp.Or(q.Get("after"), "0"), 10, 64)
	if err != nil {
		return nil, misused("The list cannot go on from there.")
	}
	s = &planState{pairs: conn.Pairs, part: engine.PlanPart{What: q.Get("what")}, first: after == 0}
	if s.PlanView, err = e.PlanView(ctx, conn, id); err != nil {
		return s, err
	}
	if s.stopped, err = c.stopped(ctx, s); err != nil || s.stopped || s.open() {
		return s, err
	}
	s.items, err = e.PlanItems(ctx, id, s.part, after, plannedShown+1)
	if len(s.items) > plannedShown {
		s.items = s.items[:plannedShown]
		s.next = s.items[plannedShown-1].Seq
	}
	return s, err
}

func (c *Console) planPage(v *visit) error {
	s, err := c.planOf(v.r.Context(), v)
	if err != nil {
		return err
	}
	return v.show(planView(v, s))
}

// planLive sends how a plan comes along, and once it rests what can be done with it. What
// somebody has ticked since is left alone.
func (c *Console) planLive(v *visit) error {
	rests := false
	c.live(v, liveEvery, func(ctx context.Context) (templ.Component, error) {
		if rests {
			return nil, nil
		}
		s, err := c.planOf(ctx, v)
		if err != nil {
			return nil, err
		}
		rests = !s.open()
		return planCard(v, s), nil
	})
	return nil
}

// applyPlan has a plan applied, or what was chosen of it.
func (c *Console) applyPlan(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return misused("The form cannot be read.")
	}
	o := v.order()
	var err error
	if o.Plan, err = v.plan(); err != nil {
		return err
	}
	if o.Part, err = chosenPart(v.r.PostForm); err != nil {
		return err
	}
	if err := c.Do(v.r.Context(), "begin apply", o, nil); err != nil {
		return err
	}
	details := map[string]string{"connection": v.connection, "plan": v.r.PathValue("plan"), "of": cmp.Or(o.Part.What, "all that is left")}
	if n := len(o.Part.Items); n > 0 {
		details["of"] = count(n, "chosen record", "chosen records")
	}
	if err := c.note(v, v.who.Name, "apply plan", details); err != nil {
		return err
	}
	return v.to(v.at("plans", v.r.PathValue("plan")))
}

// chosenPart reads what a form says to apply: what is ticked, one kind of writes, or all.
func chosenPart(form url.Values) (part engine.PlanPart, err error) {
	switch form.Get("which") {
	case "all":
		return part, nil
	case "kind":
		if part.What = form.Get("what"); part.What == "" {
			return part, misused("Choose the kind of writes to apply.")
		}
		return part, nil
	}
	for _, text := range form["item"] {
		seq, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return part, misused("A ticked record cannot be read.")
		}
		part.Items = append(part.Items, seq)
	}
	if len(part.Items) == 0 {
		return part, misused("No record is ticked. Tick those that you want to apply, or apply all.")
	}
	return part, nil
}

// planAt is the address of a page of a plan's records.
func (v *visit) planAt(plan int64, what string, after int64) string {
	q := url.Values{}
	if what != "" {
		q.Set("what", what)
	}
	if after > 0 {
		q.Set("after", strconv.FormatInt(after, 10))
	}
	to := v.at("plans", strconv.FormatInt(plan, 10))
	if len(q) == 0 {
		return to
	}
	return to + "?" + q.Encode()
}

// planWords say how a plan stands, and planTone how that is coloured.
func planWords(p engine.PlanView) (words, tone string) {
	switch p.State {
	case store.PlanBuilding:
		return "being made", "busy"
	case store.PlanApplying:
		return "being applied", "busy"
	case store.PlanApplied:
		return "applied", "good"
	case store.PlanAbandoned:
		return "not made", "bad"
	}
	switch {
	case p.Meta.Shows():
		return "preview", "busy"
	case p.Outdated != "":
		return "outdated", "idle"
	case len(p.Counts.Ops) == 0:
		return "nothing to write", "good"
	case p.Counts.Pending() < p.Counts.Items:
		return "applied in part", "busy"
	}
	return "ready", "busy"
}

// planOfWords say what a plan is of.
func planOfWords(p engine.PlanView) string {
	words := pairWords(p.Meta.Pair)
	switch {
	case p.Meta.Shows():
		return words + ": a change of mappings"
	case p.Meta.Due:
		return words + ": what is due"
	case p.Meta.Whole():
		return words + ": an import of all"
	}
	return words + ": an import of some"
}

// opWords say what one write does.
func opWords(pairs core.PairSet, op core.Op) string {
	text := strings.ReplaceAll(string(op.Kind), "_", " ") + " " + pairs.Word(op.Target.Object) + " in " + op.Target.Side.Label()
	if op.Target.ID != "" {
		text += ", " + op.Target.ID
	}
	if op.Associate.ID != "" {
		text += ", with " + op.Associate.Label()
	}
	return text
}

// fewChanges is how many values of a write are shown without being asked for.
const fewChanges = 6

// opChanges are the values that a write changes.
func opChanges(op core.Op) (out []change) {
	for _, k := range slices.Sorted(maps.Keys(op.Fields)) {
		out = append(out, change{k, op.Before[k], op.Fields[k]})
	}
	return out
}

// itemWords say what became of a record of a plan, and how that is coloured.
func itemWords(s store.ItemState) (words, tone string) {
	switch s {
	case store.ItemApplied:
		return "written", "good"
	case store.ItemRefused:
		return "left alone", "idle"
	case store.ItemFailed:
		return "failed", "bad"
	}
	return "waits", "busy"
}

// nameFields are the fields that a record may be called by, the best first.
var nameFields = []string{"name", "Name", "dealname", "subject", "Subject", "email", "Email", "lastname", "LastName"}

// plannedName is what a record of a plan is called, as far as its writes tell; its id else.
func plannedName(item engine.PlannedItem) string {
	for _, op := range item.Ops {
		for _, name := range nameFields {
			if text := cmp.Or(op.Fields[name], op.Before[name]); text != "" {
				return text
			}
		}
	}
	return item.Ref.ID
}

// callsSum says calls by side in words.
func callsSum(n map[string]int) string {
	return count(n[core.Salesforce.String()], "call", "calls") + " to Salesforce and " + number(n[core.HubSpot.String()]) + " to HubSpot"
}
