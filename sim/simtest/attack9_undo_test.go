package simtest

import (
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestLIM16_AnUndoneReferenceStaysUndone: what a record belongs to or is about, which a run
// took over from HubSpot, stays as the undo left it on both sides through later syncs of
// other fields, and passes again when somebody changes it.
func TestLIM16_AnUndoneReferenceStaysUndone(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, activities(bothWays), tickets(ticketsBothWays))
		f := w.talking()
		first := w.made(core.Account, "Name", "Edge")
		second := w.made(core.Account, "Name", "Far")
		contact := w.made(core.Contact, "LastName", "Third", "Email", "third@acme.example", "AccountId", first)
		incident := w.made(core.SupportCase, "Subject", "Theirs", "ContactId", f.contacts[0])
		w.again()
		w.again()
		company := w.partner(first)
		mate, ticket, task := w.wantMate(contact), w.wantMateOf(core.TicketPair, incident), w.wantActivity(core.Task, f.tasks[0], core.Tasks)
		w.Advance(30 * time.Minute)
		w.Sync()
		w.Advance(30 * time.Minute)
		w.Sync()
		w.movedTo(core.Contacts, mate, company, w.partner(second))
		w.parted(core.Tickets, ticket, core.Contacts, f.mates[0])
		w.about(core.Tickets, ticket, core.Contacts, f.mates[1])
		w.parted(core.Tasks, task, core.Contacts, f.mates[0])
		w.about(core.Tasks, task, core.Contacts, f.mates[1])
		nudge := func(text string) {
			w.change(core.Contacts, mate, "firstname", text)
			w.change(core.Tickets, ticket, "content", text)
			w.change(core.Tasks, task, "hs_task_body", text)
			w.again()
			w.again()
		}
		nudge("one")
		w.want(core.Contact, contact, "AccountId", second)
		w.want(core.SupportCase, incident, "ContactId", f.contacts[1])
		w.want(core.Task, f.tasks[0], "WhoId", f.contacts[1])
		w.Advance(3 * time.Second)
		w.undo(engine.UndoArgs{Run: w.lastRun()})
		undone := func() {
			w.want(core.Contact, contact, "AccountId", first)
			w.want(core.SupportCase, incident, "ContactId", f.contacts[0])
			w.wantAssociated(core.Tickets, ticket, core.Contacts, f.mates[1])
			w.want(core.Task, f.tasks[0], "WhoId", f.contacts[0])
			w.wantAbout(core.Tasks, task, core.Contacts, f.mates[1])
		}
		undone()
		w.want(core.Contacts, mate, "salesforceaccountid", first) // by the undo: the next sync is to write nothing
		for _, text := range []string{"two", "three"} {
			nudge(text)
			undone()
		}
		w.sweepAll()
		undone()
		w.change(core.SupportCase, incident, "ContactId", f.contacts[1])
		w.change(core.Task, f.tasks[0], "WhoId", f.contacts[1])
		w.again()
		w.wantAssociated(core.Tickets, ticket, core.Contacts, f.mates[1])
		w.change(core.SupportCase, incident, "ContactId", f.contacts[0])
		w.change(core.Task, f.tasks[0], "WhoId", f.contacts[0])
		w.again()
		w.wantAssociated(core.Tickets, ticket, core.Contacts, f.mates[0])
		w.wantAbout(core.Tasks, task, core.Contacts, f.mates[0])
		w.wantStill(t)
	})
}
