package hubspot

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// records creates or updates one batch.
func (w *writing) records(ctx context.Context, batch []job) {
	action := "update"
	if w.kind == core.OpCreate {
		action = "create"
	}
	var out wireRecords
	_, err := w.c.call(ctx, request{method: http.MethodPost, path: objectPath(w.object, "batch", action), body: writeBody(batch)}, &out)
	if err != nil {
		if w.settleCall(batch, err) {
			w.apart(ctx, batch, err)
		}
		return
	}
	w.answered = true
	rest := w.applied(batch, out.Results)
	rest = w.refused(rest, out.Errors)
	w.unknown(rest, &connector.Error{Code: "no_outcome", Message: "the portal's answer names neither a result nor an error for this record"})
	w.holders(ctx, batch)
}

func writeBody(batch []job) wireInputs {
	body := wireInputs{Inputs: make([]wireInput, 0, len(batch))}
	for _, j := range batch {
		in := wireInput{ID: j.op.Target.ID, Properties: properties(&j.op), TraceID: j.op.Key}
		if j.op.Kind == core.OpCreate && !j.op.Associate.IsZero() {
			in.Associations = []wireNewLink{{To: wireID{j.op.Associate.ID}, Types: []wireLinkType{definedType(linkType(&j.op))}}}
			for _, also := range j.op.Beside {
				plain := linkKinds[objectPair{j.op.Target.Object, also.Object}].plain
				in.Associations = append(in.Associations, wireNewLink{To: wireID{also.ID}, Types: []wireLinkType{definedType(plain)}})
			}
		}
		body.Inputs = append(body.Inputs, in)
	}
	return body
}

// properties are the values written; a create carries its unique key.
func properties(op *core.Op) map[string]string {
	if op.Kind != core.OpCreate || op.UniqueField == "" {
		return op.Fields
	}
	fields := maps.Clone(op.Fields)
	if fields == nil {
		fields = map[string]string{}
	}
	fields[op.UniqueField] = op.UniqueValue
	return fields
}

// linkType is the association type that a create with Associate sets; 0 where
// the pair has none. The primary type also makes the plain one.
func linkType(op *core.Op) int {
	kind := linkKinds[objectPair{op.Target.Object, op.Associate.Object}]
	if op.Primary && kind.primary != 0 {
		return kind.primary
	}
	return kind.plain
}

// applied matches results to ops by trace id, by record id or by our unique
// key, never by position, and gives the ops left over.
func (w *writing) applied(batch []job, results []wireRecord) []job {
	rest := slices.Clone(batch)
	for i := range results {
		r := &results[i]
		n := slices.IndexFunc(rest, func(j job) bool { return sameOp(&j.op, r) })
		if n < 0 {
			continue
		}
		record := r.record(w.object)
		w.set(rest[n], core.Outcome{Status: core.Applied, ID: record.Ref.ID, Values: record.Values, Stamp: record.Stamp})
		rest = slices.Delete(rest, n, n+1)
	}
	return rest
}

func sameOp(op *core.Op, r *wireRecord) bool {
	switch {
	case r.TraceID != "":
		return r.TraceID == op.Key
	case op.Kind == core.OpUpdate:
		return string(r.ID) == op.Target.ID || slices.Contains(splitList(r.Properties[mergedIDs]), op.Target.ID)
	case op.UniqueField != "":
		return r.Properties[op.UniqueField] == op.UniqueValue
	}
	return sameValues(op, r)
}

// sameValues recognises a created record without a key by the values it was
// given; the portal answers with what was written.
func sameValues(op *core.Op, r *wireRecord) bool {
	for name, value := range op.Fields {
		if got, ok := r.Properties[name]; !ok || got != value {
			return false
		}
	}
	return len(op.Fields) > 0
}

// refused matches the errors of a 207 by trace id or record id and gives the
// ops left over.
func (w *writing) refused(batch []job, errs []wireError) []job {
	rest := slices.Clone(batch)
	for i := range errs {
		e := itemError(&errs[i])
		named := func(j job) bool { return names(&errs[i], &j.op) }
		for _, j := range rest {
			if named(j) {
				w.refuse(j, e)
				w.outcomes[j.place].Existing = errs[i].verdict().existing
				blameAddress(&j.op, &w.outcomes[j.place])
			}
		}
		rest = slices.DeleteFunc(rest, named)
	}
	return rest
}

func names(e *wireError, op *core.Op) bool {
	if slices.Contains(e.Context["objectWriteTraceId"], op.Key) {
		return true
	}
	return op.Target.ID != "" && (slices.Contains(e.Context["ids"], op.Target.ID) || slices.Contains(e.Context["id"], op.Target.ID))
}

