package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// maxBatchBytes keeps a collections request below the size that gateways before
// an org accept.
const maxBatchBytes = 4 << 20

// maxParts bounds how many calls the search for the bad records of one
// collections call may cost.
const maxParts = 48

// maxLearned bounds how many records one Write sends by themselves to learn
// what a duplicate rule matched.
const maxLearned = 200

// item is one op on its way: its place in the caller's list and its record as
// sent.
type item struct {
	at   int
	op   core.Op
	body json.RawMessage
}

// writing is one Write under way.
type writing struct {
	c     *Client
	kind  core.OpKind
	obj   core.Object
	out   []core.Outcome
	begun bool // an answer came, or might have: from now on everything is an outcome
}

// Write sends ops of one object, kind and Assign value, creates of persons and of
// others apart. Up to 2,000 go by
// collections of 200, each row for itself; more creates with a unique key and
// more updates go by a bulk job. Updates that say since when nobody may have
// changed their record go by composites of 25 that check it, unless they are more
// and nobody waits for them. Archives are deletes into the recycle bin.
func (c *Client) Write(ctx context.Context, ops []core.Op) ([]core.Outcome, error) {
	if len(ops) == 0 {
		return nil, nil
	}
	if makesPersons(ops) {
		return c.writePersons(ctx, ops)
	}
	if writesPrices(ops) {
		return c.writePriced(ctx, ops)
	}
	w := &writing{c: c, kind: ops[0].Kind, obj: ops[0].Target.Object, out: make([]core.Outcome, len(ops))}
	for i, op := range ops {
		w.out[i].Key = op.Key
	}
	if w.kind == core.OpUnsubscribe {
		w.all(ops, connector.CodeUnsupported, "Salesforce keeps opt-outs in a field of each record; update the field")
		return w.out, nil
	}
	if w.kind == core.OpAssociate {
		w.all(ops, connector.CodeUnsupported, "Salesforce keeps relations in reference fields; update the field")
		return w.out, nil
	}
	items, err := c.items(ctx, w.kind, w.obj, ops)
	if err != nil {
		return nil, err
	}
	if err := w.send(ctx, items); err != nil {
		return nil, err
	}
	return w.out, nil
}

// all rejects every op for the same reason.
func (w *writing) all(ops []core.Op, code, message string) {
	for i := range ops {
		w.out[i] = core.Outcome{Key: ops[i].Key, Status: core.Rejected, Class: core.ClassRejected, Code: code, Message: message}
	}
}

// send splits the items between bulk jobs and collections.
func (w *writing) send(ctx context.Context, items []item) error {
	jobs, rest := w.bulkParts(items)
	for _, job := range jobs {
		if err := w.ingest(ctx, job); err != nil {
			return err
		}
	}
	checked, rest := w.checkedParts(ctx, rest)
	for _, part := range checked {
		if err := w.checked(ctx, part); err != nil {
			return err
		}
	}
	for _, part := range chunks(rest) {
		if err := w.collection(ctx, part); err != nil {
			return err
		}
	}
	w.learnMatches(ctx, items)
	return nil
}

// items encodes the ops.
func (c *Client) items(ctx context.Context, kind core.OpKind, object core.Object, ops []core.Op) ([]item, error) {
	var types map[string]string
	if kind != core.OpArchive {
		var err error
		if types, err = c.fieldTypes(ctx, object); err != nil {
			return nil, err
		}
	}
	items := make([]item, len(ops))
	for i, op := range ops {
		body, err := encodeOp(op, types)
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", op.Target, err)
		}
		items[i] = item{at: i, op: op, body: body}
	}
	return items, nil
}

// encodeOp is the record of an op as a collections call takes it. A create
// carries its unique key, so that a second one is refused.
func encodeOp(op core.Op, types map[string]string) (json.RawMessage, error) {
	rec := make(map[string]any, len(op.Fields)+3)
	for name, value := range op.Fields {
		rec[name] = typed(value, types[strings.ToLower(name)])
	}
	if op.Kind == core.OpCreate && op.UniqueField != "" {
		rec[op.UniqueField] = op.UniqueValue
	}
	if op.Kind == core.OpUpdate {
		rec["id"] = op.Target.ID
	}
	rec["attributes"] = map[string]string{"type": string(op.Target.Object)}
	return json.Marshal(rec)
}

