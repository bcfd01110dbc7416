package salesforce

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// maxComposite is how many subrequests one composite call may hold (REST API
// Developer Guide, "Composite").
const maxComposite = 25

// checkedParts splits off the updates that carry the moment they were decided by,
// cut into composite calls: only the single-record resource takes
// If-Unmodified-Since (REST API Developer Guide, "Conditional Requests"). Where
// nobody waits for more of them than one call holds, they go by collections, which
// cost a quarter of the calls or less and check nothing. Those that are strict never
// do.
func (w *writing) checkedParts(ctx context.Context, items []item) (checked [][]item, rest []item) {
	if w.kind != core.OpUpdate {
		return nil, items
	}
	loose := func(it item) bool { return it.op.Unmodified.IsZero() }
	if n := len(slices.DeleteFunc(slices.Clone(items), loose)); n > maxComposite && connector.PriorityOf(ctx) != connector.Live {
		loose = func(it item) bool { return !it.op.Strict }
	}
	var all []item
	for _, it := range items {
		if loose(it) {
			rest = append(rest, it)
		} else {
			all = append(all, it)
		}
	}
	return slices.Collect(slices.Chunk(all, maxComposite)), rest
}

type compositeRequest struct {
	AllOrNone bool         `json:"allOrNone"`
	Requests  []subrequest `json:"compositeRequest"`
}

type subrequest struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Ref     string            `json:"referenceId"`
	Headers map[string]string `json:"httpHeaders,omitempty"`
	Body    json.RawMessage   `json:"body,omitempty"`
}

type compositeAnswer struct {
	Responses []struct {
		Status int             `json:"httpStatusCode"`
		Body   json.RawMessage `json:"body"`
	} `json:"compositeResponse"`
}

// checked updates records by themselves, each only where nobody changed it since
// the moment its op names. The header has whole seconds, as Salesforce's stamps.
func (w *writing) checked(ctx context.Context, items []item) error {
	req := compositeRequest{}
	for i, it := range items {
		one := w.single(it)
		req.Requests = append(req.Requests, subrequest{Method: one.method, URL: one.path, Ref: "r" + strconv.Itoa(i), Body: one.body,
			Headers: map[string]string{"If-Unmodified-Since": it.op.Unmodified.UTC().Format(http.TimeFormat), "Sforce-Auto-Assign": "FALSE"}})
	}
	body, err := json.Marshal(req)
	if err != nil {
		return fmt.Errorf("encode a composite of %d records: %w", len(items), err)
	}
	var ans compositeAnswer
	_, err = w.c.json(ctx, call{method: http.MethodPost, path: w.c.data("/composite"), body: body}, &ans)
	switch {
	case err == nil && len(ans.Responses) == len(items):
		w.begun = true
		w.settleChecked(items, ans)
	case err == nil || ambiguous(err):
		w.begun = true
		w.unknown(items, orElseErr(err, len(ans.Responses), len(items)))
	case perRecord(err):
		return w.unchecked(ctx, items, err)
	default:
		return w.refuseAll(items, err)
	}
	return nil
}

// unchecked sends each row for itself where the composite as such is refused. What may
// only go checked is refused with it.
func (w *writing) unchecked(ctx context.Context, items []item, cause error) error {
	w.begun = true
	var rest []item
	for _, it := range items {
		if it.op.Strict {
			w.refuse(it, cause)
			continue
		}
		rest = append(rest, it)
	}
	if len(rest) == 0 {
		return nil
	}
	return w.collection(ctx, rest)
}

// orElseErr says of an answer of the wrong length that it tells nothing.
func orElseErr(err error, got, want int) error {
	if err != nil {
		return err
	}
	return &connector.Error{Side: core.Salesforce, Class: core.ClassTransient, Code: connector.CodeNotJSON, Sent: true, Message: fmt.Sprintf("%d results came for %d records", got, want)}
}

func (w *writing) settleChecked(items []item, ans compositeAnswer) {
	for i, it := range items {
		w.out[it.at] = w.checkedOutcome(it.op, ans.Responses[i].Status, ans.Responses[i].Body)
	}
}

// checkedOutcome is what a subresponse says of an op.
func (w *writing) checkedOutcome(op core.Op, status int, body []byte) core.Outcome {
	switch {
	case status == http.StatusPreconditionFailed:
		return core.Outcome{Key: op.Key, Status: core.Stale, Class: core.ClassStale, Code: connector.CodeChanged, Message: "the record was changed after it was read, at " + op.Unmodified.UTC().Format(time.RFC3339) + " or later"}
	case status >= 200 && status < 300:
		return core.Outcome{Key: op.Key, Status: core.Applied, ID: ID18(op.Target.ID)}
	}
	e := classify(status, nil, body, w.c.cfg.Now())
	if e.Sent || status == 0 {
		return core.Outcome{Key: op.Key, Status: core.Unknown, Class: core.ClassTransient, Code: e.Code, Message: e.Message}
	}
	return refused(op, e)
}
