package engine

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	"tandem/internal/core"
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
}

// Conflict is a value that was given up because both sides had changed.
type Conflict struct {
	Field string `json:"field"`
	Side  string `json:"side"` // whose value was lost
	Lost  string `json:"lost"`
	Kept  string `json:"kept"`
	Rule  string `json:"rule"`
	Case  string `json:"case"`
}

// journal is what an item leaves behind. A record that was looked at and found
// as agreed leaves nothing, so that sweeps and echoes do not fill the journal.
func (b *batch) journal(it *item) []store.Entry {
	body := Entry{Verdict: it.verdict, Reasons: it.reasons.Names(), Decisions: it.decisions, Writes: it.writes(), Conflicts: it.conflicts(b)}
	for _, i := range it.issues {
		body.Issues = append(body.Issues, i.Code)
	}
	if len(body.Writes) == 0 && len(body.Issues) == 0 && len(body.Conflicts) == 0 && it.newLink == nil && it.relink == nil && it.run == 0 && it.verdict == InSync {
		return nil
	}
	if b.stillOpen(it) {
		return nil
	}
	kind := store.EntryDecision
	if len(body.Writes) > 0 {
		kind = store.EntryOutcome
	}
	if len(body.Conflicts) > 0 {
		kind = store.EntryConflict
	}
	entry := store.Entry{At: b.at, Run: it.run, Pair: b.pair, Ref: it.ref(), Kind: kind, Body: mustJSON(body)}
	if l := it.activeLink(); l != nil {
		entry.LinkID = l.ID
	}
	return []store.Entry{entry}
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

// onlyNews leaves out decisions that say of a record what the journal's last entry
// about it says, whatever made for the look.
func onlyNews(tx *store.Tx, conn int64, entries []store.Entry) ([]store.Entry, error) {
	var refs []core.Ref
	for _, en := range entries {
		if en.Kind == store.EntryDecision && en.Run == 0 {
			refs = append(refs, en.Ref)
		}
	}
	if len(refs) == 0 {
		return entries, nil
	}
	last, err := tx.JournalLast(conn, refs)
	return slices.DeleteFunc(entries, func(en store.Entry) bool {
		was, ok := last[en.Ref]
		return ok && en.Kind == store.EntryDecision && en.Run == 0 && was.Kind == en.Kind && sameNews(was.Body, en.Body)
	}), err
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
	for _, op := range it.sent() {
		o, ok := it.outcomes[op.Key]
		if !ok {
			continue
		}
		w := Write{Kind: op.Kind, Side: op.Target.Side.String(), Object: op.Target.Object, ID: op.Target.ID, Rule: op.Rule,
			Before: op.Before, After: op.Fields, Status: o.Status, Code: o.Code, Message: o.Message}
		if o.ID != "" {
			w.ID = o.ID
		}
		out = append(out, w)
	}
	return out
}

func (it *item) conflicts(b *batch) []Conflict {
	if b.mapping() == nil {
		return nil
	}
	out := it.lost
	for i, r := range it.results {
		names := b.mapping().Synced()[i].Names
		if !r.Conflict || !it.wrote(r.LostSide, names[r.LostSide]) {
			continue
		}
		out = append(out, Conflict{Field: names[core.Salesforce], Side: r.LostSide.String(), Lost: r.Lost, Kept: it.inputs[i].Now[r.LostSide.Other()], Rule: r.Rule, Case: string(r.Case)})
	}
	return out
}

// sortedKeys are a map's keys in order, for stable output.
func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
