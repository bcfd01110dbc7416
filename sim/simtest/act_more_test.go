package simtest

import (
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/salesforcesim"
)

// TestSET9_AnImportOfActivitiesIsRefusedWhileEveryTypeIsOff rather than run to no effect.
func TestSET9_AnImportOfActivitiesIsRefusedWhileEveryTypeIsOff(t *testing.T) {
	w := New(t, activities(func(*config.Activities) {}))
	_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.ActivityPair, Sides: core.Sides[:]})
	if err == nil || !strings.Contains(err.Error(), "SET-9") {
		t.Errorf("the import answers %v", err)
	}
}

// TestSET9_NothingPassesOfATypeThatIsOff in either direction.
func TestSET9_NothingPassesOfATypeThatIsOff(t *testing.T) {
	w := New(t, activities(func(a *config.Activities) { a.Calls.FromSalesforce, a.Notes.FromHubSpot = true, true }))
	_, contact, _, mate := w.friend()
	task := w.made(core.Task, "Subject", "Task", "WhoId", contact)
	call := w.logged(core.Calls, mate, "hs_call_title", "Rang")
	w.again()
	w.wantNoActivity(core.Task, task, "SET-9")
	w.wantNoActivity(core.Calls, call, "SET-9")
	w.wantCount(core.Task, 1)
	w.wantCount(core.Tasks, 0)
}

// TestACT4_OlderActivitiesStayAwayUntilEditedOrImported though their type was switched on
// later than another one, and a sweep that meets them brings none.
func TestACT4_OlderActivitiesStayAwayUntilEditedOrImported(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, activities(func(a *config.Activities) { a.Tasks.FromSalesforce = true }))
		_, contact, _, mate := w.friend()
		edited := w.made(core.Task, "Subject", "Call one", "TaskSubtype", "Call", "WhoId", contact)
		imported := w.made(core.Task, "Subject", "Call two", "TaskSubtype", "Call", "WhoId", contact)
		note := w.logged(core.Notes, mate, "hs_note_body", "Older")
		w.again()
		w.Advance(time.Minute)
		w.settings.Activities.Calls.FromSalesforce, w.settings.Activities.Notes.FromHubSpot = true, true
		w.ensure()
		w.Restart()
		w.again()
		w.sweepAll()
		w.wantNoActivity(core.Task, edited, "ACT-4")
		w.wantNoActivity(core.Notes, note, "ACT-1")
		w.Advance(time.Minute)
		w.change(core.Task, edited, "Subject", "Call one, edited")
		w.again()
		w.want(core.Calls, w.wantActivity(core.Task, edited, core.Calls), "hs_call_title", "Call one, edited")
		_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.ActivityPair, Sides: core.Sides[:]})
		w.must(err)
		w.Sync()
		w.wantActivity(core.Task, imported, core.Calls)
		w.wantActivity(core.Notes, note, core.Task)
		w.wantStill(t)
		w.wantCount(core.Calls, 2)
	})
}

// TestACT4_PrivateEventsAndSeriesStay, as do invitees' copies.
func TestACT4_PrivateEventsAndSeriesStay(t *testing.T) {
	w := New(t, activities(bothWays))
	_, contact, _, _ := w.friend()
	event := w.made(core.Event, "Subject", "Secret", "WhoId", contact, "StartDateTime", "2030-06-01T09:00:00.000Z", "DurationInMinutes", "30")
	w.must(w.Org.As(admin).Update("Event", event, map[string]any{"IsPrivate": true}))
	w.again()
	w.wantNoActivity(core.Event, event, "ACT-4")
	w.wantCount(core.Meetings, 0)
	w.must(w.Org.As(admin).Update("Event", event, map[string]any{"IsPrivate": false}))
	w.again()
	w.wantActivity(core.Event, event, core.Meetings)
}