// itemError is one error of a 207. Where it does not tell its class it is a
// refusal of the record.
func itemError(w *wireError) *connector.Error {
	v := w.verdict()
	e := &connector.Error{Side: core.HubSpot, Class: v.class, Code: v.code, Message: v.message, Fields: v.fields}
	if e.Class == core.ClassNone {
		e.Class = core.ClassRejected
	}
	return e
}

// apart finds the records that made the portal refuse a whole batch. Where the
// complaint does not depend on the value (no such property, read only), every
// record that carries the property is refused at once; else the records that
// carry it, or all of them, are halved.
func (w *writing) apart(ctx context.Context, batch []job, err error) {
	if len(batch) == 1 {
		w.refuseSingle(ctx, batch[0], err)
		return
	}
	var e *connector.Error
	if !errors.As(err, &e) || len(e.Fields) == 0 {
		w.divide(ctx, batch, err)
		return
	}
	blamed, others := carriers(batch, e.Fields)
	switch {
	case len(blamed) == 0:
		w.divide(ctx, batch, err)
	case e.Class == core.ClassSchema && plainCode(e.Code):
		w.refuseCarriers(blamed, e)
		w.send(ctx, others)
	case len(others) == 0:
		w.divide(ctx, blamed, err)
	default:
		w.send(ctx, others)
		w.send(ctx, blamed)
	}
}

func plainCode(code string) bool { return code == codeNoProperty || code == codeReadOnly }

// refuseCarriers refuses each op for the blamed fields that it carries.
func (w *writing) refuseCarriers(blamed []job, e *connector.Error) {
	for _, j := range blamed {
		own := *e
		own.Fields = slices.DeleteFunc(slices.Clone(e.Fields), func(f string) bool { return !carries(&j.op, []string{f}) })
		w.refuse(j, &own)
	}
}

func carriers(batch []job, fields []string) (blamed, others []job) {
	for _, j := range batch {
		if carries(&j.op, fields) {
			blamed = append(blamed, j)
		} else {
			others = append(others, j)
		}
	}
	return blamed, others
}

func carries(op *core.Op, fields []string) bool {
	return slices.ContainsFunc(fields, func(f string) bool {
		_, ok := op.Fields[f]
		return ok || (op.Kind == core.OpCreate && op.UniqueField == f)
	})
}

// refuseSingle settles a batch of one, with the record that already exists
// where the portal tells it.
func (w *writing) refuseSingle(ctx context.Context, j job, err error) {
	w.refuse(j, err)
	w.outcomes[j.place].Existing = existingOf(err)
	blameAddress(&j.op, &w.outcomes[j.place])
	w.holders(ctx, []job{j})
}

// blameAddress names the property that a contact's update is refused for because another
// contact has its value: the portal says that the contact exists and not why, and but for
// unique properties, which it names, the address is all that two contacts cannot share.
func blameAddress(op *core.Op, o *core.Outcome) {
	if _, given := op.Fields[emailProperty]; given && op.Kind == core.OpUpdate && op.Target.Object == core.Contacts && o.Class == core.ClassDuplicate && len(o.Fields) == 0 {
		o.Fields = []string{emailProperty}
	}
}

const emailProperty = "email"

// existingOf is the id that classify found in a whole-call conflict.
func existingOf(err error) string {
	var e *connector.Error
	if !errors.As(err, &e) {
		return ""
	}
	return existingID(&wireError{Message: e.Message})
}

// holders looks up who holds the unique value of creates that were refused as
// duplicates without a name: a strongly consistent read by our own key.
func (w *writing) holders(ctx context.Context, batch []job) {
	byField := map[string][]job{}
	for _, j := range batch {
		o := &w.outcomes[j.place]
		if o.Class == core.ClassDuplicate && o.Existing == "" && j.op.UniqueField != "" {
			byField[j.op.UniqueField] = append(byField[j.op.UniqueField], j)
		}
	}
	for _, field := range slices.Sorted(maps.Keys(byField)) {
		w.findHolders(ctx, field, byField[field])
	}
}

// findHolders leaves Existing blank where the read fails or finds nobody: the
// refusal stands either way.
func (w *writing) findHolders(ctx context.Context, field string, jobs []job) {
	q := connector.Query{Object: w.object, By: field}
	for _, j := range jobs {
		q.Values = append(q.Values, j.op.UniqueValue)
	}
	found, err := w.c.batchRead(ctx, q, q.Values, false)
	if err != nil {
		return
	}
	for _, j := range jobs {
		for _, r := range found {
			if r.Values[field] == j.op.UniqueValue {
				w.outcomes[j.place].Existing = r.Ref.ID
			}
		}
	}
}
