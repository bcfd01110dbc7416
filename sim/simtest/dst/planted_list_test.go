package dst

// plant is a mistake that is made on purpose in a copy of the engine: what stands in the file
// is replaced, once.
type plant struct {
	file, old, new string
	// breaks says what a user would see of it.
	breaks string
	// also are the arguments of a faster test than the histories, where they cannot meet the
	// mistake: their worlds lack what it takes.
	also string
}

// plants are forty mistakes. Each has to be found by the histories, or by the test that it names.
var plants = []plant{
	{"internal/core/reconcile.go", "case apart > 0:", "case apart < 0:", "of two edits the earlier one stands", "./internal/core"},
	{"internal/core/reconcile.go", "f.HasBase && f.changed(to) {", "f.HasBase && f.changed(to) && f.Heir[from] {", "a value that loses stands in no log", ""},
	{"internal/core/reconcile.go", "if f.neverFilled(Salesforce) {", "if f.Now[Salesforce] == \"\" {", "what is cleared in Salesforce comes back", "./internal/core"},
	{"internal/core/reconcile.go", "case !f.Readable[Salesforce] || !f.Readable[HubSpot]:", "case !f.Readable[Salesforce] && !f.Readable[HubSpot]:", "a field that is hidden clears its partner", ""},
	{"internal/core/reconcile.go", "if f.Heir[side] && f.Now[side] == \"\"", "if !f.Heir[side] && f.Now[side] == \"\"", "every clear is undone", ""},
	{"internal/core/reconcile.go", "\tcase changed[Salesforce]:\n", "\tcase changed[HubSpot]:\n", "edits are put back", ""},
	{"internal/core/reconcile.go", "case OnlyHubSpotChanged, HubSpotCleared:", "case HubSpotCleared:", "edits in HubSpot are put back", ""},
	{"internal/policy/consent.go", "s.Back.After(f.Stored.Known)", "!s.Back.IsZero()", "an old subscription lifts a later opt-out", "./internal/policy"},
	{"internal/policy/consent.go", "(s.Basis != \"\" || byPerson(s.Source))", "(s.Basis != \"\" || s.Source != \"\")", "anybody's subscription lifts an opt-out", "./internal/policy"},
	{"internal/policy/consent.go", "\t\treturn !f.Status.Out\n", "\t\treturn false\n", "an opt-out in Salesforce does not reach HubSpot", ""},
	{"internal/policy/consent.go", "a.Tick = f.boxes(unticked)", "a.Tick = nil", "an opt-out in HubSpot does not reach Salesforce", ""},
	{"internal/policy/consent.go", "s.State == core.OptedOut && s.Known.IsZero() &&", "s.State == core.OptedOut &&", "clearing the box lifts an opt-out", ""},
	{"internal/policy/consent.go", "!b.Gone && !b.Held && (", "!b.Gone && (", "who comes back in one portal is opted in for all", "./internal/policy"},
	{"internal/policy/consent.go", "return b.Ticked && !b.Other && !b.Beside &&", "return b.Ticked && !b.Other && b.Beside &&", "a ticked box opts nobody out", ""},
	{"internal/policy/deletion.go", "case d.Evidence == NoEvidence:", "case d.Evidence == NoEvidence && d.Setting == \"\":", "a record that is hidden counts as deleted", ""},
	{"internal/policy/deletion.go", "case !d.MergedInto.IsZero():\n\t\treturn Merged(d)", "case !d.MergedInto.IsZero() && d.Evidence == NoEvidence:\n\t\treturn Merged(d)", "a merge counts as a deletion", ""},
	{"internal/policy/deletion.go", "case d.SurvivorPartner.IsZero():", "case d.SurvivorPartner != d.Partner:", "a survivor gets two partners", ""},
	{"internal/policy/deletion.go", "case d.PartnerFate == LivesOn || d.PartnerFate == Taken:", "case d.PartnerFate == LivesOn && d.Doubt != \"\":", "a deletion reaches the survivor of a merge", "./internal/policy"},
	{"internal/engine/consentapply.go", "op.Fields[conn.OptOutField[core.Salesforce]] = \"true\"\n\t\tb.notice", "op.Fields[conn.OptOutField[core.Salesforce]] = \"false\"\n\t\tb.notice", "who opted out is made with a clear box", ""},
	{"internal/engine/unknown.go", "case made != nil:", "case made != nil && it.link != nil:", "what a create without an answer made is not known for ours", ""},
	{"internal/engine/unknown.go", "case b.at.Sub(in.At) < b.conn.SettleAfter(side):\n\t\tit.unknown = in.At\n", "case b.at.Before(in.At):\n\t\tit.unknown = in.At\n", "a create without an answer is sent again while it may still arrive", "./sim/simtest -run TestP1_|TestN"},
	{"internal/engine/unknown.go", "!known[i] || was[i] == \"\" ||", "!known[i] || was[i] != \"\" ||", "a value that a lost answer overwrote stands in no log", "./sim/simtest -run TestP1_"},
	{"internal/engine/precondition.go", "ok && !core.Same(v, before) {", "!ok && !core.Same(v, before) {", "an edit between reading and writing is overwritten", ""},
	{"internal/engine/precondition.go", "s.op.Unmodified = seen.Stamp", "s.op.Strict = false", "Salesforce is not asked to refuse what overwrites an edit", ""},
	{"internal/engine/precondition.go", "return next, !core.Same(next, before) && !core.Same(next, ours)", "return next, core.Same(next, ours)", "a value that our write replaced in HubSpot stands in no log", ""},
	{"internal/engine/capture/capture.go", "Since: since.Add(-caps.Overlap)", "Since: since", "a change that is committed late is missed", "./sim/simtest -run I19"},
	{"internal/engine/capture/capture.go", "if err := tx.Mark(c.ID, marks); err != nil {\n\t\t\treturn err\n\t\t}\n\t\tif err := captureMerged", "if err := tx.Mark(c.ID, marks[:len(marks)/2]); err != nil {\n\t\t\treturn err\n\t\t}\n\t\tif err := captureMerged", "half of what a delivery names is forgotten", ""},
	{"internal/engine/drain.go", "func(r core.Ref) bool { return d.busy[r] }", "func(core.Ref) bool { return false }", "two batches work on one record", "./sim/simtest -run Orders"},
	{"internal/engine/deletion.go", "it.relink, it.alias, it.marks, it.verdict = nil, nil, nil, Blocked", "it.verdict = Blocked", "a deletion that was refused is forgotten", "./sim/simtest -run TestDEL"},
	{"internal/engine/gone.go", "l.Refs[side], l.Keyed = it.survivor(side), [2]bool{}", "l.Refs[side] = it.survivor(side)", "the survivor of a merge carries no key", ""},
	{"internal/engine/advance.go", "it.results[i].Write[side] && it.wrote(side, f.Names[side]) && after[side] != nil", "it.results[i].Write[side] && after[side] != nil", "a write that failed counts as done", ""},
	{"internal/engine/apply.go", "ops, err = e.stillAlone(ctx, b, b.consentFirst(ops))", "ops = b.consentFirst(ops)", "a record that was just linked gets a second partner", "./sim/simtest -run Meanwhile|Crossed"},
	{"internal/engine/match.go", "out[it][i].Linked = l != nil && l.State != core.LinkClosed", "out[it][i].Linked = l != nil && l.State == core.LinkParked", "a record that has a partner gets a second one", ""},
	{"internal/engine/serve.go", "return e.Update(ctx, func(tx *store.Tx) error { return e.losePosition(tx, c, side) })", "return nil", "a gap in the feed is passed over", ""},
	{"internal/engine/relation.go", "return InSync, b.relateHubSpot(it, now[core.Salesforce])", "return InSync, core.Decision{Rule: \"ACC-14\", Outcome: policy.None}", "a contact that moves to another account stays with its company", ""},
	{"internal/engine/relation.go", "return InSync, b.relateContact(it, now[core.HubSpot])", "return InSync, core.Decision{Rule: \"ACC-14\", Outcome: policy.None}", "a contact that moves to another company stays with its account", ""},
	{"internal/engine/gone.go", "\tif b.decideCrossed(it) {\n\t\treturn true\n\t}\n", "", "two merges across are each other's", "./sim/simtest -run Crossed"},
	{"internal/connector/hubspot/writerecords.go", "return r.TraceID == op.Key", "return r.TraceID != op.Key", "an answer is taken for another record's", ""},
	{"internal/engine/heir.go", "return have == nil || have.State != core.LinkActive", "return false", "who absorbed a linked record is made a second partner", "./sim/simtest -run TestLIM7"},
	{"internal/engine/gone.go", "rec.Presence == core.Deleted || !it.survivor(side).IsZero()", "rec.Presence == core.Deleted", "a merge is not known for one", "./sim/simtest -run TestLIM7"},
}
