package simtest

import (
	"encoding/json"
	"testing"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestAMB7_AReferenceThatGaveWayStandsInTheConflictLog as any value does (I4): the contact of
// a case, and the account of a contact, that both sides changed.
func TestAMB7_AReferenceThatGaveWayStandsInTheConflictLog(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact), tickets(ticketsBothWays))
		var accounts, contacts []string
		for _, name := range []string{"Ann", "Bob", "Carol"} {
			accounts = append(accounts, w.made(core.Account, "Name", name+" Ltd"))
			contacts = append(contacts, w.made(core.Contact, "LastName", name, "Email", name+"@acme.test", "AccountId", accounts[len(accounts)-1]))
		}
		id := w.made(core.SupportCase, "Subject", "Moving", "ContactId", contacts[0])
		w.again()
		ticket, ann := w.wantMateOf(core.TicketPair, id), w.wantMate(contacts[0])

		w.change(core.SupportCase, id, "ContactId", contacts[1])
		w.portalCall("DELETE", "/crm/v4/objects/tickets/"+ticket+"/associations/contacts/"+ann, nil)
		w.portalCall("PUT", "/crm/v4/objects/tickets/"+ticket+"/associations/default/contacts/"+w.wantMate(contacts[2]), nil)
		w.change(core.Contact, contacts[0], "AccountId", accounts[1])
		w.must(w.Portal.As(admin).SetPrimary("contacts", ann, w.partner(accounts[2])))
		w.again()

		w.wantAssociated(core.Tickets, ticket, core.Contacts, w.wantMate(contacts[1]))
		w.want(core.Contact, contacts[0], "AccountId", accounts[1])
		w.wantConflict("ContactId", "hubspot", contacts[2], contacts[1])
		w.wantConflict("AccountId", "hubspot", accounts[2], accounts[1])
		w.wantStill(t)
	})
}

// wantConflict fails unless the conflict log names, once, the value of a side that was lost.
func (w *World) wantConflict(field, side, lost, kept string) {
	w.T.Helper()
	n := 0
	for _, entry := range w.conflicts() {
		var body engine.Entry
		w.must(json.Unmarshal(entry.Body, &body))
		for _, c := range body.Conflicts {
			if c.Field == field && c.Side == side && c.Lost == lost && c.Kept == kept {
				n++
			}
		}
	}
	if n != 1 {
		w.T.Errorf("I4: the conflict log has %s of %s %d times, want once", field, side, n)
	}
}
