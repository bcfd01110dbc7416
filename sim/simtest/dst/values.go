package dst

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// values judges each field of a pair: what it shows is what a user wrote (I5), and what
// users wrote and it does not show came across once or stands in the conflict log (I4).
func (r *run) values(l *core.Link, issues []core.Issue) {
	ids := [2][]core.Ref{r.lineage(l.Refs[sf]), r.lineage(l.Refs[hs])}
	for _, f := range mapped[l.Pair] {
		if f.hubspot == "email" || excused(issues, l, f.hubspot, f.of(l.Refs[sf].Object)) {
			continue // addresses are of few values, which many people had
		}
		final, ok := r.shown(l.Refs[hs], f.hubspot)
		if !ok {
			continue
		}
		r.judgeValue(l, f, ids, final)
	}
}

func (r *run) judgeValue(l *core.Link, f field, ids [2][]core.Ref, final string) {
	written := r.written(f, ids)
	stands := func(value string) bool { return canonical(f, value) == canonical(f, final) } // in either form of its letters
	if final != "" && !slices.ContainsFunc(written, func(w userWrite) bool { return stands(w.value) }) && !r.everWritten(final) {
		r.broken("I5", "%s of %s and %s is %q, which no user wrote", f.hubspot, l.Refs[sf], l.Refs[hs], final)
	}
	if allowed := r.allowed(l, f, written); len(allowed) > 0 {
		r.result.Sets[0]++
		r.result.Sets[1] += len(allowed)
		if r.straight(l) && !slices.ContainsFunc(allowed, stands) {
			r.broken("I4", "%s of %s and %s is %q, and users who knew what was there wrote %q since", f.hubspot, l.Refs[sf], l.Refs[hs], final, allowed)
		}
	}
	last := [2]userWrite{}
	for _, w := range written {
		last[w.Side] = w
	}
	for side, w := range last {
		if w.value == "" || stands(w.value) || r.known[w.value] || r.merged(w.Ref) {
			continue
		}
		if !r.wasShown(core.Side(side).Other(), f, w.value) && !r.redacted(ids, w.at) {
			r.broken("I4", "%s %q, which a user wrote on %s at %s, is neither kept nor in the conflict log; %s and %s show %q", f.hubspot, w.value, w.Ref, w.at.Format(time.DateTime), l.Refs[sf], l.Refs[hs], final)
		}
	}
}

// allowed are the values that would be right at the end: the last that a user wrote, and
// the last of the other side where that user did not know it. None are told where the field
// prefers what Salesforce shows, whoever wrote that.
func (r *run) allowed(l *core.Link, f field, written []userWrite) (out []string) {
	if len(written) == 0 {
		return nil
	}
	last := written[len(written)-1]
	if f.rule != "two_way" && last.Side == hs {
		return nil
	}
	out = []string{last.value}
	for _, w := range slices.Backward(written) {
		if w.Side != last.Side {
			if f.rule != "two_way" || !r.knewOf(l, f, w, last) || w.Side == sf && r.editedSince(l.Refs[sf], last.at) {
				out = append(out, w.value)
			}
			break
		}
	}
	return out
}

// knewOf reports that the record which a user wrote to had shown the other side's value
// before.
func (r *run) knewOf(l *core.Link, f field, other, user userWrite) bool {
	if user.Side == sf {
		return slices.ContainsFunc(r.orgLedger(), func(e salesforcesim.Entry) bool {
			at := e.Time.Add(-time.Duration(r.h.Shape.Ahead[sf]))
			return e.Object == string(l.Refs[sf].Object) && e.ID == l.Refs[sf].ID && e.After == any(other.value) && strings.EqualFold(f.of(user.Object), e.Field) && at.Before(user.at.Add(-concurrent))
		})
	}
	return slices.ContainsFunc(r.ledger(), func(e hubspotsim.Entry) bool {
		at := e.Time.Add(-time.Duration(r.h.Shape.Ahead[hs]))
		return e.Object == string(l.Refs[hs].Object) && e.ID == l.Refs[hs].ID && e.After == other.value && e.Property == f.hubspot && at.Before(user.at.Add(-concurrent))
	})
}

