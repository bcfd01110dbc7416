package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"tandem/internal/console"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// Root is the path below which everything is.
const Root = "/api/v1"

// service answers programs.
type service struct {
	console.Desk
	api huma.API
}

// Handler answers all paths below [Root].
func Handler(d console.Desk, version string) http.Handler {
	mux := http.NewServeMux()
	c := huma.DefaultConfig("Tandem", version)
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = Root+"/openapi", "", Root+"/schemas"
	c.CreateHooks = nil // answers carry no links to schemas
	c.Info.Description = "Keeps a Salesforce org and a HubSpot portal in step. Times are RFC 3339 in UTC; an object is named as the command line names it."
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{scheme: {Type: "http", Scheme: "bearer", Description: "A token that an admin made in the console."}}
	words(c.Components.Schemas)
	s := &service{Desk: d, api: humago.New(mux, c)}
	s.api.UseMiddleware(s.enter)
	s.reads()
	s.acts()
	s.plans()
	s.settings()
	s.decisions()
	s.notices()
	s.disconnects()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, newProblem(http.StatusNotFound, "There is nothing at this path; see "+Root+"/openapi.json."))
	})
	return mux
}

// About is the connection that a request is about.
type About struct {
	Connection string `path:"connection" doc:"the connection's name in the settings"`
}

// Record is the record that a request is about.
type Record struct {
	About
	Object string `path:"object" doc:"company, contact, lead, deal, …: as the command line names objects"`
	ID     string `path:"id" doc:"of either side; a Salesforce id may have 15 or 18 characters"`
}

// Target is the run that a request is about.
type Target struct {
	About
	Run int64 `path:"run" doc:"its number"`
}

// answer is what an operation gives.
type answer[T any] struct{ Body T }

// get describes an operation that reads, for everybody with a token.
func get(id, path, about string) huma.Operation {
	return operation(id, http.MethodGet, path, about, store.Viewer)
}

// post describes an operation that acts.
func post(id, path, about string) huma.Operation {
	return operation(id, http.MethodPost, path, about, store.Operator)
}

func operation(id, method, path, about string, role store.Role) huma.Operation {
	return huma.Operation{OperationID: id, Method: method, Path: Root + path, Summary: about,
		Description: "Needs the role " + role.String() + ".", Security: []map[string][]string{{scheme: {}}}, Metadata: map[string]any{roleKey: role},
		Errors: []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity}}
}

// known gives a connection as the store has it.
func (s *service) known(ctx context.Context, a About) (*engine.Engine, *engine.Conn, error) {
	if !slices.Contains(s.Connections(), a.Connection) {
		return nil, nil, newProblem(http.StatusNotFound, "There is no connection named "+a.Connection+".")
	}
	e, c, err := s.Stored(ctx, a.Connection)
	return e, c, s.problem(err)
}

// order is an order about a record, as far as its id can be judged without a look.
func (s *service) order(ctx context.Context, r Record) (o console.Order, err error) {
	_, c, err := s.known(ctx, r.About)
	if err != nil {
		return o, err
	}
	o = console.Order{Connection: r.Connection, By: caller(ctx), Pair: core.Pair(r.Object), IDs: []string{r.ID}}
	if err := checkObject(c, r.Object); err != nil {
		return o, err
	}
	return o, s.problem(engine.CheckID(c.Pairs, o.Pair, r.ID))
}

func checkObject(c *engine.Conn, object string) error {
	if !slices.Contains(c.Pairs.Names(), core.Pair(object)) {
		return newProblem(http.StatusNotFound, "There is no object "+object+".")
	}
	return nil
}

// do has a command carried out, and fills result.
func (s *service) do(ctx context.Context, verb string, o console.Order, result any) error {
	return s.problem(s.Do(ctx, verb, o, result))
}
