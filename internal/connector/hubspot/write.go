package hubspot

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// maxBatchCalls bounds the calls that one batch of 100 may cost when the portal
// refuses it as a whole and says nothing about which record is to blame.
const maxBatchCalls = 40

// job is one Op of a Write and its place in the caller's order.
type job struct {
	op    core.Op
	place int
}

// writing is one Write under way.
type writing struct {
	c        *Client
	object   core.Object
	kind     core.OpKind
	outcomes []core.Outcome
	answered bool  // at least one call reached the portal: its outcome stands
	stopped  error // why no further call is made
	calls    int   // left for the batch at hand
}

// Write sends ops in batches of 100. A record that the portal refuses never
// takes others of its batch with it: errors are told apart by trace id, by
// record id, by the property blamed, and at last by halving.
func (c *Client) Write(ctx context.Context, ops []core.Op) ([]core.Outcome, error) {
	if len(ops) == 0 {
		return nil, nil
	}
	if err := checkOps(ops); err != nil {
		return nil, err
	}
	w := &writing{c: c, object: ops[0].Target.Object, kind: ops[0].Kind, outcomes: make([]core.Outcome, len(ops))}
	for _, layer := range layers(ops) {
		for batch := range slices.Chunk(layer, batchSize) {
			w.calls = maxBatchCalls
			w.send(ctx, batch)
		}
	}
	if w.stopped != nil && !w.answered {
		return nil, w.stopped
	}
	return w.outcomes, nil
}

func checkOps(ops []core.Op) error {
	for i := range ops {
		op := &ops[i]
		switch {
		case op.Kind != ops[0].Kind || op.Target.Object != ops[0].Target.Object:
			return unsupported("write hubspot: ops of one call must share kind and object")
		case op.Kind == core.OpUpdate && !op.Associate.IsZero():
			return unsupported("write hubspot: an update cannot associate; send an associate op beside it")
		case op.Kind == core.OpCreate && unlinkable(op) != "":
			return unsupported(fmt.Sprintf("write hubspot: no association type from %s to %s is known", op.Target.Object, unlinkable(op)))
		case (op.Kind == core.OpAssociate || op.Kind == core.OpDissociate) && op.Associate.Object != ops[0].Associate.Object:
			return unsupported("write hubspot: associate ops of one call must name one object")
		}
	}
	return nil
}

// unlinkable is the object that a create is to be associated with and cannot be; blank
// where there is none.
func unlinkable(op *core.Op) core.Object {
	if op.Associate.IsZero() {
		return ""
	}
	for _, to := range append([]core.Ref{op.Associate}, op.Beside...) {
		if linkKinds[objectPair{op.Target.Object, to.Object}].plain == 0 {
			return to.Object
		}
	}
	return ""
}

func unsupported(message string) error {
	return &connector.Error{Side: core.HubSpot, Class: core.ClassRejected, Code: connector.CodeUnsupported, Message: message}
}

// layers splits the ops so that no call names a record twice: the portal
// refuses the whole batch then. The order of the ops on one record is kept.
func layers(ops []core.Op) [][]job {
	var out [][]job
	depth := map[string]int{}
	for i, op := range ops {
		n := 0
		if op.Kind == core.OpUpdate {
			n = depth[op.Target.ID]
			depth[op.Target.ID]++
		}
		if n == len(out) {
			out = append(out, nil)
		}
		out[n] = append(out[n], job{op, i})
	}
	return out
}

// send writes one batch, or settles it without a call after a stop.
func (w *writing) send(ctx context.Context, batch []job) {
	if len(batch) == 0 {
		return
	}
	if w.stopped == nil && ctx.Err() != nil {
		w.stopped = &connector.Error{Side: core.HubSpot, Class: core.ClassTransient, Code: connector.CodeNetwork,
			Message: "stopped before this was sent", Err: ctx.Err()}
	}
	switch {
	case w.stopped != nil:
		w.reject(batch, w.stopped)
	case w.calls == 0:
		w.reject(batch, &connector.Error{Side: core.HubSpot, Class: core.ClassTransient, Code: "batch_refused",
			RetryAt: w.c.cfg.Now(), Message: "the portal refused this record's batch because of others; it is tried again without them"})
	default:
		w.calls--
		w.sendNow(ctx, batch)
	}
}