// TestACT1_AnActivityOfNobodyWhoSyncsIsNotMade, and one of a lead is about the lead alone.
func TestACT1_AnActivityOfNobodyWhoSyncsIsNotMade(t *testing.T) {
	w := New(t, activities(bothWays), Settings(func(c *config.Connection) { c.Contacts.Filter.FromHubSpot = `email != "out@x.example"` }))
	_, _, company, mate := w.friend()
	stranger := w.made(core.Contacts, "email", "out@x.example")
	w.again()
	note := w.logged(core.Notes, stranger, "hs_note_body", "Nobody")
	alone := w.made(core.Tasks, "hs_task_subject", "To do", "hs_timestamp", "2030-03-04T15:00:00Z")
	lead := w.made(core.Lead, "LastName", "Lead", "Company", "X", "Email", "lead@x.example")
	w.again()
	w.wantNoActivity(core.Notes, note, "ACT-1")
	w.wantNoActivity(core.Tasks, alone, "ACT-1")
	call := w.logged(core.Calls, w.wantMate(lead), "hs_call_title", "Rang")
	w.about(core.Calls, call, core.Companies, company)
	w.again()
	task := w.wantActivity(core.Calls, call, core.Task)
	w.want(core.Task, task, "WhoId", lead)
	w.want(core.Task, task, "WhatId", "")
	w.about(core.Notes, note, core.Contacts, mate)
	w.change(core.Notes, note, "hs_note_body", "Now somebody")
	w.minutes(4) // while the contact is looked at as well, the note waits for it, for a minute and a little
	w.wantActivity(core.Notes, note, core.Task)
	w.wantStill(t)
	w.wantNoIssues()
}

// TestACT5_WhoAndWhatAreExchangedAndNeverTakenAway on either side.
func TestACT5_WhoAndWhatAreExchangedAndNeverTakenAway(t *testing.T) {
	w := New(t, activities(bothWays))
	account, contact, company, mate := w.friend()
	other := w.made(core.Contact, "LastName", "Other", "Email", "other@acme.example", "AccountId", account)
	w.again()
	otherMate := w.wantMate(other)
	task := w.made(core.Task, "Subject", "Moving", "WhoId", contact, "WhatId", account)
	w.again()
	hs := w.wantActivity(core.Task, task, core.Tasks)
	w.change(core.Task, task, "WhoId", other)
	w.again()
	w.wantAbout(core.Tasks, hs, core.Contacts, otherMate)
	w.wantAbout(core.Tasks, hs, core.Companies, company)
	w.portalCall("DELETE", "/crm/v4/objects/tasks/"+hs+"/associations/contacts/"+otherMate, nil)
	w.change(core.Tasks, hs, "hs_task_subject", "Nobody's")
	w.again()
	w.want(core.Task, task, "WhoId", other)
	w.about(core.Tasks, hs, core.Contacts, mate)
	w.change(core.Tasks, hs, "hs_task_subject", "The first one's")
	w.again()
	w.want(core.Task, task, "WhoId", contact)
	w.change(core.Task, task, "WhoId", "")
	w.again()
	w.wantAbout(core.Tasks, hs, core.Contacts, mate)
	w.want(core.Task, task, "WhoId", "")
	w.wantStill(t)
}

// TestACT5_ActivitiesFollowAConversion: the task moves to the contact by itself, and the
// person in HubSpot is the same.
func TestACT5_ActivitiesFollowAConversion(t *testing.T) {
	w := New(t, activities(bothWays))
	lead := w.made(core.Lead, "LastName", "Lead", "Company", "X", "Email", "lead@x.example")
	w.again()
	mate := w.wantMate(lead)
	task := w.made(core.Task, "Subject", "Ask", "WhoId", lead)
	call := w.logged(core.Calls, mate, "hs_call_title", "Rang")
	w.again()
	hs := w.wantActivity(core.Task, task, core.Tasks)
	made, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{NoOpportunity: true})
	w.must(err)
	w.again()
	w.again()
	w.want(core.Task, task, "WhoId", made.ContactID)
	w.wantAbout(core.Tasks, hs, core.Contacts, mate)
	w.want(core.Task, w.wantActivity(core.Calls, call, core.Task), "WhoId", made.ContactID)
	w.wantStill(t)
	w.wantNoIssues()
}

