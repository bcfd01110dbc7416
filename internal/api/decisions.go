package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tandem/internal/console"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// decisions are the operations about what people decide and have done.
func (s *service) decisions() {
	huma.Register(s.api, get("list-questions", "/connections/{connection}/review", "What waits for a person's word: several candidates, similar records, merges to follow"), s.questions)
	huma.Register(s.api, post("keep-apart", "/connections/{connection}/apart", "Say that two records are not the same, or that a record is none of its candidates"), s.apart)
	huma.Register(s.api, get("list-conflicts", "/connections/{connection}/conflicts", "Values that were given up because both sides had changed, the newest first"), s.conflicts)
	huma.Register(s.api, operation("list-audit", http.MethodGet, "/audit", "Who did what, the newest first", store.Admin), s.audit)
}

// note writes into the audit log what a token was used for.
func (s *service) note(ctx context.Context, action string, details map[string]any) error {
	text, err := json.Marshal(details)
	if err != nil {
		return s.problem(err)
	}
	return s.problem(s.Store.Update(ctx, func(tx *store.Tx) error { return tx.AuditAppend(caller(ctx), action, text) }))
}

// questionsRequest names a page of questions.
type questionsRequest struct {
	About
	Kind   string `query:"kind" doc:"the code of the questions; absent for all"`
	Object string `query:"object"`
	After  int64  `query:"after" minimum:"0" doc:"the next of the page before"`
	Limit  int    `query:"limit" default:"100" minimum:"1" maximum:"1000"`
}

func (s *service) questions(ctx context.Context, in *questionsRequest) (*answer[issuePage], error) {
	e, c, err := s.known(ctx, in.About)
	if err != nil {
		return nil, err
	}
	codes, err := console.QuestionCodes(in.Kind)
	if err != nil {
		return nil, newProblem(http.StatusUnprocessableEntity, err.Error())
	}
	return s.issuesOf(ctx, e, c, store.IssueFilter{Category: core.CategoryDuplicate, Pair: core.Pair(in.Object), After: in.After, Limit: in.Limit}, codes...)
}

type apartRequest struct {
	About
	Body struct {
		Object string   `json:"object"`
		IDs    []string `json:"ids" minItems:"1" maxItems:"2" doc:"of the two records; or of one, which is then none of its candidates"`
	}
}

// keptApart tells how many couples are kept apart by that.
type keptApart struct {
	Couples int `json:"couples"`
}

func (s *service) apart(ctx context.Context, in *apartRequest) (*answer[keptApart], error) {
	o := console.Order{}
	for _, id := range in.Body.IDs {
		one, err := s.order(ctx, Record{in.About, in.Body.Object, id})
		if err != nil {
			return nil, err
		}
		o.Pair, o.IDs = one.Pair, append(o.IDs, id)
	}
	var couples []json.RawMessage
	err := s.act(ctx, in.About, "apart", o, &couples)
	return &answer[keptApart]{Body: keptApart{len(couples)}}, err
}

// conflictsRequest names a page of conflicts.
type conflictsRequest struct {
	Back
	Object string `query:"object"`
}

// lostValue is a value that was given up.
type lostValue struct {
	engine.Conflict
	Ref   core.Ref  `json:"ref"`
	At    time.Time `json:"at"`
	Run   int64     `json:"run,omitempty"`
	Entry int64     `json:"entry" doc:"of the history"`
}

type conflictPage struct {
	Conflicts []lostValue `json:"conflicts"`
	Next      int64       `json:"next,omitempty" doc:"where the next page begins, which may hold fewer; absent on the last"`
}

func (s *service) conflicts(ctx context.Context, in *conflictsRequest) (*answer[conflictPage], error) {
	e, c, err := s.known(ctx, in.About)
	if err != nil {
		return nil, err
	}
	if in.Object != "" {
		if err := checkObject(c, in.Object); err != nil {
			return nil, err
		}
	}
	var entries []store.Entry
	err = e.View(ctx, func(tx *store.Tx) (err error) { entries, err = tx.ConflictsBack(c.ID, in.Before, in.Limit); return err })
	out := &answer[conflictPage]{Body: conflictPage{Conflicts: []lostValue{}}}
	for _, en := range entries {
		if len(entries) == in.Limit {
			out.Body.Next = en.Seq
		}
		if in.Object != "" && en.Pair != core.Pair(in.Object) {
			continue
		}
		var body engine.Entry
		if err := json.Unmarshal(en.Body, &body); err != nil {
			return nil, s.problem(fmt.Errorf("read journal entry %d: %w", en.Seq, err))
		}
		for _, one := range body.Conflicts {
			out.Body.Conflicts = append(out.Body.Conflicts, lostValue{Conflict: one, Ref: en.Ref, At: en.At, Run: en.Run, Entry: en.Seq})
		}
	}
	return out, s.problem(err)
}

// auditRequest names a page of the audit log.
type auditRequest struct {
	Who    string `query:"who" doc:"absent for everybody"`
	Action string `query:"action" doc:"absent for all"`
	Before int64  `query:"before" minimum:"0" doc:"the next of the page before"`
	Limit  int    `query:"limit" default:"100" minimum:"1" maximum:"1000"`
}

// audited is one thing that somebody did.
type audited struct {
	Entry   int64     `json:"entry"`
	At      time.Time `json:"at"`
	Who     string    `json:"who"`
	Action  string    `json:"action"`
	Details any       `json:"details,omitempty"`
}

type auditPage struct {
	Entries []audited `json:"entries"`
	Next    int64     `json:"next,omitempty" doc:"where the next page begins; absent on the last"`
}

func (s *service) audit(ctx context.Context, in *auditRequest) (*answer[auditPage], error) {
	var all []store.AuditEntry
	err := s.Store.View(ctx, func(tx *store.Tx) (err error) {
		all, err = tx.AuditBack(in.Before, in.Who, in.Action, in.Limit+1)
		return err
	})
	out := &answer[auditPage]{Body: auditPage{Entries: []audited{}}}
	if len(all) > in.Limit {
		all = all[:in.Limit]
		out.Body.Next = all[in.Limit-1].Seq
	}
	for _, e := range all {
		one := audited{Entry: e.Seq, At: e.At, Who: e.Who, Action: e.Action}
		if len(e.Details) > 0 && json.Unmarshal(e.Details, &one.Details) != nil {
			one.Details = string(e.Details)
		}
		out.Body.Entries = append(out.Body.Entries, one)
	}
	return out, s.problem(err)
}
