package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/engine/timeline"
	"tandem/internal/mapping"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// Explanation says of one record why it did or did not sync.
type Explanation struct {
	Record  RecordView `json:"record"`
	Verdict Verdict    `json:"verdict"`
	// Rules are those that bear on the record, and then those that decided, the last one last.
	Rules   []core.Decision   `json:"rules"`
	Link    *LinkView         `json:"link"`
	Fields  []FieldView       `json:"fields"`
	Issues  []core.Issue      `json:"issues"`
	Pending []string          `json:"pending,omitempty"` // reasons it waits to be looked at
	Due     *time.Time        `json:"due,omitempty"`
	Would   map[string]string `json:"would,omitempty"` // what a sync would do now, by side
	History []HistoryView     `json:"history"`
	Consent []ConsentView     `json:"consent,omitempty"` // of a person's addresses, where anybody opted out
	// Activities are the last things that a person did and that are no records, with the
	// task that was made of each, or why there is none.
	Activities []timeline.Told `json:"activities,omitempty"`
	// First is the first import that waits for a yes, where that is what keeps the
	// record away.
	First []FirstImport `json:"first_import,omitempty"`
	// Halt is what keeps the whole connection from working.
	Halt *Halt `json:"halt,omitempty"`
	// Otherwise is what an import and a resync would decide of a record that a sync
	// leaves without a partner.
	Otherwise []Otherwise `json:"otherwise,omitempty"`
	Mend      string      `json:"mend,omitempty"` // what a person can do where nothing is made for the record
	Note      string      `json:"note,omitempty"` // what the verdict does not cover
}

// RecordView names the record asked about.
type RecordView struct {
	Side   string      `json:"side"`
	Object core.Object `json:"object"`
	ID     string      `json:"id"`
	Name   string      `json:"name,omitempty"`
}

// LinkView is a link as a person reads it.
type LinkView struct {
	State      core.LinkState `json:"state"`
	Salesforce string         `json:"salesforce"`
	HubSpot    string         `json:"hubspot"`
	Rule       string         `json:"rule"`
	Unlinked   bool           `json:"unlinked,omitempty"` // closed by a person
	Undone     bool           `json:"undone,omitempty"`   // closed by an undo, which a person asked for
	Origin     string         `json:"origin,omitempty"`
	Since      time.Time      `json:"since"`
}

// FieldView is one mapped field with both values as their sides store them, how
// they are compared, and the base in that same form.
type FieldView struct {
	Salesforce      string `json:"salesforce_field"`
	HubSpot         string `json:"hubspot_property"`
	SalesforceValue string `json:"salesforce"`
	HubSpotValue    string `json:"hubspot"`
	// Compared are the values in the form that both sides share: a choice by
	// HubSpot's name, a website without its scheme.
	Compared ComparedView `json:"compared"`
	Base     string       `json:"base"`
	Rule     string       `json:"rule"`
	// DecidedBy is the id of the requirement that decided.
	DecidedBy string `json:"decided_by,omitempty"`
	Case      string `json:"case"`
	InSync    bool   `json:"in_sync"`
}

// ComparedView are the two values of a field in the form that both sides share.
type ComparedView struct {
	Salesforce string `json:"salesforce"`
	HubSpot    string `json:"hubspot"`
}

// Explain looks at one record as a sync would, writes nothing, and says what it
// found. The id may be of either side; a 15-character Salesforce id will do.
func (e *Engine) Explain(ctx context.Context, c *Conn, p core.Pair, id string) (*Explanation, error) {
	refs, err := e.meant(ctx, c, p, id)
	if err != nil {
		return nil, err
	}
	b, it, err := e.lookAt(ctx, c, p, refs)
	if err != nil {
		return nil, err
	}
	halt, err := e.haltOf(ctx, c)
	if err != nil {
		return nil, err
	}
	x := &Explanation{Record: b.recordView(it), Link: linkView(it.link), Fields: b.fieldViews(it), Would: would(it), Halt: halt, Consent: b.consentViews(it)}
	for _, r := range it.refs() {
		x.Issues = append(x.Issues, b.issues[r]...)
	}
	err = e.View(ctx, func(tx *store.Tx) error {
		all, err := history(tx, c.ID, it.refs(), looksBack)
		if err != nil {
			return err
		}
		b.recall(it, all)
		if x.History, err = lifeHistory(tx, c.ID, it.refs(), historyShown); err != nil {
			return err
		}
		x.answer(b, it)
		if x.heldBack() {
			x.First, err = Offered(tx, c.ID, c.Pairs)
			x.First = slices.DeleteFunc(x.First, func(f FirstImport) bool { return f.Pair != b.pair })
		}
		if err == nil {
			x.Activities, err = activitiesOf(tx, c, it.refs())
		}
		return err
	})
	return x, err
}

