package hubspot

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"slices"
	"strconv"

	"tandem/internal/core"
)

type wirePipelines struct {
	Results []wirePipeline `json:"results"`
}

func (w *wirePipelines) whole() bool { return w.Results != nil }

// wirePipeline is a pipeline as read and as created (pipelines guide).
type wirePipeline struct {
	ID       string      `json:"id,omitempty"`
	Label    string      `json:"label"`
	Order    int         `json:"displayOrder"`
	Archived bool        `json:"archived,omitempty"`
	Stages   []wireStage `json:"stages"`
}

func (w *wirePipeline) whole() bool { return w.ID != "" }

// wireStage is a stage. Its metadata are texts: the probability from 0 to 1, and
// whether it is closed, which follows from that.
type wireStage struct {
	ID       string            `json:"id,omitempty"`
	Label    string            `json:"label"`
	Order    int               `json:"displayOrder"`
	Archived bool              `json:"archived,omitempty"`
	Metadata map[string]string `json:"metadata"`
}

func (w *wireStage) whole() bool { return w.ID != "" }

func pipelinePath(object core.Object, rest ...string) string {
	return pathOf("/crm/v3/pipelines", append([]string{string(object)}, rest...)...)
}

// Pipelines lists the pipelines of an object; archived ones and stages are none.
func (c *Client) Pipelines(ctx context.Context, object core.Object) ([]core.Pipeline, error) {
	var w wirePipelines
	if _, err := c.call(ctx, request{method: http.MethodGet, path: pipelinePath(object)}, &w); err != nil {
		return nil, err
	}
	slices.SortStableFunc(w.Results, func(a, b wirePipeline) int { return cmp.Compare(a.Order, b.Order) })
	out := make([]core.Pipeline, 0, len(w.Results))
	for i := range w.Results {
		if !w.Results[i].Archived {
			out = append(out, w.Results[i].pipeline(object))
		}
	}
	return out, nil
}

func (w *wirePipeline) pipeline(object core.Object) core.Pipeline {
	out := core.Pipeline{ID: w.ID, Label: w.Label}
	stages := slices.Clone(w.Stages)
	slices.SortStableFunc(stages, func(a, b wireStage) int { return cmp.Compare(a.Order, b.Order) })
	for _, s := range stages {
		if s.Archived {
			continue
		}
		chance, _ := strconv.ParseFloat(s.Metadata["probability"], 64)
		next := core.Stage{ID: s.ID, Label: s.Label, Chance: int(math.Round(chance * 100)), Closed: s.Metadata["isClosed"] == "true"}
		next.Won = next.Closed && next.Chance == 100
		if object == core.Tickets {
			next.Closed, next.Chance = s.Metadata[ticketState] == ticketClosed, openTicket
			if next.Closed {
				next.Chance = 0
			}
		}
		out.Stages = append(out.Stages, next)
	}
	return out
}

// A stage of tickets says whether it is open, and has no probability (pipelines guide): an
// open one counts as the least that an open stage has.
const (
	ticketState  = "ticketState"
	ticketClosed = "CLOSED"
	openTicket   = 1
)

func stageOf(object core.Object, s core.Stage, order int) wireStage {
	if object == core.Tickets {
		state := "OPEN"
		if s.Closed {
			state = ticketClosed
		}
		return wireStage{Label: s.Label, Order: order, Metadata: map[string]string{ticketState: state}}
	}
	return wireStage{Label: s.Label, Order: order, Metadata: map[string]string{"probability": strconv.FormatFloat(float64(s.Chance)/100, 'f', -1, 64)}}
}

// PipelineCreate makes a pipeline behind the others.
func (c *Client) PipelineCreate(ctx context.Context, object core.Object, p core.Pipeline) (core.Pipeline, error) {
	body := wirePipeline{Label: p.Label, Order: 100, Stages: []wireStage{}}
	for i, s := range p.Stages {
		body.Stages = append(body.Stages, stageOf(object, s, i))
	}
	var made wirePipeline
	if _, err := c.call(ctx, request{method: http.MethodPost, path: pipelinePath(object), body: body}, &made); err != nil {
		return core.Pipeline{}, err
	}
	return made.pipeline(object), nil
}

// StageSave makes or changes one stage.
func (c *Client) StageSave(ctx context.Context, object core.Object, pipeline string, s core.Stage, order int) (string, error) {
	r := request{method: http.MethodPost, path: pipelinePath(object, pipeline, "stages"), body: stageOf(object, s, order)}
	if s.ID != "" {
		r.method, r.path = http.MethodPatch, pipelinePath(object, pipeline, "stages", s.ID)
	}
	var made wireStage
	_, err := c.call(ctx, r, &made)
	return made.ID, err
}
