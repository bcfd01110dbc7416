package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
)

// Left is something that an undo leaves as it is.
type Left struct {
	Ref   core.Ref `json:"ref"`
	Field string   `json:"field,omitempty"` // blank for the whole record
	Name  string   `json:"name,omitempty"`
	Code  string   `json:"code"`
	Why   string   `json:"why"`
}

// Codes of what an undo leaves alone.
const (
	leftChanged    = "changed_since"
	leftGone       = "gone"
	leftOwner      = "owner"
	leftReadOnly   = "read_only"
	leftUnreadable = "unreadable"
	leftConsent    = "consent"
	leftCreated    = "created"
	leftLinked     = "linked"
	leftDeleted    = "deleted"
	leftJoined     = "association"
	leftErased     = "erased"
	leftRefused    = "refused"
	leftRule       = "rule"
	leftSummed     = "summed"
)

// erasedLeft is a record of which the journal keeps nothing any more.
func erasedLeft(ref core.Ref) Left {
	return Left{Ref: ref, Code: leftErased, Why: "what the run wrote was erased on request and is not kept"}
}

func (u *undoing) leave(ref core.Ref, field, code, why string) {
	u.left = append(u.left, Left{Ref: ref, Field: field, Code: code, Why: why})
}

// decideUndo says what is put back of an item, and what is left alone and why. Only what
// still stands as the run left it is put back.
func (b *batch) decideUndo(it *item) {
	u := it.undo
	u.left = nil
	if u.redacted {
		u.left = append(u.left, erasedLeft(it.ref()))
	}
	for _, c := range u.changes {
		if c.created {
			b.undoChange(it, c)
		}
	}
	for _, c := range b.undoneWith(it) {
		b.undoChange(it, c)
	}
	b.noteUndone(it)
	if u.args.Field == "" {
		b.undoLink(it)
	}
	d := core.Decision{Rule: UndoRule, Outcome: policy.None, Facts: map[string]string{"of": fmt.Sprint("run ", u.args.Run), "left": fmt.Sprint(len(u.left))}}
	if len(it.sent()) > 0 || it.relink != nil {
		d.Outcome = policy.Update
	}
	if len(u.left) > 0 {
		d.Facts["because"] = u.left[0].Why
	}
	it.say(InSync, d)
}

func (b *batch) undoChange(it *item, c *change) {
	u := it.undo
	rec := u.recs[c.ref]
	switch {
	case c.archived:
		u.left = append(u.left, Left{Ref: c.ref, Name: c.name, Code: leftDeleted, Why: "deleted by the run, which no undo re-creates: " + restoreText(c.ref)})
	case c.ref.Object == core.CampaignMember:
		u.leave(c.ref, "", leftJoined, "memberships of campaigns are not put back; change them in Salesforce, or in HubSpot as campaigns.from_hubspot says")
	case c.ref.Object == core.ContactRole:
		u.leave(c.ref, "", leftJoined, "contact roles are not put back; change them on the deal")
	case it.archived(c, rec): // by this undo, whose entry was marked meanwhile
	case len(c.last) > 0 && (rec == nil || rec.Presence != core.Live):
		u.leave(c.ref, "", leftGone, "the record is gone or hidden from the integration")
	case len(c.last) > 0 && conn.ConvertedTo(rec) != "":
		u.leave(c.ref, "", leftGone, "the lead was converted and can never be written again; change contact "+conn.ConvertedTo(rec)+", which goes on for it")
	case len(c.last) > 0 && rec.Ref != c.ref:
		u.leave(c.ref, "", leftGone, "the record was merged into "+b.label(rec.Ref))
	case c.created:
		b.undoCreate(it, c, rec)
	case len(c.last) > 0:
		b.undoUpdate(it, c, rec)
	}
	for _, w := range c.joins {
		if !it.archives(c.ref) && !it.archived(c, rec) { // else it goes with the record
			b.undoJoin(it, c, w)
		}
	}
}

