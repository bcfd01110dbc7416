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
	huma.Register(s.api, get("get-run", "/connections/{connection}/runs/{run}", "How far a run has come"), s.run)
}

func (s *service) connections(ctx context.Context, _ *struct{}) (*answer[[]Connection], error) {
	out := &answer[[]Connection]{Body: []Connection{}}
	for _, name := range s.Connections {
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
	f := store.IssueFilter{Category: in.Category, Pair: core.Pair(in.Object), After: in.After, Limit: in.Limit + 1}
	out := &answer[issuePage]{}
	err = e.View(ctx, func(tx *store.Tx) (err error) { out.Body.Issues, err = tx.Issues(c.ID, f); return err })
	if len(out.Body.Issues) > in.Limit {
		out.Body.Issues = out.Body.Issues[:in.Limit]
		out.Body.Next = out.Body.Issues[in.Limit-1].ID
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

func (s *service) run(ctx context.Context, in *Target) (*answer[Run], error) {
	e, c, err := s.known(ctx, in.About)
	if err != nil {
		return nil, err
	}
	var r store.Run
	var left store.RunLeft
	err = e.View(ctx, func(tx *store.Tx) (err error) {
		if r, err = tx.Run(in.Run); err == nil && r.Conn != c.ID {
			err = store.ErrNotFound
		}
		if err == nil {
			left, err = tx.RunLeft(in.Run)
		}
		return err
	})
	if err != nil {
		return nil, s.problem(err)
	}
	one := runView(&r)
	one.Left, one.Retried = int64(left.Untried), int64(left.Retried)
	one.Wrote, err = e.Wrote(ctx, in.Run)
	return &answer[Run]{Body: one}, s.problem(err)
}
