package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// talkers are two contacts of an account, each with a task and a call of its own, all linked.
type talkers struct {
	contacts, mates, tasks, calls [2]string
}

func (w *World) talking() (f talkers) {
	w.T.Helper()
	for i, name := range []string{"First", "Second"} {
		f.contacts[i] = w.made(core.Contact, "LastName", name, "Email", name+"@acme.example")
	}
	w.again()
	for i, id := range f.contacts {
		f.mates[i] = w.wantMate(id)
		f.tasks[i] = w.made(core.Task, "Subject", "Task", "WhoId", id)
		f.calls[i] = w.logged(core.Calls, f.mates[i], "hs_call_title", "Rang")
	}
	w.again()
	return f
}

// wantAllAbout fails unless all activities of two talkers are linked, each once, and about the
// same person on both sides.
func (w *World) wantAllAbout(f talkers, contact string) {
	w.T.Helper()
	mate := w.wantMate(contact)
	for i := range f.tasks {
		w.want(core.Task, f.tasks[i], "WhoId", contact)
		w.wantAbout(core.Tasks, w.wantActivity(core.Task, f.tasks[i], core.Tasks), core.Contacts, mate)
		w.want(core.Task, w.wantActivity(core.Calls, f.calls[i], core.Task), "WhoId", contact)
		w.wantAbout(core.Calls, f.calls[i], core.Contacts, mate)
	}
	w.wantCount(core.Task, 4)
	w.wantCount(core.Tasks, 2)
	w.wantCount(core.Calls, 2)
}

// TestACT5_LIM7_ActivitiesFollowAMergeInSalesforce: those of the loser are the survivor's on
// both sides, none is taken for deleted and none is made again. Nobody is
// left with it whom Salesforce says it is not about, in whatever order they are looked at.
func TestACT5_LIM7_ActivitiesFollowAMergeInSalesforce(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, activities(func(a *config.Activities) {
			bothWays(a)
			a.Tasks.WhenSalesforceDeleted, a.Calls.WhenHubSpotDeleted = "archive", "delete"
		}))
		f := w.talking()
		w.must(w.Org.As(admin).Merge("Contact", f.contacts[0], f.contacts[1]))
		w.again()
		w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
		w.minutes(3)
		w.wantAllAbout(f, f.contacts[0])
		w.wantStill(t)
	})
}

// TestACT5_LIM7_ActivitiesFollowAMergeInHubSpot likewise; there the survivor has an id of its own.
func TestACT5_LIM7_ActivitiesFollowAMergeInHubSpot(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, activities(bothWays))
		f := w.talking()
		survivor, err := w.Portal.As(admin).Merge("contacts", f.mates[0], f.mates[1])
		w.must(err)
		w.again()
		w.minutes(3)
		w.Advance(25 * time.Hour)
		w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
		w.again()
		contact := w.wantMate(survivor)
		late := w.logged(core.Notes, survivor, "hs_note_body", "After")
		w.again()
		w.want(core.Task, w.wantActivity(core.Notes, late, core.Task), "WhoId", contact)
		for i := range f.tasks {
			w.wantAbout(core.Tasks, w.wantActivity(core.Task, f.tasks[i], core.Tasks), core.Contacts, survivor)
			w.wantActivity(core.Calls, f.calls[i], core.Task)
		}
		w.wantCount(core.Tasks, 2)
		w.wantCount(core.Calls, 2)
		w.wantCount(core.Task, 5)
		w.wantStill(t)
	})
}

// TestOWN3_AMB17_AnActivityWhoseOwnerHasNoPartner passes without one: Salesforce gives it the
// integration user, HubSpot nobody, and neither is passed back.
func TestOWN3_AMB17_AnActivityWhoseOwnerHasNoPartner(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var solo string
		w := New(t, profile, activities(bothWays), Before(func(w *World) { solo = w.user("Solo", "Seller", "solo@org.example") }))
		_, contact, _, mate := w.friend()
		task := w.made(core.Task, "Subject", "Hers", "WhoId", contact, "OwnerId", solo)
		call := w.logged(core.Calls, mate, "hs_call_title", "Hers", "hubspot_owner_id", ownerAda)
		w.again()
		hs := w.wantActivity(core.Task, task, core.Tasks)
		w.want(core.Tasks, hs, "hubspot_owner_id", "")
		w.wantActivity(core.Calls, call, core.Task)
		w.change(core.Tasks, hs, "hs_task_subject", "Renamed")
		w.again()
		w.want(core.Task, task, "Subject", "Renamed")
		w.want(core.Task, task, "OwnerId", solo)
		w.want(core.Calls, call, "hubspot_owner_id", ownerAda)
		w.wantStill(t)
	})
}

// TestINC3_AnActivityOfSomebodyOutsideTheList is not made until the person joins.
func TestINC3_AnActivityOfSomebodyOutsideTheList(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, members(func(c *config.Connection) {
			becomesContact(c)
			c.Deals.Sync = true
			bothWays(&c.Activities)
			c.Complete()
		}, "Bern"))
		in, out := w.resident("In", "Bern"), w.resident("Out", "Rome")
		w.settleLists()
		w.again()
		w.wantMate(in)
		inside, outside := w.logged(core.Notes, in, "hs_note_body", "In"), w.logged(core.Notes, out, "hs_note_body", "Out")
		w.again()
		w.settleLists()
		w.minutes(3)
		w.wantActivity(core.Notes, inside, core.Task)
		w.wantNoActivity(core.Notes, outside, "ACT-1")
		w.wantCount(core.Task, 1)
		w.change(core.Contacts, out, "city", "Bern")
		w.settleLists()
		w.again()
		w.change(core.Notes, outside, "hs_note_body", "Now in")
		w.again()
		w.minutes(2)
		w.want(core.Task, w.wantActivity(core.Notes, outside, core.Task), "WhoId", w.wantMate(out))
	})
}
