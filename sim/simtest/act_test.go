package simtest

import (
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
)

// TestACT4_TasksAndEventsOfSalesforceAreMadeInHubSpot: what kind of task it is says what it
// becomes, about the same person and company (ACT-5).
func TestACT4_TasksAndEventsOfSalesforceAreMadeInHubSpot(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, activities(func(a *config.Activities) {
			a.Tasks.FromSalesforce, a.Calls.FromSalesforce, a.Emails.FromSalesforce, a.Meetings.FromSalesforce = true, true, true, true
		}))
		account, contact, company, mate := w.friend()
		about := []string{"WhoId", contact, "WhatId", account}
		task := w.made(core.Task, append(about, "Subject", "Send the offer", "Description", "One\nTwo & three", "ActivityDate", "2030-05-31", "Status", "In Progress", "Priority", "High")...)
		call := w.made(core.Task, append(about, "Subject", "Called", "TaskSubtype", "Call", "Status", "Completed", "CallType", "Outbound", "CallDurationInSeconds", "90")...)
		mail := w.made(core.Task, append(about, "Subject", "Wrote", "TaskSubtype", "Email", "Status", "Completed", "ActivityDate", "2030-05-30")...)
		event := w.made(core.Event, append(about, "Subject", "Meet", "StartDateTime", "2030-06-01T09:00:00.000Z", "EndDateTime", "2030-06-01T10:30:00.000Z", "Location", "Here")...)
		w.again()
		hs := w.wantActivity(core.Task, task, core.Tasks)
		for _, v := range [][2]string{{"hs_task_subject", "Send the offer"}, {"hs_task_body", "One<br>Two &amp; three"}, {"hs_timestamp", "2030-05-31T07:00:00Z"}, {"hs_task_status", "IN_PROGRESS"}, {"hs_task_priority", "HIGH"}} {
			w.want(core.Tasks, hs, v[0], v[1])
		}
		w.wantAbout(core.Tasks, hs, core.Contacts, mate)
		w.wantAbout(core.Tasks, hs, core.Companies, company)
		hs = w.wantActivity(core.Task, call, core.Calls)
		for _, v := range [][2]string{{"hs_call_title", "Called"}, {"hs_call_direction", "OUTBOUND"}, {"hs_call_duration", "90000"}, {"hs_call_status", "COMPLETED"}} {
			w.want(core.Calls, hs, v[0], v[1])
		}
		w.wantAbout(core.Calls, hs, core.Contacts, mate)
		hs = w.wantActivity(core.Task, mail, core.Emails)
		w.want(core.Emails, hs, "hs_email_subject", "Wrote")
		w.want(core.Emails, hs, "hs_email_direction", "EMAIL")
		hs = w.wantActivity(core.Event, event, core.Meetings)
		for _, v := range [][2]string{{"hs_meeting_title", "Meet"}, {"hs_meeting_start_time", "2030-06-01T09:00:00Z"}, {"hs_timestamp", "2030-06-01T09:00:00Z"}, {"hs_meeting_end_time", "2030-06-01T10:30:00Z"}, {"hs_meeting_location", "Here"}} {
			w.want(core.Meetings, hs, v[0], v[1])
		}
		w.wantStill(t)
		w.wantNoIssues()
		for _, o := range []core.Object{core.Tasks, core.Calls, core.Emails, core.Meetings} {
			w.wantCount(o, 1)
		}
		w.change(core.Task, task, "Status", "Completed")
		w.change(core.Event, event, "Location", "There")
		w.again()
		w.want(core.Tasks, w.wantActivity(core.Task, task, core.Tasks), "hs_task_status", "COMPLETED")
		w.want(core.Meetings, hs, "hs_meeting_location", "There")
		w.wantStill(t)
	})
}

