package engine

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// Entry is the body of one journal entry: what was decided for a record, what
// was written, and what came of it.
type Entry struct {
	Verdict   Verdict         `json:"verdict,omitempty"`
	Reasons   []string        `json:"reasons,omitempty"`
	Decisions []core.Decision `json:"decisions,omitempty"`
	Writes    []Write         `json:"writes,omitempty"`
	Conflicts []Conflict      `json:"conflicts,omitempty"`
	Issues    []string        `json:"issues,omitempty"`
	Note      string          `json:"note,omitempty"`
	Left      []Left          `json:"left,omitempty"` // what an undo left as it is
	// FieldsLeft counts the issues of single fields where all else of a pair is in step.
	FieldsLeft int `json:"fields_left,omitempty"`
	// Late says that the entry tells its run, which had ended, how a record of it stands by
	// now, and nothing else; Later is the run that wrote the record then, 0 for none.
	Late  bool  `json:"late,omitempty"`
	Later int64 `json:"later,omitempty"`
	// Redacted says that the entry's values were taken out of the journal.
	Redacted bool `json:"redacted,omitempty"`
}

// Write is one op with its outcome.
type Write struct {
	Kind    core.OpKind       `json:"kind"`
	Side    string            `json:"side"`
	Object  core.Object       `json:"object"`
	ID      string            `json:"id,omitempty"`
	Rule    string            `json:"rule"`
	Before  map[string]string `json:"before,omitempty"`
	After   map[string]string `json:"after,omitempty"`
	Status  core.Status       `json:"status"`
	Code    string            `json:"code,omitempty"`
	Message string            `json:"message,omitempty"`
	// Stored are the values of After that the side keeps in another form.
	Stored map[string]string `json:"stored,omitempty"`
	// Stamp is the version of the record that the write left behind, where it was seen.
	Stamp time.Time `json:"stamp,omitzero"`
	// Over is the version of the record that an update was decided by.
	Over time.Time `json:"over,omitzero"`
	// Associate is the other end of an association, with the labels it got or lost.
	Associate *core.Ref `json:"associate,omitempty"`
	Labels    []string  `json:"labels,omitempty"`
	// Beside are further records that a create was associated with.
	Beside []core.Ref `json:"beside,omitempty"`

	sent time.Time // of a write that is recalled
}

// with are the records that the write associated its own one with.
func (w Write) with() []core.Ref {
	if w.Associate == nil {
		return nil
	}
	return append([]core.Ref{*w.Associate}, w.Beside...)
}

// took reports a write that took effect, or may have.
func (w Write) took() bool { return w.Status == core.Applied || w.Status == core.Unknown }

// Conflict is a value that was given up because both sides had changed.
type Conflict struct {
	Field string `json:"field"`
	Side  string `json:"side"` // whose value was lost
	Lost  string `json:"lost"`
	Kept  string `json:"kept"`
	Base  string `json:"base,omitempty"` // the value that was agreed on before, as far as it is kept
	Rule  string `json:"rule"`
	Case  string `json:"case"`
}

// journal is what an item leaves behind. A record that was looked at and found
// as agreed leaves nothing, so that sweeps and echoes do not fill the journal.
func (b *batch) journal(it *item) []told {
	body := Entry{Verdict: it.verdict, Reasons: it.reasons.Names(), Decisions: it.decisions, Writes: it.writes(), Conflicts: it.conflicts(b)}
	for _, i := range it.issues {
		body.Issues = append(body.Issues, i.Code)
	}
	body.FieldsLeft = it.fieldsLeft()
	if it.undo != nil {
		body.Left = it.undo.left
	}
	if len(body.Writes) == 0 && len(body.Issues) == 0 && len(body.Conflicts) == 0 && it.newLink == nil && it.relink == nil && it.run == 0 && it.ended.id == 0 && it.verdict == InSync {
		return nil
	}
	kind := store.EntryDecision
	if len(body.Writes) > 0 {
		kind = store.EntryOutcome
	}
	if len(body.Conflicts) > 0 {
		kind = store.EntryConflict
	}
	entry := store.Entry{At: b.at, Run: it.run, Pair: b.pair, Ref: it.ref(), Kind: kind, Body: room.MustJSON(body)}
	if l := it.activeLink(); l != nil {
		entry.LinkID = l.ID
	}
	out := told{Entry: entry, wrote: slices.ContainsFunc(body.Writes, Write.took)}
	if b.stillOpen(it) {
		out.unless = it.refs()
	} else {
		out.late = it.ended.told(it.refs(), &body)
	}
	return append(append(it.strays(b), it.early(entry)...), out)
}

