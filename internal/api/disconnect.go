package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tandem/internal/console"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// disconnects are the operations about the end of a connection, an admin's as in the console.
// Connecting again is a resume.
func (s *service) disconnects() {
	const path = "/connections/{connection}/disconnect"
	huma.Register(s.api, operation("disconnect", http.MethodPost, path, "End a connection; records, links and settings stay, and resume connects again", store.Admin), s.disconnect)
	huma.Register(s.api, operation("get-disconnect", http.MethodGet, path, "What the end of a connection has left for a person to reassign", store.Admin), s.ended)
}

type disconnectRequest struct {
	About
	Body struct {
		Confirm string `json:"confirm" doc:"the connection's name once more: another one is refused"`
	}
}

// disconnected tells how a connection has ended.
type disconnected struct {
	Disconnected bool               `json:"disconnected"`
	At           time.Time          `json:"at,omitzero"`
	Looking      bool               `json:"looking" doc:"who owns what is looked at still: ask again"`
	Known        bool               `json:"known" doc:"owners is what was found since the end"`
	Owners       []engine.SoleOwner `json:"owners" doc:"who owns linked records and is in Salesforce only"`
	Problem      *console.Trouble   `json:"problem,omitempty" doc:"why the owners could not be read"`
	MailedTo     []string           `json:"mailed_to" doc:"none without a mail server in the settings"`
	Unsent       *console.Trouble   `json:"unsent,omitempty" doc:"why no mail was sent"`
}

func (s *service) disconnect(ctx context.Context, in *disconnectRequest) (*answer[disconnected], error) {
	if _, _, err := s.known(ctx, in.About); err != nil {
		return nil, err
	}
	if in.Body.Confirm != in.Connection {
		return nil, newProblem(http.StatusUnprocessableEntity, "Nothing was disconnected: confirm is not "+in.Connection+".")
	}
	if err := s.do(ctx, console.BeginDisconnect, console.Order{Connection: in.Connection, By: caller(ctx)}, nil); err != nil {
		return nil, err
	}
	return s.ended(ctx, &in.About)
}

func (s *service) ended(ctx context.Context, in *About) (*answer[disconnected], error) {
	if _, _, err := s.known(ctx, *in); err != nil {
		return nil, err
	}
	e, err := s.Ending(ctx, in.Connection)
	out := disconnected{Disconnected: !e.At.IsZero(), At: e.At, Looking: e.Look.Open(), Known: e.Known && e.Left.Problem == nil,
		Owners: append([]engine.SoleOwner{}, e.Left.Owners...), Problem: e.Failed, MailedTo: some(e.Left.MailTo), Unsent: e.Left.Unsent}
	if e.Left.Problem != nil {
		out.Problem = e.Left.Problem
	}
	return &answer[disconnected]{Body: out}, s.problem(err)
}
