package hubspot

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// associate links the targets with Op.Associate: plain links by the default
// type, primary ones by the pair's primary type beside the labels that stand.
func (w *writing) associate(ctx context.Context, batch []job) {
	var plain, primary, labelled []job
	for _, j := range batch {
		if len(j.op.Labels) > 0 {
			labelled = append(labelled, j)
		} else if j.op.Primary && linkKinds[objectPair{w.object, j.op.Associate.Object}].primary != 0 {
			primary = append(primary, j)
		} else {
			plain = append(plain, j)
		}
	}
	if len(plain) > 0 {
		w.link(ctx, plain, []string{"batch", "associate", "default"}, nil)
	}
	if len(labelled) > 0 {
		w.linkLabelled(ctx, labelled)
	}
	switch {
	case len(primary) == 0:
	case w.stopped != nil:
		w.reject(primary, w.stopped)
	default:
		w.linkPrimary(ctx, primary)
	}
}

// linkPrimary reads the labels that stand first, because writing types replaces
// them (associations v4 guide).
func (w *writing) linkPrimary(ctx context.Context, batch []job) {
	to := batch[0].op.Associate.Object
	rows, ok := w.standing(ctx, batch)
	if !ok {
		return
	}
	w.link(ctx, batch, []string{"batch", "create"}, func(op *core.Op) []wireLinkType {
		kind := linkKinds[objectPair{w.object, to}]
		return typesBeside(rows, op, definedType(kind.plain), definedType(kind.primary))
	})
}

// standing reads the associations that stand between the records of a batch; ok is
// false where that failed and the batch is settled.
func (w *writing) standing(ctx context.Context, batch []job) (rows wireLinkRows, ok bool) {
	to := batch[0].op.Associate.Object
	queries := make([]wireLinkQuery, 0, len(batch))
	for _, j := range batch {
		if q := (wireLinkQuery{ID: j.op.Target.ID}); !slices.Contains(queries, q) {
			queries = append(queries, q)
		}
	}
	rows, err := w.c.linkRows(ctx, w.object, to, queries)
	if err != nil {
		if w.settleRead(batch, err) {
			w.divide(ctx, batch, err)
		}
		return rows, false
	}
	return rows, true
}

// settleRead is settleCall for a read before the write: nothing was written.
func (w *writing) settleRead(batch []job, err error) (divisible bool) {
	var e *connector.Error
	if errors.As(err, &e) && e.Sent {
		unsent := *e
		unsent.Sent = false
		err = &unsent
	}
	return w.settleCall(batch, err)
}

// typesBeside are the types to write: those that stand between the two records, and
// others.
func typesBeside(rows wireLinkRows, op *core.Op, types ...wireLinkType) []wireLinkType {
	for _, row := range rows.Results {
		if string(row.From.ID) != op.Target.ID {
			continue
		}
		for _, target := range row.To {
			if string(target.ID) != op.Associate.ID {
				continue
			}
			for _, t := range target.Types {
				if have := (wireLinkType{t.Category, t.TypeID}); !slices.Contains(types, have) {
					types = append(types, have)
				}
			}
		}
	}
	return types
}

func (w *writing) link(ctx context.Context, batch []job, action []string, types func(*core.Op) []wireLinkType) {
	inputs := make([]wireLinkInput, 0, len(batch))
	for _, j := range batch {
		in := wireLinkInput{From: wireID{j.op.Target.ID}, To: wireID{j.op.Associate.ID}}
		if types != nil {
			in.Types = types(&j.op)
		}
		inputs = append(inputs, in)
	}
	path := pathOf("/crm/v4/associations", append([]string{string(w.object), string(batch[0].op.Associate.Object)}, action...)...)
	var out wireLinked
	_, err := w.c.call(ctx, request{method: http.MethodPost, path: path, body: map[string]any{"inputs": inputs}}, &out)
	if err != nil {
		if w.settleCall(batch, err) {
			w.divide(ctx, batch, err)
		}
		return
	}
	w.answered = true
	w.linked(batch, out)
}

// linked settles each op by the pair of ids in results and errors. The portal
// tells both directions.
func (w *writing) linked(batch []job, out wireLinked) {
	done := map[[2]string]bool{}
	for _, r := range out.Results {
		for _, pair := range [][2]string{{string(r.FromID), string(r.ToID)}, {string(r.From.ID), string(r.To.ID)}} {
			done[pair], done[[2]string{pair[1], pair[0]}] = true, true
		}
	}
	for _, j := range batch {
		if e := linkError(out.Errors, &j.op); e != nil {
			w.refuse(j, e)
			continue
		}
		if len(out.Errors) == 0 || done[[2]string{j.op.Target.ID, j.op.Associate.ID}] {
			w.set(j, core.Outcome{Status: core.Applied, ID: j.op.Target.ID})
			continue
		}
		w.unknown([]job{j}, &connector.Error{Code: "no_outcome", Message: "the portal's answer names neither a result nor an error for this association"})
	}
}

// linkError finds the error that names an op: by both ids, or by one of them
// where the error is about a record that is not there.
func linkError(errs []wireError, op *core.Op) *connector.Error {
	for i := range errs {
		from, to := errs[i].Context["fromObjectId"], errs[i].Context["toObjectId"]
		ids := append(slices.Clone(errs[i].Context["id"]), errs[i].Context["ids"]...)
		both := slices.Contains(from, op.Target.ID) && (len(to) == 0 || slices.Contains(to, op.Associate.ID))
		if both || slices.Contains(ids, op.Target.ID) || slices.Contains(ids, op.Associate.ID) || (len(from) == 0 && slices.Contains(to, op.Associate.ID)) {
			return itemError(&errs[i])
		}
	}
	return nil
}