func (w *writing) sendNow(ctx context.Context, batch []job) {
	switch w.kind {
	case core.OpCreate, core.OpUpdate:
		w.records(ctx, batch)
	case core.OpArchive:
		w.archive(ctx, batch)
	case core.OpAssociate:
		w.associate(ctx, batch)
	case core.OpDissociate:
		w.dissociate(ctx, batch)
	case core.OpUnsubscribe:
		w.unsubscribe(ctx, batch)
	default:
		w.reject(batch, unsupported(fmt.Sprintf("write hubspot: no op of kind %q", w.kind)))
	}
}

// settleCall books what a failed call means for its ops. It reports whether the
// failure is a refusal of the batch that can be told apart by smaller calls.
func (w *writing) settleCall(batch []job, err error) (divisible bool) {
	e := asError(err)
	switch {
	case e == nil: // before the call: no token, or the context ended
		w.stopped = err
		w.reject(batch, err)
	case e.Sent:
		w.answered = true
		w.unknown(batch, e)
	case e.Class == core.ClassAuth, e.Class == core.ClassQuota, e.Class == core.ClassTransient:
		w.stopped = e
		w.reject(batch, e)
	default:
		w.answered = true
		return true
	}
	return false
}

func (w *writing) set(j job, o core.Outcome) {
	o.Key = j.op.Key
	w.outcomes[j.place] = o
}

// unknown settles ops whose call may have happened.
func (w *writing) unknown(batch []job, e *connector.Error) {
	for _, j := range batch {
		w.set(j, core.Outcome{Status: core.Unknown, Class: core.ClassTransient, ID: j.op.Target.ID,
			Code: e.Code, Message: e.Message, RetryAt: e.RetryAt})
	}
}

// reject settles ops that were surely not applied.
func (w *writing) reject(batch []job, err error) {
	e := asError(err)
	if e == nil {
		e = &connector.Error{Class: core.ClassTransient, Code: connector.CodeNetwork, Message: oneLine(err.Error())}
	}
	for _, j := range batch {
		w.set(j, core.Outcome{Status: statusOf(e.Class), Class: e.Class, ID: j.op.Target.ID,
			Code: e.Code, Message: e.Message, Fields: e.Fields, RetryAt: e.RetryAt})
	}
}

// statusOf: a target that is gone is stale, anything else is a refusal.
func statusOf(class core.Class) core.Status {
	if class == core.ClassGone || class == core.ClassStale {
		return core.Stale
	}
	return core.Rejected
}

func (w *writing) archive(ctx context.Context, batch []job) {
	inputs := make([]wireInput, 0, len(batch))
	for _, j := range batch {
		inputs = append(inputs, wireInput{ID: j.op.Target.ID})
	}
	slices.SortFunc(inputs, func(a, b wireInput) int { return byID(a.ID, b.ID) })
	inputs = slices.CompactFunc(inputs, func(a, b wireInput) bool { return a.ID == b.ID })
	_, err := w.c.call(ctx, request{method: http.MethodPost, path: objectPath(w.object, "batch", "archive"),
		body: wireInputs{Inputs: inputs}}, nil)
	if err != nil {
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

// divide halves a refused batch; a single op takes the refusal itself.
func (w *writing) divide(ctx context.Context, batch []job, err error) {
	if len(batch) == 1 {
		w.refuse(batch[0], err)
		return
	}
	half := len(batch) / 2
	w.send(ctx, batch[:half])
	w.send(ctx, batch[half:])
}

func (w *writing) refuse(j job, err error) {
	w.reject([]job{j}, err)
}