// TestERR3_AnActivityWaitsForWhomItIsAbout: with the account alone it is made, and has the
// person once there is a partner.
func TestERR3_AnActivityWaitsForWhomItIsAbout(t *testing.T) {
	var contact string
	w := New(t, activities(bothWays), Before(func(w *World) {
		contact = w.made(core.Contact, "LastName", "Old", "Email", "old@x.example")
		w.Advance(time.Hour)
	}))
	account, _, company, _ := w.friend()
	task := w.made(core.Task, "Subject", "Early", "WhoId", contact, "WhatId", account)
	w.again()
	hs := w.wantActivity(core.Task, task, core.Tasks)
	w.wantAbout(core.Tasks, hs, core.Contacts)
	w.wantAbout(core.Tasks, hs, core.Companies, company)
	w.minutes(3)
	w.wantIssue(core.CategoryAssociation, "waiting_for_contact", "contact")
	w.importPeople(engine.ImportArgs{Sides: core.Sides[:]})
	w.Advance(time.Hour)
	w.again()
	w.wantAbout(core.Tasks, hs, core.Contacts, w.wantMate(contact))
	w.wantNoIssues()
}

// TestACT9_ADeletionPassesAsTheTypeSays in both directions, and nothing is made again.
func TestACT9_ADeletionPassesAsTheTypeSays(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, activities(func(a *config.Activities) {
			bothWays(a)
			a.Tasks.WhenSalesforceDeleted, a.Calls.WhenHubSpotDeleted = "archive", "delete"
		}))
		_, contact, _, mate := w.friend()
		task, kept := w.made(core.Task, "Subject", "Goes", "WhoId", contact), w.made(core.Task, "Subject", "Call", "TaskSubtype", "Call", "WhoId", contact)
		call, note := w.logged(core.Calls, mate, "hs_call_title", "Goes"), w.logged(core.Notes, mate, "hs_note_body", "Stays")
		w.logged(core.Notes, mate, "hs_note_body", "Another") // the side is not emptied
		w.again()
		there, stays := w.wantActivity(core.Task, task, core.Tasks), w.wantActivity(core.Task, kept, core.Calls)
		ours := w.wantActivity(core.Calls, call, core.Task)
		w.must(w.Org.As(admin).Delete("Task", task))
		w.must(w.Org.As(admin).Delete("Task", kept))
		w.must(w.Portal.As(admin).Archive("calls", call))
		w.must(w.Portal.As(admin).Archive("notes", note))
		w.again()
		w.sweepAll()
		w.again()
		if _, there := w.Portal.As(admin).Get("tasks", there); there {
			t.Error("the task of a deleted one is still there")
		}
		w.want(core.Calls, stays, "hs_call_title", "Call")
		if got := w.Org.As(admin).Get("Task", ours); got["IsDeleted"] != true && got != nil {
			t.Errorf("the task of an archived call is %v", got)
		}
		w.wantCount(core.Task, 2)
		w.wantCount(core.Calls, 1)
		w.wantStill(t)
	})
}

// TestACT4_AnArchivedTaskIsNotDeleted: the org archives what is over, and queries show it
// no more.
func TestACT4_AnArchivedTaskIsNotDeleted(t *testing.T) {
	w := New(t, activities(func(a *config.Activities) { bothWays(a); a.Tasks.WhenSalesforceDeleted = "archive" }))
	_, contact, _, _ := w.friend()
	task := w.made(core.Task, "Subject", "Over", "Status", "Completed", "ActivityDate", "2020-01-01", "WhoId", contact)
	w.again()
	hs := w.wantActivity(core.Task, task, core.Tasks)
	if n := w.Org.ArchiveActivities(); n != 1 {
		t.Fatalf("%d archived", n)
	}
	w.sweepAll()
	w.again()
	w.want(core.Tasks, hs, "hs_task_subject", "Over")
	if w.wantActivity(core.Task, task, core.Tasks) != hs {
		t.Error("the link is another one")
	}
}