// strays name in the history of a record what an earlier life is found to have written to it
// for another one, before the two were linked. The values stand in the other's history alone,
// where an erasure finds them.
func (it *item) strays(b *batch) (out []told) {
	if !it.unknown.IsZero() {
		return nil // the next look finds them once more
	}
	for _, w := range it.recalled {
		if w.Kind != core.OpUpdate || it.knows(w.ref()) {
			continue
		}
		body := Entry{Note: "written for " + it.ref().Label() + " before the process stopped (" + strings.Join(room.SortedKeys(w.After), ", ") + "); the values stand in the history of that record"}
		out = append(out, told{Entry: store.Entry{At: b.at, Run: it.run, Pair: b.pair, Ref: w.ref(), Kind: store.EntryDecision, Body: room.MustJSON(body)}})
	}
	return out
}

// knows reports that a record is of the item's pair.
func (it *item) knows(r core.Ref) bool {
	for _, l := range []*core.Link{it.link, it.newLink, it.relink} {
		if l != nil && slices.Contains(l.Refs[:], r) {
			return true
		}
	}
	return slices.Contains(it.refs(), r)
}

// fieldsLeft counts the item's issues where each is of a single field and all else was
// written; 0 otherwise.
func (it *item) fieldsLeft() int {
	for _, o := range it.outcomes {
		if o.Status != core.Applied {
			return 0
		}
	}
	whole := func(i core.Issue) bool { return i.Field == "" }
	if it.activeLink() == nil || slices.ContainsFunc(it.issues, whole) {
		return 0
	}
	return len(it.issues)
}

// stillOpen reports that a look found nothing but problems that were open before,
// and changed nothing: the issue itself counts how often and when last.
func (b *batch) stillOpen(it *item) bool {
	if len(it.issues) == 0 || it.run != 0 || it.newLink != nil || it.relink != nil || len(it.conflicts(b)) > 0 {
		return false
	}
	for _, o := range it.outcomes {
		if o.Status == core.Applied || o.Status == core.Unknown {
			return false
		}
	}
	for _, i := range it.issues {
		same := func(was core.Issue) bool {
			return was.Field == i.Field && was.Code == i.Code && was.Value == i.Value && was.Message == i.Message
		}
		if !slices.ContainsFunc(b.issues[i.Ref], same) {
			return false
		}
	}
	return true
}

// told is an entry for the journal. One that only tells of problems that were open
// before is left out where the journal holds anything of the refs in unless.
type told struct {
	store.Entry
	unless []core.Ref
	wrote  bool      // of writes that took effect, or may have
	late   *lateTold // what a run that had ended is told of the record
}

// decision says that the entry tells what was decided and nothing else.
func (t *told) decision() bool { return t.Kind == store.EntryDecision && t.Run == 0 }

// onlyNews leaves out what the journal tells already: problems that were open
// before, and decisions that say of a record what the last entry about it says,
// whatever made for the look.
func onlyNews(tx *store.Tx, conn int64, all []told) ([]store.Entry, error) {
	var refs []core.Ref
	for i := range all {
		refs = append(refs, all[i].unless...)
		if all[i].decision() {
			refs = append(refs, all[i].Ref)
		}
	}
	var last map[core.Ref]store.Entry
	if len(refs) > 0 {
		var err error
		if last, err = tx.JournalLast(conn, refs); err != nil {
			return nil, err
		}
	}
	var news []store.Entry
	for i := range all {
		if !all[i].oldIn(last) {
			news = append(news, all[i].Entry)
		}
	}
	return news, nil
}