// archived reports that the item's undo has archived a record that the run made.
func (it *item) archived(c *change, rec *core.Record) bool {
	return c.created && it.undo.args.DeleteCreated && it.closed() && (rec == nil || rec.Presence != core.Live)
}

// archives reports that the item is about to archive a record.
func (it *item) archives(r core.Ref) bool {
	return slices.ContainsFunc(it.extra, func(op core.Op) bool { return op.Kind == core.OpArchive && op.Target == r })
}

// closed reports that the item's link has ended.
func (it *item) closed() bool { return it.link != nil && it.link.State == core.LinkClosed }

// restoreText says where a deleted record is found.
func restoreText(r core.Ref) string {
	switch {
	case r.Object == core.CampaignMember:
		return "add the person to the campaign again in Salesforce; no recycle bin keeps a membership"
	case r.Object == core.ContactRole:
		return "add the contact to the opportunity again in Salesforce; no recycle bin keeps a contact role"
	case r.Side == core.Salesforce:
		return "restore it from the recycle bin of Salesforce, and link it again with tandem links link"
	}
	return "restore it in HubSpot (Actions, Restore records, in the list of its object), and link it again with tandem links link"
}

// undoUpdate puts back the fields that still stand as the run left them. Fields that make
// no sense without one another go together or not at all.
func (b *batch) undoUpdate(it *item, c *change, rec *core.Record) {
	u := it.undo
	restore, torn := map[string]string{}, map[string]string{}
	group := func(f string) string { return core.Group(c.ref.Side, c.ref.Object, f) }
	meant := group(b.meantField(u, c.ref))
	for _, f := range room.SortedKeys(c.last) {
		if u.args.Field != "" && group(f) != meant {
			continue
		}
		now, shown := rec.Get(f)
		code, why := b.holdsBack(it, c, f, now, shown)
		switch {
		case code != "":
			u.leave(c.ref, f, code, why)
			torn[group(f)] = f
		case b.ours(c.ref.Side, f) && (c != u.partner || now != c.last[f]):
		case !b.sameValue(c.ref, f, now, c.first[f]):
			restore[f] = c.first[f]
		}
	}
	for _, f := range room.SortedKeys(restore) {
		if other := torn[group(f)]; other != "" {
			delete(restore, f)
			u.leave(c.ref, f, leftChanged, "it goes with "+other+", which is left alone")
		}
	}
	if len(restore) > 0 {
		b.putBack(it, rec, restore)
	}
}

// meantField is the field of a record that the undo is narrowed to, by its side's name.
func (b *batch) meantField(u *undoing, ref core.Ref) string {
	for _, m := range b.conn.MappingsOf(ref.Side, ref.Object) {
		for _, side := range core.Sides {
			if f := m.Field(side, u.args.Field); f != nil && u.args.Field != "" {
				return f.Names[ref.Side]
			}
		}
	}
	return u.args.Field
}

// passes reports that a value which is edited on a side reaches the other one.
func (b *batch) passes(ref core.Ref, field string) bool {
	for _, m := range b.conn.MappingsOf(ref.Side, ref.Object) {
		if f := m.Field(ref.Side, field); f != nil {
			return f.Rule == core.TwoWay || f.Rule != core.DontSync && (ref.Side == core.HubSpot) == (f.Rule == core.HubSpotOnly)
		}
	}
	return false
}

// putBack builds the write that gives a record values back.
func (b *batch) putBack(it *item, rec *core.Record, restore map[string]string) {
	side := rec.Ref.Side
	if own := it.recs[side]; own != nil && own.Ref.Object != rec.Ref.Object {
		b.putBackBeside(it, rec, restore)
		return
	}
	if it.recs[side] == nil || it.recs[side].Ref != rec.Ref {
		if it.linkOpen() {
			it.undo.leave(rec.Ref, "", leftGone, "another record has taken its place")
			return
		}
	}
	it.recs[side] = rec
	b.keepPrice(it, side, restore)
	it.ops[side] = b.updateOp(it, side, restore, UndoRule)
	b.putStageBack(it, it.ops[side])
}