// TestACT1_ActivitiesOfHubSpotBecomeTasks each of a subject that says what it was (AMB-11),
// about the person and the deal.
func TestACT1_ActivitiesOfHubSpotBecomeTasks(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, activities(func(a *config.Activities) {
			bothWays(a)
			a.Tasks.FromSalesforce, a.Calls.FromSalesforce, a.Emails.FromSalesforce, a.Meetings.FromSalesforce = false, false, false, false
		}))
		account, contact, company, mate := w.friend()
		kinds := []struct {
			object  core.Object
			values  []string
			subject string
			subtype string
			status  string
		}{
			{core.Tasks, []string{"hs_task_subject", "Do it", "hs_task_body", "<p>One</p><p>Two</p>", "hs_task_status", "WAITING"}, "Do it", "Task", "Waiting on someone else"},
			{core.Calls, []string{"hs_call_title", "Rang", "hs_call_body", "<p>One</p><p>Two</p>"}, "Call: Rang", "Call", "Completed"},
			{core.Emails, []string{"hs_email_subject", "Hello", "hs_email_html", "<p>One</p><p>Two</p>"}, "Email: Hello", "Email", "Completed"},
			{core.Meetings, []string{"hs_meeting_title", "Demo", "hs_meeting_body", "<p>One</p><p>Two</p>", "hs_meeting_start_time", "2030-03-04T15:00:00Z"}, "Meeting: Demo", "Task", "Completed"},
			{core.Notes, []string{"hs_note_body", "<p>One</p><p>Two</p>"}, "Note", "Task", "Completed"},
		}
		ids := map[core.Object]string{}
		for _, k := range kinds {
			ids[k.object] = w.logged(k.object, mate, k.values...)
			w.about(k.object, ids[k.object], core.Companies, company)
		}
		w.again()
		for _, k := range kinds {
			task := w.wantActivity(k.object, ids[k.object], core.Task)
			for _, v := range [][2]string{{"Subject", k.subject}, {"TaskSubtype", k.subtype}, {"Status", k.status}, {"Description", "One\nTwo"}, {"ActivityDate", "2030-03-04"}, {"WhoId", contact}, {"WhatId", account}} {
				w.want(core.Task, task, v[0], v[1])
			}
		}
		w.wantCount(core.Task, len(kinds))
		w.wantStill(t)
		w.wantNoIssues()
		w.change(core.Calls, ids[core.Calls], "hs_call_title", "Rang twice")
		w.change(core.Notes, ids[core.Notes], "hs_note_body", "<p>Three</p>")
		w.change(core.Task, w.wantActivity(core.Tasks, ids[core.Tasks], core.Task), "Subject", "Ours")
		w.again()
		w.want(core.Task, w.wantActivity(core.Calls, ids[core.Calls], core.Task), "Subject", "Call: Rang twice")
		w.want(core.Task, w.wantActivity(core.Notes, ids[core.Notes], core.Task), "Description", "Three")
		w.want(core.Tasks, ids[core.Tasks], "hs_task_subject", "Do it")
		w.wantCount(core.Task, len(kinds))
	})
}

// TestACT6_TasksPassBothWaysWithBothSwitches and only then.
func TestACT6_TasksPassBothWaysWithBothSwitches(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, activities(bothWays))
		_, contact, _, mate := w.friend()
		ours := w.made(core.Task, "Subject", "From Salesforce", "WhoId", contact)
		theirs := w.logged(core.Tasks, mate, "hs_task_subject", "From HubSpot")
		w.again()
		here, there := w.wantActivity(core.Task, ours, core.Tasks), w.wantActivity(core.Tasks, theirs, core.Task)
		w.want(core.Task, ours, "ActivityDate", "")
		w.change(core.Tasks, here, "hs_task_status", "COMPLETED")
		w.change(core.Tasks, here, "hs_task_subject", "Edited there")
		w.change(core.Task, there, "Subject", "Edited here")
		w.again()
		w.want(core.Task, ours, "Status", "Completed")
		w.want(core.Task, ours, "Subject", "Edited there")
		w.want(core.Tasks, theirs, "hs_task_subject", "Edited here")
		w.wantStill(t)
		w.wantCount(core.Task, 2)
		w.wantCount(core.Tasks, 2)
	})
}
