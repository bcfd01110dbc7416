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
	if final != "" && !slices.ContainsFunc(written, func(w userWrite) bool { return w.value == final }) && !r.everWritten(final) {
		r.broken("I5", "%s of %s and %s is %q, which no user wrote", f.hubspot, l.Refs[sf], l.Refs[hs], final)
	}
	if allowed := r.allowed(f, written); len(allowed) > 0 {
		r.result.Sets[0]++
		r.result.Sets[1] += len(allowed)
	}
	last := [2]userWrite{}
	for _, w := range written {
		last[w.Side] = w
	}
	for side, w := range last {
		if w.value == "" || w.value == final || r.known[w.value] || r.merged(w.Ref) {
			continue
		}
		if !r.wasShown(core.Side(side).Other(), f, w.value) && !r.redacted(ids, w.at) {
			r.broken("I4", "%s %q, which a user wrote on %s at %s, is neither kept nor in the conflict log; %s and %s show %q", f.hubspot, w.value, w.Ref, w.at.Format(time.DateTime), l.Refs[sf], l.Refs[hs], final)
		}
	}
}

// allowed are the values that would have been right at the end: the last that users
// wrote on a side since the other side showed the same.
func (r *run) allowed(f field, written []userWrite) (out []string) {
	if len(written) == 0 {
		return nil
	}
	last := written[len(written)-1]
	out = []string{last.value}
	for _, w := range slices.Backward(written) {
		if w.Side != last.Side && last.at.Sub(w.at) < concurrent && f.rule == "two_way" {
			return append(out, w.value)
		}
	}
	return out
}

// concurrent is within what time edits of both sides may not have seen each other: one
// poll, and the vendors' longest request.
const concurrent = 15 * time.Minute

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
		return slices.ContainsFunc(r.world.Org.Ledger(), func(e salesforcesim.Entry) bool {
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