// An explanation shows the last entries of the journal, and looks further back for why
// a record was last looked at.
const historyShown, looksBack = 20, 200

// answer puts what was decided into the explanation.
func (x *Explanation) answer(b *batch, it *item) {
	x.Otherwise, x.Mend = b.otherwise(it), b.mendOf(it)
	x.Verdict, x.Rules = it.verdict, slices.Concat(b.bearing(it, x), it.decisions)
	x.pending(b, it)
	x.Note = b.unsynced(it)
	if x.Verdict == OutOfScope && len(x.Would) > 0 {
		x.Verdict = Pending // a deletion that is still to be passed on
	}
	x.halted()
}

// heldBack reports that the record existed before the switch and was not touched
// since.
func (x *Explanation) heldBack() bool {
	return len(x.Rules) > 0 && slices.Contains([]string{"ACC-4", "CON-1"}, x.Rules[len(x.Rules)-1].Rule) && x.Verdict == OutOfScope
}

// keyPrefixes are the first characters of Salesforce ids, which name the object
// (Salesforce's "Standard Field Record ID Prefix Decoder").
var keyPrefixes = map[string]core.Object{"001": core.Account, "003": core.Contact, "00Q": core.Lead, "006": core.Opportunity, "500": core.SupportCase, "00T": core.Task, "00U": core.Event}

// refsFor are the refs an id may mean: the ids of the two sides never look alike,
// and those of Salesforce's objects begin differently. An activity of HubSpot is named with
// its type, such as call-123; without it any type may be meant.
func refsFor(pairs core.PairSet, p core.Pair, id string) []core.Ref {
	if r := conn.ActivityNamed(id); p == core.ActivityPair && !r.IsZero() {
		return []core.Ref{r}
	}
	side := core.HubSpot
	if len(id) >= 15 && !allDigits(id) {
		side, id = core.Salesforce, core.ID18(id)
	}
	objects := pairs.Objects(p)[side]
	if side == core.Salesforce && slices.Contains(objects, keyPrefixes[id[:3]]) {
		objects = []core.Object{objectOf(pairs, p, id)}
	}
	var out []core.Ref
	for _, o := range objects {
		out = append(out, core.Ref{Side: side, Object: o, ID: id})
	}
	return out
}

// meant are the refs that an id of a person's may name. HubSpot counts each type of
// activities by itself: of a number that several have, it is said which ones these are.
func (e *Engine) meant(ctx context.Context, c *Conn, p core.Pair, id string) ([]core.Ref, error) {
	refs := refsFor(c.Pairs, p, id)
	if p != core.ActivityPair || len(refs) < 2 {
		return refs, nil
	}
	there, err := e.existing(ctx, c, p, refs)
	if err == nil && len(there) < len(refs) { // all of them is what is said where the sides cannot be asked
		err = c.several(id, there)
	}
	return refs, err
}

// several refuses an id that more than one record has.
func (c *Conn) several(id string, refs []core.Ref) error {
	if len(refs) < 2 {
		return nil
	}
	var labels, named []string
	for _, r := range refs {
		labels, named = append(labels, r.Label()), append(named, c.KeyValue(r))
	}
	return &room.Error{Code: room.CodeUsage, Message: fmt.Sprintf("%s is the id of several activities: %s", id, strings.Join(labels, ", ")),
		Mend: "name one of them, as " + strings.Join(named, " or ") + " in place of " + id}
}

// objectOf is the object of a Salesforce id, as its prefix tells; the first of the
// pair where that tells none of it.
func objectOf(pairs core.PairSet, p core.Pair, id string) core.Object {
	objects := pairs.Objects(p)[core.Salesforce]
	if o := keyPrefixes[id[:min(3, len(id))]]; slices.Contains(objects, o) {
		return o
	}
	return objects[0]
}