func (t *told) oldIn(last map[core.Ref]store.Entry) bool {
	if slices.ContainsFunc(t.unless, func(r core.Ref) bool { return last[r].Seq != 0 }) {
		return true
	}
	was := last[t.Ref]
	return t.decision() && was.Kind == t.Kind && sameNews(was.Body, t.Body)
}

func sameNews(a, b []byte) bool {
	var bodies [2]Entry
	for i, raw := range [][]byte{a, b} {
		if json.Unmarshal(raw, &bodies[i]) != nil {
			return false
		}
		bodies[i].Reasons = nil
		for _, d := range bodies[i].Decisions {
			delete(d.Facts, "reasons")
		}
	}
	return reflect.DeepEqual(bodies[0], bodies[1])
}

func (it *item) writes() []Write {
	var out []Write
	if it.unknown.IsZero() {
		out = append(out, it.recalledBy(false)...)
	}
	for _, op := range it.sent() {
		o, ok := it.outcomes[op.Key]
		if !ok {
			continue
		}
		w := Write{Kind: op.Kind, Side: op.Target.Side.String(), Object: op.Target.Object, ID: op.Target.ID, Rule: op.Rule,
			Before: op.Before, After: untimed(op.Fields), Status: o.Status, Code: o.Code, Message: o.Message}
		if o.ID != "" {
			w.ID = o.ID
		}
		if !op.Associate.IsZero() {
			w.Associate, w.Labels, w.Beside = &op.Associate, op.Labels, op.Beside
		}
		it.observed(op, &w)
		out = append(out, w)
	}
	return out
}

// observed completes a write with what its record showed behind it.
func (it *item) observed(op *core.Op, w *Write) {
	side, o := op.Target.Side, it.outcomes[op.Key]
	if o.Status != core.Applied || it.ops[side] != op {
		return
	}
	w.Stamp = room.Latest(o.Stamp, it.stamps[side])
	if op.Kind == core.OpUpdate {
		w.Over = it.recs[side].Stamp
	}
	shown := it.written[side]
	if shown == nil {
		shown = o.Values
	}
	for f, sent := range w.After {
		v, seen := shown[f]
		if !seen || core.Same(v, sent) {
			continue
		}
		if w.Stored == nil {
			w.Stored = map[string]string{}
		}
		w.Stored[f] = v
	}
}

func (it *item) conflicts(b *batch) []Conflict {
	out := append(slices.Clone(it.lost), it.lostRelations()...)
	if b.mapping(it) == nil {
		return out
	}
	for i, r := range it.results {
		names := b.mapping(it).Synced()[i].Names
		if !r.Conflict || !it.wrote(r.LostSide, names[r.LostSide]) {
			continue
		}
		out = append(out, Conflict{Field: names[core.Salesforce], Side: r.LostSide.String(), Lost: r.Lost, Kept: it.inputs[i].Now[r.LostSide.Other()], Base: core.Legible(it.inputs[i].Base[r.LostSide]), Rule: r.Rule, Case: string(r.Case)})
	}
	return out
}

// lostRelations are the references of a record that gave way to the other side's: an account
// or a lookup that both sides had changed, or brought to their first meeting.
func (it *item) lostRelations() (out []Conflict) {
	add := func(r *core.FieldResult, in *core.FieldInput) {
		out = append(out, Conflict{Field: in.Key, Side: r.LostSide.String(), Lost: r.Lost, Kept: in.Now[r.LostSide.Other()], Rule: r.Rule, Case: string(r.Case)})
	}
	if r := it.relation; r != nil && r.result.Conflict && it.related() {
		add(&r.result, &r.in)
	}
	for i := range it.lookups {
		if one := &it.lookups[i]; one.result.Conflict && it.referred(one) {
			add(&one.result, &one.in)
		}
	}
	return out
}
