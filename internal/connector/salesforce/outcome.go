package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// settle takes the results of one call, which come in the order of its records.
func (w *writing) settle(items []item, results []saveResult) {
	for i, it := range items {
		w.out[it.at] = w.outcome(it.op, results[i])
	}
}

// outcome is what a save result says of an op. A result for another record than
// the one written says nothing about it.
func (w *writing) outcome(op core.Op, r saveResult) core.Outcome {
	id := orElse(ID18(r.ID), r.ID)
	if r.Success && op.Kind != core.OpCreate && ID18(op.Target.ID) != id {
		return core.Outcome{Key: op.Key, Status: core.Unknown, Class: core.ClassTransient, Code: connector.CodeNotJSON, Message: "the result is for record " + id}
	}
	if r.Success {
		return core.Outcome{Key: op.Key, Status: core.Applied, ID: id}
	}
	if len(r.Errors) == 0 {
		return core.Outcome{Key: op.Key, Status: core.Unknown, Class: core.ClassTransient, Code: connector.CodeNotJSON, Message: "the result is neither a success nor an error"}
	}
	return refused(op, refusal(r.Errors, w.c.cfg.Now()))
}

// refused is the outcome of an op that was surely not applied.
func refused(op core.Op, e *connector.Error) core.Outcome {
	o := core.Outcome{Key: op.Key, Status: core.Rejected, Class: e.Class, Code: e.Code, Message: e.Message, Fields: e.Fields, RetryAt: e.RetryAt}
	if e.Code == "INVALID_CROSS_REFERENCE_KEY" && len(e.Fields) == 0 && op.Kind != core.OpCreate {
		o.Class = core.ClassGone // the record itself is the reference that does not resolve
	}
	if o.Class == core.ClassGone || o.Class == core.ClassStale {
		o.Status = core.Stale
	}
	var list apiErrors
	if errors.As(e.Err, &list) {
		o.Existing = holder(op, list)
	}
	return o
}

// holder is the record that holds the value of an op already: named in the text
// of DUPLICATE_VALUE, or the one match of a duplicate rule among records of the
// same object. Several matches are nobody's to choose from here.
func holder(op core.Op, list apiErrors) string {
	matches := map[string]bool{}
	for _, e := range list {
		if m := holderID.FindStringSubmatch(e.Message); m != nil && e.code() == "DUPLICATE_VALUE" {
			if id := ID18(m[1]); id != ID18(op.Target.ID) {
				return id
			}
		}
		e.matches(op.Target.Object, matches)
	}
	delete(matches, ID18(op.Target.ID))
	if len(matches) != 1 {
		return ""
	}
	for id := range matches {
		return id
	}
	return ""
}

// matches adds the records of the object that a duplicate rule found.
func (e apiError) matches(object core.Object, into map[string]bool) {
	for _, d := range []*duplicateResult{e.Resut, e.Result} {
		if d == nil {
			continue
		}
		for _, m := range d.MatchResults {
			for _, r := range m.MatchRecords {
				kind := orElse(r.Record.Attributes.Type, m.EntityType)
				if id := ID18(r.Record.ID); id != "" && kind == string(object) {
					into[id] = true
				}
			}
		}
	}
}

// refuse settles an item whose whole call was refused because of it.
func (w *writing) refuse(it item, err error) {
	var e *connector.Error
	if errors.As(err, &e) {
		w.out[it.at] = refused(it.op, e)
	}
}

// collateral settles items whose call was refused because of some other record
// that could not be found within the calls allowed.
func (w *writing) collateral(items []item, err error) {
	for _, it := range items {
		w.refuse(it, err)
		w.out[it.at].Status, w.out[it.at].Class = core.Rejected, core.ClassTransient
		w.out[it.at].RetryAt = w.c.cfg.Now().Add(time.Minute)
	}
}

// unknown settles items of a call that may have been executed.
func (w *writing) unknown(items []item, err error) {
	code, message := connector.CodeNetwork, "the call was interrupted"
	var e *connector.Error
	if errors.As(err, &e) {
		code, message = e.Code, e.Message
	}
	for _, it := range items {
		w.out[it.at] = core.Outcome{Key: it.op.Key, Status: core.Unknown, Class: core.ClassTransient, Code: code, Message: message}
	}
}

// learnMatches repeats ops that a duplicate rule refused at the single-record
// resource, the only one that tells which record matched. Beyond the bound the
// match stays untold.
func (w *writing) learnMatches(ctx context.Context, items []item) {
	left := maxLearned
	for _, it := range items {
		o := w.out[it.at]
		if o.Status != core.Rejected || o.Code != "DUPLICATES_DETECTED" || o.Existing != "" || left == 0 || ctx.Err() != nil {
			continue
		}
		left--
		var result saveResult
		_, err := w.c.json(ctx, w.single(it), &result)
		switch {
		case err == nil && w.kind == core.OpUpdate:
			w.out[it.at] = core.Outcome{Key: it.op.Key, Status: core.Applied, ID: it.op.Target.ID}
		case err == nil:
			w.out[it.at] = w.outcome(it.op, result)
		case ambiguous(err):
			w.unknown([]item{it}, err)
		case perRecord(err):
			w.refuse(it, err)
		}
	}
}

// single is the request for one record by itself. The id is in the path and may
// not be in the body.
func (w *writing) single(it item) call {
	var rec map[string]json.RawMessage
	_ = json.Unmarshal(it.body, &rec)
	delete(rec, "id")
	delete(rec, "attributes")
	body, _ := json.Marshal(rec)
	cl := call{method: http.MethodPost, path: w.c.data("/sobjects/%s", w.obj), body: body, assign: w.kind == core.OpCreate && it.op.Assign}
	if w.kind == core.OpUpdate {
		cl.method, cl.path = http.MethodPatch, w.c.data("/sobjects/%s/%s", w.obj, it.op.Target.ID)
	}
	return cl
}

// splitJobError takes a bulk error apart: "CODE:message:fields --" in a cell,
// "CODE : message" for a job.
func splitJobError(cell string) (code, message string) {
	code, message, ok := strings.Cut(cell, ":")
	if code = strings.TrimSpace(code); !ok || strings.ContainsAny(code, " \t") {
		return "BULK_ERROR", strings.TrimSpace(cell)
	}
	return code, strings.TrimSpace(message)
}
