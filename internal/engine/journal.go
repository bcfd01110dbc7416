package engine

import (
	"maps"
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
