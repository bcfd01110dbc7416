package engine

import (
	"fmt"
	"slices"

	"tandem/internal/core"
	"tandem/internal/policy"
)

// issueOf turns a rejection into an issue with category and mend.
func (e *Engine) issueOf(side core.Side, o core.Outcome) core.Issue {
	category, code, mend := policy.Categorize(side, o.Class, o.Code, o.Message, o.Fields)
	return core.Issue{Category: category, Code: code, Mend: mend, Message: fmt.Sprintf("%s: %s: %s", side.Label(), o.Code, o.Message)}
}

// recordIssue opens an issue for an op that was refused as a whole.
func (e *Engine) recordIssue(b *batch, it *item, op *core.Op, o core.Outcome) {
	i := e.issueOf(op.Target.Side, o)
	i.Pair, i.Rule = b.pair, op.Rule
	if len(o.Fields) == 1 {
		i.Field = canonicalName(op.Fields, o.Fields[0])
		i.Value = core.Digest(b.sourceValue(it, op.Target.Side, i.Field))
	}
	b.nameHolder(&i, op, o)
	if i.Field != "" && op.Kind == core.OpUpdate { // no other field differed, so it is told as where some do
		_, dropped := dropGroups(op, o.Fields)
		i.Message += leftOut(dropped)
	}
	it.raise(i)
	it.verdict = Blocked
}

// nameHolder names the record that holds a value which must be one record's.
func (b *batch) nameHolder(i *core.Issue, op *core.Op, o core.Outcome) {
	if o.Existing == "" {
		return
	}
	holder := core.Ref{Side: op.Target.Side, Object: op.Target.Object, ID: o.Existing}
	i.Candidates = []core.Ref{holder}
	i.Message += " (the other record is " + b.label(holder) + ")"
}

// fieldIssues opens one issue per blamed field whose write group was left out.
func (e *Engine) fieldIssues(b *batch, s sending, o core.Outcome, dropped []string) {
	if o.Class == core.ClassSchema {
		b.conn.doubtSchema()
	}
	b.doubtOwners(s, dropped)
	for _, f := range o.Fields {
		name := canonicalName(s.op.Fields, f)
		i := e.issueOf(s.op.Target.Side, o)
		i.Pair, i.Rule, i.Field = b.pair, s.op.Rule, name
		b.nameHolder(&i, s.op, o)
		i.Message += leftOut(dropped)
		i.Value = core.Digest(b.sourceValue(s.it, s.op.Target.Side, name))
		s.it.raise(i)
	}
}

// leftOut says what of a pair an issue holds back.
func leftOut(fields []string) string {
	return fmt.Sprintf(" (left out: %v; the other fields are written)", fields)
}

// sourceValue is the canonical value that was to be written to a target field.
func (b *batch) sourceValue(it *item, side core.Side, field string) string {
	if b.mapping(it) == nil {
		return ""
	}
	for i, f := range b.mapping(it).Synced() {
		if f.Names[side] == field && i < len(it.inputs) {
			return it.inputs[i].Now[side.Other()]
		}
	}
	return ""
}

// canonicalName finds the field an error blames among the names sent: vendors
// answer in their own case.
func canonicalName(fields map[string]string, blamed string) string {
	for name := range fields {
		if equalFold(name, blamed) {
			return name
		}
	}
	return blamed
}

// scheduleRetry asks for another look at an item with issues every 30 minutes
// (ERR-10); whether it is taken is decided when it is due.
func (e *Engine) scheduleRetry(b *batch, it *item) { it.later(b.at.Add(b.conn.RetryEvery())) }

// stayInPlace raises a problem of a pair on the record that it is open on, whatever
// record of the pair made for this look, so that it keeps its age. What was merged away or
// converted is no record that anybody looks at: its problem is that of who it became.
func (b *batch) stayInPlace(it *item) {
	for n := range it.issues {
		i := &it.issues[n]
		if now := it.today(i.Ref); now != i.Ref {
			b.keepAge(i)
			i.Ref = now
		}
		if hasIssue(b.issues[i.Ref], i) || !slices.Contains(it.refs(), i.Ref) {
			continue
		}
		for _, r := range it.refs() {
			if it.today(r) == r && hasIssue(b.issues[r], i) {
				i.Ref = r
			}
		}
	}
}

// today is who one of the item's records is by the link: it itself, or what it became.
func (it *item) today(r core.Ref) core.Ref {
	if it.linkOpen() && it.link.Refs[r.Side] != r && slices.ContainsFunc(it.entries, func(d core.Dirty) bool { return d.Ref == r }) {
		return it.link.Refs[r.Side]
	}
	return r
}

// keepAge lets an issue be as old as the same one on the record that it leaves.
func (b *batch) keepAge(i *core.Issue) {
	for _, was := range b.issues[i.Ref] {
		if was.Field == i.Field && was.Code == i.Code {
			i.First = was.First
		}
	}
}

func hasIssue(open []core.Issue, i *core.Issue) bool {
	return slices.ContainsFunc(open, func(was core.Issue) bool { return was.Field == i.Field && was.Code == i.Code })
}
