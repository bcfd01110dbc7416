package hubspot

import (
	"context"
	"net/http"
	"regexp"
	"strings"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// wireLabels lists the association types between two objects (associations v4 guide).
type wireLabels struct {
	Results []struct {
		Category string `json:"category"`
		TypeID   int    `json:"typeId"`
		Label    string `json:"label"`
	} `json:"results"`
}

func (w *wireLabels) whole() bool { return w.Results != nil }

func labelsPath(from, to core.Object) string {
	return pathOf("/crm/v4/associations", string(from), string(to), "labels")
}

// labelTypes are the association types from one object to another by the text of their
// label, in lower case.
func (c *Client) labelTypes(ctx context.Context, from, to core.Object) (map[string]wireLinkType, []string, error) {
	var w wireLabels
	if _, err := c.call(ctx, request{method: http.MethodGet, path: labelsPath(from, to)}, &w); err != nil {
		return nil, nil, err
	}
	types := map[string]wireLinkType{}
	var texts []string
	primary := linkKinds[objectPair{from, to}].primary
	for _, r := range w.Results {
		if r.Label == "" || r.Category == categoryDefined && r.TypeID == primary {
			continue
		}
		types[strings.ToLower(r.Label)] = wireLinkType{r.Category, r.TypeID}
		texts = append(texts, r.Label)
	}
	return types, texts, nil
}

// Labels lists the texts of the labels from one object to another.
func (c *Client) Labels(ctx context.Context, from, to core.Object) ([]string, error) {
	_, texts, err := c.labelTypes(ctx, from, to)
	return texts, err
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// LabelCreate makes a label. Its internal name follows from the text, so that one whose
// answer was lost is refused the second time instead of standing twice.
func (c *Client) LabelCreate(ctx context.Context, from, to core.Object, text string) error {
	name := "tandem_" + strings.Trim(notInNames.ReplaceAllString(strings.ToLower(text), "_"), "_")
	_, err := c.call(ctx, request{method: http.MethodPost, path: labelsPath(from, to), body: map[string]string{"label": text, "name": name}}, nil)
	return err
}

// linkLabelled associates with the labels of the ops beside those that stand.
func (w *writing) linkLabelled(ctx context.Context, batch []job) {
	to := batch[0].op.Associate.Object
	known, ok := w.labels(ctx, batch)
	if !ok {
		return
	}
	rows, ok := w.standing(ctx, batch)
	if !ok {
		return
	}
	w.link(ctx, batch, []string{"batch", "create"}, func(op *core.Op) []wireLinkType {
		return typesBeside(rows, op, append(plainType(w.object, to), typesOf(known, op)...)...)
	})
}

// plainType is the type of an association without a label that is written beside labels;
// none with custom objects, where HubSpot adds it by itself.
func plainType(from, to core.Object) []wireLinkType {
	if id := linkKinds[objectPair{from, to}].plain; id != 0 {
		return []wireLinkType{definedType(id)}
	}
	return nil
}

// labels are the labels that the ops of a batch may name; ok is false where they could
// not be read and the batch is settled.
func (w *writing) labels(ctx context.Context, batch []job) (map[string]wireLinkType, bool) {
	known, _, err := w.c.labelTypes(ctx, w.object, batch[0].op.Associate.Object)
	if err != nil {
		if w.settleRead(batch, err) {
			w.divide(ctx, batch, err)
		}
		return nil, false
	}
	return known, true
}

// typesOf are the types of the labels that an op names; one that is not there is passed
// over, and seen to be missing at the next look.
func typesOf(known map[string]wireLinkType, op *core.Op) (out []wireLinkType) {
	for _, text := range op.Labels {
		if t, ok := known[strings.ToLower(text)]; ok {
			out = append(out, t)
		}
	}
	return out
}

// dissociate takes labels away, or whole associations.
func (w *writing) dissociate(ctx context.Context, batch []job) {
	var whole, some []job
	for _, j := range batch {
		if len(j.op.Labels) == 0 {
			whole = append(whole, j)
		} else {
			some = append(some, j)
		}
	}
	if len(whole) > 0 {
		w.unlink(ctx, whole, []string{"batch", "archive"}, func(op *core.Op) any {
			return map[string]any{"from": wireID{op.Target.ID}, "to": []wireID{{op.Associate.ID}}}
		})
	}
	switch {
	case len(some) == 0:
	case w.stopped != nil:
		w.reject(some, w.stopped)
	default:
		if known, ok := w.labels(ctx, some); ok {
			w.unlink(ctx, some, []string{"batch", "labels", "archive"}, func(op *core.Op) any {
				return wireLinkInput{From: wireID{op.Target.ID}, To: wireID{op.Associate.ID}, Types: typesOf(known, op)}
			})
		}
	}
}

// unlink sends what takes associations away. Its success has no body; what is gone
// already is no error.
func (w *writing) unlink(ctx context.Context, batch []job, action []string, input func(*core.Op) any) {
	inputs := make([]any, len(batch))
	for i := range batch {
		inputs[i] = input(&batch[i].op)
	}
	path := pathOf("/crm/v4/associations", append([]string{string(w.object), string(batch[0].op.Associate.Object)}, action...)...)
	if _, err := w.c.call(ctx, request{method: http.MethodPost, path: path, body: map[string]any{"inputs": inputs}}, nil); err != nil {
		if w.settleCall(batch, err) {
			w.divide(ctx, batch, err)
		}
		return
	}
	w.answered = true
	for _, j := range batch {
		w.set(j, core.Outcome{Status: core.Applied, ID: j.op.Target.ID})
	}
}

var _ connector.Labels = (*Client)(nil)
