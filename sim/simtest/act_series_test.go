package simtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// byEvents has Salesforce announce changes of tasks and events.
func byEvents(c *config.Connection) { c.Salesforce.Events = "cdc" }

// inBothWays runs a test in both profiles, by polls and by change events.
func inBothWays(t *testing.T, test func(t *testing.T, options ...Option)) {
	t.Helper()
	inBoth(t, func(t *testing.T, profile Option) {
		t.Run("polls", func(t *testing.T) { test(t, profile) })
		t.Run("events", func(t *testing.T) {
			test(t, profile, Settings(byEvents), Before(func(w *World) {
				w.must(w.Org.SelectEntities("Account", "Contact", "Task", "Event"))
			}))
		})
	})
}

// heard lets what Salesforce announces pass: a daemon listens, where there is a feed.
func (w *World) heard(ok func() bool) {
	w.T.Helper()
	w.Advance(3 * time.Second)
	if w.settings.Salesforce.Events == "cdc" {
		w.serveUntil(ok)
	}
	w.minutes(2)
}

// TestACT4_ASeriesPassesOccurrenceByOccurrence, the record of the series does not, and a
// deleted series takes its occurrences along.
func TestACT4_ASeriesPassesOccurrenceByOccurrence(t *testing.T) {
	inBothWays(t, func(t *testing.T, options ...Option) {
		w := New(t, append(options, activities(func(a *config.Activities) {
			bothWays(a)
			a.Tasks.WhenSalesforceDeleted, a.Meetings.WhenSalesforceDeleted = "archive", "archive"
		}))...)
		_, contact, _, _ := w.friend()
		w.made(core.Task, "Subject", "Beside", "WhoId", contact)
		w.made(core.Event, "Subject", "Beside", "WhoId", contact, "StartDateTime", "2030-06-01T09:00:00.000Z", "DurationInMinutes", "30")
		tasks := w.made(core.Task, "Subject", "Each day", "WhoId", contact, "IsRecurrence", "true", "RecurrenceType", "RecursDaily", "RecurrenceInterval", "1",
			"RecurrenceStartDateOnly", "2030-06-01", "RecurrenceEndDateOnly", "2030-06-03")
		events := w.made(core.Event, "Subject", "Each week", "WhoId", contact, "StartDateTime", "2030-06-03T09:00:00.000Z", "DurationInMinutes", "30", "IsRecurrence", "true", "RecurrenceType", "RecursWeekly",
			"RecurrenceInterval", "1", "RecurrenceDayOfWeekMask", "2", "RecurrenceStartDateTime", "2030-06-03T09:00:00.000Z", "RecurrenceEndDateOnly", "2030-06-11")
		w.heard(func() bool { return w.activityCount(core.Tasks) == 4 && w.activityCount(core.Meetings) == 3 })
		w.wantCount(core.Tasks, 4)
		w.wantCount(core.Meetings, 3)
		w.wantNoActivity(core.Task, tasks, "ACT-4")
		w.wantNoActivity(core.Event, events, "ACT-4")
		one := w.occurrences(core.Task, tasks)[1]
		w.change(core.Task, one, "Subject", "Not this day")
		mate := w.wantActivity(core.Task, one, core.Tasks)
		w.heard(func() bool { v, _ := w.Portal.As("").Get("tasks", mate); return v["hs_task_subject"] == "Not this day" })
		w.want(core.Tasks, mate, "hs_task_subject", "Not this day")
		w.must(w.Org.As(admin).Delete("Task", tasks))
		w.must(w.Org.As(admin).Delete("Event", events))
		w.heard(func() bool { return w.activityCount(core.Tasks) == 1 && w.activityCount(core.Meetings) == 1 })
		w.wantCount(core.Tasks, 1)
		w.wantCount(core.Meetings, 1)
		w.wantStill(t)
		w.wantNoIssues()
	})
}

// occurrences are those of a series, in the order of their days.
func (w *World) occurrences(object core.Object, series string) (ids []string) {
	w.T.Helper()
	rows, err := w.Org.As(admin).Query("SELECT Id FROM " + string(object) + " WHERE RecurrenceActivityId='" + series + "' ORDER BY ActivityDate")
	w.must(err)
	for _, r := range rows {
		ids = append(ids, fmt.Sprint(r["Id"]))
	}
	return ids
}

