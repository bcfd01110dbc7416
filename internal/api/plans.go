package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tandem/internal/console"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

func (s *service) plans() {
	const plan = "/connections/{connection}/plans/{plan}"
	huma.Register(s.api, get("list-plans", "/connections/{connection}/plans", "The last plans, the newest first"), s.listPlans)
	huma.Register(s.api, get("get-plan", plan, "How a plan stands, with what it would write in numbers"), s.plan)
	huma.Register(s.api, get("list-plan-records", plan+"/records", "What a plan would write, record by record"), s.planRecords)
	huma.Register(s.api, post("make-plan", "/connections/{connection}/plans", "Work out what an import or a sync would write, and write nothing"), s.makePlan)
	huma.Register(s.api, post("apply-plan", plan+"/apply", "Write exactly what a plan shows, or a part of it; what has changed meanwhile is left alone"), s.applyPlan)
}

// PlanTarget is the plan that a request is about.
type PlanTarget struct {
	About
	Plan int64 `path:"plan" doc:"its number"`
}

// planned is how a plan stands.
type planned struct {
	Plan     int64           `json:"plan"`
	Object   string          `json:"object"`
	State    store.PlanState `json:"state" enum:"building,ready,applying,applied,abandoned"`
	Of       string          `json:"of" enum:"due,all,some,mappings" doc:"what is due, an import of all or some, or a change of mappings"`
	Outdated string          `json:"outdated,omitempty" doc:"why it is not applied any more"`
	Problem  string          `json:"problem,omitempty" doc:"why it was not made, or why applying it stopped"`
	Looked   int             `json:"looked_at" doc:"records"`
	Records  int             `json:"records" doc:"that would be written"`
	Pending  int             `json:"pending" doc:"of them: not applied yet"`
	Writes   map[string]int  `json:"writes" doc:"as in create companies: 12"`
	Calls    map[string]int  `json:"api_calls" doc:"that applying needs, by side"`
	Created  time.Time       `json:"created"`
	Applied  time.Time       `json:"applied,omitzero"`
}

func planView(p engine.PlanView) planned {
	out := planned{Plan: p.ID, Object: string(p.Meta.Pair), State: p.State, Of: "some", Outdated: p.Outdated, Problem: p.Meta.Problem, Looked: p.Counts.Looked,
		Records: p.Counts.Items, Pending: p.Counts.Pending(), Writes: whole(p.Counts.Ops), Calls: whole(p.Counts.Calls), Created: p.Created, Applied: p.Meta.Applied}
	switch {
	case p.Meta.Shows():
		out.Of = "mappings"
	case p.Meta.Due:
		out.Of = "due"
	case p.Meta.Whole():
		out.Of = "all"
	}
	return out
}

// whole is a map that is not nil: an empty one passes as {}, not as null.
func whole(m map[string]int) map[string]int {
	if m == nil {
		return map[string]int{}
	}
	return m
}

func (s *service) listPlans(ctx context.Context, in *runsRequest) (*answer[[]planned], error) {
	e, c, err := s.known(ctx, in.About)
	if err != nil {
		return nil, err
	}
	all, err := e.PlanViews(ctx, c, in.Limit)
	out := &answer[[]planned]{Body: []planned{}}
	for _, p := range all {
		out.Body = append(out.Body, planView(p))
	}
	return out, s.problem(err)
}

func (s *service) plan(ctx context.Context, in *PlanTarget) (*answer[planned], error) {
	p, _, err := s.planOf(ctx, in)
	return &answer[planned]{Body: planView(p)}, err
}

func (s *service) planOf(ctx context.Context, in *PlanTarget) (p engine.PlanView, e *engine.Engine, err error) {
	e, c, err := s.known(ctx, in.About)
	if err != nil {
		return p, nil, err
	}
	p, err = e.PlanView(ctx, c, in.Plan)
	return p, e, s.problem(err)
}

// planRecordsRequest names a page of what a plan would write.
type planRecordsRequest struct {
	PlanTarget
	What  string `query:"what" doc:"one kind of writes, as in create companies"`
	After int64  `query:"after" doc:"the next of the page before"`
	Limit int    `query:"limit" default:"100" minimum:"1" maximum:"1000"`
}

