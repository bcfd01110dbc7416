package simtest

import (
	"fmt"
	"testing"
	"time"

	"tandem/internal/core"
)

// parted takes an association of the portal away, and moves no stamp.
func (w *World) parted(from core.Object, id string, to core.Object, other string) {
	w.T.Helper()
	w.portalCall("DELETE", fmt.Sprintf("/crm/v4/objects/%s/%s/associations/%s/%s", from, id, to, other), nil)
}

// wantFound runs a day's comparison, after which a check holds, and a second one that finds
// nothing to do.
func (w *World) wantFound(check func()) {
	w.T.Helper()
	w.Advance(time.Hour)
	w.Sync()
	w.Advance(25 * time.Hour)
	w.sweepAll()
	w.again()
	check()
	w.again()
	at := w.Now()
	w.sweepAll()
	w.again()
	if n := w.ours(at); n != [2]int{} {
		w.T.Errorf("%v writes of a comparison that finds nothing", n)
	}
}

// TestACT5_LIM27_AnAssociationOfAnOlderActivityThatNobodyAnnounced is found at the sweep: it
// moves no stamp of the activity. What was taken away stays where it is.
func TestACT5_LIM27_AnAssociationOfAnOlderActivityThatNobodyAnnounced(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, activities(bothWays))
		account := w.made(core.Account, "Name", "Acme")
		f := w.talking()
		hs, call := w.wantActivity(core.Task, f.tasks[0], core.Tasks), w.wantActivity(core.Calls, f.calls[0], core.Task)
		w.parted(core.Tasks, hs, core.Contacts, f.mates[0])
		w.about(core.Tasks, hs, core.Contacts, f.mates[1])
		w.about(core.Calls, f.calls[0], core.Companies, w.partner(account))
		w.parted(core.Calls, f.calls[1], core.Contacts, f.mates[1])
		w.wantFound(func() {
			w.want(core.Task, f.tasks[0], "WhoId", f.contacts[1])
			w.want(core.Task, call, "WhatId", account)
			w.want(core.Task, w.wantActivity(core.Calls, f.calls[1], core.Task), "WhoId", f.contacts[1])
		})
	})
}

// TestCASE2_LIM27_AnAssociationOfATicketThatNobodyAnnounced: another contact and none.
func TestCASE2_LIM27_AnAssociationOfATicketThatNobodyAnnounced(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact), tickets(ticketsBothWays))
		ann, bob := w.made(core.Contact, "LastName", "Ann", "Email", "ann@acme.test"), w.made(core.Contact, "LastName", "Bob", "Email", "bob@acme.test")
		moved, freed := w.made(core.SupportCase, "Subject", "Moving", "ContactId", ann), w.made(core.SupportCase, "Subject", "Freed", "ContactId", ann)
		w.again()
		w.again()
		for id, to := range map[string]string{moved: w.wantMate(bob), freed: ""} {
			ticket := w.wantMateOf(core.TicketPair, id)
			w.wantAssociated(core.Tickets, ticket, core.Contacts, w.wantMate(ann))
			w.parted(core.Tickets, ticket, core.Contacts, w.wantMate(ann))
			if to != "" {
				w.about(core.Tickets, ticket, core.Contacts, to)
			}
		}
		w.wantFound(func() {
			w.want(core.SupportCase, moved, "ContactId", bob)
			w.want(core.SupportCase, freed, "ContactId", "")
			w.wantNoIssues()
		})
	})
}

// TestCO4_LIM27_ALabelThatNobodyAnnounced is found on a person's word too.
func TestCO4_LIM27_ALabelThatNobodyAnnounced(t *testing.T) {
	w := New(t, people(becomesContact), Before(func(w *World) { w.custom("project", "Builder__c>contact=Builder") }))
	sf, hs := w.ends("project")
	ann, bob := w.made(core.Contact, "LastName", "Ann", "Email", "ann@acme.test"), w.made(core.Contact, "LastName", "Bob", "Email", "bob@acme.test")
	w.again()
	id := w.made(sf, "Name", "Bridge", "Builder__c", ann)
	w.again()
	w.again()
	mate := w.wantMateOf("project", id)
	w.wantAssociated(hs, mate, core.Contacts, w.wantMate(ann)+"=Builder")
	w.parted(hs, mate, core.Contacts, w.wantMate(ann))
	for _, one := range w.portalCall("GET", fmt.Sprintf("/crm/v4/associations/%s/contacts/labels", hs), nil)["results"].([]any) {
		if l := one.(map[string]any); l["label"] == "Builder" {
			w.portalCall("PUT", fmt.Sprintf("/crm/v4/objects/%s/%s/associations/contacts/%s", hs, mate, w.wantMate(bob)), []any{map[string]any{"associationCategory": "USER_DEFINED", "associationTypeId": l["typeId"]}})
		}
	}
	w.again()
	w.want(sf, id, "Builder__c", ann)
	_, err := w.Engine.StartRelations(t.Context(), w.Conn, "project")
	w.must(err)
	w.again()
	w.want(sf, id, "Builder__c", bob)
	w.wantStill(t)
}