func allDigits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

// lookAt reads and decides one record without writing.
func (e *Engine) lookAt(ctx context.Context, c *Conn, p core.Pair, refs []core.Ref) (*batch, *item, error) {
	var b *batch
	for _, r := range refs {
		entry := core.Dirty{Ref: r, Pair: p}
		err := e.View(ctx, func(tx *store.Tx) error {
			have, err := tx.DirtyOf(c.ID, []core.Ref{r})
			if d, ok := have[r]; ok {
				entry = d
			}
			return err
		})
		if err != nil {
			return nil, nil, err
		}
		if b, err = e.readDry(ctx, c, p, []core.Dirty{entry}); err != nil {
			return nil, nil, err
		}
		if it := b.items[0]; it.recs[r.Side] != nil && it.recs[r.Side].Presence != core.Absent || it.link != nil {
			break
		}
	}
	e.decide(b)
	return b, b.items[0], e.consent(ctx, b)
}

func (e *Engine) readDry(ctx context.Context, c *Conn, p core.Pair, entries []core.Dirty) (*batch, error) {
	b, err := e.read(ctx, c, p, entries)
	if b != nil {
		b.dry = true
	}
	return b, err
}

func (b *batch) recordView(it *item) RecordView {
	r := it.entries[0].Ref
	v := RecordView{Side: r.Side.String(), Object: r.Object, ID: r.ID}
	if rec := it.recs[r.Side]; rec != nil {
		v.Name = b.conn.NameOf(rec)
	}
	return v
}

func linkView(l *core.Link) *LinkView {
	if l == nil {
		return nil
	}
	return &LinkView{State: l.State, Salesforce: l.Refs[core.Salesforce].ID, HubSpot: l.Refs[core.HubSpot].ID, Rule: conn.MadeBy(l), Unlinked: conn.Unlinked(l), Undone: conn.Undone(l), Origin: l.Origin, Since: l.Created}
}

func (b *batch) fieldViews(it *item) []FieldView {
	if b.mapping(it) == nil || it.results == nil {
		return nil
	}
	var out []FieldView
	for i, f := range b.mapping(it).Synced() {
		in, r := it.inputs[i], it.results[i]
		v := FieldView{Salesforce: f.Names[core.Salesforce], HubSpot: f.Names[core.HubSpot], SalesforceValue: it.stored(core.Salesforce, f),
			HubSpotValue: it.stored(core.HubSpot, f), Compared: ComparedView{in.Now[core.Salesforce], in.Now[core.HubSpot]},
			Rule: f.Rule.String(), DecidedBy: r.Rule, Case: string(r.Case), InSync: r.InSync}
		if in.HasBase {
			v.Base = in.Base[core.Salesforce]
		}
		out = append(out, v)
	}
	return out
}

// stored is a mapped value as its side stores it.
func (it *item) stored(side core.Side, f *mapping.Field) string {
	if it.recs[side] == nil {
		return ""
	}
	v, _ := it.recs[side].Get(f.Names[side])
	return v
}

// would says in words what a sync would do with the record now.
func would(it *item) map[string]string {
	out := map[string]string{}
	for _, op := range it.sent() {
		text := opWord(op, it.decisions)
		for _, f := range room.SortedKeys(op.Fields) {
			text += " " + f
		}
		out[op.Target.Side.String()] = text
	}
	return out
}

// opWord says what an op does to its record. What is archived in Salesforce goes to
// the recycle bin, which people call deleted there.
func opWord(op *core.Op, why []core.Decision) string {
	deletes := slices.ContainsFunc(why, func(d core.Decision) bool { return d.Outcome == policy.Delete })
	if op.Kind == core.OpArchive && (deletes || op.Target.Side == core.Salesforce) {
		return "delete"
	}
	return string(op.Kind)
}

func (x *Explanation) pending(b *batch, it *item) {
	for _, d := range it.entries {
		if d.Reasons == 0 {
			continue
		}
		x.Pending = append(x.Pending, d.Reasons.Names()...)
		due := d.NotBefore
		x.Due = &due
	}
	if len(x.Pending) > 0 && x.Verdict == InSync && len(it.sent()) > 0 {
		x.Verdict = Pending
	}
}