// TestACT4_ASeriesOfLightningPassesAndItsPatternRaisesNoIssue: change events tell of the
// event that stands for the pattern, and no call reads it.
func TestACT4_ASeriesOfLightningPassesAndItsPatternRaisesNoIssue(t *testing.T) {
	inBothWays(t, func(t *testing.T, options ...Option) {
		w := New(t, append(options, activities(bothWays))...)
		_, contact, _, _ := w.friend()
		w.made(core.Event, "Subject", "Plan", "WhoId", contact, "StartDateTime", "2030-06-03T09:00:00.000Z", "DurationInMinutes", "30", "Recurrence2PatternText", "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3")
		w.heard(func() bool { return w.activityCount(core.Meetings) == 3 })
		w.wantCount(core.Meetings, 3)
		w.wantStill(t)
		w.minutes(3)
		w.wantNoIssues()
	})
}

// TestACT4_InviteesCopiesStay: a meeting is one meeting however many are invited, and ends
// with none of their copies.
func TestACT4_InviteesCopiesStay(t *testing.T) {
	inBothWays(t, func(t *testing.T, options ...Option) {
		w := New(t, append(options, activities(func(a *config.Activities) {
			bothWays(a)
			a.Meetings.WhenSalesforceDeleted = "archive"
		}))...)
		_, contact, _, _ := w.friend()
		event := w.made(core.Event, "Subject", "Meet", "WhoId", contact, "StartDateTime", "2030-06-03T09:00:00.000Z", "DurationInMinutes", "30")
		guest, err := w.Org.AddUser(salesforcesim.UserSpec{FirstName: "Gus", LastName: "Guest", Email: "gus@sf.example"})
		w.must(err)
		invitation := w.made("EventRelation", "EventId", event, "RelationId", guest)
		w.heard(func() bool { return w.activityCount(core.Meetings) == 1 })
		rows, err := w.Org.As(admin).Query("SELECT Id FROM Event WHERE IsChild=true")
		w.must(err)
		if len(rows) != 1 {
			t.Fatalf("the invitees' copies are %v", rows)
		}
		w.wantCount(core.Meetings, 1)
		mate := w.wantActivity(core.Event, event, core.Meetings)
		w.change(core.Event, event, "Subject", "Meet later")
		w.heard(func() bool {
			v, _ := w.Portal.As("").Get("meetings", mate)
			return v["hs_meeting_title"] == "Meet later"
		})
		w.want(core.Meetings, mate, "hs_meeting_title", "Meet later")
		w.wantCount(core.Meetings, 1)
		w.wantNoActivity(core.Event, fmt.Sprint(rows[0]["Id"]), "ACT-4")
		w.must(w.Org.As(admin).Delete("EventRelation", invitation))
		w.heard(func() bool { return true })
		w.wantCount(core.Meetings, 1)
		w.wantStill(t)
		w.wantNoIssues()
	})
}

// TestACT4_ASharedTaskPassesAsOneOfItsFirstPerson and explain says that there are others; as
// Salesforce names another person, so does HubSpot.
func TestACT4_ASharedTaskPassesAsOneOfItsFirstPerson(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, activities(bothWays), Org(func(o *salesforcesim.Options) { o.SharedActivities = true }))
		account, contact, _, mate := w.friend()
		other := w.made(core.Contact, "LastName", "Other", "Email", "other@acme.example", "AccountId", account)
		w.again()
		task := w.made(core.Task, "Subject", "Both", "WhoId", contact)
		w.made("TaskRelation", "TaskId", task, "RelationId", other)
		w.again()
		hs := w.wantActivity(core.Task, task, core.Tasks)
		w.wantAbout(core.Tasks, hs, core.Contacts, mate)
		if note := w.explainActivity(core.Task, task).Note; !strings.Contains(note, "2 people") {
			t.Errorf("explain notes %q", note)
		}
		rows, err := w.Org.As(admin).Query("SELECT Id FROM TaskRelation WHERE RelationId='" + contact + "'")
		w.must(err)
		w.must(w.Org.As(admin).Delete("TaskRelation", fmt.Sprint(rows[0]["Id"])))
		w.again()
		w.wantAbout(core.Tasks, hs, core.Contacts, w.wantMate(other))
		if note := w.explainActivity(core.Task, task).Note; note != "" {
			t.Errorf("explain notes %q of a task of one person", note)
		}
		w.wantStill(t)
		w.wantNoIssues()
	})
}
