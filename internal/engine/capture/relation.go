package capture

import (
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
)

// marksOfRelation answers for an announced association between a contact and a linked
// company; told is false where it is looked at like any other event. One that stands in
// the base already tells nothing new (I7). One that carries our own mark while we write
// the contact settles with that write, which knows the company.
func marksOfRelation(e *room.Env, w World, ev connector.Event) (marks []core.Dirty, told bool) {
	person, company := ev.Ref, ev.Related
	if person.Object == core.Companies {
		person, company = company, person
	}
	parent := w.Links[company]
	if ev.Removed || person.Object != core.Contacts || parent == nil || parent.State != core.LinkActive || parent.Refs[core.HubSpot] != company {
		return nil, false
	}
	switch l := w.Links[person]; {
	case w.agreed(l, person, parent):
		return nil, true
	case ev.Own && (l == nil && w.creating[core.HubSpot] || w.intents[person]):
		return room.DirtyOf(core.StandardPairs, []core.Ref{person}, core.ReasonOwn, 0, e.Now().Add(ownDelay)), true
	}
	return nil, false
}

// agreed reports that both sides last agreed on a person's account being that of the
// parent, and that neither pair waits or is being written.
func (w World) agreed(l *core.Link, person core.Ref, parent *core.Link) bool {
	return l != nil && l.State == core.LinkActive && l.Refs[core.HubSpot] == person && l.Base.Holds(core.HubSpot, conn.RelationKey, parent.Refs[core.Salesforce].ID) &&
		w.quiet(person) && w.quiet(parent.Refs[core.HubSpot])
}