// plannedRecord is what a plan would do about one record, and what became of it.
type plannedRecord struct {
	Record int64           `json:"record" doc:"its number in the plan, by which it is applied"`
	Ref    core.Ref        `json:"ref"`
	State  store.ItemState `json:"state" enum:"pending,applied,refused,failed"`
	Writes []plannedWrite  `json:"writes"`
}

// plannedWrite is one write.
type plannedWrite struct {
	Kind   core.OpKind       `json:"kind"`
	Target core.Ref          `json:"target" doc:"without an id where it is made"`
	Before map[string]string `json:"before,omitempty"`
	After  map[string]string `json:"after,omitempty"`
	Rule   string            `json:"rule"`
}

type planRecordPage struct {
	Records []plannedRecord `json:"records"`
	Next    int64           `json:"next,omitempty" doc:"where the next page begins; absent on the last"`
}

func (s *service) planRecords(ctx context.Context, in *planRecordsRequest) (*answer[planRecordPage], error) {
	_, e, err := s.planOf(ctx, &in.PlanTarget)
	if err != nil {
		return nil, err
	}
	items, err := e.PlanItems(ctx, in.Plan, engine.PlanPart{What: in.What}, in.After, in.Limit+1)
	out := &answer[planRecordPage]{Body: planRecordPage{Records: []plannedRecord{}}}
	if len(items) > in.Limit {
		items = items[:in.Limit]
		out.Body.Next = items[in.Limit-1].Seq
	}
	for _, item := range items {
		one := plannedRecord{Record: item.Seq, Ref: item.Ref, State: item.State, Writes: []plannedWrite{}}
		for _, op := range item.Ops {
			one.Writes = append(one.Writes, plannedWrite{Kind: op.Kind, Target: op.Target, Before: op.Before, After: op.Fields, Rule: op.Rule})
		}
		out.Body.Records = append(out.Body.Records, one)
	}
	return out, s.problem(err)
}

type makePlanRequest struct {
	About
	Body struct {
		Object string `json:"object"`
		Of     string `json:"of" enum:"due,all" doc:"what is due, or an import of all records"`
	}
}

// madePlan names a plan that is being made.
type madePlan struct {
	Plan int64 `json:"plan"`
}

func (s *service) makePlan(ctx context.Context, in *makePlanRequest) (*answer[madePlan], error) {
	_, c, err := s.known(ctx, in.About)
	if err != nil {
		return nil, err
	}
	if err := checkObject(c, in.Body.Object); err != nil {
		return nil, err
	}
	out := &answer[madePlan]{}
	o := console.Order{Connection: in.Connection, By: caller(ctx), Pair: core.Pair(in.Body.Object), Due: in.Body.Of == "due"}
	if err := s.do(ctx, "begin plan", o, &out.Body); err != nil {
		return nil, err
	}
	return out, s.note(ctx, "make plan", map[string]any{"connection": in.Connection, "plan": out.Body.Plan, "object": in.Body.Object, "of": in.Body.Of})
}

type applyPlanRequest struct {
	PlanTarget
	Body struct {
		What    string  `json:"what,omitempty" doc:"one kind of writes, as in create companies"`
		Records []int64 `json:"records,omitempty" maxItems:"1000" doc:"by their numbers in the plan; with neither this nor what, all that is left"`
	}
}

func (s *service) applyPlan(ctx context.Context, in *applyPlanRequest) (*struct{}, error) {
	if _, _, err := s.planOf(ctx, &in.PlanTarget); err != nil {
		return nil, err
	}
	o := console.Order{Connection: in.Connection, By: caller(ctx), Plan: in.Plan, Part: engine.PlanPart{What: in.Body.What, Items: in.Body.Records}}
	if err := s.do(ctx, "begin apply", o, nil); err != nil {
		return nil, err
	}
	return nil, s.note(ctx, "apply plan", map[string]any{"connection": in.Connection, "plan": in.Plan, "what": in.Body.What, "records": len(in.Body.Records)})
}