// TestLIM8_FiltersAndMappingsStandByType: what a filter leaves out stays, and a list of
// mappings takes the place of the usual one (ACT-8).
func TestLIM8_ACT8_FiltersAndMappingsStandByType(t *testing.T) {
	w := New(t, activities(func(a *config.Activities) {
		bothWays(a)
		a.Calls.Filter = config.Filter{FromSalesforce: `Subject contains "Ours"`, FromHubSpot: `hs_call_direction == "OUTBOUND"`}
	}), Settings(func(c *config.Connection) {
		c.Mappings["call"] = []config.Mapping{{HubSpot: "hs_call_title", Salesforce: "Subject", Rule: "two_way"}, {HubSpot: "hs_call_to_number", Salesforce: "CallDisposition", Rule: "two_way"}}
	}))
	_, contact, _, mate := w.friend()
	out := w.made(core.Task, "Subject", "Call", "TaskSubtype", "Call", "WhoId", contact)
	in := w.made(core.Task, "Subject", "Ours", "TaskSubtype", "Call", "CallDisposition", "Good", "Description", "Stays", "WhoId", contact)
	inbound := w.logged(core.Calls, mate, "hs_call_title", "In", "hs_call_direction", "INBOUND")
	outbound := w.logged(core.Calls, mate, "hs_call_title", "Out", "hs_call_direction", "OUTBOUND", "hs_call_to_number", "Well")
	w.again()
	w.wantNoActivity(core.Task, out, "LIM-11")
	w.wantNoActivity(core.Calls, inbound, "LIM-11")
	w.want(core.Calls, w.wantActivity(core.Task, in, core.Calls), "hs_call_to_number", "Good")
	task := w.wantActivity(core.Calls, outbound, core.Task)
	w.want(core.Task, task, "CallDisposition", "Well")
	w.want(core.Task, task, "Description", "")
	w.want(core.Task, task, "Subject", "Call: Out")
}

// TestACT1_ATextThatIsTooLongIsToldAndNotCut: Salesforce takes 32,000 characters.
func TestACT1_ATextThatIsTooLongIsToldAndNotCut(t *testing.T) {
	w := New(t, activities(bothWays))
	_, _, _, mate := w.friend()
	note := w.logged(core.Notes, mate, "hs_note_body", "<p>"+strings.Repeat("x", 32001)+"</p>")
	w.again()
	task := w.wantActivity(core.Notes, note, core.Task)
	w.want(core.Task, task, "Description", "")
	w.wantIssue(core.CategoryValue, "too_long", "Description")
	w.change(core.Notes, note, "hs_note_body", "<p>"+strings.Repeat("x", 32000)+"</p>")
	w.again()
	w.want(core.Task, task, "Description", strings.Repeat("x", 32000))
	w.wantNoIssues()
}

// TestAMB11_TheSubjectIsAsSet, with type and status, and an edit there changes the title.
func TestAMB11_TheSubjectIsAsSet(t *testing.T) {
	w := New(t, activities(func(a *config.Activities) {
		bothWays(a)
		a.Calls.Subject, a.Calls.Status, a.Notes.Subject = "[HubSpot] {title} (call)", "In Progress", "A note"
	}))
	_, _, _, mate := w.friend()
	call, blank, note := w.logged(core.Calls, mate, "hs_call_title", "Rang"), w.logged(core.Meetings, mate), w.logged(core.Notes, mate, "hs_note_body", "x")
	w.again()
	task := w.wantActivity(core.Calls, call, core.Task)
	w.want(core.Task, task, "Subject", "[HubSpot] Rang (call)")
	w.want(core.Task, task, "Status", "In Progress")
	w.want(core.Task, w.wantActivity(core.Meetings, blank, core.Task), "Subject", "Meeting")
	w.want(core.Task, w.wantActivity(core.Notes, note, core.Task), "Subject", "A note")
	w.change(core.Task, task, "Subject", "[HubSpot] Rang back (call)")
	w.again()
	w.want(core.Calls, call, "hs_call_title", "Rang back")
	w.wantStill(t)
	w.want(core.Meetings, blank, "hs_meeting_title", "")
}

// TestAMB17_TheOwnerOfAnActivityPasses where the users match, in both directions.
func TestAMB17_TheOwnerOfAnActivityPasses(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var user string
		w := New(t, profile, activities(bothWays), Before(func(w *World) {
			user = w.user("Sam", "Seller", "sam.seller@portal.example")
		}))
		_, contact, _, mate := w.friend()
		task := w.made(core.Task, "Subject", "Hers", "WhoId", contact, "OwnerId", user)
		call := w.logged(core.Calls, mate, "hs_call_title", "Hers", "hubspot_owner_id", ownerSam)
		w.again()
		w.want(core.Tasks, w.wantActivity(core.Task, task, core.Tasks), "hubspot_owner_id", ownerSam)
		w.want(core.Task, w.wantActivity(core.Calls, call, core.Task), "OwnerId", user)
		w.wantStill(t)
		w.wantNoIssues()
	})
}