// concurrent is within what time a user may not have seen what arrived, nor the engine
// stored that it did: one poll, and the vendors' longest request.
const concurrent = 15 * time.Minute

// editedSince reports that a user edited a record of Salesforce after a moment, which makes
// its older values look as late: its stamp is of the whole record.
func (r *run) editedSince(ref core.Ref, at time.Time) bool {
	return slices.ContainsFunc(r.writes, func(w userWrite) bool { return w.Ref == ref && w.at.After(at) })
}

// straight reports that two records have been each other's only partners, in sight all the
// time: no merge, conversion, deletion, older store or second portal comes between them.
func (r *run) straight(l *core.Link) bool {
	if len(r.worlds) > 1 || r.hadAnother(l) {
		return false
	}
	for _, ref := range l.Refs {
		if t := r.find(ref); t == nil || t.odd || len(t.past) > 0 {
			return false
		}
	}
	return !r.restored && r.unveiled.IsZero()
}

// hadAnother reports that a record carried the key of another partner at some time.
func (r *run) hadAnother(l *core.Link) bool {
	other := func(object, id, field, value string, side core.Side) bool {
		return l.Refs[side] == core.Ref{Side: side, Object: core.Object(object), ID: id} && isKey(field) && value != "" && value != l.Refs[side.Other()].ID
	}
	return slices.ContainsFunc(r.ledger(), func(e hubspotsim.Entry) bool { return other(e.Object, e.ID, e.Property, e.After, hs) }) ||
		slices.ContainsFunc(r.orgLedger(), func(e salesforcesim.Entry) bool {
			value, _ := e.After.(string)
			return other(e.Object, e.ID, e.Field, value, sf)
		})
}

// written are the users' writes of a field on a pair's records, and those these go on
// for, in their order.
func (r *run) written(f field, ids [2][]core.Ref) (out []userWrite) {
	for _, w := range r.writes {
		if slices.Contains(ids[w.Side], w.Ref) && strings.EqualFold(w.field, f.of(w.Object)) {
			out = append(out, w)
		}
	}
	return out
}

// everWritten reports that some user wrote a value on some record: merges and
// conversions carry values between records.
func (r *run) everWritten(value string) bool {
	return value == "Co" || slices.ContainsFunc(r.writes, func(w userWrite) bool { return w.value == value })
}

// lineage is a record with all that it goes on for.
func (r *run) lineage(ref core.Ref) []core.Ref {
	out := []core.Ref{ref}
	if t := r.find(ref); t != nil {
		out = append(out, t.past...)
	}
	return out
}

// merged reports that a record was merged away: whose values a survivor keeps is the
// CRM's choice.
func (r *run) merged(ref core.Ref) bool {
	t := r.find(ref)
	return t != nil && t.into != core.Ref{}
}

// wasShown reports that a record of a side showed a value at some time: each value is
// written once, and the record that had it from there may have been another partner.
func (r *run) wasShown(side core.Side, f field, value string) bool {
	if side == sf {
		return slices.ContainsFunc(r.orgLedger(), func(e salesforcesim.Entry) bool {
			return e.After == any(value) && strings.EqualFold(f.of(core.Object(e.Object)), e.Field)
		})
	}
	return slices.ContainsFunc(r.ledger(), func(e hubspotsim.Entry) bool {
		return e.After == value && e.Property == f.hubspot
	})
}

// redacted reports that the journal of a pair's records was emptied after a moment, since
// somebody they stood for was erased on request (AMB-13): what was lost by then is not to be
// known any more.
func (r *run) redacted(ids [2][]core.Ref, since time.Time) (yes bool) {
	err := r.world.Store.View(context.Background(), func(tx *store.Tx) error {
		for _, c := range r.conns() {
			entries, err := tx.History(c.ID, slices.Concat(ids[sf], ids[hs]), 0, 100000)
			if err != nil {
				return err
			}
			for _, e := range entries {
				var body engine.Entry
				if err := json.Unmarshal(e.Body, &body); err != nil {
					return err
				}
				yes = yes || body.Redacted && !e.At.Before(since)
			}
		}
		return nil
	})
	if err != nil {
		r.broken("I12", "the journal cannot be read: %v", err)
	}
	return yes
}