// ours reports a field of our own bookkeeping, which no undo touches.
func (b *batch) ours(side core.Side, field string) bool {
	return slices.Contains(b.conn.OwnFields(side), field) || field == conn.PropAccountID
}

// holdsBack says why a field is left as it is; a blank code for one that may be put back,
// or stands as before the run already.
func (b *batch) holdsBack(it *item, c *change, f, now string, shown bool) (code, why string) {
	side := c.ref.Side
	switch {
	case b.ours(side, f):
		return "", ""
	case slices.Contains(b.conn.CampaignFields(c.ref.Object), f):
		return leftJoined, "it tells who is a member of which campaign, and follows that"
	case f == conn.OptOutField[side]:
		return leftConsent, "an opt-out is never taken back by an undo"
	case !shown:
		return leftUnreadable, "the side does not show the field"
	case b.sameValue(c.ref, f, now, c.first[f]):
		return "", ""
	case c.ref.Object == core.Opportunity && core.Group(side, c.ref.Object, f) == core.Group(side, c.ref.Object, "Amount") && summed(it.undo.recs[c.ref]):
		return leftSummed, "the opportunity has products by now, and Salesforce keeps its amount as their sum: it changes with them"
	case !b.sameValue(c.ref, f, now, c.last[f]):
		return leftChanged, "changed since" + b.changedBy(it, c, f, now)
	case side == core.Salesforce && f == "OwnerId" && c.first[f] == "":
		return leftOwner, "there was no owner before, which Salesforce does not take"
	case it.undo.args.Pass && !b.passes(c.ref, f):
		return leftRule, "by its mapping the value of " + side.Other().Label() + " counts; change it there"
	}
	if d := fieldDef(b.conn, c.ref, f); d == nil || !d.Updatable {
		return leftReadOnly, "the field does not take writes"
	}
	return "", ""
}

func fieldDef(c *Conn, r core.Ref, name string) *connector.Field {
	fields := c.Schemas[r.Side][r.Object].Fields
	if i := slices.IndexFunc(fields, func(f connector.Field) bool { return f.Name == name }); i >= 0 {
		return &fields[i]
	}
	return nil
}

// changedBy says who has changed a field since the run, where that is known.
func (b *batch) changedBy(it *item, c *change, f, now string) string {
	for _, w := range it.undo.since {
		after, wrote := w.After[f]
		if stored, other := w.Stored[f]; other {
			after = stored
		}
		if wrote && w.ref() == c.ref && b.sameValue(c.ref, f, after, now) {
			if w.run == 0 {
				return " by a later sync"
			}
			return fmt.Sprintf(" by run %d", w.run)
		}
	}
	if who := strings.TrimSpace(it.undo.who[c.ref][f]); who != "" {
		return ", by HubSpot's history from " + who
	}
	if rec := it.undo.recs[c.ref]; rec.ModifiedBy != "" && rec.ModifiedBy != b.conn.Accounts[core.Salesforce].UserID {
		return "; the record was last changed by user " + rec.ModifiedBy
	}
	return ""
}

// undoCreate archives a record that the run made, where that is asked for and the record
// is surely as the run left it.
func (b *batch) undoCreate(it *item, c *change, rec *core.Record) {
	u := it.undo
	if !u.args.DeleteCreated {
		u.leave(c.ref, "", leftCreated, "made by the run, and not deleted unasked; --delete-created archives what nobody touched since")
		return
	}
	if touched := cmp.Or(b.touched(u, c, rec), u.children); touched != "" {
		u.leave(c.ref, "", leftChanged, touched)
		return
	}
	if it.linkOpen() && it.link.Refs[c.ref.Side] != c.ref {
		u.leave(c.ref, "", leftChanged, "another record has taken its place in its link")
		return
	}
	u.closes = true
	it.recs[c.ref.Side] = rec
	it.extra = append(it.extra, core.Op{Key: b.updateKey(c.ref), Kind: core.OpArchive, Pair: b.pair, Target: c.ref, Source: it.ref(), Before: rec.Values, Rule: UndoRule})
}

