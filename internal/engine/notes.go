package engine

import (
	"maps"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
)

// Notes are properties of HubSpot in which its users see what the Salesforce record
// has and HubSpot has no place for: an owner who is no user of the portal (OWN-3a), the
// account of a contact, and when the record was last written. They have the names that
// the original integration gave them, are written where they stand, and are never read
// as anything else (PROP-12).
const (
	noteOwnerID   = "salesforceownerid" // PROP-9
	noteOwnerName = "salesforceownername"
	noteSyncTime  = "salesforcelastsynctime" // PROP-7
)

// noteRule is the rule of an update that carries nothing but notes.
const noteRule = "OWN-3a"

// noteNames are the notes that only notes are written to: the id of a contact's account
// is the key of a company.
var noteNames = []string{noteOwnerID, noteOwnerName, noteSyncTime}

// noteSpecs are the properties for notes on an object; none on Salesforce's.
func noteSpecs(object core.Object) []connector.FieldSpec {
	of := singular[object]
	if of == "" {
		return nil
	}
	out := []connector.FieldSpec{
		{Name: noteOwnerID, Label: "Salesforce Owner ID", Type: "text", Group: propGroup, Description: "Id of the Salesforce user or queue that owns the record this " + of + " is in step with."},
		{Name: noteOwnerName, Label: "Salesforce Owner", Type: "text", Group: propGroup, Description: "Name of that user or queue, who need not be a user of HubSpot."},
		{Name: noteSyncTime, Label: "Last Salesforce Sync Time", Type: "datetime", Group: propGroup, Description: "When the sync with Salesforce last wrote to this " + of + "."},
	}
	if object == core.Contacts {
		out = append(out, connector.FieldSpec{Name: propAccountID, Label: "Salesforce Account ID", Type: "text", Group: propGroup, Description: "Id of the Salesforce account that the contact belongs to."})
	}
	return out
}

// noteFields are the fields of an object that notes are made of or stand in.
func (c *Conn) noteFields(object core.Object) []string {
	side, ok := map[core.Object]core.Side{core.Account: core.Salesforce, core.Contact: core.Salesforce, core.Lead: core.Salesforce, core.Companies: core.HubSpot, core.Contacts: core.HubSpot}[object]
	switch pair, _ := core.PairOf(side, object); {
	case !ok || !c.syncs(pair):
		return nil
	case side == core.HubSpot:
		return append([]string{propDeleted, propAccountID}, noteNames...)
	case c.owners == nil:
		return nil
	}
	return []string{"OwnerId"}
}

// notes are those of a pair that do not stand yet as they should. The org that came
// first keeps the properties of a record that several orgs share.
func (b *batch) notes(it *item, side core.Side) map[string]string {
	source, target := it.recs[core.Salesforce], it.recs[core.HubSpot]
	out := map[string]string{}
	if side != core.HubSpot || source == nil || target != nil && b.conn.foreignID(target, source.Ref.Object) {
		return out
	}
	object := b.object(it, side)
	note := func(name, value string) {
		if len(b.conn.present(side, object, []string{name})) == 0 {
			return
		}
		if have := valueOf(target, name); have != value {
			out[name] = value
		}
	}
	owner, told := source.Get("OwnerId")
	if op := it.ops[core.Salesforce]; op != nil && op.Fields["OwnerId"] != "" {
		owner = op.Fields["OwnerId"] // as it is about to be
	}
	if told && b.conn.owners != nil {
		note(noteOwnerID, core.ID18(owner))
		note(noteOwnerName, b.conn.owners.Name(owner))
	}
	if account, told := source.Get("AccountId"); told && source.Ref.Object == core.Contact {
		note(propAccountID, core.ID18(account))
	}
	if valueOf(target, propDeleted) == "true" {
		note(propDeleted, "false") // it is in step with a record again
	}
	return out
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
		if s.op.Fields != nil && r.Side == core.HubSpot && len(b.conn.present(r.Side, r.Object, []string{noteSyncTime})) > 0 {
			s.op.Fields[noteSyncTime] = now
		}
	}
}

// untimed are written fields as a person wants to read them.
func untimed(fields map[string]string) map[string]string {
	if _, timed := fields[noteSyncTime]; !timed {
		return fields
	}
	out := maps.Clone(fields)
	delete(out, noteSyncTime)
	return out
}
