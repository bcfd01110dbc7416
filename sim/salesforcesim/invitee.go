package salesforcesim

import (
	"strings"

	"tandem/sim/salesforcesim/soql"
)

// relationFields are the columns of EventRelation: who is invited to an event.
var relationFields = []field{
	ref("RelationId", "Relation ID", "Relation", "EventRelations", "Contact", "Lead", "User").must().createOnly().cascading(),
	ref("EventId", "Event ID", "Event", "EventRelations", "Event").must().createOnly().cascading(),
	preset(choice("Status", "Status", "*New|Declined|Accepted").closed(), "New"), moment("RespondedDate", "Response Date"), text("Response", "Comment", 255),
}

// invites reports that a record is the invitation of somebody to an event; where activities
// are shared it may be whom the event is about instead.
func invites(r *record) bool {
	return r.object.name == "EventRelation" && (r.object.field("IsInvitee") == nil || r.named("IsInvitee").Bool())
}

// invite gives a user who is invited an event of their own, a child of the first, and makes
// that a group event. Contacts and leads have no calendar (Object Reference, "EventRelation").
func (t *tx) invite(r *record) rowErrors {
	parent := t.o.find(r.named("EventId").Str())
	if parent == nil || !invites(r) {
		return nil
	}
	if parent.named("IsChild").Bool() {
		return refuse("FIELD_INTEGRITY_EXCEPTION", "An invitee cannot be added to a child event", "EventId")
	}
	ob := parent.object
	grouped := parent.with([]assignment{{ob.field("IsGroupEvent"), soql.Bool(true)}, {ob.field("GroupEventType"), soql.Text("1")}})
	t.stamp(grouped)
	t.write(parent, grouped)
	who := r.named("RelationId").Str()
	if !strings.HasPrefix(who, "005") || who == parent.named("OwnerId").Str() {
		return nil
	}
	if errs := t.copyOf(grouped, map[string]value{"OwnerId": soql.Text(who), "IsChild": soql.Bool(true)}); errs != nil {
		return errs
	}
	if t.o.copies == nil {
		t.o.copies = map[string]string{}
	}
	t.o.copies[r.id] = t.steps[len(t.steps)-1].after.id
	return nil
}

// retell brings the copies of an event in line with it.
func (t *tx) retell(parent *record) {
	for r := range t.o.related("eventrelation", "EventId", parent.id) {
		child := t.o.find(t.o.copies[r.id])
		if child == nil || child.deleted {
			continue
		}
		var sets []assignment
		for _, f := range child.object.fields {
			if f.sys == sysNone && f.compute == nil && f.formula == nil && !f.unique && !ownOfChild[f.name] && child.at(f) != parent.at(f) {
				sets = append(sets, assignment{f, parent.at(f)})
			}
		}
		if len(sets) > 0 {
			next := child.with(sets)
			t.stamp(next)
			t.write(child, next)
		}
	}
}

// ownOfChild are the columns in which a copy differs from the event it is of; of these a
// client may change the reminder.
var ownOfChild = map[string]bool{"OwnerId": true, "IsChild": true, "IsReminderSet": true, "ReminderDateTime": true}

// checkChild: of a copy only the reminder can be changed.
func (t *tx) checkChild(before, r *record) rowErrors {
	if before == nil || !before.named("IsChild").Bool() || t.by.system {
		return nil
	}
	for _, f := range r.object.fields {
		if f.sys == sysNone && f.compute == nil && f.formula == nil && before.at(f) != r.at(f) && f.name != "IsReminderSet" && f.name != "ReminderDateTime" {
			return refuse("FIELD_INTEGRITY_EXCEPTION", "You can change only the reminder of a child event", f.name)
		}
	}
	return nil
}

// copyOfInvited is the copy of an event that goes with an invitation; nil without one.
func (o *Org) copyOfInvited(r *record) *record {
	if r.object.name != "EventRelation" {
		return nil
	}
	if child := o.find(o.copies[r.id]); child != nil && !child.deleted {
		return child
	}
	return nil
}
