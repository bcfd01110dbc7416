package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"tandem/internal/console"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

func (s *service) reads() {
	huma.Register(s.api, get("list-connections", "/connections", "How all connections stand"), s.connections)
	huma.Register(s.api, get("get-connection", "/connections/{connection}", "How a connection stands"), s.connection)
	huma.Register(s.api, get("find-records", "/connections/{connection}/records", "Find records of both sides by id, e-mail address, domain or name"), s.find)
	huma.Register(s.api, get("explain-record", "/connections/{connection}/records/{object}/{id}", "One record on both sides, why it did or did not sync, and its history"), s.explain)
	huma.Register(s.api, get("list-issues", "/connections/{connection}/issues", "What keeps records from syncing"), s.issues)
	huma.Register(s.api, get("list-runs", "/connections/{connection}/runs", "The last runs, the newest first"), s.runs)
	huma.Register(s.api, get("list-run-records", "/connections/{connection}/runs/{run}/records", "The records of a run, and how it left each"), s.runRecords)
	huma.Register(s.api, get("get-run", "/connections/{connection}/runs/{run}", "How far a run has come"), s.run)
}

func (s *service) connections(ctx context.Context, _ *struct{}) (*answer[[]Connection], error) {
	out := &answer[[]Connection]{Body: []Connection{}}
	for _, name := range s.Connections() {
		one, err := s.standing(ctx, name)
		if err != nil {
			return nil, err
		}
		out.Body = append(out.Body, one)
	}
	return out, nil
}

func (s *service) connection(ctx context.Context, in *About) (*answer[Connection], error) {
	if _, _, err := s.known(ctx, *in); err != nil {
		return nil, err
	}
	one, err := s.standing(ctx, in.Connection)
	return &answer[Connection]{Body: one}, err
}

func (s *service) standing(ctx context.Context, name string) (Connection, error) {
	st, err := s.Status(ctx, name)
	return viewOf(&st), s.problem(err)
}

// findRequest looks for Records.
type findRequest struct {
	About
	Query string `query:"q" required:"true" minLength:"1" maxLength:"300" doc:"an id of either side, an e-mail address, a domain, or the whole name"`
}

func (s *service) find(ctx context.Context, in *findRequest) (*answer[[]engine.Found], error) {
	if _, _, err := s.known(ctx, in.About); err != nil {
		return nil, err
	}
	out := &answer[[]engine.Found]{Body: []engine.Found{}}
	return out, s.do(ctx, "find", console.Order{Connection: in.Connection, By: caller(ctx), IDs: []string{in.Query}}, &out.Body)
}

func (s *service) explain(ctx context.Context, in *Record) (*answer[*engine.Explanation], error) {
	o, err := s.order(ctx, *in)
	if err != nil {
		return nil, err
	}
	out := &answer[*engine.Explanation]{Body: &engine.Explanation{}}
	if err := s.do(ctx, "explain", o, out.Body); err != nil {
		return nil, err
	}
	if out.Body.Verdict == engine.NotFound {
		return nil, newProblem(http.StatusNotFound, "Neither side has a "+in.Object+" with the id "+in.ID+" that Tandem may see.")
	}
	return out, nil
}

// issuesRequest names a page of issues.
type issuesRequest struct {
	About
	Category core.Category `query:"category" enum:"association,custom_code,duplicate,permissions,picklist,mapping,value,other"`
	Object   string        `query:"object"`
	After    int64         `query:"after" doc:"the next of the page before"`
	Limit    int           `query:"limit" default:"100" minimum:"1" maximum:"1000"`
}

// issuePage is a page of issues, oldest first.
type issuePage struct {
	Issues []core.Issue `json:"issues"`
	Next   int64        `json:"next,omitempty" doc:"where the next page begins; absent on the last"`
}

func (s *service) issues(ctx context.Context, in *issuesRequest) (*answer[issuePage], error) {
	e, c, err := s.known(ctx, in.About)
	if err != nil {
		return nil, err
	}
	return s.issuesOf(ctx, e, c, store.IssueFilter{Category: in.Category, Pair: core.Pair(in.Object), After: in.After, Limit: in.Limit})
}

