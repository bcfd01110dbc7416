package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"tandem/internal/console"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// started names a run that was begun.
type started struct {
	Run int64 `json:"run"`
}

func (s *service) acts() {
	huma.Register(s.api, post("resync-record", "/connections/{connection}/records/{object}/{id}/resync", "Look at a record again now"),
		func(ctx context.Context, in *Record) (*struct{}, error) { return nil, s.actOn(ctx, "resync", *in) })
	huma.Register(s.api, post("unlink-record", "/connections/{connection}/records/{object}/{id}/unlink", "Close the link of a record; both records stay"),
		func(ctx context.Context, in *Record) (*struct{}, error) { return nil, s.actOn(ctx, "unlink", *in) })
	huma.Register(s.api, post("link-records", "/connections/{connection}/links", "Link a Salesforce record with a HubSpot record"), s.link)
	huma.Register(s.api, post("retry-issues", "/connections/{connection}/issues/retry", "Try again whatever has an open issue"), s.retry)
	huma.Register(s.api, post("start-import", "/connections/{connection}/imports", "Import all records of an object, or some of them"), s.importAll)
	huma.Register(s.api, post("cancel-run", "/connections/{connection}/runs/{run}/cancel", "Cancel a run; what it has written stays"), s.cancel)
	huma.Register(s.api, post("undo-run", "/connections/{connection}/runs/{run}/undo", "Put back what a run wrote and what still stands so"), s.undo)
	huma.Register(s.api, post("pause", "/connections/{connection}/pause", "Write nothing until the connection is resumed"),
		func(ctx context.Context, in *About) (*struct{}, error) {
			return nil, s.act(ctx, *in, "pause", console.Order{}, nil)
		})
	huma.Register(s.api, post("resume", "/connections/{connection}/resume", "Go on with a connection, and release the brakes that are named"), s.resume)
}

// act has a command carried out and notes who asked for it.
func (s *service) act(ctx context.Context, a About, verb string, o console.Order, result any) error {
	if _, _, err := s.known(ctx, a); err != nil {
		return err
	}
	o.Connection, o.By = a.Connection, caller(ctx)
	if err := s.do(ctx, verb, o, result); err != nil {
		return err
	}
	details := map[string]string{"connection": a.Connection, "object": string(o.Pair)}
	for i, id := range o.IDs {
		details["id "+strconv.Itoa(i+1)] = id
	}
	if o.Run != 0 {
		details["run"] = strconv.FormatInt(o.Run, 10)
	}
	text, err := json.Marshal(details)
	if err != nil {
		return s.problem(err)
	}
	return s.problem(s.Store.Update(ctx, func(tx *store.Tx) error { return tx.AuditAppend(o.By, verb, text) }))
}

func (s *service) actOn(ctx context.Context, verb string, r Record) error {
	o, err := s.order(ctx, r)
	if err != nil {
		return err
	}
	return s.act(ctx, r.About, verb, o, nil)
}

type linkRequest struct {
	About
	Body struct {
		Object     string `json:"object"`
		Salesforce string `json:"salesforce" doc:"id"`
		HubSpot    string `json:"hubspot" doc:"id"`
	}
}

func (s *service) link(ctx context.Context, in *linkRequest) (*struct{}, error) {
	o, err := s.order(ctx, Record{in.About, in.Body.Object, in.Body.Salesforce})
	if err == nil {
		_, err = s.order(ctx, Record{in.About, in.Body.Object, in.Body.HubSpot})
	}
	if err != nil {
		return nil, err
	}
	o.IDs = []string{in.Body.Salesforce, in.Body.HubSpot}
	return nil, s.act(ctx, in.About, "link", o, nil)
}

type retryRequest struct {
	About
	Body struct {
		Category core.Category `json:"category,omitempty" doc:"absent for all"`
		Object   string        `json:"object,omitempty" doc:"absent for all"`
	}
}

type retried struct {
	Retried int `json:"retried" doc:"records that are looked at again"`
}

func (s *service) retry(ctx context.Context, in *retryRequest) (*answer[retried], error) {
	out := &answer[retried]{}
	return out, s.act(ctx, in.About, "retry", console.Order{Category: in.Body.Category, Pair: core.Pair(in.Body.Object)}, &out.Body)
}

type importRequest struct {
	About
	Body struct {
		Object   string   `json:"object" doc:"as the command line names objects; lead for the leads of Salesforce alone"`
		From     []string `json:"from" enum:"salesforce,hubspot" minItems:"1" maxItems:"2" doc:"the sides whose records are listed"`
		When     string   `json:"when,omitempty" maxLength:"10000" doc:"only where this expression holds; from names one side then"`
		List     string   `json:"list,omitempty" maxLength:"300" doc:"only members of this HubSpot list, by name or id"`
		Campaign string   `json:"campaign,omitempty" maxLength:"18" doc:"only members of this active campaign of Salesforce, by id"`
		IDs      []string `json:"ids,omitempty" maxItems:"40000" doc:"only these, by their ids of either side"`
	}
}

func (s *service) importAll(ctx context.Context, in *importRequest) (*answer[started], error) {
	_, c, err := s.known(ctx, in.About)
	if err != nil {
		return nil, err
	}
	p := console.Picking{Object: in.Body.Object, When: in.Body.When, List: in.Body.List, Campaign: in.Body.Campaign, Named: strings.Join(in.Body.IDs, "\n")}
	if p.Object != "lead" {
		if err := checkObject(c, p.Object); err != nil {
			return nil, err
		}
	}
	for _, side := range core.Sides {
		if slices.Contains(in.Body.From, side.String()) {
			p.Sides = append(p.Sides, side)
		}
	}
	var o console.Order
	if err := p.Of(&o, c.Pairs); err != nil {
		return nil, newProblem(http.StatusUnprocessableEntity, err.Error())
	}
	out := &answer[started]{}
	return out, s.act(ctx, in.About, "import", o, &out.Body)
}

type cancelled struct {
	Forgotten int64 `json:"forgotten" doc:"records that it named and that are left alone"`
}

func (s *service) cancel(ctx context.Context, in *Target) (*answer[cancelled], error) {
	out := &answer[cancelled]{}
	return out, s.act(ctx, in.About, "cancel", console.Order{Run: in.Run}, &out.Body)
}

type undoRequest struct {
	Target
	Body struct {
		Unlink        bool   `json:"unlink,omitempty" doc:"end the links that the run made"`
		DeleteCreated bool   `json:"delete_created,omitempty" doc:"archive what the run made and nobody has touched since"`
		Entry         int64  `json:"entry,omitempty" minimum:"1" doc:"undo only what this entry of a record's history tells of, by its seq"`
		Field         string `json:"field,omitempty" doc:"undo only this mapped field, by its name on either side"`
	}
}

func (s *service) undo(ctx context.Context, in *undoRequest) (*answer[started], error) {
	out := &answer[started]{}
	what := engine.UndoArgs{Run: in.Run, Unlink: in.Body.Unlink, DeleteCreated: in.Body.DeleteCreated, Entry: in.Body.Entry, Field: in.Body.Field}
	o := console.Order{Run: in.Run, Undo: what}
	return out, s.act(ctx, in.About, "undo", o, &out.Body)
}

type resumeRequest struct {
	About
	Body struct {
		Brakes []string `json:"brakes,omitempty" doc:"kinds of brakes to release"`
	}
}

func (s *service) resume(ctx context.Context, in *resumeRequest) (*struct{}, error) {
	return nil, s.act(ctx, in.About, "resume", console.Order{Brakes: in.Body.Brakes}, nil)
}