// undoJoin leaves an association or an opt-out as it is, and says so.
func (b *batch) undoJoin(it *item, c *change, w Write) {
	if w.Kind == core.OpUnsubscribe {
		it.undo.leave(it.optedOut(c.ref), "", leftConsent, "an opt-out is never taken back by an undo")
		return
	}
	with := ""
	if w.Associate != nil {
		with = " with " + b.label(*w.Associate)
	}
	stays := " stays as the run left it; change it on the record"
	if c.created {
		stays = " stays with the record, which the run made"
	}
	it.undo.leave(c.ref, "", leftJoined, "the association"+with+stays)
}

// optedOut is whose opt-out was passed: one of an address that no contact has is told of the
// record that gave it.
func (it *item) optedOut(ref core.Ref) core.Ref {
	switch {
	case ref.ID != "":
		return ref
	case it.link != nil:
		return it.link.Refs[core.HubSpot]
	}
	return it.ref()
}

// undoLink ends the item's link where the run made it and that is asked for.
func (b *batch) undoLink(it *item) {
	u := it.undo
	switch {
	case !u.madeLink || it.link.State != core.LinkActive || u.closes:
	case u.args.Unlink:
		l := *it.link
		l.State, l.How = core.LinkClosed, l.How+" "+conn.HowUndone
		it.relink = &l
	case !slices.ContainsFunc(u.changes, func(c *change) bool { return c.created }):
		u.leave(it.link.Refs[core.Salesforce], "", leftLinked, "linked with "+b.label(it.link.Refs[core.HubSpot])+" by the run; --unlink ends the link")
	}
}

// advanceUndo moves the base to what was put back: each side keeps what it shows, knowingly,
// until one of them is edited, so that no sync writes again what was undone. What a side
// refused is left alone.
func (b *batch) advanceUndo(it *item) {
	for _, i := range it.issues {
		it.undo.leave(i.Ref, i.Field, leftRefused, cmp.Or(i.Message, i.Code))
	}
	it.issues = nil
	if !it.postpone.IsZero() {
		it.verdict = Pending
	} else {
		it.marks = append(it.marks, b.restOfUndo(it)...)
	}
	l := it.activeLink()
	if l == nil || it.unseen {
		return
	}
	for _, side := range core.Sides {
		if !it.undo.args.Pass {
			b.settlePutBack(it, l, side)
		}
		b.advanceStamp(it, l, side)
	}
	if it.undo.args.Pass { // against what was agreed on, it is an edit
		it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, []core.Ref{it.ref()}, core.ReasonRetry, 0, b.at)...)
	}
}

func (b *batch) settlePutBack(it *item, l *core.Link, side core.Side) {
	op := it.ops[side]
	if op == nil || it.outcomes[op.Key].Status != core.Applied {
		return
	}
	for _, key := range b.references() {
		if id, carried := op.Fields[key]; carried && side == core.Salesforce {
			l.Base = core.AdvanceSide(l.Base, key, side, id, id)
		}
	}
	after := b.storedSide(it, side)
	if after == nil {
		return
	}
	other, _ := b.canon(it, side.Other())
	for i, f := range b.mapping(it).Synced() {
		if it.wrote(side, f.Names[side]) {
			l.Base = core.AdvanceSide(l.Base, f.Key, side, after[i], other[i])
		}
	}
}

// storedSide are the canonical values of a side after the writes, nil where they were not
// observed or nothing is mapped.
func (b *batch) storedSide(it *item, side core.Side) []string {
	if b.mapping(it) == nil {
		return nil
	}
	return b.stored(it)[side]
}

// references are the fields of the batch's records of Salesforce that are associations in
// HubSpot, under which a base keeps them.
func (b *batch) references() []string {
	out := []string{conn.RelationKey, conn.WhoKey, conn.WhatKey}
	for _, l := range b.lookupsOf() {
		if !slices.Contains(out, l.Field) {
			out = append(out, l.Field)
		}
	}
	return out
}