// issuesOf is a page of the issues that a filter chooses; with codes only those of one of them.
func (s *service) issuesOf(ctx context.Context, e *engine.Engine, c *engine.Conn, f store.IssueFilter, codes ...string) (*answer[issuePage], error) {
	limit := f.Limit
	f.Limit++
	out := &answer[issuePage]{}
	err := e.View(ctx, func(tx *store.Tx) (err error) { out.Body.Issues, err = tx.Issues(c.ID, f, codes...); return err })
	if len(out.Body.Issues) > limit {
		out.Body.Issues = out.Body.Issues[:limit]
		out.Body.Next = out.Body.Issues[limit-1].ID
	}
	if out.Body.Issues == nil {
		out.Body.Issues = []core.Issue{}
	}
	return out, s.problem(err)
}

// runsRequest says how many runs are listed.
type runsRequest struct {
	About
	Limit int `query:"limit" default:"50" minimum:"1" maximum:"1000"`
}

func (s *service) runs(ctx context.Context, in *runsRequest) (*answer[[]Run], error) {
	e, c, err := s.known(ctx, in.About)
	if err != nil {
		return nil, err
	}
	all, err := e.LastRuns(ctx, c, in.Limit)
	out := &answer[[]Run]{Body: []Run{}}
	for i := range all {
		out.Body = append(out.Body, runView(&all[i]))
	}
	return out, s.problem(err)
}

// runOf gives a run of a connection, and what is left of it.
func (s *service) runOf(ctx context.Context, in *Target) (e *engine.Engine, r store.Run, left store.RunLeft, err error) {
	e, c, err := s.known(ctx, in.About)
	if err != nil {
		return nil, r, left, err
	}
	err = e.View(ctx, func(tx *store.Tx) (err error) {
		if r, err = tx.Run(in.Run); err == nil && r.Conn != c.ID {
			err = store.ErrNotFound
		}
		if err == nil {
			left, err = tx.RunLeft(in.Run)
		}
		return err
	})
	return e, r, left, s.problem(err)
}

// runRecordsRequest names a page of the records of a run.
type runRecordsRequest struct {
	Target
	State string `query:"state" enum:"done,failed,field issue,pending,skipped,left alone" doc:"absent for all"`
	After string `query:"after" maxLength:"200" doc:"the next of the page before"`
	Limit int    `query:"limit" default:"100" minimum:"1" maximum:"1000"`
}

// runRecord is how a run left one of its records.
type runRecord struct {
	Object string   `json:"object"`
	Ref    core.Ref `json:"ref"`
	State  string   `json:"state"`
	Why    string   `json:"why,omitempty" doc:"it is not in step"`
}

type runRecordPage struct {
	Records []runRecord `json:"records"`
	Next    string      `json:"next,omitempty" doc:"where the next page begins, also behind a page that holds fewer or none; absent on the last"`
}

func (s *service) runRecords(ctx context.Context, in *runRecordsRequest) (*answer[runRecordPage], error) {
	if _, _, _, err := s.runOf(ctx, &in.Target); err != nil {
		return nil, err
	}
	from, ok := engine.ParseRunPlace(in.After)
	if !ok {
		return nil, newProblem(http.StatusUnprocessableEntity, "The list cannot go on from there.")
	}
	all, next, more, err := engine.RunList{Store: s.Store, Run: in.Run}.Page(ctx, in.State, from, in.Limit)
	out := &answer[runRecordPage]{Body: runRecordPage{Records: []runRecord{}}}
	for _, r := range all {
		out.Body.Records = append(out.Body.Records, runRecord{string(r.Pair), r.Ref, r.State, r.Why})
	}
	if more {
		out.Body.Next = next.String()
	}
	return out, s.problem(err)
}

func (s *service) run(ctx context.Context, in *Target) (*answer[Run], error) {
	e, r, left, err := s.runOf(ctx, in)
	if err != nil {
		return nil, err
	}
	one := runView(&r)
	one.Left, one.Retried = int64(left.Untried), int64(left.Retried)
	one.Wrote, one.Keyed, err = e.Wrote(ctx, in.Run)
	return &answer[Run]{Body: one}, s.problem(err)
}
