package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"tandem/internal/console"
	"tandem/internal/store"
)

// notices are the operations about what people are told. They say who is told, so that they
// are an admin's.
func (s *service) notices() {
	huma.Register(s.api, operation("list-notifications", http.MethodGet, "/notifications", "What people were told, the newest first", store.Admin), s.told)
	huma.Register(s.api, operation("test-notifications", http.MethodPost, "/notifications/test", "Send a test by every way that is set, at once", store.Admin), s.testNotices)
}

type noticesRequest struct {
	Limit int `query:"limit" default:"100" minimum:"1" maximum:"1000"`
}

func (s *service) told(ctx context.Context, in *noticesRequest) (*answer[[]console.Notice], error) {
	out := &answer[[]console.Notice]{Body: []console.Notice{}}
	var all []store.Notice
	err := s.Store.View(ctx, func(tx *store.Tx) (err error) { all, err = tx.Notices(in.Limit); return err })
	for _, n := range all {
		out.Body = append(out.Body, console.NoticeOf(n))
	}
	return out, s.problem(err)
}

func (s *service) testNotices(ctx context.Context, _ *struct{}) (*answer[[]console.Tried], error) {
	out := &answer[[]console.Tried]{Body: []console.Tried{}}
	if err := s.do(ctx, console.TestNotifications, console.Order{By: caller(ctx)}, &out.Body); err != nil {
		return nil, err
	}
	return out, s.note(ctx, console.TestNotifications, nil)
}
