package engine

import (
	"maps"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/owners"
	"tandem/internal/engine/room"
)

// noteRule is the rule of an update that carries nothing but notes.
const noteRule = "OWN-3a"

// notes are those of a pair that do not stand yet as they should. The org that came
// first keeps the properties of a record that several orgs share.
func (b *batch) notes(it *item, side core.Side) map[string]string {
	source, target := it.recs[core.Salesforce], it.recs[core.HubSpot]
	out := map[string]string{}
	if mark := b.conn.DeletedField(core.Salesforce); side == core.Salesforce && valueOf(source, mark) == "true" {
		out[mark] = "false" // it is in step with a record again
	}
	if side != core.HubSpot || source == nil || target != nil && b.conn.ForeignID(target, source.Ref.Object) {
		return out
	}
	object := b.object(it, side)
	note := func(name, value string) {
		if len(b.conn.Present(side, object, []string{name})) == 0 {
			return
		}
		if have := valueOf(target, name); have != value {
			out[name] = value
		}
	}
	owner, told := source.Get(owners.Field)
	if op := it.ops[core.Salesforce]; op != nil && op.Fields[owners.Field] != "" {
		owner = op.Fields[owners.Field] // as it is about to be
	}
	if told && b.conn.Owners != nil {
		note(conn.NoteOwnerID, core.ID18(owner))
		note(conn.NoteOwnerName, b.conn.Owners.Name(owner))
	}
	if account, told := source.Get(conn.RelationKey); told && source.Ref.Object == core.Contact {
		note(conn.PropAccountID, core.ID18(account))
	}
	if b.stages != nil && b.stages.seen && b.conn.MovesStages() {
		note(conn.NoteStage, b.saleStage(source))
	}
	if valueOf(target, conn.PropDeleted) == "true" {
		note(conn.PropDeleted, "false") // it is in step with a record again
	}
	return out
}

// noteGiven asks for another look where Salesforce gave a record that was just written an
// owner of its own choice, which HubSpot's note does not tell yet (OWN-5, OWN-9).
func (b *batch) noteGiven(it *item) {
	owner, told := it.written[core.Salesforce][owners.Field]
	l, target := it.activeLink(), it.recs[core.HubSpot]
	if !told || l == nil || b.conn.Owners == nil || len(b.conn.Present(core.HubSpot, l.Refs[core.HubSpot].Object, []string{conn.NoteOwnerID})) == 0 ||
		target != nil && b.conn.ForeignID(target, l.Refs[core.Salesforce].Object) {
		return
	}
	have := valueOf(target, conn.NoteOwnerID)
	if it.wrote(core.HubSpot, conn.NoteOwnerID) {
		have = it.ops[core.HubSpot].Fields[conn.NoteOwnerID]
	}
	if have != core.ID18(owner) {
		b.passOn(it, core.Salesforce)
	}
}

// noteTaken asks for another look where Salesforce took an account that HubSpot's note does
// not tell yet.
func (b *batch) noteTaken(it *item) {
	target := it.recs[core.HubSpot]
	if it.activeLink() == nil || target == nil || !b.notesAccount(target) || !it.wrote(core.Salesforce, conn.RelationKey) {
		return
	}
	have := valueOf(target, conn.PropAccountID)
	if it.wrote(core.HubSpot, conn.PropAccountID) {
		have = it.ops[core.HubSpot].Fields[conn.PropAccountID]
	}
	if have != core.ID18(it.ops[core.Salesforce].Fields[conn.RelationKey]) {
		b.passOn(it, core.Salesforce)
	}
}

// notesAccount reports that a contact has the property that tells its account, and no other
// integration fills it.
func (b *batch) notesAccount(target *core.Record) bool {
	return target.Ref.Object == core.Contacts && !b.conn.ForeignID(target, core.Contact) && len(b.conn.Present(core.HubSpot, core.Contacts, []string{conn.PropAccountID})) > 0
}

// noteAccount notes the account that a contact is about to be given: what we write ourselves
// is no reason to look again.
func (b *batch) noteAccount(it *item, account string) {
	target := it.recs[core.HubSpot]
	if !b.notesAccount(target) {
		return
	}
	if account = core.ID18(account); valueOf(target, conn.PropAccountID) != account {
		b.alsoWrite(it, core.HubSpot, conn.PropAccountID, account, noteRule)
	}
}

// noteUndone notes the account and the owner that an undo gives back to a record of
// Salesforce, which the next sync would note otherwise.
func (b *batch) noteUndone(it *item) {
	op, source, target := it.ops[core.Salesforce], it.recs[core.Salesforce], it.recs[core.HubSpot]
	if op == nil || !it.linkOpen() || it.undo.closes || !it.live(core.HubSpot) || target.Ref != it.link.Refs[core.HubSpot] || b.conn.ForeignID(target, source.Ref.Object) {
		return
	}
	note := func(name, value string) {
		if len(b.conn.Present(core.HubSpot, target.Ref.Object, []string{name})) > 0 && valueOf(target, name) != value {
			b.alsoWrite(it, core.HubSpot, name, value, UndoRule)
		}
	}
	if account, moves := op.Fields[conn.RelationKey]; moves && source.Ref.Object == core.Contact {
		note(conn.PropAccountID, core.ID18(account))
	}
	if owner, moves := op.Fields[owners.Field]; moves && b.conn.Owners != nil {
		note(conn.NoteOwnerID, core.ID18(owner))
		note(conn.NoteOwnerName, b.conn.Owners.Name(owner))
	}
}

// valueOf is a field of a record that may not be there yet.
func valueOf(rec *core.Record, name string) string {
	if rec == nil {
		return ""
	}
	v, _ := rec.Get(name)
	return v
}

// stampTimes adds the time of writing to what is about to be written to HubSpot. A plan
// does not know it, so it is none of what a plan shows.
func (b *batch) stampTimes(all []sending) {
	now := room.StampText(b.at)
	for _, s := range all {
		r := s.op.Target
		if s.op.Fields != nil && r.Side == core.HubSpot && len(b.conn.Present(r.Side, r.Object, []string{conn.NoteSyncTime})) > 0 {
			s.op.Fields[conn.NoteSyncTime] = now
		}
	}
}

// untimed are written fields as a person wants to read them.
func untimed(fields map[string]string) map[string]string {
	if _, timed := fields[conn.NoteSyncTime]; !timed {
		return fields
	}
	out := maps.Clone(fields)
	delete(out, conn.NoteSyncTime)
	return out
}