// chunks cuts items into calls: at most 200 records, a bounded size, and no id
// twice, which the org would refuse.
func chunks(items []item) [][]item {
	var out [][]item
	var size, start int
	ids := map[string]bool{}
	for i, it := range items {
		full := i-start == maxCollection || size+len(it.body) > maxBatchBytes
		if i > start && (full || it.op.Target.ID != "" && ids[it.op.Target.ID]) {
			out = append(out, items[start:i])
			start, size = i, 0
			clear(ids)
		}
		size += len(it.body)
		ids[it.op.Target.ID] = true
	}
	if start < len(items) {
		out = append(out, items[start:])
	}
	return out
}

// collection sends one call and settles its items. An error concerns the whole
// side and comes only while nothing was sent.
func (w *writing) collection(ctx context.Context, items []item) error {
	budget := maxParts
	return w.part(ctx, items, &budget)
}

// part sends items in one call; where the org refuses the call because of some
// record, halves find out which.
func (w *writing) part(ctx context.Context, items []item, budget *int) error {
	if err := ctx.Err(); err != nil {
		return w.refuseAll(items, notSent(err))
	}
	*budget--
	results, err := w.post(ctx, items)
	switch {
	case err == nil:
		w.begun = true
		w.settle(items, results)
		return nil
	case ambiguous(err):
		w.begun = true
		w.unknown(items, err)
		return nil
	case !perRecord(err):
		return w.refuseAll(items, err)
	case len(items) == 1:
		w.begun = true
		w.refuse(items[0], err)
		return nil
	case *budget <= 0:
		w.begun = true
		w.collateral(items, err)
		return nil
	}
	half := len(items) / 2
	if err := w.part(ctx, items[:half], budget); err != nil {
		return err
	}
	return w.part(ctx, items[half:], budget)
}

// post makes one collections call. A list of results of another length than the
// request says nothing about any record.
func (w *writing) post(ctx context.Context, items []item) ([]saveResult, error) {
	var results []saveResult
	if _, err := w.c.json(ctx, w.call(items), &results); err != nil {
		return nil, notFoundObject(err, w.obj)
	}
	if len(results) != len(items) {
		return nil, &connector.Error{Side: core.Salesforce, Class: core.ClassTransient, Code: connector.CodeNotJSON, Sent: true,
			Message: fmt.Sprintf("%d results came for %d records", len(results), len(items))}
	}
	return results, nil
}

// call builds the collections request of the items.
func (w *writing) call(items []item) call {
	cl := call{path: w.c.data("/composite/sobjects"), assign: w.kind == core.OpCreate && items[0].op.Assign}
	if w.kind == core.OpArchive {
		ids := make([]string, len(items))
		for i, it := range items {
			ids[i] = it.op.Target.ID
		}
		cl.method, cl.query = http.MethodDelete, "ids="+url.QueryEscape(strings.Join(ids, ","))+"&allOrNone=false"
		return cl
	}
	cl.method = http.MethodPost
	if w.kind == core.OpUpdate {
		cl.method = http.MethodPatch
	}
	records := make([]json.RawMessage, len(items))
	for i, it := range items {
		records[i] = it.body
	}
	cl.body, _ = json.Marshal(saveRequest{Records: records})
	return cl
}

// ambiguous reports that the org may have executed a call. Without a classified
// error the context ended while it was under way.
func ambiguous(err error) bool {
	var e *connector.Error
	return !errors.As(err, &e) || e.Sent
}

// perRecord reports a refusal that a single record can cause.
func perRecord(err error) bool {
	var e *connector.Error
	errors.As(err, &e)
	switch e.Code {
	case "INVALID_TYPE", "NOT_FOUND", connector.CodeForeignHost, connector.CodeTooLarge:
		return false
	}
	return e.Class == core.ClassRejected || e.Class == core.ClassSchema || e.Class == core.ClassDuplicate || e.Class == core.ClassGone
}

// notSent is the refusal of items whose turn did not come before the context
// ended.
func notSent(cause error) error {
	return &connector.Error{Side: core.Salesforce, Class: core.ClassTransient, Code: connector.CodeNetwork, Message: "the write was stopped before the record was sent", Err: cause}
}

// refuseAll hands back what refuses the whole side; once something was sent it
// is told by outcomes, since those before it stand.
func (w *writing) refuseAll(items []item, err error) error {
	if !w.begun {
		return err
	}
	for _, it := range items {
		w.refuse(it, err)
	}
	return nil
}
